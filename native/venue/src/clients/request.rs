//! The messages by which an order system orders and cancels, of both markets.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 4.3; SZSE Binary trading interface v1.32, 4.5.

use panshi_wire::error::WireError;
use panshi_wire::scale::{szse_price_from_e5, szse_qty_from_e3};
use panshi_wire::time::{ntime_from_ns, stamp_from_ns};
use panshi_wire::{sse, szse};

use super::{Action, fit};

/// Shanghai's number of spot auction.
const BUSINESS: u32 = 100_010;
/// Shenzhen's number of spot auction.
const SPOT: [u8; 3] = *b"010";
const SOURCE: [u8; 4] = *b"102 ";

/// When a request is made.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
    /// Market time, ns of the day.
    pub ns_of_day: u64,
}

/// Shanghai's order.
///
/// # Errors
/// When the time is no time of day.
pub fn sse_order(action: &Action, when: When) -> Result<sse::NewOrderSingle, WireError> {
    Ok(sse::NewOrderSingle {
        biz_id: BUSINESS,
        biz_pbu: action.pbu,
        cl_ord_id: action.cl_ord_id,
        security_id: action.security_id,
        account: action.account,
        side: action.side,
        price: action.price_e5,
        order_qty: action.qty_e3,
        ord_type: action.ord_type,
        time_in_force: b'0',
        transact_time: ntime_from_ns(when.ns_of_day)?,
        branch_id: action.branch_id,
        user_info: action.user_info,
        ..sse::NewOrderSingle::default()
    })
}

/// Shanghai's cancel.
///
/// # Errors
/// When the time is no time of day.
pub fn sse_cancel(action: &Action, when: When) -> Result<sse::OrderCancel, WireError> {
    Ok(sse::OrderCancel {
        biz_id: BUSINESS,
        biz_pbu: action.pbu,
        cl_ord_id: action.cl_ord_id,
        security_id: action.security_id,
        account: action.account,
        side: action.side,
        orig_cl_ord_id: action.orig_cl_ord_id,
        transact_time: ntime_from_ns(when.ns_of_day)?,
        branch_id: action.branch_id,
        user_info: action.user_info,
        ..sse::OrderCancel::default()
    })
}

/// Shenzhen's order.
///
/// # Errors
/// When a value has no counterpart in the protocol's scale, or the time is no time of day.
pub fn szse_order(action: &Action, when: When) -> Result<szse::NewOrder, WireError> {
    Ok(szse::NewOrder {
        appl_id: SPOT,
        submitting_pbu_id: fit(action.pbu),
        security_id: fit(action.security_id),
        security_id_source: SOURCE,
        owner_type: action.owner_type,
        clearing_firm: *b"00",
        transact_time: stamp_from_ns(when.trade_date, when.ns_of_day)?,
        user_info: fit(action.user_info),
        cl_ord_id: action.cl_ord_id,
        account_id: fit(action.account),
        branch_id: fit(action.branch_id),
        order_restrictions: action.restrictions,
        side: action.side,
        ord_type: action.ord_type,
        order_qty: szse_qty_from_e3(action.qty_e3)?,
        price: szse_price_from_e5(action.price_e5)?,
        time_in_force: b'0',
        cash_margin: b'1',
        ..szse::NewOrder::default()
    })
}

/// Shenzhen's cancel.
///
/// # Errors
/// As [`szse_order`].
pub fn szse_cancel(action: &Action, when: When) -> Result<szse::CancelRequest, WireError> {
    Ok(szse::CancelRequest {
        appl_id: SPOT,
        submitting_pbu_id: fit(action.pbu),
        security_id: fit(action.security_id),
        security_id_source: SOURCE,
        owner_type: action.owner_type,
        clearing_firm: *b"00",
        transact_time: stamp_from_ns(when.trade_date, when.ns_of_day)?,
        user_info: fit(action.user_info),
        cl_ord_id: action.cl_ord_id,
        orig_cl_ord_id: action.orig_cl_ord_id,
        side: action.side,
        order_qty: szse_qty_from_e3(action.qty_e3)?,
        ..szse::CancelRequest::default()
    })
}
