//! Switches: which checks refuse, which only warn, which are off.

use crate::code::Code;
use crate::denied::Denied;
use crate::kind::Mode;

/// All switch rows, sorted by code, market and group.
#[derive(Debug)]
pub struct SwitchTable {
    rows: Vec<(Key, Mode)>,
    room: usize,
}

panshi_wire::sections! {
    SwitchTable {
        list "switches" rows within *room;
        skip room;
    }
}

type Key = (u32, u8, u16);

impl SwitchTable {
    /// Room for this many rows.
    #[must_use]
    pub fn new(rows: u32) -> Self {
        let room = usize::try_from(rows).unwrap_or(usize::MAX);
        Self {
            rows: Vec::with_capacity(room),
            room,
        }
    }

    /// What a failed check does for a market and a customer group; the most specific row wins.
    #[must_use]
    pub fn mode(&self, code: Code, market: u8, group: u16) -> Mode {
        if self.rows.is_empty() || is_structural(code) {
            return Mode::On;
        }
        for (market, group) in [(market, group), (0, group), (market, 0), (0, 0)] {
            if let Some(mode) = self.find((code.number(), market, group)) {
                return mode;
            }
        }
        Mode::On
    }

    /// What follows a failed check: a refusal, a warning to remember, or nothing.
    ///
    /// # Errors
    /// The refusal, when the check is on.
    pub fn judge(
        &self,
        denied: Denied,
        (market, group): (u8, u16),
        warnings: &mut Vec<Denied>,
    ) -> Result<(), Denied> {
        match self.mode(denied.code, market, group) {
            Mode::On => return Err(denied),
            Mode::WarnOnly if warnings.len() < warnings.capacity() => warnings.push(denied),
            Mode::WarnOnly | Mode::Off => {}
        }
        Ok(())
    }

    /// Take a row; false when the table is full.
    pub fn load(&mut self, code: Code, market: u8, group: u16, mode: Mode) -> bool {
        let key = (code.number(), market, group);
        match self.rows.binary_search_by_key(&key, |row| row.0) {
            Ok(at) => {
                if let Some(row) = self.rows.get_mut(at) {
                    row.1 = mode;
                }
            }
            Err(_) if self.rows.len() >= self.room => return false,
            Err(at) => self.rows.insert(at, (key, mode)),
        }
        true
    }

    fn find(&self, key: Key) -> Option<Mode> {
        let at = self.rows.binary_search_by_key(&key, |row| row.0).ok()?;
        self.rows.get(at).map(|row| row.1)
    }
}

/// Whether a check cannot be switched off, because what follows it needs what it found.
#[must_use]
pub const fn is_structural(code: Code) -> bool {
    matches!(
        code.number(),
        30001..=30011
            | 30101..=30103
            | 30106..=30109
            | 30112
            | 30119
            | 30120
            | 30301..=30303
            | 30307
            | 30401
            | 30405
            | 30501
            | 30601..=30605
            | 30703
            | 30705
            | 30709
            | 30808
            | 30811
            | 32000..
    )
}

#[cfg(test)]
mod tests {
    use super::{Mode, SwitchTable};
    use crate::code::Code;

    #[test]
    fn the_most_specific_row_wins_and_structural_codes_stay_on() {
        let mut table = SwitchTable::new(4);
        assert!(table.load(Code::PriceTick, 0, 0, Mode::Off));
        assert!(table.load(Code::PriceTick, 1, 0, Mode::WarnOnly));
        assert!(table.load(Code::PriceTick, 0, 5, Mode::On));
        assert!(table.load(Code::DayNotOpen, 0, 0, Mode::Off));
        assert!(!table.load(Code::PriceCage, 0, 0, Mode::Off));
        assert_eq!(table.mode(Code::PriceTick, 1, 5), Mode::On);
        assert_eq!(table.mode(Code::PriceTick, 1, 4), Mode::WarnOnly);
        assert_eq!(table.mode(Code::PriceTick, 2, 4), Mode::Off);
        assert_eq!(table.mode(Code::DayNotOpen, 1, 1), Mode::On);
        assert_eq!(table.mode(Code::PriceCage, 1, 1), Mode::On);
    }
}
