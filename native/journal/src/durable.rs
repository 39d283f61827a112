//! The side file that tells other processes up to which record the journal is durable.
//!
//! One 8-byte word holds the sequence in its upper 48 bits and a check of it in the lower 16, so
//! that a reader never takes half an update for a number. The boot id beside it lets recovery tell
//! a killed process (the page cache survived) from a power cut (it did not).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::directory::read_up_to;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::record::{u32_at, u64_at};

/// Name of the side file.
pub const NAME: &str = "durable";

const BYTES: usize = 64;
const BOOT_AT: usize = 8;
const CHECK_AT: usize = 24;

/// The writer's handle.
pub struct DurableWord {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: File,
}

/// What the side file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurableMark {
    /// Last durable sequence.
    pub sequence: u64,
    /// Boot of the machine that wrote it.
    pub boot: [u8; 16],
}

impl DurableWord {
    /// Open the side file for writing and begin it with a mark.
    pub fn create(disk: Arc<dyn Disk>, dir: &Path, mark: DurableMark) -> Result<Self> {
        let path = dir.join(NAME);
        let file = disk
            .open(&path, false)
            .map_err(|error| Error::io("open", &path, error))?;
        let mut bytes = [0; BYTES];
        bytes[..BOOT_AT].copy_from_slice(&encode(mark.sequence).to_le_bytes());
        bytes[BOOT_AT..CHECK_AT].copy_from_slice(&mark.boot);
        bytes[CHECK_AT..CHECK_AT + 4].copy_from_slice(&crc32c::crc32c(&mark.boot).to_le_bytes());
        disk.write_at(&path, &file, &bytes, 0)
            .and_then(|()| disk.sync(&path, &file))
            .map_err(|error| Error::io("write", &path, error))?;
        Ok(Self { disk, path, file })
    }

    /// Publish a new sequence; it reaches the disk with a later sync of its own accord.
    pub fn store(&self, sequence: u64) -> std::io::Result<()> {
        let word = encode(sequence).to_le_bytes();
        self.disk.write_at(&self.path, &self.file, &word, 0)
    }
}

/// Read the side file: `None` when it is missing, an error text when it is damaged.
pub fn read(dir: &Path) -> std::result::Result<Option<DurableMark>, &'static str> {
    let Ok(file) = File::open(dir.join(NAME)) else {
        return Ok(None);
    };
    let mut bytes = [0; BYTES + 1];
    let read = read_up_to(&file, &mut bytes, 0).unwrap_or_default();
    if read != BYTES || bytes[CHECK_AT + 4..].iter().any(|byte| *byte != 0) {
        return Err("the file must be 64 bytes with a zero end, found another content");
    }
    let mut boot = [0; 16];
    boot.copy_from_slice(&bytes[BOOT_AT..CHECK_AT]);
    if u32_at(&bytes, CHECK_AT) != crc32c::crc32c(&boot) {
        return Err("the boot id's checksum must match, found a different one");
    }
    let sequence = decode(u64_at(&bytes, 0)).ok_or("the word's check must match its sequence")?;
    Ok(Some(DurableMark { sequence, boot }))
}

/// The id of this boot of the machine; zeros where the kernel does not tell.
pub fn boot_id() -> [u8; 16] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let mut id = [0; 16];
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    for (place, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let hex = std::str::from_utf8(pair).unwrap_or_default();
        *place = u8::from_str_radix(hex, 16).unwrap_or_default();
    }
    id
}

fn encode(sequence: u64) -> u64 {
    (sequence << 16) | u64::from(check_of(sequence))
}

fn decode(word: u64) -> Option<u64> {
    let sequence = word >> 16;
    (word == encode(sequence)).then_some(sequence)
}

fn check_of(sequence: u64) -> u16 {
    let checksum = crc32c::crc32c(&sequence.to_le_bytes());
    let folded = (checksum ^ (checksum >> 16)) & 0xFFFF;
    u16::try_from(folded).unwrap_or_default() ^ 0x5A5A
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_one_byte_is_found() {
        for sequence in [0, 1, 77, 123_456_789, (1 << 48) - 1] {
            let word = encode(sequence);
            assert_eq!(decode(word), Some(sequence));
            for byte in 0..8 {
                for change in 1..=255_u64 {
                    assert_eq!(
                        decode(word ^ (change << (byte * 8))),
                        None,
                        "{sequence} {byte}"
                    );
                }
            }
        }
        assert_eq!(decode(0), None);
    }
}
