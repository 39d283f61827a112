//! The reference rows of the run.

use panshi_engine::input::Input;
use panshi_engine::kind::{Metric, Param, Scope};
use panshi_engine::record::load::{
    DayOpen, LoadAccount, LoadBranch, LoadClient, LoadCustomer, LoadFee, LoadHolding, LoadLimit,
    LoadParam, LoadPbu, LoadPhase, LoadRule, LoadSecurity,
};

use crate::day::{
    BEGIN_NS, CUSTOMERS, FEES, MARKETS, MIDNIGHT_NS, PHASES, PRICE_E5, SECURITIES, TICK_E5,
    TRADE_DATE, account_code, branch_code, clients, gateways, opening_cash_e5, opening_qty,
    security_code, text,
};
use crate::plan::{Reload, Setting};
use crate::queue::SECOND;

/// Every row of the day, its opening last.
#[must_use]
pub fn rows(setting: &Setting) -> Vec<Input> {
    let mut rows = rules();
    rows.extend(securities());
    rows.extend(parties(setting));
    rows.extend(levels());
    rows.extend(parameters(setting));
    rows.push(
        DayOpen {
            time_ns: MIDNIGHT_NS,
            day_start_ns: MIDNIGHT_NS,
            trade_date: TRADE_DATE,
            epoch: 1,
        }
        .into(),
    );
    rows
}

fn rule(market: u8) -> LoadRule {
    LoadRule {
        rule: market.into(),
        market,
        protection: u8::from(market == 1),
        tick_e5: TICK_E5,
        buy_min_qty: 100,
        buy_step_qty: 100,
        sell_min_qty: 100,
        sell_step_qty: 100,
        odd_lot_qty: 100,
        max_limit_qty: 1_000_000,
        max_market_qty: 500_000,
        max_fixed_qty: 1_000_000,
        types_call: 1 << 1,
        types_continuous: 0xfe,
        types_fixed: 1 << 8,
        ..LoadRule::default()
    }
}

fn fee(market: u8) -> LoadFee {
    let [
        commission_e8,
        commission_min_e5,
        stamp_sell_e8,
        transfer_e8,
        handling_e8,
        regulatory_e8,
    ] = FEES;
    LoadFee {
        rule: market.into(),
        fee_group: 1,
        commission_e8,
        commission_min_e5,
        stamp_sell_e8,
        transfer_e8,
        handling_e8,
        regulatory_e8,
        ..LoadFee::default()
    }
}

fn rules() -> Vec<Input> {
    let mut rows = Vec::new();
    for market in MARKETS {
        rows.push(rule(market).into());
        rows.push(fee(market).into());
        for (at, (second, _, _, phase, policies)) in PHASES.iter().enumerate() {
            if *phase == 0 {
                continue;
            }
            let end = PHASES.get(at + 1).map_or(3_600, |next| next.0);
            rows.push(
                LoadPhase {
                    market,
                    phase: *phase,
                    order_policy: policies[0],
                    cancel_policy: policies[1],
                    start_ns: BEGIN_NS + second * SECOND,
                    end_ns: BEGIN_NS + end * SECOND,
                    ..LoadPhase::default()
                }
                .into(),
            );
        }
    }
    rows
}

fn securities() -> Vec<Input> {
    let row = |market: u8, at: usize| {
        Input::from(LoadSecurity {
            code: text(&security_code(market, at)),
            market,
            state: 1,
            rule: market.into(),
            set_id: u32::try_from(at + 1).unwrap_or(1),
            list_date: 20_200_101,
            prev_close_e5: PRICE_E5,
            upper_e5: PRICE_E5 * 11 / 10,
            lower_e5: PRICE_E5 * 9 / 10,
            ..LoadSecurity::default()
        })
    };
    let all = |market: u8| (0..SECURITIES).map(move |at| row(market, at));
    all(1).chain(all(2)).collect()
}

/// A customer; the first two are under one controller and must not trade with each other.
#[must_use]
pub fn customer(number: u32) -> LoadCustomer {
    LoadCustomer {
        customer: number,
        owner_group: number.max(2) - 1,
        group: 1,
        fee_group: 1,
        desk: 1,
        state: 1,
        risk_grade: 5,
        cash_e5: opening_cash_e5(number),
        ..LoadCustomer::default()
    }
}

fn account(market: u8, customer: u32) -> LoadAccount {
    LoadAccount {
        account: text(&account_code(market, customer)),
        market,
        state: 1,
        branch: text(branch_code(market)),
        pbu: text(""),
        customer,
        owner_type: 1,
        ..LoadAccount::default()
    }
}

fn holding(market: u8, customer: u32, security: usize, more: i64) -> LoadHolding {
    let qty = opening_qty(customer) + more;
    LoadHolding {
        account: text(&account_code(market, customer)),
        market,
        code: text(&security_code(market, security)),
        total_qty: qty,
        sellable_qty: qty,
        ..LoadHolding::default()
    }
}

fn parties(setting: &Setting) -> Vec<Input> {
    let branch = |market| {
        Input::from(LoadBranch {
            branch: text(branch_code(market)),
            state: 1,
            ..LoadBranch::default()
        })
    };
    let mut rows: Vec<Input> = MARKETS.iter().map(|market| branch(*market)).collect();
    for (number, gateway) in (0_u8..).zip(gateways(setting)) {
        rows.push(
            LoadPbu {
                pbu: text(gateway.pbu),
                market: gateway.market,
                pbu_no: number,
                gateway: gateway.number,
                ..LoadPbu::default()
            }
            .into(),
        );
    }
    for number in 1..=CUSTOMERS {
        rows.push(customer(number).into());
        for market in MARKETS {
            rows.push(account(market, number).into());
            rows.extend((0..SECURITIES).map(|at| Input::from(holding(market, number, at, 0))));
        }
    }
    rows.extend(clients(setting).iter().map(|row| {
        Input::from(LoadClient {
            comp_id: text(&row.comp_id()),
            prefix: text(row.prefix),
            prefix_len: 2,
            market: row.market,
            client: row.number,
            access_mask: 1,
            pbu_mask: 0b1111,
            ..LoadClient::default()
        })
    }));
    rows
}

/// Levels that nothing in a run reaches, for every scope and metric that the engine looks at.
fn levels() -> impl Iterator<Item = Input> {
    Scope::ALL.iter().flat_map(|scope| {
        let metrics = Metric::ALL.iter();
        let kept = metrics.filter(|metric| metric.is_kept_for(*scope));
        kept.map(|metric| {
            LoadLimit {
                scope: scope.number(),
                metric: metric.number(),
                warn: i64::MAX,
                block: i64::MAX,
                ..LoadLimit::default()
            }
            .into()
        })
    })
}

/// A row of every parameter: what the plan says of it, or what keeps it quiet.
fn parameters(setting: &Setting) -> impl Iterator<Item = Input> {
    let given = setting.parameters.clone();
    Param::ALL.iter().map(move |param| {
        let number = param.number();
        let told = given.iter().find(|(known, _)| *known == number);
        let usual = match param {
            Param::CancelAllBatch => 3,
            Param::CancelAllRate => 200,
            _ => 0,
        };
        LoadParam {
            param: number,
            value: told.map_or(usual, |(_, value)| *value),
            ..LoadParam::default()
        }
        .into()
    })
}

/// Rows to be loaded again, as the file that a reload names holds them.
#[must_use]
pub fn reload_bytes(reload: Reload) -> Vec<u8> {
    let rows: Vec<Input> = match reload {
        Reload::Customer {
            customer: number,
            state,
        } => vec![
            LoadCustomer {
                state,
                ..customer(number)
            }
            .into(),
        ],
        Reload::Holding { customer, more } => vec![holding(1, customer, 0, more).into()],
        Reload::Conflicting => vec![
            LoadCustomer {
                owner_group: 4,
                ..customer(1)
            }
            .into(),
            holding(1, 2, 0, -1_000_000).into(),
        ],
        _ => securities(),
    };
    let mut bytes = Vec::new();
    for row in rows {
        let mut record = vec![0; row.record_len()];
        let _ = row.write(&mut record);
        let length = u32::try_from(record.len()).unwrap_or(0);
        bytes.extend_from_slice(&row.record_type().to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&record);
    }
    bytes
}
