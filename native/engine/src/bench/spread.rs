//! A recorded day on a larger state: what was done, how, when and in which order stays as it was recorded; who did it
//! in which security is spread over all accounts and securities by a seeded rule.
//!
//! A price is carried over by its distance from the last trade that was known when its order came, within a hundredth
//! and on its own side of the previous close: nobody's orders meet his own, whatever he holds on the large state, and
//! the cage, which the opening auction did not have, lets it pass.

use std::collections::BTreeMap;

use crate::input::Input;
use crate::record::flow::{CancelOrder, NewOrder, Quote, Report};
use crate::synthetic::{PRICE_E5, Synthetic, TICK_E5, exec_id};

/// Whole lots are traded by everybody, so that no order depends on an odd rest that the new account does not have.
const LOT_E3: i64 = 100_000;
const BUY: u8 = b'1';
const SELL: u8 = b'2';
/// So far from the previous close may a price lie.
const DISTANCE_E5: i64 = PRICE_E5 * 9 / 1_000;

type Id = [u8; 10];

/// An order as it was spread, with the price that it was recorded against.
struct Sent {
    order: NewOrder,
    reference_e5: i64,
}

/// The inputs of a recorded day that are still to come.
pub(super) struct Spread<'a> {
    rest: std::slice::Iter<'a, (u64, Input)>,
    /// The last trade of each recorded security, at first its previous close.
    last_e5: BTreeMap<(u8, [u8; 8]), i64>,
    sent: BTreeMap<Id, Sent>,
    /// New ids of the cancels.
    cancels: BTreeMap<Id, Id>,
    recorded_ns: Option<u64>,
}

impl<'a> Spread<'a> {
    /// A day as a journal holds it, reference rows first.
    pub(super) fn new(inputs: &'a [(u64, Input)]) -> Self {
        let closes = inputs.iter().filter_map(|(_, input)| match input {
            Input::LoadSecurity(row) => Some(((row.market, row.code), row.prev_close_e5)),
            _ => None,
        });
        Self {
            rest: inputs.iter(),
            last_e5: closes.collect(),
            sent: BTreeMap::new(),
            cancels: BTreeMap::new(),
            recorded_ns: None,
        }
    }

    /// The next input; nothing when the day is over.
    pub(super) fn next(&mut self, flow: &mut Synthetic) -> Option<Input> {
        loop {
            let (_, input) = self.rest.next()?;
            let spread = match input {
                Input::NewOrder(order) => self.order(flow, order).map(Input::from),
                Input::CancelOrder(cancel) => self.cancel(flow, cancel).map(Input::from),
                Input::Report(report) => self.report(flow, report).map(Input::from),
                Input::Quote(quote) => self.quote(flow, quote).map(Input::from),
                _ => None,
            };
            if spread.is_some() {
                return spread;
            }
        }
    }

    /// Let as much time pass as passed between the recorded inputs.
    fn pass(&mut self, flow: &mut Synthetic, time_ns: u64) -> u64 {
        let before = self.recorded_ns.replace(time_ns).unwrap_or(time_ns);
        flow.advance(time_ns.saturating_sub(before));
        flow.now_ns()
    }

    fn reference_e5(&self, market: u8, security: &[u8]) -> Option<i64> {
        let code = security.first_chunk::<8>()?;
        let last_e5 = *self.last_e5.get(&(market, *code))?;
        (last_e5 > 0).then_some(last_e5)
    }

    fn order(&mut self, flow: &mut Synthetic, order: &NewOrder) -> Option<NewOrder> {
        let reference_e5 = self.reference_e5(order.market, &order.security_id)?;
        let time_ns = self.pass(flow, order.time_ns);
        let base = flow.order_on(order.market, order.side == BUY);
        let spread = NewOrder {
            time_ns,
            price_e5: carry_over(order.price_e5, reference_e5, order.side),
            qty_e3: whole_lots(order.qty_e3),
            owner_type: base.owner_type,
            client: base.client,
            pbu: base.pbu,
            cl_ord_id: base.cl_ord_id,
            security_id: base.security_id,
            account: base.account,
            branch_id: base.branch_id,
            ..*order
        };
        let sent = Sent {
            order: spread,
            reference_e5,
        };
        self.sent.insert(order.cl_ord_id, sent);
        Some(spread)
    }

    fn cancel(&mut self, flow: &mut Synthetic, cancel: &CancelOrder) -> Option<CancelOrder> {
        let time_ns = self.pass(flow, cancel.time_ns);
        let order = self.sent.get(&cancel.orig_cl_ord_id)?.order;
        let cl_ord_id = flow.next_id(order.client);
        self.cancels.insert(cancel.cl_ord_id, cl_ord_id);
        Some(CancelOrder {
            time_ns,
            owner_type: order.owner_type,
            client: order.client,
            pbu: order.pbu,
            cl_ord_id,
            orig_cl_ord_id: order.cl_ord_id,
            security_id: order.security_id,
            account: order.account,
            branch_id: order.branch_id,
            ..*cancel
        })
    }

    fn report(&mut self, flow: &mut Synthetic, report: &Report) -> Option<Report> {
        let time_ns = self.pass(flow, report.time_ns);
        let about = [&report.orig_cl_ord_id, &report.cl_ord_id];
        let sent = about.into_iter().find_map(|id| self.sent.get(id))?;
        let order = &sent.order;
        let id = |recorded: &Id| {
            let order = self.sent.get(recorded).map(|sent| sent.order.cl_ord_id);
            let cancel = || self.cancels.get(recorded).copied();
            order.or_else(cancel).unwrap_or([b' '; 10])
        };
        let report_index = match report.report_index {
            0 => 0,
            _ => flow.next_index(order.market),
        };
        Some(Report {
            time_ns,
            report_index,
            price_e5: order.price_e5,
            last_px_e5: carry_over(report.last_px_e5, sent.reference_e5, order.side),
            qty_e3: order.qty_e3,
            set_id: 1,
            gateway: u16::from(order.market),
            owner_type: order.owner_type,
            stream_pbu: order.pbu,
            pbu: order.pbu,
            cl_ord_id: id(&report.cl_ord_id),
            orig_cl_ord_id: id(&report.orig_cl_ord_id),
            security_id: order.security_id,
            account: order.account,
            branch_id: order.branch_id,
            exec_id: exec_id(report_index),
            ..*report
        })
    }

    fn quote(&mut self, flow: &mut Synthetic, quote: &Quote) -> Option<Quote> {
        let time_ns = self.pass(flow, quote.time_ns);
        if quote.last_e5 > 0 {
            self.last_e5
                .insert((quote.market, quote.code), quote.last_e5);
        }
        let reference_e5 = self.reference_e5(quote.market, &quote.code)?;
        Some(Quote {
            time_ns,
            bid_e5: carry_over(quote.bid_e5, reference_e5, BUY),
            ask_e5: carry_over(quote.ask_e5, reference_e5, SELL),
            last_e5: carry_over(quote.last_e5, reference_e5, BUY),
            code: flow.security_on(quote.market),
            ..*quote
        })
    }
}

/// A price as far from the previous close of every security as the recorded one is from its reference.
fn carry_over(price_e5: i64, reference_e5: i64, side: u8) -> i64 {
    if price_e5 == 0 {
        return 0;
    }
    let ticks = price_e5.saturating_mul(PRICE_E5 / TICK_E5) / reference_e5;
    let (lowest_e5, highest_e5) = if side == BUY {
        (PRICE_E5 - DISTANCE_E5, PRICE_E5 - TICK_E5)
    } else {
        (PRICE_E5 + TICK_E5, PRICE_E5 + DISTANCE_E5)
    };
    (ticks * TICK_E5).clamp(lowest_e5, highest_e5)
}

fn whole_lots(qty_e3: i64) -> i64 {
    (qty_e3 + LOT_E3 - 1) / LOT_E3 * LOT_E3
}

#[cfg(test)]
mod tests {
    use super::{BUY, SELL, Spread, carry_over, whole_lots};
    use crate::engine::Engine;
    use crate::input::Input;
    use crate::output::Output;
    use crate::synthetic::{Size, Synthetic};

    const RECORDED: Size = Size {
        accounts: 10,
        securities: 4,
        open_orders: 50,
        orders: 4_000,
        step_ns: 1_000,
    };
    const LARGER: Size = Size {
        accounts: 400,
        securities: 80,
        open_orders: 0,
        orders: 4_000,
        step_ns: 0,
    };

    /// A small day with everything that the engine was told.
    fn recorded() -> Vec<(u64, Input)> {
        let mut flow = Synthetic::new(RECORDED, 1);
        let mut engine = Engine::new(&RECORDED.capacity());
        let mut outputs = Vec::new();
        let mut inputs: Vec<_> = (1..).zip(flow.opening()).collect();
        for (seq, input) in &inputs {
            engine.apply(*seq, input, &mut outputs);
        }
        for seq in 10_000..13_000 {
            let input = flow.next(seq);
            outputs.clear();
            engine.apply(seq, &input, &mut outputs);
            flow.observe(&outputs);
            inputs.push((seq, input));
        }
        inputs
    }

    #[test]
    fn every_order_and_report_finds_its_place_on_the_larger_state() {
        let recorded = recorded();
        let mut flow = Synthetic::new(LARGER, 2);
        let mut engine = Engine::new(&LARGER.capacity());
        let (mut outputs, mut said) = (Vec::new(), Vec::new());
        let opening = flow.opening();
        for (seq, input) in (1..).zip(&opening) {
            engine.apply(seq, input, &mut said);
        }
        said.clear();
        let mut spread = Spread::new(&recorded);
        let (mut count, mut accounts) = (0, std::collections::BTreeSet::new());
        while let Some(input) = spread.next(&mut flow) {
            if let Input::NewOrder(order) = &input {
                accounts.insert(order.account);
            }
            engine.apply(100_000 + count, &input, &mut outputs);
            said.append(&mut outputs);
            count += 1;
        }
        assert_eq!(count, 3_000);
        assert!(accounts.len() > 10, "{}", accounts.len());
        let wrong = said
            .iter()
            .find(|output| matches!(output, Output::Refuse(_) | Output::Anomaly(_)));
        assert_eq!(wrong, None);
        let time = |input: &Input| match input {
            Input::NewOrder(order) => Some(order.time_ns),
            _ => None,
        };
        let first = recorded.iter().find_map(|(_, input)| time(input)).unwrap();
        let last = recorded.iter().rev().find_map(|(_, input)| time(input));
        assert!(flow.now_ns() >= Synthetic::new(LARGER, 2).now_ns() + last.unwrap() - first);
    }

    #[test]
    fn prices_keep_their_distance_and_their_order() {
        assert_eq!(carry_over(0, 5_000_000, BUY), 0);
        assert_eq!(carry_over(4_990_000, 5_000_000, BUY), 998_000);
        assert_eq!(carry_over(5_010_000, 5_000_000, SELL), 1_002_000);
        assert_eq!(carry_over(9_000_000, 5_000_000, BUY), 999_000);
        assert_eq!(carry_over(9_000_000, 5_000_000, SELL), 1_009_000);
        assert_eq!(carry_over(1_000_000, 5_000_000, BUY), 991_000);
        assert_eq!((whole_lots(1), whole_lots(100_000)), (100_000, 100_000));
    }
}
