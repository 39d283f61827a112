//! What can go wrong with a journal, told so that an operator knows what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A place in a journal whose bytes are not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corruption {
    /// The file.
    pub path: PathBuf,
    /// Number of the segment, 0 for a file beside the segments.
    pub segment: u32,
    /// Byte offset in the file.
    pub offset: u64,
    /// Sequence number that was expected there.
    pub sequence: u64,
    /// What must hold and what was found.
    pub reason: String,
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "journal is corrupt: {} (segment {}) at offset {}, sequence {}: {}",
            self.path.display(),
            self.segment,
            self.offset,
            self.sequence,
            self.reason
        )
    }
}

/// Every error of the journal.
#[derive(Debug)]
pub enum Error {
    /// The operating system refused something.
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// The answer.
        source: io::Error,
    },
    /// Another process writes this journal.
    Locked {
        /// The journal directory.
        dir: PathBuf,
        /// Who holds it, as the holder wrote it down.
        holder: String,
    },
    /// Bytes differ from what was written, and records after them are intact.
    Corrupt(Corruption),
    /// An earlier failure forbids further appends; the text says which.
    Poisoned(String),
    /// No room: the next segment could not be preallocated.
    Full(String),
    /// A payload exceeds what a record may carry.
    TooLarge {
        /// Bytes asked for.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A setting is outside its range.
    Setting(String),
    /// The journal was sealed for good; nothing may follow its last record.
    Sealed {
        /// The journal directory.
        dir: PathBuf,
        /// Sequence of the last record.
        sequence: u64,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source: source.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io {
                action,
                path,
                source,
            } => {
                write!(f, "cannot {action} {}: {source}", path.display())
            }
            Self::Locked { dir, holder } => write!(
                f,
                "journal {} is being written by another process ({holder}); a journal has one \
                 writer",
                dir.display()
            ),
            Self::Corrupt(corruption) => corruption.fmt(f),
            Self::Poisoned(reason) | Self::Full(reason) | Self::Setting(reason) => {
                f.write_str(reason)
            }
            Self::Sealed { dir, sequence } => write!(
                f,
                "journal {} is sealed behind sequence {sequence}: its day is over; a new day needs \
                 a directory of its own",
                dir.display()
            ),
            Self::TooLarge { len, max } => {
                write!(
                    f,
                    "a record's payload must be at most {max} bytes, found {len}"
                )
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
