//! One record: a 32-byte header, then the payload padded with zeros to 8 bytes. Little endian.
//!
//! | offset | field | |
//! | --- | --- | --- |
//! | 0 | `length` u32 | bytes of payload, padding left out |
//! | 4 | `kind` u16 | the layout's type number; 0 is never written |
//! | 6 | `flags` u16 | reserved, 0 |
//! | 8 | `sequence` u64 | counts from 1 over the whole journal |
//! | 16 | `time_ns` u64 | wall time of the append |
//! | 24 | `checksum` u32 | CRC-32C of all other bytes of the record, padding included |
//! | 28 | `mark` u32 | constant; lets recovery tell records from chance bytes |

/// Bytes of a record's header.
pub const HEADER_BYTES: usize = 32;
/// Largest payload of a record.
pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;
/// Kind of the record that ends a segment; it carries the next sequence and consumes none.
pub const KIND_END: u16 = 0xFFFE;
/// Kind of the record after the end that carries the segment's chain digest.
pub const KIND_SEAL: u16 = 0xFFFF;
/// Flag of an end record: no record follows, in this segment or another.
pub const FINAL: u16 = 1;

const MARK: u32 = 0x3152_4A50;
const CHECKSUM_AT: usize = 24;
const MARK_AT: usize = 28;

panshi_wire::saved! {
    /// Where a record lies.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Position {
        /// Segment number, from 1.
        pub segment: u32,
        /// Byte offset of the record's header in the segment.
        pub offset: u32,
    }
}

/// The header of a record, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordHeader {
    /// Bytes of payload.
    pub length: u32,
    /// Type number of the payload's layout.
    pub kind: u16,
    /// Reserved.
    pub flags: u16,
    /// Position in the journal's order, from 1.
    pub sequence: u64,
    /// Wall time of the append, nanoseconds since the Unix epoch.
    pub time_ns: u64,
}

impl RecordHeader {
    /// Bytes the record takes in its segment.
    #[must_use]
    pub const fn size(&self) -> usize {
        size_of_record(self.length as usize)
    }
}

/// Bytes that a record with `len` bytes of payload takes.
#[must_use]
pub const fn size_of_record(len: usize) -> usize {
    HEADER_BYTES + len.next_multiple_of(8)
}

/// What lies at a place of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// A valid record.
    Record(RecordHeader, &'a [u8]),
    /// A header of zeros: nothing was written here.
    Empty,
    /// The record goes on past the bytes given.
    Short,
    /// Not a record; the text says why.
    Bad(&'static str),
}

/// Read the record at the beginning of `bytes`, checking everything but its sequence.
#[must_use]
pub fn parse(bytes: &[u8]) -> Parsed<'_> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Parsed::Short;
    };
    let (header, checksum, mark) = decode(head);
    if mark != MARK || header.kind == 0 {
        return if head.iter().all(|byte| *byte == 0) {
            Parsed::Empty
        } else {
            Parsed::Bad("a record's header must carry the record mark, found other bytes")
        };
    }
    let length = header.length as usize;
    if length > PAYLOAD_BYTES_MAX {
        return Parsed::Bad("a record's length must be within the maximum, found a larger one");
    }
    let Some(body) = rest.get(..length.next_multiple_of(8)) else {
        return Parsed::Short;
    };
    if checksum != checksum_of(head, body) {
        return Parsed::Bad("a record's checksum must match its bytes, found a different one");
    }
    Parsed::Record(header, body.get(..length).unwrap_or_default())
}

fn decode(head: &[u8; HEADER_BYTES]) -> (RecordHeader, u32, u32) {
    let header = RecordHeader {
        length: u32_at(head, 0),
        kind: u16::from_le_bytes([head[4], head[5]]),
        flags: u16::from_le_bytes([head[6], head[7]]),
        sequence: u64_at(head, 8),
        time_ns: u64_at(head, 16),
    };
    (header, u32_at(head, CHECKSUM_AT), u32_at(head, MARK_AT))
}

fn checksum_of(head: &[u8; HEADER_BYTES], body: &[u8]) -> u32 {
    let front = crc32c::crc32c(&head[..CHECKSUM_AT]);
    crc32c::crc32c_append(crc32c::crc32c_append(front, &head[MARK_AT..]), body)
}

/// Complete the record whose payload already lies in `slot` behind the header's place.
///
/// `slot` must be exactly [`size_of_record`] of the header's length.
#[inline]
pub fn finish(slot: &mut [u8], header: RecordHeader) {
    let Some((head, body)) = slot.split_first_chunk_mut::<HEADER_BYTES>() else {
        return;
    };
    if let Some(padding) = body.get_mut(header.length as usize..) {
        padding.fill(0);
    }
    let mut fresh = [0_u8; HEADER_BYTES];
    fresh[0..4].copy_from_slice(&header.length.to_le_bytes());
    fresh[4..6].copy_from_slice(&header.kind.to_le_bytes());
    fresh[6..8].copy_from_slice(&header.flags.to_le_bytes());
    fresh[8..16].copy_from_slice(&header.sequence.to_le_bytes());
    fresh[16..24].copy_from_slice(&header.time_ns.to_le_bytes());
    fresh[MARK_AT..].copy_from_slice(&MARK.to_le_bytes());
    let checksum = checksum_of(&fresh, body);
    fresh[CHECKSUM_AT..MARK_AT].copy_from_slice(&checksum.to_le_bytes());
    *head = fresh;
}

/// Build a whole record on its own, for the few that are not written into a mapped segment.
#[must_use]
pub fn build(kind: u16, sequence: u64, time_ns: u64, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; size_of_record(payload.len())];
    if let Some(place) = bytes.get_mut(HEADER_BYTES..HEADER_BYTES + payload.len()) {
        place.copy_from_slice(payload);
    }
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    finish(
        &mut bytes,
        RecordHeader {
            length,
            kind,
            flags: 0,
            sequence,
            time_ns,
        },
    );
    bytes
}

/// Read a little-endian number; zero when the bytes end before it.
#[must_use]
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

/// Read a little-endian number; zero when the bytes end before it.
#[must_use]
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back() {
        let bytes = build(7, 42, 99, b"hello");
        assert_eq!(bytes.len(), 40);
        let Parsed::Record(header, payload) = parse(&bytes) else {
            panic!("not a record")
        };
        assert_eq!((header.kind, header.sequence, header.time_ns), (7, 42, 99));
        assert_eq!(payload, b"hello");
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let bytes = build(7, 42, 99, b"hello");
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(!matches!(parse(&flipped), Parsed::Record(..)), "bit {at}");
        }
    }

    #[test]
    fn every_prefix_is_short_and_zeros_are_empty() {
        let bytes = build(7, 42, 99, b"hello");
        for cut in 0..bytes.len() {
            assert_eq!(parse(&bytes[..cut]), Parsed::Short, "cut at {cut}");
        }
        assert_eq!(parse(&[0; 64]), Parsed::Empty);
    }
}
