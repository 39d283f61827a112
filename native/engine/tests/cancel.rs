//! Section 3: cancels. What is wrong is refused, what is valid is never held back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelOrder, GatewayState, NewOrder, SetState};
use support::Verdict::{self, Ended, Queued, Refused, Sent};
use support::{World, fen, padded, verdict, warnings};

fn plain(code: Code) -> Verdict {
    Refused(code, 0, 0)
}

/// A world with one working order.
fn working() -> (World, NewOrder) {
    let mut world = World::new();
    let order = world.limit('1', "600000", fen(1_000), 300);
    assert_eq!(world.send(&order), Sent(0));
    world.accept(&order);
    (world, order)
}

#[test]
fn one_wrong_field_gives_its_own_code() {
    type Change = fn(&mut CancelOrder);
    let cases: &[(Change, Verdict)] = &[
        (|c| c.client = 9, plain(Code::ClientUnknown)),
        (|c| c.market = 2, plain(Code::MarketMismatch)),
        (|c| c.cl_ord_id = *b"AA 0000001", plain(Code::ClOrdIdForm)),
        (|c| c.cl_ord_id = *b"BB00000001", plain(Code::ClOrdIdPrefix)),
        (|c| c.pbu = padded("29999"), plain(Code::PbuUnknown)),
        (
            |c| c.cl_ord_id = c.orig_cl_ord_id,
            plain(Code::ClOrdIdDuplicate),
        ),
        (
            |c| c.orig_cl_ord_id = padded("AA99999999"),
            plain(Code::CancelTargetUnknown),
        ),
        // The same id on another PBU is another order.
        (
            |c| c.pbu = padded("20002"),
            plain(Code::CancelTargetUnknown),
        ),
        (
            |c| c.security_id = padded("600002"),
            plain(Code::CancelMismatch),
        ),
        (
            |c| c.security_id = padded("999999"),
            plain(Code::CancelMismatch),
        ),
        (|c| c.biz = 10, plain(Code::CancelMismatch)),
    ];
    let (mut world, order) = working();
    for (number, (change, wanted)) in cases.iter().enumerate() {
        let mut cancel = world.cancel_of(&order);
        change(&mut cancel);
        assert_eq!(verdict(&world.put(cancel)), *wanted, "case {number}");
    }
    assert_eq!(world.cancel(&order), Sent(0));
}

#[test]
fn another_clients_order_is_not_cancelled() {
    let (mut world, order) = working();
    let foreign = CancelOrder {
        client: 2,
        cl_ord_id: *b"BB00000001",
        ..world.cancel_of(&order)
    };
    assert_eq!(
        verdict(&world.put(foreign)),
        plain(Code::CancelTargetForeign)
    );
}

#[test]
fn a_cancel_goes_once_until_the_exchange_refuses_it() {
    let (mut world, order) = working();
    let cancel = world.cancel_of(&order);
    assert_eq!(verdict(&world.put(cancel)), Sent(0));
    assert_eq!(world.cancel(&order), plain(Code::CancelPending));
    let of_cancel = CancelOrder {
        orig_cl_ord_id: cancel.cl_ord_id,
        ..world.cancel_of(&order)
    };
    assert_eq!(
        verdict(&world.put(of_cancel)),
        plain(Code::CancelTargetIsCancel)
    );
    let mut report = world.report_of(&order, 5);
    report.cl_ord_id = cancel.cl_ord_id;
    world.put(report);
    assert_eq!(world.cancel(&order), Sent(0));
}

#[test]
fn a_cancel_that_was_lost_with_its_session_goes_again() {
    let (mut world, order) = working();
    let session = |state| GatewayState {
        gateway: 1,
        state,
        market: 1,
        ..GatewayState::default()
    };
    assert_eq!(world.cancel(&order), Sent(0));
    world.load(session(4));
    world.load(session(2));
    assert_eq!(world.cancel(&order), plain(Code::CancelPending));
    world.load(session(0));
    world.load(session(2));
    assert_eq!(world.cancel(&order), Sent(0));
    assert_eq!(world.cancel(&order), plain(Code::CancelPending));
}

#[test]
fn a_finished_order_is_not_cancelled() {
    let (mut world, order) = working();
    world.fill(&order, fen(1_000), 300);
    assert_eq!(
        world.cancel(&order),
        Refused(Code::CancelTargetFinished, 0, 5)
    );
}

#[test]
fn no_cancels_leave_in_a_no_cancel_window() {
    let (mut world, order) = working();
    world.go(14, 58);
    assert_eq!(world.cancel(&order), Refused(Code::CancelWindow, 0, 6));
    world.go(15, 40);
    assert_eq!(world.cancel(&order), plain(Code::PhaseMissing));
}

#[test]
fn a_cancel_needs_its_gateway() {
    let (mut world, order) = working();
    for (state, wanted) in [
        (0, Refused(Code::GatewayNotReady, 0, 0)),
        (4, Refused(Code::GatewayNotReady, 0, 4)),
        (2, Sent(0)),
    ] {
        world.load(GatewayState {
            gateway: 1,
            state,
            market: 1,
            ..GatewayState::default()
        });
        assert_eq!(world.cancel(&order), wanted);
    }
}

#[test]
fn a_halt_and_full_limits_let_cancels_pass() {
    let (mut world, order) = working();
    for (scope, id) in [(1, 0), (2, 1), (3, 0), (4, 1)] {
        world.put(SetState {
            scope,
            state: 3,
            id,
            ..SetState::default()
        });
    }
    world.set_limit(4, 1, 0, i64::MAX, 0);
    assert_eq!(world.cancel(&order), Sent(0));
}

#[test]
fn a_waiting_order_ends_at_once_and_its_cash_comes_back() {
    let mut world = World::new();
    world.param(18, 2);
    world.load(GatewayState {
        gateway: 1,
        state: 2,
        market: 1,
        ..GatewayState::default()
    });
    let order = world.limit('1', "600000", fen(1_000), 90_000);
    assert_eq!(world.send(&order), Queued(0));
    let short = world.trade('1', "600000", fen(1_000), 90_000);
    assert!(matches!(short, Refused(Code::CashShort, ..)), "{short:?}");
    let cancel = world.cancel_of(&order);
    let out = world.put(cancel);
    assert_eq!(verdict(&out), Ended(0));
    let delivered: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::Deliver(row) => Some((row.kind, row.report_index, row.input_seq)),
            _ => None,
        })
        .collect();
    assert_eq!(delivered, [(3, 1, world.seq)]);
    assert_eq!(world.trade('1', "600000", fen(1_000), 90_000), Queued(1));
}

#[test]
fn refused_cancels_are_counted_by_client_and_minute() {
    let (mut world, _) = working();
    world.set_limit(4, 15, 1, 2, i64::MAX);
    let unknown = |world: &mut World| {
        let order = world.limit('1', "600000", fen(1_000), 100);
        let cancel = world.cancel_of(&order);
        warnings(&world.put(cancel))
    };
    assert_eq!(unknown(&mut world), []);
    assert_eq!(unknown(&mut world), [(Code::RepeatedCancels, 15, 2, 2)]);
    assert_eq!(unknown(&mut world), []);
    world.go(10, 1);
    assert_eq!(unknown(&mut world), []);
    assert_eq!(unknown(&mut world), [(Code::RepeatedCancels, 15, 2, 2)]);
}
