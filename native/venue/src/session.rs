//! One TCP connection of an order system: its buffers, timers and subscriptions.

use std::collections::VecDeque;

use panshi_wire::sse;

use crate::cause::Market;

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connected, not logged on.
    Fresh,
    /// Logged on.
    Active,
    /// A logout was sent; nothing else may follow.
    Leaving,
}

/// A stream that the session asked for.
#[derive(Clone, Copy, Debug)]
pub struct Subscription {
    /// Index of the stream.
    pub stream: usize,
    /// Next report to send.
    pub next: u64,
    /// Whether it has caught up with the stream once.
    pub live: bool,
}

/// One connection.
#[derive(Debug)]
pub struct Session {
    /// Exchange of its gateway.
    pub market: Market,
    /// Index of its gateway.
    pub gateway: usize,
    /// How far it is.
    pub stage: Stage,
    /// Bytes received and not yet understood.
    pub input: Vec<u8>,
    /// Heartbeat interval.
    pub heartbeat_ns: u64,
    /// When it connected.
    pub connected_ns: u64,
    /// When something was received last.
    pub received_ns: u64,
    /// When something was sent last.
    pub sent_ns: u64,
    /// The venue closes the connection then.
    pub close_at_ns: Option<u64>,
    /// The venue closes as soon as the output is out.
    pub close: bool,
    /// Script: neither reads nor writes.
    pub half_open: bool,
    /// Script: bytes a second.
    pub slow: Option<u64>,
    /// Streams asked for.
    pub subscriptions: Vec<Subscription>,
    /// Whether it asked for streams yet.
    pub synced: bool,
    /// Script: a message that goes behind the next one.
    pub held_back: Option<Vec<u8>>,
    /// Script: messages that wait for a moment.
    pub delayed: VecDeque<(u64, Vec<u8>)>,
    output: Vec<u8>,
    taken: usize,
    seq: u64,
    credit_ns: u64,
}

impl Session {
    /// A connection that was just made.
    #[must_use]
    pub fn new(market: Market, gateway: usize, now_ns: u64) -> Self {
        Self {
            market,
            gateway,
            stage: Stage::Fresh,
            input: Vec::with_capacity(1 << 16),
            heartbeat_ns: u64::MAX,
            connected_ns: now_ns,
            received_ns: now_ns,
            sent_ns: now_ns,
            close_at_ns: None,
            close: false,
            half_open: false,
            slow: None,
            subscriptions: Vec::new(),
            synced: false,
            held_back: None,
            delayed: VecDeque::new(),
            output: Vec::with_capacity(1 << 16),
            taken: 0,
            seq: 0,
            credit_ns: now_ns,
        }
    }

    /// Put a whole message behind the output; Shanghai's gets its sequence number here.
    pub fn put(&mut self, message: &[u8], now_ns: u64) {
        let start = self.output.len();
        if self.backlog() == 0 {
            self.credit_ns = now_ns;
        }
        self.output.extend_from_slice(message);
        if self.market == Market::Sse {
            self.seq += 1;
            let sealed = sse::reseal(&mut self.output[start..], self.seq);
            debug_assert!(sealed.is_ok(), "only whole messages are put");
        }
        self.sent_ns = now_ns;
    }

    /// Script: give the last message a wrong checksum.
    pub fn spoil_last(&mut self) {
        if let Some(last) = self.output.last_mut() {
            *last ^= 1;
        }
    }

    /// Script: forget the last bytes of the output.
    pub fn shorten(&mut self, bytes: usize) {
        let kept = self.output.len().saturating_sub(bytes).max(self.taken);
        self.output.truncate(kept);
    }

    /// Bytes that wait to be written.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.output.len() - self.taken
    }

    /// Bytes that may be written now.
    #[must_use]
    pub fn pending(&self, now_ns: u64) -> &[u8] {
        if self.half_open {
            return &[];
        }
        let rest = &self.output[self.taken..];
        let Some(rate) = self.slow else {
            return rest;
        };
        let elapsed = now_ns.saturating_sub(self.credit_ns);
        let allowed = u128::from(rate) * u128::from(elapsed) / 1_000_000_000;
        let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
        &rest[..rest.len().min(allowed)]
    }

    /// Count bytes that were written.
    pub fn wrote(&mut self, count: usize, now_ns: u64) {
        if count > 0 {
            self.credit_ns = now_ns;
        }
        self.taken += count;
        if self.taken == self.output.len() {
            self.output.clear();
            self.taken = 0;
        } else if self.taken > 1 << 20 {
            self.output.drain(..self.taken);
            self.taken = 0;
        }
    }

    /// Whether the connection should be closed now.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.close && self.backlog() == 0
    }
}
