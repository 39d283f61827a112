//! Levels and parameters by market and customer group: the most specific row judges.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::kind::{Metric, Param};
use panshi_engine::output::Output;
use panshi_engine::record::load::{LoadCustomer, LoadLimit, LoadParam};
use support::Verdict::{self, Refused, Sent};
use support::{World, YUAN, day, fen, padded, warnings};

const NEVER: i64 = i64::MAX;
const SECOND: i64 = 1_000_000_000;

fn level(scope: u8, metric: Metric, id: u32, market: u8, block: i64) -> LoadLimit {
    LoadLimit {
        market,
        ..day::limit(scope, metric.number(), id, NEVER, block)
    }
}

fn param(param: Param, market: u8, group: u16, value: i64) -> LoadParam {
    LoadParam {
        param: param.number(),
        market,
        group,
        value,
        ..LoadParam::default()
    }
}

/// Buy a lot for 1,000 yuan in Shanghai, then in Shenzhen.
fn buy_in_both(world: &mut World) -> [Verdict; 2] {
    let shanghai = world.limit('1', "600000", fen(1_000), 100);
    let shenzhen = world.szse_limit('1', "000001", fen(1_000), 100);
    [world.send(&shanghai), world.send(&shenzhen)]
}

/// Customer 1 in group 2; customer 2 stays in group 1.
fn with_groups() -> World {
    let mut world = World::new();
    world.load(LoadCustomer {
        group: 2,
        ..day::customer(1, 1)
    });
    world
}

#[test]
fn a_level_of_one_market_judges_the_orders_of_that_market_alone() {
    // Every metric that an order is compared with, in every scope that keeps it, set for one market at a time.
    let lot = 1_000 * YUAN;
    let judged = [
        (5, Metric::SlidingSecond, 0, Code::RateSlidingSecond, 1),
        (4, Metric::CalendarSecond, 0, Code::RateCalendarSecond, 1),
        (3, Metric::Minute, 0, Code::RateMinute, 1),
        (11, Metric::Day, 0, Code::RateDay, 1),
        (5, Metric::OrderValue, 0, Code::OrderValueMax, lot),
        (1, Metric::OrderValue, 0, Code::OrderValueMax, lot),
        (5, Metric::IdenticalOrders, 0, Code::IdenticalStorm, 1),
        (5, Metric::OpenOrders, 0, Code::OpenOrders, 1),
        (5, Metric::OpenValue, 0, Code::OpenValue, lot),
        (5, Metric::ExecutedValue, 0, Code::ExecutedValue, lot),
        (10, Metric::SecurityValue, 0, Code::SecurityValue, lot),
    ];
    for (scope, metric, block, code, found) in judged {
        let mut world = World::new();
        world.load(level(scope, metric, 0, 2, block));
        let refused = Refused(code, block, found);
        assert_eq!(buy_in_both(&mut world), [Sent(0), refused], "{metric:?}");
        world.load(level(scope, metric, 0, 1, block));
        world.load(level(scope, metric, 0, 2, NEVER));
        let shenzhen = world.szse_limit('1', "000001", fen(1_000), 100);
        assert_eq!(world.send(&shenzhen), Sent(1), "{metric:?}");
        let again = world.trade('1', "600000", fen(1_000), 100);
        assert!(
            matches!(again, Refused(found, ..) if found == code),
            "{metric:?}"
        );
    }
}

#[test]
fn what_both_markets_count_together_is_judged_by_the_level_of_the_orders_market() {
    for (scope, id) in [(6, 1), (7, 1), (8, 1), (1, 0)] {
        let mut world = World::new();
        world.load(level(scope, Metric::OpenValue, id, 2, 1_500 * YUAN));
        let refused = Refused(Code::OpenValue, 1_500 * YUAN, 2_000 * YUAN);
        assert_eq!(buy_in_both(&mut world), [Sent(0), refused], "scope {scope}");
        assert_eq!(world.trade('1', "600000", fen(1_000), 100), Sent(1));
    }
}

#[test]
fn the_row_of_number_and_market_stands_before_that_of_the_number_before_that_of_the_market() {
    let mut world = with_groups();
    let value = |id, market, block| level(5, Metric::OrderValue, id, market, block);
    world.load(value(0, 1, 999 * YUAN));
    let refused = |yuan| Refused(Code::OrderValueMax, yuan * YUAN, 1_000 * YUAN);
    assert_eq!(buy_in_both(&mut world), [refused(999), Sent(0)]);
    world.load(value(2, 0, 998 * YUAN));
    assert_eq!(buy_in_both(&mut world), [refused(998), refused(998)]);
    world.load(value(2, 1, 1_000 * YUAN));
    assert_eq!(buy_in_both(&mut world), [Sent(1), refused(998)]);
    // A common row that comes later does not stand before what is more specific.
    world.load(value(0, 0, 1));
    world.load(value(2, 0, 997 * YUAN));
    assert_eq!(buy_in_both(&mut world), [Sent(2), refused(997)]);
    let named: Vec<_> = world
        .engine
        .limits()
        .filter(|row| (row.scope.number(), row.metric) == (5, Metric::OrderValue))
        .map(|row| (row.id, row.market, row.level.block / YUAN))
        .collect();
    assert_eq!(named, [(0, 0, 0), (0, 1, 999), (2, 0, 997), (2, 1, 1_000)]);
}

#[test]
fn a_warn_level_of_one_market_warns_of_that_market_alone() {
    for metric in [Metric::OrderValue, Metric::SlidingSecond, Metric::OpenValue] {
        let mut world = World::new();
        world.load(LoadLimit {
            warn: 1,
            ..level(5, metric, 0, 2, NEVER)
        });
        let shanghai = world.limit('1', "600000", fen(1_000), 100);
        let shenzhen = world.szse_limit('1', "000001", fen(1_000), 100);
        assert_eq!(warnings(&world.put(shanghai)), [], "{metric:?}");
        assert_eq!(warnings(&world.put(shenzhen)).len(), 1, "{metric:?}");
    }
    // Refused cancels count by session, and a session belongs to one market.
    let mut world = World::new();
    world.load(LoadLimit {
        warn: 1,
        ..level(4, Metric::RepeatedCancels, 0, 2, NEVER)
    });
    let shanghai = world.limit('1', "600000", fen(1_000), 100);
    let shenzhen = world.szse_limit('1', "000001", fen(1_000), 100);
    for (order, count) in [(shanghai, 0), (shenzhen, 1)] {
        let unknown = world.cancel_of(&order);
        assert_eq!(warnings(&world.put(unknown)).len(), count);
    }
}

#[test]
fn a_group_of_customers_has_parameters_of_its_own() {
    let mut world = with_groups();
    world.set_limit(5, Metric::IdenticalOrders.number(), 0, NEVER, 1);
    world.load(param(Param::IdenticalWindowNs, 0, 0, SECOND));
    world.load(param(Param::IdenticalWindowNs, 1, 2, 3 * SECOND));
    assert_eq!(buy_in_both(&mut world), [Sent(0), Sent(1)]);
    world.now_ns += 2 * SECOND.cast_unsigned();
    // In Shanghai the group looks back three seconds, in Shenzhen one second like everybody.
    let storm = Refused(Code::IdenticalStorm, 1, 2);
    assert_eq!(buy_in_both(&mut world), [storm, Sent(2)]);
    let other = world.limit('1', "600000", fen(1_000), 100);
    let other = panshi_engine::record::flow::NewOrder {
        account: day::account(1, 2).account,
        ..other
    };
    assert_eq!(world.send(&other), Sent(3));
    world.now_ns += 2 * SECOND.cast_unsigned();
    let repeated = panshi_engine::record::flow::NewOrder {
        time_ns: world.now_ns,
        cl_ord_id: padded("AA0000ZZZZ"),
        ..other
    };
    assert_eq!(world.send(&repeated), Sent(4));
}

#[test]
fn high_frequency_quick_cancels_and_ratios_follow_the_group() {
    let mut world = with_groups();
    world.load(param(Param::HighFrequencySecond, 0, 0, 3));
    world.load(param(Param::HighFrequencySecond, 0, 2, 2));
    world.load(param(Param::QuickCancelNs, 0, 0, 0));
    world.load(param(Param::QuickCancelNs, 2, 2, SECOND));
    world.load(param(Param::RatioBaseCount, 0, 0, 1));
    world.load(param(Param::RatioBaseCount, 1, 2, 9));
    world.set_limit(5, Metric::QuickCancels.number(), 0, 1, NEVER);
    world.set_limit(5, Metric::CancelCountRatio.number(), 0, 1, NEVER);
    let mut codes = Vec::new();
    let shanghai = world.limit('1', "600000", fen(1_000), 100);
    let shenzhen = world.szse_limit('1', "000001", fen(1_000), 100);
    for order in [shanghai, shenzhen] {
        assert!(matches!(world.send(&order), Sent(_)));
        world.accept(&order);
        let out = world.cancel_through(&order);
        codes.push(
            warnings(&out)
                .into_iter()
                .map(|row| row.0)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(codes[0], [Code::HighFrequency]);
    let shenzhen = [
        Code::QuickCancels,
        Code::HighFrequency,
        Code::CancelCountRatio,
    ];
    assert_eq!(codes[1], shenzhen);
}

#[test]
fn rows_of_a_group_are_taken_for_what_judges_customers_and_as_far_as_there_is_room() {
    let capacity = Capacity {
        switches: 1,
        ..support::small()
    };
    let mut world = World::with(&capacity, &day::rows());
    let mut refused = |row: LoadParam| match world.put(row)[..] {
        [] => None,
        [Output::LoadRefused(row)] => Some((row.code, row.limit, row.found)),
        ref out => panic!("{out:?}"),
    };
    let invalid = Code::LoadInvalid.number();
    for &one in Param::ALL.iter().filter(|param| !param.is_of_groups()) {
        let (least, _) = one.bounds();
        assert_eq!(refused(param(one, 0, 7, least)), Some((invalid, 0, 7)));
    }
    assert_eq!(refused(param(Param::QuickCancelNs, 0, 7, 1)), None);
    assert_eq!(refused(param(Param::QuickCancelNs, 0, 7, 2)), None);
    let full = Some((invalid, 1, 2));
    assert_eq!(refused(param(Param::QuickCancelNs, 1, 7, 1)), full);
    assert_eq!(
        refused(param(Param::QuickCancelNs, 3, 7, 1)),
        Some((invalid, 2, 3))
    );
}
