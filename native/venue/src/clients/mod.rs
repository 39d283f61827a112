//! Simulated client order systems: they log on, send orders at their market moments, and write
//! down everything that comes back.
//!
//! One thread serves all sessions, without blocking, so that a session that has nothing to say
//! does not hold up another. The caller gives the actions and gets the events; what either means
//! for an account is not known here.

mod config;
mod drive;
mod lanes;
pub mod report;
pub mod request;
mod session;
mod sse;
mod szse;

pub use config::{Config, Protocol, SessionConfig};
pub use drive::run;

/// An event of an order that was cancelled.
pub const CANCELLED: u8 = 3;
/// An event of a refusal outside the report streams.
pub const PRE_REJECTED: u8 = 6;

panshi_wire::layout! {
    /// An order or a cancel that a session sends when market time comes to it.
    little;
    pub struct Action = 1, "Action" {
        at_ns: u64 => "at_ns", "market time, ns of the day; actions are in its order";
        price_e5: i64 => "price_e5", "limit, 1/100000 yuan; 0 for a cancel";
        qty_e3: i64 => "qty_e3", "quantity in 1/1000 share";
        session: u16 => "session", "place of the session in the configuration, from 0";
        owner_type: u16 => "owner_type", "1 individual, 103 institution, 104 proprietary";
        kind: u8 => "kind", "1 order, 2 cancel";
        side: Char => "side", "1 buy, 2 sell";
        ord_type: Char => "ord_type", "as on the wire, 2 limit";
        spare: u8 => "spare", "zero";
        cl_ord_id: [u8; 10] => "cl_ord_id", "id of the order or of the cancel";
        orig_cl_ord_id: [u8; 10] => "orig_cl_ord_id", "order to cancel; spaces for an order";
        security_id: [u8; 12] => "security_id", "space padded";
        account: [u8; 13] => "account", "space padded";
        pbu: [u8; 8] => "pbu", "space padded";
        branch_id: [u8; 8] => "branch_id", "space padded";
        user_info: [u8; 32] => "user_info", "space padded";
        restrictions: [u8; 4] => "restrictions", "SZSE, space padded";
    }

    /// Something that a session was told.
    little;
    pub struct Event = 2, "Event" {
        market_ns: u64 => "market_ns", "market time of receipt, ns since the Unix epoch";
        latency_ns: u64 => "latency_ns", "wall time since the request was sent; 0: not its first answer";
        report_index: u64 => "report_index", "index in its stream; 0: outside the streams";
        price_e5: i64 => "price_e5", "price of a fill, else of the order";
        qty_e3: i64 => "qty_e3", "quantity of a fill or of what was cancelled, else of the order";
        code: u32 => "code", "reason of a refusal";
        set_id: u32 => "set_id", "SetID or partition of the stream";
        session: u16 => "session", "place of the session in the configuration, from 0";
        kind: u8 => "kind", "see the engine's ReportKind: 1 accepted .. 6 refused before the streams, 7 end of stream";
        side: Char => "side", "1 buy, 2 sell; space where the message has none";
        cl_ord_id: [u8; 10] => "cl_ord_id", "as reported";
        orig_cl_ord_id: [u8; 10] => "orig_cl_ord_id", "as reported";
        security_id: [u8; 12] => "security_id", "as reported";
        account: [u8; 13] => "account", "as reported; spaces where the message has none";
        exec_id: [u8; 16] => "exec_id", "of a fill";
        stream_pbu: [u8; 8] => "stream_pbu", "SSE: PBU of the stream";
    }
}

/// Copy text into a field of another width: padded with spaces, or cut on the right.
fn fit<const FROM: usize, const TO: usize>(field: [u8; FROM]) -> [u8; TO] {
    let mut out = [b' '; TO];
    let len = FROM.min(TO);
    out[..len].copy_from_slice(&field[..len]);
    out
}

#[cfg(test)]
mod tests {
    use super::{Action, Event, fit};
    use panshi_wire::layout::Layout;

    #[test]
    fn records_have_whole_lengths_without_gaps() {
        for (len, fields) in [(Action::LEN, Action::FIELDS), (Event::LEN, Event::FIELDS)] {
            assert_eq!(len, fields.iter().map(|field| field.width).sum::<usize>());
        }
        assert_eq!(fit::<2, 4>(*b"ab"), *b"ab  ");
        assert_eq!(fit::<4, 2>(*b"abcd"), *b"ab");
    }
}
