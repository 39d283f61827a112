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
use crate::shared::Shared;
use crate::syncer::Syncer;

/// The work beside the appends.
pub enum Work {
    /// Two threads.
    Threads(Option<JoinHandle<()>>, Option<JoinHandle<()>>),
    /// The owner of the journal.
    Steps(Box<(Syncer, Keeper)>),
    /// It has ended.
    Done,
}

impl Work {
    /// Start the two threads.
    pub fn threads(
        shared: &Arc<Shared>,
        syncer: Syncer,
        mut keeper: Keeper,
        interval: Duration,
    ) -> Result<Self> {
        let sync_thread = spawn("journal-sync", {
            let shared = Arc::clone(shared);
            move || syncer.run(&shared, interval)
        })?;
        let keeper_thread = spawn("journal-keeper", {
            let shared = Arc::clone(shared);
            move || keeper.run(&shared)
        })?;
        Ok(Self::Threads(Some(sync_thread), Some(keeper_thread)))
    }

    /// Tell the syncer that somebody waits.
    #[inline]
    pub fn wake_syncer(&self) {
        if let Self::Threads(Some(thread), _) = self {
            thread.thread().unpark();
        }
    }

    /// Tell the keeper that there is something to do.
    #[inline]
    pub fn wake_keeper(&self) {
        if let Self::Threads(_, Some(thread)) = self {
            thread.thread().unpark();
        }
    }

    /// One round of syncing, if it is the owner's.
    pub fn step_sync(&self, shared: &Shared) {
        if let Self::Steps(work) = self {
            work.0.round(shared);
        }
    }

    /// One round of keeping, if it is the owner's.
    pub fn step_keeper(&mut self, shared: &Shared) {
        if let Self::Steps(work) = self {
            work.1.round(shared, false);
        }
    }

    /// Sync for the last time.
    pub fn finish_syncing(&mut self, shared: &Shared) {
        shared.stop_sync.store(true, Ordering::Release);
        match self {
            Self::Threads(thread, _) => join(thread.take()),
            Self::Steps(work) => work.0.round(shared),
            Self::Done => {}
        }
    }

    /// Do what is left for the keeper, and end.
    pub fn finish_keeping(&mut self, shared: &Shared) {
        shared.stop_keeper.store(true, Ordering::Release);
        if let Self::Steps(work) = self {
            work.1.round(shared, true);
        }
        self.end();
    }

    /// End at once, leaving everything as a crash would.
    pub fn abandon(&mut self, shared: &Shared) {
        shared.abandon.store(true, Ordering::Release);
        self.end();
    }

    fn end(&mut self) {
        if let Self::Threads(syncer, keeper) = std::mem::replace(self, Self::Done) {
            join(syncer);
            join(keeper);
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn(work)
        .map_err(|error| Error::io("start a thread for", Path::new(name), error))
}

fn join(thread: Option<JoinHandle<()>>) {
    if let Some(handle) = thread {
        handle.thread().unpark();
        let _ = handle.join();
    }
}
