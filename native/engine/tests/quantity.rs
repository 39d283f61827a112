//! Step 16: shares, lots, odd lots, maxima, the risk-warning cap and the value of one order.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::record::flow::NewOrder;
use panshi_engine::record::load::{LoadAccount, LoadCustomer, LoadRule, LoadSecurity};
use support::Verdict::{Refused, Sent};
use support::{World, YUAN, day, fen};

#[test]
fn a_quantity_is_a_positive_number_of_whole_shares() {
    let mut world = World::new();
    for wrong in [0, -100_000, 100_500] {
        let order = NewOrder {
            qty_e3: wrong,
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        assert_eq!(world.send(&order), Refused(Code::QtyInvalid, 0, wrong));
    }
}

#[test]
fn the_main_board_is_bought_in_hundreds() {
    let mut world = World::new();
    let buy = |world: &mut World, qty| world.trade('1', "600000", fen(1_000), qty);
    assert_eq!(buy(&mut world, 99), Refused(Code::QtyBelowMin, 100, 99));
    assert_eq!(buy(&mut world, 150), Refused(Code::QtyStep, 100, 150));
    assert_eq!(buy(&mut world, 100), Sent(0));
    assert_eq!(buy(&mut world, 300), Sent(1));
}

#[test]
fn star_is_bought_from_two_hundred_share_by_share() {
    let mut world = World::new();
    let buy = |world: &mut World, qty| world.trade('1', "688001", 50 * YUAN, qty);
    assert_eq!(buy(&mut world, 199), Refused(Code::QtyBelowMin, 200, 199));
    assert_eq!(buy(&mut world, 200), Sent(0));
    assert_eq!(buy(&mut world, 201), Sent(1));
}

#[test]
fn the_odd_rest_of_a_main_board_holding_is_sold_alone_or_with_whole_lots() {
    // 1,250 shares are held: the rest of 50 goes alone or with hundreds, and never in parts.
    for (qty, wanted) in [
        (50, Sent(0)),
        (150, Sent(0)),
        (1_250, Sent(0)),
        (1_200, Sent(0)),
        (30, Refused(Code::QtyOddLot, 1_250, 30)),
        (130, Refused(Code::QtyStep, 100, 130)),
        (1_350, Refused(Code::QtyStep, 100, 1_350)),
    ] {
        let mut world = World::new();
        assert_eq!(world.trade('2', "600000", fen(1_000), qty), wanted, "{qty}");
    }
}

#[test]
fn what_a_working_sale_froze_is_no_longer_an_odd_rest() {
    let mut world = World::new();
    assert_eq!(world.trade('2', "600000", fen(1_000), 50), Sent(0));
    assert_eq!(
        world.trade('2', "600000", fen(1_000), 50),
        Refused(Code::QtyOddLot, 1_200, 50)
    );
}

#[test]
fn a_star_rest_below_two_hundred_is_sold_whole() {
    // 350 shares are held.
    let mut world = World::new();
    let sell = |world: &mut World, qty| world.trade('2', "688001", 50 * YUAN, qty);
    assert_eq!(sell(&mut world, 150), Refused(Code::QtyOddLot, 350, 150));
    assert_eq!(sell(&mut world, 201), Sent(0));
    assert_eq!(sell(&mut world, 100), Refused(Code::QtyOddLot, 149, 100));
    assert_eq!(sell(&mut world, 149), Sent(1));
}

#[test]
fn the_largest_order_depends_on_its_type() {
    let mut world = World::new();
    let of_type = |world: &mut World, order_type, qty| {
        let order = NewOrder {
            order_type,
            ..world.limit('1', "688001", 50 * YUAN, qty)
        };
        world.send(&order)
    };
    assert_eq!(
        of_type(&mut world, 1, 100_001),
        Refused(Code::QtyAboveMax, 100_000, 100_001)
    );
    assert_eq!(
        of_type(&mut world, 2, 50_001),
        Refused(Code::QtyAboveMax, 50_000, 50_001)
    );
    world.now_ns = day::at(15, 10);
    world.load(LoadSecurity {
        flags: 8,
        close_e5: 50 * YUAN,
        ..day::security(1, "688001", day::STAR, 50 * YUAN)
    });
    assert_eq!(
        of_type(&mut world, 8, 1_000_001),
        Refused(Code::QtyAboveMax, 1_000_000, 1_000_001)
    );
}

#[test]
fn open_and_traded_buys_of_a_risk_warning_share_count_to_its_cap() {
    let mut world = World::new();
    let buy = |world: &mut World, qty| world.limit('1', "600001", fen(200), qty);
    let first = buy(&mut world, 3_000);
    assert_eq!(world.send(&first), Sent(0));
    world.accept(&first);
    world.fill(&first, fen(200), 1_000);
    let over = buy(&mut world, 2_100);
    assert_eq!(
        world.send(&over),
        Refused(Code::RiskWarningCap, 5_000, 5_100)
    );
    let rest = buy(&mut world, 2_000);
    assert_eq!(world.send(&rest), Sent(1));
    // A cancelled rest is free again.
    let mut report = world.report_of(&first, 3);
    report.cancelled_e3 = 2_000_000;
    world.put(report);
    let again = buy(&mut world, 2_000);
    assert_eq!(world.send(&again), Sent(2));
    let sale = world.trade('2', "600001", fen(200), 100);
    assert_eq!(sale, Refused(Code::HoldingShort, 0, 100));
}

#[test]
fn the_risk_warning_cap_holds_for_all_accounts_of_a_customer_in_the_market() {
    let mut world = World::new();
    // Customer 1 has a second Shanghai account, customer 3 another one.
    world.load(LoadAccount {
        customer: 1,
        ..day::account(1, 7)
    });
    let buy = |world: &mut World, owner, qty| NewOrder {
        account: day::account(1, owner).account,
        ..world.limit('1', "600001", fen(200), qty)
    };
    let first = buy(&mut world, 1, 3_000);
    assert_eq!(world.send(&first), Sent(0));
    world.accept(&first);
    world.fill(&first, fen(200), 1_000);
    let second = buy(&mut world, 7, 2_100);
    assert_eq!(
        world.send(&second),
        Refused(Code::RiskWarningCap, 5_000, 5_100)
    );
    let second = buy(&mut world, 7, 2_000);
    assert_eq!(world.send(&second), Sent(1));
    let again = buy(&mut world, 1, 100);
    assert_eq!(
        world.send(&again),
        Refused(Code::RiskWarningCap, 5_000, 5_100)
    );
    let other = buy(&mut world, 3, 5_000);
    assert_eq!(world.send(&other), Sent(2));
    // After-hours buys count with those of the auctions.
    world.go(15, 10);
    world.load(LoadSecurity {
        flags: 9,
        close_e5: fen(200),
        ..day::security(1, "600001", day::RISK, fen(200))
    });
    let fixed = NewOrder {
        order_type: 8,
        ..buy(&mut world, 1, 100)
    };
    assert_eq!(
        world.send(&fixed),
        Refused(Code::RiskWarningCap, 5_000, 5_100)
    );
}

#[test]
fn the_firm_and_the_customer_group_cap_the_value_of_one_order() {
    let mut world = World::new();
    world.set_limit(1, 8, 0, i64::MAX, 20_000 * YUAN);
    world.set_limit(5, 8, 1, i64::MAX, 15_000 * YUAN);
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 2_100),
        Refused(Code::OrderValueMax, 20_000 * YUAN, 21_000 * YUAN)
    );
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 1_600),
        Refused(Code::OrderValueMax, 15_000 * YUAN, 16_000 * YUAN)
    );
    assert_eq!(world.trade('1', "600000", fen(1_000), 1_500), Sent(0));
    world.load(LoadCustomer {
        group: 2,
        ..day::customer(1, 1)
    });
    assert_eq!(world.trade('1', "600000", fen(1_000), 2_000), Sent(1));
}

#[test]
fn an_order_without_a_price_counts_at_the_upper_limit() {
    let mut world = World::new();
    world.set_limit(1, 8, 0, i64::MAX, 1_000 * YUAN);
    let market = NewOrder {
        order_type: 6,
        ..world.szse_limit('1', "000001", 0, 100)
    };
    assert_eq!(
        world.send(&market),
        Refused(Code::OrderValueMax, 1_000 * YUAN, 1_100 * YUAN)
    );
}

#[test]
fn a_value_that_no_number_can_hold_is_refused() {
    let mut world = World::new();
    world.load(LoadRule {
        max_limit_qty: i64::MAX,
        ..day::rule(day::MAIN, 1)
    });
    let order = NewOrder {
        qty_e3: i64::MAX / 100_000 * 100_000,
        ..world.limit('1', "600000", fen(1_000), 100)
    };
    assert_eq!(world.send(&order), Refused(Code::AmountOverflow, 0, 0));
}
