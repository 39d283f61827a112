//! A 64-bit hash of a run of bytes, the same on every machine; it finds mistakes, not forgers.

const PIECE: usize = 32;
const LANES: usize = PIECE / 8;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const START: [u64; LANES] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
];

/// A hash in progress; where the bytes are cut plays no part.
#[derive(Clone, Debug)]
pub struct Digest {
    lanes: [u64; LANES],
    rest: [u8; PIECE],
    held: usize,
    length: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Self {
            lanes: START,
            rest: [0; PIECE],
            held: 0,
            length: 0,
        }
    }
}

impl Digest {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> u64 {
        let mut digest = Self::default();
        digest.add(bytes);
        digest.finish()
    }

    /// Take further bytes.
    pub fn add(&mut self, mut bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if self.held > 0 {
            let wanted = (PIECE - self.held).min(bytes.len());
            let Some((now, later)) = bytes.split_at_checked(wanted) else {
                return;
            };
            for (slot, byte) in self.rest.iter_mut().skip(self.held).zip(now) {
                *slot = *byte;
            }
            self.held += wanted;
            bytes = later;
            if self.held < PIECE {
                return;
            }
            let whole = self.rest;
            self.mix(&whole);
        }
        let mut pieces = bytes.chunks_exact(PIECE);
        for piece in &mut pieces {
            if let Some(piece) = piece.first_chunk() {
                self.mix(piece);
            }
        }
        let left = pieces.remainder();
        for (slot, byte) in self.rest.iter_mut().zip(left) {
            *slot = *byte;
        }
        self.held = left.len();
    }

    #[inline]
    fn mix(&mut self, piece: &[u8; PIECE]) {
        for (lane, word) in self.lanes.iter_mut().zip(piece.chunks_exact(8)) {
            let word = word
                .first_chunk()
                .map_or(0, |word| u64::from_le_bytes(*word));
            let mixed = (*lane ^ word).wrapping_mul(FACTOR);
            *lane = mixed ^ (mixed >> 29);
        }
    }

    /// The hash of everything that was taken.
    #[must_use]
    pub fn finish(mut self) -> u64 {
        let mut last = [0; PIECE];
        for (slot, byte) in last.iter_mut().zip(self.rest.iter().take(self.held)) {
            *slot = *byte;
        }
        self.mix(&last);
        let words = self.lanes.into_iter().chain([self.length]);
        words.fold(0, |state: u64, word| {
            let mixed = (state.rotate_left(23) ^ word).wrapping_mul(FACTOR);
            mixed ^ (mixed >> 29)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn cuts_play_no_part() {
        let bytes: Vec<u8> = (0..=255).cycle().take(301).collect();
        let whole = Digest::of(&bytes);
        for cut in 0..bytes.len() {
            let mut digest = Digest::default();
            digest.add(&bytes[..cut]);
            digest.add(&bytes[cut..]);
            assert_eq!(digest.finish(), whole, "{cut}");
        }
        let mut one_by_one = Digest::default();
        for byte in &bytes {
            one_by_one.add(&[*byte]);
        }
        assert_eq!(one_by_one.finish(), whole);
    }

    #[test]
    fn every_flipped_bit_and_every_length_gives_another_hash() {
        let bytes = vec![0_u8; 100];
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..=bytes.len() {
            assert!(seen.insert(Digest::of(&bytes[..length])), "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(seen.insert(Digest::of(&flipped)), "{bit}");
        }
    }
}
