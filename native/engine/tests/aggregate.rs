//! Steps 20 and 21: open and traded value by scope, concentration, open orders, full tables.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::record::flow::NewOrder;
use panshi_engine::record::load::LoadAccount;
use support::Verdict::{self, Refused, Sent};
use support::{World, YUAN, anomalies, day, fen, warnings};

const NEVER: i64 = i64::MAX;

/// A buy of 100 shares at 10.00 by a customer's Shanghai account: 1,000 yuan.
fn buy(world: &mut World, customer: u32) -> Verdict {
    let order = NewOrder {
        account: day::account(1, customer).account,
        ..world.limit('1', "600000", fen(1_000), 100)
    };
    world.send(&order)
}

#[test]
fn open_value_is_limited_by_account_customer_owner_group_desk_and_firm() {
    // Customers 1 and 2 have one controller; all three sit at one desk.
    for (scope, second, third) in [
        (5, true, true),
        (6, true, true),
        (7, false, true),
        (8, false, false),
        (1, false, false),
    ] {
        let mut world = World::new();
        world.set_limit(scope, 9, 0, NEVER, 1_500 * YUAN);
        assert_eq!(buy(&mut world, 1), Sent(0));
        let over = Refused(Code::OpenValue, 1_500 * YUAN, 2_000 * YUAN);
        assert_eq!(buy(&mut world, 1), over, "scope {scope}");
        for (customer, passes) in [(2, second), (3, third)] {
            let found = buy(&mut world, customer);
            if passes {
                assert!(
                    matches!(found, Sent(_)),
                    "scope {scope} customer {customer}"
                );
            } else {
                assert_eq!(found, over, "scope {scope} customer {customer}");
            }
        }
    }
}

#[test]
fn two_accounts_of_one_customer_have_their_own_values() {
    let mut world = World::new();
    world.load(LoadAccount {
        customer: 1,
        ..day::account(1, 7)
    });
    world.set_limit(5, 9, 0, NEVER, 1_500 * YUAN);
    assert_eq!((buy(&mut world, 1), buy(&mut world, 7)), (Sent(0), Sent(1)));
    let over = Refused(Code::OpenValue, 1_500 * YUAN, 2_000 * YUAN);
    assert_eq!(buy(&mut world, 7), over);
    world.set_limit(5, 10, 0, NEVER, 999 * YUAN);
    let traded = Refused(Code::ExecutedValue, 999 * YUAN, 1_000 * YUAN);
    world.set_limit(5, 9, 0, NEVER, NEVER);
    assert_eq!(buy(&mut world, 7), traded);
}

#[test]
fn what_ends_is_open_no_more_and_what_trades_moves_over() {
    let mut world = World::new();
    world.set_limit(6, 9, 0, NEVER, 1_000 * YUAN);
    world.set_limit(6, 10, 0, NEVER, 1_900 * YUAN);
    let first = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&first), Sent(0));
    world.accept(&first);
    assert!(matches!(buy(&mut world, 1), Refused(Code::OpenValue, ..)));
    world.fill(&first, fen(995), 100);
    // 995 yuan traded and 1,000 to come.
    assert_eq!(
        buy(&mut world, 1),
        Refused(Code::ExecutedValue, 1_900 * YUAN, 1_995 * YUAN)
    );
    world.set_limit(6, 10, 0, NEVER, 1_995 * YUAN);
    assert_eq!(buy(&mut world, 1), Sent(1));
}

#[test]
fn the_firms_buys_in_one_security_are_limited_and_sales_are_not() {
    let mut world = World::new();
    world.set_limit(10, 11, u32::from(day::MAIN), NEVER, 2_000 * YUAN);
    assert_eq!((buy(&mut world, 1), buy(&mut world, 3)), (Sent(0), Sent(1)));
    assert_eq!(
        buy(&mut world, 2),
        Refused(Code::SecurityValue, 2_000 * YUAN, 3_000 * YUAN)
    );
    let sale = world.trade('2', "600000", fen(1_001), 100);
    assert_eq!(sale, Sent(2));
    assert_eq!(world.trade('1', "600002", fen(200), 100), Sent(3));
}

#[test]
fn the_number_of_open_orders_is_limited() {
    let mut world = World::new();
    world.set_limit(5, 14, 0, 1, 1);
    let first = world.limit('1', "600000", fen(1_000), 100);
    let out = world.put(first);
    assert_eq!(warnings(&out), [(Code::OpenOrders, 14, 1, 1)]);
    assert_eq!(buy(&mut world, 1), Refused(Code::OpenOrders, 1, 2));
    assert_eq!(buy(&mut world, 3), Sent(1));
    world.accept(&first);
    world.fill(&first, fen(1_000), 100);
    assert_eq!(buy(&mut world, 1), Sent(2));
}

#[test]
fn warnings_come_scope_by_scope_when_a_level_is_reached() {
    let mut world = World::new();
    for scope in [5, 6, 7, 8, 1] {
        world.set_limit(scope, 9, 0, 1_500 * YUAN, NEVER);
    }
    world.set_limit(10, 11, 0, 2_000 * YUAN, NEVER);
    world.set_limit(1, 8, 0, 1_000 * YUAN, NEVER);
    let value = (Code::OrderValueMax, 8, 1_000 * YUAN, 1_000 * YUAN);
    let open = (Code::OpenValue, 9, 1_500 * YUAN, 2_000 * YUAN);
    let bought = (Code::SecurityValue, 11, 2_000 * YUAN, 2_000 * YUAN);
    let mut send = || {
        let order = world.limit('1', "600000", fen(1_000), 100);
        warnings(&world.put(order))
    };
    assert_eq!(send(), [value]);
    assert_eq!(send(), [value, open, open, open, open, open, bought]);
    assert_eq!(send(), [value]);
}

#[test]
fn full_tables_refuse_and_lose_nothing() {
    let small = |change: fn(&mut Capacity)| {
        let mut capacity = support::small();
        change(&mut capacity);
        World::with(&capacity, &day::rows())
    };
    let mut world = small(|c| c.orders = 1);
    assert_eq!(buy(&mut world, 1), Sent(0));
    assert_eq!(buy(&mut world, 1), Refused(Code::OrdersFull, 1, 1));
    let mut world = small(|c| c.events = 1);
    assert_eq!(buy(&mut world, 1), Sent(0));
    assert_eq!(buy(&mut world, 1), Refused(Code::EventsFull, 1, 1));
    world.now_ns += 1_000_000_000;
    assert_eq!(buy(&mut world, 1), Sent(1));
    let mut world = small(|c| c.fills = 1);
    let order = world.limit('1', "600000", fen(1_000), 200);
    assert_eq!(world.send(&order), Sent(0));
    world.accept(&order);
    world.fill(&order, fen(1_000), 100);
    assert_eq!(buy(&mut world, 1), Refused(Code::FillsFull, 1, 1));
    // What is open is settled all the same.
    assert_eq!(anomalies(&world.fill(&order, fen(1_000), 100)), []);
    let mut world = small(|c| c.holdings = 3);
    assert_eq!(buy(&mut world, 3), Refused(Code::HoldingsFull, 3, 3));
    assert_eq!(buy(&mut world, 1), Sent(0));
}
