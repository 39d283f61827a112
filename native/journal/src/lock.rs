//! One writer per journal directory.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::error::{Error, Result};

const NAME: &str = "lock";

/// The lock, held until dropped or until the process ends.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Take the lock of a directory and leave the holder's name in it.
    pub fn take(dir: &Path, holder: &str) -> Result<Self> {
        let path = dir.join(NAME);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::io("open", &path, error))?;
        if let Err(errno) = try_lock(&file) {
            if errno != rustix::io::Errno::WOULDBLOCK {
                return Err(Error::io("lock", &path, errno));
            }
            return Err(Error::Locked {
                dir: dir.to_path_buf(),
                holder: holder_in(&mut file),
            });
        }
        let line = format!("{holder}, process {}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(line.as_bytes()))
            .map_err(|error| Error::io("write", &path, error))?;
        Ok(Self { _file: file })
    }

    /// Whether some process holds the lock of a directory now.
    pub fn is_held(dir: &Path) -> bool {
        let Ok(file) = File::open(dir.join(NAME)) else {
            return false;
        };
        flock(&file, FlockOperation::NonBlockingLockShared)
            .is_err_and(|errno| errno == rustix::io::Errno::WOULDBLOCK)
    }
}

/// Try for a moment: a verifier that asks whether the lock is held takes it very briefly.
fn try_lock(file: &File) -> rustix::io::Result<()> {
    let mut outcome = flock(file, FlockOperation::NonBlockingLockExclusive);
    for _ in 0..5 {
        if outcome != Err(rustix::io::Errno::WOULDBLOCK) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
        outcome = flock(file, FlockOperation::NonBlockingLockExclusive);
    }
    outcome
}

fn holder_in(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(200).read_to_string(&mut text) {
        Ok(read) if read > 0 => text.trim_end().to_owned(),
        _ => "holder unknown".to_owned(),
    }
}
