//! Best prices for whoever subscribes: a stand-in for the exchange's market data feed.
//!
//! A frame is the length of the record as `u32`, its type 34 as `u32`, and the record, all
//! little-endian; the record is the order engine's `Quote`.

use panshi_wire::layout::Layout;

use crate::cause::Market;
use crate::exchange::Exchange;
use crate::order::Side;

panshi_wire::layout! {
    /// Best prices of a security.
    little;
    pub struct Quote = 34, "Quote" {
        time_ns: u64 => "time_ns", "market time";
        bid_e5: i64 => "bid_e5", "best bid; 0: none";
        ask_e5: i64 => "ask_e5", "best ask; 0: none";
        last_e5: i64 => "last_e5", "last trade; 0: none yet";
        code: [u8; 8] => "code", "security code, space padded";
        market: u8 => "market", "1 SSE, 2 SZSE";
        spare: [u8; 7] => "spare", "zero";
    }
}

/// Quotes that changed and were not yet published.
#[derive(Debug, Default)]
pub struct Quotes {
    wanted: bool,
    out: Vec<u8>,
}

impl Quotes {
    /// Collects only when somebody wants to know.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        Self {
            wanted,
            out: Vec::new(),
        }
    }

    /// Note the best prices of every security that was touched.
    pub fn collect(&mut self, exchange: &mut Exchange, now_ns: u64) {
        if exchange.touched.is_empty() {
            return;
        }
        let mut touched = core::mem::take(&mut exchange.touched);
        if self.wanted {
            touched.sort_unstable();
            touched.dedup();
            for security in &touched {
                Self::frame(exchange, *security, now_ns, &mut self.out);
            }
        }
        touched.clear();
        exchange.touched = touched;
    }

    /// Append the frame of one security.
    pub fn frame(exchange: &Exchange, security: u32, now_ns: u64, out: &mut Vec<u8>) {
        let book = exchange.book(security);
        let code = exchange.security(security).code.as_bytes();
        let quote = Quote {
            time_ns: now_ns,
            bid_e5: book.best_e5(Side::Buy).unwrap_or(0),
            ask_e5: book.best_e5(Side::Sell).unwrap_or(0),
            last_e5: exchange.last_e5(security),
            code: panshi_wire::text::pad(code).unwrap_or([b' '; 8]),
            market: if exchange.market == Market::Sse { 1 } else { 2 },
            spare: [0; 7],
        };
        let mut record = [0; Quote::LEN];
        let _ = quote.write(&mut record);
        let length = u32::try_from(record.len()).unwrap_or(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&Quote::TYPE.to_le_bytes());
        out.extend_from_slice(&record);
    }

    /// Take the frames that were not yet published.
    pub fn take(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.out)
    }
}
