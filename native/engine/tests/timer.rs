//! Section 6: what waits leaves with its window, late acknowledgements suspend, mass cancels are paced.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelAll, GatewayState, NewOrder, SetState, Timer};
use support::Verdict::{Queued, Refused, Sent};
use support::{World, anomalies, day, fen, padded, verdict};

fn tick(world: &mut World) -> Vec<Output> {
    let time_ns = world.now_ns;
    world.put(Timer { time_ns })
}

/// A world at 9:26 with one queued order.
fn waiting() -> (World, NewOrder) {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 26));
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&order), Queued(0));
    (world, order)
}

#[test]
fn a_queued_order_leaves_when_continuous_trading_begins() {
    let (mut world, order) = waiting();
    assert_eq!(tick(&mut world), []);
    world.go(9, 30);
    let out = tick(&mut world);
    assert_eq!(verdict(&out), Sent(0));
    let Output::Forward(row) = out[0] else {
        panic!("{out:?}")
    };
    assert_eq!(row.input_seq, world.seq - 2);
    assert_eq!(tick(&mut world), []);
    assert_eq!(anomalies(&world.accept(&order)), []);
}

#[test]
fn a_queued_order_stays_while_its_gateway_is_down_and_is_refused_by_a_halt() {
    let (mut world, _) = waiting();
    let gateway = |state| GatewayState {
        gateway: 1,
        state,
        market: 1,
        ..GatewayState::default()
    };
    world.load(gateway(0));
    world.go(9, 30);
    assert_eq!(tick(&mut world), []);
    world.load(gateway(3));
    world.put(SetState {
        scope: 4,
        state: 3,
        id: 1,
        ..SetState::default()
    });
    assert_eq!(verdict(&tick(&mut world)), Refused(Code::StateHalted, 4, 3));
    assert_eq!(tick(&mut world), []);
}

#[test]
fn a_queued_order_is_refused_when_its_security_is_suspended() {
    let (mut world, _) = waiting();
    world.load(panshi_engine::record::load::LoadSecurity {
        state: 3,
        ..day::security(1, "600000", day::MAIN, fen(1_000))
    });
    let out = tick(&mut world);
    assert_eq!(verdict(&out), Refused(Code::SecuritySuspended, 0, 0));
    world.load(day::security(1, "600000", day::MAIN, fen(1_000)));
    // Its cash is free again: all of the million can be spent.
    world.go(9, 30);
    assert_eq!(world.trade('1', "600000", fen(1_000), 99_900), Sent(1));
}

#[test]
fn a_queued_order_that_misses_its_day_is_refused_by_the_window() {
    let (mut world, _) = waiting();
    world.go(11, 30);
    assert_eq!(
        verdict(&tick(&mut world)),
        Refused(Code::OutsideWindow, 0, 5)
    );
}

#[test]
fn a_queued_cancel_leaves_with_its_window() {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 16));
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&order), Sent(0));
    world.accept(&order);
    world.go(9, 26);
    assert_eq!(world.cancel(&order), Queued(0));
    assert_eq!(world.cancel(&order), Refused(Code::CancelPending, 0, 0));
    assert_eq!(tick(&mut world), []);
    world.go(9, 30);
    assert!(matches!(
        tick(&mut world)[..],
        [Output::ForwardCancel(_), ..]
    ));
}

#[test]
fn a_queued_cancel_of_an_order_that_traded_meanwhile_is_refused() {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 16));
    let order = world.limit('1', "600000", fen(1_000), 100);
    world.send(&order);
    world.accept(&order);
    world.go(9, 26);
    assert_eq!(world.cancel(&order), Queued(0));
    world.fill(&order, fen(1_000), 100);
    assert_eq!(
        verdict(&tick(&mut world)),
        Refused(Code::CancelTargetFinished, 0, 5)
    );
}

#[test]
fn late_acknowledgements_are_said_once_until_they_clear() {
    let mut world = World::new();
    world.param(8, 2);
    world.param(9, 5_000_000_000);
    world.param(17, 2);
    let orders: Vec<_> = (0..3)
        .map(|_| {
            let order = world.limit('1', "600000", fen(1_000), 100);
            world.send(&order);
            order
        })
        .collect();
    let out = tick(&mut world);
    assert_eq!(anomalies(&out), [Code::AckOverdueCount]);
    assert!(matches!(out[1], Output::StateChanged(row) if row.to == 2));
    assert_eq!(tick(&mut world), []);
    world.accept(&orders[1]);
    assert_eq!(tick(&mut world), []);
    world.now_ns += 5_000_000_000;
    assert_eq!(tick(&mut world), []);
    world.now_ns += 1;
    let out = tick(&mut world);
    assert_eq!(anomalies(&out), [Code::AckOverdueAge]);
    let Output::Anomaly(row) = out[0] else {
        panic!("{out:?}")
    };
    assert_eq!((row.limit, row.found), (5_000_000_000, 5_000_000_001));
}

#[test]
fn a_mass_cancel_goes_in_batches_with_ids_of_its_own() {
    let mut world = World::new();
    world.param(10, 2);
    world.param(19, 1_000);
    let orders: Vec<_> = (0..4)
        .map(|_| {
            let order = world.limit('1', "600000", fen(1_000), 100);
            world.send(&order);
            world.accept(&order);
            order
        })
        .collect();
    world.fill(&orders[1], fen(1_000), 100);
    let other = world.trade('1', "600002", fen(200), 100);
    assert_eq!(other, Sent(4));
    assert_eq!(
        world.put(CancelAll {
            scope: 10,
            market: 1,
            key: padded("600000"),
            first_id: 35,
            prefix: *b"PG",
            ..CancelAll::default()
        }),
        []
    );
    let ids = |out: &[Output]| -> Vec<(u32, [u8; 10])> {
        out.iter()
            .filter_map(|output| match output {
                Output::ForwardCancel(row) => Some((row.order, row.cl_ord_id)),
                _ => None,
            })
            .collect()
    };
    let first = tick(&mut world);
    assert_eq!(ids(&first), [(0, *b"PG0000000Z"), (2, *b"PG00000010")]);
    let second = tick(&mut world);
    assert_eq!(ids(&second), [(3, *b"PG00000011")]);
    assert!(
        matches!(second.last(), Some(Output::CancelAllDone(row)) if (row.sent, row.missed) == (3, 0))
    );
    assert_eq!(tick(&mut world), []);
    assert_eq!(world.cancel(&orders[0]), Refused(Code::CancelPending, 0, 0));
}
