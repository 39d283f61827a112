//! What an order system takes out of the reports and refusals of both markets.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 4.3; SZSE Binary trading interface v1.32, 4.5.

use panshi_wire::error::WireError;
use panshi_wire::layout::Layout;
use panshi_wire::scale::{szse_price_to_e5, szse_qty_to_e3};
use panshi_wire::{sse, szse};

use super::{CANCELLED, Event, PRE_REJECTED, fit};

/// The event in a message of Shanghai, if it is one.
#[must_use]
pub fn sse_event(message: &sse::Message<'_>) -> Option<Event> {
    match message {
        sse::Message::ExecutionReport(wire) => Some(sse_response(wire)),
        sse::Message::TradeReport(wire) => Some(sse_fill(wire)),
        sse::Message::CancelReject(wire) => Some(sse_cancel_reject(wire)),
        sse::Message::OrderReject(wire) => Some(sse_order_reject(wire)),
        _ => None,
    }
}

/// The event in a message of Shenzhen, if it is one.
///
/// # Errors
/// When a value has no counterpart in our scale.
pub fn szse_event(
    message: &szse::Message<'_>,
    frame: &szse::Frame<'_>,
) -> Result<Option<Event>, WireError> {
    match message {
        szse::Message::Confirm(_) => szse::ConfirmBase::read(frame.body)
            .map(|wire| szse_confirm(&wire))
            .transpose(),
        szse::Message::Fill(_) => szse::FillBase::read(frame.body)
            .map(|wire| szse_fill(&wire))
            .transpose(),
        szse::Message::CancelReject(wire) => Ok(Some(szse_cancel_reject(wire))),
        szse::Message::BusinessReject(wire) => Ok(Some(szse_business_reject(wire))),
        _ => Ok(None),
    }
}

fn sse_response(wire: &sse::ExecutionReport) -> Event {
    let (kind, qty_e3) = match wire.exec_type {
        b'4' => (CANCELLED, wire.cxl_qty),
        b'8' => (2, wire.order_qty),
        _ => (1, wire.order_qty),
    };
    Event {
        report_index: wire.report_index,
        price_e5: wire.price,
        qty_e3,
        code: wire.ord_rej_reason,
        set_id: wire.set_id,
        kind,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: wire.security_id,
        account: wire.account,
        stream_pbu: wire.pbu,
        ..Event::default()
    }
}

fn sse_fill(wire: &sse::TradeReport) -> Event {
    Event {
        report_index: wire.report_index,
        price_e5: wire.last_px,
        qty_e3: wire.last_qty,
        set_id: wire.set_id,
        kind: 4,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        security_id: wire.security_id,
        account: wire.account,
        exec_id: wire.trd_cnfm_id,
        stream_pbu: wire.pbu,
        ..Event::default()
    }
}

fn sse_cancel_reject(wire: &sse::CancelReject) -> Event {
    Event {
        report_index: wire.report_index,
        code: wire.cxl_rej_reason,
        set_id: wire.set_id,
        kind: 5,
        side: b' ',
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: wire.security_id,
        stream_pbu: wire.pbu,
        ..Event::default()
    }
}

fn sse_order_reject(wire: &sse::OrderReject) -> Event {
    Event {
        code: wire.ord_rej_reason,
        kind: PRE_REJECTED,
        side: b' ',
        cl_ord_id: wire.cl_ord_id,
        security_id: wire.security_id,
        ..Event::default()
    }
}

fn szse_confirm(wire: &szse::ConfirmBase) -> Result<Event, WireError> {
    let (kind, qty) = match wire.exec_type {
        b'4' => (CANCELLED, wire.order_qty.saturating_sub(wire.cum_qty)),
        b'8' => (2, wire.order_qty),
        _ => (1, wire.order_qty),
    };
    Ok(Event {
        report_index: wire.report_index.cast_unsigned(),
        price_e5: szse_price_to_e5(wire.price)?,
        qty_e3: szse_qty_to_e3(qty)?,
        code: wire.ord_rej_reason.into(),
        set_id: wire.partition_no.cast_unsigned(),
        kind,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        ..Event::default()
    })
}

fn szse_fill(wire: &szse::FillBase) -> Result<Event, WireError> {
    Ok(Event {
        report_index: wire.report_index.cast_unsigned(),
        price_e5: szse_price_to_e5(wire.last_px)?,
        qty_e3: szse_qty_to_e3(wire.last_qty)?,
        set_id: wire.partition_no.cast_unsigned(),
        kind: 4,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        exec_id: wire.exec_id,
        ..Event::default()
    })
}

fn szse_cancel_reject(wire: &szse::CancelReject) -> Event {
    Event {
        report_index: wire.report_index.cast_unsigned(),
        code: wire.cxl_rej_reason.into(),
        set_id: wire.partition_no.cast_unsigned(),
        kind: 5,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        ..Event::default()
    }
}

fn szse_business_reject(wire: &szse::BusinessReject) -> Event {
    Event {
        code: wire.business_reject_reason.into(),
        kind: PRE_REJECTED,
        side: b' ',
        cl_ord_id: wire.business_reject_ref_id,
        security_id: fit(wire.security_id),
        ..Event::default()
    }
}
