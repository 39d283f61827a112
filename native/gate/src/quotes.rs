//! The feed of best prices: a unix socket that the gate reads, and opens again when it ends.

use std::path::PathBuf;

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use panshi_engine::input::Input;
use panshi_engine::record::flow::Quote;
use panshi_wire::layout::Layout;
use serde_json::json;

use crate::conn::SECOND_NS;
use crate::gate::Gate;
use crate::peer::{Heard, read_chunk};

/// Longest frame.
const FRAME_BYTES_MAX: usize = 4 << 10;

/// The connection to a feed; none when the configuration names none.
pub(crate) struct Feed {
    path: Option<PathBuf>,
    token: usize,
    stream: Option<UnixStream>,
    buffer: Vec<u8>,
    retry_ns: u64,
}

impl Feed {
    pub(crate) const fn new(path: Option<PathBuf>, token: usize) -> Self {
        Self {
            path,
            token,
            stream: None,
            buffer: Vec::new(),
            retry_ns: 0,
        }
    }

    /// Open the feed.
    pub(crate) fn connect(&mut self, registry: &Registry) -> Result<(), String> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let opened = UnixStream::connect(path).and_then(|mut stream| {
            registry.register(&mut stream, Token(self.token), Interest::READABLE)?;
            Ok(stream)
        });
        let stream = opened.map_err(|error| format!("quotes {}: {error}", path.display()))?;
        self.stream = Some(stream);
        self.buffer.clear();
        Ok(())
    }

    /// Try again once a second when the feed has ended.
    pub(crate) fn tick(&mut self, gate: &mut Gate, registry: &Registry) {
        if self.path.is_none() || self.stream.is_some() || gate.now.mono_ns < self.retry_ns {
            return;
        }
        self.retry_ns = gate.now.mono_ns + SECOND_NS;
        if self.connect(registry).is_ok() {
            gate.note("info", "quote feed is back", json!({}));
        }
    }

    /// Take the next chunk of quotes.
    pub(crate) fn read(&mut self, gate: &mut Gate, registry: &Registry) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let heard = read_chunk(stream, &mut self.buffer, || ());
        let again = match heard {
            Heard::More => registry
                .reregister(stream, Token(self.token), Interest::READABLE)
                .is_ok(),
            Heard::All => true,
            Heard::End => false,
        };
        let framed = self.take_frames(gate);
        if !again || !framed {
            let reason = if framed {
                "it ended"
            } else {
                "it sent no frame"
            };
            gate.note(
                "error",
                "quote feed lost, the last prices stay",
                json!({ "reason": reason }),
            );
            self.stream = None;
            self.retry_ns = gate.now.mono_ns + SECOND_NS;
        }
    }

    /// Take whole frames; false when what came is none.
    fn take_frames(&mut self, gate: &mut Gate) -> bool {
        let mut at = 0;
        // A frame is length u32, type u32 and the record, as the venue publishes them.
        while let Some((head, rest)) = self
            .buffer
            .get(at..)
            .and_then(<[u8]>::split_first_chunk::<8>)
        {
            let word = |at: usize| {
                let bytes = head.get(at..).and_then(<[u8]>::first_chunk);
                bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
            };
            let length = word(0) as usize;
            if length > FRAME_BYTES_MAX {
                return false;
            }
            let known = word(4) == Quote::TYPE && length == Quote::LEN;
            let Some(payload) = rest.get(..length) else {
                break;
            };
            if let Some(quote) = Quote::read(payload).filter(|_| known) {
                gate.take_quote(quote);
            }
            at += 8 + length;
        }
        self.buffer.drain(..at);
        true
    }
}

impl Gate {
    /// Take best prices; their time is the moment of receipt.
    fn take_quote(&mut self, quote: Quote) {
        let quote = Quote {
            time_ns: self.now.market_ns,
            ..quote
        };
        self.input(&Input::Quote(quote));
    }
}
