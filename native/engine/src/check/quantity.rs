//! Step 16: shares, lots, maxima, the risk-warning cap, the value of the order.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Metric, OrderType, Scope, security_flag};
use crate::lot;
use crate::table::order::NONE;

/// Units of 1/1000 share in a share.
const E3: i64 = 1_000;

/// Run step 16.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (tables, rule, sent) = (ctx.tables, ctx.rule, ctx.order.qty_e3);
    if sent <= 0 || sent % E3 != 0 {
        return Err(Denied::new(Code::QtyInvalid, 0, sent));
    }
    let qty = sent / E3;
    ctx.qty = qty;
    let most = match OrderType::from_number(ctx.order.order_type) {
        Some(OrderType::Limit) => rule.max_limit_qty,
        Some(OrderType::Fixed) => rule.max_fixed_qty,
        _ => rule.max_market_qty,
    };
    if qty > most {
        ctx.fail(Code::QtyAboveMax, most, qty)?;
    }
    ctx.holding_at = ctx.found.holding.unwrap_or(NONE);
    if let Some(holding) = tables.holdings.get(ctx.holding_at as usize) {
        ctx.holding = holding;
    }
    if ctx.buy {
        check_buy(ctx, qty)?;
    } else {
        let sellable = ctx
            .holding
            .sellable_qty
            .saturating_sub(ctx.holding.frozen_qty);
        if let Err(denied) = lot::check_sale(rule, qty, sellable) {
            ctx.fail(denied.code, denied.limit, denied.found)?;
        }
    }
    check_value(ctx, qty)
}

fn check_buy(ctx: &mut Ctx<'_>, qty: i64) -> Result<(), Denied> {
    if let Err(denied) = lot::check_buy(ctx.rule, qty) {
        ctx.fail(denied.code, denied.limit, denied.found)?;
    }
    let cap = ctx.rule.day_buy_cap_qty;
    if cap != 0 && ctx.security.flags & security_flag::RISK_WARNING != 0 {
        let total = bought_today(ctx).saturating_add(qty);
        if total > cap {
            ctx.fail(Code::RiskWarningCap, cap, total)?;
        }
    }
    Ok(())
}

/// Bought today and open buys of all the customer's accounts of the market in the security.
fn bought_today(ctx: &Ctx<'_>) -> i64 {
    let tables = ctx.tables;
    let mut total = 0_i64;
    let mut at = ctx.customer.last_account.wrapping_sub(1);
    while let Some(account) = tables.accounts.get(at as usize) {
        let holding = tables.holding_at(at, ctx.security_at);
        let holding = holding.and_then(|at| tables.holdings.get(at as usize));
        if let Some(held) = holding.filter(|_| account.market == ctx.order.market) {
            total = total
                .saturating_add(held.bought_qty)
                .saturating_add(held.open_buy_qty);
        }
        at = account.earlier;
    }
    total
}

fn check_value(ctx: &mut Ctx<'_>, qty: i64) -> Result<(), Denied> {
    let security = ctx.security;
    ctx.value_price_e5 = if ctx.price_e5 != 0 {
        ctx.price_e5
    } else if security.flags & security_flag::NO_LIMIT == 0 {
        security.upper_e5
    } else if security.last_e5 != 0 {
        security.last_e5
    } else {
        security.prev_close_e5
    };
    ctx.value_e5 = ctx
        .value_price_e5
        .checked_mul(qty)
        .ok_or(Denied::plain(Code::AmountOverflow))?;
    let group = u32::from(ctx.customer.group);
    for (scope, id) in [(Scope::Firm, 0), (Scope::Account, group)] {
        let level = ctx
            .tables
            .limits
            .set(scope, ctx.order.market, id)
            .level(Metric::OrderValue)
            .ok_or_else(|| super::threshold::missing(scope, Metric::OrderValue))?;
        ctx.warns.others |= level.warns(ctx.value_e5);
        if ctx.value_e5 > level.block {
            ctx.fail(Code::OrderValueMax, level.block, ctx.value_e5)?;
        }
    }
    Ok(())
}
