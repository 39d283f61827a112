//! Keeping: prepares the next segment and asks for the pages ahead of the appends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::setpriority_process;

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::mapping::{Mapping, Prefault};
use crate::segment::path_of;
use crate::shared::{Next, Prepared, Shared};

const RETRY: Duration = Duration::from_secs(1);
/// Pause while records keep coming: the work is done in small pieces, not in bursts that hold up
/// whoever shares the core.
pub const PAUSE: Duration = Duration::from_millis(1);
/// The keeper has time, but not for ever: an append waits for a segment that is not there. So it gives
/// way to the threads that orders wait for and yet gets its share of a machine that is busy throughout.
const NICENESS: i32 = 19;

/// Everything the keeper owns.
pub struct Keeper {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// The journal directory.
    pub dir: PathBuf,
    /// Bytes of a segment.
    pub segment_bytes: u64,
    /// Bytes ahead of the append position to keep in memory.
    pub prefault_bytes: u64,
    /// The segment being written.
    pub current: (u32, Prefault),
    /// The prepared one.
    pub upcoming: Option<(u32, Prefault)>,
    /// Offset up to which pages of the current segment were asked for.
    pub touched: u64,
}

impl Keeper {
    /// Run until told to stop.
    pub fn run(&mut self, shared: &Shared) {
        // On Linux this is the thread's own; without it the keeper is only less polite.
        let _ = setpriority_process(None, NICENESS);
        let mut seen = 0;
        while !shared.stop_keeper.load(Ordering::Acquire)
            && !shared.abandon.load(Ordering::Acquire)
            && !shared.poisoned.load(Ordering::Acquire)
        {
            self.round(shared);
            let progress = shared.progress.load(Ordering::Acquire);
            let busy = std::mem::replace(&mut seen, progress) != progress;
            std::thread::park_timeout(if busy { PAUSE } else { RETRY });
        }
    }

    /// Prepare and prefault what there is to.
    pub fn round(&mut self, shared: &Shared) {
        if shared.poisoned.load(Ordering::Acquire) {
            return;
        }
        self.prepare_next(shared);
        let progress = shared.progress.load(Ordering::Acquire);
        if (progress >> 32) as u32 == self.current.0 {
            self.prefault(progress & 0xFFFF_FFFF);
        }
    }

    /// Make the segment after the one being written, unless it is there.
    pub fn prepare_next(&mut self, shared: &Shared) {
        let number = (shared.progress.load(Ordering::Acquire) >> 32) as u32;
        if number != self.current.0
            && let Some(upcoming) = self.upcoming.take()
        {
            self.current = upcoming;
            self.touched = 0;
        }
        if self.upcoming.is_some() {
            return;
        }
        let outcome = match prepare(&*self.disk, &self.dir, number + 1, self.segment_bytes) {
            Ok(prepared) => {
                self.upcoming = Some((prepared.number, prepared.mapping.prefault()));
                Next::Ready(Box::new(prepared))
            }
            Err(error) => Next::Failed(error.to_string()),
        };
        *shared.next() = outcome;
        shared.announce();
    }

    fn prefault(&mut self, offset: u64) {
        let from = offset.max(self.touched) & !0xFFF;
        let to = (offset + self.prefault_bytes).min(self.segment_bytes);
        if self.prefault_bytes > 0 && from < to {
            let from_byte = usize::try_from(from).unwrap_or(usize::MAX);
            self.current
                .1
                .touch(from_byte, usize::try_from(to - from).unwrap_or_default());
            self.touched = to;
        }
    }
}

/// Make a segment file: allocate its blocks, so that a full disk is found here, and map it.
pub fn prepare(disk: &dyn Disk, dir: &Path, number: u32, bytes: u64) -> Result<Prepared> {
    let path = path_of(dir, number);
    let temporary = path.with_extension("tmp");
    let file = make_file(disk, &temporary, bytes).map_err(|error| {
        let _ = disk.remove(&temporary);
        Error::Full(format!(
            "segment {} of {bytes} bytes cannot be preallocated: {error}; free room on its disk",
            path.display()
        ))
    })?;
    disk.rename(&temporary, &path)
        .map_err(|error| Error::io("rename", &temporary, error))?;
    disk.sync_directory(dir)
        .map_err(|error| Error::io("sync", dir, error))?;
    let mapping = Mapping::new(&file).map_err(|error| Error::io("map", &path, error))?;
    Ok(Prepared {
        number,
        file: Arc::new(file),
        mapping,
    })
}

fn make_file(disk: &dyn Disk, path: &Path, bytes: u64) -> std::io::Result<File> {
    let file = disk.open(path, true)?;
    disk.allocate(path, &file, bytes)?;
    disk.sync(path, &file)?;
    Ok(file)
}
