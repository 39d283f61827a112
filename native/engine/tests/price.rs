//! Step 15: tick, limits, auction range, cage, fixed price and collar, through the whole engine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::security_flag;
use panshi_engine::record::flow::NewOrder;
use panshi_engine::record::load::{LoadRule, LoadSecurity};
use support::Verdict::{Refused, Sent};
use support::{Verdict, World, YUAN, day, fen, small};

/// An order of a type number, 0 for the price where it has none.
fn of_type(world: &mut World, order_type: u8, side: char, price_e5: i64) -> NewOrder {
    NewOrder {
        order_type,
        ..world.limit(side, "600000", price_e5, 100)
    }
}

#[test]
fn a_price_lies_on_the_tick_and_inside_the_limits_of_the_day() {
    let mut world = World::new();
    world.quote("600000", fen(1_000), fen(1_001), fen(1_000));
    let buy = |world: &mut World, price| world.trade('1', "600000", price, 100);
    assert_eq!(buy(&mut world, 0), Refused(Code::PriceMissing, 0, 0));
    assert_eq!(
        buy(&mut world, -fen(1)),
        Refused(Code::PriceMissing, 0, -fen(1))
    );
    assert_eq!(
        buy(&mut world, fen(1_000) + 500),
        Refused(Code::PriceTick, fen(1), fen(1_000) + 500)
    );
    assert_eq!(
        buy(&mut world, fen(1_101)),
        Refused(Code::PriceAboveLimit, fen(1_100), fen(1_101))
    );
    assert_eq!(
        world.trade('2', "600000", fen(899), 100),
        Refused(Code::PriceBelowLimit, fen(900), fen(899))
    );
    assert_eq!(buy(&mut world, fen(900)), Sent(0));
}

#[test]
fn a_fund_is_priced_to_a_tenth_of_a_fen() {
    let mut world = World::new();
    assert_eq!(world.trade('1', "510300", 400_100, 100), Sent(0));
    assert_eq!(
        world.trade('1', "510300", 400_150, 100),
        Refused(Code::PriceTick, 100, 400_150)
    );
}

#[test]
fn the_cage_goes_out_from_the_counter_side_then_the_own_then_the_last_then_the_close() {
    let mut world = World::new();
    let too_high = |world: &mut World, bound: i64| {
        assert_eq!(
            world.trade('1', "600000", bound + fen(1), 100),
            Refused(Code::PriceCage, bound, bound + fen(1))
        );
        assert!(matches!(world.trade('1', "600000", bound, 100), Sent(_)));
    };
    // No quote yet: 102 % of the previous close of 10.00.
    too_high(&mut world, fen(1_020));
    world.quote("600000", 0, 0, fen(1_010));
    // 10.10 x 1.02 = 10.302.
    too_high(&mut world, fen(1_030));
    world.quote("600000", fen(1_005), 0, fen(1_010));
    // 10.05 x 1.02 = 10.251.
    too_high(&mut world, fen(1_025));
    world.quote("600000", fen(1_005), fen(1_025), fen(1_010));
    // 10.25 x 1.02 = 10.455, half a fen up.
    too_high(&mut world, fen(1_046));
}

#[test]
fn a_sale_stays_above_its_cage() {
    let mut world = World::new();
    world.quote("600000", fen(1_005), fen(1_025), fen(1_010));
    // 10.05 x 0.98 = 9.849.
    assert_eq!(
        world.trade('2', "600000", fen(984), 100),
        Refused(Code::PriceCage, fen(985), fen(984))
    );
    assert_eq!(world.trade('2', "600000", fen(985), 100), Sent(0));
}

#[test]
fn a_cheap_share_may_move_ten_ticks() {
    let mut world = World::new();
    world.quote("600002", fen(200), fen(200), fen(200));
    assert_eq!(world.trade('1', "600002", fen(210), 100), Sent(0));
    assert_eq!(
        world.trade('1', "600002", fen(211), 100),
        Refused(Code::PriceCage, fen(210), fen(211))
    );
}

#[test]
fn star_has_no_ten_ticks() {
    let mut world = World::new();
    world.load(day::security(1, "688002", day::STAR, fen(300)));
    world.quote("688002", fen(300), fen(300), fen(300));
    assert_eq!(
        world.trade('1', "688002", fen(310), 200),
        Refused(Code::PriceCage, fen(306), fen(310))
    );
    assert_eq!(world.trade('1', "688002", fen(306), 200), Sent(0));
}

#[test]
fn there_is_no_cage_in_a_call_auction_nor_while_a_security_is_halted() {
    let mut world = World::new();
    world.now_ns = day::at(14, 58);
    assert_eq!(world.trade('1', "600000", fen(1_100), 100), Sent(0));
    let mut world = World::new();
    world.load(LoadSecurity {
        state: 2,
        ..day::security(1, "600000", day::MAIN, 10 * YUAN)
    });
    assert_eq!(world.trade('1', "600000", fen(1_100), 100), Sent(0));
}

#[test]
fn a_cage_without_any_price_to_start_from_refuses() {
    let mut world = World::new();
    let unknown = LoadSecurity {
        upper_e5: fen(1_100),
        lower_e5: fen(900),
        ..day::security(1, "600000", day::MAIN, 0)
    };
    world.load(unknown);
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 100),
        Refused(Code::CageReferenceMissing, 0, 0)
    );
    // The collar asks for the same price once the cage is switched off.
    world.load(LoadRule {
        cage_bp: 0,
        ..day::rule(day::MAIN, 1)
    });
    assert_eq!(
        world.trade('1', "600000", fen(1_000), 100),
        Refused(Code::CageReferenceMissing, 0, 0)
    );
}

#[test]
fn a_security_without_limits_has_a_range_in_the_opening_auction_only() {
    let mut world = World::opened(&small(), &day::rows(), day::at(9, 16));
    let buy_at = |world: &mut World, price| world.trade('1', "601000", price, 100);
    // No cage on this class, so that only the range decides.
    world.load(LoadRule {
        cage_bp: 0,
        ..day::rule(day::MAIN, 1)
    });
    for minute in [16, 21] {
        world.go(9, minute);
        assert!(matches!(buy_at(&mut world, fen(9_000)), Sent(_)));
        assert_eq!(
            buy_at(&mut world, fen(9_001)),
            Refused(Code::PriceAuctionRange, fen(9_000), fen(9_001))
        );
        assert!(matches!(buy_at(&mut world, fen(500)), Sent(_)));
        assert_eq!(
            buy_at(&mut world, fen(499)),
            Refused(Code::PriceAuctionRange, fen(500), fen(499))
        );
    }
    for (hour, minute) in [(10, 0), (14, 58)] {
        world.go(hour, minute);
        assert!(matches!(buy_at(&mut world, fen(20_000)), Sent(_)));
        assert!(matches!(buy_at(&mut world, fen(499)), Sent(_)));
    }
}

#[test]
fn a_short_sale_does_not_undercut_the_last_trade() {
    let rows: Vec<Input> = day::rows()
        .into_iter()
        .chain([
            LoadRule {
                short_floor: 1,
                cage_bp: 0,
                ..day::rule(day::MAIN, 1)
            }
            .into(),
            LoadSecurity {
                flags: security_flag::SHORT_SELL,
                ..day::security(1, "600000", day::MAIN, 10 * YUAN)
            }
            .into(),
        ])
        .collect();
    let mut world = World::with(&small(), &rows);
    let short = |world: &mut World, price| {
        let order = NewOrder {
            credit_tag: *b"RQ",
            ..world.limit('2', "600000", price, 100)
        };
        world.send(&order)
    };
    // Nothing has traded: the previous close is the floor.
    assert_eq!(
        short(&mut world, fen(999)),
        Refused(Code::ShortSalePrice, fen(1_000), fen(999))
    );
    assert_eq!(short(&mut world, fen(1_000)), Sent(0));
    world.quote("600000", fen(980), fen(982), fen(981));
    assert_eq!(
        short(&mut world, fen(980)),
        Refused(Code::ShortSalePrice, fen(981), fen(980))
    );
    assert_eq!(short(&mut world, fen(981)), Sent(1));
    // A sale of own shares may, and so may a short sale where the rule has no floor.
    assert_eq!(world.trade('2', "600000", fen(980), 100), Sent(2));
    world.load(day::rule(day::MAIN, 1));
    assert_eq!(short(&mut world, fen(980)), Sent(3));
    // Without any price there is nothing to compare with.
    world.quote("600000", 0, fen(982), 0);
    world.load(LoadRule {
        short_floor: 1,
        cage_bp: 0,
        ..day::rule(day::MAIN, 1)
    });
    world.load(LoadSecurity {
        flags: security_flag::SHORT_SELL,
        prev_close_e5: 0,
        ..day::security(1, "600000", day::MAIN, 10 * YUAN)
    });
    assert_eq!(
        short(&mut world, fen(981)),
        Refused(Code::CageReferenceMissing, 0, 0)
    );
}

#[test]
fn after_hours_orders_need_a_close_once_the_auctions_are_over() {
    let mut world = World::new();
    let fixed = |world: &mut World, side, price| {
        let order = NewOrder {
            order_type: 8,
            ..world.limit(side, "688001", price, 200)
        };
        world.send(&order)
    };
    assert_eq!(fixed(&mut world, '1', 50 * YUAN), Sent(0));
    world.go(15, 1);
    assert_eq!(
        fixed(&mut world, '1', 50 * YUAN),
        Refused(Code::CloseMissing, 0, 0)
    );
    world.load(LoadSecurity {
        flags: 8,
        close_e5: 51 * YUAN,
        ..day::security(1, "688001", day::STAR, 50 * YUAN)
    });
    assert_eq!(
        fixed(&mut world, '1', 50 * YUAN),
        Refused(Code::PriceFixed, 51 * YUAN, 50 * YUAN)
    );
    assert_eq!(fixed(&mut world, '1', 51 * YUAN), Sent(1));
}

#[test]
fn an_unbounded_range_is_no_range() {
    let mut world = World::new();
    world.load(LoadRule {
        no_limit_low_bp: 0,
        no_limit_high_bp: 0,
        ..day::rule(day::MAIN, 1)
    });
    world.now_ns = day::at(14, 58);
    assert_eq!(world.trade('1', "601000", fen(1), 100), Sent(0));
    assert_eq!(world.trade('1', "601000", fen(99_999), 100), Sent(1));
}

#[test]
fn limits_that_were_not_loaded_refuse_every_order() {
    let mut world = World::new();
    world.load(LoadSecurity {
        upper_e5: 0,
        ..day::security(1, "600000", day::MAIN, 10 * YUAN)
    });
    let missing = Refused(Code::LimitMissing, 0, 0);
    assert_eq!(world.trade('1', "600000", fen(1_000), 100), missing);
    world.load(LoadSecurity {
        lower_e5: 0,
        ..day::security(2, "000001", day::SZSE, 10 * YUAN)
    });
    let market = NewOrder {
        order_type: 6,
        ..world.szse_limit('1', "000001", 0, 100)
    };
    assert_eq!(world.send(&market), missing);
}

#[test]
fn a_market_order_needs_a_protection_price_where_the_rule_says_so() {
    let mut world = World::new();
    let bare = of_type(&mut world, 2, '1', 0);
    assert_eq!(world.send(&bare), Refused(Code::PriceMissing, 0, 0));
    // The cage is for limit orders; the protection price may go to the upper limit.
    let protected = of_type(&mut world, 2, '1', fen(1_100));
    assert_eq!(world.send(&protected), Sent(0));
    let outside = of_type(&mut world, 2, '1', fen(1_101));
    assert_eq!(
        world.send(&outside),
        Refused(Code::PriceAboveLimit, fen(1_100), fen(1_101))
    );
    let szse = NewOrder {
        order_type: 6,
        ..world.szse_limit('1', "000001", fen(99_999), 100)
    };
    assert_eq!(world.send(&szse), Sent(1));
}

#[test]
fn a_fixed_price_order_buys_not_below_and_sells_not_above_the_close() {
    let mut world = World::new();
    world.load(LoadSecurity {
        flags: 8,
        close_e5: fen(5_050),
        ..day::security(1, "688001", day::STAR, 50 * YUAN)
    });
    world.now_ns = day::at(15, 10);
    let fixed = |world: &mut World, side, price| -> Verdict {
        let order = NewOrder {
            order_type: 8,
            ..world.limit(side, "688001", price, 200)
        };
        world.send(&order)
    };
    assert_eq!(
        fixed(&mut world, '1', fen(5_049)),
        Refused(Code::PriceFixed, fen(5_050), fen(5_049))
    );
    assert_eq!(fixed(&mut world, '1', fen(5_050)), Sent(0));
    assert_eq!(
        fixed(&mut world, '2', fen(5_051)),
        Refused(Code::PriceFixed, fen(5_050), fen(5_051))
    );
}

#[test]
fn the_collar_is_the_firms_own_and_may_be_narrower_than_the_cage() {
    let mut world = World::new();
    world.set_limit(10, 13, u32::from(day::MAIN), i64::MAX, 150);
    world.quote("600000", fen(999), fen(1_000), fen(1_000));
    assert_eq!(
        world.trade('1', "600000", fen(1_016), 100),
        Refused(Code::Collar, 150, 160)
    );
    assert_eq!(world.trade('1', "600000", fen(1_015), 100), Sent(0));
    assert_eq!(
        world.trade('1', "600000", fen(900), 100),
        Refused(Code::Collar, 150, 1_000)
    );
}

#[test]
fn checks_of_the_price_come_in_their_order() {
    let mut world = World::new();
    // Off the tick, above the limit and outside the cage: the tick speaks, then the limit, then the cage.
    let wrong = fen(1_200) + 1;
    let code = |world: &mut World| match world.trade('1', "600000", wrong, 100) {
        Refused(code, ..) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(&mut world), Code::PriceTick);
    world.switch(Code::PriceTick, 0);
    assert_eq!(code(&mut world), Code::PriceAboveLimit);
    world.switch(Code::PriceAboveLimit, 0);
    assert_eq!(code(&mut world), Code::PriceCage);
    world.switch(Code::PriceCage, 0);
    assert_eq!(world.trade('1', "600000", wrong, 100), Sent(0));
}
