//! The stops that stand by what the journal says: who stopped what, and in which way.
//!
//! The latch says it too, but only on the machine on which they stopped. A standby that takes over, and a gate whose latch
//! was lost, have the journal and nothing else; they must know all the same who may not let trade again.

use panshi_engine::input::Input;
use panshi_engine::kind::TradingState;
use panshi_engine::record::flow::{Command, SetState};
use panshi_engine::record::output::LoadRefused;
use panshi_wire::layout::Layout;
use panshi_wire::text::trim;
use serde_json::json;

use crate::gate::Gate;
use crate::latch::{REFUSED, Stop};

/// Verb of the command that carries a stop out.
pub(crate) const STOP: &str = "stop";
/// Verb of the command that takes stops back.
pub(crate) const SET_STATE: &str = "set-state";

panshi_wire::saved! {
    /// A state that a command has set.
    #[derive(Clone, Copy, Debug, Default)]
    struct Said {
        /// Journal sequence of the state.
        seq: u64,
        /// Who asked for it.
        command: Command,
        /// What was set.
        set: SetState,
    }
}

/// The stops that stand at this place of the journal.
#[derive(Debug, Default)]
pub struct JournaledStops {
    rows: Vec<Stop>,
    /// The last input, when it was a command about a state.
    command: Option<Command>,
    /// What the last input but those behind it set; the engine may still refuse it.
    said: Option<Said>,
}

panshi_wire::sections! {
    JournaledStops {
        list "stops" rows within usize::MAX;
        one "command about a state" command;
        one "state that it set" said;
    }
}

impl JournaledStops {
    /// Take note of an input.
    pub(crate) fn note(&mut self, seq: u64, input: &Input) {
        self.settle();
        let command = self.command.take();
        match (input, command) {
            (Input::Command(row), _) => {
                let verb = trim(&row.verb);
                let about = verb == STOP.as_bytes() || verb == SET_STATE.as_bytes();
                self.command = about.then_some(*row);
            }
            (Input::SetState(set), Some(command)) => {
                let set = *set;
                self.said = Some(Said { seq, command, set });
            }
            _ => {}
        }
    }

    /// The engine did not take an input.
    pub(crate) fn refuse(&mut self, row: &LoadRefused) {
        if row.input_type == SetState::TYPE {
            self.said = self.said.filter(|said| said.seq != row.input_seq);
        }
    }

    /// What stands now.
    pub(crate) fn standing(&mut self) -> Vec<Stop> {
        self.settle();
        self.rows.clone()
    }

    fn settle(&mut self) {
        let Some(Said { command, set, .. }) = self.said.take() else {
            return;
        };
        let stop = stop_of(&command, &set);
        if trim(&command.verb) == STOP.as_bytes() {
            if !self.rows.iter().any(|row| row.covers(&stop)) {
                self.rows.retain(|row| !stop.covers(row));
                self.rows.push(stop);
            }
            return;
        }
        let rows = std::mem::take(&mut self.rows).into_iter();
        self.rows = rows
            .filter_map(|row| {
                if row.has_target_of(&stop) {
                    row.rest_of(set.state)
                } else {
                    Some(row)
                }
            })
            .collect();
    }
}

/// The stop that a command and the state behind it tell of.
fn stop_of(command: &Command, set: &SetState) -> Stop {
    // A command of a journal that says nothing of it is as strict as what it set.
    let said = command.state != TradingState::Normal.number();
    Stop {
        wall_ns: command.time_ns,
        scope: set.scope,
        state: if said { command.state } else { set.state },
        market: set.market,
        proof: command.proof,
        id: set.id,
        key: set.key,
        who: command.who,
        why: command.why,
        cancel_all: command.cancel_all,
        isolate: command.isolate,
        spare: [0; 6],
    }
}

impl Gate {
    /// Let the stops that the journal tells of stand in the latch too: it is another machine's, or was lost.
    ///
    /// What stands in the latch already stays; where there is no room for one, the whole firm stands still.
    pub(crate) fn latch_journaled(&mut self) {
        let journaled = self.book.stops.standing();
        let mut standing = self.stops.latch.standing();
        // What a gate refused is not what this journal tells of.
        standing.retain(|row| row.taken != REFUSED);
        let lacking = journaled
            .iter()
            .filter(|stop| !standing.iter().any(|row| row.stop.covers(stop)));
        let (mut put_back, mut without_room) = (0, 0);
        for stop in lacking {
            match self.stops.latch.set(stop) {
                Ok(_) => put_back += 1,
                Err(_) => without_room += 1,
            }
        }
        if without_room > 0 {
            let why = "no room in the latch for the stops of the journal";
            // It stands already when there is no room for this one either.
            let _ = self.stops.latch.set(&Stop::of_the_gate(why));
        }
        if put_back + without_room == 0 {
            return;
        }
        let fields = json!({ "stops": put_back, "without_room": without_room });
        self.note("warning", "stops put back from the journal", fields);
        if let Err(reason) = self.stops.latch.sync() {
            self.note("error", "latch not synced", json!({ "reason": reason }));
        }
    }
}

#[cfg(test)]
#[path = "journaled_stops_tests.rs"]
mod tests;
