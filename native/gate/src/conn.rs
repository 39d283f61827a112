//! One connection: its bytes, its protocol state, and what it must be told before it closes.

use std::collections::VecDeque;
use std::net::SocketAddr;

use panshi_engine::record::output::ForwardCancel;
use panshi_wire::error::WireError;

use crate::buffer::{Full, Inbox, Outbox};

/// Nanoseconds of a second.
pub const SECOND_NS: u64 = 1_000_000_000;
/// Seconds within which a client must log on, and within which a peer must close.
pub const PATIENCE_NS: u64 = 5 * SECOND_NS;

/// What a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An order system on one of the gate's ports; its client number once logged in.
    Client {
        /// Index of the port.
        port: usize,
        /// Client number.
        client: Option<u16>,
    },
    /// The gate's session at an exchange gateway.
    Link(usize),
}

/// Whether and how a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It goes on.
    No,
    /// What is queued is sent, then the peer has until this moment to close.
    Soon(u64),
    /// It is closed with the next look.
    Now,
}

/// A connection.
#[derive(Debug)]
pub struct Conn {
    /// Bytes received.
    pub inbox: Inbox,
    /// Bytes to send.
    pub outbox: Outbox,
    /// What it is.
    pub role: Role,
    /// Where a client's connection came from.
    pub from: Option<SocketAddr>,
    /// Whether whole messages may wait in the inbox: the turn was over before they were taken.
    pub more: bool,
    /// Whether it ends.
    pub ending: Ending,
    /// Sequence number of the next message sent.
    pub next_seq: u64,
    /// Moment at which it came to be.
    pub opened_ns: u64,
    /// Moment of the last whole message received.
    pub heard_ns: u64,
    /// Moment of the last message queued.
    pub spoke_ns: u64,
    /// Heartbeat interval.
    pub heartbeat_ns: u64,
    /// Orders whose stamp is taken when the outbox has sent up to a position.
    pub stamps: VecDeque<(u64, u32)>,
    /// Cancels that are not wholly sent, by the position behind them (toward the exchange).
    pub cancels: VecDeque<(u64, ForwardCancel)>,
    /// Whether the shell must look at the outbox.
    pub dirty: bool,
}

impl Conn {
    /// A new connection.
    #[must_use]
    pub fn new(role: Role, now_ns: u64, inbox_bytes: usize, backlog_bytes: usize) -> Self {
        Self {
            inbox: Inbox::new(inbox_bytes),
            outbox: Outbox::new(backlog_bytes),
            role,
            from: None,
            more: false,
            ending: Ending::No,
            next_seq: 1,
            opened_ns: now_ns,
            heard_ns: now_ns,
            spoke_ns: now_ns,
            heartbeat_ns: 10 * SECOND_NS,
            stamps: VecDeque::new(),
            cancels: VecDeque::new(),
            dirty: false,
        }
    }

    /// Queue one message; `write` gets the sequence number it must carry.
    ///
    /// # Errors
    /// When the outbox is full. A message that cannot be written is an error inside.
    #[inline]
    pub fn send(
        &mut self,
        hold: u64,
        now_ns: u64,
        write: impl FnOnce(u64, &mut [u8]) -> Result<usize, WireError>,
    ) -> Result<Result<u64, WireError>, Full> {
        let seq = self.next_seq;
        let sent = self.outbox.push(hold, |out| write(seq, out))?;
        if sent.is_ok() {
            self.next_seq += 1;
            self.spoke_ns = now_ns;
        }
        Ok(sent)
    }

    /// Whether it still talks.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.ending == Ending::No
    }
}
