//! What holds after any input: money and shares are conserved, limits are kept, replay gives the same again.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::DayClose;
use support::chaos::{Chance, Chaos, FIRM_OPEN, IN_A_SECOND, OPEN_ORDERS, chaotic};
use support::day;

const SEEDS: u64 = 12;
const INPUTS: usize = 1_500;

#[test]
fn money_and_shares_are_conserved_after_every_input() {
    let mut seen = [0_usize; 4];
    let mut fills = 0;
    for seed in 0..SEEDS {
        let (mut world, mut chaos) = (chaotic(), Chaos::new(seed));
        for step in 0..INPUTS {
            let input = chaos.next(&mut world);
            let out = world.put(input);
            chaos.learn(&input, &out);
            let broken = world.engine.broken_invariants();
            assert!(
                broken.is_empty(),
                "seed {seed} step {step}: {input:?} gave {out:?}: {broken:?}"
            );
            for output in &out {
                seen[match output {
                    Output::Forward(_) => 0,
                    Output::Refuse(_) => 1,
                    Output::Anomaly(_) => 2,
                    _ => 3,
                }] += 1;
            }
        }
        fills += world.engine.totals().fills;
        let time_ns = world.now_ns;
        let out = world.put(DayClose { time_ns });
        assert_eq!(world.engine.broken_invariants(), Vec::<String>::new());
        for output in out {
            match output {
                Output::CashTotal(row) => {
                    assert_eq!(row.frozen_e5, 0);
                    let earned = row.opening_e5 + row.sold_e5 - row.bought_e5 - row.fees_e5;
                    assert_eq!(row.available_e5, earned, "seed {seed}");
                }
                Output::HoldingTotal(row) => {
                    assert_eq!(row.frozen_qty, 0);
                    assert!(row.sellable_qty <= row.total_qty && row.sellable_qty >= 0);
                    let kept = row.opening_qty + row.bought_qty - row.sold_qty;
                    assert_eq!(row.total_qty, kept, "seed {seed}");
                }
                _ => {}
            }
        }
    }
    assert!(fills > 300, "{fills} fills");
    assert!(seen.iter().all(|count| *count > 500), "{seen:?}");
}

#[test]
fn limits_are_never_exceeded() {
    let mut reached = 0_i64;
    for seed in 100..100 + SEEDS {
        let (mut world, mut chaos) = (chaotic(), Chaos::new(seed));
        let mut times: Vec<(u16, u64)> = Vec::new();
        for step in 0..INPUTS {
            let input = chaos.next(&mut world);
            let out = world.put(input);
            chaos.learn(&input, &out);
            let open: i64 = world
                .engine
                .customers()
                .map(|(_, row)| row.value.open_e5)
                .sum();
            assert!(open <= FIRM_OPEN, "seed {seed} step {step}: {open}");
            reached = reached.max(open);
            for customer in 1..=3 {
                let account = day::account(1, customer).account;
                let row = world.engine.account(1, &account).unwrap();
                assert!(i64::from(row.open_orders) <= OPEN_ORDERS);
            }
            if let Input::NewOrder(order) = input
                && passed(&out)
            {
                let now = world.engine.now_ns();
                let second = times
                    .iter()
                    .filter(|&&(client, time)| client == order.client && now - time < 1_000_000_000)
                    .count();
                assert!(
                    i64::try_from(second).unwrap() < IN_A_SECOND,
                    "seed {seed} step {step}"
                );
            }
            for output in &out {
                let (client, counted) = match output {
                    Output::Forward(row) => (row.client, matches!(input, Input::NewOrder(_))),
                    Output::Queued(row) => (row.client, row.cancel == 0),
                    Output::ForwardCancel(row) => (row.client, true),
                    _ => continue,
                };
                if counted {
                    times.push((client, world.engine.now_ns()));
                }
            }
        }
    }
    assert!(reached > FIRM_OPEN / 2, "reached {reached}");
}

fn passed(out: &[Output]) -> bool {
    out.iter()
        .any(|output| matches!(output, Output::Forward(_) | Output::Queued(_)))
}

/// Inputs of a seed as the journal holds them, with the outputs that they gave.
fn journal(seed: u64) -> (Vec<Input>, Vec<Output>, u64) {
    let (mut world, mut chaos) = (chaotic(), Chaos::new(seed));
    let mut inputs = Vec::new();
    let mut outputs = Vec::new();
    for _ in 0..INPUTS {
        let input = chaos.next(&mut world);
        let out = world.put(input);
        chaos.learn(&input, &out);
        inputs.push(input);
        outputs.extend(out);
    }
    (inputs, outputs, world.engine.state_hash())
}

#[test]
fn a_replay_of_the_bytes_gives_the_same_outputs_and_the_same_state() {
    for seed in 200..204 {
        let (inputs, outputs, hash) = journal(seed);
        let mut again = chaotic();
        let mut out = Vec::new();
        let mut bytes = [0; Input::MAX_LEN];
        for input in &inputs {
            let len = input.write(&mut bytes).unwrap();
            again.seq += 1;
            let (engine, record) = (&mut again.engine, input.record_type());
            assert!(engine.apply_record(again.seq, record, &bytes[..len], &mut out));
        }
        assert!(out == outputs, "seed {seed}");
        assert_eq!(again.engine.state_hash(), hash, "seed {seed}");
    }
}

#[test]
fn another_input_gives_another_state() {
    let (inputs, outputs, hash) = journal(7);
    let last = outputs.iter().rev().find_map(|output| match output {
        Output::Forward(row) => Some(row.order),
        _ => None,
    });
    // The same day without the last order that left.
    let mut shorter = chaotic();
    for input in inputs {
        if matches!(input, Input::NewOrder(_))
            && shorter.engine.fill().orders == last.unwrap() as usize
        {
            continue;
        }
        shorter.put(input);
    }
    assert_ne!(shorter.engine.state_hash(), hash);
}

#[test]
fn arbitrary_records_never_break_the_books() {
    let mut chance = Chance::new(1);
    let mut world = chaotic();
    let mut out = Vec::new();
    for step in 0..60_000_u64 {
        let record = &Input::CATALOGUE
            [usize::try_from(chance.below(Input::CATALOGUE.len() as u64)).unwrap()];
        let mut bytes: Vec<u8> = (0..record.len)
            .map(|_| {
                let wild = u8::try_from(chance.below(256)).unwrap();
                chance.of(&[0, 0, 0, 1, 2, 255, b'1', b' ', wild])
            })
            .collect();
        if chance.below(50) == 0 {
            bytes.truncate(record.len / 2);
        }
        out.clear();
        let taken = world
            .engine
            .apply_record(step, record.number, &bytes, &mut out);
        assert_eq!(taken, bytes.len() == record.len);
        if step % 97 == 0 {
            let broken = world.engine.broken_invariants();
            assert!(broken.is_empty(), "step {step}: {broken:?}");
        }
    }
    assert!(!Engine::new(&support::small()).apply_record(1, 0, &[], &mut out));
}
