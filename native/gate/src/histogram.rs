//! Counts of durations in buckets that grow with the duration: 16 buckets for each power of two.

const SUB_BITS: u32 = 4;
const SUB: usize = 1 << SUB_BITS;
const BUCKETS: usize = 60 * SUB;

/// A histogram of nanoseconds with at most 6 % width of a bucket.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u128,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
            sum: 0,
            max: 0,
        }
    }
}

fn bucket(value: u64) -> usize {
    if value < SUB as u64 {
        return usize::try_from(value).unwrap_or(0);
    }
    let power = value.ilog2();
    let within = usize::try_from(value >> (power - SUB_BITS)).unwrap_or(0) & (SUB - 1);
    ((power - SUB_BITS + 1) as usize * SUB + within).min(BUCKETS - 1)
}

fn upper(bucket: usize) -> u64 {
    if bucket < SUB {
        return bucket as u64;
    }
    let shift = bucket / SUB - 1;
    ((SUB + bucket % SUB + 1) as u64)
        .checked_shl(u32::try_from(shift).unwrap_or(63))
        .unwrap_or(0)
        - 1
}

impl Histogram {
    /// Count one duration.
    #[inline]
    pub fn record(&mut self, ns: u64) {
        self.counts[bucket(ns)] += 1;
        self.total += 1;
        self.sum += u128::from(ns);
        self.max = self.max.max(ns);
    }

    /// Durations counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Sum of all durations.
    #[must_use]
    pub fn sum_ns(&self) -> u128 {
        self.sum
    }

    /// The duration that this many of 1000 do not exceed.
    #[must_use]
    pub fn per_mille(&self, part: u64) -> u64 {
        let wanted = (self.total * part).div_ceil(1000).max(1);
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(at).min(self.max);
            }
        }
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::{Histogram, bucket, upper};

    #[test]
    fn every_value_lies_in_its_bucket() {
        for value in (0..5000).chain([1 << 20, (1 << 40) + 12345, 1 << 58]) {
            let at = bucket(value);
            assert!(value <= upper(at), "{value}");
            assert!(at == 0 || value > upper(at - 1), "{value}");
        }
    }

    #[test]
    fn percentiles_are_those_of_the_values() {
        let mut histogram = Histogram::default();
        for value in 1..=1000 {
            histogram.record(value * 100);
        }
        for (part, exact) in [(500, 50_000), (990, 99_000), (1000, 100_000)] {
            let found = histogram.per_mille(part);
            assert!(
                found >= exact && found <= exact + exact / 16,
                "{part}: {found}"
            );
        }
        assert_eq!(histogram.count(), 1000);
    }
}
