//! The day that is simulated: a whole trading day in under two minutes, two markets, a few of
//! everything. Prices lie close together and everybody may trade with everybody.

mod config;
mod rows;

use panshi_wire::text::pad;

use crate::plan::Setting;
use crate::queue::SECOND;

pub use config::{address, gate_config, venue_config};
pub use rows::{reload_bytes, rows};

/// 2026-07-20 00:00 in Shanghai.
pub const MIDNIGHT_NS: u64 = 1_784_476_800 * SECOND;
/// Trade date.
pub const TRADE_DATE: u32 = 20_260_720;
/// Market time of day at the beginning of a run: 09:15.
pub const BEGIN_NS: u64 = (9 * 60 + 15) * 60 * SECOND;
/// One yuan.
pub const YUAN: i64 = 100_000;
/// The price around which orders lie.
pub const PRICE_E5: i64 = 10 * YUAN;
/// Price step.
pub const TICK_E5: i64 = 1_000;
/// Shanghai and Shenzhen.
pub const MARKETS: [u8; 2] = [1, 2];
/// Customers.
pub const CUSTOMERS: u32 = 4;
/// Securities of a market.
pub const SECURITIES: usize = 2;
/// Rates of the fees, 1/100000000 of the value: commission, its minimum (e5), stamp duty of sales,
/// transfer, handling, regulatory.
pub const FEES: [i64; 6] = [25_000, 5 * YUAN, 50_000, 1_000, 3_410, 2_000];

/// Seconds of the run at which a phase begins; exchange states; the gate's phase and policies for
/// orders and cancels (0 refuse, 1 take, 2 queue).
const PHASES: [(u64, &str, u16, u8, [u8; 2]); 12] = [
    (0, "closed", 0, 0, [0, 0]),
    (3, "closed", 1, 0, [0, 0]),
    (5, "opening_call", 2, 1, [1, 1]),
    (12, "opening_call_no_cancel", 2, 2, [1, 0]),
    (16, "opening_pause", 3, 3, [2, 2]),
    (18, "opening_pause", 1, 3, [2, 2]),
    (20, "continuous", 2, 4, [1, 1]),
    (45, "noon", 3, 5, [0, 0]),
    (48, "noon", 1, 5, [0, 0]),
    (50, "continuous", 2, 4, [1, 1]),
    (100, "closing_call", 2, 6, [1, 0]),
    (104, "closed", 4, 7, [0, 0]),
];
/// Nothing goes wrong any more from here on.
pub const CALM_NS: u64 = 72 * SECOND;
/// By now everybody must be connected and everything answered.
pub const SETTLED_NS: u64 = 99 * SECOND;
/// The gate's day is closed by command.
pub const CLOSE_NS: u64 = 107 * SECOND;
/// The last moment.
pub const END_NS: u64 = 110 * SECOND;

/// Text in a field.
#[must_use]
pub fn text<const N: usize>(text: &str) -> [u8; N] {
    pad(text.as_bytes()).unwrap_or([b' '; N])
}

/// Code of a security.
#[must_use]
pub fn security_code(market: u8, number: usize) -> String {
    if market == 1 {
        format!("60000{number}")
    } else {
        format!("00000{}", number + 1)
    }
}

/// Code of a customer's account in a market.
#[must_use]
pub fn account_code(market: u8, customer: u32) -> String {
    if market == 1 {
        format!("A{customer:09}")
    } else {
        format!("{customer:010}")
    }
}

/// Code of the branch that keeps the accounts of a market.
#[must_use]
pub const fn branch_code(market: u8) -> &'static str {
    if market == 1 { "00001" } else { "0001" }
}

/// Shares that a customer holds of each security at the open.
#[must_use]
pub const fn opening_qty(customer: u32) -> i64 {
    if customer == CUSTOMERS { 300 } else { 50_000 }
}

/// Cash of a customer at the open.
#[must_use]
pub const fn opening_cash_e5(customer: u32) -> i64 {
    if customer == CUSTOMERS {
        20_000 * YUAN
    } else {
        10_000_000 * YUAN
    }
}

/// An exchange gateway of the run, by its place; numbers of gateways count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRow {
    /// Number in the records.
    pub number: u16,
    /// Market.
    pub market: u8,
    /// PBU that logs in there.
    pub pbu: &'static str,
    /// Sets or partitions of its reports.
    pub sets: [u32; 2],
}

/// Every exchange gateway of a run.
#[must_use]
pub fn gateways(setting: &Setting) -> Vec<GatewayRow> {
    let row = |number, market, pbu, sets| GatewayRow {
        number,
        market,
        pbu,
        sets,
    };
    let shanghai = [row(1, 1, "20001", [1, 2]), row(2, 1, "20002", [1, 2])];
    let shenzhen = [row(3, 2, "001000", [1, 2]), row(4, 2, "002000", [3, 4])];
    let mut rows = shanghai[..setting.gateways[0]].to_vec();
    rows.extend_from_slice(&shenzhen[..setting.gateways[1]]);
    rows
}

/// An order system of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRow {
    /// Number in the records.
    pub number: u16,
    /// Market.
    pub market: u8,
    /// First characters of its ids.
    pub prefix: &'static str,
    /// PBUs it may use.
    pub pbus: Vec<&'static str>,
}

impl ClientRow {
    /// Its id at logon.
    #[must_use]
    pub fn comp_id(&self) -> String {
        format!("OMS{}", self.number)
    }
}

/// Every order system of a run.
#[must_use]
pub fn clients(setting: &Setting) -> Vec<ClientRow> {
    let gateways = gateways(setting);
    let row = |number, market, prefix| ClientRow {
        number,
        market,
        prefix,
        pbus: gateways
            .iter()
            .filter(|row| row.market == market)
            .map(|row| row.pbu)
            .collect(),
    };
    let shanghai = [row(1, 1, "AA"), row(2, 1, "BB")];
    let shenzhen = [row(3, 2, "CC"), row(4, 2, "DD")];
    let mut rows = shanghai[..setting.clients[0]].to_vec();
    rows.extend_from_slice(&shenzhen[..setting.clients[1]]);
    rows
}
