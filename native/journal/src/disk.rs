//! Everything that changes a journal's files but the appends themselves, which go through a mapping.
//!
//! It stands behind a trait so that a simulation can be the disk: it then knows what a power cut
//! spares, and can fail or stop at any step. The methods' own bodies are the real disk.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// What changes files. Every method is given the file's path at that moment.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Make a directory and those above it, and let its name survive a power cut.
    ///
    /// # Errors
    /// When the file system refuses.
    fn make_directory(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(path)?;
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => self.sync_directory(parent),
            _ => Ok(()),
        }
    }

    /// Open a file for reading and writing; it is made if it is missing, and emptied if `fresh`.
    ///
    /// # Errors
    /// When the file system refuses.
    fn open(&self, path: &Path, fresh: bool) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(fresh)
            .open(path)
    }

    /// Write bytes at an offset.
    ///
    /// # Errors
    /// When the file system refuses.
    fn write_at(&self, path: &Path, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let _ = path;
        file.write_all_at(bytes, offset)
    }

    /// Set the length of a file; what is added reads as zeros.
    ///
    /// # Errors
    /// When the file system refuses.
    fn resize(&self, path: &Path, file: &File, bytes: u64) -> io::Result<()> {
        let _ = path;
        file.set_len(bytes)
    }

    /// Give a file its length and its blocks, so that a full disk is found here.
    ///
    /// # Errors
    /// When there is no room.
    fn allocate(&self, path: &Path, file: &File, bytes: u64) -> io::Result<()> {
        let _ = path;
        Ok(fallocate(file, FallocateFlags::empty(), 0, bytes)?)
    }

    /// Take blocks from a place on and keep the length, so that a later write there finds room.
    ///
    /// # Errors
    /// When there is no room, or the file system cannot.
    fn reserve(&self, path: &Path, file: &File, from: u64, bytes: u64) -> io::Result<()> {
        let _ = path;
        Ok(fallocate(file, FallocateFlags::KEEP_SIZE, from, bytes)?)
    }

    /// Give blocks back and keep the length; what is given back reads as zeros.
    ///
    /// # Errors
    /// When the file system cannot; the file then just stays large.
    fn give_back(&self, path: &Path, file: &File, from: u64, bytes: u64) -> io::Result<()> {
        let _ = path;
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        Ok(fallocate(file, flags, from, bytes)?)
    }

    /// Bytes that can still be written to the disk of a directory.
    ///
    /// # Errors
    /// When the file system does not say.
    fn room(&self, path: &Path) -> io::Result<u64> {
        let found = statvfs(path)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Make a file's bytes, and its length, survive a power cut.
    ///
    /// # Errors
    /// When the disk fails; what was written since the last sync may then be lost.
    fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        let _ = path;
        file.sync_data()
    }

    /// Make the names of a directory survive a power cut.
    ///
    /// # Errors
    /// When the disk fails.
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Give a file another name.
    ///
    /// # Errors
    /// When the file system refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// Remove a file.
    ///
    /// # Errors
    /// When the file system refuses.
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {}
