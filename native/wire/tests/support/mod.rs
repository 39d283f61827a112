//! Seeded messages made from the catalogues, for the tests of properties.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use panshi_wire::message::{GroupDesc, MessageDesc, Part};

/// A small repeatable source of numbers (the mixing function is `SplitMix64`).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    /// Bytes of three tempers: any, text with padding, and the extremes of integers.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        match self.below(4) {
            0 => (0..len).map(|_| self.byte()).collect(),
            1 => vec![[0x00, 0xff, 0x80, 0x7f][self.below(4)]; len],
            _ => {
                let text = self.below(len + 1);
                let letters = b" 0123456789ABCxyz\"\\\xe4\xb8\xad";
                let letter = |random: &mut Self| letters[random.below(letters.len())];
                (0..len)
                    .map(|at| if at < text { letter(self) } else { b' ' })
                    .collect()
            }
        }
    }
}

/// A body that fits its description exactly.
pub fn body(random: &mut Random, desc: &MessageDesc) -> Vec<u8> {
    let mut out = Vec::new();
    for part in desc.parts {
        match part {
            Part::Fixed(fields) => {
                for field in *fields {
                    out.extend(random.bytes(field.width));
                }
            }
            Part::Group(group) => entries(random, group, &mut out),
        }
    }
    out
}

fn entries(random: &mut Random, group: &GroupDesc, out: &mut Vec<u8>) {
    if group.optional && random.below(3) == 0 {
        return;
    }
    let count = random.below(9);
    out.extend(&count.to_be_bytes()[8 - group.count_width..]);
    out.extend(random.bytes(count * group.entry_len));
}

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
