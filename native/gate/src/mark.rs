//! Marks in the journal: where the state is hashed, and what the hash was.
//!
//! The serving loop only says *where*: hashing a whole state takes milliseconds, which an order must not wait for. The
//! follower, an engine of its own that reads the journal beside the loop, hashes its state there and hands the number
//! back to be journaled. At a start and at an ordered stop nobody waits, and the serving engine's own state is hashed.

panshi_wire::layout! {
    /// The state that follows from all records before this one is hashed here, by everybody who replays the journal.
    little;
    pub struct StateMark = 201, "StateMark" {
        reason: u8 => "reason", "1 interval, 2 start, 3 ordered stop";
        spare: [u8; 7] => "spare", "zero";
    }

    /// Hash of the state at a mark.
    little;
    pub struct StateHash = 202, "StateHash" {
        mark_seq: u64 => "mark_seq", "journal sequence of the StateMark";
        state_hash: u64 => "state_hash", "hash of the whole engine state there";
        by: u8 => "by", "1 the serving engine, 2 the follower";
        spare: [u8; 7] => "spare", "zero";
    }
}

/// Why the state is hashed at a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// So many records have come since the last one.
    Interval,
    /// The gate has started.
    Start,
    /// The gate stops in order.
    Stop,
}

impl Reason {
    /// The number in the record.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Interval => 1,
            Self::Start => 2,
            Self::Stop => 3,
        }
    }
}

/// Whose state a hash is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The engine that serves.
    Serving,
    /// The engine that follows the journal.
    Follower,
}

impl Author {
    /// The number in the record.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Serving => 1,
            Self::Follower => 2,
        }
    }
}
