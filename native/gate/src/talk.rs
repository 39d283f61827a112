//! One connection of the control socket: lines in, answers out, none before the disk has what it tells.

use std::collections::VecDeque;
use std::io::{ErrorKind, Write};

use mio::net::UnixStream;

use crate::control::Answer;
use crate::gate::Gate;
use crate::side::fill;

/// Longest line of the control socket.
const LINE_BYTES_MAX: usize = 64 << 10;

/// A person's connection.
pub(crate) struct Talk {
    stream: UnixStream,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    /// Answers that wait for the journal, and those behind them.
    held: VecDeque<Answer>,
    open: bool,
}

impl Talk {
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            inbox: Vec::new(),
            outbox: Vec::new(),
            held: VecDeque::new(),
            open: true,
        }
    }

    /// Carry out whole lines; false when the connection is over.
    pub(crate) fn hear(&mut self, gate: &mut Gate) -> bool {
        self.open &= fill(&mut self.stream, &mut self.inbox);
        while let Some(end) = self.inbox.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.inbox.drain(..=end).collect();
            let answer = gate.command(&String::from_utf8_lossy(&line));
            self.held.push_back(answer);
        }
        self.answer(gate.durable_seq())
    }

    /// Say what the disk has by now; false when the connection is over.
    pub(crate) fn answer(&mut self, durable: u64) -> bool {
        while let Some(answer) = self.held.front().filter(|answer| answer.hold <= durable) {
            self.outbox.extend_from_slice(answer.text.as_bytes());
            self.outbox.push(b'\n');
            self.held.pop_front();
        }
        while !self.outbox.is_empty() {
            match self.stream.write(&self.outbox) {
                Ok(count) => drop(self.outbox.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
        }
        let waits = !self.held.is_empty() || !self.outbox.is_empty();
        (self.open || waits) && self.inbox.len() < LINE_BYTES_MAX
    }
}
