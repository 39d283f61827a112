//! The right to log a gateway number in: a lock on this machine, and a lease among machines.
//!
//! An exchange takes a number once at a time (SZ-ACC 二(六); SSE IS122 v0.57, 2.1). The lock is the kernel's and goes
//! with the process that holds it. A lease is somebody else's knowledge: its keeper hands on what may be relied on of
//! it, up to a moment on the clock that all processes of a machine share and nobody sets. At that moment the
//! connection is gone, whatever its keeper, the database or the exchange do.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::config::{Claim as Config, Gateway};

/// What one link is allowed.
#[derive(Debug)]
pub struct Claim {
    /// Name of the number: market, platform and both ids.
    pub name: String,
    /// Its file; none: the machine is this process's own.
    pub path: Option<PathBuf>,
    /// Held: the file stays locked as long as this is open.
    lock: Option<File>,
    /// Whether a lease is needed beside the lock.
    pub leased: bool,
    /// Moment up to which a lease may be relied on, on the clock since boot; 0: none.
    pub until_ns: u64,
    /// Number of the lease's holding; it grows whenever the holder changes.
    pub token: u64,
    /// Why it is not held, in words.
    pub waits: Option<String>,
}

impl Claim {
    /// The claim of a link, not held.
    #[must_use]
    pub fn new(config: &Config, gateway: &Gateway) -> Self {
        let name = name_of(gateway);
        Self {
            path: config
                .locks
                .as_ref()
                .map(|folder| folder.join(format!("{name}.lock"))),
            name,
            lock: None,
            leased: config.lease.is_some(),
            until_ns: 0,
            token: 0,
            waits: None,
        }
    }

    /// Whether a lease is needed and there is none that holds longer than to a moment.
    #[must_use]
    pub const fn lacks_lease(&self, boot_ns: u64) -> bool {
        self.leased && boot_ns >= self.until_ns
    }

    /// Whether this process holds the lock.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.lock.is_some() || self.path.is_none()
    }

    /// Take the lock unless it is held already.
    ///
    /// # Errors
    /// When another process holds it, or the file cannot be used.
    pub fn take_lock(&mut self) -> Result<(), String> {
        if self.lock.is_none()
            && let Some(path) = &self.path
        {
            self.lock = Some(lock(path)?);
        }
        Ok(())
    }

    /// Let the lock go: another process may log the number in from now on.
    pub fn release_lock(&mut self) {
        self.lock = None;
    }
}

/// Name of a gateway's number; what is no letter or digit is written as a number.
///
/// Our own number is part of it: two gateways of one exchange may know us by the same `CompID`.
#[must_use]
pub fn name_of(gateway: &Gateway) -> String {
    use std::fmt::Write;
    let plain = |text: &str| {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() {
                out.push(byte.into());
            } else {
                let _ = write!(out, "%{byte:02x}");
            }
        }
        out
    };
    let (market, platform, number) = (gateway.market, gateway.platform, gateway.number);
    let (own, target) = (plain(&gateway.comp_id), plain(&gateway.target_comp_id));
    format!("{market}-{platform}-{number}-{own}-{target}")
}

fn lock(path: &Path) -> Result<File, String> {
    let failed = |error: std::io::Error| format!("lock {}: {error}", path.display());
    if let Some(folder) = path.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| format!("locks {}: {error}", folder.display()))?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let holder = holder_in(&mut file);
            return Err(format!("lock {}: held by {holder}", path.display()));
        }
        Err(error) => return Err(failed(error.into())),
    }
    // Whose it is matters to people only; the lock itself is the kernel's.
    let line = format!("process {}\n", std::process::id());
    let written = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(line.as_bytes()));
    match written {
        Err(error) if error.kind() != ErrorKind::StorageFull => Err(failed(error)),
        _ => Ok(file),
    }
}

fn holder_in(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(200).read_to_string(&mut text) {
        Ok(read) if read > 0 => text.trim_end().to_owned(),
        _ => "a process that left no name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Claim;
    use crate::config::{Claim as Config, Gateway};

    fn claim(folder: &std::path::Path, lease: &str, comp_id: &str) -> Claim {
        numbered(folder, lease, comp_id, 1)
    }

    fn numbered(folder: &std::path::Path, lease: &str, comp_id: &str, number: u16) -> Claim {
        let locks = folder.join("locks");
        let text = format!(r#"{{"locks": {locks:?}{lease}}}"#);
        let config: Config = serde_json::from_str(&text).unwrap();
        let text = format!(
            r#"{{"number": {number}, "market": 1, "main": "127.0.0.1:1", "comp_id": "{comp_id}", "target_comp_id": "TDGW"}}"#
        );
        let gateway: Gateway = serde_json::from_str(&text).unwrap();
        Claim::new(&config, &gateway)
    }

    #[test]
    fn a_number_is_locked_once_and_free_when_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut two) = (claim(folder.path(), "", "A"), claim(folder.path(), "", "A"));
        one.take_lock().unwrap();
        one.take_lock().unwrap();
        let refused = two.take_lock().unwrap_err();
        let own = format!("held by process {}", std::process::id());
        assert!(refused.ends_with(&own), "{refused}");
        claim(folder.path(), "", "B").take_lock().unwrap();
        numbered(folder.path(), "", "A", 2).take_lock().unwrap();
        drop(one);
        two.take_lock().unwrap();
        two.release_lock();
        assert!(!two.is_locked());
        claim(folder.path(), "", "A").take_lock().unwrap();
    }

    #[test]
    fn names_of_different_numbers_differ() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = ["A", "a", "A-", "../A", "A/", "A%2d"]
            .iter()
            .map(|comp_id| claim(folder.path(), "", comp_id).name)
            .collect();
        for (at, name) in names.iter().enumerate() {
            assert!(!name.contains('/'), "{name}");
            assert!(!names[at + 1..].contains(name), "{name}");
        }
    }

    #[test]
    fn a_lease_holds_up_to_its_moment() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!claim(folder.path(), "", "A").lacks_lease(u64::MAX));
        let mut leased = claim(folder.path(), r#", "lease": {}"#, "A");
        assert!(leased.lacks_lease(0));
        leased.until_ns = 100;
        assert!(!leased.lacks_lease(99));
        assert!(leased.lacks_lease(100));
    }
}
