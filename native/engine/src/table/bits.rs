//! A set of small numbers that is gone through in rising order.

/// Numbers from 0 to a fixed limit, one bit each.
#[derive(Debug)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// Room for numbers below `limit`.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            words: vec![0; limit.div_ceil(64) as usize],
        }
    }

    /// Put a number in or take it out.
    #[inline]
    pub fn set(&mut self, number: u32, inside: bool) {
        if let Some(word) = self.words.get_mut((number / 64) as usize) {
            let bit = 1 << (number % 64);
            if inside {
                *word |= bit;
            } else {
                *word &= !bit;
            }
        }
    }

    /// The first number inside that is not below `from`.
    #[must_use]
    pub fn next(&self, from: u32) -> Option<u32> {
        let mut at = from / 64;
        let mut word = self.words.get(at as usize)? & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = *self.words.get(at as usize)?;
        }
        Some(at * 64 + word.trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::BitSet;

    #[test]
    fn numbers_come_back_in_rising_order() {
        let mut set = BitSet::new(200);
        for number in [199, 0, 63, 64, 130] {
            set.set(number, true);
        }
        set.set(64, false);
        set.set(500, true);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(number) = set.next(from) {
            found.push(number);
            from = number + 1;
        }
        assert_eq!(found, [0, 63, 130, 199]);
        assert_eq!(set.next(1_000), None);
    }
}
