//! Step 19: thresholds (阈值管理): rates per scope, declared program rates, quick cancels, cancel ratios.
//!
//! The rates must have been brought up to now (`Rates::expire`) before the checks run.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Metric, Param, Scope};
use crate::rate::{Counts, RateKeys};
use crate::table::party::AccountRow;

/// The metrics of every rate scope with their refusals, in the order of the counts.
pub const RATE_METRICS: [(Metric, Code); 4] = [
    (Metric::SlidingSecond, Code::RateSlidingSecond),
    (Metric::CalendarSecond, Code::RateCalendarSecond),
    (Metric::Minute, Code::RateMinute),
    (Metric::Day, Code::RateDay),
];

/// The counts in the order of [`RATE_METRICS`].
#[must_use]
pub const fn in_order(counts: &Counts) -> [i64; 4] {
    [counts.sliding, counts.second, counts.minute, counts.day]
}

/// A limit row is missing.
#[must_use]
pub fn missing(scope: Scope, metric: Metric) -> Denied {
    let (limit, found) = (i64::from(scope.number()), i64::from(metric.number()));
    Denied::new(Code::ThresholdMissing, limit, found)
}

/// Whose rates an order counts in.
#[must_use]
pub fn rate_keys(ctx: &Ctx<'_>) -> RateKeys {
    RateKeys {
        account: ctx.account_at,
        client: ctx.order.client,
        pbu: u8::try_from(ctx.pbu_at).unwrap_or(u8::MAX),
        strategy: ctx.strategy,
    }
}

/// Run step 19.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let counts = ctx
        .tables
        .rates
        .counts(rate_keys(ctx), ctx.tables.day_ns(), 1);
    let scopes = [
        (Scope::Account, u32::from(ctx.customer.group)),
        (Scope::Client, u32::from(ctx.order.client)),
        (Scope::Pbu, u32::from(ctx.pbu.pbu_no)),
        (Scope::Strategy, u32::from(ctx.strategy)),
    ];
    for ((scope, id), counts) in scopes.into_iter().zip(&counts) {
        if scope == Scope::Strategy && id == 0 {
            continue;
        }
        check_rates(ctx, scope, id, counts)?;
    }
    let [account, ..] = counts;
    check_program(ctx, &account)?;
    check_cancels(ctx)
}

fn check_rates(
    ctx: &mut Ctx<'_>,
    scope: Scope,
    id: u32,
    counts: &Counts,
) -> Result<(), Denied> {
    let set = ctx.tables.limits.set(scope, id);
    for ((metric, code), count) in RATE_METRICS.into_iter().zip(in_order(counts)) {
        let level = set.level(metric).ok_or_else(|| missing(scope, metric))?;
        if count > level.block {
            ctx.fail(code, level.block, count)?;
        }
    }
    Ok(())
}

fn check_program(ctx: &mut Ctx<'_>, counts: &Counts) -> Result<(), Denied> {
    if !ctx.program {
        return Ok(());
    }
    let (rate, day) = (
        i64::from(ctx.customer.program_rate),
        i64::from(ctx.customer.program_day),
    );
    let count = counts.sliding.max(counts.second);
    if count > rate {
        ctx.fail(Code::ProgramRate, rate, count)?;
    }
    if counts.day > day {
        ctx.fail(Code::ProgramDay, day, counts.day)?;
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
    let base = ctx.tables.params.get(Param::RatioBaseCount, ctx.order.market);
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
        let level = set.level(metric).ok_or_else(|| missing(Scope::Account, metric))?;
        if found > level.block {
            ctx.fail(code, level.block, found)?;
        }
    }
    Ok(())
}
