//! Reports of the exchange: their streams, their orders, what they must not say (`docs/rules/engine.md`, section 4).

mod anomaly;
mod effect;
mod stream;

use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{Market, ReportKind};
use crate::record::flow::Report;
use crate::table::id::CANCEL_BIT;
use crate::table::order::NONE;
use crate::table::tables::Tables;

pub(crate) use anomaly::Subject;

/// Units of 1/1000 share in a share.
const E3: i64 = 1_000;

/// Take a report.
pub(crate) fn apply(tables: &mut Tables, report: &Report, emit: &mut Emit<'_>) {
    let subject = Subject::of(report);
    if report.report_index != 0 && !tables.take_index(report, &subject, emit) {
        return;
    }
    let Some(kind) = ReportKind::from_number(report.kind) else {
        tables.totals.reports += 1;
        tables.anomaly(&subject, Denied::plain(Code::UnknownReport), emit);
        return;
    };
    if kind == ReportKind::EndOfStream {
        tables.totals.reports += 1;
        tables.end_stream(report, emit);
        return;
    }
    let (target, is_cancel) = tables.find_target(report, kind);
    if is_copy(report) || (target.is_none() && tables.is_foreign(report)) {
        tables.totals.duplicates += 1;
        return;
    }
    tables.totals.reports += 1;
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
    let order = tables.order(number);
    let requested = if order.is_open() || is_cancel {
        tables.take_effect(report, (kind, is_cancel), number, &subject, emit)
    } else {
        let status = i64::from(order.status.number());
        let denied = Denied::new(Code::ReportAfterEnd, 0, status);
        tables.anomaly(&subject, denied, emit);
        None
    };
    let numbered = report.report_index > 0;
    tables.deliver(number, kind, report.set_id, numbered, emit);
    if let Some(value_e5) = requested {
        tables.warn_ratios(number, value_e5, emit);
    }
}

/// Whether a report is the exchange's first word about an order of ours that nobody knows.
///
/// Every later one follows it in the same stream. Only the first tells the price, and whether the order stands at all.
pub(crate) fn begins_unknown(tables: &Tables, report: &Report) -> bool {
    let kind = ReportKind::from_number(report.kind);
    matches!(kind, Some(ReportKind::Accepted | ReportKind::Rejected))
        && !is_copy(report)
        && !tables.is_foreign(report)
        && !tables.is_seen(report)
        && tables
            .pbu_at(report.market, &report.pbu)
            .is_some_and(|pbu| tables.id_at(pbu, &report.cl_ord_id).is_none())
}

impl Tables {
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
}

/// Whether a report only repeats to one PBU (SZSE) what another PBU was told.
fn is_copy(report: &Report) -> bool {
    report.market == Market::Szse.number()
        && report.stream_pbu != report.pbu
        && !is_blank(&report.stream_pbu)
        && !is_blank(&report.pbu)
}

/// Whether a text field holds nothing.
fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|&byte| byte == b' ' || byte == 0)
}
