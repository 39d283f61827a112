//! Step 18: own orders on the other side and identical orders.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::record::flow::NewOrder;
use panshi_engine::record::load::LoadSecurity;
use support::Verdict::{self, Refused, Sent};
use support::{World, day, fen, warnings};

/// An order of another customer's account.
fn of(world: &mut World, customer: u32, side: char, price_e5: i64) -> NewOrder {
    NewOrder {
        account: support::day::account(1, customer).account,
        ..world.limit(side, "600000", price_e5, 100)
    }
}

fn send(world: &mut World, customer: u32, side: char, price_e5: i64) -> Verdict {
    let order = of(world, customer, side, price_e5);
    world.send(&order)
}

#[test]
fn a_buy_does_not_meet_a_sale_of_the_same_owner() {
    let mut world = World::new();
    assert_eq!(send(&mut world, 1, '2', fen(1_010)), Sent(0));
    assert_eq!(send(&mut world, 1, '2', fen(1_005)), Sent(1));
    // Customers 1 and 2 are under one controller, customer 3 is not.
    assert_eq!(
        send(&mut world, 2, '1', fen(1_005)),
        Refused(Code::SelfMatch, fen(1_005), fen(1_005))
    );
    assert_eq!(
        send(&mut world, 2, '1', fen(1_020)),
        Refused(Code::SelfMatch, fen(1_005), fen(1_020))
    );
    assert_eq!(send(&mut world, 2, '1', fen(1_004)), Sent(2));
    assert_eq!(send(&mut world, 3, '1', fen(1_020)), Sent(3));
    assert_eq!(
        send(&mut world, 2, '2', fen(1_000)),
        Refused(Code::SelfMatch, fen(1_004), fen(1_000))
    );
}

#[test]
fn an_order_that_ended_is_met_no_more() {
    let mut world = World::new();
    let sale = of(&mut world, 1, '2', fen(1_000));
    assert_eq!(world.send(&sale), Sent(0));
    world.accept(&sale);
    let buy = send(&mut world, 2, '1', fen(1_000));
    assert_eq!(buy, Refused(Code::SelfMatch, fen(1_000), fen(1_000)));
    world.fill(&sale, fen(1_000), 100);
    assert_eq!(send(&mut world, 2, '1', fen(1_000)), Sent(1));
}

#[test]
fn after_hours_orders_and_those_of_the_auction_do_not_meet() {
    let mut world = World::new();
    world.load(LoadSecurity {
        flags: 8,
        close_e5: fen(1_000),
        ..day::security(1, "600000", day::MAIN, fen(1_000))
    });
    // It stays open when the auctions end without it.
    assert_eq!(send(&mut world, 2, '1', fen(1_000)), Sent(0));
    world.go(15, 10);
    let fixed = |world: &mut World, customer, side| {
        let order = NewOrder {
            order_type: 8,
            ..of(world, customer, side, fen(1_000))
        };
        world.send(&order)
    };
    assert_eq!(fixed(&mut world, 1, '2'), Sent(1));
    assert_eq!(
        fixed(&mut world, 2, '1'),
        Refused(Code::SelfMatch, fen(1_000), fen(1_000))
    );
    assert_eq!(fixed(&mut world, 3, '1'), Sent(2));
}

#[test]
fn an_order_without_a_price_meets_any() {
    let mut world = World::new();
    let market = |world: &mut World, customer: u32, side| NewOrder {
        account: support::day::account(2, customer).account,
        order_type: 6,
        ..world.szse_limit(side, "000001", 0, 100)
    };
    let first = market(&mut world, 1, '1');
    assert_eq!(world.send(&first), Sent(0));
    world.load(panshi_engine::record::load::LoadHolding {
        account: support::day::account(2, 2).account,
        market: 2,
        code: support::padded("000001"),
        total_qty: 1_000,
        sellable_qty: 1_000,
        ..Default::default()
    });
    let priced = NewOrder {
        account: support::day::account(2, 2).account,
        ..world.szse_limit('2', "000001", fen(1_100), 100)
    };
    assert_eq!(world.send(&priced), Refused(Code::SelfMatch, 0, fen(1_100)));
    let unpriced = market(&mut world, 2, '2');
    assert_eq!(world.send(&unpriced), Refused(Code::SelfMatch, 0, 0));
}

#[test]
fn a_storm_of_identical_orders_stops_at_its_level_and_passes_after_its_window() {
    let mut world = World::new();
    world.param(2, 5_000_000_000);
    world.set_limit(5, 12, 0, 2, 3);
    let start = world.now_ns;
    for number in 0..3 {
        world.now_ns = start + u64::from(number) * 1_000_000_000;
        let order = world.limit('1', "600000", fen(1_000), 100);
        let out = world.put(order);
        assert_eq!(support::verdict(&out), Sent(number));
        let wanted: &[_] = if number == 1 {
            &[(Code::IdenticalStorm, 12, 2, 2)]
        } else {
            &[]
        };
        assert_eq!(warnings(&out), wanted);
    }
    // The window of the first order has five seconds; its last nanosecond still counts.
    world.now_ns = start + 5_000_000_000;
    let again = |world: &mut World| world.trade('1', "600000", fen(1_000), 100);
    assert_eq!(again(&mut world), Refused(Code::IdenticalStorm, 3, 4));
    assert_eq!(world.trade('1', "600000", fen(1_000), 200), Sent(3));
    assert_eq!(world.trade('1', "600000", fen(999), 100), Sent(4));
    world.now_ns += 1;
    assert_eq!(again(&mut world), Sent(5));
}

#[test]
fn a_switch_lets_own_orders_meet_or_only_warns() {
    let mut world = World::new();
    assert_eq!(send(&mut world, 1, '2', fen(1_000)), Sent(0));
    world.switch(Code::SelfMatch, 2);
    let buy = of(&mut world, 1, '1', fen(1_000));
    let out = world.put(buy);
    assert_eq!(support::verdict(&out), Sent(1));
    assert_eq!(
        warnings(&out),
        [(Code::SelfMatch, 0, fen(1_000), fen(1_000))]
    );
    world.switch(Code::SelfMatch, 0);
    assert_eq!(send(&mut world, 1, '1', fen(1_000)), Sent(2));
}
