//! The clocks of the processes, all of them read off one virtual time.

use panshi_gate::clock::Now as GateNow;
use panshi_venue::venue::Now as VenueNow;

use crate::day::{BEGIN_NS, MIDNIGHT_NS};

/// Market time at a moment of the run, ns since the Unix epoch.
#[must_use]
pub const fn market_ns(now_ns: u64) -> u64 {
    MIDNIGHT_NS + BEGIN_NS + now_ns
}

/// The exchange's clocks: they are right.
#[must_use]
pub const fn venue_now(now_ns: u64) -> VenueNow {
    VenueNow {
        mono_ns: now_ns,
        market_ns: market_ns(now_ns),
    }
}

/// The clocks of one run of the gate. Its wall clock is read once, at the start, and may be wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct GateClock {
    started_ns: u64,
    wrong_by_ns: i64,
}

impl GateClock {
    /// The gate starts at a moment, its wall clock wrong by so much.
    #[must_use]
    pub const fn start(now_ns: u64, wrong_by_ns: i64) -> Self {
        Self {
            started_ns: now_ns,
            wrong_by_ns,
        }
    }

    /// The gate's clocks at a moment.
    #[must_use]
    pub const fn now(&self, now_ns: u64) -> GateNow {
        let wall_ns = market_ns(now_ns).saturating_add_signed(self.wrong_by_ns);
        GateNow {
            mono_ns: now_ns - self.started_ns,
            wall_ns,
            market_ns: wall_ns,
            boot_ns: now_ns,
        }
    }
}
