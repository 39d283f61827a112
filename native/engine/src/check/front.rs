//! Step 18: front-end control (前端控制) of orders: own orders on the other side, identical orders.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::identical::Content;
use crate::kind::{Metric, OrderType, Param, Scope};

/// Run step 18.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    check_self_match(ctx)?;
    check_identical(ctx)
}

/// The book that an order stands in: after-hours fixed-price orders meet only one another.
#[must_use]
pub const fn book_of(security: u32, order_type: u8) -> u32 {
    const FIXED: u32 = 1 << 31;
    if order_type == OrderType::Fixed.number() {
        security | FIXED
    } else {
        security
    }
}

fn check_self_match(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let book = &ctx.tables.self_match;
    let group = ctx.customer.owner_group;
    let own = ctx.price_e5;
    let place = book_of(ctx.security_at, ctx.order.order_type);
    match book.meets(group, place, ctx.buy, own) {
        None => Ok(()),
        Some(best) => ctx.fail(Code::SelfMatch, best, own),
    }
}

/// What makes the order identical to another one.
#[must_use]
pub fn content(ctx: &Ctx<'_>) -> Content {
    Content {
        price_e5: ctx.order.price_e5,
        qty: ctx.qty,
        security: ctx.security_at,
        order_type: ctx.order.order_type,
        buy: ctx.buy,
    }
}

/// How many identical orders there are with this one.
#[must_use]
pub fn identical_count(ctx: &Ctx<'_>) -> i64 {
    let (market, group) = (ctx.order.market, ctx.customer.group);
    let params = &ctx.tables.params;
    let window = params.get_for(Param::IdenticalWindowNs, market, group);
    let window = u64::try_from(window).unwrap_or(0);
    let table = &ctx.tables.identical;
    i64::from(table.count(ctx.account_at, &content(ctx), ctx.now_ns, window))
}

fn check_identical(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let level = ctx
        .tables
        .limits
        .set(
            Scope::Account,
            ctx.order.market,
            u32::from(ctx.customer.group),
        )
        .level(Metric::IdenticalOrders)
        .ok_or_else(|| super::threshold::missing(Scope::Account, Metric::IdenticalOrders))?;
    let count = identical_count(ctx);
    ctx.warns.others |= level.warns(count);
    if count > level.block {
        ctx.fail(Code::IdenticalStorm, level.block, count)?;
    }
    Ok(())
}
