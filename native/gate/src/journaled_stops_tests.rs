//! Tests of the stops that a journal tells of.

use panshi_engine::input::Input;
use panshi_engine::kind::{Proof, Scope, TradingState};
use panshi_engine::record::flow::{Command, SetState, Timer};
use panshi_engine::record::output::LoadRefused;
use panshi_wire::layout::Layout;
use panshi_wire::sections::{Loader, Saver, Sections};

use super::{JournaledStops, SET_STATE, STOP};
use crate::convert::width;
use crate::latch::Stop;

const HALTED: u8 = TradingState::Halted.number();
const SELL_ONLY: u8 = TradingState::SellOnly.number();
const NORMAL: u8 = TradingState::Normal.number();

/// Inputs as they are journaled, each with the next sequence.
#[derive(Default)]
struct Told {
    stops: JournaledStops,
    seq: u64,
}

impl Told {
    fn input(&mut self, input: &Input) -> u64 {
        self.seq += 1;
        self.stops.note(self.seq, input);
        self.seq
    }

    /// A command and the state that it sets for a client; the state's sequence.
    fn tell(&mut self, verb: &str, who: &str, (asked, set): (u8, u8), client: u32) -> u64 {
        self.input(&Input::Command(Command {
            verb: width::text(verb),
            who: width::text(who),
            state: asked,
            cancel_all: u8::from(verb == STOP),
            isolate: u8::from(verb == STOP),
            proof: Proof::Secret.number(),
            ..Command::default()
        }));
        self.input(&Input::SetState(SetState {
            scope: Scope::Client.number(),
            id: client,
            state: set,
            ..SetState::default()
        }))
    }

    fn stop(&mut self, who: &str, state: u8, client: u32) -> u64 {
        self.tell(STOP, who, (state, HALTED), client)
    }

    fn relax(&mut self, state: u8, client: u32) -> u64 {
        self.tell(SET_STATE, "other", (NORMAL, state), client)
    }

    fn refuse(&mut self, input_seq: u64) {
        self.stops.refuse(&LoadRefused {
            input_seq,
            input_type: SetState::TYPE,
            ..LoadRefused::default()
        });
    }

    fn standing(&mut self) -> Vec<Stop> {
        self.stops.standing()
    }
}

fn stop(who: &str, state: u8, client: u32) -> Stop {
    Stop {
        scope: Scope::Client.number(),
        state,
        proof: Proof::Secret.number(),
        id: client,
        who: width::text(who),
        cancel_all: 1,
        isolate: 1,
        ..Stop::default()
    }
}

#[test]
fn a_stop_stands_with_who_and_how_until_all_of_its_target_is_taken_back() {
    let mut told = Told::default();
    told.stop("one", HALTED, 7);
    // What was set is stricter than what the second one asked for: it is what he asked for that is his.
    told.stop("two", SELL_ONLY, 7);
    told.stop("one", HALTED, 8);
    // Again, as at each start and on each repetition.
    told.stop("one", HALTED, 7);
    let all = [
        stop("one", HALTED, 7),
        stop("two", SELL_ONLY, 7),
        stop("one", HALTED, 8),
    ];
    assert_eq!(told.standing(), all);
    told.relax(SELL_ONLY, 7);
    let rest = |who| Stop {
        cancel_all: 0,
        isolate: 0,
        ..stop(who, SELL_ONLY, 7)
    };
    assert_eq!(told.standing(), [rest("one"), rest("two"), all[2]]);
    told.relax(NORMAL, 7);
    assert_eq!(told.standing(), [all[2]]);
}

#[test]
fn what_the_engine_refuses_changes_nothing() {
    let mut told = Told::default();
    let refused = told.stop("one", HALTED, 7);
    told.refuse(refused);
    told.input(&Input::Timer(Timer::default()));
    assert_eq!(told.standing(), []);
    told.stop("one", HALTED, 7);
    let refused = told.relax(NORMAL, 7);
    told.refuse(refused);
    assert_eq!(told.standing(), [stop("one", HALTED, 7)]);
}

#[test]
fn a_state_without_its_command_right_before_is_nobodys() {
    let mut told = Told::default();
    told.stop("one", HALTED, 7);
    // The gate sets the stricter state of who stopped meanwhile once more, behind what took it back.
    told.relax(NORMAL, 8);
    let set = SetState {
        scope: Scope::Client.number(),
        id: 8,
        state: HALTED,
        ..SetState::default()
    };
    told.input(&Input::SetState(set));
    assert_eq!(told.standing(), [stop("one", HALTED, 7)]);
}

#[test]
fn a_journal_whose_commands_do_not_say_the_state_is_as_strict_as_what_was_set() {
    let mut told = Told::default();
    told.tell(STOP, "one", (NORMAL, SELL_ONLY), 7);
    assert_eq!(told.standing(), [stop("one", SELL_ONLY, 7)]);
}

#[test]
fn a_snapshot_between_a_command_and_its_state_loses_neither() {
    let mut told = Told::default();
    told.stop("one", HALTED, 7);
    told.input(&Input::Command(Command {
        verb: width::text(SET_STATE),
        ..Command::default()
    }));
    let mut bytes = Vec::new();
    let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
    let mut saver = Saver::new(&mut sink);
    told.stops.save(&mut saver);
    saver.finish();
    let mut loader = Loader::new(&bytes);
    let mut again = JournaledStops::default();
    again.load(&mut loader).unwrap();
    loader.finish().unwrap();
    let mut resumed = Told {
        stops: again,
        seq: told.seq,
    };
    for one in [&mut told, &mut resumed] {
        one.input(&Input::SetState(SetState {
            scope: Scope::Client.number(),
            id: 7,
            ..SetState::default()
        }));
        assert_eq!(one.standing(), []);
    }
}
