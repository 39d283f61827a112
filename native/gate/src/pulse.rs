//! Whether the serving loop still turns: whoever speaks for the gate from another thread asks here first.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Longest time that counts between two looks: a process that was held up as a whole must not blame its loop.
const LOOK_MAX: Duration = Duration::from_millis(50);

/// The turns of the serving loop.
#[derive(Debug, Default)]
pub struct Pulse {
    turns: AtomicU64,
    ended: AtomicBool,
}

impl Pulse {
    /// The loop has begun a turn.
    #[inline]
    pub fn turn(&self) {
        // Only the loop writes.
        let turns = self.turns.load(Ordering::Relaxed);
        self.turns.store(turns.wrapping_add(1), Ordering::Release);
    }

    /// The loop is over, in order; what follows may take its time.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// A number that changes with every turn.
    #[must_use]
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }
}

/// Looks at a pulse again and again, and says how long it has stood still.
#[derive(Debug)]
pub struct PulseWatch {
    turns: u64,
    still: Duration,
    looked: Instant,
}

impl PulseWatch {
    /// Begin to look.
    #[must_use]
    pub fn new(pulse: &Pulse, now: Instant) -> Self {
        Self {
            turns: pulse.turns(),
            still: Duration::ZERO,
            looked: now,
        }
    }

    /// Look: how long the loop has not turned, as far as this thread itself was running.
    pub fn look(&mut self, pulse: &Pulse, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.looked).min(LOOK_MAX);
        self.looked = now;
        let turns = pulse.turns();
        if turns != self.turns || pulse.ended.load(Ordering::Acquire) {
            self.turns = turns;
            self.still = Duration::ZERO;
        } else {
            self.still += passed;
        }
        self.still
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LOOK_MAX, Pulse, PulseWatch};

    #[test]
    fn a_loop_that_does_not_turn_is_seen_and_a_sleep_of_the_whole_process_is_not_blamed_on_it() {
        let (pulse, begun) = (Pulse::default(), Instant::now());
        let mut watch = PulseWatch::new(&pulse, begun);
        let at = |ms| begun + Duration::from_millis(ms);
        assert_eq!(watch.look(&pulse, at(20)), Duration::from_millis(20));
        assert_eq!(watch.look(&pulse, at(40)), Duration::from_millis(40));
        pulse.turn();
        assert_eq!(watch.look(&pulse, at(60)), Duration::ZERO);
        assert_eq!(watch.look(&pulse, at(3_600_000)), LOOK_MAX);
        pulse.end();
        assert_eq!(watch.look(&pulse, at(3_600_020)), Duration::ZERO);
    }
}
