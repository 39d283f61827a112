//! Trading states by scope: what was set, and what the schedule says of the time being.

use crate::kind::TradingState;
use crate::record::load::LoadSchedule;

panshi_wire::saved! {
    /// The trading state of one scope number. The more severe of its two parts counts.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct TradingSlot {
        /// Set by a person or by the engine itself.
        pub set: TradingState,
        /// Set by the schedule; a person does not lift it, and its end lifts nothing else.
        pub scheduled: TradingState,
    }
}

impl TradingSlot {
    /// Nothing was set.
    pub const NORMAL: Self = Self {
        set: TradingState::Normal,
        scheduled: TradingState::Normal,
    };

    /// The state that counts.
    #[inline]
    #[must_use]
    pub fn now(self) -> TradingState {
        self.set.max(self.scheduled)
    }
}

impl Default for TradingSlot {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// All schedule rows, those of one scope number side by side, scope numbers in the order of their first row.
#[derive(Debug)]
pub struct ScheduleTable {
    rows: Vec<LoadSchedule>,
    room: usize,
    /// Time of the day at which something may change next; `u64::MAX`: nothing does.
    pub next_ns: u64,
}

panshi_wire::sections! {
    ScheduleTable {
        list "schedule" rows within *room;
        one "next of schedule" next_ns;
        skip room;
    }
}

impl ScheduleTable {
    /// Room for this many rows.
    #[must_use]
    pub fn new(rows: u32) -> Self {
        Self {
            rows: Vec::with_capacity(rows as usize),
            room: rows as usize,
            next_ns: u64::MAX,
        }
    }

    /// Take a row; one with the same scope number and start is replaced. False when the table is full.
    pub fn load(&mut self, row: &LoadSchedule) -> bool {
        let same = |old: &LoadSchedule| same_target(old, row) && old.from_ns == row.from_ns;
        if let Some(old) = self.rows.iter_mut().find(|old| same(old)) {
            *old = *row;
            return true;
        }
        if self.rows.len() >= self.room {
            return false;
        }
        let last = self.rows.iter().rposition(|old| same_target(old, row));
        let at = last.map_or(self.rows.len(), |at| at + 1);
        self.rows.insert(at, *row);
        true
    }

    /// Every row in the order of the table.
    #[must_use]
    pub fn rows(&self) -> &[LoadSchedule] {
        &self.rows
    }

    /// Place behind the rows of the scope number that begin at a place.
    #[must_use]
    pub fn group_end(&self, from: usize) -> usize {
        let Some(first) = self.rows.get(from) else {
            return self.rows.len();
        };
        let same = |row: &&LoadSchedule| same_target(row, first);
        from + self.rows.iter().skip(from).take_while(same).count()
    }

    /// Of the rows between two places the most severe that covers a time of the day, the earlier of equal ones.
    #[must_use]
    pub fn covering(&self, from: usize, to: usize, day_ns: u64) -> Option<&LoadSchedule> {
        let rows = self.rows.get(from..to)?.iter();
        rows.filter(|row| row.from_ns <= day_ns && day_ns < row.to_ns)
            .fold(None, |best: Option<&LoadSchedule>, row| match best {
                Some(best) if best.state >= row.state => Some(best),
                _ => Some(row),
            })
    }

    /// The first moment after a time of the day at which a row begins or ends; `u64::MAX`: none.
    #[must_use]
    pub fn next_after(&self, day_ns: u64) -> u64 {
        let moments = self.rows.iter().flat_map(|row| [row.from_ns, row.to_ns]);
        moments
            .filter(|moment| *moment > day_ns)
            .min()
            .unwrap_or(u64::MAX)
    }
}

fn same_target(one: &LoadSchedule, other: &LoadSchedule) -> bool {
    let key = |row: &LoadSchedule| (row.scope, row.id, row.market, row.key);
    key(one) == key(other)
}

#[cfg(test)]
mod tests {
    use super::{ScheduleTable, TradingSlot};
    use crate::kind::TradingState;
    use crate::record::load::LoadSchedule;

    fn row(id: u32, state: u8, from_ns: u64, to_ns: u64) -> LoadSchedule {
        LoadSchedule {
            scope: 9,
            state,
            id,
            from_ns,
            to_ns,
            ..LoadSchedule::default()
        }
    }

    #[test]
    fn the_more_severe_part_counts() {
        let slot = |set, scheduled| TradingSlot { set, scheduled }.now();
        let (sell, halt) = (TradingState::SellOnly, TradingState::Halted);
        assert_eq!(slot(sell, TradingState::Normal), sell);
        assert_eq!((slot(sell, halt), slot(halt, sell)), (halt, halt));
    }

    #[test]
    fn rows_of_a_scope_number_lie_together_and_the_severest_covers() {
        let mut table = ScheduleTable::new(4);
        for row in [row(1, 1, 10, 30), row(2, 3, 0, 5), row(1, 2, 20, 25)] {
            assert!(table.load(&row));
        }
        assert!(table.load(&row(1, 1, 10, 40)), "replaced");
        assert_eq!((table.rows().len(), table.group_end(0)), (3, 2));
        let state = |at| table.covering(0, 2, at).map(|row| row.state);
        assert_eq!(
            [state(9), state(10), state(20), state(25)],
            [None, Some(1), Some(2), Some(1)]
        );
        assert_eq!(state(40), None);
        assert_eq!(
            [0, 25, 40].map(|at| table.next_after(at)),
            [5, 40, u64::MAX]
        );
        assert_eq!((table.group_end(2), table.group_end(9)), (3, 3));
        let mut full = ScheduleTable::new(0);
        assert!(!full.load(&row(1, 1, 0, 1)));
    }
}
