//! A mass cancel reaches the orders of its scope and no others.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelAll, NewOrder, Timer};
use support::{World, YUAN, day, padded};

/// Four working orders: customers 1 and 3, Shanghai and Shenzhen, one with a strategy.
fn world() -> World {
    let mut world = World::new();
    world.param(10, 100);
    let first = world.limit('1', "600000", 10 * YUAN, 100);
    let second = NewOrder {
        account: day::account(1, 3).account,
        ..world.limit('1', "600002", 2 * YUAN, 100)
    };
    let third = world.szse_limit('1', "000001", 10 * YUAN, 100);
    let mut row = day::account(2, 3);
    row.strategy = 7;
    world.load(row);
    let fourth = NewOrder {
        account: row.account,
        ..world.szse_limit('1', "000001", 10 * YUAN, 100)
    };
    for order in [first, second, third, fourth] {
        world.put(order);
        assert_eq!(world.engine.totals().refused, 0, "{order:?}");
    }
    world
}

/// Numbers of the orders that a mass cancel of a scope cancels.
fn reached(scope: u8, id: u32, market: u8, key: &str) -> Vec<u32> {
    let mut world = world();
    let time_ns = world.now_ns;
    world.load(CancelAll {
        time_ns,
        scope,
        market,
        id,
        key: padded(key),
        first_id: 36,
        prefix: *b"PG",
        ..CancelAll::default()
    });
    let out = world.put(Timer { time_ns });
    let Some(Output::CancelAllDone(done)) = out.last() else {
        panic!("{out:?}");
    };
    let cancelled: Vec<u32> = out
        .iter()
        .filter_map(|output| match output {
            Output::ForwardCancel(row) => Some(row.order),
            _ => None,
        })
        .collect();
    assert_eq!(done.sent as usize, cancelled.len());
    assert!(world.put(Timer { time_ns }).is_empty());
    cancelled
}

#[test]
fn every_scope_means_its_own_orders() {
    assert_eq!(reached(1, 0, 0, ""), [0, 1, 2, 3]);
    assert_eq!(reached(2, 1, 0, ""), [0, 1]);
    assert_eq!(reached(3, 2, 0, ""), [2, 3]);
    assert_eq!(reached(4, 1, 0, ""), [0, 1]);
    assert_eq!(reached(5, 0, 1, "A000000001"), [0]);
    assert_eq!(reached(6, 1, 0, ""), [0, 2]);
    assert_eq!(reached(7, 2, 0, ""), [1, 3]);
    assert_eq!(reached(8, 1, 0, ""), [0, 1, 2, 3]);
    assert_eq!(reached(9, 7, 0, ""), [3]);
    assert_eq!(reached(10, 0, 2, "000001"), [2, 3]);
    assert!(reached(10, 0, 1, "000001").is_empty());
    assert_eq!(reached(11, 2, 0, ""), [2, 3]);
}
