//! Mass cancels: whom each scope means, at what rate, what is missed and why, which commands are not taken.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelAll, DayClose, GatewayState, NewOrder, Timer};
use panshi_engine::record::load::{LoadAccount, LoadCustomer};
use support::Verdict::Sent;
use support::{World, day, fen, padded};

/// Orders 0 to 2: customer 1 on PBU 20001, customer 3 on PBU 20002, customer 1 in Shenzhen.
fn three_orders() -> World {
    let mut world = World::new();
    may_cancel(&mut world, 10, 1_000);
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

/// The parameters of mass cancels: the most of one timer, and of one second.
fn may_cancel(world: &mut World, batch: i64, rate: i64) {
    world.param(10, batch);
    world.param(19, rate);
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
    (orders, done.sent, done.missed)
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
        let (orders, sent, missed) = run(&mut world, row);
        assert_eq!(orders, wanted, "scope {scope} id {id} {key}");
        assert_eq!((sent as usize, missed), (wanted.len(), 0));
    }
}

#[test]
fn what_cannot_be_cancelled_now_is_listed_with_the_reason() {
    let missed = |world: &mut World| -> Vec<(u32, u32, i64)> {
        world.load(firm());
        let time_ns = world.now_ns;
        let out = world.put(Timer { time_ns });
        let rows = out.iter().filter_map(|output| match output {
            Output::CancelMissed(row) => Some((row.order, row.code, row.found)),
            _ => None,
        });
        let rows: Vec<_> = rows.collect();
        let done = out.last();
        assert!(matches!(done, Some(Output::CancelAllDone(row))
            if (row.asked, row.missed as usize) == (3, rows.len()) && row.asked == row.sent + row.missed));
        rows
    };
    let mut world = three_orders();
    world.load(GatewayState {
        gateway: 1,
        state: 0,
        ..GatewayState::default()
    });
    // The second gateway still takes cancels.
    let down = Code::GatewayNotReady.number();
    assert_eq!(missed(&mut world), [(0, down, 0), (1, down, 0)]);
    world.load(GatewayState {
        gateway: 1,
        state: 6,
        ..GatewayState::default()
    });
    let pending = Code::CancelPending.number();
    assert_eq!(missed(&mut world), [(2, pending, 0)]);
    let mut world = three_orders();
    world.go(14, 58);
    let window = Code::CancelWindow.number();
    assert_eq!(
        missed(&mut world),
        [0, 1, 2].map(|order| (order, window, 6))
    );
}

fn firm() -> CancelAll {
    CancelAll {
        scope: 1,
        prefix: *b"PG",
        ..CancelAll::default()
    }
}

/// Orders of a gateway each, all taken by the exchange.
fn open_orders(shanghai: usize, shenzhen: usize) -> World {
    let mut world = World::new();
    for _ in 0..shanghai {
        let order = world.limit('1', "600002", fen(200), 100);
        world.send(&order);
        world.accept(&order);
    }
    for _ in 0..shenzhen {
        let order = world.szse_limit('1', "000001", fen(1_000), 100);
        world.send(&order);
        world.accept(&order);
    }
    world
}

/// Let time pass; the gateways of the cancels that leave.
fn pass(world: &mut World, ms: u64) -> Vec<u16> {
    world.now_ns += ms * 1_000_000;
    let time_ns = world.now_ns;
    let out = world.put(Timer { time_ns });
    let sent = out.iter().filter_map(|output| match output {
        Output::ForwardCancel(row) => Some(row.gateway),
        _ => None,
    });
    sent.collect()
}

#[test]
fn no_second_has_more_cancels_of_a_gateway_than_its_rate() {
    const RATE: usize = 20;
    let mut world = open_orders(60, 3);
    may_cancel(&mut world, 1_000, 20);
    world.load(firm());
    let mut sent: Vec<(u64, u16)> = Vec::new();
    let mut ms = 0;
    // Timers come every 10 ms, then one is late, then they come again.
    for step in core::iter::repeat_n(10, 60)
        .chain([700])
        .chain(core::iter::repeat_n(10, 400))
    {
        ms += step;
        sent.extend(
            pass(&mut world, step)
                .into_iter()
                .map(|gateway| (ms, gateway)),
        );
    }
    let of = |gateway| -> Vec<u64> {
        let own = sent.iter().filter(|(_, found)| *found == gateway);
        own.map(|(at, _)| *at).collect()
    };
    // The slow gateway does not hold up the other one.
    assert_eq!((of(1).len(), of(2).len()), (60, 3));
    assert!(of(2).last() < Some(&300));
    for (first, last) in of(1).iter().zip(of(1).iter().skip(RATE)) {
        assert!(
            last - first >= 1_000,
            "{} cancels from {first} to {last} ms",
            RATE + 1
        );
    }
    assert!(of(1).last() < Some(&4_200), "{:?}", of(1).last());
}

#[test]
fn only_orders_that_were_there_are_meant_and_all_are_counted() {
    let mut world = open_orders(5, 0);
    may_cancel(&mut world, 10, 1);
    world.load(firm());
    assert_eq!(pass(&mut world, 0), [1]);
    let progress = |world: &World| {
        let [mass] = world.engine.mass_cancels() else {
            panic!("one must run");
        };
        (mass.asked, mass.sent, mass.missed)
    };
    assert_eq!(progress(&world), (5, 1, 0));
    let order = world.limit('1', "600002", fen(200), 100);
    assert_eq!(world.send(&order), Sent(5));
    for _ in 0..4 {
        assert_eq!(pass(&mut world, 1_100), [1]);
    }
    assert!(world.engine.mass_cancels().is_empty());
    assert!(pass(&mut world, 1_100).is_empty());
}

#[test]
fn a_day_that_ends_ends_its_mass_cancels() {
    let mut world = open_orders(2, 0);
    may_cancel(&mut world, 10, 1);
    world.load(firm());
    assert_eq!(pass(&mut world, 0), [1]);
    let time_ns = world.now_ns;
    let out = world.put(DayClose { time_ns });
    let done = out.iter().find_map(|output| match output {
        Output::CancelAllDone(row) => Some((row.asked, row.sent, row.missed)),
        _ => None,
    });
    assert_eq!(done, Some((2, 1, 0)));
    assert!(world.engine.mass_cancels().is_empty());
}

#[test]
fn what_waits_ends_without_a_message_to_the_exchange() {
    let mut world = World::opened(&support::small(), &day::rows(), day::at(9, 26));
    may_cancel(&mut world, 10, 1_000);
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
    assert_eq!((done.sent, done.missed), (1, 0));
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
    let rate = Some((Code::ParamMissing.number(), 1, 19));
    assert_eq!(refusal(&mut world, 1), rate);
    world.param(19, 1);
    assert_eq!(refusal(&mut world, 99), Some((invalid, 0, 99)));
    let capacity = Capacity {
        cancel_alls: 1,
        ..support::small()
    };
    let mut world = World::with(&capacity, &day::rows());
    may_cancel(&mut world, 1, 1);
    assert_eq!(refusal(&mut world, 1), None);
    assert_eq!(refusal(&mut world, 1), Some((invalid, 1, 2)));
}

#[test]
fn a_timer_looks_at_64_open_orders_for_each_cancel() {
    let mut world = World::new();
    may_cancel(&mut world, 1, 1_000);
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
