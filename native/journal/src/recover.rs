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
use crate::directory::{header_state, read_segment, require_header, segment_numbers};
use crate::disk::Disk;
use crate::durable::{self, DurableMark};
use crate::error::{Corruption, Error, Result};
use crate::record::{KIND_END, Parsed, build, parse, size_of_record};
use crate::segment::{DIGEST, HEADER_PAGE, HeaderState, SegmentHeader, path_of};
use crate::shared::SealJob;
use crate::walk::{Stop, Walk, end_payload, find_later, walk};

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

/// Bring a directory into a state from which a writer can go on, everything in it on the disk.
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
    let place = Place { disk, dir };
    let tail = Tail { mark, boot };
    let mut expected = None;
    for (at, number) in numbers.iter().copied().enumerate() {
        let later = numbers.get(at + 1..).unwrap_or_default();
        let header = match following_header(dir, number, recovered.last_number, expected) {
            Ok(header) => header,
            Err(error) => {
                // The segment before has its end: what was lost begins with this one's header.
                let next = expected.unwrap_or(1);
                if !tail.was_unsynced(next) || recovered.last_number == 0 {
                    return Err(error);
                }
                place.drop_segments(&numbers[at..], &mut recovered.report, &error.to_string())?;
                break;
            }
        };
        recovered.last_number = number;
        recovered.last_epoch = header.epoch;
        let next = if let Some(link) = links.iter().find(|link| link.number == number) {
            accept_sealed(dir, link, &mut recovered)?
        } else {
            let (next, ended) =
                recover_open(place, &header, later.is_empty(), tail, &mut recovered)?;
            if !ended && !later.is_empty() {
                let reason = "a segment before it was not written to its end";
                place.drop_segments(later, &mut recovered.report, reason)?;
                recovered.report.last_sequence = next - 1;
                break;
            }
            next
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

/// Where a recovery works.
#[derive(Clone, Copy)]
struct Place<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
}

impl Place<'_> {
    /// Drop whole segments of which nothing had been synced, the last one first.
    fn drop_segments(self, numbers: &[u32], report: &mut RecoveryReport, why: &str) -> Result<()> {
        let mut bytes = 0;
        for number in numbers.iter().rev() {
            let path = path_of(self.dir, *number);
            bytes += std::fs::metadata(&path).map_or(0, |meta| meta.len());
            self.disk
                .remove(&path)
                .map_err(|error| Error::io("remove", &path, error))?;
        }
        let segment = numbers.first().copied().unwrap_or_default();
        report.closed = false;
        let dropped = report.dropped.get_or_insert_with(|| Dropped {
            segment,
            offset: 0,
            bytes: 0,
            reason: why.to_owned(),
        });
        dropped.bytes += bytes;
        let count = numbers.len();
        dropped.reason = format!(
            "{}; with it {count} segments from {segment} on, of which nothing had been synced",
            dropped.reason
        );
        Ok(())
    }
}

/// What is known of the end of a journal besides its segments.
#[derive(Clone, Copy)]
struct Tail {
    mark: Option<DurableMark>,
    boot: [u8; 16],
}

impl Tail {
    /// Whether everything from a sequence on was never synced and may lack pages: the machine was
    /// restarted since, and the durable mark does not reach so far.
    fn was_unsynced(self, next_sequence: u64) -> bool {
        self.mark
            .is_some_and(|mark| mark.boot != self.boot && mark.sequence < next_sequence)
    }

    /// The last sequence that the disk is known to have.
    fn synced(self) -> u64 {
        self.mark.map_or(0, |mark| mark.sequence)
    }
}

/// Remove segments that were preallocated and never used.
fn remove_unused(disk: &dyn Disk, dir: &Path, numbers: &mut Vec<u32>) -> Result<()> {
    while let Some(number) = numbers.last().copied() {
        if matches!(header_state(dir, number)?, HeaderState::Used(_)) {
            break;
        }
        let path = path_of(dir, number);
        let bytes = read_segment(&path)?;
        // Part B may have been written before part A reached the disk, and the writer may have died
        // while it wrote part A: a segment without a record is not in use yet.
        let records = bytes.get(HEADER_PAGE..).unwrap_or_default();
        if records.iter().any(|byte| *byte != 0) {
            break;
        }
        disk.remove(&path)
            .map_err(|error| Error::io("remove", &path, error))?;
        numbers.pop();
    }
    Ok(())
}

/// The header of a segment, which must follow the one before.
fn following_header(
    dir: &Path,
    number: u32,
    last_number: u32,
    expected: Option<u64>,
) -> Result<SegmentHeader> {
    let header = require_header(dir, number, expected.unwrap_or(1))?;
    let Some(sequence) = expected else {
        return Ok(header);
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
        return Ok(header);
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

/// Recover a segment that has no link yet: the sequence after it, and whether it has its end.
fn recover_open(
    place: Place<'_>,
    header: &SegmentHeader,
    is_last: bool,
    tail: Tail,
    recovered: &mut Recovered,
) -> Result<(u64, bool)> {
    let path = path_of(place.dir, header.number);
    let bytes = read_segment(&path)?;
    let found = walk(&bytes, header);
    let file = place
        .disk
        .open(&path, false)
        .map_err(|error| Error::io("open", &path, error))?;
    let repair = |error| Error::io("repair", &path, error);
    let ended = matches!(found.stop, Stop::End(_));
    let end = if let Stop::End(end) = found.stop {
        write_again(place.disk, (&path, &file), header, &bytes[..end], tail).map_err(repair)?;
        end
    } else if is_last || tail.was_unsynced(found.next_sequence) {
        recovered.report.closed = false;
        recovered.report.dropped = judge_tail(place.dir, header, &bytes, &found, tail)?;
        let kept = &bytes[..found.offset];
        write_again(place.disk, (&path, &file), header, kept, tail).map_err(repair)?;
        close_segment(place.disk, (&path, &file), header, &found).map_err(repair)?
    } else {
        let reason = "a segment with a successor must have an end record".to_owned();
        let offset = found.offset as u64;
        let number = header.number;
        return Err(corrupt(
            place.dir,
            number,
            offset,
            found.next_sequence,
            reason,
        ));
    };
    recovered.jobs.push(SealJob {
        number: header.number,
        file: Arc::new(file),
        first_sequence: header.first_sequence,
        next_sequence: found.next_sequence,
        end: end as u64,
    });
    Ok((found.next_sequence, ended))
}

/// Write what no sync is known to have covered once more, and sync it.
///
/// What is read here may be in memory only. After a sync that failed the kernel takes its pages for
/// clean: a further sync alone would succeed and leave them behind.
fn write_again(
    disk: &dyn Disk,
    (path, file): (&Path, &File),
    header: &SegmentHeader,
    bytes: &[u8],
    tail: Tail,
) -> std::io::Result<()> {
    let mut from = 0;
    if header.first_sequence <= tail.synced() {
        from = HEADER_PAGE;
        while let Some(Parsed::Record(record, _)) = bytes.get(from..).map(parse)
            && record.sequence <= tail.synced()
            && record.kind < KIND_END
        {
            from += record.size();
        }
    }
    let again = bytes.get(from..).unwrap_or_default();
    disk.write_at(path, file, again, from as u64)?;
    disk.sync(path, file)
}

/// Decide whether what follows the last valid record is torn or corrupt.
fn judge_tail(
    dir: &Path,
    header: &SegmentHeader,
    bytes: &[u8],
    found: &Walk,
    tail_known: Tail,
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
        reason = format!(
            "{reason}; a valid record of sequence {} follows at {at}",
            record.sequence
        );
        if !tail_known.was_unsynced(found.next_sequence) {
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
