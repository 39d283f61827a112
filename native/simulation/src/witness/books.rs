//! What happened at the exchange, added up from its own streams, and what the gate must have made
//! of it: positions, cash, and every report in the right client's stream.

use std::collections::BTreeMap;

use panshi_engine::engine::Engine;
use panshi_engine::kind::OrderStatus;
use panshi_engine::record::flow::NewOrder;
use panshi_venue::clients::Event;
use panshi_venue::stream::Stream;

use crate::day::{self, FEES, TICK_E5};
use crate::said::{Key, NO_PBU, Said, name, take};
use crate::witness::{Broken, Departures, Ledger};

/// What the exchange did with an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Shares traded.
    pub traded_qty: i64,
    /// Their value.
    pub amount_e5: i64,
    /// Shares cancelled.
    pub cancelled_qty: i64,
    /// It was refused.
    pub rejected: bool,
}

/// What happened at the exchange.
#[derive(Debug, Default)]
pub struct Books {
    /// Orders by name.
    pub orders: BTreeMap<Key, Fate>,
    /// Every report, in the order of its stream.
    pub reports: Vec<(Key, Event)>,
}

const REJECTED: u8 = 2;
const CANCELLED: u8 = 3;
const FILL: u8 = 4;
const CANCEL_REJECTED: u8 = 5;

/// The order that a report is about: the one that a cancel names, else its own.
pub(super) fn subject(event: &Event) -> [u8; 10] {
    let names_other = matches!(event.kind, CANCELLED | CANCEL_REJECTED);
    let blank = event
        .orig_cl_ord_id
        .iter()
        .all(|byte| matches!(byte, b' ' | 0));
    if names_other && !blank {
        event.orig_cl_ord_id
    } else {
        event.cl_ord_id
    }
}

impl Books {
    /// Add up the streams of the exchange. Reports do not name the PBU of an order: `pbu_of` knows
    /// it by market and id.
    #[must_use]
    pub fn of(streams: &[Stream], pbu_of: impl Fn(u8, [u8; 10]) -> Option<[u8; 8]>) -> Self {
        let mut books = Self::default();
        for stream in streams {
            let market = if stream.pbu == NO_PBU { 2 } else { 1 };
            let messages = (1..=stream.max()).filter_map(|index| stream.get(index));
            for heard in messages.filter_map(|bytes| take(market, bytes).ok().flatten()) {
                let Said::Report(event) = heard.0.said else {
                    continue;
                };
                // A cancel may name an order that never came.
                let named = [subject(&event), event.cl_ord_id];
                let known = named
                    .iter()
                    .find_map(|id| Some((pbu_of(market, *id)?, *id)));
                if let Some((pbu, id)) = known {
                    books.add((market, pbu, id), event);
                }
            }
        }
        books
    }

    fn add(&mut self, key: Key, event: Event) {
        self.reports.push((key, event));
        let fate = self.orders.entry(key).or_default();
        let qty = event.qty_e3 / 1_000;
        match event.kind {
            REJECTED => fate.rejected = true,
            CANCELLED => fate.cancelled_qty += qty,
            FILL => {
                fate.traded_qty += qty;
                fate.amount_e5 += qty * event.price_e5;
            }
            _ => {}
        }
    }

    /// Compare the gate's engine with what happened.
    #[must_use]
    pub fn compare(
        &self,
        engine: &Engine,
        ledger: &Ledger,
        departures: &Departures,
    ) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut sums = Sums::default();
        for request in &ledger.requests {
            let Some((number, false)) = engine.id(request.key.0, &request.key.1, &request.key.2)
            else {
                continue;
            };
            let (Some(order), Some(row)) = (&request.order, engine.order(number)) else {
                continue;
            };
            if row.seq != request.seq {
                continue;
            }
            let rejected = row.status == OrderStatus::Rejected;
            let found = Fate {
                traded_qty: row.traded_qty,
                amount_e5: row.amount_e5,
                // A reject frees all of an order; the exchange does not call that a cancel.
                cancelled_qty: row.cancelled_qty - if rejected { row.qty } else { 0 },
                rejected,
            };
            let known = self.orders.get(&request.key);
            let excused = departures.lost_once.contains(&request.key);
            let held = known.map_or(found.traded_qty == 0, |fate| *fate == found);
            if !held && !excused {
                broken.push(Broken {
                    law: "the gate's orders are those of the exchange in the end",
                    text: format!("{}: {known:?} there, {row:?} here", name(&request.key)),
                });
            }
            sums.add(order, &found, row.qty, row.status);
        }
        broken.extend(sums.compare(engine));
        broken
    }
}

/// Shares and money of the day, added up order by order.
#[derive(Debug, Default)]
struct Sums {
    shares: BTreeMap<(u8, [u8; 13], [u8; 8]), [i64; 3]>,
    money: BTreeMap<u32, [i64; 4]>,
}

impl Sums {
    fn add(&mut self, order: &NewOrder, fate: &Fate, qty: i64, status: OrderStatus) {
        let buy = order.side == b'1';
        let open = match status {
            OrderStatus::Queued
            | OrderStatus::Sent
            | OrderStatus::Working
            | OrderStatus::PartlyFilled => qty - fate.traded_qty - fate.cancelled_qty,
            _ => 0,
        };
        let mut code = [b' '; 8];
        code.copy_from_slice(&order.security_id[..8]);
        let row = self
            .shares
            .entry((order.market, order.account, code))
            .or_default();
        row[usize::from(!buy)] += fate.traded_qty;
        row[2] += if buy { 0 } else { open };
        let customer = String::from_utf8_lossy(&order.account[1..10])
            .trim()
            .parse()
            .unwrap_or(0);
        let row = self.money.entry(customer).or_default();
        row[usize::from(!buy)] += fate.amount_e5;
        row[2] += fee_e5(buy, fate.amount_e5);
        if buy && open > 0 {
            let value = open * order.price_e5;
            row[3] += value + fee_e5(buy, fate.amount_e5 + value) - fee_e5(buy, fate.amount_e5);
        }
    }

    fn compare(&self, engine: &Engine) -> Vec<Broken> {
        let mut broken = Vec::new();
        for ((market, account, code), [bought, sold, frozen]) in &self.shares {
            let found = engine
                .holding(*market, account, code)
                .map(|row| [row.bought_qty, row.sold_qty, row.frozen_qty]);
            if found.unwrap_or_default() != [*bought, *sold, *frozen] {
                broken.push(Broken {
                    law: "holdings are what was traded",
                    text: format!(
                        "market {market} account {}: {bought} bought, {sold} sold, {frozen} frozen, \
                         found {found:?}",
                        String::from_utf8_lossy(account)
                    ),
                });
            }
        }
        for (customer, sums) in &self.money {
            let [bought, sold, fees, frozen] = *sums;
            let left = day::opening_cash_e5(*customer) - bought + sold - fees - frozen;
            let found = engine.customer(*customer).map(|row| {
                let sums = [row.bought_e5, row.sold_e5, row.fees_e5, row.frozen_e5];
                (sums, row.available_e5)
            });
            if found != Some((*sums, left)) {
                broken.push(Broken {
                    law: "cash is what was traded",
                    text: format!("customer {customer}: {sums:?} and {left} left, found {found:?}"),
                });
            }
        }
        broken
    }
}

/// Fees of an order on its traded value, worked out anew: each part rounded half up to the fen.
fn fee_e5(buy: bool, amount_e5: i64) -> i64 {
    if amount_e5 == 0 {
        return 0;
    }
    let [commission, least, stamp, transfer, handling, regulatory] = FEES.map(i128::from);
    let fen = i128::from(TICK_E5);
    let part = |rate: i128| {
        let exact = i128::from(amount_e5) * rate;
        let unit = 100_000_000 * fen;
        (exact + unit / 2) / unit * fen
    };
    let stamp = if buy { 0 } else { part(stamp) };
    let total =
        part(commission).max(least) + stamp + part(transfer) + part(handling) + part(regulatory);
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    if buy { total } else { total.min(amount_e5) }
}
