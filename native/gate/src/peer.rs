//! One connection beside the order path: bytes in, bytes out, both bounded.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};

use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};

use crate::control::Answer;

/// Bytes read from one connection before orders get their turn again.
const CHUNK: usize = 16 << 10;
/// Waiting bytes and answers beyond which nothing more is read from a peer.
const ANSWERS_BYTES_MAX: usize = 256 << 10;
const ANSWERS_MAX: usize = 64;

/// The socket of a peer.
pub(crate) enum Line {
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// Something that can be read, written and waited for.
trait Stream: Read + Write + mio::event::Source {}
impl<T: Read + Write + mio::event::Source> Stream for T {}

impl Line {
    fn stream(&mut self) -> &mut dyn Stream {
        match self {
            Self::Unix(stream) => stream,
            Self::Tcp(stream) => stream,
        }
    }
}

/// What a look at a peer's socket brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Everything there was.
    All,
    /// There may be more.
    More,
    /// The peer has ended its sending.
    End,
}

/// A person's or a monitor's connection.
pub(crate) struct Peer {
    line: Line,
    /// Received and not yet understood.
    pub inbox: Vec<u8>,
    /// To be sent.
    pub outbox: Vec<u8>,
    /// Answers that wait for the journal, and those behind them.
    pub held: VecDeque<Answer>,
    /// Nothing more is read: it is closed when the outbox is empty.
    pub leaving: bool,
    /// When it was last heard.
    pub heard_ns: u64,
}

impl Peer {
    /// A connection, to be waited for under a token.
    pub(crate) fn open(
        line: Line,
        registry: &Registry,
        token: usize,
        now_ns: u64,
    ) -> std::io::Result<Self> {
        let mut peer = Self {
            line,
            inbox: Vec::new(),
            outbox: Vec::new(),
            held: VecDeque::new(),
            leaving: false,
            heard_ns: now_ns,
        };
        registry.register(peer.line.stream(), Token(token), both())?;
        Ok(peer)
    }

    /// Ask to be called again although nothing new comes.
    pub(crate) fn call_again(&mut self, registry: &Registry, token: usize) -> std::io::Result<()> {
        registry.reregister(self.line.stream(), Token(token), both())
    }

    /// Whether more answers would only pile up.
    pub(crate) fn is_behind(&self) -> bool {
        self.outbox.len() >= ANSWERS_BYTES_MAX || self.held.len() >= ANSWERS_MAX
    }

    /// Whether everything was said.
    pub(crate) fn is_done(&self) -> bool {
        self.outbox.is_empty() && self.held.is_empty()
    }

    /// Let the answers leave whose commands the disk has.
    pub(crate) fn release(&mut self, durable: u64) {
        while let Some(answer) = self.held.front().filter(|answer| answer.hold <= durable) {
            self.outbox.extend_from_slice(answer.text.as_bytes());
            self.outbox.push(b'\n');
            self.held.pop_front();
        }
    }

    /// Read what there is, a chunk at most.
    pub(crate) fn read(&mut self, now_ns: u64) -> Heard {
        read_chunk(self.line.stream(), &mut self.inbox, || {
            self.heard_ns = now_ns;
        })
    }

    /// Send what the kernel takes; false when the connection is of no use any more.
    pub(crate) fn write(&mut self) -> bool {
        let mut sent = 0;
        let alive = loop {
            match self.outbox.get(sent..) {
                None | Some([]) => break true,
                Some(rest) => match self.line.stream().write(rest) {
                    Ok(0) => break false,
                    Ok(count) => sent += count,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => break error.kind() == ErrorKind::WouldBlock,
                },
            }
        };
        self.outbox.drain(..sent);
        alive
    }
}

/// Read a chunk at most; `heard` is called when there was something.
pub(crate) fn read_chunk(
    stream: &mut (impl Read + ?Sized),
    buffer: &mut Vec<u8>,
    mut heard: impl FnMut(),
) -> Heard {
    let mut chunk = [0; CHUNK];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return Heard::End,
            Ok(count) => {
                heard();
                buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
                // Readiness is told once: what is left must be asked for.
                return Heard::More;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Heard::All,
            Err(_) => return Heard::End,
        }
    }
}

fn both() -> Interest {
    Interest::READABLE | Interest::WRITABLE
}
