//! Step 17 and section 5: cash and shares are frozen, released and settled to the fen and the share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{DayClose, NewOrder};
use panshi_engine::record::load::{LoadCustomer, LoadFee, LoadRule, LoadSecurity};
use panshi_engine::record::output::{CashTotal, HoldingTotal};
use support::Verdict::{Refused, Sent};
use support::{World, YUAN, day, fen};

/// A day on which the first customer has this much cash.
fn with_cash(cash_e5: i64) -> World {
    let mut rows = day::rows();
    for row in &mut rows {
        if let panshi_engine::input::Input::LoadCustomer(row) = row {
            row.cash_e5 = cash_e5;
        }
    }
    World::with(&support::small(), &rows)
}

fn close(world: &mut World) -> (CashTotal, Vec<HoldingTotal>) {
    let out = world.put(DayClose {
        time_ns: world.now_ns,
    });
    let cash = out.iter().find_map(|output| match output {
        Output::CashTotal(row) if row.customer == 1 => Some(*row),
        _ => None,
    });
    let holdings = out.iter().filter_map(|output| match output {
        Output::HoldingTotal(row) => Some(*row),
        _ => None,
    });
    (cash.unwrap(), holdings.collect())
}

#[test]
fn a_buy_needs_its_value_and_every_fee_to_the_last_fen() {
    // 100 x 10.00 = 1,000 yuan; fees: 5.00 + 0.01 + 0.0341 -> 0.03 + 0.02 = 5.06.
    let needed = 1_000 * YUAN + fen(506);
    let mut world = with_cash(needed - fen(1));
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 100),
        Refused(Code::CashShort, needed - fen(1), needed)
    );
    let mut world = with_cash(needed);
    assert_eq!(world.trade('1', "600000", fen(1_000), 100), Sent(0));
    assert_eq!(
        world.trade('1', "600000", fen(900), 100),
        Refused(Code::CashShort, 0, 900 * YUAN + fen(506))
    );
}

#[test]
fn a_missing_fee_row_refuses() {
    let mut world = World::new();
    world.load(LoadCustomer {
        fee_group: 2,
        ..day::customer(1, 1)
    });
    let missing = Refused(Code::FeeMissing, 0, 0);
    assert_eq!(world.trade('1', "600000", fen(1_000), 100), missing);
    assert_eq!(world.trade('2', "600000", fen(1_000), 100), missing);
}

#[test]
fn fees_that_no_number_can_hold_refuse() {
    let mut world = World::new();
    world.load(LoadFee {
        commission_e8: i64::MAX,
        ..day::fee(day::MAIN)
    });
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 1_000_000),
        Refused(Code::AmountOverflow, 0, 0)
    );
}

#[test]
fn a_refused_or_rejected_order_gives_everything_back() {
    let mut world = with_cash(2_000 * YUAN);
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert_eq!(world.send(&order), Sent(0));
    let short = world.trade('1', "600000", fen(1_000), 100);
    assert!(matches!(short, Refused(Code::CashShort, ..)), "{short:?}");
    let report = world.report_of(&order, 2);
    world.put(report);
    assert_eq!(world.trade('1', "600000", fen(1_000), 100), Sent(1));
}

#[test]
fn an_order_without_a_price_freezes_at_the_upper_limit() {
    // 100 x 11.00 = 1,100 yuan and fees of 5.00 + 0.01 + 0.04 + 0.02.
    let needed = 1_100 * YUAN + fen(507);
    let mut world = with_cash(needed - 1);
    let market = NewOrder {
        order_type: 6,
        ..world.szse_limit('1', "000001", 0, 100)
    };
    assert_eq!(
        world.send(&market),
        Refused(Code::CashShort, needed - 1, needed)
    );
}

#[test]
fn an_order_without_a_price_in_a_security_without_limits_cannot_be_frozen() {
    let mut world = World::new();
    world.load(LoadRule {
        market_no_limit: 1,
        ..day::rule(day::SZSE, 2)
    });
    world.load(LoadSecurity {
        flags: 2,
        ..day::security(2, "000001", day::SZSE, 10 * YUAN)
    });
    let market = NewOrder {
        order_type: 6,
        ..world.szse_limit('1', "000001", 0, 100)
    };
    assert_eq!(world.send(&market), Refused(Code::LimitMissing, 0, 0));
}

#[test]
fn a_sale_needs_sellable_shares_that_no_other_sale_has_frozen() {
    let mut world = World::new();
    assert_eq!(
        world.trade('2', "600002", fen(200), 100),
        Refused(Code::HoldingMissing, 0, 100)
    );
    assert_eq!(
        world.trade('2', "600000", fen(1_000), 1_300),
        Refused(Code::HoldingShort, 1_250, 1_300)
    );
    assert_eq!(world.trade('2', "600000", fen(1_000), 1_000), Sent(0));
    assert_eq!(
        world.trade('2', "600000", fen(1_000), 300),
        Refused(Code::HoldingShort, 250, 300)
    );
    assert_eq!(world.trade('2', "600000", fen(1_000), 250), Sent(1));
}

#[test]
fn shares_bought_today_are_sold_tomorrow_unless_the_rule_has_same_day() {
    let mut world = World::new();
    for (code, price) in [("600002", fen(200)), ("510300", 400_000)] {
        let buy = world.limit('1', code, price, 200);
        assert!(matches!(world.send(&buy), Sent(_)));
        world.accept(&buy);
        world.fill(&buy, price, 200);
    }
    assert_eq!(
        world.trade('2', "600002", fen(200), 200),
        Refused(Code::HoldingShort, 0, 200)
    );
    assert!(matches!(world.trade('2', "510300", 400_000, 200), Sent(_)));
}

#[test]
fn proceeds_of_a_sale_buy_again_the_same_day() {
    let mut world = with_cash(0);
    let sale = world.limit('2', "600000", fen(1_000), 1_000);
    assert_eq!(world.send(&sale), Sent(0));
    world.accept(&sale);
    world.fill(&sale, fen(1_000), 1_000);
    // 10,000 yuan less 5.00 commission, 5.00 stamp duty, 0.10 transfer, 0.34 handling, 0.20 regulatory.
    let available = 10_000 * YUAN - fen(1_064);
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 1_000),
        Refused(Code::CashShort, available, 10_000 * YUAN + fen(564))
    );
    assert_eq!(world.trade('1', "600000", fen(990), 1_000), Sent(1));
}

#[test]
fn fills_of_one_order_share_one_minimum_commission() {
    let mut world = World::new();
    let buy = world.limit('1', "600000", fen(1_000), 300);
    assert_eq!(world.send(&buy), Sent(0));
    world.accept(&buy);
    for _ in 0..3 {
        world.fill(&buy, fen(999), 100);
    }
    let (cash, holdings) = close(&mut world);
    // 2,997 yuan: 5.00 + 0.02997 -> 0.03 + 0.1021977 -> 0.10 + 0.05994 -> 0.06.
    assert_eq!(cash.bought_e5, 2_997 * YUAN);
    assert_eq!(cash.fees_e5, fen(519));
    assert_eq!(cash.frozen_e5, 0);
    assert_eq!(
        cash.available_e5,
        1_000_000 * YUAN - 2_997 * YUAN - fen(519)
    );
    assert_eq!(
        (holdings[0].total_qty, holdings[0].sellable_qty),
        (1_550, 1_250)
    );
}

#[test]
fn what_is_still_open_at_the_close_expires_and_comes_back() {
    let mut world = World::new();
    let buy = world.limit('1', "600000", fen(1_000), 300);
    let sale = world.limit('2', "688001", 50 * YUAN, 350);
    assert_eq!((world.send(&buy), world.send(&sale)), (Sent(0), Sent(1)));
    world.accept(&buy);
    world.fill(&buy, fen(1_000), 100);
    let (cash, holdings) = close(&mut world);
    assert_eq!(cash.frozen_e5, 0);
    assert_eq!(
        cash.available_e5,
        1_000_000 * YUAN - 1_000 * YUAN - fen(506)
    );
    assert!(holdings.iter().all(|row| row.frozen_qty == 0));
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 100),
        Refused(Code::DayNotOpen, 0, 0)
    );
}
