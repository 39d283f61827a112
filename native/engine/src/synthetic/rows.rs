//! The reference rows of a synthetic day and the codes that its flow uses.

use super::{CLIENTS, HOUR_NS, PRICE_E5, Size, TICK_E5};
use crate::input::Input;
use crate::kind::{Metric, Param, Scope, security_flag};
use crate::record::load::{
    LoadAccount, LoadBranch, LoadClient, LoadCustomer, LoadFee, LoadHolding, LoadLimit, LoadParam,
    LoadPbu, LoadPhase, LoadRule, LoadSecurity, LoadTerminal,
};

pub(super) fn market_of(number: u32) -> u8 {
    if number.is_multiple_of(2) { 1 } else { 2 }
}

pub(super) fn client_of(account: u32) -> u16 {
    let turn = account / 2 % u32::from(CLIENTS / 2);
    u16::try_from(turn).unwrap_or(0) * 2 + u16::from(market_of(account))
}

pub(super) fn pbu(market: u8) -> [u8; 8] {
    if market == 1 {
        *b"20001   "
    } else {
        *b"001000  "
    }
}

/// A security of the account's market; the same for the same account and place.
pub(super) fn held(size: &Size, account: u32, place: u32) -> u32 {
    let half = (size.securities / 2).max(1);
    let spread = account.wrapping_mul(2_654_435_761).rotate_left(7);
    let number = spread.wrapping_add(place.wrapping_mul(40_503)) % half;
    number * 2 + u32::from(market_of(account) == 2)
}

fn decimal<const N: usize>(text: &mut [u8; N], from: usize, digits: usize, number: u32) {
    let mut rest = number;
    for place in text.iter_mut().skip(from).take(digits).rev() {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

pub(super) fn code(security: u32) -> [u8; 8] {
    let mut text = [b' '; 8];
    decimal(&mut text, 0, 6, security + 100_000);
    text
}

pub(super) fn wide(code: [u8; 8]) -> [u8; 12] {
    let mut text = [b' '; 12];
    for (to, from) in text.iter_mut().zip(code) {
        *to = from;
    }
    text
}

pub(super) fn account_code(account: u32) -> [u8; 13] {
    let mut text = [b' '; 13];
    decimal(&mut text, 1, 9, account);
    if let Some(first) = text.first_mut() {
        *first = if market_of(account) == 1 { b'A' } else { b'0' };
    }
    text
}

pub(super) fn order_id(client: u16, number: u64) -> [u8; 10] {
    let mut id = [b'0'; 10];
    let mut rest = number;
    for place in id.iter_mut().rev().take(9) {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    if let Some(first) = id.first_mut() {
        *first = b'A' + u8::try_from(client).unwrap_or(0);
    }
    id
}

pub(super) fn security(number: u32) -> LoadSecurity {
    let market = market_of(number);
    LoadSecurity {
        code: code(number),
        market,
        state: 1,
        rule: u16::from(market),
        flags: security_flag::FIXED_PRICE,
        set_id: 1,
        list_date: 20_200_101,
        prev_close_e5: PRICE_E5,
        upper_e5: PRICE_E5 * 11 / 10,
        lower_e5: PRICE_E5 * 9 / 10,
        close_e5: 0,
    }
}

pub(super) fn customer(number: u32) -> LoadCustomer {
    LoadCustomer {
        customer: number + 1,
        owner_group: number + 1,
        permissions: 1,
        disclosures: 1,
        program_rate: 1_000_000,
        program_day: 10_000_000,
        group: 1,
        fee_group: 1,
        desk: u16::try_from(number % 16).unwrap_or(0) + 1,
        state: 1,
        risk_grade: 5,
        program_state: 5,
        program_confirm: 2,
        high_frequency: 1,
        margin: 1,
        spare: 0,
        cash_e5: 100_000_000_000_000,
    }
}

pub(super) fn account(number: u32) -> LoadAccount {
    LoadAccount {
        account: account_code(number),
        market: market_of(number),
        state: 1,
        access: 0,
        branch: *b"00001   ",
        pbu: [b' '; 8],
        customer: number + 1,
        permissions: 1,
        owner_type: 1,
        ..LoadAccount::default()
    }
}

fn rule(market: u8) -> LoadRule {
    LoadRule {
        rule: u16::from(market),
        market,
        protection: 1,
        tick_e5: TICK_E5,
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
        types_call: 1 << 1,
        types_continuous: 0xfe,
        types_fixed: 1 << 8,
        permissions: 1,
        disclosures: 1,
        risk_grade: 2,
        ..LoadRule::default()
    }
}

/// Rules, clock, fees, PBUs, branch, terminal and clients.
pub(super) fn market_rows() -> Vec<Input> {
    let mut rows: Vec<Input> = Vec::new();
    for market in [1_u8, 2] {
        rows.push(rule(market).into());
        rows.push(
            LoadPhase {
                market,
                phase: 4,
                order_policy: 1,
                cancel_policy: 1,
                fixed_policy: 1,
                fixed_cancel: 1,
                rule: 0,
                start_ns: 9 * HOUR_NS,
                end_ns: 15 * HOUR_NS,
            }
            .into(),
        );
        rows.push(
            LoadFee {
                rule: u16::from(market),
                fee_group: 1,
                commission_e8: 25_000,
                commission_min_e5: 500_000,
                stamp_sell_e8: 50_000,
                transfer_e8: 1_000,
                handling_e8: 3_410,
                regulatory_e8: 2_000,
                ..LoadFee::default()
            }
            .into(),
        );
        rows.push(
            LoadPbu {
                pbu: pbu(market),
                market,
                pbu_no: market,
                gateway: u16::from(market),
                fixed_gateway: 0,
                spare: 0,
            }
            .into(),
        );
    }
    rows.push(
        LoadBranch {
            branch: *b"00001   ",
            state: 1,
            spare: [0; 7],
        }
        .into(),
    );
    rows.push(
        LoadTerminal {
            terminal: 1,
            kind: 1,
            valid: 1,
            spare: 0,
        }
        .into(),
    );
    rows.extend((1..=CLIENTS).map(|client| Input::from(client_row(client))));
    rows
}

fn client_row(client: u16) -> LoadClient {
    let [first, ..] = order_id(client, 0);
    LoadClient {
        comp_id: [b' '; 32],
        prefix: [first, b' ', b' ', b' '],
        prefix_len: 1,
        market: if client % 2 == 1 { 1 } else { 2 },
        client,
        access_mask: 1,
        pbu_mask: 6,
        terminal: 1,
        strategy: client,
        program: 1,
        terminal_required: 1,
        ..LoadClient::default()
    }
}

/// A row for every limit and parameter; high enough that the flow passes.
pub(super) fn limit_rows() -> Vec<Input> {
    let mut rows: Vec<Input> = Vec::new();
    let high = 4_000_000_000_000_000_000;
    for scope in Scope::ALL {
        for metric in Metric::ALL
            .iter()
            .filter(|metric| metric.is_kept_for(*scope))
        {
            let (warn, block) = if *metric == Metric::IdenticalOrders {
                (20, 50)
            } else {
                (high / 2, high)
            };
            rows.push(
                LoadLimit {
                    scope: scope.number(),
                    metric: metric.number(),
                    warn,
                    block,
                    ..LoadLimit::default()
                }
                .into(),
            );
        }
    }
    for (param, value) in [
        (Param::QuickCancelNs, 1_000_000_000),
        (Param::IdenticalWindowNs, 1_000_000_000),
        (Param::RatioBaseCount, 20),
        (Param::HighFrequencySecond, 300),
        (Param::HighFrequencyDay, 20_000),
        (Param::RejectBurstCount, 1_000),
        (Param::RejectBurstNs, 1_000_000_000),
        (Param::UnackedCount, 1_000_000),
        (Param::UnackedAgeNs, 3_600_000_000_000),
        (Param::CancelAllBatch, 50),
        (Param::SuspendUnknownFill, 2),
        (Param::SuspendOverFill, 2),
        (Param::SuspendPrice, 2),
        (Param::SuspendGap, 2),
        (Param::SuspendDuplicate, 2),
        (Param::SuspendRejects, 2),
        (Param::SuspendUnacked, 2),
        (Param::GatewayPreOpen, 2),
        (Param::CancelAllRate, 5_000),
        (Param::SuspendSilence, 2),
    ] {
        rows.push(
            LoadParam {
                param: param.number(),
                value,
                ..LoadParam::default()
            }
            .into(),
        );
    }
    rows
}

/// Holding of an account at the open.
pub(super) fn holding(size: &Size, account: u32, place: u32) -> LoadHolding {
    LoadHolding {
        account: account_code(account),
        market: market_of(account),
        code: code(held(size, account, place)),
        total_qty: 1_000_000,
        sellable_qty: 1_000_000,
        ..LoadHolding::default()
    }
}
