//! Report streams of the exchange and those toward clients: who feeds whom, and when a client's stream ends.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{
    CancelAll, GatewayState, GatewayStream, NewOrder, Report, Timer,
};
use panshi_engine::record::load::{LoadClient, LoadParam, LoadPbu};
use support::{Verdict, World, YUAN, anomalies, day, fen, padded, small};

/// Client, PBU, set and index of the ends in outputs.
fn ends(out: &[Output]) -> Vec<(u16, String, u32, u64)> {
    out.iter()
        .filter_map(|output| match output {
            Output::Deliver(row) if row.kind == 7 => Some((
                row.client,
                String::from_utf8_lossy(&row.pbu).trim_end().to_owned(),
                row.set_id,
                row.report_index,
            )),
            _ => None,
        })
        .collect()
}

fn end(client: u16, pbu: &str, set_id: u32, index: u64) -> (u16, String, u32, u64) {
    (client, pbu.to_owned(), set_id, index)
}

fn stream(gateway: u16, pbu: &str, set_id: u32, own: u8) -> GatewayStream {
    GatewayStream {
        pbu: padded(pbu),
        set_id,
        gateway,
        market: if pbu.is_empty() { 2 } else { 1 },
        own,
        ..GatewayStream::default()
    }
}

fn pbu(code: &str, pbu_no: u8, gateway: u16) -> LoadPbu {
    LoadPbu {
        pbu: padded(code),
        market: if code.len() == 5 { 1 } else { 2 },
        pbu_no,
        gateway,
        ..LoadPbu::default()
    }
}

fn client(number: u16, market: u8, prefix: &str, pbu_mask: u64) -> LoadClient {
    LoadClient {
        pbu_mask,
        ..day::client(number, market, prefix)
    }
}

/// The standard day with one client on PBU 20001 and one on 20002, both behind gateway 1 unless told otherwise.
fn world(second: u16) -> World {
    world_at(second, day::at(10, 0))
}

fn world_at(second: u16, now_ns: u64) -> World {
    let rows: Vec<Input> = day::rows()
        .into_iter()
        .filter(|row| {
            !matches!(row, Input::LoadClient(_)) && *row != Input::from(pbu("20002", 1, 1))
        })
        .chain([
            client(1, 1, "AA", 0b001).into(),
            client(2, 1, "BB", 0b010).into(),
            client(3, 2, "CC", 0b100).into(),
            pbu("20002", 1, second).into(),
        ])
        .collect();
    let mut world = World::opened(&small(), &rows, now_ns);
    let time_ns = world.now_ns;
    world.load(GatewayState {
        time_ns,
        gateway: 3,
        state: 3,
        market: 1,
        ..GatewayState::default()
    });
    world
}

/// A report in a stream of the exchange.
fn report(
    world: &World,
    kind: u8,
    gateway: u16,
    place: (&str, u32, u64),
    order: &NewOrder,
) -> Report {
    let (pbu, set_id, report_index) = place;
    Report {
        time_ns: world.now_ns,
        report_index,
        set_id,
        gateway,
        market: order.market,
        kind,
        stream_pbu: padded(pbu),
        pbu: order.pbu,
        cl_ord_id: order.cl_ord_id,
        orig_cl_ord_id: padded(""),
        last_px_e5: order.price_e5,
        last_qty_e3: 100_000,
        exec_id: padded(&format!("{pbu}{set_id}-{report_index}")),
        ..Report::default()
    }
}

/// The end of an exchange stream.
fn finish(world: &mut World, gateway: u16, pbu: &str, set_id: u32, index: u64) -> Vec<Output> {
    let order = NewOrder {
        market: if pbu.is_empty() { 2 } else { 1 },
        ..NewOrder::default()
    };
    let report = report(world, 7, gateway, (pbu, set_id, index), &order);
    world.put(report)
}

/// An order of client 2 on PBU 20002, sent.
fn order_of_second(world: &mut World) -> NewOrder {
    let order = NewOrder {
        client: 2,
        pbu: padded("20002"),
        cl_ord_id: world.next_id("BB"),
        account: day::account(1, 2).account,
        ..world.limit('1', "600000", fen(1_000), 100)
    };
    assert!(matches!(world.send(&order), Verdict::Sent(_)));
    order
}

#[test]
fn the_end_of_the_login_pbus_stream_ends_the_streams_of_every_pbu_behind_the_gateway() {
    let mut world = world(1);
    for set in [1, 2] {
        world.load(stream(1, "20001", set, 1));
    }
    let order = order_of_second(&mut world);
    let accepted = report(&world, 1, 1, ("20001", 1, 1), &order);
    let out = world.put(accepted);
    assert!(matches!(out[..], [Output::Deliver(row)]
        if row.client == 2 && row.pbu == order.pbu && row.report_index == 1));
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 1, 2)),
        [end(1, "20001", 1, 1), end(2, "20002", 1, 2)]
    );
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 2, 1)),
        [end(1, "20001", 2, 1), end(2, "20002", 2, 1)]
    );
}

#[test]
fn a_client_on_two_pbus_of_one_gateway_gets_one_end_for_each() {
    let mut world = world(1);
    world.load(client(1, 1, "AA", 0b011));
    world.load(stream(1, "20001", 1, 1));
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 1, 1)),
        [
            end(1, "20001", 1, 1),
            end(1, "20002", 1, 1),
            end(2, "20002", 1, 1)
        ]
    );
}

#[test]
fn gateways_with_the_same_sets_end_their_own_pbus_only() {
    let mut world = world(3);
    world.load(stream(1, "20001", 1, 1));
    world.load(stream(3, "20002", 1, 1));
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 1, 1)),
        [end(1, "20001", 1, 1)]
    );
    assert_eq!(
        ends(&finish(&mut world, 3, "20002", 1, 1)),
        [end(2, "20002", 1, 1)]
    );
}

#[test]
fn copied_streams_feed_once_and_end_once() {
    let mut world = world(3);
    // Each gateway subscribes the other's login PBU.
    for (gateway, own, copied) in [(1, "20001", "20002"), (3, "20002", "20001")] {
        world.load(stream(gateway, own, 1, 1));
        world.load(stream(gateway, copied, 1, 0));
    }
    let order = order_of_second(&mut world);
    // The copy arrives first and counts; the original is then known.
    let copy = report(&world, 1, 1, ("20002", 1, 1), &order);
    assert_eq!(world.put(copy).len(), 1);
    let original = Report { gateway: 3, ..copy };
    assert_eq!(world.put(original), []);
    assert_eq!(world.engine.totals().duplicates, 1);
    // The copy of the end counts as well: nothing can follow it in that stream.
    assert_eq!(
        ends(&finish(&mut world, 1, "20002", 1, 2)),
        [end(2, "20002", 1, 2)]
    );
    assert_eq!(finish(&mut world, 3, "20002", 1, 2), []);
    assert_eq!(
        ends(&finish(&mut world, 3, "20001", 1, 1)),
        [end(1, "20001", 1, 1)]
    );
}

#[test]
fn reports_of_strangers_in_a_copied_stream_are_no_anomaly() {
    let mut world = world(1);
    world.load(stream(1, "20001", 1, 1));
    world.load(stream(1, "20009", 1, 0));
    let stranger = NewOrder {
        pbu: padded("20009"),
        cl_ord_id: padded("XX00000001"),
        ..world.limit('1', "600000", fen(1_000), 100)
    };
    let fill = report(&world, 4, 1, ("20009", 1, 1), &stranger);
    assert_eq!(world.put(fill), []);
    assert_eq!(
        (
            world.engine.totals().reports,
            world.engine.totals().duplicates
        ),
        (0, 1)
    );
    // The same in the gateway's own stream is not ours and must not be.
    let own = report(&world, 4, 1, ("20001", 1, 1), &stranger);
    assert_eq!(anomalies(&world.put(own)), [Code::UnknownFill]);
    // The copied stream's end ends nobody, since it feeds nobody.
    assert_eq!(finish(&mut world, 1, "20009", 1, 2), []);
}

#[test]
fn a_gateway_that_changed_its_login_pbu_ends_with_the_last_of_its_own_streams() {
    let mut world = world(1);
    world.load(stream(1, "20001", 1, 1));
    // The backup logs in under another PBU and subscribes the first one's stream.
    world.load(stream(1, "20005", 1, 1));
    world.load(stream(1, "20001", 1, 1));
    assert_eq!(finish(&mut world, 1, "20005", 1, 1), []);
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 1, 1)),
        [end(1, "20001", 1, 1), end(2, "20002", 1, 1)]
    );
}

#[test]
fn a_pbu_that_changed_its_gateway_waits_for_both() {
    let mut world = world(1);
    world.load(stream(1, "20001", 1, 1));
    world.load(stream(3, "20003", 1, 1));
    let order = order_of_second(&mut world);
    world.load(pbu("20002", 1, 3));
    assert_eq!(finish(&mut world, 3, "20003", 1, 1), []);
    // The old gateway still owes the report of the order it was given.
    let late = report(&world, 4, 1, ("20001", 1, 1), &order);
    assert_eq!(world.put(late).len(), 1);
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 1, 2)),
        [end(1, "20001", 1, 1), end(2, "20002", 1, 2)]
    );
}

#[test]
fn a_set_that_a_gateway_does_not_carry_ends_with_the_others() {
    let mut world = world(3);
    world.load(stream(1, "20001", 1, 1));
    world.load(stream(1, "20001", 20, 1));
    // Gateway 3 has not said anything yet: nobody knows what it carries.
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 20, 1)),
        [end(1, "20001", 20, 1)]
    );
    world.load(stream(3, "20002", 1, 1));
    world.load(stream(1, "20001", 21, 1));
    assert_eq!(
        ends(&finish(&mut world, 1, "20001", 21, 1)),
        [end(1, "20001", 21, 1), end(2, "20002", 21, 1)]
    );
}

#[test]
fn a_second_end_and_reports_behind_it_are_anomalies_outside_the_clients_stream() {
    let mut world = world(1);
    world.load(LoadParam {
        param: 14,
        value: 3,
        ..LoadParam::default()
    });
    world.load(stream(1, "20001", 1, 1));
    let order = order_of_second(&mut world);
    assert_eq!(ends(&finish(&mut world, 1, "20001", 1, 1)).len(), 2);
    let late = report(&world, 4, 1, ("20001", 1, 2), &order);
    let out = world.put(late);
    assert_eq!(anomalies(&out), [Code::StreamEnded]);
    // It is booked all the same, and the client hears of it without an index.
    assert!(matches!(out.last(), Some(Output::Deliver(row)) if row.report_index == 0));
    assert_eq!(world.engine.order(0).unwrap().traded_qty, 100);
    // It suspends as far as a gap does.
    assert!(
        out.iter()
            .any(|output| matches!(output, Output::StateChanged(row) if row.to == 3))
    );
    let again = finish(&mut world, 1, "20001", 1, 3);
    assert_eq!(anomalies(&again), [Code::StreamEnded]);
    assert_eq!(ends(&again), []);
}

#[test]
fn an_order_that_never_left_ends_outside_a_stream_that_has_ended() {
    let mut world = world_at(1, day::at(9, 26));
    world.param(10, 5);
    world.param(19, 1_000);
    world.load(stream(1, "20001", 1, 1));
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert!(matches!(world.send(&order), Verdict::Queued(_)));
    assert_eq!(ends(&finish(&mut world, 1, "20001", 1, 1)).len(), 2);
    let time_ns = world.now_ns;
    world.load(CancelAll {
        time_ns,
        scope: 1,
        prefix: *b"PG",
        ..CancelAll::default()
    });
    let out = world.put(Timer { time_ns });
    let told = out.iter().find_map(|output| match output {
        Output::Deliver(row) => Some((row.kind, row.report_index)),
        _ => None,
    });
    assert_eq!(told, Some((3, 0)));
}

#[test]
fn partitions_of_two_szse_gateways_count_for_themselves() {
    let mut world = world(1);
    world.load(pbu("001000", 2, 2));
    world.load(pbu("002000", 4, 4));
    world.load(client(3, 2, "CC", 0b1_0100));
    for gateway in [2, 4] {
        world.load(stream(gateway, "", 1, 1));
    }
    let order = world.szse_limit('1', "000001", 10 * YUAN, 100);
    assert!(matches!(world.send(&order), Verdict::Sent(_)));
    let mut accepted = report(&world, 1, 2, ("001000", 1, 1), &order);
    assert_eq!(world.put(accepted).len(), 1);
    // The other gateway's first report has the same index and is not the same report.
    (accepted.gateway, accepted.kind) = (4, 4);
    assert_eq!(world.put(accepted).len(), 1);
    assert_eq!(world.engine.totals().duplicates, 0);
    assert_eq!(finish(&mut world, 2, "", 1, 2), []);
    assert_eq!(ends(&finish(&mut world, 4, "", 1, 2)), [end(3, "", 1, 3)]);
}

#[test]
fn a_copied_szse_report_takes_its_index_and_nothing_else() {
    let mut world = world(1);
    world.load(stream(2, "", 1, 1));
    let order = world.szse_limit('1', "000001", 10 * YUAN, 200);
    world.send(&order);
    let fill = report(&world, 4, 2, ("001000", 1, 1), &order);
    assert_eq!(world.put(fill).len(), 1);
    // ReportingPBUID differs from SubmittingPBUID: 回报抄送.
    let copy = Report {
        report_index: 2,
        stream_pbu: padded("002000"),
        ..fill
    };
    assert_eq!(world.put(copy), []);
    let stranger = Report {
        report_index: 3,
        cl_ord_id: padded("XX00000001"),
        ..copy
    };
    assert_eq!(world.put(stranger), []);
    assert_eq!(world.engine.order(0).unwrap().traded_qty, 100);
    assert_eq!(
        (
            world.engine.totals().reports,
            world.engine.totals().duplicates
        ),
        (1, 2)
    );
    assert_eq!(ends(&finish(&mut world, 2, "", 1, 4)), [end(3, "", 1, 2)]);
}

#[test]
fn a_stream_without_room_is_said_and_its_reports_count_all_the_same() {
    let capacity = panshi_engine::capacity::Capacity {
        streams: 1,
        ..small()
    };
    let mut world = World::with(&capacity, &day::rows());
    let order = world.limit('1', "600000", fen(1_000), 300);
    assert!(matches!(world.send(&order), Verdict::Sent(_)));
    let place = |set_id, index| ("20001", set_id, index);
    let accepted = report(&world, 1, 1, place(1, 1), &order);
    assert_eq!(anomalies(&world.put(accepted)), []);
    // A second exchange stream and, with it, a second stream toward the client.
    let fill = report(&world, 4, 1, place(2, 1), &order);
    let out = world.put(fill);
    assert_eq!(anomalies(&out), [Code::StreamsFull, Code::StreamsFull]);
    assert!(matches!(out.last(), Some(Output::Deliver(row)) if row.report_index == 0));
    assert_eq!(world.engine.order(0).unwrap().traded_qty, 100);
}

#[test]
fn a_stream_row_must_name_a_gateway_a_market_and_on_sse_a_pbu() {
    let mut world = world(1);
    let wrong = [
        stream(0, "20001", 1, 1),
        stream(65_000, "20001", 1, 1),
        stream(1, "20001", 1, 2),
        GatewayStream {
            market: 3,
            ..stream(1, "20001", 1, 1)
        },
        GatewayStream {
            market: 1,
            ..stream(1, "", 1, 1)
        },
    ];
    for row in wrong {
        assert!(
            matches!(world.put(row)[..], [Output::LoadRefused(_)]),
            "{row:?}"
        );
    }
    for set in 1..=64 {
        world.load(stream(1, "20001", set, 1));
    }
    assert!(matches!(
        world.put(stream(1, "20001", 65, 1))[..],
        [Output::LoadRefused(row)] if row.limit == 64
    ));
}
