//! Shanghai: TDGW messages and the engine's records.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapters 4 and 5.

use panshi_engine::kind::{OrderType, ReportKind};
use panshi_engine::record::flow::{CancelOrder, NewOrder, Report};
use panshi_wire::error::WireError;
use panshi_wire::sse::{
    CancelReject, ExecRptEndOfStream, ExecutionReport, NewOrderSingle, OrderCancel, OrderReject,
    TradeReport, encode,
};
use panshi_wire::time::ntime_from_ns;

use super::width::fit;
use super::{Origin, Place, Refusal, SSE};

/// The order type that the fields of an order form; 0 when they form none.
#[inline]
pub(super) fn order_type(ord_type: u8) -> u8 {
    let kind = match ord_type {
        b'1' => OrderType::BestFiveCancel,
        b'2' => OrderType::Limit,
        b'3' => OrderType::BestFiveLimit,
        b'4' => OrderType::OwnBest,
        b'5' => OrderType::CounterBest,
        _ => return 0,
    };
    kind.number()
}

/// An order as the engine reads it.
#[inline]
#[must_use]
pub fn order_from_wire(wire: &NewOrderSingle, origin: Origin) -> NewOrder {
    NewOrder {
        time_ns: origin.time_ns,
        price_e5: wire.price,
        qty_e3: wire.order_qty,
        min_qty_e3: 0,
        stop_px_e5: 0,
        transact_time: wire.transact_time,
        biz: wire.biz_id,
        owner_type: wire.owner_type.into(),
        client: origin.number,
        max_levels: 0,
        market: SSE,
        order_type: order_type(wire.ord_type),
        side: wire.side,
        ord_type: wire.ord_type,
        time_in_force: wire.time_in_force,
        cash_margin: b' ',
        pbu: wire.biz_pbu,
        cl_ord_id: wire.cl_ord_id,
        security_id: wire.security_id,
        account: wire.account,
        credit_tag: wire.credit_tag,
        clearing_firm: wire.clearing_firm,
        branch_id: wire.branch_id,
        restrictions: *b"    ",
        user_info: wire.user_info,
        recovered: 0,
        spare: [0; 4],
    }
}

/// An order as it goes to the exchange: the same content that the client sent.
#[inline]
#[must_use]
pub fn order_to_wire(order: &NewOrder) -> NewOrderSingle {
    NewOrderSingle {
        biz_id: order.biz,
        biz_pbu: order.pbu,
        cl_ord_id: order.cl_ord_id,
        security_id: order.security_id,
        account: order.account,
        owner_type: order.owner_type.try_into().unwrap_or(0),
        side: order.side,
        price: order.price_e5,
        order_qty: order.qty_e3,
        ord_type: order.ord_type,
        time_in_force: order.time_in_force,
        transact_time: order.transact_time,
        credit_tag: order.credit_tag,
        clearing_firm: order.clearing_firm,
        branch_id: order.branch_id,
        user_info: order.user_info,
    }
}

/// A cancel request as the engine reads it.
#[inline]
#[must_use]
pub fn cancel_from_wire(wire: &OrderCancel, origin: Origin) -> CancelOrder {
    CancelOrder {
        time_ns: origin.time_ns,
        transact_time: wire.transact_time,
        qty_e3: 0,
        biz: wire.biz_id,
        owner_type: wire.owner_type.into(),
        client: origin.number,
        market: SSE,
        side: wire.side,
        pbu: wire.biz_pbu,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: wire.security_id,
        account: wire.account,
        clearing_firm: [b' '; 8],
        branch_id: wire.branch_id,
        order_id: [b' '; 16],
        user_info: wire.user_info,
        spare: [0; 1],
    }
}

/// A cancel request as it goes to the exchange.
#[inline]
#[must_use]
pub fn cancel_to_wire(cancel: &CancelOrder) -> OrderCancel {
    OrderCancel {
        biz_id: cancel.biz,
        biz_pbu: cancel.pbu,
        cl_ord_id: cancel.cl_ord_id,
        security_id: cancel.security_id,
        account: cancel.account,
        owner_type: cancel.owner_type.try_into().unwrap_or(0),
        side: cancel.side,
        orig_cl_ord_id: cancel.orig_cl_ord_id,
        transact_time: cancel.transact_time,
        branch_id: cancel.branch_id,
        user_info: cancel.user_info,
    }
}

/// The fields that every report of a gateway begins with; texts are blank.
fn blank(origin: Origin, kind: ReportKind) -> Report {
    Report {
        time_ns: origin.time_ns,
        gateway: origin.number,
        market: SSE,
        kind: kind.number(),
        side: b' ',
        ord_type: b' ',
        time_in_force: b' ',
        ord_status: b' ',
        cash_margin: b' ',
        exec_type: b' ',
        stream_pbu: [b' '; 8],
        pbu: [b' '; 8],
        cl_ord_id: [b' '; 10],
        orig_cl_ord_id: [b' '; 10],
        security_id: [b' '; 12],
        account: [b' '; 13],
        credit_tag: [b' '; 2],
        clearing_firm: [b' '; 8],
        branch_id: [b' '; 8],
        restrictions: [b' '; 4],
        order_id: [b' '; 16],
        exec_id: [b' '; 16],
        user_info: [b' '; 32],
        text: [b' '; 16],
        ..Report::default()
    }
}

/// A response (32) as the engine reads it; nothing for an `ExecType` that the protocol lacks.
#[inline]
#[must_use]
pub fn response_from_wire(wire: &ExecutionReport, origin: Origin) -> Option<Report> {
    let kind = match wire.exec_type {
        b'0' => ReportKind::Accepted,
        b'4' => ReportKind::Cancelled,
        b'8' => ReportKind::Rejected,
        _ => return None,
    };
    Some(Report {
        report_index: wire.report_index,
        price_e5: wire.price,
        qty_e3: wire.order_qty,
        leaves_e3: wire.leaves_qty,
        cancelled_e3: wire.cxl_qty,
        transact_time: wire.transact_time,
        code: wire.ord_rej_reason,
        set_id: wire.set_id,
        biz: wire.biz_id,
        trade_date: wire.trade_date,
        owner_type: wire.owner_type.into(),
        side: wire.side,
        ord_type: wire.ord_type,
        time_in_force: wire.time_in_force,
        ord_status: wire.ord_status,
        exec_type: wire.exec_type,
        stream_pbu: wire.pbu,
        pbu: wire.biz_pbu,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: wire.security_id,
        account: wire.account,
        credit_tag: wire.credit_tag,
        clearing_firm: wire.clearing_firm,
        branch_id: wire.branch_id,
        order_id: wire.ord_cnfm_id,
        exec_id: wire.orig_ord_cnfm_id,
        user_info: wire.user_info,
        ..blank(origin, kind)
    })
}

/// A fill (103) as the engine reads it.
#[inline]
#[must_use]
pub fn fill_from_wire(wire: &TradeReport, origin: Origin) -> Report {
    Report {
        report_index: wire.report_index,
        last_px_e5: wire.last_px,
        qty_e3: wire.order_qty,
        last_qty_e3: wire.last_qty,
        leaves_e3: wire.leaves_qty,
        amount_e5: wire.gross_trade_amt,
        transact_time: wire.transact_time,
        entry_time: wire.order_entry_time,
        set_id: wire.set_id,
        biz: wire.biz_id,
        trade_date: wire.trade_date,
        owner_type: wire.owner_type.into(),
        side: wire.side,
        ord_status: wire.ord_status,
        exec_type: wire.exec_type,
        stream_pbu: wire.pbu,
        pbu: wire.biz_pbu,
        cl_ord_id: wire.cl_ord_id,
        security_id: wire.security_id,
        account: wire.account,
        credit_tag: wire.credit_tag,
        clearing_firm: wire.clearing_firm,
        branch_id: wire.branch_id,
        order_id: wire.ord_cnfm_id,
        exec_id: wire.trd_cnfm_id,
        user_info: wire.user_info,
        ..blank(origin, ReportKind::Fill)
    }
}

/// A cancel refusal (59) as the engine reads it.
#[must_use]
pub fn cancel_reject_from_wire(wire: &CancelReject, origin: Origin) -> Report {
    Report {
        report_index: wire.report_index,
        transact_time: wire.transact_time,
        code: wire.cxl_rej_reason,
        set_id: wire.set_id,
        biz: wire.biz_id,
        trade_date: wire.trade_date,
        stream_pbu: wire.pbu,
        pbu: wire.biz_pbu,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: wire.security_id,
        branch_id: wire.branch_id,
        user_info: wire.user_info,
        ..blank(origin, ReportKind::CancelRejected)
    }
}

/// A refusal before the streams (204) as the engine reads it.
#[must_use]
pub fn order_reject_from_wire(wire: &OrderReject, origin: Origin) -> Report {
    Report {
        transact_time: wire.transact_time,
        code: wire.ord_rej_reason,
        biz: wire.biz_id,
        trade_date: wire.trade_date,
        pbu: wire.biz_pbu,
        cl_ord_id: wire.cl_ord_id,
        security_id: wire.security_id,
        user_info: wire.user_info,
        ..blank(origin, ReportKind::PreRejected)
    }
}

/// The end of a stream (210) as the engine reads it.
#[must_use]
pub fn end_from_wire(wire: &ExecRptEndOfStream, origin: Origin) -> Report {
    Report {
        report_index: wire.end_report_index,
        set_id: wire.set_id,
        stream_pbu: wire.pbu,
        ..blank(origin, ReportKind::EndOfStream)
    }
}

/// Write a report at a place of a client's stream.
///
/// # Errors
/// When `out` is too small or the kind is none of the protocol's.
#[inline]
pub fn encode_report(
    report: &Report,
    place: &Place,
    seq: u64,
    out: &mut [u8],
) -> Result<usize, WireError> {
    match ReportKind::from_number(report.kind) {
        Some(ReportKind::Fill) => encode(&fill_to_wire(report, place), seq, out),
        Some(ReportKind::CancelRejected) => encode(&cancel_reject_to_wire(report, place), seq, out),
        Some(ReportKind::PreRejected) => encode(&order_reject_to_wire(report), seq, out),
        Some(ReportKind::EndOfStream) => {
            let end = ExecRptEndOfStream {
                pbu: place.pbu,
                set_id: place.set_id,
                end_report_index: place.index,
            };
            encode(&end, seq, out)
        }
        _ => encode(&response_to_wire(report, place), seq, out),
    }
}

#[inline]
fn response_to_wire(report: &Report, place: &Place) -> ExecutionReport {
    ExecutionReport {
        pbu: place.pbu,
        set_id: place.set_id,
        report_index: place.index,
        biz_id: report.biz,
        exec_type: report.exec_type,
        biz_pbu: report.pbu,
        cl_ord_id: report.cl_ord_id,
        security_id: report.security_id,
        account: report.account,
        owner_type: report.owner_type.try_into().unwrap_or(0),
        side: report.side,
        price: report.price_e5,
        order_qty: report.qty_e3,
        leaves_qty: report.leaves_e3,
        cxl_qty: report.cancelled_e3,
        ord_type: report.ord_type,
        time_in_force: report.time_in_force,
        ord_status: report.ord_status,
        credit_tag: report.credit_tag,
        orig_cl_ord_id: report.orig_cl_ord_id,
        clearing_firm: report.clearing_firm,
        branch_id: report.branch_id,
        ord_rej_reason: report.code,
        ord_cnfm_id: report.order_id,
        orig_ord_cnfm_id: report.exec_id,
        trade_date: report.trade_date,
        transact_time: report.transact_time,
        user_info: report.user_info,
    }
}

#[inline]
fn fill_to_wire(report: &Report, place: &Place) -> TradeReport {
    TradeReport {
        pbu: place.pbu,
        set_id: place.set_id,
        report_index: place.index,
        biz_id: report.biz,
        exec_type: report.exec_type,
        biz_pbu: report.pbu,
        cl_ord_id: report.cl_ord_id,
        security_id: report.security_id,
        account: report.account,
        owner_type: report.owner_type.try_into().unwrap_or(0),
        order_entry_time: report.entry_time,
        last_px: report.last_px_e5,
        last_qty: report.last_qty_e3,
        gross_trade_amt: report.amount_e5,
        side: report.side,
        order_qty: report.qty_e3,
        leaves_qty: report.leaves_e3,
        ord_status: report.ord_status,
        credit_tag: report.credit_tag,
        clearing_firm: report.clearing_firm,
        branch_id: report.branch_id,
        trd_cnfm_id: report.exec_id,
        ord_cnfm_id: report.order_id,
        trade_date: report.trade_date,
        transact_time: report.transact_time,
        user_info: report.user_info,
    }
}

fn cancel_reject_to_wire(report: &Report, place: &Place) -> CancelReject {
    CancelReject {
        pbu: place.pbu,
        set_id: place.set_id,
        report_index: place.index,
        biz_id: report.biz,
        biz_pbu: report.pbu,
        cl_ord_id: report.cl_ord_id,
        security_id: report.security_id,
        orig_cl_ord_id: report.orig_cl_ord_id,
        branch_id: report.branch_id,
        cxl_rej_reason: report.code,
        trade_date: report.trade_date,
        transact_time: report.transact_time,
        user_info: report.user_info,
    }
}

fn order_reject_to_wire(report: &Report) -> OrderReject {
    OrderReject {
        biz_id: report.biz,
        biz_pbu: report.pbu,
        cl_ord_id: report.cl_ord_id,
        security_id: report.security_id,
        ord_rej_reason: report.code,
        trade_date: report.trade_date,
        transact_time: report.transact_time,
        user_info: report.user_info,
    }
}

/// The 204 by which the gate refuses an order.
///
/// # Errors
/// When the time is no time of day.
pub fn order_refusal(order: &NewOrder, refusal: &Refusal<'_>) -> Result<OrderReject, WireError> {
    Ok(OrderReject {
        biz_id: order.biz,
        biz_pbu: order.pbu,
        cl_ord_id: order.cl_ord_id,
        security_id: fit(order.security_id),
        ord_rej_reason: refusal.code,
        trade_date: refusal.trade_date,
        transact_time: ntime_from_ns(refusal.ns_of_day)?,
        user_info: order.user_info,
    })
}

/// The 204 by which the gate refuses a cancel.
///
/// # Errors
/// When the time is no time of day.
pub fn cancel_refusal(
    cancel: &CancelOrder,
    refusal: &Refusal<'_>,
) -> Result<OrderReject, WireError> {
    Ok(OrderReject {
        biz_id: cancel.biz,
        biz_pbu: cancel.pbu,
        cl_ord_id: cancel.cl_ord_id,
        security_id: cancel.security_id,
        ord_rej_reason: refusal.code,
        trade_date: refusal.trade_date,
        transact_time: ntime_from_ns(refusal.ns_of_day)?,
        user_info: cancel.user_info,
    })
}
