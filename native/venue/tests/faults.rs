//! Each scripted fault happens, and only where it was asked for.
#![allow(clippy::unwrap_used)]

mod support;

use panshi_wire::sse::{self, Message};
use support::{SECOND, World, at};

const YUAN: i64 = 100_000;

fn world(faults: &str) -> World {
    let mut world = World::new(at(10, 0, 0), faults);
    world.ready();
    world
}

/// Three orders that rest.
fn three(world: &mut World) -> Vec<support::Seen> {
    for number in 1..=3 {
        world.order(number, b'1', 10 * YUAN);
    }
    world.read()
}

#[test]
fn without_a_script_reports_come_in_order() {
    assert_eq!(three(&mut world("[]")), [(32, 1), (32, 2), (32, 3)]);
}

#[test]
fn a_dropped_message_is_not_sent_but_stays_in_its_stream() {
    let mut world = world(r#"[{"action": "drop", "msg_type": 32, "after": 1}]"#);
    assert_eq!(three(&mut world), [(32, 1), (32, 3)]);
    world.sync(2);
    assert_eq!(world.read(), [(207, 0), (32, 2), (32, 3)]);
}

#[test]
fn a_duplicate_comes_twice() {
    let mut world = world(r#"[{"action": "duplicate", "msg_type": 32, "after": 1}]"#);
    assert_eq!(three(&mut world), [(32, 1), (32, 2), (32, 2), (32, 3)]);
}

#[test]
fn a_reordered_message_comes_behind_the_next() {
    let mut world = world(r#"[{"action": "reorder", "msg_type": 32}]"#);
    assert_eq!(three(&mut world), [(32, 2), (32, 1), (32, 3)]);
}

#[test]
fn a_delayed_message_holds_up_those_behind_it() {
    let mut world = world(r#"[{"action": {"delay": 500}, "msg_type": 32, "after": 1}]"#);
    assert_eq!(three(&mut world), [(32, 1)]);
    world.pass(SECOND / 4);
    assert_eq!(world.read(), []);
    world.pass(SECOND / 4);
    assert_eq!(world.read(), [(32, 2), (32, 3)]);
}

#[test]
fn a_connection_is_cut_behind_the_message_that_triggers_it() {
    let mut world = world(r#"[{"action": "disconnect", "msg_type": 32, "after": 1}]"#);
    world.order(1, b'1', 10 * YUAN);
    assert!(!world.venue.wants_close(world.id));
    world.order(2, b'1', 10 * YUAN);
    assert_eq!(world.read(), [(32, 1), (32, 2)]);
    assert!(world.venue.wants_close(world.id));
}

#[test]
fn nothing_follows_where_a_connection_is_cut_in_a_burst() {
    let mut world = world(r#"[{"action": "disconnect", "msg_type": 32, "after": 1}]"#);
    world.burst(4);
    assert_eq!(world.read(), [(32, 1), (32, 2)]);
    assert_eq!(
        world.venue.reports(),
        4,
        "the stream keeps what was not sent"
    );
}

#[test]
fn half_a_message_is_sent_before_the_cut() {
    let mut world = world(r#"[{"action": "half_message", "msg_type": 32, "after": 1}]"#);
    world.burst(3);
    assert_eq!(world.take(), 233 + 233 / 2);
    assert!(world.venue.wants_close(world.id));
}

#[test]
fn a_checksum_is_wrong_once() {
    let mut world = world(r#"[{"action": "bad_checksum", "msg_type": 32}]"#);
    world.burst(2);
    let bytes = world.venue.pending(world.id).to_vec();
    assert!(sse::frame(&bytes).is_err());
    assert!(sse::frame(&bytes[233..]).is_ok());
}

#[test]
fn a_half_open_gateway_neither_reads_nor_writes() {
    let mut world = world(r#"[{"action": "half_open", "at_ns_of_day": 36060000000000}]"#);
    assert_eq!(three(&mut world).len(), 3);
    world.pass(60 * SECOND);
    world.order(4, b'1', 10 * YUAN);
    world.pass(59 * SECOND);
    assert_eq!(world.take(), 0);
    assert!(!world.venue.wants_close(world.id));
    assert_eq!(world.venue.reports(), 3);
    // Two silent intervals later the gateway has given the session up and takes another.
    world.pass(SECOND);
    assert!(world.venue.wants_close(world.id));
    world.connect();
    world.logon();
    assert_eq!(world.read(), [(40, 0), (209, 2), (208, 0)]);
}

#[test]
fn a_slow_gateway_sends_so_many_bytes_a_second() {
    let mut world = world(r#"[{"action": {"slow": 100}, "at_ns_of_day": 36001000000000}]"#);
    world.pass(SECOND);
    world.take();
    for number in 1..=3 {
        world.order(number, b'1', 10 * YUAN);
    }
    assert_eq!(world.take(), 0);
    world.pass(SECOND);
    assert_eq!(world.take(), 100);
    world.pass(2 * SECOND);
    assert_eq!(world.take(), 200);
}

#[test]
fn a_gateway_that_is_not_ready_ends_sessions_and_refuses_logons() {
    let mut world = world(r#"[{"action": {"not_ready": 3000}, "at_ns_of_day": 36001000000000}]"#);
    world.pass(SECOND);
    assert_eq!(world.read(), [(41, u64::from(sse::code::NOT_READY))]);
    world.connect();
    world.logon();
    assert_eq!(world.read(), [(41, u64::from(sse::code::NOT_READY))]);
    world.pass(3 * SECOND);
    world.connect();
    world.logon();
    assert_eq!(world.read(), [(40, 0), (209, 2), (208, 0)]);
}

#[test]
fn a_state_flaps_and_comes_back() {
    let fault =
        r#"[{"action": {"state_flap": {"state": 3, "ms": 2000}}, "at_ns_of_day": 36001000000000}]"#;
    let mut world = world(fault);
    world.pass(SECOND);
    world.order(1, b'1', 10 * YUAN);
    let refused = u64::from(sse::code::PLATFORM_STATE);
    assert_eq!(world.read(), [(209, 3), (204, refused)]);
    world.pass(2 * SECOND);
    world.order(2, b'1', 10 * YUAN);
    assert_eq!(world.read(), [(209, 2), (32, 1)]);
}

#[test]
fn a_burst_of_rejects_ends_after_its_count() {
    let mut world = world(r#"[{"action": {"reject_burst": 2}}]"#);
    three(&mut world);
    let orders = &world
        .venue
        .exchange(panshi_venue::cause::Market::Sse)
        .orders;
    assert_eq!((world.venue.reports(), orders.len()), (3, 1));
}

#[test]
fn an_index_is_left_out() {
    let mut world = world(r#"[{"action": "index_gap", "after": 1}]"#);
    assert_eq!(three(&mut world), [(32, 1), (32, 2), (32, 4)]);
}

/// A sale that rests and a purchase that takes it; the fills as price and quantity.
fn fills(world: &mut World) -> Vec<(u64, i64, [u8; 16])> {
    world.order(1, b'2', 10 * YUAN);
    world.order(2, b'1', 10 * YUAN);
    let bytes = world.venue.pending(world.id).to_vec();
    let (mut used, mut found) = (0, Vec::new());
    while let Some(frame) = sse::frame(&bytes[used..]).unwrap() {
        used += frame.total_len;
        if let Ok(Message::TradeReport(fill)) = Message::decode(&frame) {
            found.push((fill.report_index, fill.last_px / YUAN, fill.trd_cnfm_id));
        }
    }
    found
}

#[test]
fn a_fill_is_reported_a_second_time_under_another_trade_number() {
    let found = fills(&mut world(r#"[{"action": "over_fill", "msg_type": 103}]"#));
    let places: Vec<_> = found.iter().map(|fill| (fill.0, fill.1)).collect();
    assert_eq!(places, [(3, 10), (4, 10), (5, 10)]);
    assert_ne!(found[0].2, found[1].2);
    assert_eq!(found[0].2, found[2].2);
}

#[test]
fn a_fill_is_reported_outside_the_limits() {
    let found = fills(&mut world(r#"[{"action": "price_outside"}]"#));
    assert_eq!(
        found.iter().map(|fill| fill.1).collect::<Vec<_>>(),
        [100, 10]
    );
}
