//! Numbers by chance: one seed gives the same numbers on every machine.

/// A source of numbers. Each place that draws has a source of its own, branched off by a label, so
/// that what one place draws does not move what another one gets.
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

/// Mix a word so that each bit of it moves every bit of the result (the finalizer of `SplitMix64`).
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Chance {
    /// A source from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    /// A source of its own for a place.
    #[must_use]
    pub const fn branch(seed: u64, label: &str, number: u64) -> Self {
        let mut state = mix(seed) ^ mix(number.wrapping_add(0x51_7c_c1_b7));
        let bytes = label.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            state = mix(state ^ bytes[at] as u64);
            at += 1;
        }
        Self { state }
    }

    /// The next word.
    pub const fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below a bound; 0 when the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.word()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from a range, both ends included.
    pub fn from(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A place in a list of this length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// One of the values.
    pub fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.place(values.len())]
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A place drawn by the weights given there.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_labels_part_them() {
        let draw = |label| {
            let mut chance = Chance::branch(7, label, 1);
            (0..4).map(|_| chance.word()).collect::<Vec<_>>()
        };
        assert_eq!(draw("net"), draw("net"));
        assert_ne!(draw("net"), draw("disk"));
        assert_ne!(Chance::new(1).word(), Chance::new(2).word());
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_reach_them() {
        let mut chance = Chance::new(3);
        let drawn: Vec<u64> = (0..500).map(|_| chance.from(5, 9)).collect();
        assert_eq!(drawn.iter().min(), Some(&5));
        assert_eq!(drawn.iter().max(), Some(&9));
        assert_eq!(chance.below(0), 0);
        let places: Vec<usize> = (0..200).map(|_| chance.weighted(&[1, 0, 3])).collect();
        assert!(places.contains(&0) && places.contains(&2) && !places.contains(&1));
    }
}
