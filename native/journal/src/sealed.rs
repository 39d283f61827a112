//! A journal that has ended for good: its last end record says that nothing follows, and its chain is closed.
//!
//! The word stands in a record that the chain covers, so it cannot be taken away without a trace.

use std::fs::File;
use std::path::Path;

use crate::chain::{SegmentHash, hex, read_links};
use crate::directory::{header_state, read_up_to, segment_numbers};
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::record::{FINAL, KIND_END, Parsed, parse, size_of_record};
use crate::recover::Recovered;
use crate::sealer::seal_segment;
use crate::segment::{END_PAYLOAD, HeaderState, path_of};

/// The end of a sealed journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Sequence of the last record.
    pub sequence: u64,
    /// SM3 chain digest over all segments, as hexadecimal digits.
    pub digest: String,
}

/// Read the seal of a journal; nothing when it can still be appended to.
///
/// # Errors
/// When a file cannot be read, or the chain file is damaged.
pub fn read_seal(dir: &Path) -> Result<Option<Seal>> {
    let numbers = segment_numbers(dir)?;
    let Some(link) = read_links(dir)?.pop() else {
        return Ok(None);
    };
    for number in numbers.into_iter().filter(|number| *number > link.number) {
        if matches!(header_state(dir, number)?, HeaderState::Used(_)) {
            return Ok(None);
        }
    }
    let path = path_of(dir, link.number);
    let file = File::open(&path).map_err(|error| Error::io("open", &path, error))?;
    Ok(is_final(&file, &path, link.end)?.then(|| Seal {
        sequence: link.next_sequence - 1,
        digest: hex(&link.digest),
    }))
}

/// Refuse to go on with a journal that was sealed. A process that died while it sealed has its work finished.
pub fn require_unsealed(disk: &dyn Disk, dir: &Path, recovered: &Recovered) -> Result<()> {
    let sequence = recovered.report.last_sequence;
    let refused = || Error::Sealed {
        dir: dir.to_path_buf(),
        sequence,
    };
    let Some(last) = recovered.jobs.last() else {
        return match read_seal(dir)? {
            Some(_) => Err(refused()),
            None => Ok(()),
        };
    };
    if !is_final(&last.file, &path_of(dir, last.number), last.end)? {
        return Ok(());
    }
    let mut digest = recovered.digest;
    for job in &recovered.jobs {
        digest = seal_segment(disk, dir, SegmentHash::begin(job.number, &digest), job)?;
    }
    Err(refused())
}

fn is_final(file: &File, path: &Path, end: u64) -> Result<bool> {
    let mut bytes = vec![0; size_of_record(END_PAYLOAD)];
    let at = end.saturating_sub(bytes.len() as u64);
    read_up_to(file, &mut bytes, at).map_err(|error| Error::io("read", path, error))?;
    Ok(matches!(
        parse(&bytes),
        Parsed::Record(header, _) if header.kind == KIND_END && header.flags & FINAL != 0
    ))
}
