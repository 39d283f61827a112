//! The one place of the gate that reads clocks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use panshi_wire::market_clock::MarketClock;
use rustix::time::{ClockId, clock_gettime};

/// One moment on the three clocks that the gate uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Nanoseconds since the gate started; never runs backwards.
    pub mono_ns: u64,
    /// Wall time, ns since the Unix epoch; written beside journal records.
    pub wall_ns: u64,
    /// Market time, ns since the Unix epoch; what the engine sees.
    pub market_ns: u64,
    /// Nanoseconds since the machine was booted, the time that it slept included: the same for all its processes.
    pub boot_ns: u64,
}

/// The machine's wall time, ns since the Unix epoch, for what no moment of the loop can be had.
#[must_use]
pub fn wall_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds since the machine was booted.
#[must_use]
pub fn boot_ns() -> u64 {
    let now = clock_gettime(ClockId::Boottime);
    let (seconds, part) = (now.tv_sec.cast_unsigned(), now.tv_nsec.cast_unsigned());
    seconds.saturating_mul(1_000_000_000).saturating_add(part)
}

/// Reads the machine's monotonic clock and derives the others from it.
///
/// Wall time is read once and then follows the monotonic clock, so that a step of the machine's
/// clock inside the day can neither reorder records nor move a trading window.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    wall_start_ns: u64,
    market: MarketClock,
}

impl Clock {
    /// Start the clocks.
    #[must_use]
    pub fn start(market: MarketClock) -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            start: Instant::now(),
            wall_start_ns: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX),
            market,
        }
    }

    /// Moment at which the clocks were started.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.start
    }

    /// Nanoseconds since the start.
    #[inline]
    #[must_use]
    pub fn mono_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// How far the machine's wall clock is ahead of the wall time that is used here, in ns.
    #[must_use]
    pub fn machine_offset_ns(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let machine_ns = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
        machine_ns.saturating_sub_unsigned(self.wall_start_ns + self.mono_ns())
    }

    /// This moment.
    #[inline]
    #[must_use]
    pub fn now(&self) -> Now {
        let mono_ns = self.mono_ns();
        let wall_ns = self.wall_start_ns + mono_ns;
        let market_ns = self.market.market_ns(wall_ns);
        Now {
            mono_ns,
            wall_ns,
            market_ns,
            boot_ns: boot_ns(),
        }
    }
}
