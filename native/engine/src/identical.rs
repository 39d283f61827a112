//! Identical orders of one account: the last four contents and how often each came.

/// Contents remembered per account.
const KEPT: usize = 4;

/// What makes two orders of an account identical.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Price as sent.
    pub price_e5: i64,
    /// Shares.
    pub qty: i64,
    /// Security row.
    pub security: u32,
    /// Order type number.
    pub order_type: u8,
    /// Side.
    pub buy: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    content: Signature,
    first_ns: u64,
    count: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    seen: [Seen; KEPT],
    next: u8,
}

/// All accounts.
#[derive(Debug)]
pub struct IdenticalTable {
    rows: Vec<Row>,
}

impl IdenticalTable {
    /// Room for this many accounts.
    #[must_use]
    pub fn new(accounts: u32) -> Self {
        Self {
            rows: vec![Row::default(); accounts as usize],
        }
    }

    /// How many identical orders there are within the window, this one included.
    #[inline]
    #[must_use]
    pub fn count(&self, account: u32, content: &Signature, now_ns: u64, window_ns: u64) -> i64 {
        let Some(row) = self.rows.get(account as usize) else {
            return 1;
        };
        row.seen
            .iter()
            .find(|seen| seen.count > 0 && seen.content == *content)
            .filter(|seen| now_ns.saturating_sub(seen.first_ns) <= window_ns)
            .map_or(1, |seen| i64::from(seen.count) + 1)
    }

    /// Remember an order that passed.
    #[inline]
    pub fn remember(&mut self, account: u32, content: &Signature, now_ns: u64, window_ns: u64) {
        let Some(row) = self.rows.get_mut(account as usize) else {
            return;
        };
        let fresh = Seen {
            content: *content,
            first_ns: now_ns,
            count: 1,
        };
        if let Some(seen) = row
            .seen
            .iter_mut()
            .find(|seen| seen.count > 0 && seen.content == *content)
        {
            if now_ns.saturating_sub(seen.first_ns) <= window_ns {
                seen.count = seen.count.saturating_add(1);
            } else {
                *seen = fresh;
            }
            return;
        }
        if let Some(slot) = row.seen.get_mut(usize::from(row.next) % KEPT) {
            *slot = fresh;
        }
        row.next = (row.next + 1) % 4;
    }
}

#[cfg(test)]
mod tests {
    use super::{IdenticalTable, Signature};

    fn content(qty: i64) -> Signature {
        Signature {
            qty,
            price_e5: 10,
            ..Signature::default()
        }
    }

    #[test]
    fn repeats_count_until_the_window_has_passed() {
        let mut table = IdenticalTable::new(1);
        for (now, expected) in [(0, 1), (5, 2), (10, 3), (11, 1), (12, 2)] {
            assert_eq!(table.count(0, &content(1), now, 10), expected);
            table.remember(0, &content(1), now, 10);
        }
    }

    #[test]
    fn the_fifth_content_pushes_the_first_out() {
        let mut table = IdenticalTable::new(1);
        for qty in 1..=5 {
            table.remember(0, &content(qty), 0, 10);
        }
        assert_eq!(table.count(0, &content(1), 0, 10), 1);
        assert_eq!(table.count(0, &content(2), 0, 10), 2);
    }
}
