//! Tests of the latch.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::Ordering;

use panshi_engine::kind::{Proof, Scope, TradingState};

use super::{Latch, PAYLOAD, REFUSED, ROOM, SLOT_WORDS, SLOTS, Stop, first_of};
use crate::convert::width;

fn stop(scope: Scope, id: u32) -> Stop {
    Stop {
        scope: scope.number(),
        state: TradingState::CancelOnly.number(),
        id,
        who: width::text("one"),
        ..Stop::default()
    }
}

fn number_of(latch: &Latch, stop: &Stop) -> u64 {
    latch.set(stop).unwrap().number
}

#[test]
fn a_stop_stands_in_every_process_until_it_is_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latch");
    let (writer, gate) = (Latch::open(&path).unwrap(), Latch::open(&path).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!((gate.changes(), gate.standing()), (0, Vec::new()));
    let number = number_of(&writer, &stop(Scope::Client, 7));
    assert_eq!(gate.changes(), 1);
    let found = gate.standing();
    assert_eq!(
        (found[0].number, found[0].taken, found[0].stop),
        (number, 0, stop(Scope::Client, 7))
    );
    gate.mark_taken(number, 42);
    assert_eq!(writer.taken(number), Some(42));
    drop((writer, gate));
    let next = Latch::open(&path).unwrap();
    assert_eq!(next.standing()[0].stop, stop(Scope::Client, 7));
    next.clear(number);
    assert_eq!((next.taken(number), next.standing()), (None, Vec::new()));
}

#[test]
fn invented_names_of_one_kind_take_no_room_from_another() {
    let latch = Latch::in_memory();
    let kinds: Vec<(Scope, usize)> = (0..=u8::MAX)
        .filter_map(Scope::from_number)
        .map(|scope| (scope, ROOM[usize::from(scope.number())]))
        .collect();
    assert_eq!(kinds.len(), ROOM.len() - 1, "each kind of scope has room");
    for (scope, room) in &kinds {
        for id in 1..=u32::try_from(*room).unwrap() {
            latch.set(&stop(*scope, id)).unwrap();
        }
        let said = latch.set(&stop(*scope, 9_999)).unwrap_err();
        assert!(said.contains(&format!("at most {room} stops")), "{said}");
    }
    assert_eq!(latch.standing().len(), SLOTS);
}

#[test]
fn what_is_no_scope_finds_no_room() {
    let latch = Latch::in_memory();
    for scope in [0, 12, u8::MAX] {
        let unknown = Stop {
            scope,
            ..stop(Scope::Firm, 0)
        };
        assert!(latch.set(&unknown).is_err(), "{scope}");
    }
    assert_eq!(latch.standing(), []);
}

#[test]
fn the_same_stop_again_uses_no_other_slot_unless_it_was_taken_back() {
    let latch = Latch::in_memory();
    let first = number_of(&latch, &stop(Scope::Client, 7));
    latch.mark_taken(first, 42);
    for _ in 0..SLOTS {
        let again = latch.set(&stop(Scope::Client, 7)).unwrap();
        assert!(again.shared);
        assert_eq!(again.number, first);
    }
    // A gate takes it once more.
    assert_eq!(latch.taken(first), Some(0));
    assert_eq!(latch.changes(), 1 + SLOTS as u64);
    let halted = Stop {
        state: TradingState::Halted.number(),
        ..stop(Scope::Client, 7)
    };
    let other = Stop {
        who: width::text("two"),
        ..stop(Scope::Client, 7)
    };
    let proved = Stop {
        proof: Proof::Secret.number(),
        ..stop(Scope::Client, 7)
    };
    let numbers = [halted, other, proved].map(|stop| number_of(&latch, &stop));
    assert_eq!(numbers, [first + 1, first + 2, first + 3]);
    latch.mark_taken(first, 43);
    assert!(latch.mark_ending(&latch.standing()[0]));
    // What is weaker stands by what is stricter; what was taken back is no stop to stand by.
    assert_eq!(number_of(&latch, &stop(Scope::Client, 7)), first + 1);
}

#[test]
fn a_stop_that_was_set_again_is_not_taken_back_by_who_saw_the_one_before() {
    let latch = Latch::in_memory();
    let number = number_of(&latch, &stop(Scope::Client, 7));
    let untaken = latch.standing()[0];
    assert!(!latch.mark_ending(&untaken), "no gate has taken it");
    latch.mark_taken(number, 42);
    let seen = latch.standing()[0];
    assert!(latch.set(&stop(Scope::Client, 7)).unwrap().shared);
    assert!(!latch.mark_ending(&seen), "it was set again");
    latch.mark_taken(number, 43);
    assert!(!latch.mark_ending(&seen), "and taken again");
    assert!(latch.mark_ending(&latch.standing()[0]));
    assert!(!latch.set(&stop(Scope::Client, 7)).unwrap().shared);
}

#[test]
fn what_was_refused_is_not_shared_and_is_known_when_it_is_gone() {
    let latch = Latch::in_memory();
    let number = number_of(&latch, &stop(Scope::Client, 7));
    latch.mark_taken(number, REFUSED);
    assert!(!latch.set(&stop(Scope::Client, 7)).unwrap().shared);
    latch.clear(number);
    assert_eq!(
        (latch.taken(number), latch.outcome(number)),
        (None, Some(REFUSED))
    );
}

#[test]
fn what_is_left_of_a_stop_takes_its_slot() {
    let latch = Latch::in_memory();
    let number = number_of(&latch, &stop(Scope::Client, 1));
    let room = ROOM[usize::from(Scope::Client.number())];
    for id in 2..=u32::try_from(room).unwrap() {
        latch.set(&stop(Scope::Client, id)).unwrap();
    }
    let rest = Stop {
        state: TradingState::SellOnly.number(),
        ..stop(Scope::Client, 1)
    };
    latch.replace(number, &rest, 44);
    let last = *latch.standing().last().unwrap();
    assert_eq!((last.stop, last.taken), (rest, 44));
    assert_eq!(latch.standing().len(), room);
    assert_eq!(latch.taken(number), None);
}

#[test]
fn a_damaged_slot_stops_the_firm() {
    let latch = Latch::in_memory();
    latch.set(&stop(Scope::Client, 7)).unwrap();
    let slot = 1 + first_of(usize::from(Scope::Client.number()));
    let place = SLOT_WORDS * slot + PAYLOAD;
    latch.words()[place].fetch_xor(1, Ordering::Relaxed);
    let found = latch.standing()[0].stop;
    assert_eq!(
        (found.scope, found.state),
        (Scope::Firm.number(), TradingState::Halted.number())
    );
}

#[test]
fn a_file_that_is_no_latch_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latch");
    std::fs::write(&path, vec![1; super::WORDS * 8]).unwrap();
    let error = Latch::open(&path).unwrap_err();
    assert!(error.ends_with("found 0101010101010101"), "{error}");
}

#[test]
fn only_one_gate_obeys_a_latch() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latch");
    let (one, two) = (Latch::open(&path).unwrap(), Latch::open(&path).unwrap());
    assert!(one.lock());
    assert!(!two.lock());
}
