//! What the writer and the threads beside it share.

use std::collections::VecDeque;
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::mapping::{Mapping, Prefault};
use crate::waker::Waker;

/// A segment that may hold unsynced records.
#[derive(Clone)]
pub struct Dirty {
    /// Its number.
    pub number: u32,
    /// Its file.
    pub file: Arc<File>,
    /// Its pages.
    pub pages: Prefault,
}

/// A preallocated segment, ready to be taken into use.
pub struct Prepared {
    /// Its number.
    pub number: u32,
    /// Its file.
    pub file: Arc<File>,
    /// Its mapping.
    pub mapping: Mapping,
}

/// The segment after the current one.
pub enum Next {
    /// Being made.
    Pending,
    /// Ready.
    Ready(Box<Prepared>),
    /// Could not be made; the text says why. The keeper tries again.
    Failed(String),
}

/// A finished segment whose digest is to be computed.
pub struct SealJob {
    /// Its number.
    pub number: u32,
    /// Its file.
    pub file: Arc<File>,
    /// First sequence.
    pub first_sequence: u64,
    /// Sequence after the last.
    pub next_sequence: u64,
    /// Offset after the end record.
    pub end: u64,
}

/// Shared state; every field is used by at least two of the threads.
pub struct Shared {
    /// Last appended sequence.
    pub appended: AtomicU64,
    /// Last sequence somebody waits for.
    pub requested: AtomicU64,
    /// Last durable sequence.
    pub durable: AtomicU64,
    /// Number of syncs done.
    pub syncs: AtomicU64,
    /// Segment number and append offset, packed; the bytes below it are final.
    pub progress: AtomicU64,
    /// Set when no append may follow.
    pub poisoned: AtomicBool,
    /// Set to end the sync thread after one last sync.
    pub stop_sync: AtomicBool,
    /// Set to end the keeper.
    pub stop_keeper: AtomicBool,
    /// Set to end the sealer after its jobs.
    pub stop_sealer: AtomicBool,
    /// Set to end all of them at once, leaving everything as a crash would.
    pub abandon: AtomicBool,
    files: Mutex<Vec<Dirty>>,
    next: Mutex<Next>,
    jobs: Mutex<VecDeque<SealJob>>,
    failure: Mutex<Option<String>>,
    changed: Condvar,
    waker: Option<Arc<dyn Waker>>,
}

impl Shared {
    /// The state of a journal whose last record is `last`, all of it durable.
    pub fn new(last: u64, waker: Option<Arc<dyn Waker>>, current: Dirty) -> Self {
        Self {
            appended: AtomicU64::new(last),
            requested: AtomicU64::new(last),
            durable: AtomicU64::new(last),
            syncs: AtomicU64::new(0),
            progress: AtomicU64::new(u64::from(current.number) << 32),
            poisoned: AtomicBool::new(false),
            stop_sync: AtomicBool::new(false),
            stop_keeper: AtomicBool::new(false),
            stop_sealer: AtomicBool::new(false),
            abandon: AtomicBool::new(false),
            files: Mutex::new(vec![current]),
            next: Mutex::new(Next::Pending),
            jobs: Mutex::default(),
            failure: Mutex::default(),
            changed: Condvar::new(),
            waker,
        }
    }

    /// Files that may hold unsynced records, oldest first.
    pub fn files(&self) -> MutexGuard<'_, Vec<Dirty>> {
        lock(&self.files)
    }

    /// The slot of the next segment.
    pub fn next(&self) -> MutexGuard<'_, Next> {
        lock(&self.next)
    }

    /// Segments to be sealed, oldest first.
    pub fn jobs(&self) -> MutexGuard<'_, VecDeque<SealJob>> {
        lock(&self.jobs)
    }

    /// Why the journal failed, if it did.
    pub fn failure(&self) -> Option<String> {
        lock(&self.failure).clone()
    }

    /// Forbid every later append; the first reason stays.
    pub fn poison(&self, reason: String) {
        lock(&self.failure).get_or_insert(reason);
        self.poisoned.store(true, Ordering::Release);
        self.announce();
    }

    /// Tell all who wait that something changed.
    pub fn announce(&self) {
        // Taking the lock orders this after a waiter's look at the state, so no wake-up is lost.
        drop(self.next());
        self.changed.notify_all();
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }

    /// Wait until `ready` gives a value.
    pub fn wait_for<T>(&self, mut ready: impl FnMut(&mut Next) -> Option<T>) -> T {
        let mut guard = self.next();
        loop {
            if let Some(value) = ready(&mut guard) {
                return value;
            }
            guard = self
                .changed
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Lock a mutex whose data stays sound even if a holder panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
