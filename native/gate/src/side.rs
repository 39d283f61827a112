//! What stands beside the order path: the control socket, the metrics page, the quote feed.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use mio::{Interest, Registry, Token};
use panshi_engine::input::Input;
use panshi_engine::record::flow::Quote;
use panshi_wire::layout::Layout;

use crate::config::Config;
use crate::gate::Gate;
use crate::serve::SIDE;
use crate::talk::Talk;

const CONTROL: usize = SIDE;
const METRICS: usize = SIDE + 1;
const QUOTES: usize = SIDE + 2;
const FIRST: usize = SIDE + 10;
/// Longest frame of the quote feed.
const FRAME_BYTES_MAX: usize = 4 << 10;
/// Connections to control socket and metrics page at one time.
const PEERS_MAX: usize = 64;

/// A person's or a monitor's connection.
enum Peer {
    Control(Talk),
    Metrics(TcpStream),
}

/// Everything beside the order path.
pub(crate) struct Side {
    control: Option<UnixListener>,
    metrics: Option<TcpListener>,
    quotes: Option<(UnixStream, Vec<u8>)>,
    peers: BTreeMap<usize, Peer>,
    next: usize,
}

impl Side {
    pub(crate) fn open(config: &Config, registry: &Registry) -> Result<Self, String> {
        let mut side = Self {
            control: None,
            metrics: None,
            quotes: None,
            peers: BTreeMap::new(),
            next: FIRST,
        };
        if let Some(path) = &config.control {
            let mut listener = bind_private(path)?;
            register(registry, &mut listener, CONTROL)?;
            side.control = Some(listener);
        }
        if let Some(address) = config.metrics {
            if !address.ip().is_loopback() {
                return Err(format!(
                    "metrics: must be a loopback address, found {address}"
                ));
            }
            let mut listener = TcpListener::bind(address)
                .map_err(|error| format!("metrics {address}: {error}"))?;
            register(registry, &mut listener, METRICS)?;
            side.metrics = Some(listener);
        }
        if let Some(path) = &config.quotes {
            let mut stream = UnixStream::connect(path)
                .map_err(|error| format!("quotes {}: {error}", path.display()))?;
            register(registry, &mut stream, QUOTES)?;
            side.quotes = Some((stream, Vec::new()));
        }
        Ok(side)
    }

    pub(crate) fn handle(&mut self, token: usize, gate: &mut Gate, registry: &Registry) {
        match token {
            CONTROL => self.accept_control(registry),
            METRICS => self.accept_metrics(registry),
            QUOTES => self.read_quotes(gate),
            peer => {
                let keep = match self.peers.get_mut(&peer) {
                    Some(Peer::Control(talk)) => talk.hear(gate),
                    Some(Peer::Metrics(stream)) => answer_metrics(stream, gate),
                    None => true,
                };
                if !keep {
                    self.peers.remove(&peer);
                }
            }
        }
    }

    fn place(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn accept_control(&mut self, registry: &Registry) {
        while let Some(Ok((mut stream, _))) = self.control.as_ref().map(UnixListener::accept) {
            let own = rustix::net::sockopt::socket_peercred(&stream)
                .is_ok_and(|peer| peer.uid == rustix::process::geteuid());
            let place = self.place();
            if own && self.peers.len() < PEERS_MAX && register(registry, &mut stream, place).is_ok()
            {
                self.peers.insert(place, Peer::Control(Talk::new(stream)));
            }
        }
    }

    fn accept_metrics(&mut self, registry: &Registry) {
        while let Some(Ok((mut stream, _))) = self.metrics.as_ref().map(TcpListener::accept) {
            let place = self.place();
            if self.peers.len() < PEERS_MAX && register(registry, &mut stream, place).is_ok() {
                self.peers.insert(place, Peer::Metrics(stream));
            }
        }
    }

    fn read_quotes(&mut self, gate: &mut Gate) {
        let Some((stream, buffer)) = &mut self.quotes else {
            return;
        };
        let open = fill(stream, buffer);
        let mut at = 0;
        // A frame is length u32, type u32 and the record, as the venue publishes them.
        while let Some((head, rest)) = buffer.get(at..).and_then(<[u8]>::split_first_chunk::<8>) {
            let word = |at: usize| {
                let bytes = head.get(at..).and_then(<[u8]>::first_chunk);
                bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
            };
            let length = word(0) as usize;
            let known = word(4) == Quote::TYPE && length == Quote::LEN;
            if length > FRAME_BYTES_MAX {
                self.quotes = None;
                gate.note(
                    "error",
                    "quote feed sent no frame",
                    serde_json::json!({ "length": length }),
                );
                return;
            }
            let Some(payload) = rest.get(..length) else {
                break;
            };
            if let Some(quote) = Quote::read(payload).filter(|_| known) {
                gate.take_quote(quote);
            }
            at += 8 + length;
        }
        buffer.drain(..at);
        if !open {
            self.quotes = None;
            gate.note("warning", "quote feed ended", serde_json::json!({}));
        }
    }

    /// Answer what waited for the journal.
    pub(crate) fn answer(&mut self, durable: u64) {
        self.peers.retain(|_, peer| match peer {
            Peer::Control(talk) => talk.answer(durable),
            Peer::Metrics(_) => true,
        });
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

fn register(
    registry: &Registry,
    source: &mut impl mio::event::Source,
    token: usize,
) -> Result<(), String> {
    let interest = if token < QUOTES {
        Interest::READABLE
    } else {
        Interest::READABLE | Interest::WRITABLE
    };
    registry
        .register(source, Token(token), interest)
        .map_err(|error| format!("event loop: {error}"))
}

/// A unix socket that only its owner can open. One that nobody serves any more is replaced.
fn bind_private(path: &Path) -> Result<UnixListener, String> {
    let failed = |error: std::io::Error| format!("control {}: {error}", path.display());
    if path.exists() {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(format!(
                "control {}: another gate serves it",
                path.display()
            ));
        }
        std::fs::remove_file(path).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

/// Read everything there is; false when the other side has closed.
pub(crate) fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>) -> bool {
    let mut chunk = [0; 16 << 10];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return false,
            Ok(count) => buffer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// Answer one request with the page, whatever it asks for.
fn answer_metrics(stream: &mut TcpStream, gate: &Gate) -> bool {
    let mut request = Vec::new();
    let open = fill(stream, &mut request);
    if request.is_empty() {
        return open;
    }
    let page = gate.metrics();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    let _ = stream.write(format!("{head}{page}").as_bytes());
    false
}
