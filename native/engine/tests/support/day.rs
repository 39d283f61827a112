//! The rows of the standard day.

use panshi_engine::input::Input;
use panshi_engine::kind::{Metric, Param, Scope};
use panshi_engine::record::flow::{ClientState, GatewayState};
use panshi_engine::record::load::{
    DayOpen, LoadAccount, LoadBranch, LoadClient, LoadCustomer, LoadFee, LoadHolding, LoadLimit,
    LoadParam, LoadPbu, LoadPhase, LoadRule, LoadSecurity, LoadTerminal,
};

use super::{YUAN, fen, padded};

/// 2026-07-20 00:00 in Shanghai.
pub const START_NS: u64 = 1_784_476_800_000_000_000;
/// Rule classes.
pub const MAIN: u16 = 1;
pub const STAR: u16 = 2;
pub const FUND: u16 = 3;
pub const SZSE: u16 = 4;
pub const RISK: u16 = 5;

/// Market time of the day.
#[must_use]
pub const fn at(hour: u64, minute: u64) -> u64 {
    START_NS + (hour * 3_600 + minute * 60) * 1_000_000_000
}

/// A main-board rule.
#[must_use]
pub fn rule(rule: u16, market: u8) -> LoadRule {
    LoadRule {
        rule,
        market,
        protection: u8::from(market == 1),
        tick_e5: fen(1),
        buy_min_qty: 100,
        buy_step_qty: 100,
        sell_min_qty: 100,
        sell_step_qty: 100,
        odd_lot_qty: 100,
        max_limit_qty: 1_000_000,
        max_market_qty: 500_000,
        max_fixed_qty: 1_000_000,
        cage_bp: 200,
        cage_ticks: 10,
        no_limit_low_bp: 5_000,
        no_limit_high_bp: 90_000,
        types_call: 1 << 1,
        types_continuous: 0b1111_1110,
        types_fixed: 1 << 8,
        ..LoadRule::default()
    }
}

/// One limit row.
#[must_use]
pub fn limit(scope: u8, metric: u8, id: u32, warn: i64, block: i64) -> LoadLimit {
    LoadLimit {
        scope,
        metric,
        id,
        warn,
        block,
        ..LoadLimit::default()
    }
}

/// A security that may move 10 % either way.
#[must_use]
pub fn security(market: u8, code: &str, rule: u16, prev_close_e5: i64) -> LoadSecurity {
    LoadSecurity {
        code: padded(code),
        market,
        state: 1,
        rule,
        set_id: 1,
        list_date: 20_200_101,
        prev_close_e5,
        upper_e5: prev_close_e5 * 11 / 10,
        lower_e5: prev_close_e5 * 9 / 10,
        ..LoadSecurity::default()
    }
}

/// A customer without restrictions, with one million yuan.
#[must_use]
pub fn customer(customer: u32, owner_group: u32) -> LoadCustomer {
    LoadCustomer {
        customer,
        owner_group,
        permissions: u32::MAX,
        disclosures: u32::MAX,
        program_rate: 1_000,
        program_day: 1_000_000,
        group: 1,
        fee_group: 1,
        desk: 1,
        state: 1,
        risk_grade: 5,
        program_state: 5,
        program_confirm: 2,
        margin: 1,
        cash_e5: 1_000_000 * YUAN,
        ..LoadCustomer::default()
    }
}

/// The account of a customer in a market.
#[must_use]
pub fn account(market: u8, customer: u32) -> LoadAccount {
    let (head, branch) = if market == 1 {
        ("A0", "00001")
    } else {
        ("01", "0001")
    };
    LoadAccount {
        account: padded(&format!("{head}{customer:08}")),
        market,
        state: 1,
        access: 1,
        branch: padded(branch),
        pbu: padded(""),
        customer,
        permissions: u32::MAX,
        owner_type: 1,
        ..LoadAccount::default()
    }
}

/// A client session.
#[must_use]
pub fn client(client: u16, market: u8, prefix: &str) -> LoadClient {
    LoadClient {
        comp_id: padded(&format!("OMS{client}")),
        prefix: padded(prefix),
        prefix_len: u8::try_from(prefix.len()).unwrap(),
        market,
        client,
        access_mask: 2,
        pbu_mask: 0b111,
        ..LoadClient::default()
    }
}

/// A holding that may all be sold.
#[must_use]
pub fn holding(customer: u32, code: &str, qty: i64) -> LoadHolding {
    LoadHolding {
        account: account(1, customer).account,
        market: 1,
        code: padded(code),
        total_qty: qty,
        sellable_qty: qty,
        ..LoadHolding::default()
    }
}

/// Commission 2.5/10000 of at least 5 yuan, stamp duty 5/10000 of sales, transfer fee 1/100000, and the two small ones.
#[must_use]
pub fn fee(rule: u16) -> LoadFee {
    LoadFee {
        rule,
        fee_group: 1,
        commission_e8: 25_000,
        commission_min_e5: 5 * YUAN,
        stamp_sell_e8: 50_000,
        transfer_e8: 1_000,
        handling_e8: 3_410,
        regulatory_e8: 2_000,
        ..LoadFee::default()
    }
}

fn rules() -> Vec<Input> {
    let star = LoadRule {
        buy_min_qty: 200,
        buy_step_qty: 1,
        sell_min_qty: 200,
        sell_step_qty: 1,
        odd_lot_qty: 200,
        max_limit_qty: 100_000,
        max_market_qty: 50_000,
        cage_ticks: 0,
        permissions: 1,
        disclosures: 1,
        risk_grade: 3,
        ..rule(STAR, 1)
    };
    let fund = LoadRule {
        tick_e5: 100,
        same_day: 1,
        cage_bp: 0,
        ..rule(FUND, 1)
    };
    let risk = LoadRule {
        day_buy_cap_qty: 5_000,
        ..rule(RISK, 1)
    };
    [rule(MAIN, 1), star, fund, rule(SZSE, 2), risk]
        .into_iter()
        .flat_map(|rule| [Input::from(rule), fee(rule.rule).into()])
        .collect()
}

/// Windows of a market: phase, start, end, then what they do with orders, cancels, fixed-price orders and their cancels.
fn clock(market: u8) -> impl Iterator<Item = Input> {
    [
        (1, (9, 15), (9, 20), [1, 1, 0, 0]),
        (2, (9, 20), (9, 25), [1, 0, 0, 0]),
        (3, (9, 25), (9, 30), [2, 2, 1, 1]),
        (4, (9, 30), (11, 30), [1, 1, 1, 1]),
        (5, (11, 30), (13, 0), [0, 0, 0, 0]),
        (4, (13, 0), (14, 57), [1, 1, 1, 1]),
        (6, (14, 57), (15, 0), [1, 0, 1, 1]),
        (7, (15, 0), (15, 5), [0, 0, 1, 1]),
        (8, (15, 5), (15, 30), [0, 0, 1, 1]),
    ]
    .into_iter()
    .map(move |(phase, start, end, policies)| {
        let [order_policy, cancel_policy, fixed_policy, fixed_cancel] = policies;
        Input::from(LoadPhase {
            market,
            phase,
            order_policy,
            cancel_policy,
            fixed_policy,
            fixed_cancel,
            rule: 0,
            start_ns: at(start.0, start.1) - START_NS,
            end_ns: at(end.0, end.1) - START_NS,
        })
    })
}

fn securities() -> Vec<Input> {
    let no_limit = LoadSecurity {
        flags: 2,
        upper_e5: 0,
        lower_e5: 0,
        ..security(1, "601000", MAIN, 10 * YUAN)
    };
    let risk = LoadSecurity {
        flags: 1,
        ..security(1, "600001", RISK, 2 * YUAN)
    };
    let star = LoadSecurity {
        flags: 8,
        ..security(1, "688001", STAR, 50 * YUAN)
    };
    [
        security(1, "600000", MAIN, 10 * YUAN),
        star,
        security(1, "510300", FUND, 4 * YUAN),
        risk,
        no_limit,
        security(1, "600002", MAIN, 2 * YUAN),
        security(2, "000001", SZSE, 10 * YUAN),
    ]
    .into_iter()
    .map(Input::from)
    .collect()
}

fn parties() -> Vec<Input> {
    let mut rows: Vec<Input> = Vec::new();
    for (number, group) in [(1, 1), (2, 1), (3, 2)] {
        rows.push(customer(number, group).into());
        rows.push(account(1, number).into());
        rows.push(account(2, number).into());
    }
    rows.extend::<[Input; 6]>([
        client(1, 1, "AA").into(),
        client(2, 1, "BB").into(),
        client(3, 2, "CC").into(),
        holding(1, "600000", 1_250).into(),
        holding(1, "688001", 350).into(),
        holding(2, "600000", 10_000).into(),
    ]);
    for (pbu, market, pbu_no, gateway) in
        [("20001", 1, 0, 1), ("20002", 1, 1, 1), ("001000", 2, 2, 2)]
    {
        rows.push(
            LoadPbu {
                pbu: padded(pbu),
                market,
                pbu_no,
                gateway,
                ..LoadPbu::default()
            }
            .into(),
        );
    }
    for branch in ["00001", "0001"] {
        rows.push(
            LoadBranch {
                branch: padded(branch),
                state: 1,
                ..LoadBranch::default()
            }
            .into(),
        );
    }
    for (terminal, valid) in [(1, 1), (2, 0)] {
        rows.push(
            LoadTerminal {
                terminal,
                kind: 1,
                valid,
                ..LoadTerminal::default()
            }
            .into(),
        );
    }
    rows
}

/// Levels that nothing in an ordinary test reaches: one for every metric in every scope that keeps it.
fn levels() -> impl Iterator<Item = Input> {
    Scope::ALL.iter().flat_map(|scope| {
        let kept = Metric::ALL
            .iter()
            .filter(|metric| metric.is_needed_for(*scope));
        kept.map(|metric| {
            let row = limit(scope.number(), metric.number(), 0, i64::MAX, i64::MAX);
            row.into()
        })
    })
}

/// Every parameter that orders need, at 0: nothing counts, nothing suspends, nothing passes before the open.
fn params() -> impl Iterator<Item = Input> {
    let needed = Param::ALL.iter().filter(|param| param.is_needed());
    needed.map(|param| {
        let row = LoadParam {
            param: param.number(),
            ..LoadParam::default()
        };
        row.into()
    })
}

/// Every row of the standard day.
#[must_use]
pub fn rows() -> Vec<Input> {
    let mut rows = rules();
    rows.extend(clock(1).chain(clock(2)));
    rows.extend(securities());
    rows.extend(parties());
    rows.extend(levels());
    rows.extend(params());
    rows
}

/// The day opens, clients log in, gateways open.
#[must_use]
pub fn opening(time_ns: u64) -> Vec<Input> {
    let mut rows = vec![
        DayOpen {
            time_ns,
            day_start_ns: START_NS,
            trade_date: 20_260_720,
            epoch: 1,
        }
        .into(),
    ];
    for client in [1, 2, 3] {
        rows.push(
            ClientState {
                time_ns,
                client,
                online: 1,
                ..ClientState::default()
            }
            .into(),
        );
    }
    for (gateway, market) in [(1, 1), (2, 2)] {
        rows.push(
            GatewayState {
                time_ns,
                gateway,
                state: 3,
                market,
                ..GatewayState::default()
            }
            .into(),
        );
    }
    rows
}
