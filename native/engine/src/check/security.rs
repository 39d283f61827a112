//! Steps 9, 13 and 14: the security, the time, the gateway.

use crate::check::price::after_close;
use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{OrderType, Param, Phase, Policy, Scope, security_flag};
use crate::table::security::SecurityRow;
use crate::table::tables::Tables;

/// State number of a security that is not listed.
const NOT_LISTED: u8 = 0;
/// State number of a security halted within the day.
pub const HALTED_WITHIN_DAY: u8 = 2;
/// State number of a suspended security.
pub const SUSPENDED: u8 = 3;
/// Gateway states.
const GATEWAY_DOWN: u8 = 0;
const GATEWAY_PRE_OPEN: u8 = 2;
const GATEWAY_OPEN: u8 = 3;

/// Run step 9.
///
/// # Errors
/// The first failing check.
pub fn check_security(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (tables, order) = (ctx.tables, ctx.order);
    let unknown = Denied::plain(Code::SecurityUnknown);
    let at = ctx.found.security.ok_or(unknown)?;
    ctx.security = tables.securities.get(at as usize).ok_or(unknown)?;
    ctx.security_at = at;
    ctx.check_state(Scope::Security, ctx.security.trading)?;
    ctx.rule = tables
        .rules
        .get(usize::from(ctx.security.rule))
        .filter(|rule| rule.rule != 0 && rule.market == order.market)
        .ok_or(Denied::plain(Code::RuleMissing))?;
    if let Err(denied) = check_listed(tables, ctx.security) {
        ctx.fail(denied.code, denied.limit, denied.found)?;
    }
    if ctx.security.state == SUSPENDED {
        ctx.fail(Code::SecuritySuspended, 0, 0)?;
    }
    let closed = if ctx.buy {
        security_flag::NO_BUY
    } else {
        security_flag::NO_SELL
    };
    if ctx.security.flags & closed != 0 {
        ctx.fail(Code::SideNotAllowed, 0, 0)?;
    }
    Ok(())
}

/// A security must be listed, and its first day must have come; a date of 0 is none.
///
/// # Errors
/// `SecurityNotListed`.
pub fn check_listed(tables: &Tables, security: &SecurityRow) -> Result<(), Denied> {
    let (listed, today) = (security.list_date, tables.day.trade_date);
    if security.state == NOT_LISTED || listed == 0 || listed > today {
        let (today, listed) = (i64::from(today), i64::from(listed));
        return Err(Denied::new(Code::SecurityNotListed, today, listed));
    }
    Ok(())
}

/// What a number of a policy column means; an unknown number refuses.
#[must_use]
pub fn policy_of(number: u8) -> Policy {
    Policy::from_number(number).unwrap_or(Policy::Reject)
}

/// Run step 13.
///
/// # Errors
/// The first failing check.
pub fn check_window(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (tables, order, rule) = (ctx.tables, ctx.order, ctx.rule);
    let kind = OrderType::from_number(order.order_type).ok_or(Denied::plain(Code::TypeUnknown))?;
    if ctx.is_recovered() {
        ctx.policy = Policy::Accept;
        return Ok(());
    }
    ctx.window = tables
        .clock
        .window(order.market, ctx.security.rule, tables.day_ns())
        .ok_or(Denied::plain(Code::PhaseMissing))?;
    let fixed = kind == OrderType::Fixed;
    ctx.policy = policy_of(if fixed {
        ctx.window.fixed_policy
    } else {
        ctx.window.order_policy
    });
    if ctx.policy == Policy::Reject {
        ctx.fail(Code::OutsideWindow, 0, i64::from(ctx.window.phase))?;
        ctx.policy = Policy::Accept;
    }
    if fixed {
        let halted = ctx.security.state == HALTED_WITHIN_DAY && after_close(ctx.window.phase);
        if halted || ctx.security.flags & security_flag::FIXED_PRICE == 0 {
            ctx.fail(Code::FixedNotAllowed, 0, i64::from(ctx.security.state))?;
        }
    }
    let allowed = if fixed {
        rule.types_fixed
    } else if ctx.window.phase == Phase::Continuous.number() {
        rule.types_continuous
    } else {
        rule.types_call
    };
    let unlimited = kind.is_market()
        && ctx.security.flags & security_flag::NO_LIMIT != 0
        && rule.market_no_limit == 0;
    if unlimited || allowed >> kind.number() & 1 == 0 {
        ctx.fail(Code::TypeNotAllowed, 0, i64::from(kind.number()))?;
    }
    Ok(())
}

/// Run step 14; the policy becomes queue where the gateway's state says so.
///
/// # Errors
/// The first failing check.
pub fn check_gateway(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let gateway = ctx.pbu.gateway_of(ctx.order.order_type);
    let row = ctx
        .tables
        .gateways
        .get(usize::from(gateway))
        .filter(|_| gateway != 0)
        .ok_or(Denied::plain(Code::GatewayUnknown))?;
    if ctx.is_recovered() {
        return Ok(());
    }
    let not_ready = Denied::new(Code::GatewayNotReady, 0, i64::from(row.state));
    match row.state {
        GATEWAY_OPEN => Ok(()),
        GATEWAY_PRE_OPEN => {
            let param = ctx
                .tables
                .params
                .get(Param::GatewayPreOpen, ctx.order.market);
            match u8::try_from(param).map_or(Policy::Reject, policy_of) {
                Policy::Reject => return Err(not_ready),
                Policy::Accept => {}
                Policy::Queue => ctx.policy = Policy::Queue,
            }
            Ok(())
        }
        GATEWAY_DOWN => Err(not_ready),
        _ if ctx.policy == Policy::Queue => Ok(()),
        _ => Err(not_ready),
    }
}
