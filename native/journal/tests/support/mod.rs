//! Journals for tests.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use panshi_journal::{Disk, Journal, Options, Reader, RecoveryReport};

/// Small segments, and no sync but those that a test asks for.
pub fn small() -> Options {
    Options {
        segment_bytes: 16 << 10,
        trade_date: 20_261_121,
        sync_interval: Duration::from_secs(3600),
        ..Options::default()
    }
}

/// A disk that fails once and for all at its n-th sync or allocation, counted from 1.
#[derive(Debug, Default)]
pub struct FailingDisk {
    /// This sync of the first segment fails.
    pub sync: Option<u64>,
    /// This allocation, and all later ones, find no room.
    pub allocate: Option<u64>,
    pub syncs: AtomicU64,
    pub allocations: AtomicU64,
    /// Writes beside the appends: file name, offset and length, 0 for a sync.
    pub log: Mutex<Vec<(String, u64, usize)>>,
}

impl FailingDisk {
    /// Small segments on this disk.
    pub fn options(self) -> Options {
        Options {
            disk: Arc::new(self),
            ..small()
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

impl Disk for FailingDisk {
    fn write_at(&self, path: &Path, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let row = (name(path), offset, bytes.len());
        self.log.lock().unwrap().push(row);
        file.write_all_at(bytes, offset)
    }

    fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        self.log.lock().unwrap().push((name(path), 0, 0));
        if path.ends_with("00000001.pjl")
            && self.sync == Some(self.syncs.fetch_add(1, Ordering::Relaxed) + 1)
        {
            return Err(io::Error::other("the disk failed"));
        }
        file.sync_data()
    }

    fn allocate(&self, _: &Path, file: &File, bytes: u64) -> io::Result<()> {
        let count = self.allocations.fetch_add(1, Ordering::Relaxed) + 1;
        if self.allocate.is_some_and(|from| count >= from) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.set_len(bytes)
    }
}

pub fn open(dir: &Path) -> (Journal, RecoveryReport) {
    Journal::open(dir, small()).unwrap()
}

/// The payload of the record with a sequence: length and bytes follow from it.
pub fn payload(sequence: u64) -> Vec<u8> {
    let length = usize::try_from(sequence * 37 % 200).unwrap();
    (0..length)
        .map(|at| u8::try_from((at as u64 * 31 + sequence) % 251).unwrap())
        .collect()
}

/// Append records up to a sequence.
pub fn fill(journal: &mut Journal, up_to: u64) {
    while journal.appended_seq() < up_to {
        let sequence = journal.appended_seq() + 1;
        let appended = journal.append(kind(sequence), &payload(sequence)).unwrap();
        assert_eq!(appended.sequence, sequence);
    }
}

pub fn kind(sequence: u64) -> u16 {
    u16::try_from(sequence % 250).unwrap() + 1
}

/// Read all records from a sequence and compare them; the last sequence.
pub fn check(dir: &Path, from: u64) -> u64 {
    let mut reader = Reader::open(dir, from).unwrap();
    let mut last = from - 1;
    while let Some(entry) = reader.next().unwrap() {
        last += 1;
        assert_eq!(entry.header.sequence, last);
        assert_eq!(entry.header.kind, kind(last));
        assert_eq!(entry.payload, payload(last));
    }
    last
}
