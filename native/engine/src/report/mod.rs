//! Reports of the exchange: their streams, their orders, what they must not say (`docs/rules/engine.md`, section 4).

mod anomaly;
mod effect;

use crate::check::threshold::ratios_bp;
use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{Market, ReportKind};
use crate::record::flow::Report;
use crate::record::output::Deliver;
use crate::table::order::NONE;
use crate::table::tables::{CANCEL_BIT, Tables};

pub(crate) use anomaly::Subject;

/// Units of 1/1000 share in a share.
const E3: i64 = 1_000;

/// Take a report.
pub(crate) fn apply(tables: &mut Tables, report: &Report, emit: &mut Emit<'_>) {
    let subject = Subject::of(report);
    if report.report_index != 0 && !tables.take_index(report, &subject, emit) {
        return;
    }
    tables.totals.reports += 1;
    let Some(kind) = ReportKind::from_number(report.kind) else {
        tables.anomaly(&subject, Denied::plain(Code::UnknownReport), emit);
        return;
    };
    if kind == ReportKind::EndOfStream {
        tables.deliver_end(report, emit);
        return;
    }
    let (target, is_cancel) = tables.find_target(report, kind);
    let subject = Subject {
        order: target.unwrap_or(NONE),
        ..subject
    };
    if matches!(kind, ReportKind::Rejected | ReportKind::PreRejected) {
        tables.count_reject(report, &subject, emit);
    }
    let Some(number) = target else {
        let code = if kind == ReportKind::Fill {
            Code::UnknownFill
        } else {
            Code::UnknownReport
        };
        tables.anomaly(&subject, Denied::plain(code), emit);
        return;
    };
    let before = if kind == ReportKind::Cancelled {
        tables.ratios_of(number)
    } else {
        [0; 2]
    };
    let order = tables.order(number);
    let requested = if order.is_open() || is_cancel {
        tables.take_effect(report, kind, number, is_cancel, &subject, emit)
    } else {
        let status = i64::from(order.status.number());
        let denied = Denied::new(Code::ReportAfterEnd, 0, status);
        tables.anomaly(&subject, denied, emit);
        false
    };
    let numbered = report.report_index > 0;
    tables.deliver(number, kind, report.set_id, numbered, emit);
    if requested {
        tables.warn_changed_ratios(number, before, report.market, emit);
    }
}

impl Tables {
    /// Take the index of a report in its stream; false for one that was seen before.
    fn take_index(&mut self, report: &Report, subject: &Subject, emit: &mut Emit<'_>) -> bool {
        let pbu = if report.market == Market::Sse.number() {
            report.stream_pbu
        } else {
            [b' '; 8]
        };
        let streams = &mut self.exchange_streams;
        let Some(last) = streams.last_mut(u16::from(report.market), &pbu, report.set_id) else {
            return true;
        };
        let (index, expected) = (report.report_index, last.saturating_add(1));
        if index < expected {
            self.totals.duplicates += 1;
            return false;
        }
        *last = index;
        if index > expected {
            let denied = Denied::new(Code::StreamGap, expected.cast_signed(), index.cast_signed());
            self.anomaly(subject, denied, emit);
        }
        true
    }

    /// The order that a report is about, and whether the id is a cancel's.
    fn find_target(&self, report: &Report, kind: ReportKind) -> (Option<u32>, bool) {
        let id = if kind == ReportKind::Cancelled && !is_blank(&report.orig_cl_ord_id) {
            &report.orig_cl_ord_id
        } else {
            &report.cl_ord_id
        };
        let found = self
            .pbu_at(report.market, &report.pbu)
            .and_then(|pbu| self.id_at(pbu, id));
        let Some(found) = found else {
            return (None, false);
        };
        let is_cancel = found & CANCEL_BIT != 0;
        let fits = match kind {
            ReportKind::PreRejected => true,
            ReportKind::CancelRejected => is_cancel,
            _ => !is_cancel,
        };
        (fits.then_some(found & !CANCEL_BIT), is_cancel)
    }

    fn ratios_of(&self, number: u32) -> [i64; 2] {
        self.accounts
            .get(self.order(number).account as usize)
            .filter(|account| account.cancelled > 0)
            .map_or([0; 2], ratios_bp)
    }

    fn warn_changed_ratios(&self, number: u32, before: [i64; 2], market: u8, emit: &mut Emit<'_>) {
        let base = self.params.get(crate::kind::Param::RatioBaseCount, market);
        let account = self.accounts.get(self.order(number).account as usize);
        if account.is_some_and(|account| i64::from(account.orders) >= base) {
            let after = self.ratios_of(number);
            self.warn_ratios(number, self.group_of(number), before, after, emit);
        }
    }

    /// Tell every client of a stream that it ended.
    fn deliver_end(&mut self, report: &Report, emit: &mut Emit<'_>) {
        let sse = report.market == Market::Sse.number();
        let pbu = if sse { report.stream_pbu } else { [b' '; 8] };
        let pbu_no = self
            .pbu_at(report.market, &pbu)
            .and_then(|at| self.pbus.get(usize::from(at)))
            .map(|row| row.pbu_no);
        for place in 0..self.client_order.len() {
            let Some(&client) = self.client_order.get(place) else {
                return;
            };
            let Some(row) = self.clients.get(usize::from(client)) else {
                continue;
            };
            let has_pbu = pbu_no.is_some_and(|number| row.row.pbu_mask >> (number & 63) & 1 == 1);
            if row.row.market != report.market || (sse && !has_pbu) {
                continue;
            }
            let report_index = self.next_delivery(client, pbu, report.set_id);
            emit.push(Deliver {
                time_ns: emit.now_ns,
                input_seq: emit.seq,
                report_index,
                order_seq: 0,
                set_id: report.set_id,
                order: NONE,
                pbu,
                client,
                kind: ReportKind::EndOfStream.number(),
                spare: [0; 5],
            });
        }
    }
}

/// Whether a text field holds nothing.
fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|&byte| byte == b' ' || byte == 0)
}
