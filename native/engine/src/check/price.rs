//! Step 15: tick, limits, auction range, cage, fixed price, collar.

use crate::check::security::HALTED_WITHIN_DAY;
use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Metric, OrderType, Phase, Scope, security_flag};
use crate::price::{cage_bound_e5, distance_bp, share_of_price_e5};

/// Run step 15.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (order, rule, security) = (ctx.order, ctx.rule, ctx.security);
    let limited = security.flags & security_flag::NO_LIMIT == 0;
    let limits_missing = limited && (security.upper_e5 == 0 || security.lower_e5 == 0);
    let limit_order = order.order_type == OrderType::Limit.number();
    let fixed = order.order_type == OrderType::Fixed.number();
    if !limit_order && !fixed && rule.protection == 0 {
        ctx.price_e5 = 0;
        return if limits_missing {
            Err(Denied::plain(Code::LimitMissing))
        } else {
            Ok(())
        };
    }
    let price = order.price_e5;
    ctx.price_e5 = price;
    if price <= 0 {
        return Err(Denied::new(Code::PriceMissing, 0, price));
    }
    if price.checked_rem(rule.tick_e5) != Some(0) {
        ctx.fail(Code::PriceTick, rule.tick_e5, price)?;
    }
    if limits_missing {
        return Err(Denied::plain(Code::LimitMissing));
    }
    if limited {
        check_limits(ctx, price)?;
    } else {
        check_auction_range(ctx, price)?;
    }
    ctx.reference_e5 = reference_e5(ctx);
    if limit_order {
        check_cage(ctx, price)?;
    }
    if fixed {
        check_fixed(ctx, price)?;
    } else {
        check_collar(ctx, price)?;
    }
    check_short_sale(ctx, price)
}

/// A short sale may not lie below the last trade, nor below the previous close while nothing has traded.
fn check_short_sale(ctx: &mut Ctx<'_>, price: i64) -> Result<(), Denied> {
    if !ctx.short_sale || ctx.rule.short_floor == 0 {
        return Ok(());
    }
    let last = ctx.security.last_e5;
    let floor = if last == 0 {
        ctx.security.prev_close_e5
    } else {
        last
    };
    if floor == 0 {
        return ctx.fail(Code::CageReferenceMissing, 0, 0);
    }
    if price < floor {
        ctx.fail(Code::ShortSalePrice, floor, price)?;
    }
    Ok(())
}

fn check_limits(ctx: &mut Ctx<'_>, price: i64) -> Result<(), Denied> {
    let security = ctx.security;
    if price > security.upper_e5 {
        ctx.fail(Code::PriceAboveLimit, security.upper_e5, price)?;
    }
    if price < security.lower_e5 {
        ctx.fail(Code::PriceBelowLimit, security.lower_e5, price)?;
    }
    Ok(())
}

fn check_auction_range(ctx: &mut Ctx<'_>, price: i64) -> Result<(), Denied> {
    let call = [Phase::OpeningCall, Phase::OpeningCallLocked];
    if !call.iter().any(|phase| phase.number() == ctx.window.phase) {
        return Ok(());
    }
    let (rule, previous) = (ctx.rule, ctx.security.prev_close_e5);
    let bound = |bp: u32| share_of_price_e5(previous, i64::from(bp), rule.tick_e5);
    if rule.no_limit_high_bp != 0 {
        let high = bound(rule.no_limit_high_bp).ok_or(Denied::plain(Code::AmountOverflow))?;
        if price > high {
            ctx.fail(Code::PriceAuctionRange, high, price)?;
        }
    }
    if rule.no_limit_low_bp != 0 {
        let low = bound(rule.no_limit_low_bp).ok_or(Denied::plain(Code::AmountOverflow))?;
        if price < low {
            ctx.fail(Code::PriceAuctionRange, low, price)?;
        }
    }
    Ok(())
}

/// Reference of cage and collar: the counter side's best, else the own side's, else the last trade, else the close.
fn reference_e5(ctx: &Ctx<'_>) -> i64 {
    let row = ctx.security;
    let (first, second) = if ctx.buy {
        (row.ask_e5, row.bid_e5)
    } else {
        (row.bid_e5, row.ask_e5)
    };
    [first, second, row.last_e5, row.prev_close_e5]
        .into_iter()
        .find(|price| *price != 0)
        .unwrap_or(0)
}

fn check_cage(ctx: &mut Ctx<'_>, price: i64) -> Result<(), Denied> {
    let rule = ctx.rule;
    let caged = rule.cage_bp != 0
        && ctx.window.phase == Phase::Continuous.number()
        && ctx.security.state != HALTED_WITHIN_DAY;
    if !caged {
        return Ok(());
    }
    let reference = ctx.reference_e5;
    if reference == 0 {
        return ctx.fail(Code::CageReferenceMissing, 0, 0);
    }
    let bound = cage_bound_e5(
        reference,
        rule.cage_bp,
        rule.cage_ticks,
        rule.tick_e5,
        ctx.buy,
    )
    .ok_or(Denied::plain(Code::AmountOverflow))?;
    let outside = if ctx.buy {
        price > bound
    } else {
        price < bound
    };
    if outside {
        ctx.fail(Code::PriceCage, bound, price)?;
    }
    Ok(())
}

fn check_fixed(ctx: &mut Ctx<'_>, price: i64) -> Result<(), Denied> {
    let close = ctx.security.close_e5;
    if close == 0 && after_close(ctx.window.phase) {
        return ctx.fail(Code::CloseMissing, 0, 0);
    }
    let wrong = if ctx.buy {
        price < close
    } else {
        price > close
    };
    if close != 0 && wrong {
        ctx.fail(Code::PriceFixed, close, price)?;
    }
    Ok(())
}

/// Whether the auctions of the day are over, so that the close must be known.
#[must_use]
pub const fn after_close(phase: u8) -> bool {
    phase == Phase::AfterClose.number() || phase == Phase::FixedPrice.number()
}

fn check_collar(ctx: &mut Ctx<'_>, price: i64) -> Result<(), Denied> {
    let scope = Scope::Security;
    let level = ctx
        .tables
        .limits
        .set(scope, ctx.order.market, u32::from(ctx.security.rule))
        .level(Metric::CollarBp)
        .ok_or_else(|| super::threshold::missing(scope, Metric::CollarBp))?;
    if ctx.reference_e5 == 0 {
        return ctx.fail(Code::CageReferenceMissing, 0, 0);
    }
    let distance = distance_bp(price, ctx.reference_e5);
    if distance > level.block {
        ctx.fail(Code::Collar, level.block, distance)?;
    }
    Ok(())
}
