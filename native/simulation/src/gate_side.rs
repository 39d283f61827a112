//! The gate's process: the loop that the real one has around it, with virtual sockets and clocks.

mod reading;
mod turn;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use panshi_engine::capacity::Capacity;
use panshi_engine::input::Input;
use panshi_gate::config::Config;
use panshi_gate::gate::Gate;
use panshi_gate::latch::Latch;
use panshi_gate::log::Log;
use panshi_gate::start::{Surroundings, start};
use panshi_journal::{Faults, Options};

use crate::clock::{GateClock, venue_now};
use crate::day::ClientRow;
use crate::gate_side::reading::Received;
use crate::net::End;
use crate::plan::{CrashAct, Point};
use crate::queue::{Event, MS};
use crate::trace::Detail;
use crate::world::{FarEnd, World};

/// Lines of the gate's log that were not looked at yet.
#[derive(Clone, Debug, Default)]
struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    fn take(&self) -> String {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *bytes)).into_owned()
    }
}

impl Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The gate's process.
pub struct GateSide {
    config: Config,
    rows: Vec<Input>,
    /// Outlives the process, as its file does.
    latch: Arc<Latch>,
    /// The gate, while it runs.
    pub gate: Option<Gate>,
    clock: GateClock,
    /// How often it was started.
    pub run: u64,
    /// Line and end of each connection of the gate.
    lines: Vec<Option<(usize, usize)>>,
    /// What the kernel holds for each connection of the gate.
    kernel: BTreeMap<usize, Received>,
    /// The latest attempt of each link to connect; an earlier one was given up.
    attempts: BTreeMap<usize, u64>,
    durable: u64,
    dirty: Vec<usize>,
    sync_is_due: bool,
    log: LogLines,
    /// Answers of the control socket that were not told yet: the record for which each waits, and
    /// the one for which it must.
    pub answers: Vec<(u64, u64)>,
    /// How its process is to end, once it comes to that point.
    pub crash: Option<CrashAct>,
    /// By how much its wall clock is wrong from the next start on.
    pub wrong_by_ns: i64,
    /// Hash of the engine's state when the process ended last.
    pub last_hash: u64,
    /// How often the machine was started again.
    pub boot: u64,
    /// Ends of lines that a power cut left behind: their machine does not know them any more.
    pub forgotten: Vec<(usize, usize)>,
}

impl GateSide {
    /// Clients that a stop keeps out.
    #[must_use]
    pub fn isolated(&self) -> Vec<u32> {
        let standing = self.latch.standing().into_iter();
        let kept_out = standing.filter(|row| row.stop.isolate == 1);
        let mut clients: Vec<u32> = kept_out.map(|row| row.stop.id).collect();
        clients.dedup();
        clients
    }

    /// A process that is not started yet.
    #[must_use]
    pub fn new(config: Config, rows: Vec<Input>) -> Self {
        Self {
            config,
            rows,
            latch: Arc::new(Latch::in_memory()),
            gate: None,
            clock: GateClock::default(),
            run: 0,
            lines: Vec::new(),
            kernel: BTreeMap::new(),
            attempts: BTreeMap::new(),
            durable: 0,
            dirty: Vec::new(),
            sync_is_due: false,
            log: LogLines::default(),
            answers: Vec::new(),
            crash: None,
            wrong_by_ns: 0,
            last_hash: 0,
            boot: 1,
            forgotten: Vec::new(),
        }
    }

    /// The gate at this moment.
    pub fn now(&mut self, now_ns: u64) -> Option<&mut Gate> {
        let gate = self.gate.as_mut()?;
        gate.set_now(self.clock.now(now_ns));
        Some(gate)
    }

    /// A client connects to its port; nothing when nobody takes it.
    pub fn accept(&mut self, client: &ClientRow, now_ns: u64) -> Option<usize> {
        let port = usize::from(client.market - 1);
        let host = Ipv4Addr::new(192, 0, 2, 100 + client.number.to_le_bytes()[0]);
        self.now(now_ns)?
            .accepted(port, SocketAddr::new(IpAddr::V4(host), 40_000))
    }

    /// A connection of the gate lies on an end of a line.
    pub fn keep(&mut self, conn: usize, place: (usize, usize)) {
        if self.lines.len() <= conn {
            self.lines.resize(conn + 1, None);
        }
        self.lines[conn] = Some(place);
        self.kernel.remove(&conn);
    }

    /// Sizes of the engine's tables.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.config.capacity.capacity()
    }

    /// Ends of lines that the gate holds; it lets go of them.
    pub fn take_lines(&mut self) -> Vec<(usize, usize)> {
        self.answers.clear();
        self.kernel.clear();
        self.lines.drain(..).flatten().collect()
    }

    /// End the process as a kill would.
    pub fn abandon(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.abandon();
        }
    }
}

impl World {
    /// Start the gate: the first time, or again after whatever ended it.
    pub fn start_gate(&mut self) {
        let now = self.queue.now();
        if self.gate.gate.is_some() {
            return;
        }
        self.disk.revive();
        let _ = self.disk.take_failed();
        if let Some(CrashAct {
            point: Point::Disk(changes),
            ..
        }) = self.gate.crash
        {
            self.disk.die_in(changes);
        }
        for place in std::mem::take(&mut self.gate.forgotten) {
            self.net.forget(place.0, place.1);
        }
        let side = &mut self.gate;
        side.run += 1;
        side.clock = GateClock::start(now, side.wrong_by_ns);
        side.lines.clear();
        side.kernel.clear();
        (side.durable, side.sync_is_due) = (0, false);
        let log = if self.trace.wants(Detail::Full) {
            Log::to(side.log.clone())
        } else {
            Log::to(io::sink())
        };
        let around = Surroundings {
            journal: Options {
                disk: self.disk.clone(),
                stepped: true,
                prefault_bytes: 0,
                faults: Faults {
                    boot: Some(u128::from(side.boot).to_le_bytes()),
                    ..Faults::default()
                },
                ..Options::default()
            },
            log,
            now: side.clock.now(now),
            latch: Arc::clone(&side.latch),
        };
        match start(side.config.clone(), &side.rows, around) {
            Ok(gate) => side.gate = Some(gate),
            Err(reason) => return self.start_failed(reason),
        }
        let run = side.run;
        let disk = std::sync::Arc::clone(&self.disk);
        self.witness.gate_restarted(|path| disk.synced_prefix(path));
        self.turns = 0;
        self.count("gate started");
        self.say(Detail::Compact, || format!("gate started, run {run}"));
        self.queue.at(now, Event::GateTick(run));
        self.queue.at(now, Event::Keep(run));
        self.finish_gate_turn(None);
    }

    /// The gate did not start: its process died, or it says why it cannot.
    fn start_failed(&mut self, reason: String) {
        let excused = self.disk.is_full() || self.disk.take_failed();
        self.say(Detail::Compact, || {
            format!("the gate does not start: {reason}")
        });
        if self.disk.is_dead() {
            let crash = self.gate.crash.unwrap_or(CrashAct {
                point: Point::Idle,
                power: false,
                restart_ms: 1_000,
            });
            self.crash(crash);
        } else if excused {
            self.queue.after(1_000 * MS, Event::Start);
        } else {
            self.witness.broke("the gate starts", reason);
        }
    }

    /// A connection of the gate can be written to again.
    pub fn gate_has_room(&mut self, conn: usize) {
        let now = self.queue.now();
        if self.gate.now(now).is_some() {
            self.finish_gate_turn(Some(conn));
        }
    }

    /// Time passes at the gate.
    pub fn gate_tick(&mut self, run: u64) {
        let now = self.queue.now();
        if run != self.gate.run {
            return;
        }
        let Some(gate) = self.gate.now(now) else {
            return;
        };
        gate.tick();
        self.finish_gate_turn(None);
        let timer_ns = self.plan.setting.timer_ms * MS;
        self.queue.after(timer_ns, Event::GateTick(run));
    }

    /// The sync thread has a turn.
    pub fn sync(&mut self, run: u64) {
        let now = self.queue.now();
        if run != self.gate.run {
            return;
        }
        self.gate.sync_is_due = false;
        let Some(gate) = self.gate.now(now) else {
            return;
        };
        gate.journal().step_sync();
        if self.crash_in_turn() {
            return;
        }
        self.note_synced();
        self.finish_gate_turn(None);
    }

    /// The keeper thread has a turn.
    pub fn keep(&mut self, run: u64) {
        let now = self.queue.now();
        if run != self.gate.run {
            return;
        }
        let Some(gate) = self.gate.now(now) else {
            return;
        };
        gate.journal().step_keeper();
        if self.crash_in_turn() {
            return;
        }
        self.note_synced();
        let pause = self.chance.from(20 * MS, 200 * MS);
        self.queue.after(pause, Event::Keep(run));
    }

    /// Let the witness know what the disk has now.
    pub fn note_synced(&mut self) {
        self.witness.read_journal();
        for path in self.disk.take_synced() {
            let number = path
                .file_stem()
                .and_then(|name| name.to_str()?.parse().ok());
            if let Some(segment) = number.filter(|_| path.extension().is_some_and(|it| it == "pjl"))
            {
                let bytes = self.disk.synced_prefix(&path);
                self.witness.ledger.note_synced(segment, bytes);
            }
        }
    }

    /// What became of a connection that the gate asked for.
    pub fn link_connects(
        &mut self,
        link: usize,
        (run, attempt): (u64, u64),
        gateway: Option<usize>,
    ) {
        let now = self.queue.now();
        if run != self.gate.run || self.gate.attempts.get(&link) != Some(&attempt) {
            return;
        }
        let Some(gate) = self.gate.now(now) else {
            return;
        };
        let reached = gateway.filter(|at| self.unreachable_until_ns[*at] <= now);
        let Some(gateway) = reached else {
            // The attempt is refused, or never answered at all.
            if self.chance.one_in(2) {
                gate.link_failed(link, "nobody answers");
            }
            self.finish_gate_turn(None);
            return;
        };
        let conn = gate.link_connected(link);
        let session = self.venue.on_connect(gateway, venue_now(now));
        let far = FarEnd::Exchange(self.gateways[gateway].market);
        let between = self.connect([End::Gate(conn), End::Venue(session)], far);
        self.sessions.insert(session, between);
        self.session_gateways.insert(session, gateway);
        self.gate.keep(conn, (between, 0));
        self.finish_gate_turn(None);
    }
}
