//! Mass cancels: whom each scope means, what is skipped, which commands are not taken.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelAll, NewOrder, Timer};
use panshi_engine::record::load::{LoadAccount, LoadCustomer};
use support::Verdict::Sent;
use support::{World, day, fen, padded};

/// Orders 0 to 2: customer 1 on PBU 20001, customer 3 on PBU 20002, customer 1 in Shenzhen.
fn three_orders() -> World {
    let mut world = World::new();
    world.param(10, 10);
    world.load(LoadCustomer {
        desk: 2,
        ..day::customer(4, 3)
    });
    world.load(day::account(1, 4));
    world.load(LoadAccount {
        strategy: 6,
        ..day::account(1, 1)
    });
    let first = world.limit('1', "600000", fen(1_000), 100);
    let second = NewOrder {
        pbu: padded("20002"),
        account: day::account(1, 4).account,
        ..world.limit('1', "600002", fen(200), 100)
    };
    let third = world.szse_limit('1', "000001", fen(1_000), 100);
    for (number, order) in (0..).zip([first, second, third]) {
        assert_eq!(world.send(&order), Sent(number));
        world.accept(&order);
    }
    world
}

fn run(world: &mut World, row: CancelAll) -> (Vec<u32>, u32, u32) {
    assert_eq!(world.put(row), []);
    let time_ns = world.now_ns;
    let out = world.put(Timer { time_ns });
    let orders = out
        .iter()
        .filter_map(|output| match output {
            Output::ForwardCancel(row) => Some(row.order),
            _ => None,
        })
        .collect();
    let Some(Output::CancelAllDone(done)) = out.last() else {
        panic!("{out:?}")
    };
    (orders, done.sent, done.skipped)
}

#[test]
fn each_scope_means_its_own_orders() {
    let cases: [(u8, u32, &str, &[u32]); 15] = [
        (1, 0, "", &[0, 1, 2]),
        (2, 1, "", &[0, 1]),
        (2, 2, "", &[2]),
        (3, 1, "", &[1]),
        (4, 1, "", &[0, 1]),
        (4, 3, "", &[2]),
        (5, 0, "A000000001", &[0]),
        (5, 0, "A00000000", &[]),
        (6, 1, "", &[0, 2]),
        (7, 3, "", &[1]),
        (8, 1, "", &[0, 2]),
        (9, 6, "", &[0]),
        (10, 0, "600002", &[1]),
        (11, 1, "", &[0, 1]),
        (11, 2, "", &[2]),
    ];
    for (scope, id, key, wanted) in cases {
        let mut world = three_orders();
        let row = CancelAll {
            scope,
            market: 1,
            id,
            key: padded(key),
            prefix: *b"PG",
            ..CancelAll::default()
        };
        let (orders, sent, skipped) = run(&mut world, row);
        assert_eq!(orders, wanted, "scope {scope} id {id} {key}");
        assert_eq!((sent as usize, skipped), (wanted.len(), 0));
    }
}

#[test]
fn what_cannot_be_cancelled_now_is_skipped_and_counted() {
    let mut world = three_orders();
    world.go(14, 58);
    let firm = CancelAll {
        scope: 1,
        ..CancelAll::default()
    };
    assert_eq!(run(&mut world, firm), (vec![], 0, 3));
}

#[test]
fn what_waits_ends_without_a_message_to_the_exchange() {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 26));
    world.param(10, 10);
    let order = world.limit('1', "600000", fen(1_000), 100);
    world.send(&order);
    assert_eq!(
        world.put(CancelAll {
            scope: 1,
            ..CancelAll::default()
        }),
        []
    );
    let command = world.seq;
    let time_ns = world.now_ns;
    let out = world.put(Timer { time_ns });
    let [
        Output::Ended(ended),
        Output::Deliver(report),
        Output::CancelAllDone(done),
    ] = out[..]
    else {
        panic!("{out:?}")
    };
    assert_eq!(
        (ended.input_seq, ended.rest_qty, ended.status),
        (command, 100, 6)
    );
    assert_eq!((report.input_seq, report.kind), (command, 3));
    assert_eq!((done.sent, done.skipped), (1, 0));
}

#[test]
fn a_command_that_cannot_be_carried_out_is_refused() {
    let refusal = |world: &mut World, scope| match world.put(CancelAll {
        scope,
        ..CancelAll::default()
    })[..]
    {
        [Output::LoadRefused(row)] => Some((row.code, row.limit, row.found)),
        [] => None,
        ref out => panic!("{out:?}"),
    };
    let invalid = Code::LoadInvalid.number();
    let mut world = World::new();
    let batch = Some((Code::ParamMissing.number(), 0, 10));
    assert_eq!(refusal(&mut world, 1), batch);
    world.param(10, 1);
    assert_eq!(refusal(&mut world, 99), Some((invalid, 0, 99)));
    let capacity = Capacity {
        cancel_alls: 1,
        ..support::small()
    };
    let mut world = World::with(&capacity, &day::rows());
    world.param(10, 1);
    assert_eq!(refusal(&mut world, 1), None);
    assert_eq!(refusal(&mut world, 1), Some((invalid, 1, 2)));
}

#[test]
fn a_timer_looks_at_64_open_orders_for_each_cancel() {
    let mut world = World::new();
    world.param(10, 1);
    for _ in 0..70 {
        let order = world.limit('1', "600002", fen(200), 100);
        world.put(order);
    }
    let last = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&last), Sent(70));
    let time_ns = world.now_ns;
    world.load(CancelAll {
        time_ns,
        scope: 10,
        market: 1,
        key: padded("600000"),
        prefix: *b"PG",
        ..CancelAll::default()
    });
    assert!(world.put(Timer { time_ns }).is_empty());
    let out = world.put(Timer { time_ns });
    assert!(matches!(out[0], Output::ForwardCancel(row) if row.order == 70));
    assert!(matches!(out[1], Output::CancelAllDone(row) if row.sent == 1));
}
