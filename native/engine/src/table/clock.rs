//! The session clock: windows of the day per market and rule class.

use crate::record::load::LoadPhase;

/// All windows, sorted by market, rule class and start.
#[derive(Debug)]
pub struct ClockTable {
    rows: Vec<LoadPhase>,
    room: usize,
}

panshi_wire::sections! {
    ClockTable {
        list "session clock" rows within *room;
        skip room;
    }
}

/// Why a window was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockRefusal {
    /// The table is full.
    Full,
    /// It overlaps another window of the same market and rule class.
    Overlap,
}

impl ClockTable {
    /// Room for this many windows.
    #[must_use]
    pub fn new(rows: u32) -> Self {
        let room = usize::try_from(rows).unwrap_or(usize::MAX);
        Self {
            rows: Vec::with_capacity(room),
            room,
        }
    }

    /// The window that covers a time of the day: of the rule class first, else of the whole market.
    #[inline]
    #[must_use]
    pub fn window(&self, market: u8, rule: u16, day_ns: u64) -> Option<&LoadPhase> {
        self.covering(market, rule, day_ns)
            .or_else(|| self.covering(market, 0, day_ns))
    }

    #[inline]
    fn covering(&self, market: u8, rule: u16, day_ns: u64) -> Option<&LoadPhase> {
        let key = (market, rule, day_ns);
        let after = self
            .rows
            .partition_point(|row| (row.market, row.rule, row.start_ns) <= key);
        let row = self.rows.get(after.checked_sub(1)?)?;
        (row.market == market && row.rule == rule && day_ns < row.end_ns).then_some(row)
    }

    /// Take a window; one with the same market, rule class and start is replaced.
    ///
    /// # Errors
    /// When the table is full or the window overlaps another one.
    pub fn load(&mut self, row: &LoadPhase) -> Result<(), ClockRefusal> {
        let overlaps = |other: &LoadPhase| {
            (other.market, other.rule) == (row.market, row.rule)
                && other.start_ns != row.start_ns
                && other.start_ns < row.end_ns
                && row.start_ns < other.end_ns
        };
        if self.rows.iter().any(overlaps) {
            return Err(ClockRefusal::Overlap);
        }
        let key = (row.market, row.rule, row.start_ns);
        match self
            .rows
            .binary_search_by_key(&key, |other| (other.market, other.rule, other.start_ns))
        {
            Ok(at) => {
                if let Some(slot) = self.rows.get_mut(at) {
                    *slot = *row;
                }
            }
            Err(_) if self.rows.len() >= self.room => return Err(ClockRefusal::Full),
            Err(at) => self.rows.insert(at, *row),
        }
        Ok(())
    }

    /// Every window in the order of the table.
    #[must_use]
    pub fn rows(&self) -> &[LoadPhase] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::{ClockRefusal, ClockTable};
    use crate::record::load::LoadPhase;

    fn window(rule: u16, phase: u8, start_ns: u64, end_ns: u64) -> LoadPhase {
        LoadPhase {
            market: 1,
            phase,
            rule,
            start_ns,
            end_ns,
            ..LoadPhase::default()
        }
    }

    #[test]
    fn the_rule_class_stands_before_its_market() {
        let mut table = ClockTable::new(3);
        table.load(&window(0, 4, 10, 20)).unwrap();
        table.load(&window(7, 8, 15, 18)).unwrap();
        table.load(&window(0, 5, 20, 30)).unwrap();
        let phase = |rule, at| table.window(1, rule, at).map(|row| row.phase);
        assert_eq!(phase(7, 16), Some(8));
        assert_eq!(phase(7, 18), Some(4));
        assert_eq!(phase(8, 16), Some(4));
        assert_eq!(phase(8, 20), Some(5));
        assert_eq!((phase(8, 9), phase(8, 30)), (None, None));
        assert_eq!(table.window(2, 0, 16), None);
    }

    #[test]
    fn overlaps_and_a_full_table_are_refused() {
        let mut table = ClockTable::new(1);
        table.load(&window(0, 4, 10, 20)).unwrap();
        assert_eq!(
            table.load(&window(0, 4, 19, 25)),
            Err(ClockRefusal::Overlap)
        );
        assert_eq!(table.load(&window(0, 4, 20, 25)), Err(ClockRefusal::Full));
        assert_eq!(table.load(&window(0, 6, 10, 18)), Ok(()));
        assert_eq!(table.rows()[0].phase, 6);
    }
}
