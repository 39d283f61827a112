//! Step 19: rates by scope and time, declared program rates, quick cancels, cancel ratios, high frequency.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::NewOrder;
use panshi_engine::record::load::{LoadAccount, LoadClient, LoadCustomer};
use support::Verdict::{Refused, Sent};
use support::{World, day, fen, padded, warnings};

const NEVER: i64 = i64::MAX;
const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

fn buy(world: &mut World) -> support::Verdict {
    world.trade('1', "600000", fen(1_000), 100)
}

#[test]
fn the_sliding_second_forgets_an_order_one_second_later() {
    let mut world = World::new();
    world.set_limit(5, 1, 0, NEVER, 2);
    world.now_ns += 900 * MS;
    let start = world.now_ns;
    assert_eq!(buy(&mut world), Sent(0));
    world.now_ns = start + 600 * MS;
    assert_eq!(buy(&mut world), Sent(1));
    world.now_ns = start + SECOND - 1;
    assert_eq!(buy(&mut world), Refused(Code::RateSlidingSecond, 2, 3));
    world.now_ns = start + SECOND;
    assert_eq!(buy(&mut world), Sent(2));
    assert_eq!(buy(&mut world), Refused(Code::RateSlidingSecond, 2, 3));
}

#[test]
fn the_clock_second_the_minute_and_the_day_begin_anew() {
    for (metric, code, step) in [
        (2, Code::RateCalendarSecond, SECOND),
        (3, Code::RateMinute, 60 * SECOND),
    ] {
        let mut world = World::new();
        world.set_limit(5, metric, 0, NEVER, 2);
        let start = world.now_ns;
        world.now_ns = start + step - 1;
        assert_eq!((buy(&mut world), buy(&mut world)), (Sent(0), Sent(1)));
        assert_eq!(buy(&mut world), Refused(code, 2, 3));
        world.now_ns = start + step;
        assert_eq!(buy(&mut world), Sent(2));
    }
    let mut world = World::new();
    world.set_limit(5, 4, 0, NEVER, 1);
    assert_eq!(buy(&mut world), Sent(0));
    world.go(14, 0);
    assert_eq!(buy(&mut world), Refused(Code::RateDay, 1, 2));
}

#[test]
fn every_scope_counts_for_itself() {
    // Account, client, PBU, gateway, strategy: each is limited alone and another number of it still passes.
    let other_account = NewOrder {
        account: day::account(1, 3).account,
        ..NewOrder::default()
    };
    for scope in [5, 4, 3, 11, 9] {
        let mut world = World::new();
        for customer in [1, 3] {
            world.load(LoadAccount {
                strategy: u16::try_from(customer).unwrap(),
                ..day::account(1, customer)
            });
        }
        world.set_limit(scope, 1, 0, NEVER, 1);
        assert_eq!(buy(&mut world), Sent(0));
        assert_eq!(buy(&mut world), Refused(Code::RateSlidingSecond, 1, 2));
        let other = NewOrder {
            account: other_account.account,
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        let wanted = match scope {
            5 | 9 => Sent(1),
            _ => Refused(Code::RateSlidingSecond, 1, 2),
        };
        assert_eq!(world.send(&other), wanted, "scope {scope}");
        let other_pbu = NewOrder {
            pbu: padded("20002"),
            account: day::account(1, 2).account,
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        let passes = matches!(world.send(&other_pbu), Sent(_));
        // Both PBUs lie behind one gateway.
        assert_eq!(passes, scope != 4 && scope != 11, "scope {scope}");
    }
}

#[test]
fn refused_orders_do_not_count_and_cancels_do() {
    let mut world = World::new();
    world.set_limit(4, 1, 1, NEVER, 3);
    for _ in 0..5 {
        let refused = world.trade('1', "600000", fen(2_000), 100);
        assert!(matches!(refused, Refused(Code::PriceAboveLimit, ..)));
    }
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&order), Sent(0));
    world.accept(&order);
    assert_eq!(world.cancel(&order), Sent(0));
    assert_eq!(buy(&mut world), Sent(1));
    assert_eq!(buy(&mut world), Refused(Code::RateSlidingSecond, 3, 4));
}

#[test]
fn cancels_are_never_throttled() {
    let mut world = World::new();
    let orders: Vec<_> = (0..3)
        .map(|_| {
            let order = world.limit('1', "600000", fen(1_000), 100);
            assert!(matches!(world.send(&order), Sent(_)));
            world.accept(&order);
            order
        })
        .collect();
    for scope in [3, 4, 5, 11] {
        for metric in 1..=7 {
            world.set_limit(scope, metric, 0, NEVER, 0);
        }
    }
    for (number, order) in (0..).zip(&orders) {
        assert_eq!(world.cancel(order), Sent(number));
    }
    assert_eq!(buy(&mut world), Refused(Code::RateSlidingSecond, 0, 7));
}

#[test]
fn a_warn_level_speaks_once_when_it_is_reached() {
    let mut world = World::new();
    world.set_limit(4, 4, 1, 2, NEVER);
    let seen: Vec<_> = (0..3)
        .map(|_| {
            let order = world.limit('1', "600000", fen(1_000), 100);
            warnings(&world.put(order))
        })
        .collect();
    assert_eq!(seen, [vec![], vec![(Code::RateDay, 4, 2, 2)], vec![]]);
}

#[test]
fn a_missing_limit_row_refuses() {
    let mut rows = day::rows();
    rows.retain(|row| {
        !matches!(row, panshi_engine::input::Input::LoadLimit(row) if (row.scope, row.metric) == (3, 2))
    });
    let mut world = World::with(&support::small(), &rows);
    assert_eq!(buy(&mut world), Refused(Code::ThresholdMissing, 3, 2));
    world.set_limit(3, 2, 0, NEVER, NEVER);
    assert_eq!(buy(&mut world), Sent(0));
}

#[test]
fn a_program_order_keeps_to_what_was_declared() {
    let mut world = World::new();
    world.load(LoadCustomer {
        program_rate: 2,
        program_day: 3,
        ..day::customer(1, 1)
    });
    world.load(LoadClient {
        program: 1,
        ..day::client(1, 1, "AA")
    });
    assert_eq!((buy(&mut world), buy(&mut world)), (Sent(0), Sent(1)));
    assert_eq!(buy(&mut world), Refused(Code::ProgramRate, 2, 3));
    world.now_ns += SECOND;
    assert_eq!(buy(&mut world), Sent(2));
    assert_eq!(buy(&mut world), Refused(Code::ProgramDay, 3, 4));
    world.load(day::client(1, 1, "AA"));
    assert_eq!(buy(&mut world), Sent(3));
}

#[test]
fn quick_cancels_and_cancel_ratios_refuse_new_orders() {
    let mut world = World::new();
    world.param(1, 1_000_000_000);
    world.param(3, 2);
    world.set_limit(5, 5, 0, 1, 1);
    let first = world.limit('1', "600000", fen(1_000), 300);
    assert_eq!(world.send(&first), Sent(0));
    world.accept(&first);
    world.now_ns += SECOND - 1;
    let out = world.cancel_through(&first);
    assert_eq!(warnings(&out), [(Code::QuickCancels, 5, 1, 1)]);
    let second = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&second), Sent(1));
    world.accept(&second);
    assert_eq!(world.cancel(&second), Sent(1));
    assert_eq!(buy(&mut world), Refused(Code::QuickCancels, 1, 2));
    world.set_limit(5, 5, 0, NEVER, NEVER);
    // One of two orders was cancelled, and 3,000 of 4,000 yuan.
    world.set_limit(5, 6, 0, NEVER, 4_999);
    assert_eq!(
        buy(&mut world),
        Refused(Code::CancelCountRatio, 4_999, 5_000)
    );
    world.set_limit(5, 6, 0, NEVER, 5_000);
    world.set_limit(5, 7, 0, NEVER, 7_499);
    assert_eq!(
        buy(&mut world),
        Refused(Code::CancelValueRatio, 7_499, 7_500)
    );
    world.param(3, 3);
    assert_eq!(buy(&mut world), Sent(2));
}

/// One order of client 1, sent and cancelled by request within the quick-cancel time.
fn cancelled_order(world: &mut World) -> Vec<Output> {
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert!(matches!(world.send(&order), Sent(_)));
    world.accept(&order);
    world.cancel_through(&order)
}

#[test]
fn quick_cancels_and_ratios_are_judged_in_every_rate_scope() {
    for scope in [5, 4, 3, 11, 9] {
        for (metric, code, block, found) in [
            (5, Code::QuickCancels, 0, 1),
            (6, Code::CancelCountRatio, 9_999, 10_000),
            (7, Code::CancelValueRatio, 9_999, 10_000),
        ] {
            let mut world = World::new();
            world.load(LoadAccount {
                strategy: 7,
                ..day::account(1, 1)
            });
            world.param(1, 1_000_000_000);
            world.param(3, 1);
            cancelled_order(&mut world);
            world.set_limit(scope, metric, 0, NEVER, block);
            let what = format!("scope {scope} metric {metric}");
            assert_eq!(buy(&mut world), Refused(code, block, found), "{what}");
            // Another account of another client, PBU, gateway and strategy is not meant.
            let other = world.szse_limit('1', "000001", fen(1_000), 100);
            assert_eq!(world.send(&other), Sent(1), "{what}");
            world.set_limit(scope, metric, 0, NEVER, block + 1);
            assert_eq!(buy(&mut world), Sent(2), "{what}");
        }
    }
}

#[test]
fn conduct_warns_scope_by_scope_when_a_level_is_reached() {
    let mut world = World::new();
    world.param(1, 1_000_000_000);
    world.param(3, 2);
    for scope in [5, 4, 3, 11] {
        world.set_limit(scope, 5, 0, 2, NEVER);
        world.set_limit(scope, 6, 0, 10_000, NEVER);
    }
    assert_eq!(warnings(&cancelled_order(&mut world)), []);
    let out = cancelled_order(&mut world);
    let scopes: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::Warning(row) => Some((row.scope, row.id, row.metric)),
            _ => None,
        })
        .collect();
    // Quick cancels come with the cancel; one of two orders was cancelled before, now both are.
    let quick = [(5, 0, 5), (4, 1, 5), (3, 0, 5), (11, 1, 5)];
    let ratio = quick.map(|(scope, id, _)| (scope, id, 6));
    assert_eq!(scopes, [quick, ratio].concat());
    assert_eq!(buy(&mut world), Sent(2));
    assert_eq!(warnings(&cancelled_order(&mut world)), []);
    // Three of four orders are cancelled now; the level lies below that.
    world.set_limit(4, 6, 0, 7_600, NEVER);
    let reached = warnings(&cancelled_order(&mut world));
    assert_eq!(reached, [(Code::CancelCountRatio, 6, 7_600, 8_000)]);
}

#[test]
fn limit_rows_that_nothing_reads_are_not_taken() {
    let mut world = World::new();
    for (scope, metric) in [
        (1, 1),
        (2, 4),
        (6, 5),
        (10, 1),
        (11, 9),
        (4, 9),
        (3, 8),
        (1, 11),
        (9, 12),
        (5, 15),
    ] {
        let out = world.put(day::limit(scope, metric, 0, NEVER, NEVER));
        let (limit, found) = (i64::from(scope), i64::from(metric));
        assert!(
            matches!(out[..], [Output::LoadRefused(row)]
                if (row.code, row.limit, row.found) == (Code::LoadInvalid.number(), limit, found)),
            "{scope} {metric}"
        );
    }
    let negative = world.put(day::limit(4, 1, 0, NEVER, -1));
    assert!(matches!(negative[..], [Output::LoadRefused(_)]));
}

#[test]
fn an_account_that_reaches_the_high_frequency_numbers_must_be_reported_so() {
    let mut world = World::new();
    world.param(4, 3);
    let out: Vec<_> = (0..3)
        .map(|_| {
            let order = world.limit('1', "600000", fen(1_000), 100);
            warnings(&world.put(order))
        })
        .collect();
    assert_eq!(out, [vec![], vec![], vec![(Code::HighFrequency, 0, 3, 3)]]);
    assert_eq!(
        buy(&mut world),
        Refused(Code::HighFrequencyNotReported, 0, 0)
    );
    world.load(LoadCustomer {
        high_frequency: 1,
        ..day::customer(1, 1)
    });
    assert_eq!(buy(&mut world), Sent(3));
}
