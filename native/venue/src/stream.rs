//! Report streams: every report of the day, numbered from 1, replayable from any number.

/// One stream of one market.
#[derive(Debug)]
pub struct Stream {
    /// Shanghai: the login PBU. Shenzhen: blank.
    pub pbu: [u8; 8],
    /// `SetID` or partition.
    pub set: u32,
    /// Whether its end was announced.
    pub finished: bool,
    retain: bool,
    forgotten: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Stream {
    /// An empty stream; without `retain` what was sent is forgotten and cannot be replayed.
    #[must_use]
    pub fn new(pbu: [u8; 8], set: u32, retain: bool) -> Self {
        Self {
            pbu,
            set,
            finished: false,
            retain,
            forgotten: 0,
            bytes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Largest index that exists; 0 before the first report.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.forgotten + self.ends.len() as u64
    }

    /// Append the report that carries the index `max() + 1`; an empty one is a gap.
    pub fn push(&mut self, report: &[u8]) {
        self.bytes.extend_from_slice(report);
        self.ends.push(self.bytes.len());
    }

    /// The report with an index; nothing when it does not exist, empty when it is a gap.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<&[u8]> {
        let at = usize::try_from(index.checked_sub(self.forgotten + 1)?).ok()?;
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// Forget everything, once it was sent to the only one who reads it.
    pub fn forget(&mut self) {
        if !self.retain {
            self.forgotten = self.max();
            self.bytes.clear();
            self.ends.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn any_index_can_be_read_again() {
        let mut stream = Stream::new(*b"20001   ", 1, true);
        for report in [&b"a"[..], b"", b"ccc"] {
            stream.push(report);
        }
        stream.forget();
        let read: Vec<_> = (0..5).map(|index| stream.get(index)).collect();
        assert_eq!(read, [None, Some(&b"a"[..]), Some(b""), Some(b"ccc"), None]);
        assert_eq!(stream.max(), 3);
    }

    #[test]
    fn a_stream_without_memory_keeps_counting() {
        let mut stream = Stream::new([b' '; 8], 1, false);
        stream.push(b"a");
        stream.forget();
        stream.push(b"b");
        assert_eq!(
            (stream.get(1), stream.get(2), stream.max()),
            (None, Some(&b"b"[..]), 2)
        );
    }
}
