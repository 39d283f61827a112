//! Real sockets and the real clock around the gate: one thread, one event loop.
//!
//! With `spin` the loop never sleeps; otherwise it sleeps until bytes come, the journal has moved or a timer is due.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use panshi_engine::input::Input;
use panshi_journal::{EventFd, Options};
use panshi_wire::market_clock::MarketClock;
use rustls::ServerConfig;

use crate::clock::Clock;
use crate::config::Config;
use crate::conn::SECOND_NS;
use crate::cores;
use crate::day::read_day;
use crate::follower;
use crate::gate::{Gate, Wish};
use crate::latch::Latch;
use crate::listening::{AFTER_PRIMARY, listen_on};
use crate::log::Log;
use crate::mark::Reason;
use crate::publish;
use crate::pulse::Pulse;
use crate::side::Side;
use crate::sockets::Socket;
use crate::start::{Surroundings, start};
use crate::stop_socket::StopSocket;
use crate::takeover::{Source, stand_by};
use crate::tls;

const JOURNAL: Token = Token(0);
const LISTEN: usize = 10;
/// Tokens from here on are connections that are being made.
pub(crate) const CONNECTING: usize = 1_000;
/// Tokens from here on are connections of the gate.
pub(crate) const CONNS: usize = 1_000_000;
/// Tokens from here on belong to control, metrics and quotes.
pub(crate) const SIDE: usize = 10_000;

/// What a gate did until it ended.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Orders received.
    pub orders: u64,
    /// Last sequence of the journal.
    pub last_sequence: u64,
    /// Why it ended although nobody asked it to.
    pub halted: Option<String>,
}

/// The loop around a gate.
pub(crate) struct Shell {
    pub(crate) gate: Gate,
    pub(crate) poll: Poll,
    clock: Clock,
    wake: Arc<EventFd>,
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) tls: Vec<Option<Arc<ServerConfig>>>,
    pub(crate) sockets: Vec<Option<Socket>>,
    pub(crate) connecting: Vec<Option<TcpStream>>,
    side: Side,
    pub(crate) again: Vec<usize>,
    /// Ports at which more connections may wait.
    pub(crate) accepting: Vec<usize>,
    dirty: Vec<usize>,
    durable: u64,
    told: u64,
    next_watch: u64,
    pulse: Arc<Pulse>,
}

/// Serve until told to stop; everything but the stop flag is decided by the configuration.
///
/// # Errors
/// When the gate cannot start, or its event loop cannot go on.
pub fn serve(config_json: &str, day: &[u8], stop: &Arc<AtomicBool>) -> Result<Summary, String> {
    let config: Config =
        serde_json::from_str(config_json).map_err(|error| format!("configuration: {error}"))?;
    let rows = read_day(day)?;
    let market = match &config.clock {
        None => MarketClock::Wall,
        Some(value) => market_clock(value)?,
    };
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(stop))
            .map_err(|error| format!("signal {signal}: {error}"))?;
    }
    let wake = Arc::new(EventFd::new().map_err(|error| format!("event counter: {error}"))?);
    let clock = Clock::start(market);
    let latch = open_latch(&config)?;
    let socket = config.stop.socket.as_deref();
    // Before the journal is read, or another gate is followed: whoever stops meanwhile is heeded before the first order.
    let stops = socket
        .map(|path| StopSocket::open(path, config.stop.persons.as_deref(), &latch, wake.clone()))
        .transpose()?;
    let around = Surroundings {
        journal: Options {
            waker: Some(wake.clone()),
            ..Options::default()
        },
        log: Log::open(config.log.as_deref())?,
        now: clock.now(),
        latch,
    };
    let source = match config.standby.follow {
        None => Source::Journal(Box::new(around)),
        Some(primary) => match stand_by(&config, &rows, around, (primary, &clock), stop)? {
            None => return Ok(Summary::default()),
            Some(taken) => Source::Primary(Box::new(taken)),
        },
    };
    let mut shell = Shell::open(config, &rows, (clock, wake), source)?;
    if let Some(stops) = &stops {
        shell.gate.share_persons(stops.persons());
    }
    shell.run(stop)
}

/// The latch of this gate, which no other one may obey.
fn open_latch(config: &Config) -> Result<Arc<Latch>, String> {
    let path = config.latch();
    let latch = Latch::open(&path)?;
    if latch.lock() {
        return Ok(Arc::new(latch));
    }
    Err(format!(
        "latch {}: must be of one gate only, found another one that obeys it; \
         give each gate its own, stop.latch",
        path.display()
    ))
}

/// Read a market clock from its JSON form.
///
/// # Errors
/// When a key is missing or the segments do not hold.
pub fn market_clock(value: &serde_json::Value) -> Result<MarketClock, String> {
    use panshi_wire::market_clock::Segment;
    let number = |value: &serde_json::Value, key: &str| {
        value
            .get(key)
            .and_then(serde_json::Value::as_u64)
            .ok_or_else(|| format!("clock: {key} must be a whole number, found {value}"))
    };
    let trade_date = u32::try_from(number(value, "trade_date")?)
        .map_err(|_| "clock: trade_date must be YYYYMMDD".to_owned())?;
    let segments = value
        .get("segments")
        .and_then(serde_json::Value::as_array)
        .ok_or("clock: segments must be a list")?;
    let mut read = Vec::with_capacity(segments.len());
    for segment in segments {
        read.push(Segment {
            from_ns_of_day: number(segment, "from_ns_of_day")?,
            to_ns_of_day: number(segment, "to_ns_of_day")?,
            wall_ms: number(segment, "wall_ms")?,
        });
    }
    MarketClock::new(trade_date, number(value, "start_unix_ns")?, read)
        .map_err(|error| format!("clock: {error}"))
}

impl Shell {
    fn open(
        config: Config,
        rows: &[Input],
        (clock, wake): (Clock, Arc<EventFd>),
        source: Source,
    ) -> Result<Self, String> {
        let poll = Poll::new().map_err(|error| format!("event loop: {error}"))?;
        let registry = poll.registry();
        let raw = wake.as_fd().as_raw_fd();
        registry
            .register(&mut SourceFd(&raw), JOURNAL, Interest::READABLE)
            .map_err(|error| format!("event counter: {error}"))?;
        let (mut listeners, mut secured) = (Vec::new(), Vec::new());
        let patience = match source {
            Source::Journal(_) => Duration::ZERO,
            Source::Primary(_) => AFTER_PRIMARY,
        };
        for (at, listen) in config.listen.iter().enumerate() {
            let mut listener = listen_on(listen.address, patience)?;
            registry
                .register(&mut listener, Token(LISTEN + at), Interest::READABLE)
                .map_err(|error| format!("listen {}: {error}", listen.address))?;
            secured.push(listen.tls.as_ref().map(tls::load).transpose()?);
            listeners.push(listener);
        }
        let side = Side::open(&config, registry)?;
        let links = config.gateways.len();
        let mut gate = match source {
            Source::Journal(around) => start(config, rows, *around)?,
            Source::Primary(taken) => taken.begin(rows, &clock)?,
        };
        gate.measure_with(clock.started());
        let free = gate.journal.0.disk().room(&gate.config.journal.dir);
        gate.require_room(free.ok())?;
        if let Some(setting) = gate.follower_setting() {
            gate.follow_with(follower::spawn(setting)?);
        }
        let pulse = Arc::new(Pulse::default());
        if let Some(setting) = gate.publish_setting(&pulse, &wake)? {
            gate.publish_with(publish::spawn(setting)?);
        }
        // The journal's threads are there already and keep all cores.
        if let Some(core) = gate.config.core {
            cores::keep_to(&[core]).map_err(|error| format!("core {core}: {error}"))?;
        }
        let mut connecting = Vec::new();
        connecting.resize_with(links, || None);
        Ok(Self {
            gate,
            poll,
            clock,
            wake,
            listeners,
            tls: secured,
            sockets: Vec::new(),
            connecting,
            side,
            again: Vec::new(),
            accepting: Vec::new(),
            dirty: Vec::new(),
            durable: 0,
            told: 0,
            next_watch: 0,
            pulse,
        })
    }

    fn run(&mut self, stop: &AtomicBool) -> Result<Summary, String> {
        let mut events = Events::with_capacity(1024);
        let spin = self.gate.config.spin;
        let timer = Duration::from_millis(self.gate.config.timer_ms.max(1));
        let mut next_tick = 0;
        loop {
            let wait = if spin || self.has_work() {
                Duration::ZERO
            } else {
                timer
            };
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    return Err(format!("event loop: {error}"));
                }
                _ => {}
            }
            self.pulse.turn();
            self.gate.set_now(self.clock.now());
            self.end_expired();
            self.gate.heed();
            let quiet = events.is_empty() && !self.has_work();
            let turn = std::mem::take(&mut self.again);
            for id in turn {
                if let Some(Some(socket)) = self.sockets.get_mut(id) {
                    socket.queued = false;
                }
                self.read(id);
            }
            for port in std::mem::take(&mut self.accepting) {
                self.accept(port);
            }
            for event in &events {
                self.handle(event);
            }
            if self.clock.mono_ns() >= next_tick {
                next_tick = self.clock.mono_ns() + self.gate.config.timer_ms.max(1) * 1_000_000;
                if stop.load(Ordering::Relaxed) {
                    self.gate.stop();
                }
                self.watch();
                self.gate.tick();
                self.side.tick(&mut self.gate, self.poll.registry());
            }
            self.finish_turn();
            if self.gate.is_done() {
                return Ok(self.summary());
            }
            if spin && quiet {
                // The sync thread must not starve on a machine with few cores.
                std::thread::yield_now();
            }
        }
    }

    /// Whether something is left to do that nobody tells of.
    fn has_work(&self) -> bool {
        !self.again.is_empty() || !self.accepting.is_empty() || self.gate.has_dirty()
    }

    /// Tell the gate once a second what only the machine knows: the free space, and what its clock says.
    fn watch(&mut self) {
        if self.clock.mono_ns() < self.next_watch {
            return;
        }
        self.next_watch = self.clock.mono_ns() + SECOND_NS;
        let journal = &self.gate.journal.0;
        let free = journal.disk().room(journal.dir()).ok();
        self.gate.note_free(free);
        self.gate.note_machine_clock(self.clock.machine_offset_ns());
    }

    fn summary(&mut self) -> Summary {
        self.pulse.end();
        self.gate.hash_state(Reason::Stop);
        // Answers of the control socket that wait for the journal, or were not read yet.
        let journal = &self.gate.journal.0;
        if self.gate.failure().is_none()
            && let Err(error) = journal.wait_durable(journal.appended_seq())
        {
            self.gate.fail(format!("journal: {error}"));
        }
        if self.gate.failure().is_none()
            && self.gate.seals()
            && let Err(error) = self.gate.journal.0.seal()
        {
            self.gate.fail(format!("journal: {error}"));
        }
        self.gate.end_publishing();
        match self.gate.failure() {
            None => self.side.answer(self.gate.durable_seq()),
            Some(reason) => self.side.give_up(reason),
        }
        Summary {
            orders: self.gate.book.counts.orders,
            last_sequence: self.gate.journal.0.appended_seq(),
            halted: self.gate.failure().map(str::to_owned),
        }
    }

    fn handle(&mut self, event: &mio::event::Event) {
        match event.token() {
            JOURNAL => {
                let _ = self.wake.drain();
            }
            Token(token) if token >= CONNS => {
                let id = token - CONNS;
                if let Some(Some(socket)) = self.sockets.get_mut(id) {
                    socket.told(event.is_read_closed());
                }
                if event.is_readable() || event.is_read_closed() {
                    self.read(id);
                }
                if event.is_writable() {
                    self.gate.touch(id);
                }
            }
            Token(token) if token >= SIDE => {
                self.side
                    .handle(token, &mut self.gate, self.poll.registry());
            }
            Token(token) if token >= CONNECTING => self.connected(token - CONNECTING),
            Token(token) => self.accept(token - LISTEN),
        }
    }

    /// Write what may leave, then do what the gate wished for.
    fn finish_turn(&mut self) {
        let durable = self.gate.journal.0.durable_seq();
        self.gate.request_sync();
        if durable != self.durable {
            self.side.answer(durable);
        }
        let moved = (durable, self.gate.told_seq());
        if moved != (self.durable, self.told) {
            (self.durable, self.told) = moved;
            self.gate.journal_moved();
        }
        // A process that was held up in the middle of a turn must not send what the turn decided.
        if self.gate.config.claim.lease.is_some() {
            self.gate.set_now(self.clock.now());
            self.end_expired();
        }
        let mut dirty = std::mem::take(&mut self.dirty);
        // Sending can make more dirty: a replay goes on as room comes free.
        for _ in 0..4 {
            self.gate.take_dirty(&mut dirty);
            if dirty.is_empty() {
                break;
            }
            for id in &dirty {
                self.write(*id);
            }
        }
        self.dirty = dirty;
        for wish in self.gate.take_wishes() {
            match wish {
                Wish::Connect(link, address) => self.connect(link, address),
                Wish::GiveUp(link) => self.connecting[link] = None,
                // Its slot may be somebody else's by now, who came in the same turn.
                Wish::Drop(id) if self.gate.conn(id).is_some_and(|conn| conn.is_live()) => {}
                Wish::Drop(id) => {
                    self.write(id);
                    self.drop_conn(id);
                }
            }
        }
    }
}
