//! The writer: one thread that appends.

mod opening;
mod turning;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::lock::Lock;
use crate::mapping::Mapping;
use crate::options::{Durability, Options};
use crate::record::{
    FINAL, HEADER_BYTES, KIND_END, Position, RecordHeader, finish, size_of_record,
};
use crate::shared::{Next, Shared};
use crate::work::Work;

/// A record that was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its sequence, from 1 over the whole journal.
    pub sequence: u64,
    /// Where it lies, for reading it again.
    pub position: Position,
}

/// How far a journal is, seen from another thread.
#[derive(Clone)]
pub struct Watch {
    shared: Arc<Shared>,
}

impl Watch {
    /// The last appended sequence.
    #[must_use]
    pub fn appended_seq(&self) -> u64 {
        self.shared.appended.load(Ordering::Acquire)
    }

    /// The last sequence that is on the disk.
    #[must_use]
    pub fn durable_seq(&self) -> u64 {
        self.shared.durable.load(Ordering::Acquire)
    }
}

/// A journal open for writing.
pub struct Journal {
    mapping: Mapping,
    offset: usize,
    limit: usize,
    next_sequence: u64,
    number: u32,
    /// Offset at which the keeper is told of progress.
    notify_at: usize,
    notify_step: usize,
    payload_max: usize,
    shared: Arc<Shared>,
    first_sequence: u64,
    file: Arc<File>,
    epoch: u32,
    dir: PathBuf,
    options: Options,
    /// Time of the last append.
    time_ns: u64,
    work: Work,
    _lock: Lock,
}

impl Journal {
    /// Append a record with the wall time of now.
    ///
    /// # Errors
    /// When the journal has failed before, the disk is full or the payload too large.
    #[inline]
    pub fn append(&mut self, kind: u16, payload: &[u8]) -> Result<Appended> {
        self.append_at(kind, wall_time_ns(), payload.len(), |place| {
            place.copy_from_slice(payload);
        })
    }

    /// Append a record of `len` bytes that `fill` writes in place, with the wall time of now.
    ///
    /// # Errors
    /// As [`Journal::append`].
    #[inline]
    pub fn append_with(
        &mut self,
        kind: u16,
        len: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Appended> {
        self.append_at(kind, wall_time_ns(), len, fill)
    }

    /// Append a record with a given time: for a caller with a clock of its own.
    ///
    /// # Errors
    /// As [`Journal::append`].
    #[inline]
    pub fn append_at(
        &mut self,
        kind: u16,
        time_ns: u64,
        len: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Appended> {
        if len > self.payload_max || kind == 0 || kind >= KIND_END {
            return Err(self.refuse(kind, len));
        }
        if self.shared.poisoned.load(Ordering::Relaxed) {
            return Err(self.failure());
        }
        self.time_ns = time_ns;
        let size = size_of_record(len);
        if self.offset + size > self.limit {
            self.rotate()?;
        }
        let (sequence, offset) = (self.next_sequence, self.offset);
        if let Some((_, cut)) = self
            .options
            .faults
            .short_append
            .filter(|at| at.0 == sequence)
        {
            return Err(self.die_inside(kind, time_ns, len, fill, cut));
        }
        let slot = &mut self.mapping.bytes()[offset..offset + size];
        fill(&mut slot[HEADER_BYTES..HEADER_BYTES + len]);
        let length = u32::try_from(len).unwrap_or(u32::MAX);
        finish(
            slot,
            RecordHeader {
                length,
                kind,
                flags: 0,
                sequence,
                time_ns,
            },
        );
        self.offset = offset + size;
        self.next_sequence = sequence + 1;
        self.publish();
        self.shared.appended.store(sequence, Ordering::Release);
        if self.offset >= self.notify_at {
            self.notify();
        }
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        Ok(Appended {
            sequence,
            position: Position {
                segment: self.number,
                offset,
            },
        })
    }

    /// Ask for everything up to `sequence` to be synced; returns at once.
    #[inline]
    pub fn request_sync(&self, sequence: u64) {
        let wanted = sequence.min(self.next_sequence - 1);
        if self.shared.requested.fetch_max(wanted, Ordering::AcqRel) < wanted {
            self.work.wake_syncer();
        }
    }

    /// Whether a sync was asked for that has not been done.
    #[must_use]
    pub fn awaits_sync(&self) -> bool {
        self.shared.requested.load(Ordering::Acquire) > self.durable_seq()
    }

    /// Do one round of the sync thread's work; for a journal that was opened with
    /// [`Options::stepped`].
    pub fn step_sync(&self) {
        self.work.step_sync(&self.shared);
    }

    /// Do one round of the keeper thread's work; for a journal that was opened with
    /// [`Options::stepped`].
    pub fn step_keeper(&mut self) {
        self.work.step_keeper(&self.shared);
    }

    /// The last sequence that is on the disk.
    #[inline]
    #[must_use]
    pub fn durable_seq(&self) -> u64 {
        self.shared.durable.load(Ordering::Acquire)
    }

    /// The last appended sequence.
    #[inline]
    #[must_use]
    pub fn appended_seq(&self) -> u64 {
        self.next_sequence - 1
    }

    /// Whether the effect of a record may leave toward the exchange now.
    #[inline]
    #[must_use]
    pub fn may_send(&self, sequence: u64) -> bool {
        self.options.durability != Durability::Before || self.durable_seq() >= sequence
    }

    /// Whether a client may be told of a record now.
    #[inline]
    #[must_use]
    pub fn may_report(&self, sequence: u64) -> bool {
        self.options.durability == Durability::Background || self.durable_seq() >= sequence
    }

    /// Wait until a record is durable: for control commands, which are always synced first.
    ///
    /// # Errors
    /// When the journal fails instead.
    pub fn wait_durable(&self, sequence: u64) -> Result<()> {
        self.request_sync(sequence);
        self.work.step_sync(&self.shared);
        let shared = &self.shared;
        shared.wait_for(|_| {
            if shared.durable.load(Ordering::Acquire) >= sequence {
                return Some(Ok(()));
            }
            shared
                .poisoned
                .load(Ordering::Acquire)
                .then(|| Err(self.failure()))
        })
    }

    /// A view of how far the journal is, for another thread.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch {
            shared: Arc::clone(&self.shared),
        }
    }

    /// The failure that forbids further appends.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.failure()
    }

    /// Why nothing can be appended behind the current segment as things stand; it is tried again every second.
    #[must_use]
    pub fn full_ahead(&self) -> Option<String> {
        match &*self.shared.next() {
            Next::Failed(reason) => Some(reason.clone()),
            _ => None,
        }
    }

    /// Bytes left in the current segment.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.limit - self.offset
    }

    /// Wait until the next segment is preallocated: for a start that wants no disk work beside it.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn wait_prepared(&self) -> Result<()> {
        self.shared.wait_for(|slot| match slot {
            Next::Pending => None,
            Next::Failed(reason) => Some(Err(Error::Full(reason.clone()))),
            Next::Ready(_) => Some(Ok(())),
        })
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The disk that its files lie on.
    #[must_use]
    pub fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.options.disk)
    }

    /// The setting this journal was opened with.
    #[must_use]
    pub fn durability(&self) -> Durability {
        self.options.durability
    }

    /// How often this journal was opened for writing, this time included.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Number of syncs so far.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.shared.syncs.load(Ordering::Relaxed)
    }

    /// Sync, end and seal the last segment, release the directory.
    ///
    /// # Errors
    /// When the journal had failed or fails now.
    pub fn close(mut self) -> Result<()> {
        self.finish_all(0)
    }

    /// Sync and end the journal for good: its chain is closed, and no start appends to it any more.
    ///
    /// # Errors
    /// When the journal had failed or fails now; it is then not sealed.
    pub fn seal(&mut self) -> Result<()> {
        if matches!(self.work, Work::Done) {
            return Err(self.failure());
        }
        self.finish_all(FINAL)?;
        self.shared.poison("the journal is sealed".to_owned());
        Ok(())
    }

    /// Let go of the directory and leave the files as a killed process would (tests).
    pub fn abandon(mut self) {
        self.work.abandon(&self.shared);
    }

    #[inline]
    fn publish(&self) {
        let packed = (u64::from(self.number) << 32) | self.offset as u64;
        self.shared.progress.store(packed, Ordering::Release);
    }

    #[cold]
    fn notify(&mut self) {
        self.notify_at = self.offset + self.notify_step;
        self.publish();
        self.work.wake_keeper();
    }

    #[cold]
    fn refuse(&self, kind: u16, len: usize) -> Error {
        if kind == 0 || kind >= KIND_END {
            return Error::Setting(format!("a record's kind must be 1 to 65533, found {kind}"));
        }
        Error::TooLarge {
            len,
            max: self.payload_max,
        }
    }

    #[cold]
    fn failure(&self) -> Error {
        Error::Poisoned(self.shared.failure().unwrap_or_default())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // A failure here was announced to the waker, and the next open finds what is missing.
        let _ = self.finish_all(0);
    }
}

fn wall_time_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
