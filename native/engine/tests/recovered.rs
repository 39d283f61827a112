//! Orders that the journal lost and the exchange has: booked as they stand, without being sent (section 2).

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::kind::OrderStatus;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{ClientState, GatewayState, NewOrder, Report};
use panshi_engine::record::output::Recovered;
use support::Verdict::{Refused, Sent};
use support::{World, anomalies, fen, padded};

type Change = fn(&mut NewOrder);

/// A world in which nothing new passes: client gone, gateway held, day behind the last window.
fn held() -> World {
    let mut world = World::new();
    world.put(ClientState {
        time_ns: world.now_ns,
        client: 1,
        ..ClientState::default()
    });
    world.put(GatewayState {
        time_ns: world.now_ns,
        gateway: 1,
        state: 6,
        market: 1,
        ..GatewayState::default()
    });
    world.go(20, 0);
    world
}

fn lost(order: NewOrder) -> NewOrder {
    NewOrder {
        recovered: 1,
        ..order
    }
}

fn recovered(out: &[Output]) -> Vec<Recovered> {
    let rows = out.iter().filter_map(|output| match output {
        Output::Recovered(row) => Some(*row),
        _ => None,
    });
    rows.collect()
}

fn refused(out: &[Output]) -> Vec<(u32, u32)> {
    let rows = out.iter().filter_map(|output| match output {
        Output::LoadRefused(row) => Some((row.input_type, row.code)),
        _ => None,
    });
    rows.collect()
}

#[test]
fn a_recovered_order_is_booked_and_not_sent_whatever_keeps_new_ones_out() {
    let mut world = held();
    let order = world.limit('1', "600000", fen(1_000), 300);
    assert!(matches!(world.send(&order), Refused(..)));
    let out = world.put(lost(order));
    let rows = recovered(&out);
    assert_eq!((rows.len(), rows[0].order, rows[0].client), (1, 0, 1));
    assert!(rows[0].frozen_e5 > 300 * fen(1_000));
    assert!(
        !out.iter()
            .any(|output| matches!(output, Output::Forward(_) | Output::Refuse(_)))
    );
    let row = *world.engine.order(0).unwrap();
    assert_eq!((row.status, row.recovered), (OrderStatus::Sent, true));
    assert_eq!(world.engine.broken_invariants(), Vec::<String>::new());
    // From here on it is an order like any other.
    let accepted = world.accept(&order);
    assert!(matches!(accepted[..], [Output::Deliver(row)] if row.order == 0 && row.client == 1));
    world.fill(&order, fen(999), 100);
    let row = *world.engine.order(0).unwrap();
    assert_eq!(
        (row.status, row.open_qty()),
        (OrderStatus::PartlyFilled, 200)
    );
    let rest = Report {
        cancelled_e3: 200_000,
        ..world.report_of(&order, 3)
    };
    assert_eq!(anomalies(&world.put(rest)), []);
    assert!(!world.engine.order(0).unwrap().is_open());
    assert_eq!(world.engine.broken_invariants(), Vec::<String>::new());
}

#[test]
fn its_id_is_taken() {
    let mut world = World::new();
    let order = world.limit('1', "600000", fen(1_000), 100);
    world.put(lost(order));
    assert_eq!(world.send(&order), Refused(Code::ClOrdIdDuplicate, 0, 0));
    assert_eq!(
        refused(&world.put(lost(order))),
        [(31, Code::ClOrdIdDuplicate.number())]
    );
}

#[test]
fn what_it_needs_to_be_booked_must_be_known() {
    let mut world = World::new();
    let order = world.limit('1', "600000", fen(1_000), 100);
    let changes: [(Change, Code); 7] = [
        (
            |row| row.account = padded("A999999999"),
            Code::AccountUnknown,
        ),
        (
            |row| row.security_id = padded("699999"),
            Code::SecurityUnknown,
        ),
        (|row| row.pbu = padded("29999"), Code::PbuUnknown),
        (|row| row.client = 99, Code::ClientUnknown),
        (|row| row.order_type = 0, Code::TypeUnknown),
        (|row| row.price_e5 = 0, Code::PriceMissing),
        (|row| row.qty_e3 = 100, Code::QtyInvalid),
    ];
    for (change, code) in changes {
        let mut wrong = lost(order);
        change(&mut wrong);
        let out = world.put(wrong);
        assert_eq!(refused(&out), [(31, code.number())]);
        assert_eq!(out.len(), 1, "{out:?}");
    }
    assert_eq!(world.engine.orders().len(), 0);
    assert_eq!(world.send(&order), Sent(0));
}

#[test]
fn more_cash_than_there_is_can_be_frozen_but_no_more_shares() {
    let mut world = World::new();
    let cash = world.engine.customer(1).unwrap().available_e5;
    let shares = cash / fen(1_000) / 100 * 100 + 100;
    let buy = world.limit('1', "600000", fen(1_000), shares);
    assert_eq!(recovered(&world.put(lost(buy))).len(), 1);
    assert!(world.engine.customer(1).unwrap().available_e5 < 0);
    let sale = world.limit('2', "600000", fen(1_000), 1_000_000_000);
    assert_eq!(
        refused(&world.put(lost(sale))),
        [(31, Code::HoldingShort.number())]
    );
    assert_eq!(world.engine.broken_invariants(), Vec::<String>::new());
    // No more of what is not there can be spent, and all comes back when the exchange says so.
    assert!(matches!(
        world.trade('1', "600000", fen(1_000), 100),
        Refused(Code::CashShort, ..)
    ));
    let rejected = world.report_of(&buy, 2);
    world.put(rejected);
    assert_eq!(world.engine.customer(1).unwrap().available_e5, cash);
}

#[test]
fn only_the_first_word_about_an_order_of_ours_begins_one() {
    let mut world = World::new();
    let known = world.limit('1', "600000", fen(1_000), 100);
    world.send(&known);
    let order = world.limit('1', "600000", fen(1_000), 100);
    let begins = |world: &World, report: &Report| world.engine.begins_unknown(report);
    for (kind, first) in [
        (1, true),
        (2, true),
        (3, false),
        (4, false),
        (5, false),
        (6, false),
        (7, false),
    ] {
        let report = world.report_of(&order, kind);
        assert_eq!(begins(&world, &report), first, "{kind}");
    }
    let report = world.report_of(&known, 1);
    assert!(!begins(&world, &report));
    world.put(report);
    // An index that was seen says nothing new; a PBU that is not ours is somebody else's.
    let seen = Report {
        cl_ord_id: order.cl_ord_id,
        ..report
    };
    assert!(!begins(&world, &seen));
    let mut strange = world.report_of(&order, 1);
    strange.pbu = padded("29999");
    assert!(!begins(&world, &strange));
}
