//! Booked fills by order, so that a repeated one is found.

use crate::table::order::NONE;

panshi_wire::saved! {
    /// The fills of one order: the latest one, and a filter that says quickly that an id is not among them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FillSet {
        /// Filter of exec ids.
        seen: u64,
        /// Row of the latest one; `u32::MAX`: none.
        last: u32,
    }
}

impl FillSet {
    /// No fills.
    pub const EMPTY: Self = Self {
        seen: 0,
        last: NONE,
    };

    /// Row number of the latest fill; `NONE`: there is none.
    #[must_use]
    pub const fn last(&self) -> u32 {
        self.last
    }
}

panshi_wire::saved! {
    #[derive(Clone, Copy, Debug)]
    struct FillRow {
        /// Exec id.
        exec_id: [u8; 16],
        /// Row of the order's fill before this one; `u32::MAX`: none.
        earlier: u32,
    }
}

/// All booked fills in the order of booking.
#[derive(Debug)]
pub struct FillTable {
    rows: Vec<FillRow>,
    room: usize,
}

panshi_wire::sections! {
    FillTable {
        list "fills" rows within *room;
        skip room;
    }
}

impl FillTable {
    /// Room for this many fills.
    #[must_use]
    pub fn new(fills: u32) -> Self {
        let mut rows = vec![
            FillRow {
                exec_id: [0; 16],
                earlier: NONE,
            };
            fills as usize
        ];
        rows.clear();
        Self {
            rows,
            room: fills as usize,
        }
    }

    /// Whether every fill names only an earlier one before it, so that each walk ends.
    pub(crate) fn is_sound(&self) -> bool {
        let mut rows = (0..).zip(&self.rows);
        rows.all(|(at, row)| row.earlier == NONE || row.earlier < at)
    }

    /// Fills booked.
    #[must_use]
    pub const fn booked(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no room for another fill.
    #[inline]
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.rows.len() >= self.room
    }

    /// Whether an order has a booked fill of this id.
    #[inline]
    #[must_use]
    pub fn holds(&self, fills: &FillSet, exec_id: &[u8; 16]) -> bool {
        let bits = bits_of(exec_id);
        fills.seen & bits == bits && self.walk(fills, exec_id)
    }

    #[cold]
    fn walk(&self, fills: &FillSet, exec_id: &[u8; 16]) -> bool {
        let mut at = fills.last;
        while let Some(row) = self.rows.get(at as usize) {
            if row.exec_id == *exec_id {
                return true;
            }
            at = row.earlier;
        }
        false
    }

    /// Remember a booked fill of an order; forgotten when the table is full.
    #[inline]
    pub fn remember(&mut self, fills: &mut FillSet, exec_id: [u8; 16]) {
        if self.is_full() {
            return;
        }
        let at = u32::try_from(self.rows.len()).unwrap_or(NONE);
        self.rows.push(FillRow {
            exec_id,
            earlier: fills.last,
        });
        fills.last = at;
        fills.seen |= bits_of(&exec_id);
    }
}

/// Two bits of 64 that stand for an id.
#[inline]
fn bits_of(exec_id: &[u8; 16]) -> u64 {
    let mixed =
        u128::from_le_bytes(*exec_id).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let high = mixed >> 116;
    1 << (high & 63) | 1 << (high >> 6 & 63)
}

#[cfg(test)]
mod tests {
    use super::{FillSet, FillTable};

    fn id(number: u32) -> [u8; 16] {
        let mut id = [b'0'; 16];
        id[..10].copy_from_slice(format!("{number:010}").as_bytes());
        id
    }

    #[test]
    fn every_fill_of_an_order_is_found_again_and_no_other() {
        let mut table = FillTable::new(400);
        let mut orders = [FillSet::EMPTY; 2];
        for number in 0..300 {
            let fills = &mut orders[number % 2];
            let number = u32::try_from(number).unwrap();
            assert!(!table.holds(fills, &id(number)));
            table.remember(fills, id(number));
        }
        for number in 0..300_u32 {
            let own = usize::try_from(number % 2).unwrap();
            assert!(table.holds(&orders[own], &id(number)));
            assert!(!table.holds(&orders[1 - own], &id(number)));
        }
    }

    #[test]
    fn the_filter_keeps_most_ids_of_small_orders_from_a_walk() {
        let mut table = FillTable::new(4);
        let mut fills = FillSet::EMPTY;
        for number in 0..4 {
            table.remember(&mut fills, id(number));
        }
        let passes = (4..10_004)
            .filter(|number| {
                let bits = super::bits_of(&id(*number));
                fills.seen & bits == bits
            })
            .count();
        assert!(passes < 500, "{passes}");
        assert!(table.is_full());
        table.remember(&mut fills, id(9));
        assert!(!table.holds(&fills, &id(9)));
        assert_eq!(fills.last(), 3);
    }
}
