//! Every code of the engine is reached: each has a scenario that gives it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod scenario;
mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::load::LoadSwitch;
use panshi_engine::table::switch::is_structural;
use scenario::scenario;
use support::{World, YUAN, switched};

/// The first code that only the gate around the engine gives; `LoadInvalid` is the engine's too.
const GATE: u32 = 33_001;

/// The first code of the return anomalies.
const ANOMALIES: u32 = 32_000;

fn codes_of(out: &[Output]) -> Vec<u32> {
    out.iter()
        .flat_map(|output| match output {
            Output::Refuse(row) => vec![row.code],
            Output::Warning(row) => vec![row.code],
            Output::Anomaly(row) => vec![row.code],
            Output::StateChanged(row) => vec![row.cause],
            Output::LoadRefused(row) => vec![row.code],
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn every_code_of_the_engine_has_a_scenario_that_gives_it() {
    let own = |code: &Code| code.number() < GATE || *code == Code::LoadInvalid;
    let mut missed = Vec::new();
    for &code in Code::ALL.iter().filter(|code| own(code)) {
        let out = scenario(code).unwrap_or_else(|| panic!("{code:?} has no scenario"));
        if !codes_of(&out).contains(&code.number()) {
            missed.push((code, out));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Codes that nothing is refused with: they say how a state or a count came about.
const NEVER_REFUSE: [Code; 3] = [
    Code::StateScheduled,
    Code::HighFrequency,
    Code::RepeatedCancels,
];

#[test]
fn every_check_can_be_switched_off_or_to_a_warning_unless_it_is_structural() {
    const OFF: u8 = 0;
    const WARN_ONLY: u8 = 2;
    let refuses = |out: &[Output], code: Code| {
        let wanted = code.number();
        let hit = |o: &Output| matches!(o, Output::Refuse(row) if row.code == wanted);
        out.iter().any(hit)
    };
    let warns = |out: &[Output], code: Code| {
        let wanted = code.number();
        let hit =
            |o: &Output| matches!(o, Output::Warning(row) if (row.code, row.metric) == (wanted, 0));
        out.iter().any(hit)
    };
    let checks = |code: &&Code| code.number() < ANOMALIES && !NEVER_REFUSE.contains(code);
    for &code in Code::ALL.iter().filter(checks) {
        let run = |mode| switched(code, mode, || scenario(code).unwrap());
        let (off, warned) = (run(OFF), run(WARN_ONLY));
        assert!(refuses(&scenario(code).unwrap(), code), "{code:?} refuses");
        let found = (
            refuses(&off, code),
            refuses(&warned, code),
            warns(&warned, code),
        );
        let stays = is_structural(code);
        assert_eq!(
            found,
            (stays, stays, !stays),
            "{code:?}: {off:?} {warned:?}"
        );
    }
}

#[test]
fn every_code_is_unique_and_translated() {
    let mut last = 30_000;
    for code in Code::ALL {
        assert!(code.number() > last && code.number() < 65_536, "{code:?}");
        assert!(!code.zh().is_ascii() && !code.en().is_empty(), "{code:?}");
        assert_eq!(Code::from_number(code.number()), Some(*code));
        last = code.number();
    }
}

#[test]
fn a_check_that_only_warns_lets_the_order_pass() {
    let mut world = World::new();
    world.load(LoadSwitch {
        code: Code::PriceTick.number(),
        mode: 2,
        ..LoadSwitch::default()
    });
    let order = world.limit('1', "600000", 10 * YUAN - 1, 100);
    let out = world.put(order);
    assert!(matches!(out[0], Output::Warning(row) if row.code == Code::PriceTick.number()));
    assert!(matches!(out[1], Output::Forward(_)));
}
