//! Reading a whole journal again and saying what is not as it was written.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::chain::{self, Link, digest_of, hex, read_links};
use crate::directory::{header_state, read_segment, segment_numbers};
use crate::durable;
use crate::error::Result;
use crate::ids;
use crate::lock::Lock;
use crate::record::{KIND_SEAL, Parsed, build, parse, size_of_record};
use crate::segment::{
    DIGEST, HEADER_PAGE, HeaderState, PART_A, PART_B, SegmentHeader, encode_part_b, path_of,
};
use crate::walk::{Stop, walk};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// Segment number, 0 for a file beside the segments.
    pub segment: u32,
    /// Byte offset.
    pub offset: u64,
    /// Sequence expected there, 0 where none is.
    pub sequence: u64,
    /// What must hold and what was found.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            offset,
            sequence,
            reason,
            ..
        } = self;
        write!(
            f,
            "{} offset {offset} sequence {sequence}: {reason}",
            path.display()
        )
    }
}

/// What was found in one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSummary {
    /// Its number.
    pub number: u32,
    /// Its first sequence.
    pub first_sequence: u64,
    /// Number of valid records.
    pub records: u64,
    /// Trade date of its header.
    pub trade_date: u32,
    /// Epoch of its header.
    pub epoch: u32,
    /// Its chain digest as hexadecimal digits, if it is sealed.
    pub digest: Option<String>,
}

/// The outcome of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// One entry for each segment in use.
    pub segments: Vec<SegmentSummary>,
    /// All findings; empty if the journal is as it was written.
    pub findings: Vec<Finding>,
    /// Number of valid records.
    pub records: u64,
    /// Whether a writer had the journal open; its last records are then not looked at.
    pub live: bool,
}

impl VerifyReport {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }
}

struct Verifier<'a> {
    dir: &'a Path,
    report: VerifyReport,
    links: Vec<Link>,
    /// Digest of the segment before, if it is known.
    digest: Option<[u8; DIGEST]>,
    expected: Option<u64>,
    /// Last segment number; while a writer is at work it is still in motion.
    last: u32,
}

/// Read everything again: headers, records, padding, seals, the chain and the side files.
///
/// # Errors
/// When a file cannot be read; what is read and wrong is a finding, not an error.
pub fn verify(dir: &Path) -> Result<VerifyReport> {
    let live = Lock::is_held(dir);
    let numbers = used_segments(dir)?;
    let mut verifier = Verifier {
        dir,
        report: VerifyReport {
            live,
            ..VerifyReport::default()
        },
        links: Vec::new(),
        digest: None,
        expected: None,
        last: numbers.last().copied().unwrap_or(0),
    };
    verifier.read_side_files();
    let mut before = None;
    for number in numbers {
        if before.is_some_and(|before| before + 1 != number) {
            verifier.note(
                number,
                0,
                format!("segment {number} must follow {before:?}"),
            );
        }
        before = Some(number);
        verifier.segment(number)?;
    }
    verifier.unmatched_links();
    Ok(verifier.report)
}

/// Segments in use; preallocated ones are all zero and hold nothing to verify, unless they do not.
fn used_segments(dir: &Path) -> Result<Vec<u32>> {
    let mut numbers = segment_numbers(dir)?;
    if let Some(number) = numbers.last().copied() {
        let path = path_of(dir, number);
        if header_state(dir, number)? == HeaderState::Fresh {
            let bytes = read_segment(&path)?;
            if bytes.iter().all(|byte| *byte == 0) {
                numbers.pop();
            }
        }
    }
    Ok(numbers)
}

impl Verifier<'_> {
    fn note(&mut self, segment: u32, offset: usize, reason: impl Into<String>) {
        let sequence = self.expected.unwrap_or(0);
        let path = path_of(self.dir, segment);
        let (offset, reason) = (offset as u64, reason.into());
        self.report.findings.push(Finding {
            path,
            segment,
            offset,
            sequence,
            reason,
        });
    }

    fn note_file(&mut self, name: &str, reason: impl Into<String>) {
        let (path, reason) = (self.dir.join(name), reason.into());
        self.report.findings.push(Finding {
            path,
            segment: 0,
            offset: 0,
            sequence: 0,
            reason,
        });
    }

    fn read_side_files(&mut self) {
        match durable::read(self.dir) {
            Ok(Some(_)) => {}
            Ok(None) => self.note_file(durable::NAME, "the durable mark must exist, found none"),
            Err(reason) => self.note_file(durable::NAME, reason),
        }
        if let Some(reason) = ids::check(self.dir) {
            self.note_file(ids::NAME, reason);
        }
        match read_links(self.dir) {
            Ok(links) => self.links = links,
            Err(error) => self.note_file(chain::NAME, error.to_string()),
        }
        if !self.report.live {
            let text: String = self.links.iter().map(Link::line).collect();
            let found = std::fs::read(self.dir.join(chain::NAME)).unwrap_or_default();
            if found != text.as_bytes() {
                self.note_file(
                    chain::NAME,
                    "the file must hold whole lines only, found more",
                );
            }
        }
    }

    fn header_of(&mut self, bytes: &[u8], number: u32) -> Option<SegmentHeader> {
        let reason = match SegmentHeader::decode(bytes) {
            HeaderState::Used(header) if header.number == number => return Some(header),
            HeaderState::Used(header) => {
                format!("the number must be {number}, found {}", header.number)
            }
            HeaderState::Fresh => "a segment in use must have a header, found zeros".to_owned(),
            HeaderState::Bad(reason) => reason.to_owned(),
        };
        self.note(number, 0, reason);
        None
    }

    fn segment(&mut self, number: u32) -> Result<()> {
        let path = path_of(self.dir, number);
        let bytes = read_segment(&path)?;
        let Some(header) = self.header_of(&bytes, number) else {
            return Ok(());
        };
        let moving = self.report.live && number == self.last;
        if !moving && bytes.len() as u64 != header.segment_bytes {
            let reason = format!(
                "the file must have {} bytes, found {}",
                header.segment_bytes,
                bytes.len()
            );
            self.note(number, bytes.len(), reason);
        }
        if self
            .expected
            .is_some_and(|expected| expected != header.first_sequence)
        {
            self.note(
                number,
                16,
                format!("the first sequence is {}", header.first_sequence),
            );
        }
        let found = walk(&bytes, &header);
        self.expected = Some(found.next_sequence);
        self.previous_digest(&bytes, number);
        let digest = match found.stop {
            Stop::End(end) => self.sealed(&bytes, &header, found.next_sequence, end),
            Stop::Empty | Stop::Bad(_) if moving => None,
            Stop::Bad(reason) => {
                self.note(number, found.offset, reason);
                None
            }
            Stop::Empty => {
                self.require_zeros(&bytes, number, found.offset);
                self.require_last(number, found.offset);
                None
            }
        };
        self.digest = digest;
        let records = found.next_sequence - header.first_sequence;
        self.report.records += records;
        self.report.segments.push(SegmentSummary {
            number,
            first_sequence: header.first_sequence,
            records,
            trade_date: header.trade_date,
            epoch: header.epoch,
            digest: digest.map(|digest| hex(&digest)),
        });
        Ok(())
    }

    /// Part B of the header must repeat the digest of the segment before, and the rest be zero.
    fn previous_digest(&mut self, bytes: &[u8], number: u32) {
        let part_b = bytes.get(PART_A..PART_A + PART_B).unwrap_or_default();
        let first = self.report.segments.is_empty();
        let unwritten = self.report.live && part_b.iter().all(|byte| *byte == 0);
        match self.digest {
            // While a writer is at work the digest may be known and not yet written here.
            Some(digest) if part_b != encode_part_b(number, &digest) && !unwritten => {
                self.note(
                    number,
                    PART_A,
                    "the digest before must match, found a different one",
                );
            }
            None if first => {
                let mut stored = [0; DIGEST];
                stored.copy_from_slice(part_b.get(..DIGEST).unwrap_or(&[0; DIGEST]));
                if part_b != encode_part_b(number, &stored)
                    || (number == 1 && stored != [0; DIGEST])
                {
                    self.note(
                        number,
                        PART_A,
                        "the digest before must be valid, found it damaged",
                    );
                }
                self.digest = Some(stored);
            }
            // The keeper may have sealed the segment before since this run looked at it.
            None if part_b.iter().any(|byte| *byte != 0) && !self.report.live => {
                self.note(
                    number,
                    PART_A,
                    "the segment before must be sealed, found no seal",
                );
            }
            _ => {}
        }
        let rest = bytes.get(PART_A + PART_B..HEADER_PAGE).unwrap_or_default();
        if let Some(at) = rest.iter().position(|byte| *byte != 0) {
            let reason = "the header page must be zero here, found other bytes";
            self.note(number, PART_A + PART_B + at, reason);
        }
    }

    /// A segment with an end record: its seal, its link and the zeros after it.
    fn sealed(
        &mut self,
        bytes: &[u8],
        header: &SegmentHeader,
        next_sequence: u64,
        end: usize,
    ) -> Option<[u8; DIGEST]> {
        let number = header.number;
        let digest = digest_of(&self.digest?, bytes, end);
        let after = end + size_of_record(DIGEST);
        let seal = bytes.get(end..after).unwrap_or_default();
        self.require_zeros(bytes, number, after);
        let link = self
            .links
            .iter()
            .find(|link| link.number == number)
            .copied();
        let first_sequence = header.first_sequence;
        let wanted = Link {
            number,
            first_sequence,
            next_sequence,
            end: end as u64,
            digest,
        };
        if link.is_none() && (self.report.live || matches!(parse(seal), Parsed::Empty)) {
            // Ended but not yet hashed: by a living writer, or by one that was killed.
            return None;
        }
        if seal != build(KIND_SEAL, next_sequence, 0, &digest) {
            self.note(
                number,
                end,
                format!("the seal must carry {}, found another", hex(&digest)),
            );
        }
        match link {
            Some(link) if link != wanted => {
                self.note_file(
                    chain::NAME,
                    format!("the line of segment {number} must match it"),
                );
            }
            None if !self.report.live && number + 1 < self.last => {
                self.note_file(chain::NAME, format!("segment {number} must have a line"));
            }
            _ => {}
        }
        Some(digest)
    }

    fn require_zeros(&mut self, bytes: &[u8], number: u32, from: usize) {
        let rest = bytes.get(from..).unwrap_or_default();
        if let Some(at) = rest.iter().position(|byte| *byte != 0) {
            let reason = "bytes after the last record must be zero, found others";
            self.note(number, from + at, reason);
        }
    }

    fn require_last(&mut self, number: u32, offset: usize) {
        if number != self.last {
            self.note(
                number,
                offset,
                "a segment with a successor must end, found no end record",
            );
        }
    }

    fn unmatched_links(&mut self) {
        let known: Vec<u32> = self
            .report
            .segments
            .iter()
            .map(|segment| segment.number)
            .collect();
        for link in std::mem::take(&mut self.links) {
            let younger = self.report.live && link.number > self.last;
            if !known.contains(&link.number) && !younger {
                let reason = format!("segment {} has a line and no valid file", link.number);
                self.note_file(chain::NAME, reason);
            }
        }
    }
}
