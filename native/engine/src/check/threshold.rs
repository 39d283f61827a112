//! Step 19: thresholds (阈值管理): rates, declared program rates, quick cancels and cancel ratios.
//!
//! The rates must have been brought up to now (`Rates::expire`) before the checks run.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Metric, Param, Scope};
use crate::rate::{Counted, Counts, RATE_SCOPES, Tick};
use crate::table::order::NONE;

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

/// One scope that an order is judged in.
#[derive(Clone, Copy)]
struct Judged {
    scope: Scope,
    /// Number of its limit rows.
    id: u32,
    /// Place of its counters.
    place: u32,
}

impl Judged {
    fn counts(self, ctx: &Ctx<'_>) -> Counts {
        let tables = ctx.tables;
        tables
            .rates
            .with_next(self.place, Tick::of(tables.day_ns()))
    }
}

/// The scopes of an order in the order of their checks; without a strategy the last one is none.
fn scopes(ctx: &Ctx<'_>) -> [Judged; RATE_SCOPES] {
    let gateway_no = ctx.pbu.gateway_of(ctx.order.order_type);
    let places = ctx.tables.rates.places(&Counted {
        account: ctx.account_at,
        client: ctx.order.client,
        gateway: gateway_no,
        strategy: ctx.strategy,
        pbu: u8::try_from(ctx.pbu_at).unwrap_or(u8::MAX),
    });
    let [account, client, pbu, gateway, strategy] = places.of;
    let judged = |scope, id, place| Judged { scope, id, place };
    [
        judged(Scope::Account, u32::from(ctx.customer.group), account),
        judged(Scope::Client, u32::from(ctx.order.client), client),
        judged(Scope::Pbu, u32::from(ctx.pbu.pbu_no), pbu),
        judged(Scope::Gateway, u32::from(gateway_no), gateway),
        judged(Scope::Strategy, u32::from(ctx.strategy), strategy),
    ]
}

/// Run step 19: compare everything at once; only what does not fit is looked at one by one, in the order of the step.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let tables = ctx.tables;
    let (market, group) = (ctx.order.market, ctx.customer.group);
    let base = tables.params.get_for(Param::RatioBaseCount, market, group);
    let tick = Tick::of(tables.day_ns());
    let scopes = scopes(ctx);
    let (mut fits, mut warns) = (true, false);
    for row in &scopes {
        if row.place == NONE {
            continue;
        }
        let set = tables.limits.set(row.scope, market, row.id);
        let counts = tables.rates.with_next(row.place, tick).of;
        fits &= set.allows_rates(counts);
        warns |= set.warns_of_rates(counts);
        fits &= match tables.rates.conduct(row.place) {
            Some(conduct) => set.allows_conduct(conduct, base),
            None => set.allows_conduct(&ctx.account.conduct(), base),
        };
    }
    ctx.warns.rates = warns;
    if ctx.program || !fits {
        return check_each(ctx, &scopes, fits, base);
    }
    Ok(())
}

fn check_each(
    ctx: &mut Ctx<'_>,
    scopes: &[Judged; RATE_SCOPES],
    fits: bool,
    base: i64,
) -> Result<(), Denied> {
    let rows = || scopes.iter().filter(|row| row.place != NONE);
    if !fits {
        for row in rows() {
            check_rates(ctx, *row)?;
        }
    }
    if ctx.program {
        let [account, ..] = scopes;
        let counts = account.counts(ctx);
        check_program(ctx, &counts)?;
    }
    if !fits {
        for row in rows() {
            check_conduct(ctx, *row, base)?;
        }
    }
    Ok(())
}

#[cold]
fn check_rates(ctx: &mut Ctx<'_>, row: Judged) -> Result<(), Denied> {
    let counts = row.counts(ctx);
    for ((metric, code), count) in RATE_METRICS.into_iter().zip(counts.of) {
        compare(ctx, row, (metric, code), i64::from(count))?;
    }
    Ok(())
}

fn compare(
    ctx: &mut Ctx<'_>,
    row: Judged,
    (metric, code): (Metric, Code),
    found: i64,
) -> Result<(), Denied> {
    let level = ctx
        .tables
        .limits
        .set(row.scope, ctx.order.market, row.id)
        .level(metric);
    let level = level.ok_or_else(|| missing(row.scope, metric))?;
    if found > level.block {
        ctx.fail(code, level.block, found)?;
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

#[cold]
fn check_conduct(ctx: &mut Ctx<'_>, row: Judged, base: i64) -> Result<(), Denied> {
    let conduct = match ctx.tables.rates.conduct(row.place) {
        Some(conduct) => *conduct,
        None => ctx.account.conduct(),
    };
    let [count, value] = if i64::from(conduct.orders) >= base {
        conduct.ratios_bp()
    } else {
        [0; 2]
    };
    for (metric, code, found) in [
        (
            Metric::QuickCancels,
            Code::QuickCancels,
            i64::from(conduct.quick_cancels),
        ),
        (Metric::CancelCountRatio, Code::CancelCountRatio, count),
        (Metric::CancelValueRatio, Code::CancelValueRatio, value),
    ] {
        compare(ctx, row, (metric, code), found)?;
    }
    Ok(())
}
