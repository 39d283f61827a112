//! The writer: one thread that appends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::chain::SegmentHash;
use crate::directory::sync_directory;
use crate::durable::{DurableMark, DurableWord, boot_id};
use crate::error::{Error, Result};
use crate::ids;
use crate::keeper::{Keeper, prepare};
use crate::lock::Lock;
use crate::mapping::Mapping;
use crate::options::{Durability, Options};
use crate::record::{
    HEADER_BYTES, KIND_END, PAYLOAD_BYTES_MAX, Position, RecordHeader, finish, size_of_record,
};
use crate::recover::{Recovered, RecoveryReport, end_payload, recover};
use crate::segment::{
    END_PAYLOAD, HEADER_PAGE, PART_A, RESERVE, SegmentHeader, encode_part_b, path_of,
};
use crate::shared::{Dirty, Next, Prepared, SealJob, Shared};
use crate::syncer;

const SEGMENT_BYTES_MIN: u64 = 16 << 10;
const SEGMENT_BYTES_MAX: u64 = 2 << 30;
const SEQUENCE_MAX: u64 = (1 << 48) - 1;

/// A record that was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its sequence, from 1 over the whole journal.
    pub sequence: u64,
    /// Where it lies, for reading it again.
    pub position: Position,
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
    sync_thread: Option<JoinHandle<()>>,
    keeper_thread: Option<JoinHandle<()>>,
    _lock: Lock,
}

impl Journal {
    /// Open a directory for writing: recover what is there, then begin a new segment.
    ///
    /// # Errors
    /// When another process writes the journal, when it is corrupt, when the disk is full.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, RecoveryReport)> {
        require_settings(&options)?;
        std::fs::create_dir_all(dir).map_err(|error| Error::io("create", dir, error))?;
        let lock = Lock::take(dir, &options.holder)?;
        let boot = options.faults.boot.unwrap_or_else(boot_id);
        let recovered = recover(dir, boot)?;
        if recovered.last_number == 0 && !dir.join(ids::NAME).exists() {
            ids::create(dir)?;
        }
        let last = recovered.report.last_sequence;
        let number = recovered.last_number + 1;
        let epoch = recovered.last_epoch + 1;
        let mut first = prepare(dir, number, options.segment_bytes, options.faults.preallocate)?;
        write_header(&mut first.mapping, &options, (number, last + 1, epoch));
        if recovered.jobs.is_empty() {
            let part_b = encode_part_b(number, &recovered.digest);
            first.mapping.bytes()[PART_A..PART_A + part_b.len()].copy_from_slice(&part_b);
        }
        let path = path_of(dir, number);
        first.file.sync_all().map_err(|error| Error::io("sync", &path, error))?;
        sync_directory(dir)?;
        let word = DurableWord::create(dir, DurableMark { sequence: last, boot })?;
        let report = recovered.report.clone();
        let journal = Self::start(dir, options, lock, first, recovered, word, epoch);
        journal.map(|journal| (journal, report))
    }

    fn start(
        dir: &Path,
        options: Options,
        lock: Lock,
        first: Prepared,
        recovered: Recovered,
        word: DurableWord,
        epoch: u32,
    ) -> Result<Self> {
        let last = recovered.report.last_sequence;
        let Prepared { number, file, mapping } = first;
        let current = Dirty { number, file: Arc::clone(&file) };
        let shared = Arc::new(Shared::new(last, options.waker.clone(), current));
        let keeper = Keeper {
            dir: dir.to_path_buf(),
            segment_bytes: options.segment_bytes,
            prefault_bytes: options.prefault_bytes,
            full_from: options.faults.preallocate,
            hash: SegmentHash::begin(recovered.next_to_hash, &recovered.digest),
            current: (number, mapping.prefault()),
            upcoming: None,
            touched: 0,
            current_file: Arc::clone(&file),
            upcoming_file: None,
        };
        shared.jobs().extend(recovered.jobs);
        let sync_thread = spawn("journal-sync", {
            let (shared, interval) = (Arc::clone(&shared), options.sync_interval);
            let fail_at = options.faults.sync;
            move || syncer::run(&shared, &word, interval, fail_at)
        })?;
        let keeper_thread = spawn("journal-keeper", {
            let shared = Arc::clone(&shared);
            move || keeper.run(&shared)
        })?;
        let segment = usize::try_from(options.segment_bytes).unwrap_or(usize::MAX);
        let step = usize::try_from(options.prefault_bytes / 2).unwrap_or(0).max(64 << 10);
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
            sync_thread: Some(sync_thread),
            keeper_thread: Some(keeper_thread),
            _lock: lock,
        })
    }

    /// Append a record with the wall time of now.
    ///
    /// # Errors
    /// When the journal has failed before, the disk is full or the payload too large.
    #[inline]
    pub fn append(&mut self, kind: u16, payload: &[u8]) -> Result<Appended> {
        self.append_at(kind, wall_time_ns(), payload.len(), |place| place.copy_from_slice(payload))
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
        let size = size_of_record(len);
        if self.offset + size > self.limit {
            self.rotate()?;
        }
        let (sequence, offset) = (self.next_sequence, self.offset);
        if let Some((_, cut)) = self.options.faults.short_append.filter(|at| at.0 == sequence) {
            return Err(self.die_inside(kind, time_ns, len, fill, cut));
        }
        let slot = &mut self.mapping.bytes()[offset..offset + size];
        fill(&mut slot[HEADER_BYTES..HEADER_BYTES + len]);
        let length = u32::try_from(len).unwrap_or(u32::MAX);
        finish(slot, RecordHeader { length, kind, flags: 0, sequence, time_ns });
        self.offset = offset + size;
        self.next_sequence = sequence + 1;
        self.shared.appended.store(sequence, Ordering::Release);
        if self.offset >= self.notify_at {
            self.notify();
        }
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        Ok(Appended { sequence, position: Position { segment: self.number, offset } })
    }

    /// Ask for everything up to `sequence` to be synced; returns at once.
    #[inline]
    pub fn request_sync(&self, sequence: u64) {
        let wanted = sequence.min(self.next_sequence - 1);
        if self.shared.requested.fetch_max(wanted, Ordering::AcqRel) < wanted {
            unpark(self.sync_thread.as_ref());
        }
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
        let shared = &self.shared;
        shared.wait_for(|_| {
            if shared.durable.load(Ordering::Acquire) >= sequence {
                return Some(Ok(()));
            }
            shared.poisoned.load(Ordering::Acquire).then(|| Err(self.failure()))
        })
    }

    /// The failure that forbids further appends, or a full disk ahead; `None` when all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        if let Some(failure) = self.shared.failure() {
            return Some(failure);
        }
        match &*self.shared.next() {
            Next::Failed(reason) => Some(reason.clone()),
            _ => None,
        }
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
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
        self.finish_all()
    }

    /// Let go of the directory and leave the files as a killed process would (tests).
    pub fn abandon(mut self) {
        self.shared.abandon.store(true, Ordering::Release);
        self.join_threads();
    }

    #[cold]
    fn notify(&mut self) {
        self.notify_at = self.offset + self.notify_step;
        let packed = (u64::from(self.number) << 32) | self.offset as u64;
        self.shared.progress.store(packed, Ordering::Release);
        unpark(self.keeper_thread.as_ref());
    }

    #[cold]
    fn refuse(&self, kind: u16, len: usize) -> Error {
        if kind == 0 || kind >= KIND_END {
            return Error::Setting(format!("a record's kind must be 1 to 65533, found {kind}"));
        }
        Error::TooLarge { len, max: self.payload_max }
    }

    #[cold]
    fn failure(&self) -> Error {
        Error::Poisoned(self.shared.failure().unwrap_or_default())
    }

    /// End the current segment and go on in the prepared one.
    #[cold]
    fn rotate(&mut self) -> Result<()> {
        if self.next_sequence > SEQUENCE_MAX {
            return Err(Error::Setting("a journal holds at most 2^48 records".to_owned()));
        }
        let shared = Arc::clone(&self.shared);
        let mut next = shared.wait_for(|slot| {
            if shared.poisoned.load(Ordering::Acquire) {
                return Some(Err(self.failure()));
            }
            match slot {
                Next::Pending => None,
                Next::Failed(reason) => Some(Err(Error::Full(reason.clone()))),
                Next::Ready(_) => match std::mem::replace(slot, Next::Pending) {
                    Next::Ready(prepared) => Some(Ok(*prepared)),
                    _ => None,
                },
            }
        })?;
        let job = self.end_segment();
        write_header(&mut next.mapping, &self.options, (next.number, self.next_sequence, self.epoch));
        let Prepared { number, file, mapping } = next;
        self.shared.files().push(Dirty { number, file: Arc::clone(&file) });
        self.shared.jobs().push_back(job);
        (self.mapping, self.file, self.number) = (mapping, file, number);
        self.offset = HEADER_PAGE;
        self.first_sequence = self.next_sequence;
        self.notify();
        Ok(())
    }

    fn end_segment(&mut self) -> SealJob {
        let size = size_of_record(END_PAYLOAD);
        let slot = &mut self.mapping.bytes()[self.offset..self.offset + size];
        let payload = end_payload(self.first_sequence, self.next_sequence);
        slot[HEADER_BYTES..].copy_from_slice(&payload);
        let length = u32::try_from(END_PAYLOAD).unwrap_or_default();
        let sequence = self.next_sequence;
        let time_ns = wall_time_ns();
        finish(slot, RecordHeader { length, kind: KIND_END, flags: 0, sequence, time_ns });
        SealJob {
            number: self.number,
            file: Arc::clone(&self.file),
            first_sequence: self.first_sequence,
            next_sequence: self.next_sequence,
            end: (self.offset + size) as u64,
        }
    }

    fn finish_all(&mut self) -> Result<()> {
        if self.sync_thread.is_none() {
            return Ok(());
        }
        self.shared.stop_sync.store(true, Ordering::Release);
        join(self.sync_thread.take());
        if self.shared.poisoned.load(Ordering::Acquire) {
            self.shared.abandon.store(true, Ordering::Release);
            self.join_threads();
            return Err(self.failure());
        }
        let job = self.end_segment();
        self.shared.jobs().push_back(job);
        self.shared.stop_keeper.store(true, Ordering::Release);
        self.join_threads();
        if self.shared.poisoned.load(Ordering::Acquire) {
            return Err(self.failure());
        }
        if let Next::Ready(prepared) = &*self.shared.next() {
            let path = path_of(&self.dir, prepared.number);
            std::fs::remove_file(&path).map_err(|error| Error::io("remove", &path, error))?;
        }
        sync_directory(&self.dir)
    }

    fn join_threads(&mut self) {
        join(self.sync_thread.take());
        join(self.keeper_thread.take());
    }

    /// Write only the first `cut` bytes of a record and forbid the rest (tests).
    #[cold]
    fn die_inside(
        &mut self,
        kind: u16,
        time_ns: u64,
        len: usize,
        fill: impl FnOnce(&mut [u8]),
        cut: usize,
    ) -> Error {
        let mut whole = vec![0; size_of_record(len)];
        fill(&mut whole[HEADER_BYTES..HEADER_BYTES + len]);
        let length = u32::try_from(len).unwrap_or(u32::MAX);
        let sequence = self.next_sequence;
        finish(&mut whole, RecordHeader { length, kind, flags: 0, sequence, time_ns });
        let cut = cut.min(whole.len());
        self.mapping.bytes()[self.offset..self.offset + cut].copy_from_slice(&whole[..cut]);
        self.shared.poison(format!("the append of sequence {sequence} was cut after {cut} bytes"));
        self.failure()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // A failure here was announced to the waker, and the next open finds what is missing.
        let _ = self.finish_all();
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

fn write_header(mapping: &mut Mapping, options: &Options, at: (u32, u64, u32)) {
    let (number, first_sequence, epoch) = at;
    let header = SegmentHeader {
        number,
        first_sequence,
        segment_bytes: options.segment_bytes,
        trade_date: options.trade_date,
        epoch,
        created_ns: wall_time_ns(),
    };
    mapping.bytes()[..PART_A].copy_from_slice(&header.encode());
}

fn wall_time_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder.spawn(work).map_err(|error| Error::io("start a thread for", Path::new(name), error))
}

fn unpark(thread: Option<&JoinHandle<()>>) {
    if let Some(handle) = thread {
        handle.thread().unpark();
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if let Some(handle) = thread {
        handle.thread().unpark();
        let _ = handle.join();
    }
}
