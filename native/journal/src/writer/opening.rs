//! Opening a journal for writing: the one path for the first start, a restart and a recovery.

use std::path::Path;
use std::sync::Arc;

use super::turning::write_header;
use super::{Journal, wall_time_ns};
use crate::chain::{SegmentHash, reserve_room};
use crate::durable::{DurableMark, DurableWord, boot_id};
use crate::error::{Error, Result};
use crate::ids;
use crate::keeper::{Keeper, prepare};
use crate::lock::Lock;
use crate::options::Options;
use crate::record::{HEADER_BYTES, PAYLOAD_BYTES_MAX};
use crate::recover::{Recovered, RecoveryReport, recover};
use crate::sealed::require_unsealed;
use crate::sealer::Sealer;
use crate::segment::{HEADER_PAGE, PART_A, RESERVE, encode_part_b, path_of};
use crate::shared::{Dirty, Prepared, Shared};
use crate::syncer::Syncer;
use crate::work::Work;

const SEGMENT_BYTES_MIN: u64 = 16 << 10;
const SEGMENT_BYTES_MAX: u64 = 2 << 30;

impl Journal {
    /// Open a directory for writing: recover what is there, then begin a new segment.
    ///
    /// # Errors
    /// When another process writes the journal, when it is corrupt, when the disk is full.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, RecoveryReport)> {
        require_settings(&options)?;
        let disk = Arc::clone(&options.disk);
        disk.make_directory(dir)
            .map_err(|error| Error::io("create", dir, error))?;
        let lock = Lock::take(dir, &options.holder)?;
        let boot = options.faults.boot.unwrap_or_else(boot_id);
        let recovered = recover(&*disk, dir, boot)?;
        require_unsealed(&*disk, dir, &recovered)?;
        if recovered.last_number == 0 && !dir.join(ids::NAME).exists() {
            ids::create(&*disk, dir)?;
        }
        let last = recovered.report.last_sequence;
        let number = recovered.last_number + 1;
        let epoch = recovered.last_epoch + 1;
        let opened_ns = options.opened_ns.unwrap_or_else(wall_time_ns);
        let mut first = prepare(&*disk, dir, number, options.segment_bytes)?;
        let at = (number, last + 1, epoch);
        write_header(&mut first.mapping, &options, at, opened_ns);
        if recovered.jobs.is_empty() {
            let part_b = encode_part_b(number, &recovered.digest);
            first.mapping.bytes()[PART_A..PART_A + part_b.len()].copy_from_slice(&part_b);
        }
        let path = path_of(dir, number);
        disk.sync(&path, &first.file)
            .map_err(|error| Error::io("sync", &path, error))?;
        let mark = DurableMark {
            sequence: last,
            boot,
        };
        let syncer = Syncer {
            word: DurableWord::create(Arc::clone(&disk), dir, mark)?,
            dir: dir.to_path_buf(),
            disk,
        };
        // The names of a new journal's files are on the disk before any record counts as being there.
        syncer
            .disk
            .sync_directory(dir)
            .map_err(|error| Error::io("sync", dir, error))?;
        let report = recovered.report.clone();
        let mut journal = Self::start(dir, options, lock, first, recovered, syncer)?;
        journal.time_ns = opened_ns;
        Ok((journal, report))
    }

    fn start(
        dir: &Path,
        options: Options,
        lock: Lock,
        first: Prepared,
        recovered: Recovered,
        syncer: Syncer,
    ) -> Result<Self> {
        let epoch = recovered.last_epoch + 1;
        let last = recovered.report.last_sequence;
        let Prepared {
            number,
            file,
            mapping,
        } = first;
        let current = Dirty {
            number,
            file: Arc::clone(&file),
            pages: mapping.prefault(),
        };
        let shared = Arc::new(Shared::new(last, options.waker.clone(), current));
        let mut keeper = Keeper {
            disk: Arc::clone(&options.disk),
            dir: dir.to_path_buf(),
            segment_bytes: options.segment_bytes,
            prefault_bytes: options.prefault_bytes,
            current: (number, mapping.prefault()),
            upcoming: None,
            touched: 0,
        };
        let sealer = Sealer {
            disk: Arc::clone(&options.disk),
            dir: dir.to_path_buf(),
            hash: SegmentHash::begin(recovered.next_to_hash, &recovered.digest),
        };
        reserve_room(&*options.disk, dir);
        shared.jobs().extend(recovered.jobs);
        // Before the first append, not soon after it: whoever serves has a whole segment ahead.
        keeper.prepare_next(&shared);
        let work = if options.stepped {
            Work::Steps(Box::new((syncer, keeper, sealer)))
        } else {
            Work::threads(&shared, (syncer, keeper, sealer), options.sync_interval)?
        };
        let segment = usize::try_from(options.segment_bytes).unwrap_or(usize::MAX);
        let step = usize::try_from(options.prefault_bytes / 2)
            .unwrap_or(0)
            .max(64 << 10);
        Ok(Self {
            mapping,
            offset: HEADER_PAGE,
            limit: segment - RESERVE,
            next_sequence: last + 1,
            number,
            notify_at: HEADER_PAGE + step,
            notify_step: step,
            payload_max: PAYLOAD_BYTES_MAX.min(segment - RESERVE - HEADER_PAGE - HEADER_BYTES),
            shared,
            first_sequence: last + 1,
            file,
            epoch,
            dir: dir.to_path_buf(),
            options,
            time_ns: 0,
            work,
            _lock: lock,
        })
    }
}

fn require_settings(options: &Options) -> Result<()> {
    let bytes = options.segment_bytes;
    if (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&bytes) && bytes.is_multiple_of(4096) {
        return Ok(());
    }
    Err(Error::Setting(format!(
        "segment_bytes must be a multiple of 4096 from {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}, \
         found {bytes}"
    )))
}
