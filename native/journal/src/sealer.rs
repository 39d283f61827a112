//! Sealing: hashes the segments into a chain while they grow and seals the finished ones.
//!
//! It is most of the work beside the appends, and nobody waits for it before the journal ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::chain::{Link, SegmentHash, append_link};
use crate::directory::read_up_to;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::keeper::PAUSE;
use crate::priority::run_when_idle;
use crate::record::{KIND_SEAL, build, size_of_record};
use crate::segment::{DIGEST, PART_A, encode_part_b, path_of};
use crate::shared::{SealJob, Shared};

/// Pause while no records come.
const REST: Duration = Duration::from_secs(1);

/// Everything the sealer owns.
pub struct Sealer {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// The journal directory.
    pub dir: PathBuf,
    /// The digest in progress: that of the oldest unsealed segment.
    pub hash: SegmentHash,
}

impl Sealer {
    /// Run until told to stop; the remaining seals are done first.
    pub fn run(&mut self, shared: &Shared) {
        run_when_idle();
        let mut seen = 0;
        loop {
            let stopping = shared.stop_sealer.load(Ordering::Acquire);
            if shared.abandon.load(Ordering::Acquire) {
                return;
            }
            self.round(shared);
            if stopping || shared.poisoned.load(Ordering::Acquire) {
                return;
            }
            let progress = shared.progress.load(Ordering::Acquire);
            let busy = std::mem::replace(&mut seen, progress) != progress;
            std::thread::park_timeout(if busy { PAUSE } else { REST });
        }
    }

    /// Hash and seal what there is.
    pub fn round(&mut self, shared: &Shared) {
        // After a failed sync nothing is known of the disk: no seal may vouch for what it has.
        if shared.poisoned.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = self.catch_up(shared) {
            shared.poison(format!(
                "a segment cannot be sealed: {error}; the gate must halt"
            ));
        }
    }

    fn catch_up(&mut self, shared: &Shared) -> Result<()> {
        let progress = shared.progress.load(Ordering::Acquire);
        let (number, offset) = ((progress >> 32) as u32, progress & 0xFFFF_FFFF);
        loop {
            // Bound to a name, so that the lock is not held while a segment is sealed.
            let job = shared.jobs().pop_front();
            let Some(job) = job else { break };
            self.seal(&job)?;
        }
        if number != self.hash.number || offset == 0 {
            return Ok(());
        }
        let growing = shared
            .files()
            .iter()
            .find(|one| one.number == number)
            .cloned();
        let Some(growing) = growing else {
            return Ok(());
        };
        self.hash
            .advance(&growing.file, offset)
            .map_err(|error| Error::io("hash", &path_of(&self.dir, number), error))
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
