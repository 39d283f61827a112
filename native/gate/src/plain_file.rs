//! Files that are read while orders wait: what is no plain file could keep its reader waiting for ever.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Open a plain file for reading.
///
/// # Errors
/// When it cannot be opened or is something else, a pipe for example.
pub fn open(path: &Path) -> io::Result<File> {
    // The open itself would wait for a pipe's writer.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    let reason = "must be a file, found something else";
    Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
}
