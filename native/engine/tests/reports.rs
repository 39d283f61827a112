//! Section 4: reports, what must not come back, and the suspensions that follow.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{NewOrder, Report};
use panshi_engine::record::output::StateChanged;
use support::Verdict::{Refused, Sent};
use support::{World, anomalies, fen, padded};

/// A world with one working buy of 300 at 10.00.
fn working() -> (World, NewOrder) {
    let mut world = World::new();
    let order = world.limit('1', "600000", fen(1_000), 300);
    assert_eq!(world.send(&order), Sent(0));
    assert_eq!(anomalies(&world.accept(&order)), []);
    (world, order)
}

fn delivered(out: &[Output]) -> Vec<(u8, u64)> {
    out.iter()
        .filter_map(|output| match output {
            Output::Deliver(row) => Some((row.kind, row.report_index)),
            _ => None,
        })
        .collect()
}

fn changes(out: &[Output]) -> Vec<StateChanged> {
    out.iter()
        .filter_map(|output| match output {
            Output::StateChanged(row) => Some(*row),
            _ => None,
        })
        .collect()
}

#[test]
fn a_clients_stream_is_numbered_on_its_own() {
    let (mut world, order) = working();
    assert_eq!(delivered(&world.fill(&order, fen(1_000), 100)), [(4, 2)]);
    assert_eq!(delivered(&world.fill(&order, fen(999), 200)), [(4, 3)]);
    let other = world.limit('1', "600000", fen(1_000), 300);
    world.send(&other);
    let outside = Report {
        report_index: 0,
        ..world.report_of(&other, 6)
    };
    assert_eq!(delivered(&world.put(outside)), [(6, 0)]);
    // The index outside the streams used up a number of the test's own stream.
    world.report_index -= 1;
    let end = Report {
        kind: 7,
        ..world.report_of(&order, 7)
    };
    // Clients 1 and 2 trade on two PBUs of the gateway; only one of the four streams held anything.
    assert_eq!(delivered(&world.put(end)), [(7, 4), (7, 1), (7, 1), (7, 1)]);
}

#[test]
fn an_index_that_was_seen_is_ignored_and_a_gap_is_said_and_applied() {
    let (mut world, order) = working();
    let mut fill = world.report_of(&order, 4);
    (fill.last_px_e5, fill.last_qty_e3) = (fen(1_000), 100_000);
    assert_eq!(delivered(&world.put(fill)), [(4, 2)]);
    assert_eq!(world.put(fill), []);
    world.report_index += 5;
    let out = world.fill(&order, fen(1_000), 100);
    assert_eq!(anomalies(&out), [Code::StreamGap]);
    assert_eq!(delivered(&out), [(4, 3)]);
    let Output::Anomaly(gap) = out[0] else {
        panic!("{out:?}")
    };
    assert_eq!((gap.limit, gap.found), (3, 8));
}

#[test]
fn reports_of_unknown_orders_are_anomalies_and_go_nowhere() {
    let (mut world, order) = working();
    for (kind, code) in [
        (1, Code::UnknownReport),
        (2, Code::UnknownReport),
        (3, Code::UnknownReport),
        (4, Code::UnknownFill),
        (5, Code::UnknownReport),
        (99, Code::UnknownReport),
    ] {
        let report = Report {
            cl_ord_id: padded("AA99999999"),
            ..world.report_of(&order, kind)
        };
        let out = world.put(report);
        assert_eq!((anomalies(&out), out.len()), (vec![code], 1), "{kind}");
    }
}

#[test]
fn a_fill_beyond_the_open_quantity_is_not_booked() {
    let (mut world, order) = working();
    world.fill(&order, fen(1_000), 200);
    let out = world.fill(&order, fen(1_000), 101);
    assert_eq!(anomalies(&out), [Code::OverFill]);
    let Output::Anomaly(row) = out[0] else {
        panic!("{out:?}")
    };
    assert_eq!((row.limit, row.found), (100, 101));
    assert_eq!(delivered(&out).len(), 1);
    assert_eq!(anomalies(&world.fill(&order, fen(1_000), 100)), []);
    let late = world.fill(&order, fen(1_000), 100);
    assert_eq!(anomalies(&late), [Code::ReportAfterEnd]);
}

#[test]
fn a_fill_worse_than_the_order_is_not_booked_and_one_outside_the_limits_is() {
    let (mut world, order) = working();
    let worse = world.fill(&order, fen(1_001), 300);
    assert_eq!(anomalies(&worse), [Code::FillPrice]);
    // Still open: the same shares fill again.
    assert_eq!(anomalies(&world.fill(&order, fen(1_000), 200)), []);
    let outside = world.fill(&order, fen(899), 100);
    assert_eq!(anomalies(&outside), [Code::FillPrice]);
    let Output::Anomaly(row) = outside[0] else {
        panic!("{outside:?}")
    };
    assert_eq!((row.limit, row.found), (fen(900), fen(899)));
    let late = world.fill(&order, fen(1_000), 100);
    assert_eq!(anomalies(&late), [Code::ReportAfterEnd]);
}

#[test]
fn the_same_fill_again_is_not_booked_twice() {
    let (mut world, order) = working();
    let mut fill = world.report_of(&order, 4);
    (fill.last_px_e5, fill.last_qty_e3) = (fen(1_000), 100_000);
    world.put(fill);
    fill.report_index += 1;
    world.report_index += 1;
    assert_eq!(anomalies(&world.put(fill)), [Code::StreamDuplicate]);
    assert_eq!(anomalies(&world.fill(&order, fen(1_000), 100)), []);
    // The first one once more, after another was booked.
    fill.report_index += 2;
    world.report_index += 1;
    assert_eq!(anomalies(&world.put(fill)), [Code::StreamDuplicate]);
    assert_eq!(world.engine.order(0).unwrap().traded_qty, 200);
    assert_eq!(anomalies(&world.fill(&order, fen(1_000), 100)), []);
}

#[test]
fn a_cancelled_quantity_that_is_not_the_open_one_is_said() {
    let (mut world, order) = working();
    let mut report = world.report_of(&order, 3);
    (report.orig_cl_ord_id, report.cancelled_e3) = (order.cl_ord_id, 400_000);
    report.cl_ord_id = padded("AA00000099");
    let out = world.put(report);
    assert_eq!(anomalies(&out), [Code::CancelQuantity]);
    let late = world.fill(&order, fen(1_000), 100);
    assert_eq!(anomalies(&late), [Code::ReportAfterEnd]);
}

#[test]
fn a_bad_fill_suspends_every_pbu_of_its_gateway_as_far_as_told() {
    for (code, param, state) in [
        (Code::UnknownFill, 11, 3),
        (Code::OverFill, 12, 2),
        (Code::FillPrice, 13, 1),
        (Code::StreamGap, 14, 2),
        (Code::StreamDuplicate, 15, 3),
    ] {
        let (mut world, order) = working();
        world.param(param, state);
        let fill = world.report_of(&order, 4);
        let good = Report {
            last_px_e5: fen(1_000),
            last_qty_e3: 100_000,
            ..fill
        };
        let bad = match code {
            Code::UnknownFill => Report {
                cl_ord_id: padded("AA99999999"),
                ..good
            },
            Code::OverFill => Report {
                last_qty_e3: 900_000,
                ..good
            },
            Code::FillPrice => Report {
                last_px_e5: fen(1_002),
                ..good
            },
            Code::StreamGap => Report {
                report_index: good.report_index + 1,
                ..good
            },
            _ => {
                world.put(good);
                Report {
                    report_index: good.report_index + 1,
                    ..good
                }
            }
        };
        let out = world.put(bad);
        assert_eq!(anomalies(&out), [code]);
        let changed = changes(&out);
        let seen: Vec<_> = changed.iter().map(|c| (c.id, c.from, c.to)).collect();
        let to = u8::try_from(state).unwrap();
        assert_eq!(seen, [(0, 0, to), (1, 0, to)], "{code:?}");
        assert!(changed.iter().all(|c| c.cause == code.number()));
        let refused = world.trade('1', "600000", fen(1_000), 100);
        assert!(matches!(refused, Refused(_, 3, found) if found == state));
    }
}

#[test]
fn a_burst_of_rejects_suspends_once_and_its_window_begins_anew() {
    let mut world = World::new();
    world.param(6, 2);
    world.param(7, 1_000_000_000);
    world.param(16, 3);
    let rejected = |world: &mut World, pbu: &str| {
        let order = NewOrder {
            pbu: padded(pbu),
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        if !matches!(world.send(&order), Sent(_)) {
            return vec![Code::StateHalted];
        }
        let mut report = world.report_of(&order, 2);
        report.report_index = 0;
        anomalies(&world.put(report))
    };
    assert_eq!(rejected(&mut world, "20001"), []);
    world.now_ns += 1_000_000_001;
    assert_eq!(rejected(&mut world, "20001"), []);
    world.now_ns += 1_000_000_000;
    assert_eq!(rejected(&mut world, "20001"), [Code::RejectBurst]);
    assert_eq!(rejected(&mut world, "20002"), [Code::StateHalted]);
}

#[test]
fn what_the_gate_could_not_send_is_no_reject_of_the_exchange() {
    let mut world = World::new();
    world.param(6, 2);
    world.param(7, 1_000_000_000);
    world.param(16, 3);
    let rejected = |world: &mut World, code: u32| {
        let order = world.limit('1', "600000", fen(1_000), 100);
        assert!(matches!(world.send(&order), Sent(_)));
        let report = Report {
            report_index: 0,
            code,
            ..world.report_of(&order, 2)
        };
        anomalies(&world.put(report))
    };
    for code in [Code::NotConnected, Code::QueueFull, Code::QueueFull] {
        assert_eq!(rejected(&mut world, code.number()), []);
    }
    assert_eq!(rejected(&mut world, 204), []);
    assert_eq!(rejected(&mut world, 204), [Code::RejectBurst]);
}

#[test]
fn a_market_order_of_shanghai_may_lose_its_rest_at_once() {
    let mut world = World::new();
    let order = NewOrder {
        order_type: 2,
        ..world.limit('1', "600000", fen(1_000), 300)
    };
    assert_eq!(world.send(&order), Sent(0));
    let accepted = Report {
        cancelled_e3: 200_000,
        ..world.report_of(&order, 1)
    };
    assert_eq!(anomalies(&world.put(accepted)), []);
    assert_eq!(anomalies(&world.fill(&order, fen(1_000), 100)), []);
    let late = world.fill(&order, fen(1_000), 100);
    assert_eq!(anomalies(&late), [Code::ReportAfterEnd]);
}
