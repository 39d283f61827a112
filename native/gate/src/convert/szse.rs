//! Shenzhen: TGW messages and the engine's records. Prices and quantities change scale by ten.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 4, 5 and 7.

use panshi_engine::kind::{OrderType, ReportKind};
use panshi_engine::record::flow::{CancelOrder, NewOrder, Report};
use panshi_wire::error::WireError;
use panshi_wire::scale::{szse_price_from_e5, szse_price_to_e5, szse_qty_from_e3, szse_qty_to_e3};
use panshi_wire::szse::{
    BusinessReject, CancelReject, CancelRequest, ConfirmBase, FillBase, NewOrder as Order010,
    NewOrder103701 as Order370, OrderBase, ReportFinished, encode,
};
use panshi_wire::time::stamp_from_ns;

use super::platform::{platform_of, set_id_of};
use super::width::{fit, text};
use super::{Origin, Place, Refusal, SZSE};

/// `SecurityIDSource` of Shenzhen.
pub const SOURCE: [u8; 4] = *b"102 ";
/// After-hours fixed price.
pub const FIXED_PRICE: u32 = 370;
const NEW_ORDER: u32 = 100_101;
const NEW_ORDER_FIXED: u32 = 103_701;
const CANCEL_REQUEST: u32 = 190_007;

/// `ApplID` as a number; anything but three digits is 0, which no business has.
#[inline]
fn business(appl_id: [u8; 3]) -> u32 {
    appl_id
        .iter()
        .try_fold(0, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + u32::from(digit - b'0'))
        })
        .unwrap_or(0)
}

/// A business number as `ApplID`.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a digit fits a byte")]
pub fn appl_id(biz: u32) -> [u8; 3] {
    [100, 10, 1].map(|unit| b'0' + (biz / unit % 10) as u8)
}

/// The order type that the fields of an order form; 0 when they form none (2.6 of the fact sheet).
#[inline]
pub(super) fn order_type(
    ord_type: u8,
    time_in_force: u8,
    max_levels: u16,
    min_qty: i64,
    qty: i64,
) -> u8 {
    let kind = match (time_in_force, ord_type, max_levels) {
        (b'0', b'2', 0) if min_qty == 0 => OrderType::Limit,
        (b'0', b'U', 0) if min_qty == 0 => OrderType::OwnBest,
        (b'0', b'1', 1) if min_qty == 0 => OrderType::CounterBest,
        (b'3', b'1', 0) if min_qty == 0 => OrderType::Immediate,
        (b'3', b'1', 0) if min_qty == qty => OrderType::FillOrKill,
        (b'3', b'1', 5) if min_qty == 0 => OrderType::BestFiveCancel,
        _ => return 0,
    };
    kind.number()
}

fn order_base(wire: &OrderBase, origin: Origin) -> Result<NewOrder, WireError> {
    Ok(NewOrder {
        time_ns: origin.time_ns,
        price_e5: szse_price_to_e5(wire.price)?,
        qty_e3: szse_qty_to_e3(wire.order_qty)?,
        transact_time: wire.transact_time.cast_unsigned(),
        biz: business(wire.appl_id),
        owner_type: wire.owner_type,
        client: origin.number,
        market: SZSE,
        side: wire.side,
        ord_type: wire.ord_type,
        time_in_force: b'0',
        cash_margin: b'1',
        pbu: fit(wire.submitting_pbu_id),
        cl_ord_id: wire.cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        credit_tag: *b"  ",
        clearing_firm: fit(wire.clearing_firm),
        branch_id: fit(wire.branch_id),
        restrictions: wire.order_restrictions,
        user_info: fit(wire.user_info),
        ..NewOrder::default()
    })
}

/// A spot-auction order (100101) as the engine reads it; `base` is its common part.
///
/// # Errors
/// When price or quantity do not fit the gate's scale.
pub fn order_from_wire(
    base: &OrderBase,
    wire: &Order010,
    origin: Origin,
) -> Result<NewOrder, WireError> {
    Ok(NewOrder {
        min_qty_e3: szse_qty_to_e3(wire.min_qty)?,
        stop_px_e5: szse_price_to_e5(wire.stop_px)?,
        max_levels: wire.max_price_levels,
        order_type: order_type(
            wire.ord_type,
            wire.time_in_force,
            wire.max_price_levels,
            wire.min_qty,
            wire.order_qty,
        ),
        time_in_force: wire.time_in_force,
        cash_margin: wire.cash_margin,
        ..order_base(base, origin)?
    })
}

/// An after-hours fixed-price order (103701) as the engine reads it.
///
/// # Errors
/// As [`order_from_wire`].
pub fn fixed_from_wire(
    base: &OrderBase,
    wire: &Order370,
    origin: Origin,
) -> Result<NewOrder, WireError> {
    Ok(NewOrder {
        order_type: super::rebuilt::fixed_type(wire.ord_type),
        cash_margin: wire.cash_margin,
        ..order_base(base, origin)?
    })
}

/// Write an order as it goes to the exchange.
///
/// # Errors
/// When a value is finer than the protocol's scale or `out` is too small.
pub fn encode_order(order: &NewOrder, out: &mut [u8]) -> Result<usize, WireError> {
    if order.biz == FIXED_PRICE {
        return encode(&fixed_to_wire(order)?, out);
    }
    let wire = Order010 {
        appl_id: appl_id(order.biz),
        submitting_pbu_id: fit(order.pbu),
        security_id: fit(order.security_id),
        security_id_source: SOURCE,
        owner_type: order.owner_type,
        clearing_firm: fit(order.clearing_firm),
        transact_time: order.transact_time.cast_signed(),
        user_info: fit(order.user_info),
        cl_ord_id: order.cl_ord_id,
        account_id: fit(order.account),
        branch_id: fit(order.branch_id),
        order_restrictions: order.restrictions,
        side: order.side,
        ord_type: order.ord_type,
        order_qty: szse_qty_from_e3(order.qty_e3)?,
        price: szse_price_from_e5(order.price_e5)?,
        stop_px: szse_price_from_e5(order.stop_px_e5)?,
        min_qty: szse_qty_from_e3(order.min_qty_e3)?,
        max_price_levels: order.max_levels,
        time_in_force: order.time_in_force,
        cash_margin: order.cash_margin,
    };
    encode(&wire, out)
}

fn fixed_to_wire(order: &NewOrder) -> Result<Order370, WireError> {
    Ok(Order370 {
        appl_id: appl_id(order.biz),
        submitting_pbu_id: fit(order.pbu),
        security_id: fit(order.security_id),
        security_id_source: SOURCE,
        owner_type: order.owner_type,
        clearing_firm: fit(order.clearing_firm),
        transact_time: order.transact_time.cast_signed(),
        user_info: fit(order.user_info),
        cl_ord_id: order.cl_ord_id,
        account_id: fit(order.account),
        branch_id: fit(order.branch_id),
        order_restrictions: order.restrictions,
        side: order.side,
        ord_type: order.ord_type,
        order_qty: szse_qty_from_e3(order.qty_e3)?,
        price: szse_price_from_e5(order.price_e5)?,
        cash_margin: order.cash_margin,
    })
}

/// A cancel request (190007) as the engine reads it.
///
/// # Errors
/// When the quantity does not fit the gate's scale.
pub fn cancel_from_wire(wire: &CancelRequest, origin: Origin) -> Result<CancelOrder, WireError> {
    Ok(CancelOrder {
        time_ns: origin.time_ns,
        transact_time: wire.transact_time.cast_unsigned(),
        qty_e3: szse_qty_to_e3(wire.order_qty)?,
        biz: business(wire.appl_id),
        owner_type: wire.owner_type,
        client: origin.number,
        market: SZSE,
        side: wire.side,
        pbu: fit(wire.submitting_pbu_id),
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        account: [b' '; 13],
        clearing_firm: fit(wire.clearing_firm),
        branch_id: [b' '; 8],
        order_id: wire.order_id,
        user_info: fit(wire.user_info),
        spare: [0; 1],
    })
}

/// A cancel request as it goes to the exchange.
///
/// # Errors
/// When the quantity is finer than the protocol's scale.
pub fn cancel_to_wire(cancel: &CancelOrder) -> Result<CancelRequest, WireError> {
    Ok(CancelRequest {
        appl_id: appl_id(cancel.biz),
        submitting_pbu_id: fit(cancel.pbu),
        security_id: fit(cancel.security_id),
        security_id_source: SOURCE,
        owner_type: cancel.owner_type,
        clearing_firm: fit(cancel.clearing_firm),
        transact_time: cancel.transact_time.cast_signed(),
        user_info: fit(cancel.user_info),
        cl_ord_id: cancel.cl_ord_id,
        orig_cl_ord_id: cancel.orig_cl_ord_id,
        side: cancel.side,
        order_id: cancel.order_id,
        order_qty: szse_qty_from_e3(cancel.qty_e3)?,
    })
}

fn blank(origin: Origin, kind: ReportKind) -> Report {
    Report {
        time_ns: origin.time_ns,
        gateway: origin.number,
        market: SZSE,
        kind: kind.number(),
        side: b' ',
        ord_type: b' ',
        time_in_force: b'0',
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

/// What a confirm carries beyond its common part.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmTail {
    /// `MinQty`.
    pub min_qty: i64,
    /// `MaxPriceLevels`.
    pub max_levels: u16,
    /// `TimeInForce`.
    pub time_in_force: u8,
    /// `CashMargin`.
    pub cash_margin: u8,
}

/// A confirm (200102, 203702) as the engine reads it; nothing for an unknown `ExecType`.
///
/// # Errors
/// When price or quantity do not fit the gate's scale.
pub fn confirm_from_wire(
    wire: &ConfirmBase,
    tail: &ConfirmTail,
    origin: Origin,
) -> Result<Option<Report>, WireError> {
    let kind = match wire.exec_type {
        b'0' => ReportKind::Accepted,
        b'4' => ReportKind::Cancelled,
        b'8' => ReportKind::Rejected,
        _ => return Ok(None),
    };
    let (qty_e3, cum_e3) = (
        szse_qty_to_e3(wire.order_qty)?,
        szse_qty_to_e3(wire.cum_qty)?,
    );
    let cancelled = if kind == ReportKind::Cancelled {
        qty_e3.saturating_sub(cum_e3)
    } else {
        0
    };
    Ok(Some(Report {
        report_index: wire.report_index.cast_unsigned(),
        price_e5: szse_price_to_e5(wire.price)?,
        qty_e3,
        leaves_e3: szse_qty_to_e3(wire.leaves_qty)?,
        cum_e3,
        cancelled_e3: cancelled,
        transact_time: wire.transact_time.cast_unsigned(),
        code: wire.ord_rej_reason.into(),
        set_id: set_id_of(platform_of(business(wire.appl_id)), wire.partition_no),
        biz: business(wire.appl_id),
        owner_type: wire.owner_type,
        side: wire.side,
        ord_type: wire.ord_type,
        time_in_force: tail.time_in_force,
        ord_status: wire.ord_status,
        cash_margin: tail.cash_margin,
        exec_type: wire.exec_type,
        stream_pbu: fit(wire.reporting_pbu_id),
        pbu: fit(wire.submitting_pbu_id),
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        clearing_firm: fit(wire.clearing_firm),
        branch_id: fit(wire.branch_id),
        restrictions: wire.order_restrictions,
        order_id: wire.order_id,
        exec_id: wire.exec_id,
        user_info: fit(wire.user_info),
        max_levels: tail.max_levels,
        min_qty_e3: szse_qty_to_e3(tail.min_qty)?,
        ..blank(origin, kind)
    }))
}

/// A fill (200115, 203715) as the engine reads it.
///
/// # Errors
/// As [`confirm_from_wire`].
pub fn fill_from_wire(
    wire: &FillBase,
    cash_margin: u8,
    origin: Origin,
) -> Result<Report, WireError> {
    Ok(Report {
        report_index: wire.report_index.cast_unsigned(),
        last_px_e5: szse_price_to_e5(wire.last_px)?,
        last_qty_e3: szse_qty_to_e3(wire.last_qty)?,
        leaves_e3: szse_qty_to_e3(wire.leaves_qty)?,
        cum_e3: szse_qty_to_e3(wire.cum_qty)?,
        transact_time: wire.transact_time.cast_unsigned(),
        set_id: set_id_of(platform_of(business(wire.appl_id)), wire.partition_no),
        biz: business(wire.appl_id),
        owner_type: wire.owner_type,
        side: wire.side,
        ord_status: wire.ord_status,
        cash_margin,
        exec_type: wire.exec_type,
        stream_pbu: fit(wire.reporting_pbu_id),
        pbu: fit(wire.submitting_pbu_id),
        cl_ord_id: wire.cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        clearing_firm: fit(wire.clearing_firm),
        branch_id: fit(wire.branch_id),
        order_id: wire.order_id,
        exec_id: wire.exec_id,
        user_info: fit(wire.user_info),
        ..blank(origin, ReportKind::Fill)
    })
}

/// A cancel refusal (290008) as the engine reads it.
#[must_use]
pub fn cancel_reject_from_wire(wire: &CancelReject, origin: Origin) -> Report {
    Report {
        report_index: wire.report_index.cast_unsigned(),
        transact_time: wire.transact_time.cast_unsigned(),
        code: wire.cxl_rej_reason.into(),
        set_id: set_id_of(platform_of(business(wire.appl_id)), wire.partition_no),
        biz: business(wire.appl_id),
        owner_type: wire.owner_type,
        side: wire.side,
        ord_status: wire.ord_status,
        stream_pbu: fit(wire.reporting_pbu_id),
        pbu: fit(wire.submitting_pbu_id),
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        clearing_firm: fit(wire.clearing_firm),
        order_id: wire.order_id,
        user_info: fit(wire.user_info),
        text: wire.reject_text,
        ..blank(origin, ReportKind::CancelRejected)
    }
}

/// A refusal before the streams (4) as the engine reads it.
#[must_use]
pub fn business_reject_from_wire(wire: &BusinessReject, origin: Origin) -> Report {
    Report {
        transact_time: wire.transact_time.cast_unsigned(),
        code: wire.business_reject_reason.into(),
        biz: business(wire.appl_id),
        pbu: fit(wire.submitting_pbu_id),
        cl_ord_id: wire.business_reject_ref_id,
        security_id: fit(wire.security_id),
        text: fit(wire.business_reject_text),
        entry_time: wire.ref_msg_type.into(),
        ..blank(origin, ReportKind::PreRejected)
    }
}

/// The end of a stream (7) as the engine reads it.
#[must_use]
pub fn end_from_wire(wire: &ReportFinished, origin: Origin) -> Report {
    Report {
        report_index: wire.report_index.cast_unsigned(),
        set_id: set_id_of(wire.platform_id, wire.partition_no),
        biz: wire.platform_id.into(),
        ..blank(origin, ReportKind::EndOfStream)
    }
}

/// Write a report at a place of a client's stream.
///
/// # Errors
/// When a value is finer than the protocol's scale or `out` is too small.
pub fn encode_report(report: &Report, place: &Place, out: &mut [u8]) -> Result<usize, WireError> {
    super::szse_out::encode_report(report, place, out)
}

/// The message by which the gate refuses an order.
///
/// # Errors
/// When the time is no time of day.
pub fn order_refusal(order: &NewOrder, refusal: &Refusal<'_>) -> Result<BusinessReject, WireError> {
    let kind = if order.biz == FIXED_PRICE {
        NEW_ORDER_FIXED
    } else {
        NEW_ORDER
    };
    Ok(BusinessReject {
        appl_id: appl_id(order.biz),
        submitting_pbu_id: fit(order.pbu),
        security_id: fit(order.security_id),
        ref_msg_type: kind,
        business_reject_ref_id: order.cl_ord_id,
        ..refusal_base(refusal)?
    })
}

/// The message by which the gate refuses a cancel.
///
/// # Errors
/// When the time is no time of day.
pub fn cancel_refusal(
    cancel: &CancelOrder,
    refusal: &Refusal<'_>,
) -> Result<BusinessReject, WireError> {
    Ok(BusinessReject {
        appl_id: appl_id(cancel.biz),
        submitting_pbu_id: fit(cancel.pbu),
        security_id: fit(cancel.security_id),
        ref_msg_type: CANCEL_REQUEST,
        business_reject_ref_id: cancel.cl_ord_id,
        ..refusal_base(refusal)?
    })
}

/// The parts of a refusal that do not come from the request.
///
/// # Errors
/// When the time is no time of day.
pub fn refusal_base(refusal: &Refusal<'_>) -> Result<BusinessReject, WireError> {
    Ok(BusinessReject {
        transact_time: stamp_from_ns(refusal.trade_date, refusal.ns_of_day)?,
        security_id_source: SOURCE,
        ref_seq_num: 0,
        business_reject_reason: refusal.code.try_into().unwrap_or(u16::MAX),
        business_reject_text: text(refusal.text),
        ..BusinessReject::default()
    })
}
