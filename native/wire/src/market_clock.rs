//! Market time as a function of wall time: a day played faster than it was, in segments.
//!
//! Gate and simulated exchange read the same description, so that both are at the same market
//! moment at the same wall moment.

use crate::error::WireError;
use crate::time::unix_ns;

/// A part of the trading day and the wall time it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Market time at its start, nanoseconds of the Shanghai day.
    pub from_ns_of_day: u64,
    /// Market time at its end.
    pub to_ns_of_day: u64,
    /// Wall milliseconds it takes; 0: it is skipped.
    pub wall_ms: u64,
}

/// Where market time comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MarketClock {
    /// Market time is wall time.
    #[default]
    Wall,
    /// Market time follows segments, one after the other.
    Segments {
        /// Wall moment at which the first segment starts, ns since the Unix epoch.
        start_unix_ns: u64,
        /// Midnight of the trade date in Shanghai, ns since the Unix epoch.
        midnight_unix_ns: u64,
        /// The segments in order.
        segments: Vec<Segment>,
    },
}

impl MarketClock {
    /// A clock that plays segments of a trade date from a wall moment on.
    ///
    /// # Errors
    /// When the date is no day, or a segment ends before it starts or before an earlier one.
    pub fn new(
        trade_date: u32,
        start_unix_ns: u64,
        segments: Vec<Segment>,
    ) -> Result<Self, WireError> {
        let midnight_unix_ns = unix_ns(trade_date, 0)?;
        let mut before = 0;
        for segment in &segments {
            if segment.from_ns_of_day < before || segment.to_ns_of_day < segment.from_ns_of_day {
                return Err(WireError::Time {
                    form: "segments of a market clock in order, each ending after its start",
                    value: segment.from_ns_of_day,
                });
            }
            before = segment.to_ns_of_day;
        }
        Ok(Self::Segments {
            start_unix_ns,
            midnight_unix_ns,
            segments,
        })
    }

    /// Market time at a wall moment, both ns since the Unix epoch; it never runs backwards.
    ///
    /// Before the start the first segment's beginning holds, after the last one its end.
    #[must_use]
    pub fn market_ns(&self, wall_ns: u64) -> u64 {
        let Self::Segments {
            start_unix_ns,
            midnight_unix_ns,
            segments,
        } = self
        else {
            return wall_ns;
        };
        let mut elapsed = wall_ns.saturating_sub(*start_unix_ns);
        let mut at = segments.first().map_or(0, |first| first.from_ns_of_day);
        for segment in segments {
            let wall = segment.wall_ms.saturating_mul(1_000_000);
            if elapsed < wall {
                let length = u128::from(segment.to_ns_of_day - segment.from_ns_of_day);
                let into = length * u128::from(elapsed) / u128::from(wall);
                at = segment.from_ns_of_day + u64::try_from(into).unwrap_or(0);
                return midnight_unix_ns + at;
            }
            elapsed -= wall;
            at = segment.to_ns_of_day;
        }
        midnight_unix_ns + at
    }

    /// Whether the last segment has been played; a wall clock never ends.
    #[must_use]
    pub fn is_over(&self, wall_ns: u64) -> bool {
        match self {
            Self::Wall => false,
            Self::Segments {
                start_unix_ns,
                segments,
                ..
            } => {
                let total: u64 = segments.iter().map(|segment| segment.wall_ms).sum();
                wall_ns >= start_unix_ns.saturating_add(total.saturating_mul(1_000_000))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MarketClock, Segment};
    use crate::time::unix_ns;

    const HOUR: u64 = 3_600_000_000_000;

    fn segment(from: u64, to: u64, wall_ms: u64) -> Segment {
        Segment {
            from_ns_of_day: from * HOUR,
            to_ns_of_day: to * HOUR,
            wall_ms,
        }
    }

    #[test]
    fn segments_are_played_one_after_the_other() {
        let segments = vec![
            segment(9, 11, 1000),
            segment(13, 13, 0),
            segment(13, 15, 500),
        ];
        let clock = MarketClock::new(20_230_711, 1_000, segments).unwrap();
        let at = |wall: u64| clock.market_ns(wall) - unix_ns(20_230_711, 0).unwrap();
        assert_eq!(at(0), 9 * HOUR);
        assert_eq!(at(1_000 + 500_000_000), 10 * HOUR);
        assert_eq!(at(1_000 + 1_000_000_000), 13 * HOUR);
        assert_eq!(at(1_000 + 1_250_000_000), 14 * HOUR);
        assert_eq!(at(u64::MAX), 15 * HOUR);
        assert!(!clock.is_over(1_000) && clock.is_over(1_000 + 1_500_000_000));
        assert_eq!(MarketClock::Wall.market_ns(7), 7);
    }

    #[test]
    fn segments_out_of_order_are_refused() {
        for wrong in [
            vec![segment(11, 9, 1)],
            vec![segment(9, 11, 1), segment(10, 12, 1)],
        ] {
            assert!(MarketClock::new(20_230_711, 0, wrong).is_err());
        }
    }
}
