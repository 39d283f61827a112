//! The choices that the specifications leave open do what they say, both ways.
#![allow(clippy::unwrap_used)]

mod support;

use panshi_venue::config::Config;
use panshi_venue::venue::VenueCore;
use panshi_wire::sse::code;
use panshi_wire::text::pad;
use support::{SECOND, Seen, World, at};

const YUAN: i64 = 100_000;

fn world(keys: &str) -> World {
    World::with(at(10, 0, 0), keys)
}

fn coded(kind: u32, code: u32) -> Seen {
    (kind, u64::from(code))
}

#[test]
fn orders_before_the_first_206_are_taken_or_refused() {
    for (keys, expected) in [
        (r#""sse": {"order_before_sync": true}"#, vec![]),
        (
            r#""sse": {"order_before_sync": false}"#,
            vec![coded(204, code::NOT_READY)],
        ),
    ] {
        let mut world = world(keys);
        world.logon();
        world.read();
        world.order(1, b'1', 10 * YUAN);
        assert_eq!(world.read(), expected);
    }
}

#[test]
fn a_second_206_starts_the_stream_anew_or_changes_nothing() {
    for (keys, expected) in [
        (
            r#""sse": {"second_sync_restarts": true}"#,
            vec![(207, 0), (32, 1)],
        ),
        (r#""sse": {"second_sync_restarts": false}"#, vec![(207, 0)]),
    ] {
        let mut world = world(keys);
        world.ready();
        world.order(1, b'1', 10 * YUAN);
        assert_eq!(world.read(), [(32, 1)]);
        world.sync(1);
        assert_eq!(world.read(), expected);
    }
}

#[test]
fn wrong_fields_are_named_by_the_gateway_or_by_the_host() {
    for (keys, expected) in [
        (r#""sse": {"gateway_field_codes": false}"#, 13_608),
        (
            r#""sse": {"gateway_field_codes": true}"#,
            code::MESSAGE_DATA,
        ),
    ] {
        let mut world = world(keys);
        world.ready();
        world.order(1, b'7', 10 * YUAN);
        assert_eq!(world.read(), [coded(204, expected)]);
    }
}

#[test]
fn bad_bytes_are_answered_before_the_close_or_not() {
    for (keys, expected, closed) in [
        (
            r#""sse": {"logout_on_bad_bytes": true}"#,
            vec![coded(41, code::CHECKSUM)],
            false,
        ),
        (r#""sse": {"logout_on_bad_bytes": false}"#, vec![], true),
    ] {
        let mut world = world(keys);
        world.ready();
        world.send_bytes(b"\0\0\0\x21\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0");
        assert_eq!(world.read(), expected);
        assert_eq!(world.venue.wants_close(world.id), closed);
        world.pass(5 * SECOND);
        assert!(
            world.venue.wants_close(world.id),
            "after five seconds in any case"
        );
    }
}

#[test]
fn a_limit_of_orders_in_a_second_refuses_the_rest_of_it() {
    let mut world = world(r#""orders_per_second": 2"#);
    world.ready();
    for number in 1..=3 {
        world.order(number, b'1', 10 * YUAN);
    }
    assert_eq!(world.read(), [(32, 1), (32, 2), (204, 10_008)]);
    world.pass(SECOND);
    world.order(4, b'1', 10 * YUAN);
    assert_eq!(world.read(), [(32, 3)]);
}

#[test]
fn a_code_of_the_table_is_replaced() {
    let mut world = world(r#""codes": [{"market": "sse", "cause": "duplicate", "code": 7}]"#);
    world.ready();
    world.order(1, b'1', 10 * YUAN);
    world.order(1, b'1', 10 * YUAN);
    assert_eq!(world.read(), [(32, 1), (204, 7)]);
}

#[test]
fn the_draft_version_is_taken_where_it_is_chosen() {
    let logon = |world: &mut World| {
        world.send(&panshi_wire::sse::Logon {
            target_comp_id: pad(b"TDGW").unwrap(),
            prtcl_version: pad(b"0.58").unwrap(),
            heart_bt_int: 30,
            ..panshi_wire::sse::Logon::default()
        });
        world.read()[0]
    };
    let mut draft = world(r#""sse": {"profile": "0.58"}"#);
    assert_eq!(logon(&mut draft), (40, 0));
    let mut formal = world(r#""sse": {"profile": "0.57"}"#);
    assert_eq!(logon(&mut formal), coded(41, code::VERSION));
}

#[test]
fn a_reader_that_falls_behind_live_reports_is_disconnected() {
    let mut world = world(r#""slow_reader_reports": 100"#);
    world.ready();
    for number in 0..2000 {
        world.order(number, b'1', 10 * YUAN);
    }
    assert!(world.venue.wants_close(world.id));
}

#[test]
fn a_reader_of_the_past_may_be_behind() {
    let mut world = world(r#""slow_reader_reports": 100"#);
    world.ready();
    for number in 0..2000 {
        world.order(number, b'1', 10 * YUAN);
        world.take();
    }
    world.sync(1);
    assert!(!world.venue.wants_close(world.id));
}

#[test]
fn a_wrong_configuration_is_refused_by_key() {
    let refuse = |text: &str| {
        let read = Config::from_json(text).and_then(VenueCore::new);
        read.unwrap_err()
    };
    assert!(refuse(r#"{"trade_date": 20230711, "gateways": [], "colour": 1}"#).contains("colour"));
    assert!(refuse(r#"{"trade_date": 20230732, "gateways": []}"#).contains("trade_date"));
    let profile = r#"{"trade_date": 20230711, "gateways": [], "sse": {"profile": "9"}}"#;
    assert!(refuse(profile).contains("sse.profile: must be 0.57 or 0.58, found 9"));
    let gateway = r#"{"trade_date": 20230711, "gateways": [{"market": "sse", "addresses": [],
                      "comp_id": "T", "pbus": ["123456789"], "sets": [1]}]}"#;
    assert!(refuse(gateway).contains("gateway T, pbus: at most 8 characters"));
}
