//! Order ids from blocks whose upper bound is on the disk before the first id is handed out.
//!
//! A lost journal tail can lose the records that say which ids were used; the bound is synced
//! ahead of all of them, so a restart begins above it and no id is ever used twice.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::directory::{read_up_to, segment_numbers};
use crate::disk::Disk;
use crate::error::{Corruption, Error, Result};
use crate::record::{u32_at, u64_at};

/// Name of the file of bounds.
pub const NAME: &str = "ids";

const MAGIC: &[u8; 8] = b"PANSHIID";
const SLOT: usize = 32;
const BYTES: usize = SLOT * 2;

/// Hands out ids that no earlier run of the same directory has handed out.
#[derive(Debug)]
pub struct IdBlocks {
    disk: Arc<dyn Disk>,
    file: File,
    path: PathBuf,
    block: u64,
    next: u64,
    upper: u64,
    turn: u64,
}

impl IdBlocks {
    /// Open the bounds of a directory and reserve the first block of this run.
    ///
    /// # Errors
    /// When the file is missing beside existing segments, is damaged, or cannot be synced.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, block: u64) -> Result<Self> {
        if block == 0 {
            return Err(Error::Setting(
                "an id block must hold at least 1 id, found 0".to_owned(),
            ));
        }
        let path = dir.join(NAME);
        if !path.exists() {
            create(&*disk, dir)?;
        }
        let file = disk
            .open(&path, false)
            .map_err(|error| Error::io("open", &path, error))?;
        let slots = read_slots(&file).map_err(|error| Error::io("read", &path, error))?;
        let Some((turn, upper)) = slots.into_iter().flatten().max() else {
            return Err(damaged(
                path,
                "one of the two bounds must be valid, found none",
            ));
        };
        let mut ids = Self {
            disk,
            file,
            path,
            block,
            next: upper + 1,
            upper,
            turn,
        };
        ids.reserve(upper + block)?;
        Ok(ids)
    }

    /// A run of ids, from 1 upward, the first one returned; one sync makes room when the current block does not hold it.
    ///
    /// # Errors
    /// When the new bound cannot be synced; no id is handed out then.
    pub fn take(&mut self, count: u64) -> Result<u64> {
        let last = self.next.saturating_add(count).saturating_sub(1);
        if last > self.upper {
            self.reserve(last.saturating_add(self.block))?;
        }
        let first = self.next;
        self.next = last + 1;
        Ok(first)
    }

    /// Hand out only ids behind this one from now on: another journal's run has used those up to it.
    ///
    /// # Errors
    /// As [`IdBlocks::take`].
    pub fn rise_above(&mut self, used: u64) -> Result<()> {
        if self.next <= used {
            self.take(used - self.next + 1)?;
        }
        Ok(())
    }

    fn reserve(&mut self, upper: u64) -> Result<()> {
        self.turn += 1;
        let at = (self.turn % 2) * SLOT as u64;
        let (disk, path, file) = (&self.disk, &self.path, &self.file);
        disk.write_at(path, file, &encode(self.turn, upper), at)
            .and_then(|()| disk.sync(path, file))
            .map_err(|error| Error::io("reserve ids in", &self.path, error))?;
        self.upper = upper;
        Ok(())
    }
}

/// Make the file of a new journal.
pub fn create(disk: &dyn Disk, dir: &Path) -> Result<()> {
    let path = dir.join(NAME);
    if !segment_numbers(dir)?.is_empty() {
        return Err(damaged(
            path,
            "the file of id bounds must exist beside segments, found none",
        ));
    }
    let mut bytes = [0; BYTES];
    bytes[..SLOT].copy_from_slice(&encode(0, 0));
    bytes[SLOT..].copy_from_slice(&encode(1, 0));
    let write = || {
        let file = disk.open(&path, true)?;
        disk.write_at(&path, &file, &bytes, 0)?;
        disk.sync(&path, &file)?;
        disk.sync_directory(dir)
    };
    write().map_err(|error| Error::io("write", &path, error))
}

/// Say what is wrong with the file of bounds, if anything.
pub fn check(dir: &Path) -> Option<&'static str> {
    let Ok(file) = File::open(dir.join(NAME)) else {
        return Some("the file of id bounds must exist, found none");
    };
    match read_slots(&file) {
        Ok([Some(_), Some(_)]) => None,
        _ => Some("both id bounds must be valid, found a damaged one"),
    }
}

fn read_slots(file: &File) -> std::io::Result<[Option<(u64, u64)>; 2]> {
    let mut bytes = [0; BYTES + 1];
    if read_up_to(file, &mut bytes, 0)? != BYTES {
        return Ok([None, None]);
    }
    Ok([decode(&bytes[..SLOT]), decode(&bytes[SLOT..BYTES])])
}

fn encode(turn: u64, upper: u64) -> [u8; SLOT] {
    let mut bytes = [0; SLOT];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&turn.to_le_bytes());
    bytes[16..24].copy_from_slice(&upper.to_le_bytes());
    let checksum = crc32c::crc32c(&bytes[..24]);
    bytes[24..28].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

fn decode(slot: &[u8]) -> Option<(u64, u64)> {
    let (turn, upper) = (u64_at(slot, 8), u64_at(slot, 16));
    (slot == encode(turn, upper) && u32_at(slot, 24) != 0).then_some((turn, upper))
}

fn damaged(path: PathBuf, reason: &str) -> Error {
    let reason = reason.to_owned();
    Error::Corrupt(Corruption {
        path,
        segment: 0,
        offset: 0,
        sequence: 0,
        reason,
    })
}
