//! A saved state: taken up at any input it goes on as the one that was saved, and bad bytes are refused in words.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::NewOrder;
use panshi_engine::record::load::LoadSecurity;
use panshi_wire::sections::{Loader, Saver, Unfit};
use support::Verdict::{Refused, Sent};
use support::chaos::{Chance, Chaos, chaotic};
use support::{World, day, fen};

fn bytes_of(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
    let mut saver = Saver::new(&mut sink);
    engine.save(&mut saver);
    saver.finish();
    bytes
}

fn read(capacity: &Capacity, bytes: &[u8]) -> Result<Engine, Unfit> {
    let mut loader = Loader::new(bytes);
    let engine = Engine::load(capacity, &mut loader)?;
    loader.finish()?;
    Ok(engine)
}

fn again(engine: &Engine) -> Engine {
    let bytes = bytes_of(engine);
    let loaded = read(engine.capacity(), &bytes).unwrap();
    assert_eq!(loaded.state_hash(), engine.state_hash());
    assert!(bytes_of(&loaded) == bytes, "the same bytes again");
    loaded
}

#[test]
fn a_state_saved_at_any_input_goes_on_in_the_same_way() {
    for seed in 300..306 {
        let (mut world, mut chaos) = (chaotic(), Chaos::new(seed));
        let mut chance = Chance::new(seed);
        let mut other = again(&world.engine);
        let mut saves = 0;
        for step in 0..3_000 {
            if chance.below(40) == 0 {
                // From now on the copy of a copy goes on.
                other = again(&other);
                saves += 1;
            }
            let input = chaos.next(&mut world);
            let out = world.put(input);
            chaos.learn(&input, &out);
            let mut copied: Vec<Output> = Vec::new();
            other.apply(world.seq, &input, &mut copied);
            assert_eq!(copied, out, "seed {seed}, step {step}, {input:?}");
        }
        assert_eq!(other.state_hash(), world.engine.state_hash(), "seed {seed}");
        assert!(other.broken_invariants().is_empty());
        assert!(saves > 40, "{saves}");
    }
}

#[test]
fn an_open_after_hours_order_is_met_by_its_own_kind_only_after_a_restart_too() {
    let mut world = World::new();
    world.load(LoadSecurity {
        flags: 8,
        close_e5: fen(1_000),
        ..day::security(1, "600000", day::MAIN, fen(1_000))
    });
    world.go(15, 10);
    let fixed = |world: &mut World, customer, side| NewOrder {
        order_type: 8,
        account: day::account(1, customer).account,
        ..world.limit(side, "600000", fen(1_000), 100)
    };
    let sale = fixed(&mut world, 1, '2');
    assert_eq!(world.send(&sale), Sent(0));
    world.engine = again(&world.engine);
    // Customers 1 and 2 are under one controller.
    let buy = fixed(&mut world, 2, '1');
    let met = Refused(Code::SelfMatch, fen(1_000), fen(1_000));
    assert_eq!(world.send(&buy), met);
}

/// A state with something in every table.
fn full_day() -> World {
    let (mut world, mut chaos) = (chaotic(), Chaos::new(5));
    for _ in 0..1_500 {
        let input = chaos.next(&mut world);
        let out = world.put(input);
        chaos.learn(&input, &out);
    }
    world
}

#[test]
fn bad_bytes_are_refused_or_give_an_engine_that_still_ends_every_step() {
    let world = full_day();
    let good = bytes_of(&world.engine);
    let capacity = *world.engine.capacity();
    let mut chance = Chance::new(11);
    let mut bytes = [0; Input::MAX_LEN];
    let mut taken = 0;
    let rounds = std::env::var("PANSHI_FUZZ_ITERS").map_or(400, |text| {
        (text.parse::<u64>().unwrap() / 2_000).clamp(400, 4_000)
    });
    for round in 0..rounds {
        let mut bad = good.clone();
        for _ in 0..=chance.below(3) {
            let at = usize::try_from(chance.below(bad.len() as u64)).unwrap();
            match chance.below(4) {
                0 => bad[at] ^= 1 << chance.below(8),
                1 => bad[at] = chance.of(&[0, 1, 127, 255]),
                2 => bad.truncate(at),
                _ => bad.extend(std::iter::repeat_n(7, at % 100)),
            }
            if bad.is_empty() {
                break;
            }
        }
        let Ok(mut engine) = read(&capacity, &bad) else {
            continue;
        };
        taken += 1;
        let (mut other, mut chaos) = (full_day(), Chaos::new(round));
        let mut out = Vec::new();
        for _ in 0..60 {
            let input = chaos.next(&mut other);
            let len = input.write(&mut bytes).unwrap();
            other.seq += 1;
            assert!(engine.apply_record(other.seq, input.record_type(), &bytes[..len], &mut out));
        }
    }
    assert!(taken > rounds / 20, "{taken} of {rounds}");
}

#[test]
fn every_cut_is_refused() {
    let world = full_day();
    let good = bytes_of(&world.engine);
    let mut chance = Chance::new(3);
    for _ in 0..300 {
        let cut = usize::try_from(chance.below(good.len() as u64)).unwrap();
        assert!(
            read(world.engine.capacity(), &good[..cut]).is_err(),
            "{cut}"
        );
    }
}

#[test]
fn tables_of_another_size_do_not_fit() {
    let world = full_day();
    let good = bytes_of(&world.engine);
    let mut larger = *world.engine.capacity();
    larger.accounts += 1;
    let found = read(&larger, &good).unwrap_err();
    assert_eq!(found.section, "capacity");
}
