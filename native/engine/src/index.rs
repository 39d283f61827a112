//! Open-addressing tables from short keys to row numbers; sized once, nothing is ever taken out.

/// No value; marks a free slot.
const FREE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Slot<const N: usize> {
    key: [u8; N],
    value: u32,
}

/// A table from keys of `N` bytes (at most 16) to numbers below `u32::MAX`.
///
/// Rows are found by their key alone; nothing goes through the slots in order, so the places that the hash gives have
/// no effect on what the engine does.
#[derive(Debug)]
pub struct Index<const N: usize> {
    slots: Vec<Slot<N>>,
    mask: usize,
    len: usize,
    room: usize,
    /// Keys that differ in their last byte only lie in one run of slots.
    clustered: bool,
}

impl<const N: usize> Index<N> {
    /// Room for this many keys.
    #[must_use]
    pub fn new(keys: u32) -> Self {
        Self::sized(keys, false)
    }

    /// The same for keys that are counted up: neighbours lie side by side, so that one miss brings the next ones too.
    #[must_use]
    pub fn clustered(keys: u32) -> Self {
        Self::sized(keys, true)
    }

    fn sized(keys: u32, clustered: bool) -> Self {
        let room = keys as usize;
        let slots = (room + room / 2 + 2).next_power_of_two();
        let free = Slot {
            key: [0; N],
            value: FREE,
        };
        Self {
            slots: vec![free; slots],
            mask: slots - 1,
            len: 0,
            room,
            clustered,
        }
    }

    #[inline]
    fn place(&self, key: &[u8; N]) -> usize {
        let (low, high) = words(key);
        let place = if self.clustered {
            // The last byte is the highest of the second word.
            mixed(low, high & (u64::MAX >> 8)) << 4 | (high >> 56 & 15)
        } else {
            mixed(low, high)
        };
        to_place(place) & self.mask
    }

    /// The number of a key.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &[u8; N]) -> Option<u32> {
        let mut at = self.place(key);
        loop {
            let slot = self.slots.get(at)?;
            if slot.value == FREE {
                return None;
            }
            if slot.key == *key {
                return Some(slot.value);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Give a key a number, replacing an earlier one; false when there is no room for another key.
    #[inline]
    pub fn insert(&mut self, key: &[u8; N], value: u32) -> bool {
        let mut at = self.place(key);
        loop {
            let Some(slot) = self.slots.get_mut(at) else {
                return false;
            };
            if slot.value == FREE {
                if self.len >= self.room {
                    return false;
                }
                self.len += 1;
                *slot = Slot { key: *key, value };
                return true;
            }
            if slot.key == *key {
                slot.value = value;
                return true;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Number the keys of a table's rows from 0; false when there is no room, or a key stands twice.
    pub fn restore(&mut self, keys: impl Iterator<Item = [u8; N]>) -> bool {
        (0..)
            .zip(keys)
            .all(|(number, key)| self.get(&key).is_none() && self.insert(&key, number))
    }

    /// Whether there is no room for another key.
    #[inline]
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.len >= self.room
    }

    /// Keys in the table.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether the table holds no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The first and the last eight bytes of a key; together they hold all of one that has at most sixteen.
#[inline]
fn words<const N: usize>(key: &[u8; N]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (key.first_chunk::<8>(), key.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().rev().zip(key.iter().rev()) {
        *to = *from;
    }
    (0, u64::from_le_bytes(bytes))
}

#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "a hash may lose its upper bits"
)]
fn mixed(low: u64, high: u64) -> u64 {
    let wide = u128::from(low ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93)
        ^ u128::from(high ^ 0xa076_1d64_78bd_642f).wrapping_mul(0xe703_7ed1_a0b4_28db);
    (wide >> 64) as u64 ^ wide as u64
}

#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "a hash may lose its upper bits"
)]
const fn to_place(hash: u64) -> usize {
    hash as usize
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn keys_are_found_again_and_a_full_table_says_so() {
        let mut index = Index::<8>::new(1000);
        for number in 0..1000_u32 {
            assert!(!index.is_full());
            let key = (u64::from(number) * 64).to_le_bytes();
            assert_eq!(index.get(&key), None);
            assert!(index.insert(&key, number));
        }
        for number in 0..1000_u32 {
            assert_eq!(
                index.get(&(u64::from(number) * 64).to_le_bytes()),
                Some(number)
            );
        }
        assert!(index.is_full() && !index.is_empty());
        assert!(!index.insert(&[255; 8], 1));
        assert!(index.insert(&[0; 8], 77));
        assert_eq!((index.get(&[0; 8]), index.len()), (Some(77), 1000));
    }

    #[test]
    fn counted_keys_are_found_in_a_clustered_table() {
        let mut index = Index::<11>::clustered(50_000);
        let key = |number: u32| {
            let mut key = *b"\x01A000000000";
            key[6..].copy_from_slice(format!("{number:05}").as_bytes());
            key
        };
        for number in 0..50_000 {
            assert_eq!(index.get(&key(number)), None);
            assert!(index.insert(&key(number), number));
        }
        for number in 0..50_000 {
            assert_eq!(index.get(&key(number)), Some(number));
        }
    }

    #[test]
    fn keys_of_every_width_are_told_apart_in_each_byte() {
        fn told_apart<const N: usize>(mut index: Index<N>) {
            for byte in 0..N {
                for value in 1..=20_u8 {
                    let mut key = [0; N];
                    key[byte] = value;
                    let number = u32::try_from(byte).unwrap() * 100 + u32::from(value);
                    assert_eq!(index.get(&key), None, "{N} {key:?}");
                    assert!(index.insert(&key, number));
                    assert_eq!(index.get(&key), Some(number));
                }
            }
            assert_eq!(index.len(), N * 20);
        }
        told_apart::<3>(Index::new(400));
        told_apart::<8>(Index::new(400));
        told_apart::<9>(Index::new(400));
        told_apart::<11>(Index::clustered(400));
        told_apart::<14>(Index::new(400));
        told_apart::<16>(Index::clustered(400));
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        let mut index = Index::<3>::new(0);
        assert_eq!(index.get(b"abc"), None);
        assert!(!index.insert(b"abc", 1));
    }
}
