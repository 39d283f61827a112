//! Steps 20 and 21: open and traded value per scope, concentration, room in the tables.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Metric, Scope};
use crate::table::order::NONE;
use crate::table::party::ValueRow;

/// The scopes that keep open and traded value, with the numbers of their limits and their rows, for an order.
fn value_scopes(ctx: &Ctx<'_>) -> [(Scope, u32, ValueRow); 5] {
    let (tables, customer) = (ctx.tables, ctx.customer);
    let row = |rows: &[ValueRow], at: usize| rows.get(at).copied().unwrap_or_default();
    let (group, desk) = (customer.owner_group, customer.desk);
    [
        (Scope::Account, u32::from(customer.group), ctx.account.value),
        (Scope::Customer, ctx.account.customer, customer.value),
        (
            Scope::OwnerGroup,
            group,
            row(&tables.owner_groups, group as usize),
        ),
        (
            Scope::Desk,
            u32::from(desk),
            row(&tables.desks, usize::from(desk)),
        ),
        (Scope::Firm, 0, tables.firm),
    ]
}

/// Run step 20.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (limits, market) = (&ctx.tables.limits, ctx.order.market);
    let missing = super::threshold::missing;
    let level = limits
        .set(Scope::Account, market, u32::from(ctx.customer.group))
        .level(Metric::OpenOrders)
        .ok_or_else(|| missing(Scope::Account, Metric::OpenOrders))?;
    let open = i64::from(ctx.account.open_orders) + 1;
    ctx.warns.others |= level.warns(open);
    if open > level.block {
        ctx.fail(Code::OpenOrders, level.block, open)?;
    }
    for (scope, id, row) in value_scopes(ctx) {
        let set = limits.set(scope, market, id);
        for (metric, code, base) in [
            (Metric::OpenValue, Code::OpenValue, row.open_e5),
            (Metric::ExecutedValue, Code::ExecutedValue, row.traded_e5),
        ] {
            let level = set.level(metric).ok_or_else(|| missing(scope, metric))?;
            let total = base.saturating_add(ctx.value_e5);
            ctx.warns.others |= level.warns(total);
            if total > level.block {
                ctx.fail(code, level.block, total)?;
            }
        }
    }
    if ctx.buy {
        let level = limits
            .set(Scope::Security, market, u32::from(ctx.security.rule))
            .level(Metric::SecurityValue)
            .ok_or_else(|| missing(Scope::Security, Metric::SecurityValue))?;
        let total = security_value(ctx).saturating_add(ctx.value_e5);
        ctx.warns.others |= level.warns(total);
        if total > level.block {
            ctx.fail(Code::SecurityValue, level.block, total)?;
        }
    }
    Ok(())
}

/// Open and traded buys of the firm in the security of an order.
#[must_use]
pub fn security_value(ctx: &Ctx<'_>) -> i64 {
    let row = ctx.security;
    row.open_buy_e5.saturating_add(row.traded_buy_e5)
}

/// Run step 21.
///
/// # Errors
/// `OrdersFull`, `EventsFull`, `FillsFull` or `HoldingsFull`.
pub fn check_capacity(ctx: &Ctx<'_>) -> Result<(), Denied> {
    let (tables, capacity) = (ctx.tables, &ctx.tables.capacity);
    let full = |code, limit: u32| Err(Denied::new(code, i64::from(limit), i64::from(limit)));
    if tables.orders.len() >= capacity.orders as usize || tables.ids.is_full() {
        return full(Code::OrdersFull, capacity.orders);
    }
    if tables.rates.is_full() {
        return full(Code::EventsFull, capacity.events);
    }
    if tables.fills.is_full() {
        return full(Code::FillsFull, capacity.fills);
    }
    let new_holding = ctx.buy && ctx.holding_at == NONE;
    if new_holding && tables.holdings.len() >= capacity.holdings as usize {
        return full(Code::HoldingsFull, capacity.holdings);
    }
    Ok(())
}
