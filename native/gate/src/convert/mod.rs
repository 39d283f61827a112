//! Between exchange messages and the engine's records, both directions, one file per protocol.

pub mod local;
pub mod platform;
pub mod rebuilt;
pub mod sse;
pub mod szse;
mod szse_out;
pub mod width;

use panshi_engine::kind::Market;
use panshi_engine::record::flow::{CancelOrder, NewOrder, Report};
use panshi_wire::error::WireError;

/// Number of the Shanghai market in records.
pub const SSE: u8 = Market::Sse.number();
/// Number of the Shenzhen market in records.
pub const SZSE: u8 = Market::Szse.number();

/// Where a converted message came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Market time of receipt.
    pub time_ns: u64,
    /// Client or exchange gateway number.
    pub number: u16,
}

/// The place that a report takes in a client's own stream.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Stream key on SSE.
    pub pbu: [u8; 8],
    /// Stream key.
    pub set_id: u32,
    /// Index in the stream.
    pub index: u64,
}

/// What a gateway needs besides the request to refuse it.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// Reason.
    pub code: u32,
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
    /// Nanoseconds of the day in Shanghai.
    pub ns_of_day: u64,
    /// ASCII text, cut to the field.
    pub text: &'a str,
}

/// Write an order as its market's message.
///
/// # Errors
/// When a value has no counterpart in the protocol's scale, or `out` is too small.
#[inline]
pub fn encode_order(order: &NewOrder, seq: u64, out: &mut [u8]) -> Result<usize, WireError> {
    if order.market == SSE {
        panshi_wire::sse::encode(&sse::order_to_wire(order), seq, out)
    } else {
        szse::encode_order(order, out)
    }
}

/// Write a cancel request as its market's message.
///
/// # Errors
/// As [`encode_order`].
#[inline]
pub fn encode_cancel(cancel: &CancelOrder, seq: u64, out: &mut [u8]) -> Result<usize, WireError> {
    if cancel.market == SSE {
        panshi_wire::sse::encode(&sse::cancel_to_wire(cancel), seq, out)
    } else {
        panshi_wire::szse::encode(&szse::cancel_to_wire(cancel)?, out)
    }
}

/// Write a report as its market's message, at a place of a client's stream.
///
/// # Errors
/// As [`encode_order`].
#[inline]
pub fn encode_report(
    report: &Report,
    place: &Place,
    seq: u64,
    out: &mut [u8],
) -> Result<usize, WireError> {
    if report.market == SSE {
        sse::encode_report(report, place, seq, out)
    } else {
        szse::encode_report(report, place, out)
    }
}

/// Write the refusal of an order by the gate.
///
/// # Errors
/// As [`encode_order`].
pub fn encode_order_refusal(
    order: &NewOrder,
    refusal: &Refusal<'_>,
    seq: u64,
    out: &mut [u8],
) -> Result<usize, WireError> {
    if order.market == SSE {
        panshi_wire::sse::encode(&sse::order_refusal(order, refusal)?, seq, out)
    } else {
        panshi_wire::szse::encode(&szse::order_refusal(order, refusal)?, out)
    }
}

/// Write the refusal of a cancel by the gate.
///
/// # Errors
/// As [`encode_order`].
pub fn encode_cancel_refusal(
    cancel: &CancelOrder,
    refusal: &Refusal<'_>,
    seq: u64,
    out: &mut [u8],
) -> Result<usize, WireError> {
    if cancel.market == SSE {
        panshi_wire::sse::encode(&sse::cancel_refusal(cancel, refusal)?, seq, out)
    } else {
        panshi_wire::szse::encode(&szse::cancel_refusal(cancel, refusal)?, out)
    }
}
