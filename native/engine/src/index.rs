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
        let place = match key.split_last() {
            Some((&last, head)) if self.clustered => hash(head) << 4 | usize::from(last & 15),
            _ => hash(key),
        };
        place & self.mask
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

#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "a hash may lose its upper bits"
)]
fn hash(key: &[u8]) -> usize {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(key) {
        *to = *from;
    }
    let word = u128::from_le_bytes(bytes);
    let (low, high) = (word as u64, (word >> 64) as u64);
    let mixed = u128::from(low ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93)
        ^ u128::from(high ^ 0xa076_1d64_78bd_642f).wrapping_mul(0xe703_7ed1_a0b4_28db);
    ((mixed >> 64) as u64 ^ mixed as u64) as usize
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
    fn an_empty_table_finds_nothing() {
        let mut index = Index::<3>::new(0);
        assert_eq!(index.get(b"abc"), None);
        assert!(!index.insert(b"abc", 1));
    }
}
