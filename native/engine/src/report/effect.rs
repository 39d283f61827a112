//! What a report does to its order.

use super::{E3, Subject, is_blank};
use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{CancelState, OrderStatus, ReportKind, security_flag};
use crate::record::flow::Report;
use crate::table::tables::Tables;

impl Tables {
    /// Apply a report to its order; the value of what a cancel request took out.
    pub(super) fn take_effect(
        &mut self,
        report: &Report,
        (kind, is_cancel): (ReportKind, bool),
        number: u32,
        subject: &Subject,
        emit: &mut Emit<'_>,
    ) -> Option<i64> {
        match kind {
            ReportKind::Accepted => self.accept(report, number, subject, emit),
            ReportKind::Rejected => self.finish(number, OrderStatus::Rejected),
            ReportKind::PreRejected if !is_cancel => self.finish(number, OrderStatus::Rejected),
            ReportKind::PreRejected | ReportKind::CancelRejected => self.no_cancel(number),
            ReportKind::Cancelled => return self.cancelled(report, number, subject, emit),
            ReportKind::Fill => self.fill(report, number, subject, emit),
            ReportKind::EndOfStream => {}
        }
        None
    }

    fn no_cancel(&mut self, number: u32) {
        if let Some(order) = self.orders.get_mut(number as usize) {
            order.cancel = CancelState::None;
        }
    }

    fn accept(&mut self, report: &Report, number: u32, subject: &Subject, emit: &mut Emit<'_>) {
        if self.order(number).status == OrderStatus::Sent {
            self.set_status(number, OrderStatus::Working);
        }
        let qty = (report.cancelled_e3 / E3).max(0);
        if qty > 0 {
            let open = self.order(number).open_qty();
            if qty > open {
                let denied = Denied::new(Code::CancelQuantity, open, qty);
                self.anomaly(subject, denied, emit);
            }
            self.take_out(number, qty.min(open));
        }
    }

    fn cancelled(
        &mut self,
        report: &Report,
        number: u32,
        subject: &Subject,
        emit: &mut Emit<'_>,
    ) -> Option<i64> {
        self.no_cancel(number);
        let order = self.order(number);
        let open = order.open_qty();
        let qty = (report.cancelled_e3 / E3).max(0);
        let taken = qty.min(open);
        let requested = !is_blank(&report.orig_cl_ord_id);
        let value = taken.saturating_mul(order.value_price_e5);
        if requested {
            self.change_conduct(number, |conduct| conduct.take_cancelled(value));
        }
        if qty != open {
            let denied = Denied::new(Code::CancelQuantity, open, qty);
            self.anomaly(subject, denied, emit);
        }
        self.take_out(number, taken);
        requested.then_some(value)
    }

    /// Take cancelled shares out; the order ends when nothing is open any more.
    fn take_out(&mut self, number: u32, qty: i64) {
        if qty == self.order(number).open_qty() {
            self.finish(number, OrderStatus::Cancelled);
        } else {
            self.reduce(number, qty);
        }
    }

    fn fill(&mut self, report: &Report, number: u32, subject: &Subject, emit: &mut Emit<'_>) {
        let order = *self.order(number);
        let (qty, price) = (report.last_qty_e3 / E3, report.last_px_e5);
        let open = order.open_qty();
        let refusal = if self.fills.holds(&order.fills, &report.exec_id) {
            Some(Denied::plain(Code::StreamDuplicate))
        } else if qty <= 0 || qty > open {
            Some(Denied::new(Code::OverFill, open, qty))
        } else if price <= 0 || worse(order.buy, price, order.price_e5) {
            Some(Denied::new(Code::FillPrice, order.price_e5, price))
        } else {
            None
        };
        if let Some(denied) = refusal {
            self.anomaly(subject, denied, emit);
            return;
        }
        if let Some(bound) = self.broken_limit(order.security, price) {
            let denied = Denied::new(Code::FillPrice, bound, price);
            self.anomaly(subject, denied, emit);
        }
        if !self.book_fill(number, qty, price) {
            let denied = Denied::new(Code::FillPrice, order.price_e5, price);
            self.anomaly(subject, denied, emit);
            return;
        }
        self.totals.fills += 1;
        if let Some(row) = self.orders.get_mut(number as usize) {
            self.fills.remember(&mut row.fills, report.exec_id);
        }
        if qty < open {
            self.set_status(number, OrderStatus::PartlyFilled);
        } else if order.cancelled_qty == 0 {
            self.finish(number, OrderStatus::Filled);
        } else {
            self.finish(number, OrderStatus::Cancelled);
        }
    }

    /// The price limit that a fill broke.
    fn broken_limit(&self, security: u32, price: i64) -> Option<i64> {
        let row = self.securities.get(security as usize)?;
        if row.flags & security_flag::NO_LIMIT != 0 {
            None
        } else if price > row.upper_e5 {
            Some(row.upper_e5)
        } else if price < row.lower_e5 {
            Some(row.lower_e5)
        } else {
            None
        }
    }
}

/// Whether a fill price is worse than the order's own; an order without one takes any.
const fn worse(buy: bool, price: i64, own: i64) -> bool {
    own != 0 && if buy { price > own } else { price < own }
}
