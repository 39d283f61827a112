//! Numbered streams: the last index of each.

use crate::index::Index;

/// Last index per stream; a stream begins at its first use.
#[derive(Debug)]
pub struct StreamTable {
    index: Index<14>,
    last: Vec<u64>,
    room: usize,
}

impl StreamTable {
    /// Room for this many streams.
    #[must_use]
    pub fn new(streams: u32) -> Self {
        Self {
            index: Index::new(streams),
            last: Vec::with_capacity(streams as usize),
            room: streams as usize,
        }
    }

    /// The last index of a stream, to be changed; nothing when there is no room for another stream.
    #[inline]
    pub fn last_mut(&mut self, owner: u16, pbu: &[u8; 8], set_id: u32) -> Option<&mut u64> {
        let mut key = [0; 14];
        for (to, from) in key.iter_mut().zip(
            pbu.iter()
                .chain(&set_id.to_le_bytes())
                .chain(&owner.to_le_bytes()),
        ) {
            *to = *from;
        }
        let at = match self.index.get(&key) {
            Some(at) => at as usize,
            None if self.last.len() >= self.room => return None,
            None => {
                let at = self.last.len();
                self.index.insert(&key, u32::try_from(at).ok()?);
                self.last.push(0);
                at
            }
        };
        self.last.get_mut(at)
    }

    /// Last index of every stream, in the order of first use.
    #[must_use]
    pub fn indices(&self) -> &[u64] {
        &self.last
    }
}
