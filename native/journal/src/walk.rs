//! Going through the records of a segment in memory.

use crate::record::{HEADER_BYTES, KIND_END, KIND_SEAL, Parsed, RecordHeader, parse};
use crate::segment::{END_PAYLOAD, HEADER_PAGE, SegmentHeader};

/// Where a walk over a segment stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// At its end record; the offset is that after it.
    End(usize),
    /// At unwritten bytes or the end of the file.
    Empty,
    /// At something that is no record.
    Bad(&'static str),
}

/// The result of a walk over a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    /// Sequence that would come next.
    pub next_sequence: u64,
    /// Offset after the last valid record, the end record left out.
    pub offset: usize,
    /// Why it stopped.
    pub stop: Stop,
}

/// Go through the records of a segment in memory.
pub fn walk(bytes: &[u8], header: &SegmentHeader) -> Walk {
    let mut state = Walk {
        next_sequence: header.first_sequence,
        offset: HEADER_PAGE,
        stop: Stop::Empty,
    };
    loop {
        let rest = bytes.get(state.offset..).unwrap_or_default();
        state.stop = match parse(rest) {
            Parsed::Empty => Stop::Empty,
            Parsed::Short if rest.iter().all(|byte| *byte == 0) => Stop::Empty,
            Parsed::Short => Stop::Bad("a record must end inside its file, found it cut"),
            Parsed::Bad(reason) => Stop::Bad(reason),
            Parsed::Record(record, _) if record.sequence != state.next_sequence => {
                Stop::Bad("a record's sequence must follow the one before, found another")
            }
            Parsed::Record(record, payload) => match record.kind {
                KIND_END if end_matches(payload, header, &state) => {
                    Stop::End(state.offset + record.size())
                }
                KIND_END | KIND_SEAL => Stop::Bad("an end record must fit its segment"),
                _ => {
                    state.next_sequence += 1;
                    state.offset += record.size();
                    continue;
                }
            },
        };
        return state;
    }
}

fn end_matches(payload: &[u8], header: &SegmentHeader, state: &Walk) -> bool {
    payload == end_payload(header.first_sequence, state.next_sequence)
}

/// The payload of an end record.
pub fn end_payload(first_sequence: u64, next_sequence: u64) -> [u8; END_PAYLOAD] {
    let mut payload = [0; END_PAYLOAD];
    payload[..8].copy_from_slice(&first_sequence.to_le_bytes());
    payload[8..].copy_from_slice(&(next_sequence - first_sequence).to_le_bytes());
    payload
}

/// Look for a valid record behind a place that holds none.
pub fn find_later(bytes: &[u8], from: usize, expected: u64) -> Option<(usize, RecordHeader)> {
    let most = bytes.len().saturating_sub(from) / HEADER_BYTES + 1;
    (from.next_multiple_of(8)..bytes.len())
        .step_by(8)
        .skip(1)
        .find_map(|at| match parse(bytes.get(at..)?) {
            Parsed::Record(record, _)
                if record.sequence >= expected && record.sequence - expected <= most as u64 =>
            {
                Some((at, record))
            }
            _ => None,
        })
}
