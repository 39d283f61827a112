//! Who does the work beside the appends: threads of their own, or the journal's owner step by step.
//!
//! Both run the same rounds. Steps exist for a simulation, in which nothing may depend on how the
//! machine schedules threads.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::keeper::Keeper;
use crate::sealer::Sealer;
use crate::shared::Shared;
use crate::syncer::Syncer;

/// Who syncs, who prepares segments, who seals them.
pub type Workers = (Syncer, Keeper, Sealer);

/// The threads of the three, each until it was told to end.
pub struct Threads {
    syncer: Option<JoinHandle<()>>,
    keeper: Option<JoinHandle<()>>,
    sealer: Option<JoinHandle<()>>,
}

/// The work beside the appends.
pub enum Work {
    /// Threads.
    Threads(Threads),
    /// The owner of the journal.
    Steps(Box<Workers>),
    /// It has ended.
    Done,
}

impl Work {
    /// Start the threads.
    pub fn threads(shared: &Arc<Shared>, workers: Workers, interval: Duration) -> Result<Self> {
        let (syncer, mut keeper, mut sealer) = workers;
        let sync_thread = spawn("journal-sync", {
            let shared = Arc::clone(shared);
            move || syncer.run(&shared, interval)
        })?;
        let keeper_thread = spawn("journal-keeper", {
            let shared = Arc::clone(shared);
            move || keeper.run(&shared)
        })?;
        let seal_thread = spawn("journal-sealer", {
            let shared = Arc::clone(shared);
            move || sealer.run(&shared)
        })?;
        Ok(Self::Threads(Threads {
            syncer: Some(sync_thread),
            keeper: Some(keeper_thread),
            sealer: Some(seal_thread),
        }))
    }

    /// Tell the syncer that somebody waits.
    #[inline]
    pub fn wake_syncer(&self) {
        if let Self::Threads(threads) = self {
            unpark(threads.syncer.as_ref());
        }
    }

    /// Tell the keeper and the sealer that there is something to do.
    #[inline]
    pub fn wake_keeper(&self) {
        if let Self::Threads(threads) = self {
            unpark(threads.keeper.as_ref());
            unpark(threads.sealer.as_ref());
        }
    }

    /// One round of syncing, if it is the owner's.
    pub fn step_sync(&self, shared: &Shared) {
        if let Self::Steps(work) = self {
            work.0.round(shared);
        }
    }

    /// One round of keeping and sealing, if they are the owner's.
    pub fn step_keeper(&mut self, shared: &Shared) {
        if let Self::Steps(work) = self {
            work.1.round(shared);
            work.2.round(shared);
        }
    }

    /// Sync for the last time.
    pub fn finish_syncing(&mut self, shared: &Shared) {
        shared.stop_sync.store(true, Ordering::Release);
        match self {
            Self::Threads(threads) => join(threads.syncer.take()),
            Self::Steps(work) => work.0.round(shared),
            Self::Done => {}
        }
    }

    /// Do what is left for the sealer, and end.
    pub fn finish_keeping(&mut self, shared: &Shared) {
        shared.stop_keeper.store(true, Ordering::Release);
        match self {
            // A segment that comes into being beside its predecessor's seal would miss its digest.
            Self::Threads(threads) => join(threads.keeper.take()),
            Self::Steps(work) => work.2.round(shared),
            Self::Done => {}
        }
        shared.stop_sealer.store(true, Ordering::Release);
        self.end();
    }

    /// End at once, leaving everything as a crash would.
    pub fn abandon(&mut self, shared: &Shared) {
        shared.abandon.store(true, Ordering::Release);
        self.end();
    }

    fn end(&mut self) {
        if let Self::Threads(threads) = std::mem::replace(self, Self::Done) {
            join(threads.syncer);
            join(threads.keeper);
            join(threads.sealer);
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn(work)
        .map_err(|error| Error::io("start a thread for", Path::new(name), error))
}

#[inline]
fn unpark(thread: Option<&JoinHandle<()>>) {
    if let Some(thread) = thread {
        thread.thread().unpark();
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if let Some(handle) = thread {
        handle.thread().unpark();
        let _ = handle.join();
    }
}
