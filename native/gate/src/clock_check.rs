//! The own clock beside the exchange's.
//!
//! An order's first answer names the exchange's time. That time lies between the moment the order was sent and the
//! moment the answer was read, unless one of the clocks is wrong: by how much the own clock is at least ahead or
//! behind follows from the two, however slow the line is and however late a report is sent again.

use panshi_engine::kind::{OrderStatus, ReportKind};
use panshi_engine::record::flow::Report;
use panshi_wire::time::{ntime_to_ns, stamp_to_ns};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::conn::SECOND_NS;
use crate::convert::SSE;
use crate::gate::Gate;

const MS_NS: i64 = 1_000_000;

/// How far clocks may be apart.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockCheckConfig {
    /// Milliseconds at which the gate warns.
    pub warn_ms: u32,
}

impl Default for ClockCheckConfig {
    fn default() -> Self {
        Self { warn_ms: 1_000 }
    }
}

/// One comparison with an exchange's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The own clock is at least so far ahead, in ns; below zero: behind; 0: the clocks agree as far as can be seen.
    pub offset_ns: i64,
    /// Length of the time in which the exchange's must lie, in ns.
    pub within_ns: i64,
    /// Wall time of the comparison.
    pub at_ns: u64,
}

/// Compare the exchange's time of an answer, exact to `grain_ns`, with when the order was sent and the answer read.
#[must_use]
pub fn compare(sent_ns: i64, read_ns: i64, exchange_ns: i64, grain_ns: i64) -> i64 {
    if exchange_ns > read_ns {
        read_ns - exchange_ns
    } else {
        (sent_ns - exchange_ns - grain_ns).max(0)
    }
}

/// What is known of the clocks.
#[derive(Clone, Debug, Default)]
pub struct ClockWatch {
    /// Last sample of each gateway, by number.
    samples: Vec<(u16, Sample)>,
    /// How far the machine's clock has moved away since the start.
    machine_ns: i64,
    /// Clocks that were told of: gateway numbers, 0 for the machine's.
    warned: Vec<u16>,
    next_ns: u64,
}

impl Gate {
    /// Compare clocks by a report, once a second; call before the engine takes the report.
    pub(crate) fn check_clock(&mut self, report: &Report) {
        let (now, accepted) = (self.now.mono_ns, ReportKind::Accepted.number());
        if now < self.clocks.next_ns || report.kind != accepted {
            return;
        }
        let Some((number, false)) = self
            .engine
            .id(report.market, &report.pbu, &report.cl_ord_id)
        else {
            return;
        };
        let Some(order) = self.engine.order(number) else {
            return;
        };
        let sent_ns = order.sent_ns;
        if order.status != OrderStatus::Sent || sent_ns == 0 {
            return;
        }
        // The engine's time never runs backwards: behind a clock that was set back it is no clock for a while.
        if self.engine.now_ns() > self.now.market_ns {
            return;
        }
        let Some((of_day, grain)) = exchange_time(report) else {
            return;
        };
        let of_day = i64::try_from(self.book.day_start_ns + of_day).unwrap_or(i64::MAX);
        let (sent, read) = (signed(sent_ns), signed(self.now.market_ns));
        let offset_ns = compare(sent, read, of_day, grain);
        let sample = Sample {
            offset_ns,
            within_ns: read.saturating_sub(sent),
            at_ns: self.now.wall_ns,
        };
        self.clocks.next_ns = now + SECOND_NS;
        let samples = &mut self.clocks.samples;
        match samples.iter_mut().find(|row| row.0 == report.gateway) {
            Some(row) => row.1 = sample,
            None => samples.push((report.gateway, sample)),
        }
        self.judge_clock(report.gateway, offset_ns);
    }

    /// Take note of how far the machine's clock has moved away from the one that the gate started with.
    pub fn note_machine_clock(&mut self, offset_ns: i64) {
        self.clocks.machine_ns = offset_ns;
        self.judge_clock(0, offset_ns);
    }

    fn judge_clock(&mut self, gateway: u16, offset_ns: i64) {
        let bound_ns = u64::from(self.config.clock_check.warn_ms) * MS_NS.unsigned_abs();
        let over = offset_ns.unsigned_abs() >= bound_ns;
        let known = self.clocks.warned.contains(&gateway);
        if over == known {
            return;
        }
        let event = if gateway == 0 {
            "machine clock has moved since the start"
        } else {
            "own clock differs from the exchange's"
        };
        let warn_ms = self.config.clock_check.warn_ms;
        let fields = json!({
            "gateway": gateway, "offset_ns": offset_ns, "warn_ms": warn_ms, "over": over,
        });
        self.note(if over { "warning" } else { "info" }, event, fields);
        if over {
            self.clocks.warned.push(gateway);
        } else {
            self.clocks.warned.retain(|row| *row != gateway);
        }
    }

    /// The clocks for status displays.
    #[must_use]
    pub(crate) fn clock_row(&self) -> Value {
        let rows = self.clocks.samples.iter().map(|(gateway, sample)| {
            json!({
                "gateway": gateway, "offset_ns": sample.offset_ns, "within_ns": sample.within_ns,
                "at_ns": sample.at_ns, "over": self.clocks.warned.contains(gateway),
            })
        });
        json!({
            "warn_ms": self.config.clock_check.warn_ms, "machine_offset_ns": self.clocks.machine_ns,
            "machine_over": self.clocks.warned.contains(&0), "gateways": rows.collect::<Vec<_>>(),
        })
    }

    /// The largest known distance from an exchange's clock, in ns.
    pub(crate) fn clock_offset_ns(&self) -> u64 {
        let offsets = self.clocks.samples.iter();
        offsets
            .map(|(_, sample)| sample.offset_ns.unsigned_abs())
            .max()
            .unwrap_or(0)
    }
}

fn signed(ns: u64) -> i64 {
    i64::try_from(ns).unwrap_or(i64::MAX)
}

/// Time of the day in a report, and how exact it is.
fn exchange_time(report: &Report) -> Option<(u64, i64)> {
    if report.market == SSE {
        return ntime_to_ns(report.transact_time).ok().map(|ns| (ns, 100));
    }
    let (_, ns) = stamp_to_ns(report.transact_time.cast_signed()).ok()?;
    Some((ns, MS_NS))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_time_between_sending_and_reading_shows_nothing() {
        assert_eq!(compare(1_000, 5_000, 1_000, 0), 0);
        assert_eq!(compare(1_000, 5_000, 5_000, 0), 0);
        // A time of whole milliseconds may have been cut off by one.
        assert_eq!(compare(1_900, 5_000, 1_000, 1_000), 0);
    }

    #[test]
    fn a_time_outside_shows_how_wrong_the_clock_is_at_least() {
        assert_eq!(compare(1_000, 5_000, 400, 0), 600, "ahead");
        assert_eq!(compare(1_000, 5_000, 7_000, 0), -2_000, "behind");
        assert_eq!(compare(3_000, 5_000, 1_000, 1_000), 1_000);
    }
}
