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

#[derive(Clone, Copy, Debug)]
struct Signature {
    content: Content,
    first_ns: u64,
    /// 0: the place is free.
    count: u32,
}

#[derive(Clone, Copy, Debug)]
struct Remembered {
    places: [Signature; 4],
    next: u8,
}

/// The signatures of every account.
#[derive(Debug)]
pub struct IdenticalTable {
    rows: Vec<Remembered>,
}

impl IdenticalTable {
    /// One row per account.
    #[must_use]
    pub fn new(accounts: u32) -> Self {
        let free = Signature {
            content: Content {
                price_e5: 0,
                qty: 0,
                security: u32::MAX,
                buy: false,
                order_type: 0,
            },
            first_ns: 0,
            count: 0,
        };
        let row = Remembered {
            places: [free; 4],
            next: 0,
        };
        Self {
            rows: vec![row; accounts as usize],
        }
    }

    /// How many identical orders there are within the window of the first, this one included.
    #[inline]
    #[must_use]
    pub fn count(&self, account: u32, content: &Content, now_ns: u64, window_ns: u64) -> u32 {
        self.rows
            .get(account as usize)
            .and_then(|row| {
                let seen = row.places.iter().find(|seen| seen.matches(content))?;
                (now_ns.saturating_sub(seen.first_ns) <= window_ns)
                    .then(|| seen.count.saturating_add(1))
            })
            .unwrap_or(1)
    }

    /// Remember an order that passed.
    #[inline]
    pub fn remember(&mut self, account: u32, content: &Content, now_ns: u64, window_ns: u64) {
        let Some(row) = self.rows.get_mut(account as usize) else {
            return;
        };
        let fresh = Signature {
            content: *content,
            first_ns: now_ns,
            count: 1,
        };
        if let Some(seen) = row.places.iter_mut().find(|seen| seen.matches(content)) {
            if now_ns.saturating_sub(seen.first_ns) <= window_ns {
                seen.count = seen.count.saturating_add(1);
            } else {
                *seen = fresh;
            }
            return;
        }
        if let Some(place) = row.places.get_mut(usize::from(row.next)) {
            *place = fresh;
        }
        row.next = (row.next + 1) % 4;
    }

    /// Numbers that stand for everything remembered, for the state hash.
    pub fn words(&self) -> impl Iterator<Item = u64> {
        self.rows
            .iter()
            .flat_map(|row| row.places)
            .flat_map(|seen| {
                [
                    seen.first_ns,
                    u64::from(seen.count),
                    seen.content.price_e5.cast_unsigned(),
                    seen.content.qty.cast_unsigned(),
                    u64::from(seen.content.security),
                    u64::from(seen.content.buy) << 8 | u64::from(seen.content.order_type),
                ]
            })
    }
}

impl Signature {
    #[inline]
    fn matches(&self, content: &Content) -> bool {
        self.count > 0 && self.content == *content
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
