//! What lies in a journal directory.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

use crate::error::{Corruption, Error, Result};
use crate::segment::{HeaderState, PART_A, SegmentHeader, number_of, path_of};

/// Numbers of the segment files of a directory, ascending.
pub fn segment_numbers(dir: &Path) -> Result<Vec<u32>> {
    let entries = std::fs::read_dir(dir).map_err(|error| Error::io("list", dir, error))?;
    let mut numbers = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io("list", dir, error))?;
        numbers.extend(entry.file_name().to_str().and_then(number_of));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Open a segment to read it.
///
/// Without this advice a read that comes near what is not written yet brings the rest of the segment in as large folios,
/// which are then the writer's pages too: each sync walks all buffers of a folio for the one page that changed.
pub fn open_to_read(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| Error::io("open", path, error))?;
    // A file system without it only reads as it likes.
    let _ = fadvise(&file, 0, None, Advice::Random);
    Ok(file)
}

/// The whole of a segment.
pub fn read_segment(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_to_read(path)?
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io("read", path, error))?;
    Ok(bytes)
}

/// Read part A of a segment's header.
pub fn header_state(dir: &Path, number: u32) -> Result<HeaderState> {
    let path = path_of(dir, number);
    let file = open_to_read(&path)?;
    let mut page = [0; PART_A];
    let read = read_up_to(&file, &mut page, 0).map_err(|error| Error::io("read", &path, error))?;
    Ok(SegmentHeader::decode(&page[..read]))
}

/// Read the header of a segment that must be in use.
pub fn require_header(dir: &Path, number: u32, sequence: u64) -> Result<SegmentHeader> {
    let reason = match header_state(dir, number)? {
        HeaderState::Used(header) if header.number == number => return Ok(header),
        HeaderState::Used(header) => {
            format!(
                "the header's number must be {number}, found {}",
                header.number
            )
        }
        HeaderState::Fresh => "the segment must have a header, found zeros".to_owned(),
        HeaderState::Bad(reason) => reason.to_owned(),
    };
    let path = path_of(dir, number);
    Err(Error::Corrupt(Corruption {
        path,
        segment: number,
        offset: 0,
        sequence,
        reason,
    }))
}

/// Fill `buffer` from a file, stopping early only at the end of the file.
pub fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
