//! Keeping: prepares the next segment, prefaults pages, hashes and seals.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::setpriority_process;

use crate::chain::{Link, SegmentHash, append_link};
use crate::directory::read_up_to;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::mapping::{Mapping, Prefault};
use crate::record::{KIND_SEAL, build, size_of_record};
use crate::segment::{DIGEST, PART_A, encode_part_b, path_of};
use crate::shared::{Next, Prepared, SealJob, Shared};

const RETRY: Duration = Duration::from_secs(1);
/// Pause while records keep coming: the work is done in small pieces, not in bursts that hold up
/// whoever shares the core.
const PAUSE: Duration = Duration::from_millis(1);
/// The keeper has time; the threads that orders wait for go first.
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
    /// The digest in progress: that of the oldest unsealed segment.
    pub hash: SegmentHash,
    /// The segment being written.
    pub current: (u32, Prefault),
    /// The prepared one.
    pub upcoming: Option<(u32, Prefault)>,
    /// Offset up to which pages of the current segment were asked for.
    pub touched: u64,
    /// The file of the current segment, for hashing while it grows.
    pub current_file: Arc<File>,
    /// The file of the prepared segment.
    pub upcoming_file: Option<Arc<File>>,
}

impl Keeper {
    /// Run until told to stop; the remaining seals are done first.
    pub fn run(&mut self, shared: &Shared) {
        // On Linux this is the thread's own; without it the keeper is only less polite.
        let _ = setpriority_process(None, NICENESS);
        let mut seen = 0;
        loop {
            let stopping = shared.stop_keeper.load(Ordering::Acquire);
            if shared.abandon.load(Ordering::Acquire) {
                return;
            }
            if !self.round(shared, stopping) || stopping {
                return;
            }
            let progress = shared.progress.load(Ordering::Acquire);
            let busy = std::mem::replace(&mut seen, progress) != progress;
            std::thread::park_timeout(if busy { PAUSE } else { RETRY });
        }
    }

    /// Prepare, prefault, hash and seal what there is; false when the journal failed.
    pub fn round(&mut self, shared: &Shared, stopping: bool) -> bool {
        // After a failed sync nothing is known of the disk: no seal may vouch for what it has.
        if shared.poisoned.load(Ordering::Acquire) {
            return false;
        }
        if !stopping {
            self.prepare_next(shared);
        }
        let kept = self.keep_up(shared);
        if let Err(error) = &kept {
            shared.poison(format!(
                "a segment cannot be sealed: {error}; the gate must halt"
            ));
        }
        kept.is_ok()
    }

    fn prepare_next(&mut self, shared: &Shared) {
        let number = (shared.progress.load(Ordering::Acquire) >> 32) as u32;
        if number != self.current.0
            && let (Some(upcoming), Some(file)) = (self.upcoming.take(), self.upcoming_file.take())
        {
            self.current = upcoming;
            self.current_file = file;
            self.touched = 0;
        }
        if self.upcoming.is_some() {
            return;
        }
        let outcome = match prepare(&*self.disk, &self.dir, number + 1, self.segment_bytes) {
            Ok(prepared) => {
                self.upcoming = Some((prepared.number, prepared.mapping.prefault()));
                self.upcoming_file = Some(Arc::clone(&prepared.file));
                Next::Ready(Box::new(prepared))
            }
            Err(error) => Next::Failed(error.to_string()),
        };
        *shared.next() = outcome;
        shared.announce();
    }

    fn keep_up(&mut self, shared: &Shared) -> Result<()> {
        let progress = shared.progress.load(Ordering::Acquire);
        let (number, offset) = ((progress >> 32) as u32, progress & 0xFFFF_FFFF);
        if number == self.current.0 {
            self.prefault(offset);
        }
        loop {
            let job = {
                let mut jobs: std::sync::MutexGuard<'_, VecDeque<SealJob>> = shared.jobs();
                jobs.pop_front()
            };
            let Some(job) = job else { break };
            self.seal(&job)?;
        }
        if number == self.hash.number && number == self.current.0 && offset > 0 {
            let path = path_of(&self.dir, number);
            self.hash
                .advance(&self.current_file, offset)
                .map_err(|error| Error::io("hash", &path, error))?;
        }
        Ok(())
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

    fn seal(&mut self, job: &SealJob) -> Result<()> {
        let next = SegmentHash::begin(job.number + 1, &[0; DIGEST]);
        let hash = std::mem::replace(&mut self.hash, next);
        let digest = seal_segment(&*self.disk, &self.dir, hash, job)?;
        self.hash = SegmentHash::begin(job.number + 1, &digest);
        Ok(())
    }
}

/// Finish the hash of a segment, write its seal and its line of the chain; the digest.
pub fn seal_segment(
    disk: &dyn Disk,
    dir: &Path,
    mut hash: SegmentHash,
    job: &SealJob,
) -> Result<[u8; DIGEST]> {
    let path = path_of(dir, job.number);
    hash.advance(&job.file, job.end)
        .map_err(|error| Error::io("hash", &path, error))?;
    let digest = hash.finish();
    write_seal(disk, &path, job, &digest)?;
    let link = Link {
        number: job.number,
        first_sequence: job.first_sequence,
        next_sequence: job.next_sequence,
        end: job.end,
        digest,
    };
    write_previous(disk, dir, job.number + 1, &digest)?;
    append_link(disk, dir, &link)?;
    Ok(digest)
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

fn write_seal(disk: &dyn Disk, path: &Path, job: &SealJob, digest: &[u8; DIGEST]) -> Result<()> {
    let seal = build(KIND_SEAL, job.next_sequence, 0, digest);
    let mut before = vec![0; size_of_record(DIGEST)];
    read_up_to(&job.file, &mut before, job.end).map_err(|error| Error::io("read", path, error))?;
    if before == seal {
        return Ok(());
    }
    disk.write_at(path, &job.file, &seal, job.end)
        .and_then(|()| disk.sync(path, &job.file))
        .map_err(|error| Error::io("seal", path, error))?;
    // The unused blocks are given back; where the file system cannot, the file just stays large.
    let used = (job.end + seal.len() as u64).next_multiple_of(4096);
    let size = job.file.metadata().map_or(0, |meta| meta.len());
    if size > used {
        let _ = disk.give_back(path, &job.file, used, size - used);
    }
    Ok(())
}

/// Write part B of a segment's header, if that segment exists already.
fn write_previous(disk: &dyn Disk, dir: &Path, number: u32, digest: &[u8; DIGEST]) -> Result<()> {
    let path = path_of(dir, number);
    if !path.exists() {
        return Ok(());
    }
    let file = disk
        .open(&path, false)
        .map_err(|error| Error::io("open", &path, error))?;
    disk.write_at(&path, &file, &encode_part_b(number, digest), PART_A as u64)
        .and_then(|()| disk.sync(&path, &file))
        .map_err(|error| Error::io("write the header of", &path, error))
}
