//! The trading day as a table: phases of the market and states of the gateways' platforms.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 2.2 and 3.2.3 (states, the five seconds of pre-open); SZSE
//! Binary trading interface v1.32, table 3-1 and 5.3; trading rules of both exchanges for the call
//! auctions. That Shenzhen's platform halts from 09:25 to 09:30 is our reading.

use serde::Deserialize;

/// What the market does with orders.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the day or after it.
    Closed,
    /// Opening call auction, cancels allowed.
    OpeningCall,
    /// Opening call auction, cancels refused.
    OpeningCallNoCancel,
    /// Between opening call and continuous trading.
    OpeningPause,
    /// Continuous trading.
    Continuous,
    /// Midday.
    Noon,
    /// Closing call auction, cancels refused.
    ClosingCall,
    /// After the close, before fixed-price matching.
    FixedPause,
    /// Matching at the closing price.
    FixedPrice,
}

impl Phase {
    /// Whether orders gather without matching.
    #[must_use]
    pub fn is_call(self) -> bool {
        matches!(
            self,
            Self::OpeningCall | Self::OpeningCallNoCancel | Self::ClosingCall
        )
    }
}

/// From this moment on the phase and the states hold.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Nanoseconds of the Shanghai day.
    pub at_ns: u64,
    /// Phase of the market.
    pub phase: Phase,
    /// State of the auction platform in the gateway's own numbers.
    pub state: u16,
    /// State of Shenzhen's platform for after-hours fixed price.
    #[serde(default)]
    pub state_fixed: u16,
}

const fn at(hour: u64, minute: u64, second: u64) -> u64 {
    ((hour * 60 + minute) * 60 + second) * 1_000_000_000
}

const fn step(at_ns: u64, phase: Phase, state: u16, state_fixed: u16) -> Step {
    Step {
        at_ns,
        phase,
        state,
        state_fixed,
    }
}

/// Shanghai: 0 `NotOpen`, 1 `PreOpen`, 2 `Open`, 3 `Break`, 4 `Close`.
pub const SSE_DAY: &[Step] = &[
    step(0, Phase::Closed, 0, 0),
    step(at(9, 14, 55), Phase::Closed, 1, 0),
    step(at(9, 15, 0), Phase::OpeningCall, 2, 0),
    step(at(9, 20, 0), Phase::OpeningCallNoCancel, 2, 0),
    step(at(9, 25, 0), Phase::OpeningPause, 3, 0),
    step(at(9, 29, 55), Phase::OpeningPause, 1, 0),
    step(at(9, 30, 0), Phase::Continuous, 2, 0),
    step(at(11, 30, 0), Phase::Noon, 3, 0),
    step(at(12, 59, 55), Phase::Noon, 1, 0),
    step(at(13, 0, 0), Phase::Continuous, 2, 0),
    step(at(14, 57, 0), Phase::ClosingCall, 2, 0),
    step(at(15, 0, 0), Phase::Closed, 4, 0),
];

/// Shenzhen: 0 `PreOpen`, 1 `OpenUpComing`, 2 `Open`, 3 `Halt`, 4 `Close`.
pub const SZSE_DAY: &[Step] = &[
    step(0, Phase::Closed, 0, 0),
    step(at(9, 14, 55), Phase::Closed, 1, 1),
    step(at(9, 15, 0), Phase::OpeningCall, 2, 2),
    step(at(9, 20, 0), Phase::OpeningCallNoCancel, 2, 2),
    step(at(9, 25, 0), Phase::OpeningPause, 3, 2),
    step(at(9, 29, 55), Phase::OpeningPause, 1, 2),
    step(at(9, 30, 0), Phase::Continuous, 2, 2),
    step(at(11, 30, 0), Phase::Noon, 3, 3),
    step(at(12, 59, 55), Phase::Noon, 1, 1),
    step(at(13, 0, 0), Phase::Continuous, 2, 2),
    step(at(14, 57, 0), Phase::ClosingCall, 2, 2),
    step(at(15, 0, 0), Phase::FixedPause, 4, 2),
    step(at(15, 5, 0), Phase::FixedPrice, 4, 2),
    step(at(15, 30, 0), Phase::Closed, 4, 4),
];

/// Walks a day's table forwards.
#[derive(Clone, Debug)]
pub struct Schedule {
    steps: Vec<Step>,
    midnight_ns: u64,
    next: usize,
}

impl Schedule {
    /// Walk a table from the midnight of a trade date, given in ns since the Unix epoch.
    #[must_use]
    pub fn new(steps: &[Step], midnight_ns: u64) -> Self {
        Self {
            steps: steps.to_vec(),
            midnight_ns,
            next: 0,
        }
    }

    /// The moment of the next step.
    #[must_use]
    pub fn next_ns(&self) -> Option<u64> {
        self.steps
            .get(self.next)
            .map(|step| self.midnight_ns + step.at_ns)
    }

    /// Take the next step if its moment has come.
    pub fn take(&mut self, now_ns: u64) -> Option<Step> {
        let due = self.next_ns().is_some_and(|at_ns| at_ns <= now_ns);
        let step = due.then(|| self.steps[self.next]);
        self.next += usize::from(due);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, SSE_DAY, SZSE_DAY, Schedule, at};

    #[test]
    fn every_open_is_announced_five_seconds_before() {
        for day in [SSE_DAY, SZSE_DAY] {
            assert!(day.windows(2).all(|pair| pair[0].at_ns < pair[1].at_ns));
            let opens = day
                .windows(2)
                .filter(|pair| pair[0].state != 2 && pair[1].state == 2);
            let ahead: Vec<_> = opens
                .map(|pair| (pair[0].state, pair[1].at_ns - pair[0].at_ns))
                .collect();
            assert_eq!(ahead, [(1, 5_000_000_000); 3]);
        }
    }

    #[test]
    fn steps_come_once_and_in_order() {
        let mut schedule = Schedule::new(SSE_DAY, 1000);
        assert_eq!(schedule.take(999), None);
        assert_eq!(
            schedule.take(1000).map(|step| step.phase),
            Some(Phase::Closed)
        );
        assert_eq!(schedule.take(1000), None);
        let late = 1000 + at(9, 20, 0);
        let phases: Vec<_> = std::iter::from_fn(|| schedule.take(late))
            .map(|s| s.phase)
            .collect();
        assert_eq!(
            phases,
            [
                Phase::Closed,
                Phase::OpeningCall,
                Phase::OpeningCallNoCancel
            ]
        );
        assert_eq!(schedule.next_ns(), Some(1000 + at(9, 25, 0)));
    }
}
