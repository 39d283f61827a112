//! The journal's disk: a day is not begun that it cannot hold, and orders stop before it is full.

use panshi_engine::input::Input;
use panshi_engine::kind::{Scope, TradingState};
use panshi_engine::record::flow::SetState;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::own::RoomChange;

/// Room that the day needs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoomConfig {
    /// Orders expected on the day; 0: nobody has said how many.
    pub expected_orders: u64,
    /// Bytes of journal that one order takes with its cancel and its reports.
    pub bytes_per_order: u64,
    /// Free bytes below which the gate warns.
    pub warn_bytes: u64,
    /// Free bytes below which the firm takes cancels only.
    pub cancel_only_bytes: u64,
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            expected_orders: 0,
            bytes_per_order: 2_500,
            warn_bytes: 1 << 30,
            cancel_only_bytes: 256 << 20,
        }
    }
}

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Enough.
    #[default]
    Enough,
    /// Below the first threshold.
    Low,
    /// Below the second.
    CancelOnly,
}

impl Level {
    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Low => "low",
            Self::CancelOnly => "cancel-only",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Enough => 0,
            Self::Low => 1,
            Self::CancelOnly => 2,
        }
    }
}

/// What is known of the room.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoomWatch {
    /// Free bytes when it was last looked at.
    pub free_bytes: Option<u64>,
    /// How much that is.
    pub level: Level,
}

impl RoomConfig {
    const fn level(&self, free: u64) -> Level {
        if free < self.cancel_only_bytes {
            Level::CancelOnly
        } else if free < self.warn_bytes {
            Level::Low
        } else {
            Level::Enough
        }
    }

    /// Bytes that the rest of the day needs, and those that are never used.
    const fn needed(&self, orders: u64) -> u64 {
        let left = self.expected_orders.saturating_sub(orders);
        left.saturating_mul(self.bytes_per_order)
            .saturating_add(self.cancel_only_bytes)
    }
}

impl Gate {
    /// Refuse to begin when the disk cannot hold the rest of the expected day.
    ///
    /// # Errors
    /// When it cannot, or does not say.
    pub fn require_room(&mut self, free: Option<u64>) -> Result<(), String> {
        let room = self.config.room;
        if room.expected_orders == 0 {
            return Ok(());
        }
        let dir = self.config.journal.dir.display();
        let free = free.ok_or_else(|| format!("{dir}: the disk must say how much room it has"))?;
        let free = free.saturating_add(self.journal.0.room() as u64);
        let orders = self.book.counts.orders;
        let needed = room.needed(orders);
        if free >= needed {
            return Ok(());
        }
        let (expected, each, kept) = (
            room.expected_orders,
            room.bytes_per_order,
            room.cancel_only_bytes,
        );
        Err(format!(
            "journal disk of {dir}: must have room for {expected} orders, of which {orders} came, of {each} bytes \
             and {kept} bytes beside: {needed} bytes, found {free}"
        ))
    }

    /// Take note of the free bytes; crossing a threshold is told, and the second one stops new orders.
    ///
    /// The state that is set here is lifted by a person only.
    pub fn note_free(&mut self, free: Option<u64>) {
        self.room.free_bytes = free;
        let Some(free) = free.filter(|_| self.failure().is_none()) else {
            return;
        };
        let level = self.config.room.level(free);
        let before = std::mem::replace(&mut self.room.level, level);
        if level == before {
            return;
        }
        let fields = json!({ "free_bytes": free, "was": before.name(), "is": level.name() });
        let weight = match level {
            Level::Enough => "info",
            Level::Low => "warning",
            Level::CancelOnly => "error",
        };
        self.note(weight, "room of the journal disk", fields);
        self.append_own(&RoomChange {
            time_ns: self.now.market_ns,
            free_bytes: free,
            from: before.number(),
            to: level.number(),
            spare: [0; 6],
        });
        let severe = self.engine.firm_state().set >= TradingState::CancelOnly;
        if level == Level::CancelOnly && !severe && self.book.trade_date != 0 && !self.book.closed {
            self.input(&Input::SetState(SetState {
                time_ns: self.now.market_ns,
                scope: Scope::Firm.number(),
                state: TradingState::CancelOnly.number(),
                ..SetState::default()
            }));
        }
    }

    /// The room for status displays; the bytes an order took so far are measured.
    #[must_use]
    pub(crate) fn room_row(&self) -> Value {
        let (room, orders) = (&self.config.room, self.book.counts.orders);
        json!({
            "free_bytes": self.room.free_bytes, "level": self.room.level.name(),
            "warn_bytes": room.warn_bytes, "cancel_only_bytes": room.cancel_only_bytes,
            "expected_orders": room.expected_orders, "bytes_per_order": room.bytes_per_order,
            "needed_bytes": room.needed(orders),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, RoomConfig};

    #[test]
    fn a_threshold_belongs_to_what_is_enough() {
        let room = RoomConfig {
            warn_bytes: 100,
            cancel_only_bytes: 10,
            ..RoomConfig::default()
        };
        assert_eq!(room.level(100), Level::Enough);
        assert_eq!(room.level(99), Level::Low);
        assert_eq!(room.level(10), Level::Low);
        assert_eq!(room.level(9), Level::CancelOnly);
    }

    #[test]
    fn what_has_come_needs_no_room_any_more() {
        let room = RoomConfig {
            expected_orders: 1_000,
            bytes_per_order: 5,
            cancel_only_bytes: 10,
            ..RoomConfig::default()
        };
        assert_eq!(room.needed(0), 5_010);
        assert_eq!(room.needed(600), 2_010);
        assert_eq!(room.needed(2_000), 10);
    }
}
