//! A day by the clock: phases, recorded flow, quotes, slow readers, sameness of two runs.
#![allow(clippy::unwrap_used)]

mod support;

use panshi_venue::cause::Market;
use panshi_venue::flow::Record;
use panshi_venue::order::Side;
use panshi_venue::phase::Phase;
use panshi_wire::layout::Layout;
use support::{SECOND, World, at};

const YUAN: i64 = 100_000;

fn flow(rows: &[(u64, u8, i64, i64, u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (ns_of_day, event, yuan, qty, order_no) in rows {
        let record = Record {
            ns_of_day: *ns_of_day,
            price_e5: yuan * YUAN,
            qty: *qty,
            order_no: *order_no,
            code: *b"600000",
            market: 1,
            event: *event,
        };
        let mut row = [0; Record::LEN];
        record.write(&mut row).unwrap();
        bytes.extend_from_slice(&row);
    }
    bytes
}

#[test]
fn states_are_announced_as_the_day_goes_by() {
    let mut world = World::new(at(9, 14, 0), "[]");
    world.ready();
    let mut states = Vec::new();
    while world.ns_of_day < at(15, 1, 0) {
        world.pass(5 * SECOND);
        world.send(&panshi_wire::sse::Heartbeat {});
        states.extend(world.read().into_iter().filter(|seen| seen.0 == 209));
    }
    let codes: Vec<u64> = states.iter().map(|seen| seen.1).collect();
    assert_eq!(codes, [1, 2, 3, 1, 2, 3, 1, 2, 4]);
    assert_eq!(world.venue.reports(), 1, "the stream ended once");
}

#[test]
fn the_recorded_market_trades_with_clients_by_market_time() {
    let mut world = World::new(at(10, 0, 0), "[]");
    let rows = [
        (at(9, 20, 0), b'S', 11, 100, 1),
        (at(9, 21, 0), b'B', 11, 300, 2),
        (at(10, 0, 5), b'S', 12, 100, 3),
        (at(10, 0, 6), b'C', 0, 200, 2),
        (at(12, 0, 0), b'B', 11, 100, 4),
    ];
    assert_eq!(world.venue.load_flow(&flow(&rows)), Ok(5));
    world.ready();
    let exchange = world.venue.exchange(Market::Sse);
    assert_eq!(exchange.phase, Phase::Continuous);
    assert_eq!(
        exchange.last_e5(0),
        11 * YUAN,
        "the opening auction has traded"
    );
    assert_eq!(exchange.book(0).available(Side::Sell, None), 200);
    world.pass(5 * SECOND);
    world.order(1, b'1', 12 * YUAN);
    assert_eq!(
        world.read(),
        [(32, 1), (103, 2)],
        "the client buys from the recorded market"
    );
    world.pass(SECOND);
    let exchange = world.venue.exchange(Market::Sse);
    assert_eq!(exchange.book(0).best_e5(Side::Buy), None);
    assert_eq!(exchange.orders.len(), 4);
}

#[test]
fn two_runs_of_one_script_give_the_same_bytes() {
    let run = || {
        let fault = r#"[{"action": "duplicate", "msg_type": 32, "after": 3, "times": 4}]"#;
        let mut world = World::new(at(10, 0, 0), fault);
        world.ready();
        for number in 0..200_u32 {
            let side = if number % 3 == 0 { b'2' } else { b'1' };
            world.order(number, side, (95 + i64::from(number * 7 % 11)) * 10_000);
            world.pass(SECOND / 10);
        }
        world.venue.pending(world.id).to_vec()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_day_of_reports_is_replayed_in_pieces_that_the_reader_takes() {
    let mut world = World::new(at(10, 0, 0), "[]");
    world.ready();
    for number in 0..3000 {
        world.order(number, b'1', 10 * YUAN);
        world.read();
    }
    world.sync(1);
    let first = world.venue.pending(world.id).len();
    assert!(
        first < 300_000,
        "the output stays bounded, found {first} bytes"
    );
    let mut seen = Vec::new();
    loop {
        let part = world.read();
        if part.is_empty() {
            break;
        }
        seen.extend(part);
    }
    let indices: Vec<u64> = seen
        .iter()
        .filter(|one| one.0 == 32)
        .map(|one| one.1)
        .collect();
    assert_eq!(indices, (1..=3000).collect::<Vec<u64>>());
}
