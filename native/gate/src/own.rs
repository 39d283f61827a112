//! Records that the gate itself keeps in its journal beside the engine's inputs and outputs.

use panshi_engine::record::catalogue::RecordDesc;
use panshi_wire::layout::Layout;

use crate::gate::Gate;
use crate::mark::{StateHash, StateMark};
use crate::stamp::Stamps;

/// First type number of them.
pub const FIRST: u16 = 200;

panshi_wire::layout! {
    /// After a recovery and all reports that the exchange had: nobody knows what became of an order or of its cancel.
    little;
    pub struct UnknownOrder = 203, "UnknownOrder" {
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder";
        frozen_e5: i64 => "frozen_e5", "cash that stays frozen";
        order: u32 => "order", "order number in the engine";
        gateway: u16 => "gateway", "exchange gateway number";
        what: u8 => "what", "1 the order is unconfirmed, 2 its cancel is";
        spare: u8 => "spare", "zero";
    }

    /// A gateway takes orders again after a recovery.
    little;
    pub struct GatewayActive = 204, "GatewayActive" {
        time_ns: u64 => "time_ns", "market time";
        unknown: u32 => "unknown", "orders that are unconfirmed then";
        gateway: u16 => "gateway", "exchange gateway number";
        by: u8 => "by", "1 configuration, 2 a person, named in the Command before, 3 that person before the reports were applied";
        spare: u8 => "spare", "zero";
    }

    /// An order that stayed unconfirmed after a recovery is sent again under its own id, or is kept from it.
    little;
    pub struct OrderResent = 205, "OrderResent" {
        time_ns: u64 => "time_ns", "market time";
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder";
        order: u32 => "order", "order number in the engine";
        code: u32 => "code", "0 sent; else the code of what keeps it: it stays unconfirmed";
        gateway: u16 => "gateway", "exchange gateway number";
        spare: [u8; 6] => "spare", "zero";
    }

    /// The exchange says that an order which was sent again had arrived the first time.
    little;
    pub struct ResendKnown = 206, "ResendKnown" {
        time_ns: u64 => "time_ns", "market time";
        order: u32 => "order", "order number in the engine";
        gateway: u16 => "gateway", "exchange gateway number";
        spare: [u8; 2] => "spare", "zero";
    }

    /// A link went to the other data centre.
    little;
    pub struct CentreChange = 210, "CentreChange" {
        time_ns: u64 => "time_ns", "market time";
        gateway: u16 => "gateway", "exchange gateway number";
        platform: u16 => "platform", "platform of the connection";
        failures: u32 => "failures", "failures in a row before it";
        market: u8 => "market", "1 SSE, 2 SZSE";
        from: u8 => "from", "centre that was left: 0 main, 1 backup";
        to: u8 => "to", "centre that is used from now on";
        cause: u8 => "cause", "see Cause: 1 command, 2 connect, 3 loss, 4 not ready, 5 heartbeat, 6 refused, 7 drill";
        spare: u32 => "spare", "zero";
    }

    /// The right to log a gateway number in was given or has ended; only where a lease is needed.
    little;
    pub struct NumberClaim = 211, "NumberClaim" {
        time_ns: u64 => "time_ns", "market time";
        token: u64 => "token", "number of the lease's holding; it grows with every change of the holder";
        gateway: u16 => "gateway", "exchange gateway number";
        platform: u16 => "platform", "platform of the connection";
        market: u8 => "market", "1 SSE, 2 SZSE";
        held: u8 => "held", "1 given, 0 ended";
        spare: [u8; 2] => "spare", "zero";
    }
}

panshi_wire::layout! {
    /// The room of the journal's disk went over or under a threshold.
    little;
    pub struct RoomChange = 220, "RoomChange" {
        time_ns: u64 => "time_ns", "market time";
        free_bytes: u64 => "free_bytes", "free bytes of the disk";
        from: u8 => "from", "0 enough, 1 low, 2 cancel only";
        to: u8 => "to", "as from";
        spare: [u8; 6] => "spare", "zero";
    }
}

const fn describe<L: Layout>() -> RecordDesc {
    RecordDesc {
        number: L::TYPE,
        name: L::NAME,
        len: L::LEN,
        fields: L::FIELDS,
    }
}

/// Every one of them, described.
pub const CATALOGUE: &[RecordDesc] = &[
    describe::<Stamps>(),
    describe::<StateMark>(),
    describe::<StateHash>(),
    describe::<UnknownOrder>(),
    describe::<GatewayActive>(),
    describe::<OrderResent>(),
    describe::<ResendKnown>(),
    describe::<CentreChange>(),
    describe::<NumberClaim>(),
    describe::<RoomChange>(),
];

impl Gate {
    /// Append a record of the gate's own; its sequence, or nothing when the journal failed.
    pub(crate) fn append_own<L: Layout>(&mut self, row: &L) -> Option<u64> {
        if self.failure.is_some() {
            return None;
        }
        let kind = u16::try_from(L::TYPE).unwrap_or(FIRST);
        let wall_ns = self.now.wall_ns;
        let appended = self.journal.0.append_at(kind, wall_ns, L::LEN, |place| {
            let _ = row.write(place);
        });
        match appended {
            Ok(appended) => Some(appended.sequence),
            Err(error) => {
                self.fail(format!("journal: {error}"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CATALOGUE, FIRST};

    #[test]
    fn types_are_unique_and_behind_the_engines() {
        let mut last = u32::from(FIRST) - 1;
        for record in CATALOGUE {
            assert!(record.number > last, "{}", record.name);
            last = record.number;
        }
    }
}
