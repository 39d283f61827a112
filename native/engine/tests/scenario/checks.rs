//! Codes of the security, price, quantity, money, own orders, thresholds and reports.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{GatewayState, Report};
use panshi_engine::record::load::{LoadFee, LoadLimit, LoadParam, LoadPhase, LoadRule};

use super::{
    Outputs, buy, buy_at_limit, buy_of, buy_without, cancel, late, report, sell_of, tiny,
    with_security, working,
};
use crate::support::{World, YUAN, day, fen, padded, small};

pub fn security(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    Some(match code {
        Code::RuleMissing => {
            buy_without(|row| matches!(row, Input::LoadRule(row) if row.rule == day::MAIN))
        }
        Code::PhaseMissing => {
            let mut early = World::opened(&small(), &day::rows(), day::at(8, 0));
            buy(&mut early, |_| {})
        }
        Code::SecurityUnknown => buy_of(world, "999999", YUAN, 100),
        Code::SecurityNotListed | Code::SecuritySuspended => {
            let state = if code == Code::SecuritySuspended {
                3
            } else {
                0
            };
            with_security(world, |row| row.state = state);
            buy(world, |_| {})
        }
        Code::SideNotAllowed => {
            with_security(world, |row| row.flags = 64);
            buy(world, |_| {})
        }
        Code::TypeUnknown => buy(world, |o| o.order_type = 0),
        Code::TypeNotAllowed => {
            let mut world = World::opened(&small(), &day::rows(), day::at(9, 16));
            buy(&mut world, |o| o.order_type = 4)
        }
        Code::FixedNotAllowed => buy(world, |o| o.order_type = 8),
        Code::OutsideWindow => {
            world.go(12, 0);
            buy(world, |_| {})
        }
        _ => return None,
    })
}

pub fn price(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    Some(match code {
        Code::PriceMissing => buy_of(world, "600000", 0, 100),
        Code::PriceTick => buy_of(world, "600000", 10 * YUAN + 1, 100),
        Code::PriceAboveLimit => buy_of(world, "600000", 12 * YUAN, 100),
        Code::PriceBelowLimit => buy_of(world, "600000", 8 * YUAN, 100),
        Code::LimitMissing => {
            with_security(world, |row| row.upper_e5 = 0);
            buy(world, |_| {})
        }
        Code::PriceAuctionRange => {
            let mut world = World::opened(&small(), &day::rows(), day::at(9, 16));
            buy_of(&mut world, "601000", 4 * YUAN, 100)
        }
        Code::PriceCage => buy_of(world, "600000", fen(1_060), 100),
        Code::CageReferenceMissing => {
            with_security(world, |row| row.prev_close_e5 = 0);
            buy(world, |_| {})
        }
        Code::PriceFixed => {
            with_security(world, |row| {
                row.flags = 8;
                row.close_e5 = 10 * YUAN;
            });
            world.go(15, 10);
            buy(world, |o| {
                o.order_type = 8;
                o.price_e5 = fen(990);
            })
        }
        Code::ShortSalePrice => {
            let floored = LoadRule {
                short_floor: 1,
                ..day::rule(day::MAIN, 1)
            };
            world.load(floored);
            with_security(world, |row| row.flags = 32);
            let mut sale = world.limit('2', "600000", fen(999), 100);
            sale.credit_tag = *b"RQ";
            world.put(sale)
        }
        Code::CloseMissing => {
            with_security(world, |row| row.flags = 8);
            world.go(15, 10);
            buy(world, |o| o.order_type = 8)
        }
        Code::Collar => {
            world.set_limit(10, 13, 0, i64::MAX, 10);
            buy_of(world, "600000", fen(1_015), 100)
        }
        _ => return None,
    })
}

pub fn quantity(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    Some(match code {
        Code::QtyInvalid => buy(world, |o| o.qty_e3 = 1),
        Code::QtyBelowMin => buy_of(world, "600000", 10 * YUAN, 50),
        Code::QtyStep => buy_of(world, "600000", 10 * YUAN, 150),
        Code::QtyOddLot => sell_of(world, "600000", 20),
        Code::QtyAboveMax => buy_of(world, "600000", 10 * YUAN, 2_000_000),
        Code::RiskWarningCap => buy_of(world, "600001", 2 * YUAN, 5_100),
        Code::OrderValueMax => buy_at_limit(1, 8, 1),
        Code::FeeMissing => buy_without(|row| {
            matches!(
                row,
                Input::LoadFee(LoadFee {
                    rule: day::MAIN,
                    ..
                })
            )
        }),
        Code::CashShort => buy_of(world, "600000", 10 * YUAN, 500_000),
        Code::HoldingMissing => {
            let order = world.limit('2', "600002", 2 * YUAN, 100);
            world.put(order)
        }
        Code::HoldingShort => sell_of(world, "600000", 2_000),
        Code::AmountOverflow => {
            let mut rule: LoadRule = day::rule(day::MAIN, 1);
            rule.max_limit_qty = i64::MAX;
            rule.buy_step_qty = 1;
            world.load(rule);
            buy_of(world, "600000", 10 * YUAN, i64::MAX / 1_000)
        }
        _ => return None,
    })
}

pub fn front(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    Some(match code {
        Code::SelfMatch => {
            sell_of(world, "600000", 100);
            buy(world, |_| {})
        }
        Code::IdenticalStorm => {
            world.param(2, 1_000_000_000);
            world.set_limit(5, 12, 0, i64::MAX, 1);
            buy(world, |_| {});
            buy(world, |_| {})
        }
        Code::CancelTargetUnknown => {
            let order = world.limit('1', "600000", YUAN, 100);
            let cancel = world.cancel_of(&order);
            world.put(cancel)
        }
        Code::CancelTargetForeign => {
            let order = working(world);
            let mut cancel = world.cancel_of(&order);
            cancel.client = 2;
            cancel.cl_ord_id = world.next_id("BB");
            world.put(cancel)
        }
        Code::CancelTargetFinished => cancel(|world, order| {
            world.fill(order, order.price_e5, 200);
        }),
        Code::CancelPending => cancel(|world, order| {
            world.cancel(order);
        }),
        Code::CancelWindow => cancel(|world, _| world.go(14, 58)),
        Code::CancelMismatch => {
            let order = working(world);
            let mut cancel = world.cancel_of(&order);
            cancel.security_id = padded("600002");
            world.put(cancel)
        }
        Code::CancelTargetIsCancel => {
            let order = working(world);
            let first = world.cancel_of(&order);
            world.put(first);
            let mut second = world.cancel_of(&order);
            second.orig_cl_ord_id = first.cl_ord_id;
            world.put(second)
        }
        Code::RepeatedCancels => {
            world.set_limit(4, 15, 0, 1, i64::MAX);
            let order = world.limit('1', "600000", YUAN, 100);
            let cancel = world.cancel_of(&order);
            world.put(cancel)
        }
        _ => return None,
    })
}

pub fn threshold(code: Code) -> Option<Outputs> {
    Some(match code {
        Code::RateSlidingSecond => buy_at_limit(5, 1, 0),
        Code::RateCalendarSecond => buy_at_limit(4, 2, 0),
        Code::RateMinute => buy_at_limit(3, 3, 0),
        Code::RateDay => buy_at_limit(5, 4, 0),
        Code::QuickCancels | Code::CancelCountRatio | Code::CancelValueRatio => {
            let metric = u8::try_from(code.number() - 30_800).unwrap();
            let mut world = World::new();
            world.param(1, 1_000_000_000);
            world.set_limit(5, metric, 0, 1, 0);
            let order = working(&mut world);
            let cancel = world.cancel_of(&order);
            world.put(cancel);
            let mut done = world.report_of(&order, 3);
            done.orig_cl_ord_id = order.cl_ord_id;
            done.cl_ord_id = cancel.cl_ord_id;
            done.cancelled_e3 = 200_000;
            world.put(done);
            buy(&mut world, |_| {})
        }
        Code::ThresholdMissing => buy_without(|row| {
            matches!(
                row,
                Input::LoadLimit(LoadLimit {
                    scope: 5,
                    metric: 1,
                    ..
                })
            )
        }),
        Code::ParamMissing => {
            buy_without(|row| matches!(row, Input::LoadParam(LoadParam { param: 2, .. })))
        }
        Code::OpenValue => buy_at_limit(6, 9, 0),
        Code::ExecutedValue => buy_at_limit(8, 10, 0),
        Code::SecurityValue => buy_at_limit(10, 11, 0),
        Code::OpenOrders => buy_at_limit(5, 14, 0),
        _ => return None,
    })
}

pub fn anomaly(code: Code) -> Option<Outputs> {
    Some(match code {
        Code::UnknownReport => report(1, |row| row.cl_ord_id = *b"ZZ00000001"),
        Code::UnknownFill => report(4, |row| row.cl_ord_id = *b"ZZ00000001"),
        Code::OverFill => report(4, |row| row.last_qty_e3 = 300_000),
        Code::FillPrice => report(4, |row| row.last_px_e5 = 11 * YUAN),
        Code::StreamGap => report(4, |row| row.report_index += 1),
        Code::StreamDuplicate => {
            let mut world = World::new();
            let order = working(&mut world);
            let first = world.report_of(&order, 4);
            let fill = Report {
                last_qty_e3: 100_000,
                last_px_e5: order.price_e5,
                ..first
            };
            world.put(fill);
            world.put(Report {
                report_index: fill.report_index + 1,
                ..fill
            })
        }
        Code::RejectBurst => {
            let mut world = World::new();
            world.param(6, 1);
            let order = working(&mut world);
            let reject = world.report_of(&order, 2);
            world.put(reject)
        }
        Code::AckOverdueCount => late(8, 1),
        Code::AckOverdueAge => late(9, 1_000),
        Code::ReportAfterEnd => {
            let mut world = World::new();
            let order = working(&mut world);
            world.fill(&order, order.price_e5, 200);
            world.fill(&order, order.price_e5, 100)
        }
        Code::CancelQuantity => report(3, |row| row.cancelled_e3 = 100_000),
        Code::StreamEnded => {
            let mut world = World::new();
            let order = working(&mut world);
            let end = world.report_of(&order, 7);
            world.put(end);
            world.fill(&order, order.price_e5, 100)
        }
        Code::StreamsFull => {
            let mut world = tiny(|c| c.streams = 0);
            let order = world.limit('1', "600000", 10 * YUAN, 200);
            world.put(order);
            world.accept(&order)
        }
        Code::GatewaySilent => silent(),
        Code::LoadInvalid => World::new().put(LoadPhase::default()),
        _ => return None,
    })
}

/// A session that was given up because nothing was heard.
fn silent() -> Outputs {
    let mut world = World::new();
    world.param(20, 2);
    let out = world.put(GatewayState {
        gateway: 1,
        market: 1,
        silent_ms: 6_200,
        silent_max_ms: 6_100,
        ..GatewayState::default()
    });
    let suspended = out.iter().filter(|output| {
        matches!(output, Output::StateChanged(row)
            if row.cause == Code::GatewaySilent.number() && (row.from, row.to) == (0, 2))
    });
    assert!(suspended.count() > 0, "{out:?}");
    out
}
