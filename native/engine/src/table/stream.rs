//! Numbered report streams: the last index of each, whether it has ended, and which gateways carry it.

use crate::index::Index;

panshi_wire::saved! {
    /// One stream.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct StreamRow {
        /// Last index; 0: nothing yet.
        pub last: u64,
        /// Set or partition.
        pub set_id: u32,
        /// Client or gateway number; 0: the PBU says it all.
        pub owner: u16,
        /// PBU (SSE); spaces on SZSE.
        pub pbu: [u8; 8],
        /// Its end was seen, or told.
        pub ended: bool,
    }
}

/// Streams by owner, PBU and set; a stream begins at its first use.
#[derive(Debug)]
pub struct StreamTable {
    index: Index<14>,
    rows: Vec<StreamRow>,
    room: usize,
}

panshi_wire::sections! {
    StreamTable {
        skip index;
        list "streams" rows within *room;
        skip room;
    }
}

impl StreamTable {
    /// Room for this many streams.
    #[must_use]
    pub fn new(streams: u32) -> Self {
        Self {
            index: Index::new(streams),
            rows: Vec::with_capacity(streams as usize),
            room: streams as usize,
        }
    }

    /// Row number of a stream, and whether it begins now; nothing when there is no room for another one.
    #[inline]
    pub fn find_or_add(&mut self, owner: u16, pbu: &[u8; 8], set_id: u32) -> Option<(u32, bool)> {
        let key = key(owner, *pbu, set_id);
        if let Some(at) = self.index.get(&key) {
            return Some((at, false));
        }
        if self.rows.len() >= self.room {
            return None;
        }
        let at = u32::try_from(self.rows.len()).ok()?;
        self.index.insert(&key, at);
        self.rows.push(StreamRow {
            set_id,
            owner,
            pbu: *pbu,
            ..StreamRow::default()
        });
        Some((at, true))
    }

    /// Row number of a stream that has begun.
    #[must_use]
    pub fn find(&self, owner: u16, pbu: &[u8; 8], set_id: u32) -> Option<u32> {
        self.index.get(&key(owner, *pbu, set_id))
    }

    /// A stream by its row number.
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self, at: u32) -> Option<&mut StreamRow> {
        self.rows.get_mut(at as usize)
    }

    /// The next index of a stream, taken; 0 when it has ended, nothing when there is no room for another one.
    #[inline]
    pub fn take_next(&mut self, owner: u16, pbu: &[u8; 8], set_id: u32) -> Option<u64> {
        let (at, _) = self.find_or_add(owner, pbu, set_id)?;
        let row = self.get_mut(at)?;
        if row.ended {
            return Some(0);
        }
        row.last = row.last.saturating_add(1);
        Some(row.last)
    }

    /// Find the saved streams again; false when there is no room, or one stands twice.
    pub(crate) fn restore(&mut self) -> bool {
        let keys = self.rows.iter();
        self.index
            .restore(keys.map(|row| key(row.owner, row.pbu, row.set_id)))
    }

    /// Every stream in the order of first use.
    #[must_use]
    pub fn rows(&self) -> &[StreamRow] {
        &self.rows
    }
}

/// Which gateways carry which exchange streams.
#[derive(Debug)]
pub struct CarrierTable {
    rows: Vec<Carrier>,
    room: usize,
}

panshi_wire::sections! {
    CarrierTable {
        list "carriers" rows within *room;
        skip room;
    }
}

panshi_wire::saved! {
    /// One exchange stream that one gateway carries.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Carrier {
        /// Gateway number.
        pub gateway: u16,
        /// Row number of the stream.
        pub stream: u32,
        /// It holds the reports of what was sent over this gateway; otherwise it is a copy of another one's.
        pub own: bool,
    }
}

impl CarrierTable {
    /// Room for this many pairs of gateway and stream.
    #[must_use]
    pub fn new(pairs: u32) -> Self {
        Self {
            rows: Vec::with_capacity(pairs as usize),
            room: pairs as usize,
        }
    }

    /// Whether a gateway can be put to a stream; nothing: to one that has not begun.
    #[must_use]
    pub fn has_room(&self, gateway: u16, stream: Option<u32>) -> bool {
        let same = |row: &Carrier| row.gateway == gateway && Some(row.stream) == stream;
        self.rows.len() < self.room || self.rows.iter().any(same)
    }

    /// Take a pair, or what it is from now on; false when there is no room for another one.
    pub fn put(&mut self, row: Carrier) -> bool {
        let same = |old: &&mut Carrier| (old.gateway, old.stream) == (row.gateway, row.stream);
        if let Some(old) = self.rows.iter_mut().find(same) {
            *old = row;
        } else if self.rows.len() < self.room {
            self.rows.push(row);
        } else {
            return false;
        }
        true
    }

    /// Every pair in the order of arrival.
    #[must_use]
    pub fn rows(&self) -> &[Carrier] {
        &self.rows
    }
}

#[inline]
fn key(owner: u16, pbu: [u8; 8], set_id: u32) -> [u8; 14] {
    let mut key = [0; 14];
    if let Some((head, rest)) = key.split_first_chunk_mut::<8>()
        && let Some((middle, _)) = rest.split_first_chunk_mut::<4>()
    {
        (*head, *middle) = (pbu, set_id.to_le_bytes());
    }
    if let Some((_, tail)) = key.split_last_chunk_mut::<2>() {
        *tail = owner.to_le_bytes();
    }
    key
}

#[cfg(test)]
mod tests {
    use super::{Carrier, CarrierTable, StreamTable};

    #[test]
    fn indices_are_counted_up_to_the_end() {
        let mut table = StreamTable::new(1);
        assert_eq!(table.take_next(1, b"20001   ", 1), Some(1));
        assert_eq!(table.take_next(1, b"20001   ", 1), Some(2));
        assert_eq!(table.take_next(1, b"20001   ", 2), None, "no room");
        let at = table.find(1, b"20001   ", 1).unwrap();
        table.get_mut(at).unwrap().ended = true;
        assert_eq!(table.take_next(1, b"20001   ", 1), Some(0), "ended");
        assert_eq!(table.rows()[0].last, 2);
    }

    #[test]
    fn a_pair_is_kept_once_with_its_latest_word() {
        let mut table = CarrierTable::new(1);
        let row = |gateway, own| Carrier {
            gateway,
            stream: 0,
            own,
        };
        assert!(table.put(row(1, true)) && table.put(row(1, false)));
        assert!(table.has_room(1, Some(0)) && !table.has_room(1, None));
        assert!(!table.put(row(2, true)));
        assert_eq!(table.rows(), [row(1, false)]);
    }
}
