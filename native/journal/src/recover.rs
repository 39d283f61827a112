//! Finding the last valid record; the same path at every start.
//!
//! Bytes after the last valid record are a *torn tail* when no valid record follows them: they are
//! dropped, and the report says so. When valid records follow, bytes were changed afterwards: that
//! is *corruption* and an error. One exception: after a power cut, pages that were never synced may
//! be missing while later ones arrived; what the durable mark does not cover may then be dropped.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use crate::chain::{Link, read_links, trim_links};
use crate::directory::{header_state, require_header, segment_numbers};
use crate::disk::Disk;
use crate::durable::{self, DurableMark};
use crate::error::{Corruption, Error, Result};
use crate::record::{
    HEADER_BYTES, KIND_END, KIND_SEAL, Parsed, RecordHeader, build, parse, size_of_record,
};
use crate::segment::{DIGEST, END_PAYLOAD, HEADER_PAGE, HeaderState, SegmentHeader, path_of};
use crate::shared::SealJob;

/// A tail that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Segment number.
    pub segment: u32,
    /// Offset of the first dropped byte.
    pub offset: u64,
    /// Number of dropped bytes.
    pub bytes: u64,
    /// Why they are not records.
    pub reason: String,
}

/// What a start found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Sequence of the last valid record, 0 for an empty journal.
    pub last_sequence: u64,
    /// Segments in use before this start.
    pub segments: u32,
    /// Whether the last writer closed the journal.
    pub closed: bool,
    /// A torn tail, if there was one.
    pub dropped: Option<Dropped>,
    /// Sequences that had been reported durable and are gone, first and last.
    pub lost_durable: Option<(u64, u64)>,
}

impl fmt::Display for RecoveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.closed { "closed" } else { "not closed" };
        write!(
            f,
            "journal was {how}; {} segments, last sequence {}",
            self.segments, self.last_sequence
        )?;
        if let Some(Dropped {
            segment,
            offset,
            bytes,
            reason,
        }) = &self.dropped
        {
            write!(
                f,
                "; dropped a torn tail of {bytes} bytes in segment {segment} at offset {offset}: \
                 {reason}"
            )?;
        }
        if let Some((first, last)) = self.lost_durable {
            write!(
                f,
                "; sequences {first} to {last} had been synced and are LOST"
            )?;
        }
        Ok(())
    }
}

/// Everything a writer needs to go on.
pub struct Recovered {
    /// For the caller.
    pub report: RecoveryReport,
    /// Number of the last segment in use, 0 if none.
    pub last_number: u32,
    /// Epoch of the last segment, 0 if none.
    pub last_epoch: u32,
    /// Digest of the last sealed segment, zeros if none.
    pub digest: [u8; DIGEST],
    /// Number of the segment whose digest is computed next.
    pub next_to_hash: u32,
    /// Finished but unsealed segments.
    pub jobs: Vec<SealJob>,
}

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

/// Bring a directory into a state from which a writer can go on.
pub fn recover(disk: &dyn Disk, dir: &Path, boot: [u8; 16]) -> Result<Recovered> {
    let mark = durable::read(dir).unwrap_or_default();
    let links = read_links(dir)?;
    trim_links(disk, dir, &links)?;
    let mut numbers = segment_numbers(dir)?;
    remove_unused(disk, dir, &mut numbers)?;
    let mut recovered = Recovered {
        report: RecoveryReport {
            closed: true,
            ..RecoveryReport::default()
        },
        last_number: 0,
        last_epoch: 0,
        digest: [0; DIGEST],
        next_to_hash: numbers.first().copied().unwrap_or(1),
        jobs: Vec::new(),
    };
    recovered.report.segments = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let mut expected = None;
    for (at, number) in numbers.iter().copied().enumerate() {
        let header = require_header(dir, number, expected.unwrap_or(1))?;
        require_follows(dir, &header, recovered.last_number, expected)?;
        recovered.last_number = number;
        recovered.last_epoch = header.epoch;
        let next = if let Some(link) = links.iter().find(|link| link.number == number) {
            accept_sealed(dir, link, &mut recovered)?
        } else {
            let is_last = at + 1 == numbers.len();
            let last = is_last.then_some((mark, boot));
            recover_open(disk, dir, &header, last, &mut recovered)?
        };
        expected = Some(next);
        recovered.report.last_sequence = next - 1;
    }
    let last = recovered.report.last_sequence;
    if let Some(mark) = mark.filter(|mark| mark.sequence > last) {
        recovered.report.lost_durable = Some((last + 1, mark.sequence));
    }
    Ok(recovered)
}

/// Remove segments that were preallocated and never used.
fn remove_unused(disk: &dyn Disk, dir: &Path, numbers: &mut Vec<u32>) -> Result<()> {
    while let Some(number) = numbers.last().copied() {
        if header_state(dir, number)? != HeaderState::Fresh {
            break;
        }
        let path = path_of(dir, number);
        let bytes = std::fs::read(&path).map_err(|error| Error::io("read", &path, error))?;
        // Part B may have been written before part A reached the disk.
        if bytes
            .get(HEADER_PAGE..)
            .unwrap_or_default()
            .iter()
            .any(|byte| *byte != 0)
        {
            break;
        }
        disk.remove(&path)
            .map_err(|error| Error::io("remove", &path, error))?;
        numbers.pop();
    }
    Ok(())
}

fn require_follows(
    dir: &Path,
    header: &SegmentHeader,
    last_number: u32,
    expected: Option<u64>,
) -> Result<()> {
    let Some(sequence) = expected else {
        return Ok(());
    };
    let reason = if header.number != last_number + 1 {
        format!(
            "segment {} must follow segment {last_number}, found {}",
            last_number + 1,
            header.number
        )
    } else if header.first_sequence != sequence {
        format!(
            "the first sequence must be {sequence}, found {}",
            header.first_sequence
        )
    } else {
        return Ok(());
    };
    Err(corrupt(dir, header.number, 0, sequence, reason))
}

fn accept_sealed(dir: &Path, link: &Link, recovered: &mut Recovered) -> Result<u64> {
    let path = path_of(dir, link.number);
    let size = std::fs::metadata(&path)
        .map_err(|error| Error::io("read", &path, error))?
        .len();
    let needed = link.end + size_of_record(DIGEST) as u64;
    if size < needed {
        let reason = format!("a sealed segment must have {needed} bytes, found {size}");
        return Err(corrupt(dir, link.number, size, link.next_sequence, reason));
    }
    recovered.digest = link.digest;
    recovered.next_to_hash = link.number + 1;
    Ok(link.next_sequence)
}

/// Recover a segment that has no link yet; only the last one may have a torn tail.
fn recover_open(
    disk: &dyn Disk,
    dir: &Path,
    header: &SegmentHeader,
    last: Option<(Option<DurableMark>, [u8; 16])>,
    recovered: &mut Recovered,
) -> Result<u64> {
    let path = path_of(dir, header.number);
    let bytes = std::fs::read(&path).map_err(|error| Error::io("read", &path, error))?;
    let found = walk(&bytes, header);
    let file = disk
        .open(&path, false)
        .map_err(|error| Error::io("open", &path, error))?;
    let end = match (found.stop, last) {
        (Stop::End(end), _) => end,
        (_, Some((mark, boot))) => {
            recovered.report.closed = false;
            recovered.report.dropped = judge_tail(dir, header, &bytes, &found, (mark, boot))?;
            close_segment(disk, (&path, &file), header, &found)
                .map_err(|error| Error::io("repair", &path, error))?
        }
        (_, None) => {
            let reason = "a segment with a successor must have an end record".to_owned();
            let offset = found.offset as u64;
            return Err(corrupt(
                dir,
                header.number,
                offset,
                found.next_sequence,
                reason,
            ));
        }
    };
    recovered.jobs.push(SealJob {
        number: header.number,
        file: Arc::new(file),
        first_sequence: header.first_sequence,
        next_sequence: found.next_sequence,
        end: end as u64,
    });
    Ok(found.next_sequence)
}

/// Decide whether what follows the last valid record is torn or corrupt.
fn judge_tail(
    dir: &Path,
    header: &SegmentHeader,
    bytes: &[u8],
    found: &Walk,
    (mark, boot): (Option<DurableMark>, [u8; 16]),
) -> Result<Option<Dropped>> {
    let tail = bytes.get(found.offset..).unwrap_or_default();
    let used = tail
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let missing = header.segment_bytes.saturating_sub(bytes.len() as u64);
    let mut reason = match found.stop {
        Stop::Bad(reason) => reason.to_owned(),
        _ if used > 0 => "bytes after the last record must be zero, found others".to_owned(),
        _ => "the file must have its whole length, found it cut".to_owned(),
    };
    if let Some((at, record)) = find_later(bytes, found.offset, found.next_sequence) {
        let unsynced =
            mark.is_some_and(|mark| mark.boot != boot && mark.sequence < found.next_sequence);
        reason = format!(
            "{reason}; a valid record of sequence {} follows at {at}",
            record.sequence
        );
        if !unsynced {
            let offset = found.offset as u64;
            return Err(corrupt(
                dir,
                header.number,
                offset,
                found.next_sequence,
                reason,
            ));
        }
        reason.push_str("; the machine was restarted and none of it had been synced");
    }
    let bytes = used as u64 + missing;
    let (segment, offset) = (header.number, found.offset as u64);
    Ok((bytes > 0).then_some(Dropped {
        segment,
        offset,
        bytes,
        reason,
    }))
}

/// Clear the tail and write the end record; the offset after it.
fn close_segment(
    disk: &dyn Disk,
    (path, file): (&Path, &File),
    header: &SegmentHeader,
    found: &Walk,
) -> std::io::Result<usize> {
    let at = found.offset as u64;
    disk.resize(path, file, at)?;
    let payload = end_payload(header.first_sequence, found.next_sequence);
    let end = build(KIND_END, found.next_sequence, 0, &payload);
    disk.write_at(path, file, &end, at)?;
    disk.resize(path, file, header.segment_bytes.max(at + end.len() as u64))?;
    disk.sync(path, file)?;
    Ok(found.offset + end.len())
}

fn corrupt(dir: &Path, segment: u32, offset: u64, sequence: u64, reason: String) -> Error {
    Error::Corrupt(Corruption {
        path: path_of(dir, segment),
        segment,
        offset,
        sequence,
        reason,
    })
}
