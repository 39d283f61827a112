//! Syncing: makes everything appended so far durable, again and again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::disk::Disk;
use crate::durable::DurableWord;
use crate::segment::path_of;
use crate::shared::{Dirty, Shared};

/// What syncing needs.
pub struct Syncer {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// The journal directory.
    pub dir: PathBuf,
    /// Where other processes see how far it is.
    pub word: DurableWord,
}

impl Syncer {
    /// Run until stopped or failed.
    pub fn run(&self, shared: &Shared, interval: Duration) {
        loop {
            // Read before the target, so that the last round covers everything appended.
            let stopping = shared.stop_sync.load(Ordering::Acquire);
            let requested = shared.requested.load(Ordering::Acquire);
            if !stopping && requested <= shared.durable.load(Ordering::Relaxed) {
                std::thread::park_timeout(interval);
            }
            if shared.abandon.load(Ordering::Acquire) {
                return;
            }
            self.round(shared);
            if stopping || shared.poisoned.load(Ordering::Acquire) {
                return;
            }
        }
    }

    /// Make everything appended so far durable; a failure forbids every later append.
    pub fn round(&self, shared: &Shared) {
        if shared.poisoned.load(Ordering::Acquire) {
            return;
        }
        let target = shared.appended.load(Ordering::Acquire);
        if target <= shared.durable.load(Ordering::Relaxed) {
            return;
        }
        if let Err(reason) = self.sync(shared) {
            shared.poison(reason);
            return;
        }
        if let Err(error) = self.word.store(target) {
            shared.poison(format!("the durable mark cannot be written: {error}"));
            return;
        }
        shared.durable.store(target, Ordering::Release);
        shared.announce();
    }

    fn sync(&self, shared: &Shared) -> Result<(), String> {
        shared.syncs.fetch_add(1, Ordering::Relaxed);
        // Older segments first: a record is durable only if all before it are.
        let files = shared.files().clone();
        for dirty in &files {
            let path = path_of(&self.dir, dirty.number);
            self.disk.sync(&path, &dirty.file).map_err(|error| {
                format!(
                    "sync of segment {} failed: {error}; the gate must halt, because what was \
                     appended since the last sync may be lost and a second sync could wrongly \
                     succeed",
                    dirty.number
                )
            })?;
        }
        // A segment that had a successor when the round began is complete and needs no further sync.
        if let Some(last) = files.last() {
            touch_again(shared, last);
            shared.files().retain(|dirty| dirty.number >= last.number);
        }
        Ok(())
    }
}

/// Make the page under the append position writable again.
///
/// The sync left it write-protected, to notice the next change; without this the next append would
/// take that fault, ten times the cost of the append itself.
fn touch_again(shared: &Shared, current: &Dirty) {
    let progress = shared.progress.load(Ordering::Acquire);
    let offset = usize::try_from(progress & 0xFFFF_FFFF).unwrap_or_default();
    if progress >> 32 == u64::from(current.number) {
        current.pages.touch(offset & !0xFFF, 1);
    }
}
