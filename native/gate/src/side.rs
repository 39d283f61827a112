//! What stands beside the order path: the control socket, the metrics page, the quote feed.
//!
//! Nobody here can hold up orders: each connection gets one chunk of bytes a turn, and what it does not read of its
//! answers bounds what is read from it.

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token};

use crate::config::Config;
use crate::control::Answer;
use crate::gate::Gate;
use crate::peer::{Heard, Line, Peer};
use crate::quotes::Feed;
use crate::serve::{CONNS, SIDE};

const CONTROL: usize = SIDE;
const METRICS: usize = SIDE + 1;
const QUOTES: usize = SIDE + 2;
const FIRST: usize = SIDE + 10;
/// Longest line of the control socket and longest request of the metrics page.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Connections of one kind at one time; a further one takes the place of the one that was silent longest.
const PEERS_MAX: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Control,
    Metrics,
}

/// Everything beside the order path.
pub(crate) struct Side {
    control: Option<UnixListener>,
    path: Option<PathBuf>,
    metrics: Option<TcpListener>,
    quotes: Feed,
    peers: BTreeMap<usize, (Kind, Peer)>,
    /// Where the search for a free token goes on.
    next: usize,
}

impl Side {
    pub(crate) fn open(config: &Config, registry: &Registry) -> Result<Self, String> {
        let mut side = Self {
            control: None,
            path: None,
            metrics: None,
            quotes: Feed::new(config.quotes.clone(), QUOTES),
            peers: BTreeMap::new(),
            next: FIRST,
        };
        if let Some(path) = &config.control {
            let mut listener = bind_private(path)?;
            side.path = Some(path.clone());
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
        side.quotes.connect(registry)?;
        Ok(side)
    }

    pub(crate) fn handle(&mut self, token: usize, gate: &mut Gate, registry: &Registry) {
        match token {
            CONTROL => self.accept_control(gate, registry),
            METRICS => self.accept_metrics(gate, registry),
            QUOTES => self.quotes.read(gate, registry),
            peer => self.turn(peer, gate, registry),
        }
    }

    /// What time brings.
    pub(crate) fn tick(&mut self, gate: &mut Gate, registry: &Registry) {
        self.quotes.tick(gate, registry);
    }

    fn accept_control(&mut self, gate: &mut Gate, registry: &Registry) {
        while let Some(Ok((stream, _))) = self.control.as_ref().map(UnixListener::accept) {
            if is_of_own_user(&stream) {
                self.admit(Kind::Control, Line::Unix(stream), gate, registry);
            }
        }
    }

    fn accept_metrics(&mut self, gate: &mut Gate, registry: &Registry) {
        while let Some(Ok((stream, _))) = self.metrics.as_ref().map(TcpListener::accept) {
            self.admit(Kind::Metrics, Line::Tcp(stream), gate, registry);
        }
    }

    fn admit(&mut self, kind: Kind, line: Line, gate: &Gate, registry: &Registry) {
        let same = || self.peers.iter().filter(|(_, (other, _))| *other == kind);
        if same().count() >= PEERS_MAX {
            // Nobody who only holds connections open can lock a person out.
            let silent = same().min_by_key(|(_, (_, peer))| peer.heard_ns);
            if let Some(token) = silent.map(|(token, _)| *token) {
                self.peers.remove(&token);
            }
        }
        // In turn, so that of two that came in one instant the first is the lower; the numbers above belong to others.
        let free = (self.next..CONNS)
            .chain(FIRST..self.next)
            .find(|token| !self.peers.contains_key(token));
        let Some(token) = free else { return };
        self.next = token + 1;
        if let Ok(peer) = Peer::open(line, registry, token, gate.now.mono_ns) {
            self.peers.insert(token, (kind, peer));
        }
    }

    /// Give one connection its turn.
    fn turn(&mut self, token: usize, gate: &mut Gate, registry: &Registry) {
        let Some((kind, peer)) = self.peers.get_mut(&token) else {
            return;
        };
        let mut alive = peer.write();
        let heard = if peer.leaving || peer.is_behind() {
            Heard::All
        } else {
            peer.read(gate.now.mono_ns)
        };
        match kind {
            Kind::Control => answer_lines(peer, gate),
            Kind::Metrics => answer_request(peer, gate),
        }
        peer.release(gate.durable_seq());
        peer.leaving |= heard == Heard::End;
        alive = alive && peer.write();
        // Lines that were passed over while answers piled up; the page of metrics has one request.
        let left = *kind == Kind::Control && peer.inbox.contains(&b'\n');
        if heard == Heard::More || left && !peer.is_behind() {
            alive = alive && peer.call_again(registry, token).is_ok();
        }
        if !alive || peer.leaving && peer.is_done() && !left {
            self.peers.remove(&token);
        }
    }

    /// Answer what waited for the journal.
    pub(crate) fn answer(&mut self, durable: u64) {
        self.peers.retain(|_, (_, peer)| {
            peer.release(durable);
            peer.write()
        });
    }

    /// Answer what waited for a journal that has failed.
    pub(crate) fn give_up(&mut self, reason: &str) {
        let answer = Answer::refused(&format!("the gate has halted: {reason}"));
        for (_, peer) in self.peers.values_mut() {
            peer.held
                .iter_mut()
                .for_each(|held| held.clone_from(&answer));
        }
        self.answer(0);
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn register(
    registry: &Registry,
    source: &mut impl mio::event::Source,
    token: usize,
) -> Result<(), String> {
    registry
        .register(source, Token(token), Interest::READABLE)
        .map_err(|error| format!("event loop: {error}"))
}

/// Whether the peer of a unix socket is a process of this process's user.
pub(crate) fn is_of_own_user(stream: &impl AsFd) -> bool {
    rustix::net::sockopt::socket_peercred(stream)
        .is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}

/// The control socket, which only its owner can open.
pub(crate) fn bind_private(path: &Path) -> Result<UnixListener, String> {
    let listener = bind_blocking(path, "control")?;
    listener
        .set_nonblocking(true)
        .map_err(|error| format!("control {}: {error}", path.display()))?;
    Ok(UnixListener::from_std(listener))
}

/// A unix socket that only its owner can open. One that nobody serves any more is replaced.
pub(crate) fn bind_blocking(
    path: &Path,
    what: &str,
) -> Result<std::os::unix::net::UnixListener, String> {
    let failed = |error: std::io::Error| format!("{what} {}: {error}", path.display());
    if let Ok(found) = std::fs::symlink_metadata(path) {
        use std::os::unix::fs::FileTypeExt;
        if !found.file_type().is_socket() {
            return Err(format!(
                "{what} {}: must be a socket or nothing, found another file",
                path.display()
            ));
        }
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(format!("{what} {}: another gate serves it", path.display()));
        }
        std::fs::remove_file(path).map_err(failed)?;
    }
    // Between its birth and the change of its mode nobody else may open it either.
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let bound = std::os::unix::net::UnixListener::bind(path);
    rustix::process::umask(before);
    let listener = bound.map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

/// Answer whole lines.
fn answer_lines(peer: &mut Peer, gate: &mut Gate) {
    while !peer.is_behind()
        && let Some(end) = peer.inbox.iter().position(|byte| *byte == b'\n')
    {
        let line: Vec<u8> = peer.inbox.drain(..=end).collect();
        peer.held.push_back(gate.command(&line));
    }
    if peer.inbox.len() >= LINE_BYTES_MAX && !peer.inbox.contains(&b'\n') {
        peer.held.push_back(Answer::refused(&format!(
            "request: must be a line of at most {LINE_BYTES_MAX} bytes, found more"
        )));
        peer.inbox.clear();
        peer.leaving = true;
    }
}

/// Answer one request for the page of metrics and close.
fn answer_request(peer: &mut Peer, gate: &Gate) {
    const END: &[u8] = b"\r\n\r\n";
    if peer.leaving {
        return;
    }
    let whole = peer.inbox.windows(END.len()).any(|four| four == END);
    if !whole {
        peer.leaving = peer.inbox.len() >= LINE_BYTES_MAX;
        return;
    }
    let (status, page) = if peer.inbox.starts_with(b"GET /metrics ") {
        ("200 OK", gate.metrics())
    } else {
        ("404 Not Found", "the page is /metrics\n".to_owned())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    peer.outbox.extend_from_slice(head.as_bytes());
    peer.outbox.extend_from_slice(page.as_bytes());
    peer.inbox.clear();
    peer.leaving = true;
}
