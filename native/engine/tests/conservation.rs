//! Money, shares and counts are conserved after every input of seeded random days, and a replay repeats them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::kind::{Param, ReportKind};
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelAll, DayClose, Report, SetState, Timer};
use panshi_engine::record::load::LoadParam;
use panshi_engine::synthetic::{Chance, Size, Synthetic};

const SIZE: Size = Size {
    accounts: 12,
    securities: 8,
    open_orders: 40,
    orders: 4_000,
    step_ns: 40_000_000,
};

/// A day of inputs with faults of the exchange among them; `each` sees the engine after every input.
fn run(seed: u64, inputs: u64, mut each: impl FnMut(&Engine, u64, &Input, &[Output])) -> Engine {
    let mut engine = Engine::new(&SIZE.capacity());
    let mut flow = Synthetic::new(SIZE, seed);
    let mut chance = Chance::new(seed + 1_000);
    let mut out = Vec::new();
    let mut seq = 0;
    let mut put = |engine: &mut Engine, flow: &mut Synthetic, input: &Input| {
        seq += 1;
        out.clear();
        engine.apply(seq, input, &mut out);
        flow.observe(&out);
        each(engine, seq, input, &out);
        seq + 1
    };
    let mut next = 1;
    // Bursts are found, and no anomaly stops the flow.
    let suspending = Param::SuspendUnknownFill.number()..=Param::SuspendUnacked.number();
    let params = suspending
        .map(|param| (param, 0))
        .chain([(Param::RejectBurstCount.number(), 3)]);
    let params = params.map(|(param, value)| {
        Input::from(LoadParam {
            param,
            value,
            ..LoadParam::default()
        })
    });
    for input in flow.opening().into_iter().chain(params) {
        next = put(&mut engine, &mut flow, &input);
    }
    for at in 0..inputs {
        // No market stands still for the rest of a day.
        for id in [1, 2].into_iter().filter(|_| at % 250 == 0) {
            let trades = SetState {
                time_ns: flow.now_ns(),
                scope: 2,
                id,
                ..SetState::default()
            };
            next = put(&mut engine, &mut flow, &trades.into());
        }
        let made = flow.next(next);
        let input = spoil(&mut chance, &flow, &made);
        next = put(&mut engine, &mut flow, &input);
        if chance.percent(1) {
            // The same report again, and then time passes.
            put(&mut engine, &mut flow, &input);
            let timer = flow.timer().into();
            next = put(&mut engine, &mut flow, &timer);
        }
    }
    let close = DayClose {
        time_ns: flow.now_ns(),
    };
    put(&mut engine, &mut flow, &close.into());
    engine
}

/// Turn some reports into ones that must not come, and put commands between.
fn spoil(chance: &mut Chance, flow: &Synthetic, input: &Input) -> Input {
    let time_ns = flow.now_ns();
    if let Input::Report(report) = *input
        && chance.percent(12)
    {
        let changed = match chance.below(8) {
            0 => Report {
                last_qty_e3: 900_000_000,
                ..report
            },
            1 => Report {
                last_px_e5: 7_000_000,
                ..report
            },
            2 => Report {
                last_qty_e3: -100_000,
                last_px_e5: -1,
                ..report
            },
            3 => Report {
                cl_ord_id: *b"Z999999999",
                ..report
            },
            4 => Report {
                report_index: report.report_index + 5,
                ..report
            },
            5 => Report {
                cancelled_e3: 100_000,
                ..report
            },
            6 => Report {
                kind: ReportKind::Rejected.number(),
                ..report
            },
            _ => Report {
                cancelled_e3: i64::MAX,
                last_qty_e3: i64::MAX,
                last_px_e5: i64::MAX,
                ..report
            },
        };
        return changed.into();
    }
    match chance.below(200) {
        0 => SetState {
            time_ns,
            scope: 2,
            id: 1 + chance.below(2),
            state: u8::try_from(chance.below(3)).unwrap(),
            ..SetState::default()
        }
        .into(),
        1 => CancelAll {
            time_ns,
            scope: 2,
            id: 1 + chance.below(2),
            first_id: time_ns % 1_000_000_007 * 100,
            prefix: *b"PG",
            ..CancelAll::default()
        }
        .into(),
        2 | 3 => Timer { time_ns }.into(),
        _ => *input,
    }
}

#[test]
fn everything_is_conserved_after_every_input() {
    for seed in 1..=6 {
        let mut fills = 0;
        let engine = run(seed, 2_500, |engine, seq, input, out| {
            let broken = engine.broken_invariants();
            assert!(
                broken.is_empty(),
                "seed {seed}, input {seq} {input:?}\n{out:?}\n{broken:#?}"
            );
            fills = engine.totals().fills;
        });
        assert!(fills > 50, "seed {seed}: {fills} fills");
        let forwarded = engine.totals().forwarded;
        assert!(forwarded > 300, "seed {seed}: {forwarded} orders");
        for (number, row) in engine.customers() {
            assert_eq!(row.frozen_e5, 0, "customer {number} after the close");
        }
        assert!(engine.holdings().iter().all(|row| row.frozen_qty == 0));
    }
}

#[test]
fn a_replay_gives_the_same_bytes_and_the_same_state() {
    let mut journal: Vec<(u64, u32, Vec<u8>, Vec<u8>)> = Vec::new();
    let first = run(77, 1_500, |_, seq, input, out| {
        let mut bytes = vec![0; input.record_len()];
        assert_eq!(input.write(&mut bytes), Some(bytes.len()));
        journal.push((seq, input.record_type(), bytes, written(out)));
    });
    let mut second = Engine::new(&SIZE.capacity());
    let mut out = Vec::new();
    for (seq, record_type, bytes, expected) in &journal {
        out.clear();
        assert!(second.apply_record(*seq, *record_type, bytes, &mut out));
        assert_eq!(written(&out), *expected, "input {seq}");
    }
    assert_eq!(second.state_hash(), first.state_hash());
    let (seq, record_type, bytes, _) = journal.last().unwrap();
    assert!(!second.apply_record(*seq, 99, bytes, &mut out));
    assert!(!second.apply_record(*seq, *record_type, &bytes[1..], &mut out));
    assert_ne!(
        second.state_hash(),
        Engine::new(&SIZE.capacity()).state_hash()
    );
}

#[test]
fn the_hash_sees_a_single_share() {
    let hash = |extra: i64| {
        let mut engine = Engine::new(&SIZE.capacity());
        let mut out = Vec::new();
        for (seq, input) in (1..).zip(Synthetic::new(SIZE, 1).opening()) {
            let input = match input {
                Input::LoadHolding(mut row) if row.account == *b"A000000000   " => {
                    row.total_qty += extra;
                    row.into()
                }
                other => other,
            };
            engine.apply(seq, &input, &mut out);
        }
        assert!(out.is_empty(), "{out:?}");
        engine.state_hash()
    };
    assert_eq!(hash(0), hash(0));
    assert_ne!(hash(0), hash(1));
}

fn written(out: &[Output]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for output in out {
        let start = bytes.len();
        bytes.resize(start + output.record_len(), 0);
        output.write(&mut bytes[start..]).unwrap();
    }
    bytes
}
