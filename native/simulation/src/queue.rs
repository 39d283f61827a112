//! What is to happen, in the order of time; at one moment in the order in which it was asked for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ending::Step;

/// Nanoseconds of a millisecond and of a second.
pub const MS: u64 = 1_000_000;
/// Nanoseconds of a second.
pub const SECOND: u64 = 1_000 * MS;

/// Something that is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// An act of the plan, by its place.
    Act(usize),
    /// The reader of one way of a line has something to read.
    Read {
        /// The line.
        line: usize,
        /// The way: 0 from the end that connected, 1 toward it.
        way: usize,
    },
    /// The writer of one way of a line has room again.
    Room {
        /// The line.
        line: usize,
        /// The way.
        way: usize,
    },
    /// A connection that an order system asked for reaches the gate.
    ClientArrives {
        /// The order system.
        client: usize,
        /// Which of its attempts.
        attempt: u64,
    },
    /// The gate learns what became of a connection that it asked for.
    LinkConnects {
        /// The gate's link.
        link: usize,
        /// Run of the gate that asked.
        run: u64,
        /// Which attempt of the link.
        attempt: u64,
        /// The exchange gateway; none: nobody answered.
        gateway: Option<usize>,
    },
    /// Time passes at an order system.
    ClientTick(usize),
    /// A connection of the gate whose turn was over has the next one.
    GateReads {
        /// Run of the gate.
        run: u64,
        /// The connection.
        conn: usize,
    },
    /// Time passes at the gate.
    GateTick(u64),
    /// Time passes at the exchange.
    VenueTick,
    /// The gate's sync thread has a turn; the number is the gate's run.
    Sync(u64),
    /// The gate's keeper thread has a turn.
    Keep(u64),
    /// The gate is started.
    Start,
    /// The disk has room again.
    DiskRoom,
    /// A step of the calm end.
    Ending(Step),
    /// The last moment.
    End,
}

/// Events to come.
#[derive(Debug, Default)]
pub struct Queue {
    heap: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    now_ns: u64,
}

impl Queue {
    /// This moment, ns since the beginning.
    #[must_use]
    pub const fn now(&self) -> u64 {
        self.now_ns
    }

    /// Let something happen at a moment, or now if that has passed.
    pub fn at(&mut self, at_ns: u64, event: Event) {
        self.count += 1;
        self.heap
            .push(Reverse((at_ns.max(self.now_ns), self.count, event)));
    }

    /// Let something happen after a while.
    pub fn after(&mut self, ns: u64, event: Event) {
        self.at(self.now_ns.saturating_add(ns), event);
    }

    /// The next thing to happen; time moves to it.
    pub fn next(&mut self) -> Option<Event> {
        let Reverse((at_ns, _, event)) = self.heap.pop()?;
        self.now_ns = at_ns;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Queue};

    #[test]
    fn events_come_in_order_of_time_and_then_of_asking() {
        let mut queue = Queue::default();
        for (at, act) in [(5, 1), (3, 2), (5, 3), (3, 4)] {
            queue.at(at, Event::Act(act));
        }
        let order: Vec<_> = std::iter::from_fn(|| Some((queue.next()?, queue.now()))).collect();
        let acts = [(2, 3), (4, 3), (1, 5), (3, 5)];
        assert_eq!(order, acts.map(|(act, at)| (Event::Act(act), at)));
        queue.at(1, Event::End);
        assert_eq!(
            (queue.next(), queue.now()),
            (Some(Event::End), 5),
            "time never runs back"
        );
    }
}
