//! The SM3 chain over segments.
//!
//! A segment's digest covers the digest before it, part A of its header and all bytes from the
//! first record to the end record. Changing or exchanging any segment changes every later digest.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use sm3::{Digest as _, Sm3};

use crate::directory::read_up_to;
use crate::disk::Disk;
use crate::error::{Corruption, Error, Result};
use crate::segment::{DIGEST, HEADER_PAGE, PART_A};

/// Name of the file that lists the digests.
pub const NAME: &str = "chain.txt";

/// Bytes of blocks that are taken before links need them.
const ROOM_AHEAD: u64 = 4096;
const BLOCK: usize = 64 << 10;

/// A digest being computed, block by block, while the segment still grows.
pub struct SegmentHash {
    /// The segment.
    pub number: u32,
    hasher: Sm3,
    at: u64,
    block: Box<[u8]>,
}

impl SegmentHash {
    /// Begin a segment whose predecessor has the digest `previous`.
    pub fn begin(number: u32, previous: &[u8; DIGEST]) -> Self {
        let mut hasher = Sm3::new();
        hasher.update(previous);
        Self {
            number,
            hasher,
            at: 0,
            block: vec![0; BLOCK].into(),
        }
    }

    /// Take in all bytes below `end`, which must be final.
    pub fn advance(&mut self, file: &File, end: u64) -> std::io::Result<()> {
        if self.at == 0 {
            let mut part_a = [0; PART_A];
            read_up_to(file, &mut part_a, 0)?;
            self.hasher.update(part_a);
            self.at = HEADER_PAGE as u64;
        }
        while self.at < end {
            let want = usize::try_from(end - self.at).map_or(BLOCK, |left| left.min(BLOCK));
            let read = read_up_to(file, &mut self.block[..want], self.at)?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.hasher.update(&self.block[..read]);
            self.at += read as u64;
        }
        Ok(())
    }

    /// The digest.
    pub fn finish(self) -> [u8; DIGEST] {
        self.hasher.finalize().into()
    }
}

/// The digest of a segment whose bytes are in memory.
pub fn digest_of(previous: &[u8; DIGEST], segment: &[u8], end: usize) -> [u8; DIGEST] {
    let mut hasher = Sm3::new();
    hasher.update(previous);
    hasher.update(segment.get(..PART_A).unwrap_or_default());
    hasher.update(segment.get(HEADER_PAGE..end).unwrap_or_default());
    hasher.finalize().into()
}

/// One line of the chain file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Segment number.
    pub number: u32,
    /// First sequence of the segment.
    pub first_sequence: u64,
    /// Sequence after the last one of the segment.
    pub next_sequence: u64,
    /// Offset after the end record.
    pub end: u64,
    /// The digest.
    pub digest: [u8; DIGEST],
}

impl Link {
    /// The line of this link, with its newline.
    pub fn line(&self) -> String {
        let Self {
            number,
            first_sequence,
            next_sequence,
            end,
            digest,
        } = self;
        format!(
            "{number:08} {first_sequence} {next_sequence} {end} {}\n",
            hex(digest)
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let parsed = Self {
            number: words.next()?.parse().ok()?,
            first_sequence: words.next()?.parse().ok()?,
            next_sequence: words.next()?.parse().ok()?,
            end: words.next()?.parse().ok()?,
            digest: unhex(words.next()?)?,
        };
        (parsed.line().strip_suffix('\n') == Some(line)).then_some(parsed)
    }
}

/// Read the chain file; a last line without its newline was cut by a crash and is left out.
pub fn read_links(dir: &Path) -> Result<Vec<Link>> {
    let path = dir.join(NAME);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", &path, error)),
    };
    let mut links = Vec::new();
    let mut offset = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line_text) = line.strip_suffix(b"\n") else {
            break;
        };
        let Some(link) = std::str::from_utf8(line_text).ok().and_then(Link::parse) else {
            let reason = "a line must name a segment and its digest, found other bytes".to_owned();
            return Err(Error::Corrupt(Corruption {
                path,
                segment: 0,
                offset,
                sequence: 0,
                reason,
            }));
        };
        links.push(link);
        offset += line.len() as u64;
    }
    Ok(links)
}

/// Write the chain file anew from its whole lines, so that the next append begins on a new line.
pub fn trim_links(disk: &dyn Disk, dir: &Path, links: &[Link]) -> Result<()> {
    let path = dir.join(NAME);
    let length = links.iter().map(|link| link.line().len() as u64).sum();
    if std::fs::metadata(&path).map_or(0, |meta| meta.len()) == length {
        return Ok(());
    }
    disk.open(&path, false)
        .and_then(|file| disk.resize(&path, &file, length))
        .map_err(|error| Error::io("shorten", &path, error))
}

/// Take room for the first links; without it a full disk is found when they are written.
pub fn reserve_room(disk: &dyn Disk, dir: &Path) {
    let path = dir.join(NAME);
    if let Ok(file) = disk.open(&path, false) {
        let end = file.metadata().map_or(0, |meta| meta.len());
        let _ = disk.reserve(&path, &file, end, ROOM_AHEAD);
    }
}

/// Append one link and sync it.
pub fn append_link(disk: &dyn Disk, dir: &Path, link: &Link) -> Result<()> {
    let path = dir.join(NAME);
    let append = || {
        let file = disk.open(&path, false)?;
        let end = file.metadata()?.len();
        let text = link.line();
        disk.write_at(&path, &file, text.as_bytes(), end)?;
        // Room for the next links, so that a disk that is full meanwhile does not forbid the seal of what it holds.
        let _ = disk.reserve(&path, &file, end + text.len() as u64, ROOM_AHEAD);
        disk.sync(&path, &file)
    };
    append().map_err(|error| Error::io("append to", &path, error))
}

/// Lower-case hexadecimal digits of some bytes.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn unhex(text: &str) -> Option<[u8; DIGEST]> {
    let mut digest = [0; DIGEST];
    let digits = text.as_bytes();
    if digits.len() != DIGEST * 2 {
        return None;
    }
    for (place, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
