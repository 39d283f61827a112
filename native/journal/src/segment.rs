//! A segment file: one header page, then records.
//!
//! The header page holds two parts. Part A (256 bytes) is written when the segment is taken into
//! use. Part B holds the chain digest of the segment before; it is written later, when that digest
//! is known, because hashing must never hold up an append. Everything else of the page is zero.

use std::path::{Path, PathBuf};

use crate::record::{self, u32_at, u64_at};

/// Bytes of the header page; records begin here.
pub const HEADER_PAGE: usize = 4096;
/// Bytes of part A, the part that the digest covers.
pub const PART_A: usize = 256;
/// Bytes of part B.
pub const PART_B: usize = 40;
/// Bytes of a digest.
pub const DIGEST: usize = 32;
/// Room kept at the end of a segment for its end record and its seal.
pub const RESERVE: usize = record::size_of_record(END_PAYLOAD) + record::size_of_record(DIGEST);
/// Payload bytes of an end record: first sequence, number of records.
pub const END_PAYLOAD: usize = 16;
/// The only version of the format so far.
pub const VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"PANSHIJ1";
const CHECKSUM_AT: usize = PART_A - 4;

/// Part A of a segment's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Number of the segment, from 1; also its file name.
    pub number: u32,
    /// Sequence of its first record.
    pub first_sequence: u64,
    /// Bytes preallocated for the file.
    pub segment_bytes: u64,
    /// Trade date as yyyymmdd.
    pub trade_date: u32,
    /// How often the journal was opened for writing, this time included.
    pub epoch: u32,
    /// Wall time at which the segment was taken into use.
    pub created_ns: u64,
}

/// What the first bytes of a segment say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderState {
    /// All zero: preallocated, never taken into use.
    Fresh,
    /// A valid part A.
    Used(SegmentHeader),
    /// Anything else.
    Bad(&'static str),
}

impl SegmentHeader {
    /// Part A as bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; PART_A] {
        let mut bytes = [0; PART_A];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.number.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_sequence.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.segment_bytes.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.trade_date.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.created_ns.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..CHECKSUM_AT]);
        bytes[CHECKSUM_AT..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Read part A from the beginning of a segment.
    #[must_use]
    pub fn decode(page: &[u8]) -> HeaderState {
        let Some(bytes) = page.first_chunk::<PART_A>() else {
            return HeaderState::Bad(
                "a segment must have a whole header page, found a shorter file",
            );
        };
        if bytes.iter().all(|byte| *byte == 0) {
            return HeaderState::Fresh;
        }
        if bytes[..8] != MAGIC {
            return HeaderState::Bad("a segment must begin with PANSHIJ1, found other bytes");
        }
        if u32_at(bytes, CHECKSUM_AT) != crc32c::crc32c(&bytes[..CHECKSUM_AT]) {
            return HeaderState::Bad("the header's checksum must match, found a different one");
        }
        if u32_at(bytes, 8) != VERSION {
            return HeaderState::Bad("the format version must be 1, found another");
        }
        HeaderState::Used(Self {
            number: u32_at(bytes, 12),
            first_sequence: u64_at(bytes, 16),
            segment_bytes: u64_at(bytes, 24),
            trade_date: u32_at(bytes, 32),
            epoch: u32_at(bytes, 36),
            created_ns: u64_at(bytes, 40),
        })
    }
}

/// Part B: the digest of the segment before, with a checksum of its own.
#[must_use]
pub fn encode_part_b(number: u32, previous: &[u8; DIGEST]) -> [u8; PART_B] {
    let mut bytes = [0; PART_B];
    bytes[..DIGEST].copy_from_slice(previous);
    let checksum = crc32c::crc32c_append(crc32c::crc32c(&number.to_le_bytes()), previous);
    bytes[DIGEST..DIGEST + 4].copy_from_slice(&checksum.to_le_bytes());
    bytes[DIGEST + 4..].copy_from_slice(&1_u32.to_le_bytes());
    bytes
}

/// The path of a segment.
#[must_use]
pub fn path_of(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:08}.pjl"))
}

/// The number in a segment's file name, or `None` for another file.
#[must_use]
pub fn number_of(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".pjl")?;
    (digits.len() == 8).then(|| digits.parse().ok()).flatten()
}
