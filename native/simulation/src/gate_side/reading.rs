//! How the gate reads: what the kernel holds for a connection is taken in turns, as by the real loop.

use crate::queue::Event;
use crate::said::Said;
use crate::world::World;

/// Nanoseconds until a connection has its next turn when nothing else is to be done.
const TURN_NS: u64 = 2_000;

/// What the kernel holds for one connection of the gate.
#[derive(Debug, Default)]
pub struct Received {
    bytes: Vec<u8>,
    /// Whether the other end has closed behind them.
    closed: bool,
    /// Whether the connection has a turn without more bytes.
    queued: bool,
}

impl World {
    /// Bytes reach the gate.
    pub fn gate_reads(&mut self, conn: usize, (line, way): (usize, usize), bytes: &[u8]) {
        if let Some(row) = self.client_of(line) {
            for heard in self.messages(row.market, (line, way), bytes) {
                if let Said::Sync(wanted) = &heard.said {
                    self.witness.arrivals.asked(line, wanted);
                }
                self.witness.request_reached_gate(&heard);
            }
        }
        let held = self.gate.kernel.entry(conn).or_default();
        held.bytes.extend_from_slice(bytes);
        if !held.queued {
            self.reading_turn(conn);
        }
    }

    /// The other end of a connection of the gate has closed.
    pub fn gate_loses(&mut self, conn: usize, place: (usize, usize)) {
        if self.gate.lines.get(conn).copied().flatten() != Some(place) {
            return;
        }
        let held = self.gate.kernel.entry(conn).or_default();
        held.closed = true;
        if !held.queued {
            self.reading_turn(conn);
        }
    }

    /// A connection whose turn was over has the next one.
    pub fn gate_reads_on(&mut self, run: u64, conn: usize) {
        let held = self.gate.kernel.get_mut(&conn);
        if run == self.gate.run
            && let Some(held) = held.filter(|held| held.queued)
        {
            held.queued = false;
            self.reading_turn(conn);
        }
    }

    fn reading_turn(&mut self, conn: usize) {
        let now = self.queue.now();
        let run = self.gate.run;
        if self.gate.now(now).is_none() {
            return;
        }
        if self.gate.read(conn) {
            self.queue.after(TURN_NS, Event::GateReads { run, conn });
        } else if self.gate.kernel.get(&conn).is_some_and(|held| held.closed) {
            self.drop_conn(conn);
        }
        self.finish_gate_turn(None);
    }
}

impl super::GateSide {
    /// Let the gate take what is there, until its turn is over; whether that leaves something.
    fn read(&mut self, conn: usize) -> bool {
        let (Some(gate), Some(held)) = (self.gate.as_mut(), self.kernel.get_mut(&conn)) else {
            return false;
        };
        loop {
            let Some(open) = gate.conn(conn) else {
                held.bytes.clear();
                return false;
            };
            if !open.more {
                let space = open.inbox.space();
                let count = held.bytes.len().min(space.len());
                if count == 0 {
                    return false;
                }
                space[..count].copy_from_slice(&held.bytes[..count]);
                open.inbox.filled(count);
                held.bytes.drain(..count);
            }
            gate.received(conn);
            if gate.conn(conn).is_some_and(|open| open.more) {
                held.queued = true;
                return true;
            }
        }
    }
}
