//! The disk under a journal: real files, and a record of what a power cut would spare.
//!
//! The files are those that the journal writes and reads, so that its mappings and its reads are
//! the real ones. Beside them stands what the disk itself has: for each file its bytes at its last
//! sync, for each name whether its directory was synced since. That is POSIX taken at its word;
//! most file systems promise more.

mod cut;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use panshi_journal::{Disk, SystemDisk};

pub use cut::Spared;

/// Bytes of a page of the page cache.
const PAGE: usize = 4096;
/// Real work is left to the machine.
const MACHINE: SystemDisk = SystemDisk;

/// What the disk has of one file.
#[derive(Debug, Default)]
struct Inode {
    /// Bytes at the last sync.
    synced: Vec<u8>,
    /// Pages that a failed sync has given up: they count as clean and are not on the disk.
    given_up: BTreeMap<usize, Vec<u8>>,
}

/// A change of names that no sync of the directory has covered yet.
#[derive(Clone, Debug)]
enum Naming {
    Made(PathBuf, u64),
    Renamed(PathBuf, PathBuf, u64),
    Removed(PathBuf),
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskCounts {
    /// Syncs of files.
    pub syncs: u64,
    /// Changes of any kind.
    pub changes: u64,
}

/// The process that works on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Lives,
    /// It dies at a later change, so many further on.
    DiesIn(u64),
    Dead,
}

/// What becomes of syncs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Syncing {
    #[default]
    Works,
    /// The next one fails.
    FailsNext,
    /// One has failed since somebody asked.
    Failed,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<u64, Inode>,
    names: BTreeMap<PathBuf, u64>,
    kept: BTreeMap<PathBuf, u64>,
    naming: Vec<Naming>,
    made: u64,
    life: Life,
    full: bool,
    syncing: Syncing,
    counts: DiskCounts,
    fresh_syncs: Vec<PathBuf>,
}

/// The disk.
#[derive(Debug)]
pub struct SimDisk {
    directory: PathBuf,
    state: Mutex<State>,
}

fn dead() -> io::Error {
    io::Error::other("the process has died")
}

impl State {
    /// One change: it happens unless the process dies here.
    fn change(&mut self) -> io::Result<()> {
        self.counts.changes += 1;
        self.life = match self.life {
            Life::DiesIn(0) => Life::Dead,
            Life::DiesIn(left) => Life::DiesIn(left - 1),
            life => life,
        };
        if self.life == Life::Dead {
            return Err(dead());
        }
        Ok(())
    }

    fn inode(&mut self, path: &Path) -> Option<&mut Inode> {
        let number = self.names.get(path)?;
        self.files.get_mut(number)
    }

    /// Forget files that no name leads to any more, neither now nor after a power cut.
    fn forget_unnamed(&mut self) {
        let named: BTreeSet<u64> = self
            .names
            .values()
            .chain(self.kept.values())
            .copied()
            .collect();
        self.files.retain(|number, _| named.contains(number));
    }
}

impl SimDisk {
    /// A disk for the journal in a directory that does not exist yet.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_path_buf(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Let the process die at a later change, so many further on; that one is not made.
    pub fn die_in(&self, changes: u64) {
        self.state().life = Life::DiesIn(changes);
    }

    /// Whether the process died in the disk.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state().life == Life::Dead
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        let mut state = self.state();
        (state.life, state.full, state.syncing) = (Life::Lives, false, Syncing::Works);
    }

    /// A new process works on the disk.
    pub fn revive(&self) {
        self.state().life = Life::Lives;
    }

    /// Let the disk be full, or have room again.
    pub fn set_full(&self, full: bool) {
        self.state().full = full;
    }

    /// Whether it is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.state().full
    }

    /// Let the next sync fail.
    pub fn fail_next_sync(&self) {
        self.state().syncing = Syncing::FailsNext;
    }

    /// Whether a sync has failed since the last call.
    #[must_use]
    pub fn take_failed(&self) -> bool {
        let mut state = self.state();
        let failed = state.syncing == Syncing::Failed;
        if failed {
            state.syncing = Syncing::Works;
        }
        failed
    }

    /// How often what happened.
    #[must_use]
    pub fn counts(&self) -> DiskCounts {
        self.state().counts
    }

    /// Files synced since the last call, by path, in order.
    #[must_use]
    pub fn take_synced(&self) -> Vec<PathBuf> {
        std::mem::take(&mut self.state().fresh_syncs)
    }

    /// Bytes from the beginning of a file that the disk has as they are now.
    #[must_use]
    pub fn synced_prefix(&self, path: &Path) -> u64 {
        let now = std::fs::read(path).unwrap_or_default();
        let mut state = self.state();
        let synced = state.inode(path).map_or(&[][..], |inode| &inode.synced);
        let same = now.iter().zip(synced).take_while(|(a, b)| a == b);
        same.count() as u64
    }
}

impl Disk for SimDisk {
    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.state().change()?;
        MACHINE.make_directory(path)
    }

    fn open(&self, path: &Path, fresh: bool) -> io::Result<File> {
        let mut state = self.state();
        if state.life == Life::Dead {
            return Err(dead());
        }
        if fresh || !state.names.contains_key(path) {
            state.change()?;
        }
        let file = MACHINE.open(path, fresh)?;
        if !state.names.contains_key(path) {
            state.made += 1;
            let number = state.made;
            state.files.insert(number, Inode::default());
            state.names.insert(path.to_path_buf(), number);
            state.naming.push(Naming::Made(path.to_path_buf(), number));
        }
        Ok(file)
    }

    fn write_at(&self, path: &Path, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        MACHINE.write_at(path, file, bytes, offset)?;
        if let Some(inode) = state.inode(path) {
            let from = usize::try_from(offset).unwrap_or(usize::MAX) / PAGE;
            let pages = from..=from + bytes.len().div_ceil(PAGE);
            inode.given_up.retain(|page, _| !pages.contains(page));
        }
        Ok(())
    }

    fn resize(&self, path: &Path, file: &File, bytes: u64) -> io::Result<()> {
        self.state().change()?;
        MACHINE.resize(path, file, bytes)
    }

    fn allocate(&self, path: &Path, file: &File, bytes: u64) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        if state.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        // A length is enough: the machine's memory gives the blocks.
        MACHINE.resize(path, file, bytes)
    }

    fn give_back(&self, path: &Path, file: &File, from: u64, bytes: u64) -> io::Result<()> {
        self.state().change()?;
        MACHINE.give_back(path, file, from, bytes)
    }

    fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        state.counts.syncs += 1;
        let fails = state.syncing == Syncing::FailsNext;
        let bytes = std::fs::read(path)?;
        let _ = file;
        let Some(inode) = state.inode(path) else {
            return Ok(());
        };
        inode.sync(bytes, fails);
        if fails {
            state.syncing = Syncing::Failed;
            return Err(io::Error::other("the disk failed"));
        }
        state.fresh_syncs.push(path.to_path_buf());
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        if path == self.directory {
            state.kept = state.names.clone();
            state.naming.clear();
            state.forget_unnamed();
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        MACHINE.rename(from, to)?;
        if let Some(number) = state.names.remove(from) {
            state.names.insert(to.to_path_buf(), number);
            let (from, to) = (from.to_path_buf(), to.to_path_buf());
            state.naming.push(Naming::Renamed(from, to, number));
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        MACHINE.remove(path)?;
        state.names.remove(path);
        state.naming.push(Naming::Removed(path.to_path_buf()));
        Ok(())
    }
}
