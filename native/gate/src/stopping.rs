//! Stops: taken from the latch before anything else, taken back by another person than the one who stopped.

use std::path::PathBuf;
use std::sync::Arc;

use panshi_engine::input::Input;
use panshi_engine::kind::{Proof, Scope, TradingState};
use panshi_engine::record::flow::Command;
use panshi_wire::text::trim;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::command::Request;
use crate::control::refusal_text;
use crate::convert::width;
use crate::door::Offence;
use crate::gate::Gate;
use crate::journaled_stops::STOP;
use crate::latch::{ENDING, Latch, Placed, REFUSED, Standing, Stop};
use crate::persons::Persons;
use crate::target::{STATES, Target};

/// How people stop trading.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StopConfig {
    /// File in which stops are latched; none: `stop.latch` beside the journal's directory.
    pub latch: Option<PathBuf>,
    /// Unix socket that takes stops on a thread of its own; none: stops come by the latch and the control socket.
    pub socket: Option<PathBuf>,
    /// File of the persons' salted hashes; none: names are believed, and the journal says so.
    pub persons: Option<PathBuf>,
}

/// What the gate knows of its stops.
#[derive(Debug)]
pub(crate) struct Stops {
    pub(crate) latch: Arc<Latch>,
    pub(crate) persons: Persons,
    /// The latch's counter when it was last looked at.
    seen: u64,
    /// Whether the day's rows are there, so that a stop finds what it is about.
    armed: bool,
    /// Stops that were taken back and stand until the journal has it on the disk.
    ending: Vec<Ending>,
}

/// A stop that was taken back.
#[derive(Debug)]
struct Ending {
    /// Sequence of what took it back.
    sequence: u64,
    number: u64,
    /// What stands in its place.
    rest: Option<Stop>,
}

impl Stops {
    pub(crate) fn new(latch: Arc<Latch>, persons: Persons) -> Self {
        Self {
            latch,
            persons,
            seen: 0,
            armed: false,
            ending: Vec::new(),
        }
    }

    /// Whether somebody stopped something since the last look. One atomic load: it comes before each input.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        self.armed && self.latch.changes() != self.seen
    }

    /// What stands; of what was taken back, that which stands in its place.
    fn standing(&self) -> impl Iterator<Item = Standing> + '_ {
        let standing = self.latch.standing().into_iter();
        standing.filter_map(move |row| {
            let ending = self.ending.iter().find(|one| one.number == row.number);
            match ending {
                None => Some(row),
                Some(ending) => ending.rest.map(|stop| Standing { stop, ..row }),
            }
        })
    }

    fn is_ending(&self, number: u64) -> bool {
        self.ending.iter().any(|one| one.number == number)
    }

    /// The strictest state that stands for a stop's target.
    fn state_of(&self, stop: &Stop) -> u8 {
        let same = self
            .standing()
            .filter(|row| row.taken != REFUSED && row.stop.has_target_of(stop));
        same.map(|row| row.stop.state).max().unwrap_or(0)
    }

    /// The stop that keeps a client out.
    pub(crate) fn isolation_of(&self, client: u16) -> Option<Standing> {
        self.standing().find(|row| {
            let stop = &row.stop;
            stop.isolate == 1
                && stop.scope == Scope::Client.number()
                && stop.id == u32::from(client)
        })
    }
}

impl Gate {
    /// Take the stops that came since the last look.
    pub(crate) fn heed(&mut self) {
        while self.stops.has_news() && self.failure().is_none() {
            self.stops.seen = self.stops.latch.changes();
            self.take_those(|row| row.taken == 0);
        }
    }

    /// Try what was refused once more: rows were loaded, so that its target may be there now.
    pub(crate) fn heed_refused(&mut self) {
        self.take_those(|row| row.taken == REFUSED);
    }

    /// Take the persons who were read for this gate, and share them with the stop socket from now on.
    pub(crate) fn share_persons(&mut self, socket: Persons) {
        socket.renew(&self.stops.persons);
        self.stops.persons = socket;
    }

    fn take_those(&mut self, which: impl Fn(&Standing) -> bool) {
        let rows: Vec<Standing> = self.stops.standing().filter(which).collect();
        for row in rows {
            self.take_standing(&row);
        }
    }

    /// Take everything that stands: the day was opened, or taken up again.
    pub(crate) fn heed_all(&mut self) {
        self.stops.armed = true;
        self.stops.seen = self.stops.latch.changes();
        self.take_those(|_| true);
    }

    fn take_standing(&mut self, row: &Standing) {
        let taken = match self.take_stop(row) {
            Ok(sequence) => sequence,
            Err(reason) => {
                let number = row.number;
                self.note(
                    "error",
                    "stop not taken",
                    json!({ "stop": number, "reason": reason }),
                );
                REFUSED
            }
        };
        // What was taken back is not shared by a further stop, whatever is done with it until it ends.
        if self.stops.is_ending(row.number) {
            return;
        }
        // A gate whose journal failed is stopped as a whole; the next one takes the stop.
        if self.failure().is_none() {
            self.stops.latch.mark_taken(row.number, taken);
        }
    }

    fn take_stop(&mut self, row: &Standing) -> Result<u64, String> {
        let stop = &row.stop;
        let target = Target::of(stop).ok_or("its scope is not known")?;
        self.require_known(&target)?;
        let sequence = self.journal_stop(row, STOP)?;
        let state = self.strictest(&target, stop).max(stop.state);
        let set = target.set_state(state, self.now.market_ns);
        self.first_refused = None;
        self.input(&Input::SetState(set));
        if let Some(refused) = &self.first_refused {
            return Err(refusal_text(refused));
        }
        if stop.cancel_all == 1 {
            self.cancel_target(&target);
        }
        if stop.isolate == 1 {
            self.end_sessions_of(u16::try_from(stop.id).unwrap_or(u16::MAX));
        }
        Ok(sequence)
    }

    /// The strictest state that stops of a target, or the engine itself, have set: no stop may make it less strict.
    fn strictest(&mut self, target: &Target, stop: &Stop) -> u8 {
        let (id, market) = (target.id, target.market);
        let set = self
            .engine
            .state_set(target.scope, id, market, &target.key)
            .map_or(0, TradingState::number);
        self.stops.state_of(stop).max(set)
    }

    fn journal_stop(&mut self, row: &Standing, verb: &str) -> Result<u64, String> {
        let stop = &row.stop;
        let command = Command {
            time_ns: self.now.market_ns,
            verb: width::text(verb),
            who: stop.who,
            why: stop.why,
            stop: row.number,
            proof: stop.proof,
            state: stop.state,
            cancel_all: stop.cancel_all,
            isolate: stop.isolate,
            spare: [0; 4],
        };
        self.note("warning", verb, standing_row(row));
        self.input(&Input::Command(command))
            .ok_or_else(|| "the journal failed, the gate halts".to_owned())
    }

    fn cancel_target(&mut self, target: &Target) {
        match self.cancel_all(target) {
            Ok(cancel) => {
                self.input(&Input::CancelAll(cancel));
            }
            Err(reason) => self.note("error", "mass cancel failed", json!({ "reason": reason })),
        }
    }

    /// A gateway takes cancels again: whoever stopped with all orders cancelled means those that could not be, too.
    pub(crate) fn cancel_again(&mut self) {
        let standing = self.stops.standing();
        let rows: Vec<Standing> = standing
            .filter(|row| row.stop.cancel_all == 1 && !matches!(row.taken, 0 | REFUSED))
            .collect();
        for row in rows {
            if let Some(target) = Target::of(&row.stop)
                && self.journal_stop(&row, "cancel again").is_ok()
            {
                self.cancel_target(&target);
            }
        }
    }

    /// Set the trading state of a scope: stricter at once, less strict only by another person.
    pub(crate) fn set_state(&mut self, request: &Request) -> Result<Value, String> {
        let target = Target::read(request, &STATES)?;
        let state = request.state()?;
        let stop = Stop {
            state: state.number(),
            cancel_all: request.flag("cancel_all")?.into(),
            ..self.stop_of(request, &target)
        };
        // A stop of what is not there today must be possible to take back all the same.
        if !self
            .stops
            .standing()
            .any(|row| row.stop.has_target_of(&stop))
        {
            self.require_known(&target)?;
        }
        let stands = self.strictest(&target, &stop);
        if state == TradingState::Normal || state.number() < stands {
            self.relax(request, &target, &stop)
        } else {
            self.stop_by(request, &stop)
        }
    }

    /// Close a client's sessions, cancel its orders and keep it out.
    pub(crate) fn isolate(&mut self, request: &Request) -> Result<Value, String> {
        let stop = isolation(self.stop_of(request, &client_target(request)?));
        self.require_known(&client_target(request)?)?;
        self.stop_by(request, &stop)
    }

    fn stop_of(&self, request: &Request, target: &Target) -> Stop {
        // A stop is never refused for want of a proof; that there was none is journaled.
        let proof = self.stops.persons.prove(request).unwrap_or(Proof::None);
        stop_of(request, target, proof, self.now.wall_ns)
    }

    fn stop_by(&mut self, request: &Request, stop: &Stop) -> Result<Value, String> {
        let Placed { number, shared } = self.stops.latch.set(stop)?;
        self.heed();
        // It stands in memory that outlives the process; the disk may take its time.
        if let Err(reason) = self.stops.latch.sync() {
            self.note("error", "latch not synced", json!({ "reason": reason }));
        }
        match self.stops.latch.taken(number) {
            Some(REFUSED) => {
                if !shared {
                    self.stops.latch.clear(number);
                }
                Err(format!("{}: refused, see the log", request.verb))
            }
            Some(sequence) => Ok(json!({
                "sequence": sequence, "inputs": 1 + stop.cancel_all, "stop": number,
            })),
            None => Err("the journal failed, the gate halts".to_owned()),
        }
    }

    /// Let a scope trade again, or less strictly than what stands.
    fn relax(&mut self, request: &Request, target: &Target, stop: &Stop) -> Result<Value, String> {
        let proof = self.stops.persons.prove(request)?;
        // Also what was latched by somebody who died before the counter was moved.
        self.take_those(|row| row.taken == 0);
        let same: Vec<Standing> = self
            .stops
            .standing()
            .filter(|row| row.stop.has_target_of(stop))
            .collect();
        let stopper = |row: &&Standing| trim(&row.stop.who) == trim(&stop.who);
        if let Some(row) = same.iter().find(stopper) {
            let number = row.number;
            return Err(format!(
                "who: must be another person than the one who stopped (stop {number}), found {}",
                request.who
            ));
        }
        if !same.is_empty() && self.stops.persons.are_known() && proof != Proof::Secret {
            let who = &request.who;
            return Err(format!("secret: must be that of {who}, found none"));
        }
        let last = same.last().map_or(0, |row| row.number);
        let set = Input::SetState(target.set_state(stop.state, self.now.market_ns));
        let known = self.require_known(target).is_ok();
        let inputs: Vec<Input> = known.then_some(set).into_iter().collect();
        let sequence = self.journal_command(request, (proof, last), &inputs)?;
        let appended = self.journal.0.appended_seq();
        for row in &same {
            // Whoever has stopped the same again meanwhile has stopped it.
            if !self.stops.latch.mark_ending(row) {
                continue;
            }
            self.stops.ending.retain(|one| one.number != row.number);
            let rest = row.stop.rest_of(stop.state);
            self.stops.ending.push(Ending {
                sequence: appended,
                number: row.number,
                rest,
            });
        }
        // Whoever stopped it meanwhile has stopped it.
        let stands = self.stops.state_of(stop);
        if stands > stop.state {
            let time_ns = self.now.market_ns;
            self.input(&Input::SetState(target.set_state(stands, time_ns)));
        }
        Ok(json!({ "sequence": sequence, "inputs": inputs.len(), "stops": same.len() }))
    }

    /// Whether a stop keeps a client out; if so, that is remembered.
    pub(crate) fn is_kept_out(&mut self, id: usize, client: u16) -> bool {
        let isolation = self.stops.isolation_of(client);
        if let Some(row) = &isolation {
            let detail = format!("client {client}, stop {}", row.number);
            self.offend(id, Offence::Isolated, &detail);
        }
        isolation.is_some()
    }

    /// Let stops that were taken back stand no more once that is on the disk.
    pub(crate) fn end_stops(&mut self) {
        let durable = self.journal.0.durable_seq();
        let (now, later) = std::mem::take(&mut self.stops.ending)
            .into_iter()
            .partition::<Vec<_>, _>(|ending| ending.sequence <= durable);
        self.stops.ending = later;
        if now.is_empty() {
            return;
        }
        for ending in now {
            let latch = &self.stops.latch;
            match ending.rest {
                None => latch.clear(ending.number),
                Some(rest) => latch.replace(ending.number, &rest, ending.sequence),
            }
        }
        if let Err(reason) = self.stops.latch.sync() {
            self.note("error", "latch not synced", json!({ "reason": reason }));
        }
    }

    /// Everything that stands and was not taken back, for people and programs; what is left of it follows when that is on
    /// the disk.
    pub(crate) fn stop_rows(&self) -> Vec<Value> {
        let rows = self.stops.latch.standing().into_iter();
        rows.filter(|row| !self.stops.is_ending(row.number))
            .map(|row| standing_row(&row))
            .collect()
    }
}

/// A stop that stands, as JSON.
#[must_use]
pub fn standing_row(row: &Standing) -> Value {
    let stop = &row.stop;
    let text = |bytes: &[u8]| String::from_utf8_lossy(trim(bytes)).into_owned();
    json!({
        "stop": row.number, "scope": Scope::from_number(stop.scope).map_or("?", Scope::name),
        "id": stop.id, "market": stop.market, "key": text(&stop.key),
        "state": TradingState::from_number(stop.state).map_or("?", TradingState::name),
        "who": text(&stop.who), "why": text(&stop.why), "wall_ns": stop.wall_ns,
        "proof": Proof::from_number(stop.proof).map_or("?", Proof::name),
        "cancel_all": stop.cancel_all == 1, "isolate": stop.isolate == 1,
        "taken": (!matches!(row.taken, 0 | REFUSED | ENDING)).then_some(row.taken),
        "refused": row.taken == REFUSED,
    })
}

/// The client that an `isolate` names.
///
/// # Errors
/// When it names none.
pub fn client_target(request: &Request) -> Result<Target, String> {
    Ok(Target {
        scope: Scope::Client,
        id: request.client()?.into(),
        market: 0,
        key: [b' '; 16],
    })
}

/// A request as the latch keeps it, its state not set yet.
#[must_use]
pub fn stop_of(request: &Request, target: &Target, proof: Proof, wall_ns: u64) -> Stop {
    Stop {
        wall_ns,
        scope: target.scope.number(),
        market: target.market,
        proof: proof.number(),
        id: target.id,
        key: target.key,
        who: width::text(&request.who),
        why: width::text(&request.why),
        ..Stop::default()
    }
}

/// The stop that isolates the client it is about.
#[must_use]
pub fn isolation(stop: Stop) -> Stop {
    Stop {
        state: TradingState::Halted.number(),
        cancel_all: 1,
        isolate: 1,
        ..stop
    }
}
