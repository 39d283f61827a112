//! Identical orders of one account: its last four order contents with their counts.

/// What makes two orders of an account identical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Price as sent.
    pub price_e5: i64,
    /// Shares.
    pub qty: i64,
    /// Security row.
    pub security: u32,
    /// Side.
    pub buy: bool,
    /// Order type number.
    pub order_type: u8,
}

panshi_wire::saved! {
    /// The last contents of one account. The first cache line says whether a content is there; the second, when it began.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(align(64))]
    struct Remembered {
        /// Fingerprints; two contents share one by chance once in 2^64.
        contents: [u64; 4],
        /// Orders of each content; 0: the place is free.
        counts: [u32; 4],
        /// Place of the next content.
        next: u32,
        /// Market time of the first order of each content.
        first_ns: [u64; 4],
    }
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            contents: [u64::MAX; 4],
            counts: [0; 4],
            next: 0,
            first_ns: [0; 4],
        }
    }
}

/// The contents of every account.
#[derive(Debug)]
pub struct IdenticalTable {
    rows: Vec<Remembered>,
}

panshi_wire::sections! {
    IdenticalTable {
        numbered "identical orders" rows;
    }
}

impl IdenticalTable {
    /// One row per account.
    #[must_use]
    pub fn new(accounts: u32) -> Self {
        Self {
            rows: vec![Remembered::default(); accounts as usize],
        }
    }

    /// Bring the row of an account into the cache.
    #[inline]
    #[must_use]
    pub fn touch(&self, account: u32) -> u32 {
        self.rows.get(account as usize).map_or(0, |row| row.next)
    }

    /// How many identical orders there are within the window of the first, this one included.
    #[inline]
    #[must_use]
    pub fn count(&self, account: u32, content: &Content, now_ns: u64, window_ns: u64) -> u32 {
        let fingerprint = content.fingerprint();
        let Some(row) = self.rows.get(account as usize) else {
            return 1;
        };
        let places = row.contents.iter().zip(row.counts).zip(row.first_ns);
        for ((&seen, count), first_ns) in places {
            if seen == fingerprint && count > 0 {
                let runs = now_ns.saturating_sub(first_ns) <= window_ns;
                return if runs { count.saturating_add(1) } else { 1 };
            }
        }
        1
    }

    /// Remember an order that passed and return its count.
    #[inline]
    pub fn remember(
        &mut self,
        account: u32,
        content: &Content,
        now_ns: u64,
        window_ns: u64,
    ) -> u32 {
        let fingerprint = content.fingerprint();
        let Some(row) = self.rows.get_mut(account as usize) else {
            return 1;
        };
        let places = row.contents.iter_mut().zip(&mut row.counts);
        for ((seen, count), first_ns) in places.zip(&mut row.first_ns) {
            if *seen == fingerprint && *count > 0 {
                if now_ns.saturating_sub(*first_ns) <= window_ns {
                    *count = count.saturating_add(1);
                } else {
                    (*count, *first_ns) = (1, now_ns);
                }
                return *count;
            }
        }
        let at = (row.next & 3) as usize;
        if let (Some(seen), Some(count), Some(first)) = (
            row.contents.get_mut(at),
            row.counts.get_mut(at),
            row.first_ns.get_mut(at),
        ) {
            (*seen, *count, *first) = (fingerprint, 1, now_ns);
        }
        row.next = (row.next + 1) & 3;
        1
    }
}

impl Content {
    #[inline]
    fn fingerprint(&self) -> u64 {
        let mix = |state: u64, word: u64| {
            let mixed = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 32)
        };
        let small =
            u64::from(self.security) << 16 | u64::from(self.buy) << 8 | u64::from(self.order_type);
        let state = mix(0x243f_6a88_85a3_08d3, small);
        let state = mix(state, self.price_e5.cast_unsigned());
        mix(state, self.qty.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, IdenticalTable};

    fn content(qty: i64) -> Content {
        Content {
            price_e5: 5,
            qty,
            security: 1,
            buy: true,
            order_type: 1,
        }
    }

    #[test]
    fn the_window_begins_at_the_first_and_four_contents_are_kept() {
        let mut table = IdenticalTable::new(1);
        let mut put = |qty, now| {
            let count = table.count(0, &content(qty), now, 10);
            table.remember(0, &content(qty), now, 10);
            count
        };
        assert_eq!([put(1, 0), put(1, 9), put(1, 10), put(1, 11)], [1, 2, 3, 1]);
        assert_eq!(
            [put(2, 11), put(3, 11), put(4, 11), put(1, 12)],
            [1, 1, 1, 2]
        );
        assert_eq!(put(5, 12), 1);
        assert_eq!(put(1, 12), 1);
    }
}
