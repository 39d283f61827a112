//! What a queued order or cancel meets when its time comes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{GatewayState, NewOrder, SetState, Timer};
use panshi_engine::record::load::{LoadAccount, LoadPhase, LoadSecurity};
use support::Verdict::{self, Queued, Refused, Sent};
use support::{World, day, fen, padded, verdict};

fn tick(world: &mut World) -> Vec<Output> {
    let time_ns = world.now_ns;
    world.put(Timer { time_ns })
}

/// A world at 9:26 with a queued buy and a queued sale.
fn waiting() -> World {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 26));
    world.load(LoadAccount {
        strategy: 6,
        ..day::account(1, 1)
    });
    let buy = world.trade('1', "600000", fen(1_000), 100);
    let sale = world.trade('2', "600000", fen(1_001), 100);
    assert_eq!((buy, sale), (Queued(0), Queued(1)));
    world
}

fn verdicts(out: &[Output]) -> Vec<Verdict> {
    out.iter().map(|one| verdict(&[*one])).collect()
}

#[test]
fn a_trading_state_refuses_what_waits() {
    let scopes = [
        (1, 0, ""),
        (2, 1, ""),
        (3, 0, ""),
        (4, 1, ""),
        (5, 0, "A000000001"),
        (7, 1, ""),
        (9, 6, ""),
        (10, 0, "600000"),
    ];
    for (scope, id, key) in scopes {
        for (state, code) in [
            (1, Code::StateSellOnly),
            (2, Code::StateCancelOnly),
            (3, Code::StateHalted),
        ] {
            let mut world = waiting();
            world.put(SetState {
                scope,
                state,
                market: 1,
                id,
                key: padded(key),
                ..SetState::default()
            });
            world.go(9, 30);
            let refused = Refused(code, i64::from(scope), i64::from(state));
            let sale = if state == 1 { Sent(1) } else { refused };
            assert_eq!(verdicts(&tick(&mut world)), [refused, sale]);
        }
    }
}

#[test]
fn a_security_taken_off_the_list_refuses_what_waits() {
    for (state, code) in [(0, Code::SecurityNotListed), (3, Code::SecuritySuspended)] {
        let mut world = waiting();
        world.load(LoadSecurity {
            state,
            ..day::security(1, "600000", day::MAIN, fen(1_000))
        });
        let dates = if state == 0 {
            (20_260_720, 20_200_101)
        } else {
            (0, 0)
        };
        let refused = Refused(code, dates.0, dates.1);
        assert_eq!(verdicts(&tick(&mut world)), [refused, refused]);
    }
}

#[test]
fn a_gateway_before_its_opening_follows_the_parameter() {
    let mut world = waiting();
    world.load(GatewayState {
        gateway: 1,
        state: 2,
        market: 1,
        ..GatewayState::default()
    });
    world.go(9, 30);
    for pre_open in [0, 2] {
        world.param(18, pre_open);
        assert_eq!(tick(&mut world), []);
    }
    world.param(18, 1);
    assert_eq!(verdicts(&tick(&mut world)), [Sent(0), Sent(1)]);
}

#[test]
fn a_window_check_that_is_off_lets_go_at_once() {
    let mut world = waiting();
    world.switch(Code::OutsideWindow, 0);
    world.go(11, 30);
    assert_eq!(verdicts(&tick(&mut world)), [Sent(0), Sent(1)]);
    let mut world = waiting();
    world.go(15, 40);
    let missing = Refused(Code::PhaseMissing, 0, 0);
    assert_eq!(verdicts(&tick(&mut world)), [missing, missing]);
}

#[test]
fn a_fixed_price_order_waits_by_its_own_policy() {
    let mut world = World::new();
    world.load(LoadPhase {
        market: 1,
        phase: 4,
        order_policy: 1,
        cancel_policy: 1,
        fixed_policy: 2,
        fixed_cancel: 0,
        rule: day::STAR,
        start_ns: 10 * 3_600_000_000_000,
        end_ns: 11 * 3_600_000_000_000,
    });
    let order = NewOrder {
        order_type: 8,
        ..world.limit('1', "688001", fen(5_000), 200)
    };
    assert_eq!(world.send(&order), Queued(0));
    assert_eq!(tick(&mut world), []);
    assert_eq!(world.cancel(&order), Refused(Code::CancelWindow, 0, 4));
    world.go(15, 10);
    assert_eq!(verdicts(&tick(&mut world)), [Sent(0)]);
    assert_eq!(world.cancel(&order), Sent(0));
}

/// A world at 9:26 with a working order and its queued cancel.
fn cancel_waiting() -> World {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 16));
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&order), Sent(0));
    world.accept(&order);
    world.go(9, 26);
    assert_eq!(world.cancel(&order), Queued(0));
    world
}

#[test]
fn a_queued_cancel_meets_window_and_gateway() {
    let mut world = cancel_waiting();
    world.go(14, 58);
    assert_eq!(
        verdicts(&tick(&mut world)),
        [Refused(Code::CancelWindow, 0, 6)]
    );
    let mut world = cancel_waiting();
    world.switch(Code::CancelWindow, 0);
    world.go(14, 58);
    assert_eq!(verdicts(&tick(&mut world)), [Sent(0)]);
    let mut world = cancel_waiting();
    world.go(15, 40);
    assert_eq!(
        verdicts(&tick(&mut world)),
        [Refused(Code::PhaseMissing, 0, 0)]
    );
    let mut world = cancel_waiting();
    world.go(9, 30);
    let mut gateway = GatewayState {
        gateway: 1,
        market: 1,
        ..GatewayState::default()
    };
    world.load(gateway);
    assert_eq!(tick(&mut world), []);
    gateway.state = 2;
    world.load(gateway);
    assert_eq!(verdicts(&tick(&mut world)), [Sent(0)]);
}
