//! Sockets and clocks around the state machine: one thread, loopback TCP.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use panshi_wire::market_clock::MarketClock;

use crate::cause::Market;
use crate::config::Config;
use crate::fault::Strike;
use crate::venue::{Now, VenueCore};

/// Most bytes read from a connection before the others have their turn.
const READ_MAX: usize = 64 * 1024;
/// Readers of quotes that fall behind by this much are disconnected.
const QUOTE_BACKLOG: usize = 16 << 20;

/// What a day of serving came to.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Reports in all streams.
    pub reports: u64,
    /// Orders of both markets, those of the recorded flow included.
    pub orders: usize,
    /// How often each scripted fault struck.
    pub faults: Vec<u64>,
}

/// What a serving venue tells whoever started it.
#[derive(Debug)]
pub enum Told<'a> {
    /// Index of the gateway and address of everything it listens on.
    Listening(&'a [(usize, SocketAddr)]),
    /// A scripted fault struck for the first time.
    Fault(Strike),
    /// A gateway has a session from now on, or none any more.
    Session {
        /// Index of the gateway.
        gateway: usize,
        /// Whether it has one.
        on: bool,
        /// Wall time.
        wall_ns: u64,
    },
}

struct Listening {
    gateway: usize,
    listener: TcpListener,
}

struct Reader {
    stream: UnixStream,
    backlog: Vec<u8>,
}

/// The venue with its sockets.
pub struct Server {
    core: VenueCore,
    clock: MarketClock,
    start: Instant,
    wall_start_ns: u64,
    poll: Poll,
    listeners: Vec<Listening>,
    connections: BTreeMap<usize, TcpStream>,
    quotes: Option<UnixListener>,
    readers: Vec<Reader>,
    /// Which gateways were told to have a session.
    online: Vec<bool>,
    scratch: Vec<u8>,
    spin: bool,
    end_with_clock: bool,
    timeout: Duration,
}

impl Server {
    /// Bind every address of a configuration.
    ///
    /// # Errors
    /// When the configuration or the recorded flow does not hold, or an address is taken.
    pub fn bind(config: &Config, flow: &[u8]) -> Result<Self, String> {
        let wall_start_ns = wall_ns();
        let clock = config.market_clock(wall_start_ns)?;
        let (spin, end_with_clock) = (config.spin, config.end_with_clock);
        let quotes = config.quotes.clone();
        let mut core = VenueCore::new(config.clone())?;
        core.load_flow(flow)?;
        let poll = Poll::new().map_err(|error| format!("venue: poll: {error}"))?;
        let mut server = Self {
            core,
            start: Instant::now(),
            wall_start_ns,
            poll,
            listeners: Vec::new(),
            connections: BTreeMap::new(),
            quotes: quotes.as_deref().map(listen_quotes).transpose()?,
            readers: Vec::new(),
            online: vec![false; config.gateways.len()],
            scratch: vec![0; READ_MAX],
            spin,
            end_with_clock,
            // A simulated day runs fast: its moments are met to the millisecond.
            timeout: Duration::from_millis(if clock == MarketClock::Wall { 5 } else { 1 }),
            clock,
        };
        for (gateway, known) in config.gateways.iter().enumerate() {
            for address in &known.addresses {
                server.listen(gateway, *address).map_err(|error| {
                    format!("venue: 无法监听 · must listen on {address}, found {error}")
                })?;
            }
        }
        Ok(server)
    }

    fn listen(&mut self, gateway: usize, address: SocketAddr) -> io::Result<()> {
        let mut listener = TcpListener::bind(address)?;
        let token = Token(self.listeners.len());
        self.poll
            .registry()
            .register(&mut listener, token, Interest::READABLE)?;
        self.listeners.push(Listening { gateway, listener });
        Ok(())
    }

    /// Where the gateways listen: index of the gateway and address, in the configuration's order.
    #[must_use]
    pub fn addresses(&self) -> Vec<(usize, SocketAddr)> {
        let bound = |one: &Listening| Some((one.gateway, one.listener.local_addr().ok()?));
        self.listeners.iter().filter_map(bound).collect()
    }

    fn now(&self) -> Now {
        let mono_ns = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Now {
            mono_ns,
            market_ns: self.clock.market_ns(self.wall_start_ns + mono_ns),
        }
    }

    /// Serve until told to stop, or until the simulated day is over.
    ///
    /// # Errors
    /// When the operating system refuses to wait for sockets.
    pub fn serve(
        &mut self,
        stop: &Arc<AtomicBool>,
        mut tell: impl FnMut(&Told<'_>),
    ) -> io::Result<Served> {
        let mut events = Events::with_capacity(256);
        while !stop.load(Ordering::Relaxed) && !self.is_over() {
            let timeout = if self.spin {
                Duration::ZERO
            } else {
                self.timeout
            };
            match self.poll.poll(&mut events, Some(timeout)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => outcome?,
            }
            for event in &events {
                let Token(token) = event.token();
                if token < self.listeners.len() {
                    self.accept(token);
                } else if event.is_readable() {
                    self.read(token - self.listeners.len());
                }
            }
            let now = self.now();
            self.core.advance(now);
            self.write_all();
            self.publish();
            // A session may begin and meet its first fault in one round.
            self.tell_sessions(&mut tell);
            for strike in self.core.take_strikes() {
                tell(&Told::Fault(strike));
            }
        }
        Ok(self.served())
    }

    fn tell_sessions(&mut self, tell: &mut impl FnMut(&Told<'_>)) {
        let wall_ns = self.wall_start_ns + self.now().mono_ns;
        for (gateway, known) in self.online.iter_mut().enumerate() {
            let on = self.core.is_logged_on(gateway);
            if std::mem::replace(known, on) != on {
                tell(&Told::Session {
                    gateway,
                    on,
                    wall_ns,
                });
            }
        }
    }

    fn served(&self) -> Served {
        let orders = |market| self.core.exchange(market).orders.len();
        Served {
            reports: self.core.reports(),
            orders: orders(Market::Sse) + orders(Market::Szse),
            faults: self.core.fault_counts(),
        }
    }

    fn is_over(&self) -> bool {
        self.end_with_clock
            && self.connections.is_empty()
            && self.clock.is_over(self.wall_start_ns + self.now().mono_ns)
    }

    fn accept(&mut self, token: usize) {
        while let Ok((mut stream, _)) = self.listeners[token].listener.accept() {
            let _ = stream.set_nodelay(true);
            let id = self
                .core
                .on_connect(self.listeners[token].gateway, self.now());
            let registered = self.poll.registry().register(
                &mut stream,
                Token(id + self.listeners.len()),
                Interest::READABLE | Interest::WRITABLE,
            );
            if registered.is_ok() {
                self.connections.insert(id, stream);
            } else {
                self.core.on_disconnect(id);
            }
        }
    }

    /// Read all there is: the poll tells of new bytes only once.
    fn read(&mut self, id: usize) {
        let mut bytes = core::mem::take(&mut self.scratch);
        self.read_into(id, &mut bytes);
        self.scratch = bytes;
    }

    fn read_into(&mut self, id: usize, bytes: &mut [u8]) {
        loop {
            if self.core.is_half_open(id) {
                return;
            }
            let Some(stream) = self.connections.get_mut(&id) else {
                return;
            };
            match stream.read(bytes) {
                Ok(0) => return self.drop_connection(id),
                Ok(count) => {
                    let now = self.now();
                    self.core.on_bytes(id, &bytes[..count], now);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.drop_connection(id),
            }
            self.write(id);
        }
    }

    fn write_all(&mut self) {
        let ids: Vec<usize> = self.connections.keys().copied().collect();
        for id in ids {
            self.write(id);
        }
    }

    fn write(&mut self, id: usize) {
        loop {
            let Some(stream) = self.connections.get_mut(&id) else {
                return;
            };
            let pending = self.core.pending(id);
            if pending.is_empty() {
                break;
            }
            match stream.write(pending) {
                Ok(count) => self.core.wrote(id, count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.drop_connection(id),
            }
        }
        if self.core.wants_close(id) {
            self.drop_connection(id);
        }
    }

    fn drop_connection(&mut self, id: usize) {
        if let Some(mut stream) = self.connections.remove(&id) {
            let _ = self.poll.registry().deregister(&mut stream);
        }
        self.core.on_disconnect(id);
    }

    fn publish(&mut self) {
        let Some(listener) = &self.quotes else {
            return;
        };
        let fresh = self.core.take_quotes();
        for reader in &mut self.readers {
            reader.backlog.extend_from_slice(&fresh);
        }
        while let Ok((stream, _)) = listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                let backlog = self.core.all_quotes();
                self.readers.push(Reader { stream, backlog });
            }
        }
        self.readers.retain_mut(Reader::write);
    }
}

impl Reader {
    /// Write what the reader takes; false when it is gone or too far behind.
    fn write(&mut self) -> bool {
        while !self.backlog.is_empty() {
            match self.stream.write(&self.backlog) {
                Ok(0) => return false,
                Ok(count) => drop(self.backlog.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        self.backlog.len() < QUOTE_BACKLOG
    }
}

fn listen_quotes(path: &Path) -> Result<UnixListener, String> {
    let failed = |error: io::Error| format!("venue: quotes on {}: {error}", path.display());
    // A socket file left by an earlier run stands in the way.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

fn wall_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Serve a configuration until a signal asks to stop.
///
/// # Errors
/// When the configuration does not hold or the system refuses.
pub fn serve(
    config: &Config,
    flow: &[u8],
    mut tell: impl FnMut(&Told<'_>),
) -> Result<Served, String> {
    let mut server = Server::bind(config, flow)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|error| format!("venue: signal {signal}: {error}"))?;
    }
    tell(&Told::Listening(&server.addresses()));
    server
        .serve(&stop, tell)
        .map_err(|error| format!("venue: {error}"))
}
