//! A small file of 64-bit words that several processes read and change at the same time.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use memmap2::{MmapOptions, MmapRaw};

/// Bytes of a word.
const WORD: usize = size_of::<AtomicU64>();

/// The words of a file that only its owner may open, mapped and shared.
#[derive(Debug)]
pub struct SharedWords {
    raw: MmapRaw,
    file: File,
}

impl SharedWords {
    /// Map a file of this many words; one that is not there yet is made, all words 0.
    ///
    /// # Errors
    /// When it cannot be made or opened, or has another length.
    pub fn open(path: &Path, words: usize) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        let wanted = (words * WORD) as u64;
        let found = file.metadata()?.len();
        if found == 0 {
            // Two processes that make it at the same time give it the same length.
            file.set_len(wanted)?;
            file.sync_all()?;
        } else if found != wanted {
            let reason = format!("must be of {wanted} bytes, found {found}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let raw = MmapOptions::new().len(words * WORD).map_raw(&file)?;
        Ok(Self { raw, file })
    }

    /// The words.
    #[allow(unsafe_code)]
    #[allow(clippy::cast_ptr_alignment, reason = "a mapping begins at a page")]
    #[inline]
    #[must_use]
    pub fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping lives as long as `self`, begins at a page, is a whole number of words long, and every
        // bit pattern is a word. It is only ever read and changed as atomics, by this process and by others. A file
        // cut from outside would end the process with SIGBUS, which stops it too.
        unsafe {
            std::slice::from_raw_parts(self.raw.as_ptr().cast::<AtomicU64>(), self.raw.len() / WORD)
        }
    }

    /// Bring what was written to the disk.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn sync(&self) -> io::Result<()> {
        self.raw.flush()
    }

    /// Take the file for this process alone, in the sense of everybody who asks so; false when another one has it.
    #[must_use]
    pub fn lock(&self) -> bool {
        let wanted = rustix::fs::FlockOperation::NonBlockingLockExclusive;
        rustix::fs::flock(&self.file, wanted).is_ok()
    }
}
