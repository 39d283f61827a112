//! Step 19: thresholds (阈值管理): rates per scope, declared program rates, quick cancels, cancel ratios.
//!
//! The rates must have been brought up to now (`Rates::expire`) before the checks run.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Metric, Param, Scope};
use crate::rate::{Counts, Places};
use crate::table::party::AccountRow;

/// The metrics of every rate scope with their refusals, in the order of the counts.
pub const RATE_METRICS: [(Metric, Code); 4] = [
    (Metric::SlidingSecond, Code::RateSlidingSecond),
    (Metric::CalendarSecond, Code::RateCalendarSecond),
    (Metric::Minute, Code::RateMinute),
    (Metric::Day, Code::RateDay),
];

/// A limit row is missing.
#[must_use]
pub fn missing(scope: Scope, metric: Metric) -> Denied {
    let (limit, found) = (i64::from(scope.number()), i64::from(metric.number()));
    Denied::new(Code::ThresholdMissing, limit, found)
}

/// Whose rates an order counts in.
#[must_use]
pub fn places(ctx: &Ctx<'_>) -> Places {
    let pbu = u8::try_from(ctx.pbu_at).unwrap_or(u8::MAX);
    let rates = &ctx.tables.rates;
    rates.places(ctx.account_at, ctx.order.client, pbu, ctx.strategy)
}

/// Run step 19.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let [account, client, pbu, strategy] = places(ctx).of;
    let group = u32::from(ctx.customer.group);
    let counts = check_scope(ctx, Scope::Account, group, account)?;
    check_scope(ctx, Scope::Client, u32::from(ctx.order.client), client)?;
    check_scope(ctx, Scope::Pbu, u32::from(ctx.pbu.pbu_no), pbu)?;
    if ctx.strategy != 0 {
        let number = u32::from(ctx.strategy);
        check_scope(ctx, Scope::Strategy, number, strategy)?;
    }
    if ctx.program {
        check_program(ctx, &counts)?;
    }
    check_cancels(ctx)
}

/// Compare the four rates of one scope number at once; only what does not fit is looked at one by one.
#[inline]
fn check_scope(ctx: &mut Ctx<'_>, scope: Scope, id: u32, place: u32) -> Result<Counts, Denied> {
    let tables = ctx.tables;
    let counts = tables.rates.with_next(place, tables.day_ns());
    if !tables.limits.set(scope, id).allows_rates(counts.of) {
        check_rates(ctx, scope, id, &counts)?;
    }
    Ok(counts)
}

#[cold]
fn check_rates(ctx: &mut Ctx<'_>, scope: Scope, id: u32, counts: &Counts) -> Result<(), Denied> {
    let set = ctx.tables.limits.set(scope, id);
    for ((metric, code), count) in RATE_METRICS.into_iter().zip(counts.of) {
        let count = i64::from(count);
        let level = set.level(metric).ok_or_else(|| missing(scope, metric))?;
        if count > level.block {
            ctx.fail(code, level.block, count)?;
        }
    }
    Ok(())
}

fn check_program(ctx: &mut Ctx<'_>, counts: &Counts) -> Result<(), Denied> {
    let (rate, day) = (
        i64::from(ctx.customer.program_rate),
        i64::from(ctx.customer.program_day),
    );
    let (count, in_day) = (i64::from(counts.in_a_second()), i64::from(counts.in_day()));
    if count > rate {
        ctx.fail(Code::ProgramRate, rate, count)?;
    }
    if in_day > day {
        ctx.fail(Code::ProgramDay, day, in_day)?;
    }
    Ok(())
}

/// Cancel ratios of an account by count and by value, basis points.
#[must_use]
pub fn ratios_bp(account: &AccountRow) -> [i64; 2] {
    let bp = |part: i128, whole: i128| {
        (part * 10_000)
            .checked_div(whole)
            .and_then(|ratio| i64::try_from(ratio).ok())
            .unwrap_or(0)
    };
    [
        bp(account.cancelled.into(), account.orders.into()),
        bp(account.cancelled_e5.into(), account.orders_e5.into()),
    ]
}

fn check_cancels(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let account = ctx.account;
    let set = ctx
        .tables
        .limits
        .set(Scope::Account, u32::from(ctx.customer.group));
    let base = ctx
        .tables
        .params
        .get(Param::RatioBaseCount, ctx.order.market);
    let judged = i64::from(account.orders) >= base;
    // A wide division is slow; most accounts have cancelled nothing.
    let [count, value] = if judged && account.cancelled > 0 {
        ratios_bp(account)
    } else {
        [0, 0]
    };
    let quick = i64::from(account.quick_cancels);
    for (metric, code, found) in [
        (Metric::QuickCancels, Code::QuickCancels, quick),
        (Metric::CancelCountRatio, Code::CancelCountRatio, count),
        (Metric::CancelValueRatio, Code::CancelValueRatio, value),
    ] {
        let level = set
            .level(metric)
            .ok_or_else(|| missing(Scope::Account, metric))?;
        if found > level.block {
            ctx.fail(code, level.block, found)?;
        }
    }
    Ok(())
}
