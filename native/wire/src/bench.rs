//! How long a new order takes from bytes to a struct and back to bytes.

use core::hint::black_box;
use std::time::Instant;

use crate::error::WireError;
use crate::text::pad;
use crate::{sse, szse};

/// Orders per clock reading: reading the clock costs more than half an order.
const BATCH: u32 = 256;

/// Time of one decode and encode, over all batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Half of the batches took at most this, in picoseconds per order.
    pub median_ps: u64,
    /// 99 of 100 batches took at most this, in picoseconds per order.
    pub p99_ps: u64,
    /// Orders measured.
    pub orders: u64,
}

/// The figures of both protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Message 58 of the Shanghai gateway, 145 bytes.
    pub sse: Figure,
    /// Message 100101 of the Shenzhen gateway, 121 bytes.
    pub szse: Figure,
}

/// Measure so many orders of each protocol, at least one batch.
///
/// Each order is framed, its checksum verified, decoded through the enum of all messages, and
/// encoded again with its checksum.
///
/// # Errors
/// When a sample message cannot be written or read, which would be a defect of this crate.
pub fn run(orders: u64) -> Result<Figures, WireError> {
    let batches = orders.div_ceil(u64::from(BATCH)).max(1);
    let mut bytes = [0; 256];
    let len = sse::encode(&sse_order(), 1, &mut bytes)?;
    let shanghai = measure(
        batches,
        bytes.get(..len).unwrap_or_default(),
        sse_there_and_back,
    )?;
    let len = szse::encode(&szse_order(), &mut bytes)?;
    let shenzhen = measure(
        batches,
        bytes.get(..len).unwrap_or_default(),
        szse_there_and_back,
    )?;
    Ok(Figures {
        sse: shanghai,
        szse: shenzhen,
    })
}

fn measure(
    batches: u64,
    bytes: &[u8],
    there_and_back: impl Fn(&[u8], &mut [u8]) -> Result<usize, WireError>,
) -> Result<Figure, WireError> {
    let mut out = [0; 256];
    let mut times_ps: Vec<u64> = Vec::new();
    for _ in 0..batches {
        let start = Instant::now();
        for _ in 0..BATCH {
            black_box(there_and_back(black_box(bytes), black_box(&mut out))?);
        }
        let ps = start.elapsed().as_nanos() * 1000 / u128::from(BATCH);
        times_ps.push(u64::try_from(ps).unwrap_or(u64::MAX));
    }
    times_ps.sort_unstable();
    let at = |percent: usize| {
        let last = times_ps.len().saturating_sub(1);
        times_ps
            .get((times_ps.len() * percent / 100).min(last))
            .copied()
            .unwrap_or_default()
    };
    let figure = Figure {
        median_ps: at(50),
        p99_ps: at(99),
        orders: batches * u64::from(BATCH),
    };
    Ok(figure)
}

fn sse_there_and_back(bytes: &[u8], out: &mut [u8]) -> Result<usize, WireError> {
    let Some(frame) = sse::frame(bytes)? else {
        return Ok(0);
    };
    match sse::Message::decode(&frame)? {
        sse::Message::NewOrderSingle(order) => sse::encode(&black_box(order), frame.seq + 1, out),
        _ => Ok(0),
    }
}

fn szse_there_and_back(bytes: &[u8], out: &mut [u8]) -> Result<usize, WireError> {
    let Some(frame) = szse::frame(bytes)? else {
        return Ok(0);
    };
    match szse::Message::decode(&frame)? {
        szse::Message::NewOrder(order) => szse::encode(&black_box(order), out),
        _ => Ok(0),
    }
}

fn sse_order() -> sse::NewOrderSingle {
    let empty = sse::NewOrderSingle::default();
    sse::NewOrderSingle {
        biz_id: 100_010,
        biz_pbu: *b"20001   ",
        cl_ord_id: *b"A000000001",
        security_id: pad(b"600000").unwrap_or(empty.security_id),
        account: pad(b"A123456789").unwrap_or(empty.account),
        side: b'1',
        price: 1_234_000,
        order_qty: 100_000,
        ord_type: b'2',
        time_in_force: b'0',
        transact_time: 930_001_234_567,
        branch_id: *b"00001   ",
        ..empty
    }
}

fn szse_order() -> szse::NewOrder {
    szse::NewOrder {
        appl_id: *b"010",
        submitting_pbu_id: *b"000100",
        security_id: *b"000001  ",
        security_id_source: *b"102 ",
        owner_type: 1,
        clearing_firm: *b"01",
        transact_time: 20_260_720_093_000_123,
        cl_ord_id: *b"0000000001",
        account_id: *b"0123456789  ",
        branch_id: *b"0001",
        side: b'1',
        ord_type: b'2',
        order_qty: 10_000,
        price: 123_400,
        time_in_force: b'0',
        cash_margin: b'1',
        ..szse::NewOrder::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_work_really_happens() {
        let mut bytes = [0; 256];
        let mut out = [0; 256];
        let len = sse::encode(&sse_order(), 7, &mut bytes).unwrap();
        assert_eq!(sse_there_and_back(&bytes[..len], &mut out), Ok(145));
        assert_eq!(sse::frame(&out[..145]).unwrap().unwrap().seq, 8);
        sse::reseal(&mut out[..145], 7).unwrap();
        assert_eq!(out[..145], bytes[..145]);
        let len = szse::encode(&szse_order(), &mut bytes).unwrap();
        assert_eq!(szse_there_and_back(&bytes[..len], &mut out), Ok(121));
        assert_eq!(out[..121], bytes[..121]);
    }

    #[test]
    fn figures_cover_the_orders_asked_for() {
        let figures = run(1000).unwrap();
        for figure in [figures.sse, figures.szse] {
            assert_eq!(figure.orders, 1024);
            assert!(figure.median_ps <= figure.p99_ps);
        }
        assert_eq!(run(0).unwrap().sse.orders, 256);
    }
}
