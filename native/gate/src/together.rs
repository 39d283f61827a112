//! Durability D: clients are told only what a standby has too, and what happens while none has it.

use serde::Deserialize;
use serde_json::json;

use crate::config::DurabilityConfig;
use crate::exchange::Phase;
use crate::gate::Gate;
use crate::publish::Publisher;

/// What a gate in mode D does while no standby follows closely enough.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Without {
    /// Reports wait, new orders are refused, cancels pass.
    #[default]
    Halt,
    /// Clients are told what is on the own disk, as in mode B.
    Continue,
}

/// How a gate in mode D stands with its standbys.
#[derive(Debug, Default)]
pub struct Together {
    /// No standby follows closely enough.
    alone: bool,
    /// Last acknowledged sequence, and when it moved or was all that there was.
    moved: (u64, u64),
}

impl Gate {
    fn is_in_mode_d(&self) -> bool {
        self.config.journal.durability == DurabilityConfig::D
    }

    /// Last sequence of which clients may be told where they are told only what is kept.
    pub(crate) fn told_seq(&self) -> u64 {
        let durable = self.journal.0.durable_seq();
        let lets_go = self.together.alone && self.config.standby.without == Without::Continue;
        if self.is_in_mode_d() && !lets_go {
            durable.min(self.standbys().1)
        } else {
            durable
        }
    }

    /// Standbys that follow, and the last sequence that one of them has.
    fn standbys(&self) -> (usize, u64) {
        let publisher = self.publisher.as_ref();
        publisher.map_or((0, 0), Publisher::acknowledged)
    }

    /// Whether gateways take cancels only, because no standby has what is decided.
    pub(crate) fn halts_alone(&self) -> bool {
        self.is_in_mode_d() && self.together.alone && self.config.standby.without == Without::Halt
    }

    /// Whether it is in mode D without a standby; none: it is in another mode.
    pub(crate) fn is_alone(&self) -> Option<bool> {
        self.is_in_mode_d().then_some(self.together.alone)
    }

    /// See whether a standby follows closely enough.
    pub(crate) fn watch_together(&mut self) {
        if !self.is_in_mode_d() {
            return;
        }
        let (now, (count, acknowledged)) = (self.now.mono_ns, self.standbys());
        let all = acknowledged >= self.journal.0.appended_seq();
        let together = &mut self.together;
        if all || acknowledged != together.moved.0 {
            together.moved = (acknowledged, now);
        }
        let lag_ns = self.config.standby.lag_ms.saturating_mul(1_000_000);
        let lags = now.saturating_sub(together.moved.1) >= lag_ns;
        // One that comes again counts when it has all that there is on the disk, so that nothing is told late twice.
        let caught_up = acknowledged >= self.journal.0.durable_seq();
        let alone = count == 0 || lags || together.alone && !caught_up;
        if alone == std::mem::replace(&mut together.alone, alone) {
            return;
        }
        let fields = json!({
            "standbys": count, "acknowledged": acknowledged,
            "appended": self.journal.0.appended_seq(), "without": self.config.standby.without.name(),
        });
        if alone {
            self.note("error", "no standby has what is decided", fields);
        } else {
            self.note("info", "a standby has what is decided", fields);
        }
        if self.config.standby.without == Without::Halt {
            self.tell_states_again();
        }
        self.journal_moved();
    }

    fn tell_states_again(&mut self) {
        for link in 0..self.links.len() {
            let row = &self.links[link];
            let (phase, told) = (row.phase, row.resync.told);
            if phase == Phase::Up && told != 0 {
                self.tell_gateway_state(link, told);
            }
        }
    }
}

impl Without {
    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Halt => "halt",
            Self::Continue => "continue",
        }
    }
}
