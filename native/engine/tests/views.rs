//! What the read-only views say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::kind::{OrderStatus, Scope, TradingState};
use panshi_engine::record::flow::SetState;
use support::{World, YUAN, day, padded};

#[test]
fn the_views_show_orders_money_shares_and_states() {
    let mut world = World::new();
    let order = world.limit('1', "600000", 10 * YUAN, 200);
    world.put(order);
    world.fill(&order, 10 * YUAN, 100);
    let cancel = world.cancel_of(&order);
    world.put(cancel);
    let engine = &world.engine;
    let row = engine.order(0).unwrap();
    assert_eq!(
        (row.status, row.traded_qty),
        (OrderStatus::PartlyFilled, 100)
    );
    assert!(row.is_cancel_pending() && engine.order(1).is_none());
    assert_eq!(engine.orders().len(), 1);
    let pbu = padded("20001");
    assert_eq!(engine.id(1, &pbu, &order.cl_ord_id), Some((0, false)));
    assert_eq!(engine.id(1, &pbu, &cancel.cl_ord_id), Some((0, true)));
    assert_eq!(engine.id(1, &pbu, b"AA99999999"), None);
    let account = day::account(1, 1).account;
    assert_eq!(engine.account(1, &account).unwrap().open_orders, 1);
    assert_eq!(engine.account(2, &account), None);
    let fill = engine.fill();
    assert_eq!((fill.customers, fill.accounts, fill.securities), (3, 6, 7));
    assert_eq!((fill.orders, fill.open_orders, fill.ids), (1, 1, 2));
    assert_eq!((fill.queued, fill.events), (0, 2));
    assert_eq!((engine.online(1), engine.online(9)), (Some(true), None));
    assert_eq!(engine.gateway(1).unwrap().state, 3);
    assert_eq!(engine.pbus().len(), 3);
    assert_eq!(engine.now_ns(), world.now_ns);
    assert_eq!(engine.capacity().customers, 16);
    assert!(engine.customers().map(|(number, _)| number).eq([1, 2, 3]));
    assert!(engine.customer(0).is_none());
}

#[test]
fn every_state_that_is_not_normal_is_listed() {
    let mut world = World::new();
    assert!(world.engine.restricted().is_empty());
    let time_ns = world.now_ns;
    for (scope, id, market, key) in [
        (1, 0, 0, ""),
        (2, 2, 0, ""),
        (3, 1, 0, ""),
        (4, 2, 0, ""),
        (5, 0, 1, "A000000001"),
        (7, 2, 0, ""),
        (9, 5, 0, ""),
        (10, 0, 1, "688001"),
    ] {
        world.put(SetState {
            time_ns,
            scope,
            state: 2,
            id,
            market,
            key: padded(key),
            ..SetState::default()
        });
    }
    let level = TradingState::CancelOnly;
    let expected = [
        (Scope::Firm, 0),
        (Scope::Market, 2),
        (Scope::Pbu, 1),
        (Scope::Client, 2),
        (Scope::Account, 0),
        (Scope::OwnerGroup, 2),
        (Scope::Strategy, 5),
        (Scope::Security, 1),
    ]
    .map(|(scope, id)| (scope, id, level));
    assert_eq!(world.engine.restricted(), expected);
}
