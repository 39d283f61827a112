//! The world of one run: its processes, what connects them, and its time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panshi_venue::venue::VenueCore;

use crate::chance::Chance;
use crate::clock::venue_now;
use crate::day::{self, ClientRow, GatewayRow};
use crate::disk::SimDisk;
use crate::gate_side::GateSide;
use crate::net::{Closing, End, Net, Parcel};
use crate::order_system::{OrderSystem, Stage};
use crate::plan::Plan;
use crate::queue::{Event, MS, Queue};
use crate::said::{Said, take};
use crate::trace::{Detail, Trace};
use crate::witness::{Broken, Witness};

/// How often an order system and the exchange look at their timers.
const CLIENT_TICK_NS: u64 = 200 * MS;
const VENUE_TICK_NS: u64 = 20 * MS;

/// What became of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Laws that did not hold.
    pub broken: Vec<Broken>,
    /// A number that stands for everything that happened.
    pub digest: u64,
    /// What was counted.
    pub counts: BTreeMap<&'static str, u64>,
    /// The lines that were asked for.
    pub text: String,
}

/// The world.
pub(crate) struct World {
    pub plan: Plan,
    pub queue: Queue,
    pub net: Net,
    pub chance: Chance,
    pub disk: Arc<SimDisk>,
    pub gate: GateSide,
    pub venue: VenueCore,
    pub gateways: Vec<GatewayRow>,
    /// Lines of the exchange's sessions, by session.
    pub sessions: BTreeMap<usize, usize>,
    /// Gateways of the exchange's sessions, by session.
    pub session_gateways: BTreeMap<usize, usize>,
    pub clients: Vec<OrderSystem>,
    pub witness: Witness,
    pub trace: Trace,
    pub counts: BTreeMap<&'static str, u64>,
    /// Bytes of lines that do not make a whole message yet, by line and way.
    pub partial: BTreeMap<(usize, usize), Vec<u8>>,
    /// Folder of the run.
    pub folder: PathBuf,
    /// Whoever logged on a second time.
    pub intruders: Vec<OrderSystem>,
    /// Until when no connection to a gateway comes about.
    pub unreachable_until_ns: Vec<u64>,
    /// Lines on which the gate took a client's logon.
    pub logged_on: BTreeMap<u16, Vec<usize>>,
    /// Who is at the far end of each line of the gate: a client's row or a market.
    far_ends: BTreeMap<usize, FarEnd>,
    /// Turns of the gate, since its last start, that have appended.
    pub turns: u64,
}

/// Who is at the far end of a line of the gate.
#[derive(Clone, Debug)]
pub(crate) enum FarEnd {
    /// A client, or somebody who uses its id.
    Client(ClientRow),
    /// An exchange gateway of a market.
    Exchange(u8),
}

/// Play a plan in a folder that is made for it and removed again.
///
/// # Errors
/// When the plan's setting does not hold, or the machine's disk fails.
pub fn play(plan: &Plan, folder: &Path, detail: Detail) -> Result<Outcome, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let played = World::new(plan.clone(), folder, detail).map(|mut world| {
        world.run();
        world.outcome()
    });
    std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    played
}

impl World {
    fn new(plan: Plan, folder: &Path, detail: Detail) -> Result<Self, String> {
        let journal: PathBuf = folder.join("journal");
        let disk = Arc::new(SimDisk::new(&journal));
        let setting = &plan.setting;
        let venue = VenueCore::new(day::venue_config(&plan)?)?;
        let config = day::gate_config(setting, &journal)?;
        let gateways = day::gateways(setting);
        let pbus = gateways
            .iter()
            .map(|row| (row.market, day::text(row.pbu)))
            .collect();
        let mut queue = Queue::default();
        for (at, act) in plan.acts.iter().enumerate() {
            queue.at(act.at_ms * MS, Event::Act(at));
        }
        queue.at(0, Event::VenueTick);
        queue.at(10 * MS, Event::Start);
        let mut chance = Chance::branch(plan.seed, "world", 0);
        let mut clients = Vec::new();
        for (at, row) in day::clients(setting).into_iter().enumerate() {
            clients.push(OrderSystem::new(row, chance.from(20 * MS, 500 * MS)));
            queue.at(0, Event::ClientTick(at));
        }
        Ok(Self {
            net: Net::new(setting.net, plan.seed),
            gateways,
            witness: Witness::new(
                setting.durability,
                &journal,
                pbus,
                config.capacity.capacity(),
            ),
            gate: GateSide::new(config, day::rows(setting)),
            queue,
            chance,
            disk,
            venue,
            sessions: BTreeMap::new(),
            session_gateways: BTreeMap::new(),
            clients,
            trace: Trace::new(detail),
            counts: BTreeMap::new(),
            partial: BTreeMap::new(),
            folder: folder.to_path_buf(),
            intruders: Vec::new(),
            unreachable_until_ns: vec![0; 4],
            logged_on: BTreeMap::new(),
            far_ends: BTreeMap::new(),
            turns: 0,
            plan,
        })
    }

    fn outcome(mut self) -> Outcome {
        self.gate.abandon();
        Outcome {
            broken: self.witness.broken,
            digest: self.trace.digest(),
            counts: self.counts,
            text: self.trace.text().to_owned(),
        }
    }

    fn run(&mut self) {
        self.plan_the_end();
        while let Some(event) = self.queue.next() {
            if event == Event::End || !self.witness.broken.is_empty() {
                break;
            }
            self.happen(event);
        }
        if self.witness.broken.is_empty() {
            self.judge_the_end();
        }
        for broken in self.witness.broken.clone() {
            self.say(Detail::Compact, || {
                format!("BROKEN {}: {}", broken.law, broken.text)
            });
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Act(at) => self.act(at),
            Event::Read { line, way } => self.read(line, way),
            Event::Room { line, way } => self.room(line, way),
            Event::ClientArrives { client, attempt } => self.client_arrives(client, attempt),
            Event::LinkConnects {
                link,
                run,
                attempt,
                gateway,
            } => self.link_connects(link, (run, attempt), gateway),
            Event::ClientTick(client) => {
                self.client_tick(client);
                self.queue.after(CLIENT_TICK_NS, event);
            }
            Event::GateTick(run) => self.gate_tick(run),
            Event::GateReads { run, conn } => self.gate_reads_on(run, conn),
            Event::VenueTick => {
                self.venue.advance(venue_now(self.queue.now()));
                self.venue_writes();
                self.queue.after(VENUE_TICK_NS, event);
            }
            Event::Sync(run) => self.sync(run),
            Event::Keep(run) => self.keep(run),
            Event::Start => self.start_gate(),
            Event::DiskRoom => self.disk.set_full(false),
            Event::Ending(step) => self.ending(step),
            Event::End => {}
        }
    }

    /// Count something.
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Write a line down.
    pub fn say(&mut self, detail: Detail, text: impl FnOnce() -> String) {
        self.trace.line(detail, self.queue.now(), text);
    }

    /// Something may be read at the end of a way.
    fn read(&mut self, line: usize, way: usize) {
        let Some(reader) = self.net.reader(line, way) else {
            return;
        };
        for parcel in self.net.read(line, way, &mut self.queue) {
            self.trace.mix((line * 2 + way) as u64 ^ self.queue.now());
            if let Parcel::Bytes(bytes) = &parcel {
                self.trace.mix_bytes(bytes);
            }
            match (reader, parcel) {
                (End::Client(client), Parcel::Bytes(bytes)) => self.client_reads(client, &bytes),
                (End::Client(client), Parcel::Closed) => self.client_loses(client, line),
                (End::Intruder(place), Parcel::Bytes(bytes)) => {
                    self.intruder_reads(place, line, &bytes);
                }
                (End::Intruder(_), Parcel::Closed) => {
                    self.net.close((line, 0), Closing::Finish, &mut self.queue);
                }
                (End::Gate(conn), Parcel::Bytes(bytes)) => {
                    self.gate_reads(conn, (line, way), &bytes);
                }
                (End::Gate(conn), Parcel::Closed) => self.gate_loses(conn, (line, 1 - way)),
                (End::Venue(session), Parcel::Bytes(bytes)) => {
                    self.venue
                        .on_bytes(session, &bytes, venue_now(self.queue.now()));
                    self.venue_writes();
                }
                (End::Venue(session), Parcel::Closed) => {
                    self.net
                        .close((line, 1 - way), Closing::Finish, &mut self.queue);
                    self.sessions.remove(&session);
                    self.venue.on_disconnect(session);
                }
            }
        }
    }

    fn room(&mut self, line: usize, way: usize) {
        match self.net.writer(line, way) {
            Some(End::Client(client)) => self.client_writes(client),
            Some(End::Gate(conn)) => self.gate_has_room(conn),
            Some(End::Venue(_)) => self.venue_writes(),
            Some(End::Intruder(_)) | None => {}
        }
    }

    /// Write what the exchange's sessions have, and close those that are over.
    pub fn venue_writes(&mut self) {
        let lines: Vec<(usize, usize)> = self
            .sessions
            .iter()
            .map(|(id, line)| (*id, *line))
            .collect();
        for (session, line) in lines {
            loop {
                let pending = self.venue.pending(session);
                if pending.is_empty() {
                    break;
                }
                match self.net.write((line, 1), pending, &mut self.queue) {
                    Some(0) | None => break,
                    Some(count) => self.venue.wrote(session, count),
                }
            }
            if self.venue.wants_close(session) {
                self.net.close((line, 1), Closing::Finish, &mut self.queue);
                self.sessions.remove(&session);
                self.venue.on_disconnect(session);
            }
        }
    }

    /// An order system's connection reaches the gate.
    fn client_arrives(&mut self, client: usize, attempt: u64) {
        let now = self.queue.now();
        let row = &self.clients[client];
        if row.attempt != attempt || row.stage != Stage::Connecting {
            return;
        }
        let Some(conn) = self.gate.accept(&row.row, now) else {
            let wait = self.chance.from(300 * MS, 2_000 * MS);
            self.clients[client].gone(now, wait);
            return;
        };
        let far = FarEnd::Client(self.clients[client].row.clone());
        let line = self.connect([End::Client(client), End::Gate(conn)], far);
        self.gate.keep(conn, (line, 1));
        let _ = self.clients[client].connected(line, now);
        self.client_writes(client);
    }

    fn client_tick(&mut self, client: usize) {
        let now = self.queue.now();
        let row = &mut self.clients[client];
        if let Stage::Down(at) = row.stage
            && now >= at
        {
            row.attempt += 1;
            row.stage = Stage::Connecting;
            let latency = self.net.latency(&mut self.chance);
            let attempt = row.attempt;
            self.queue
                .after(latency, Event::ClientArrives { client, attempt });
            return;
        }
        if now < row.frozen_until_ns {
            return;
        }
        if let Ok(false) = row.tick(now) {
            self.client_drops(client, Closing::Reset);
        }
        self.client_writes(client);
    }

    /// Write what an order system has to say.
    pub fn client_writes(&mut self, client: usize) {
        let row = &mut self.clients[client];
        let Some(line) = row.line else { return };
        match self.net.write((line, 0), &row.outbox, &mut self.queue) {
            Some(count) => drop(row.outbox.drain(..count)),
            None => row.outbox.clear(),
        }
    }

    /// An order system lets its connection go and will come again.
    pub fn client_drops(&mut self, client: usize, how: Closing) {
        let now = self.queue.now();
        let wait = self.chance.from(300 * MS, 2_000 * MS);
        if let Some(line) = self.clients[client].line {
            self.net.close((line, 0), how, &mut self.queue);
            self.clients[client].gone(now, wait);
        }
    }

    fn client_loses(&mut self, client: usize, line: usize) {
        if self.clients[client].line == Some(line) {
            self.client_drops(client, Closing::Finish);
        }
    }

    fn client_reads(&mut self, client: usize, bytes: &[u8]) {
        let now = self.queue.now();
        let row = &mut self.clients[client];
        let Some(line) = row.line else { return };
        let messages = match row.received(bytes, now) {
            Ok(messages) => messages,
            Err(error) => {
                let number = row.row.number;
                self.witness.broke(
                    "the gate speaks the protocol",
                    format!("client {number}: {error}"),
                );
                return;
            }
        };
        for heard in messages {
            let _ = self.clients[client].answer(&heard, now);
            let number = self.clients[client].row.number;
            self.say(Detail::Full, || format!("client {number} hears {heard:?}"));
            if let Said::Logout(_) = heard.said {
                self.client_drops(client, Closing::Finish);
                break;
            }
        }
        let _ = line;
        self.client_writes(client);
    }

    /// Put a line between the gate and somebody.
    pub fn connect(&mut self, ends: [End; 2], far: FarEnd) -> usize {
        let line = self.net.connect(ends);
        self.far_ends.insert(line, far);
        line
    }

    /// The client at the far end of a line of the gate.
    pub fn client_of(&self, line: usize) -> Option<ClientRow> {
        match self.far_ends.get(&line)? {
            FarEnd::Client(row) => Some(row.clone()),
            FarEnd::Exchange(_) => None,
        }
    }

    /// The market of the exchange gateway at the far end of a line of the gate.
    pub fn market_of(&self, line: usize) -> Option<u8> {
        match self.far_ends.get(&line)? {
            FarEnd::Client(_) => None,
            FarEnd::Exchange(market) => Some(*market),
        }
    }

    /// Whole messages in the bytes that passed a place on a line.
    pub fn messages(
        &mut self,
        market: u8,
        place: (usize, usize),
        bytes: &[u8],
    ) -> Vec<crate::said::Heard> {
        let partial = self.partial.entry(place).or_default();
        partial.extend_from_slice(bytes);
        let mut messages = Vec::new();
        let mut at = 0;
        while let Ok(Some((heard, length))) = take(market, &partial[at..]) {
            at += length;
            messages.push(heard);
        }
        partial.drain(..at);
        messages
    }
}
