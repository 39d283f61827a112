//! The gate as a state machine over connections: bytes and moments in, bytes and wishes out.
//!
//! It owns no socket and reads no clock, so that the shell around it can be the real one or a
//! simulated one.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::output::LoadRefused;
use panshi_journal::{Durability, IdBlocks, Journal, Records};
use panshi_wire::error::WireError;
use serde_json::{Value, json};

use crate::absence::Absence;
use crate::book::Book;
use crate::clock::Now;
use crate::clock_check::ClockWatch;
use crate::config::{Config, Listen};
use crate::conn::{Conn, Ending, Role};
use crate::door::{Door, Offence};
use crate::exchange::Link;
use crate::fullness::Fullness;
use crate::latch::Latch;
use crate::log::Log;
use crate::marks::Marks;
use crate::password::Passwords;
use crate::persons::Persons;
use crate::publish::Publisher;
use crate::room::RoomWatch;
use crate::stamp::StampTable;
use crate::stopping::Stops;
use crate::together::Together;

/// Something the shell must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Connect a link to an address.
    Connect(usize, SocketAddr),
    /// Forget the connection of a link that does not stand yet.
    GiveUp(usize),
    /// Drop a connection; its bytes are sent as far as the kernel takes them.
    Drop(usize),
}

/// The gate.
#[derive(Debug)]
pub struct Gate {
    /// How it runs.
    pub config: Config,
    pub(crate) engine: Engine,
    pub(crate) journal: JournalSlot,
    pub(crate) ids: IdBlocks,
    pub(crate) book: Book,
    pub(crate) door: Door,
    pub(crate) conns: Vec<Option<Conn>>,
    /// Passwords of clients, by port; none: any is taken.
    pub(crate) passwords: Vec<Option<Passwords>>,
    /// Logged-in connections of a client, by client number and platform.
    pub(crate) sessions: Vec<[Option<usize>; 3]>,
    pub(crate) links: Vec<Link>,
    pub(crate) now: Now,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) dirty: Vec<usize>,
    pub(crate) followups: VecDeque<Input>,
    pub(crate) stamps: StampTable,
    pub(crate) log: Log,
    pub(crate) marks: Marks,
    pub(crate) stops: Stops,
    pub(crate) absences: Vec<Absence>,
    pub(crate) records: Records,
    pub(crate) next_tick_ns: u64,
    pub(crate) last_timer_ns: u64,
    /// What sends the journal to standbys.
    pub(crate) publisher: Option<Publisher>,
    /// How it stands with its standbys in mode D.
    pub(crate) together: Together,
    /// Why it must end with a failure.
    pub(crate) failure: Option<String>,
    /// Why the journal has no room behind its current segment.
    pub(crate) full_ahead: Option<String>,
    /// Set when an ordered stop was asked for.
    pub(crate) stopping: bool,
    /// Set when the journal is to be sealed at the end.
    pub(crate) sealing: bool,
    /// Free space of the journal's disk.
    pub(crate) room: RoomWatch,
    pub(crate) fullness: [Fullness; 6],
    /// The own clock beside the exchange's.
    pub(crate) clocks: ClockWatch,
    /// Sequence for which an answer of the control socket waits.
    pub(crate) answers_hold: u64,
    /// Reference rows that the engine did not take.
    pub(crate) refused_rows: u64,
    /// The first of them since a command began.
    pub(crate) first_refused: Option<LoadRefused>,
    pub(crate) done_stamps: Vec<u32>,
    /// Reads the time inside a moment; none: time stands still between two moments.
    precise: Option<Instant>,
    outputs: Vec<Output>,
}

/// The journal; a type of its own because the journal has no `Debug`.
pub(crate) struct JournalSlot(pub Journal);

impl std::fmt::Debug for JournalSlot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Journal").field(&self.0.dir()).finish()
    }
}

/// The parts of a gate that a start brings together.
pub struct Parts {
    /// How it runs.
    pub config: Config,
    /// The engine, its state rebuilt.
    pub engine: Engine,
    /// The open journal.
    pub journal: Journal,
    /// Numbers for the gate's own cancels.
    pub ids: IdBlocks,
    /// What the journal said of the day.
    pub book: Book,
    /// The log.
    pub log: Log,
    /// Marks of the state.
    pub marks: Marks,
    /// Where stops are latched.
    pub latch: Arc<Latch>,
}

impl Gate {
    /// Put a gate together.
    ///
    /// # Errors
    /// When a file of passwords or persons may not be used.
    pub fn new(parts: Parts) -> Result<Self, String> {
        let passwords = load_passwords(&parts.config)?;
        let links = parts
            .config
            .gateways
            .iter()
            .map(|gateway| Link::new(gateway, &parts.config.claim))
            .collect::<Result<_, _>>()?;
        let door = Door::new(&parts.config);
        let persons = Persons::load(parts.config.stop.persons.as_deref())?;
        let stops = Stops::new(parts.latch, persons);
        let absences = parts.config.cancel_on_disconnect.iter();
        let absences = absences.map(Absence::new).collect();
        let stamps = StampTable::new(parts.engine.capacity().orders);
        Ok(Self {
            config: parts.config,
            engine: parts.engine,
            journal: JournalSlot(parts.journal),
            ids: parts.ids,
            book: parts.book,
            door,
            conns: Vec::new(),
            passwords,
            sessions: Vec::new(),
            links,
            now: Now::default(),
            wishes: Vec::new(),
            dirty: Vec::new(),
            followups: VecDeque::new(),
            stamps,
            log: parts.log,
            marks: parts.marks,
            stops,
            absences,
            records: Records::default(),
            next_tick_ns: 0,
            last_timer_ns: 0,
            publisher: None,
            together: Together::default(),
            failure: None,
            full_ahead: None,
            stopping: false,
            sealing: false,
            room: RoomWatch::default(),
            fullness: [Fullness::default(); 6],
            clocks: ClockWatch::default(),
            answers_hold: 0,
            refused_rows: 0,
            first_refused: None,
            done_stamps: Vec::new(),
            precise: None,
            outputs: Vec::with_capacity(64),
        })
    }

    /// Measure the time inside a moment with this clock, which started when the gate did.
    pub fn measure_with(&mut self, start: Instant) {
        self.precise = Some(start);
    }

    /// Nanoseconds since the start, as exactly as they can be had.
    pub(crate) fn precise_ns(&self) -> u64 {
        self.precise.map_or(self.now.mono_ns, |start| {
            u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
        })
    }

    /// Append an output's record.
    pub(crate) fn append_output(&mut self, output: &Output) -> Result<(), String> {
        let kind = u16::try_from(output.record_type()).unwrap_or(0);
        let wall_ns = self.now.wall_ns;
        self.journal
            .0
            .append_at(kind, wall_ns, output.record_len(), |place| {
                let _ = output.write(place);
            })
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// Say what time it is; every later step happens at this moment.
    pub fn set_now(&mut self, now: Now) {
        self.now = now;
    }

    /// Take the wishes that came up.
    pub fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    /// Journal one input, let the engine decide, journal what it said, then do it.
    ///
    /// Nothing is done when the journal refuses; the gate then ends.
    pub(crate) fn input(&mut self, input: &Input) -> Option<u64> {
        let seq = self.input_once(input)?;
        while let Some(next) = self.followups.pop_front() {
            self.input_once(&next)?;
        }
        Some(seq)
    }

    fn input_once(&mut self, input: &Input) -> Option<u64> {
        // Whoever stops must not be overtaken by anything that came after it.
        if self.stops.has_news() {
            self.heed();
        }
        if self.failure.is_some() {
            return None;
        }
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.clear();
        let decided = self.decide(input, &mut outputs);
        let seq = match decided {
            Ok(seq) => seq,
            Err(reason) => {
                self.fail(format!("journal: {reason}"));
                return None;
            }
        };
        for output in &outputs {
            let stream = self.book.note_output(seq, output);
            self.act(seq, input, output, stream);
        }
        self.outputs = outputs;
        Some(seq)
    }

    fn decide(&mut self, input: &Input, outputs: &mut Vec<Output>) -> panshi_journal::Result<u64> {
        let journal = &mut self.journal.0;
        let wall_ns = self.now.wall_ns;
        let appended = append_input(journal, wall_ns, input)?;
        self.book
            .note_input(appended.sequence, appended.position, input);
        self.engine.apply(appended.sequence, input, outputs);
        for output in outputs.iter() {
            let kind = u16::try_from(output.record_type()).unwrap_or(0);
            journal.append_at(kind, wall_ns, output.record_len(), |place| {
                let _ = output.write(place);
            })?;
        }
        Ok(appended.sequence)
    }

    /// The engine, to look at.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The journal, to look at and to do the work beside the appends where no thread does.
    pub const fn journal(&mut self) -> &mut Journal {
        &mut self.journal.0
    }

    /// The last sequence that is on the disk.
    #[must_use]
    pub fn durable_seq(&self) -> u64 {
        self.journal.0.durable_seq()
    }

    /// Let go of everything as a killed process would.
    pub fn abandon(self) {
        self.journal.0.abandon();
    }

    /// Why the gate failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Sequence that must be durable before the exchange may see what was journaled last; 0: it may.
    pub(crate) fn hold_for_exchange(&self) -> u64 {
        match self.journal.0.durability() {
            Durability::Before => self.beyond(self.durable_seq()),
            _ => 0,
        }
    }

    /// Sequence that must be durable before a client may see what was journaled last; 0: it may.
    pub(crate) fn hold_for_client(&self) -> u64 {
        match self.journal.0.durability() {
            Durability::Background => 0,
            _ => self.beyond(self.told_seq()),
        }
    }

    /// The last sequence while it is beyond a mark. What waits is looked at when the mark moves, so nothing may be made to
    /// wait for what the mark has passed already.
    fn beyond(&self, mark: u64) -> u64 {
        let appended = self.journal.0.appended_seq();
        if mark >= appended { 0 } else { appended }
    }

    /// Put a connection into a free place and return its number.
    pub fn add_conn(&mut self, conn: Conn) -> usize {
        if let Some(at) = self.conns.iter().position(Option::is_none) {
            self.conns[at] = Some(conn);
            at
        } else {
            self.conns.push(Some(conn));
            self.conns.len() - 1
        }
    }

    /// The connection with this number.
    pub fn conn(&mut self, id: usize) -> Option<&mut Conn> {
        self.conns.get_mut(id).and_then(Option::as_mut)
    }

    pub(crate) fn inbox_bytes(&self) -> usize {
        (self.config.bounds.message_bytes * 4).max(64 << 10)
    }

    pub(crate) fn open_conns(&self) -> usize {
        self.conns.iter().flatten().count()
    }

    /// Bytes were put into a connection's inbox.
    pub fn received(&mut self, id: usize) {
        let Some(conn) = self.conn(id) else { return };
        let mut inbox = std::mem::take(&mut conn.inbox);
        let (role, live) = (conn.role, conn.is_live());
        let mut more = false;
        match role {
            Role::Client { port, .. } if live => more = self.client_bytes(id, port, &mut inbox),
            Role::Link(link) if live => self.link_bytes(id, link, &mut inbox),
            _ => self.leaving_bytes(id, role, &mut inbox),
        }
        if let Some(conn) = self.conn(id) {
            conn.inbox = inbox;
            conn.more = more;
        }
    }

    /// A whole message came.
    pub(crate) fn heard(&mut self, id: usize) {
        let now_ns = self.now.mono_ns;
        if let Some(conn) = self.conn(id) {
            conn.heard_ns = now_ns;
        }
    }

    /// A connection is gone.
    pub fn closed(&mut self, id: usize) {
        let Some(conn) = self.conns.get_mut(id).and_then(Option::take) else {
            return;
        };
        if let Some(from) = conn.from {
            self.door.leave(from);
        }
        match conn.role {
            Role::Client { client, .. } => self.client_gone(id, client),
            Role::Link(link) => {
                self.link_closed(link);
                self.give_back(self.links[link].config.number, &conn);
            }
        }
    }

    /// Queue a message for a connection. False when its outbox is full.
    pub(crate) fn send(
        &mut self,
        id: usize,
        hold: u64,
        write: impl FnOnce(u64, &mut [u8]) -> Result<usize, WireError>,
    ) -> Option<u64> {
        let now_ns = self.now.mono_ns;
        let conn = self.conns.get_mut(id).and_then(Option::as_mut)?;
        let result = conn.send(hold, now_ns, write);
        if !conn.dirty {
            conn.dirty = true;
            self.dirty.push(id);
        }
        match result {
            Ok(Ok(position)) => Some(position),
            Ok(Err(error)) => {
                self.note(
                    "error",
                    "message cannot be written",
                    json!({ "reason": error.to_string() }),
                );
                None
            }
            Err(_) => {
                self.overflow(id);
                None
            }
        }
    }

    /// An outbox is full: a client that does not read loses its session, a gateway keeps its own.
    fn overflow(&mut self, id: usize) {
        let Some(conn) = self.conn(id) else { return };
        if matches!(conn.role, Role::Client { .. }) && conn.ending != Ending::Now {
            conn.ending = Ending::Now;
            let backlog = conn.outbox.backlog();
            self.offend(id, Offence::SlowReader, &format!("{backlog} bytes wait"));
            self.wishes.push(Wish::Drop(id));
        }
    }

    /// Mark a connection for sending.
    pub(crate) fn touch(&mut self, id: usize) {
        if let Some(conn) = self.conn(id)
            && !conn.dirty
        {
            conn.dirty = true;
            self.dirty.push(id);
        }
    }

    /// Write a line of the log.
    pub(crate) fn note(&mut self, level: &str, event: &str, fields: Value) {
        self.log.line(level, self.now.wall_ns, event, fields);
    }
}

/// Read the passwords of each port's clients.
pub(crate) fn load_passwords(config: &Config) -> Result<Vec<Option<Passwords>>, String> {
    let load = |listen: &Listen| {
        let path = listen.passwords.as_deref();
        path.map(Passwords::load)
            .transpose()
            .map_err(|error| format!("listen {}: passwords: {error}", listen.address))
    };
    config.listen.iter().map(load).collect()
}

/// Append an input's record.
pub(crate) fn append_input(
    journal: &mut Journal,
    wall_ns: u64,
    input: &Input,
) -> panshi_journal::Result<panshi_journal::Appended> {
    let kind = u16::try_from(input.record_type()).unwrap_or(0);
    journal.append_at(kind, wall_ns, input.record_len(), |place| {
        let _ = input.write(place);
    })
}
