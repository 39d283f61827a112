//! Figures of the journal, each beside the raw operation of the same disk in the same run.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FallocateFlags, fallocate};

use crate::columns::KindDesc;
use crate::error::{Error, Result};
use crate::mapping::Mapping;
use crate::options::Options;
use crate::reader::Reader;
use crate::record::size_of_record;
use crate::writer::Journal;

const PAYLOAD: usize = 256;
const BATCH: usize = 64;

/// What to measure, and for how long.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Records of the append figures.
    pub appends: usize,
    /// Syncs of each group commit figure and of the raw sync loop.
    pub syncs: usize,
    /// Rates of the live figures, records per second.
    pub rates: Vec<u64>,
    /// Length of each live figure.
    pub live: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            appends: 500_000,
            syncs: 1500,
            rates: vec![10_000, 50_000],
            live: Duration::from_secs(2),
        }
    }
}

/// Median and 99th percentile, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// Half of the samples are at most this.
    pub median_ns: u64,
    /// 99 in 100 samples are at most this.
    pub p99_ns: u64,
}

/// A group commit figure.
#[derive(Debug, Clone, Copy)]
pub struct GroupCommit {
    /// Records between two syncs.
    pub records: usize,
    /// Records made durable per second.
    pub records_per_s: u64,
}

/// A figure at a steady rate.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// Records per second that were asked for.
    pub rate: u64,
    /// Records per second that were made durable.
    pub reached: u64,
    /// From append to durable.
    pub durable: Percentiles,
    /// Syncs done.
    pub syncs: u64,
}

/// All figures of one run.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Bytes of payload of each record.
    pub payload_bytes: usize,
    /// The cost of reading the timer, contained in the figures one by one.
    pub timer: Percentiles,
    /// One append, timed alone.
    pub append: Percentiles,
    /// One append, timed in batches of 64.
    pub append_batched: Percentiles,
    /// Copying the same bytes into a mapped file, timed alone.
    pub memcpy: Percentiles,
    /// The same in batches of 64.
    pub memcpy_batched: Percentiles,
    /// One `pwrite` and `fdatasync` of the same bytes on a preallocated file.
    pub raw_sync: Percentiles,
    /// Group commits.
    pub group: Vec<GroupCommit>,
    /// Steady rates.
    pub live: Vec<Live>,
    /// Records read per second, in order, checksums checked.
    pub read_per_s: u64,
}

/// Measure in a directory of its own below `dir`, which is removed afterwards.
///
/// # Errors
/// When the disk is full or refuses something.
pub fn run(dir: &Path, plan: &Plan) -> Result<Figures> {
    let place = dir.join(format!("journal-bench-{}", std::process::id()));
    std::fs::create_dir_all(&place).map_err(|error| Error::io("create", &place, error))?;
    let outcome = measure(&place, plan);
    let _ = std::fs::remove_dir_all(&place);
    outcome
}

fn measure(dir: &Path, plan: &Plan) -> Result<Figures> {
    let mut figures = Figures {
        payload_bytes: PAYLOAD,
        ..Figures::default()
    };
    figures.timer = percentiles((0..plan.appends).map(|_| timed(|| {})).collect());
    (figures.memcpy, figures.memcpy_batched) = memcpy(dir, plan)?;
    (figures.append, figures.append_batched) = append(&dir.join("append"), plan)?;
    figures.read_per_s = read(&dir.join("append"))?;
    figures.raw_sync = raw_sync(dir, plan)?;
    for records in [1, 8, 64, 512, 4096] {
        figures
            .group
            .push(group(&dir.join(format!("group-{records}")), plan, records)?);
    }
    for rate in &plan.rates {
        figures
            .live
            .push(live(&dir.join(format!("live-{rate}")), plan, *rate)?);
    }
    Ok(figures)
}

fn append(dir: &Path, plan: &Plan) -> Result<(Percentiles, Percentiles)> {
    let (mut journal, _) = Journal::open(dir, Options::default())?;
    let payload = [0x5A; PAYLOAD];
    let mut failure = None;
    let mut once = || {
        if let Err(error) = journal.append(100, &payload) {
            failure = Some(error);
        }
    };
    let alone = percentiles((0..plan.appends).map(|_| timed(&mut once)).collect());
    let batched = percentiles(
        (0..plan.appends / BATCH)
            .map(|_| batch(&mut once))
            .collect(),
    );
    match failure {
        Some(error) => Err(error),
        None => journal.close().map(|()| (alone, batched)),
    }
}

fn memcpy(dir: &Path, plan: &Plan) -> Result<(Percentiles, Percentiles)> {
    let size = size_of_record(PAYLOAD);
    let bytes = (plan.appends * 2 + BATCH) * size;
    let (path, file) = preallocated(dir, "memcpy", bytes)?;
    let mut mapping = Mapping::new(&file).map_err(|error| Error::io("map", &path, error))?;
    let source = vec![0x5A; size];
    let mut at = 0;
    let mut once = || {
        mapping.bytes()[at..at + size].copy_from_slice(&source);
        at += size;
    };
    let alone = percentiles((0..plan.appends).map(|_| timed(&mut once)).collect());
    let batched = percentiles(
        (0..plan.appends / BATCH)
            .map(|_| batch(&mut once))
            .collect(),
    );
    let _ = std::fs::remove_file(&path);
    Ok((alone, batched))
}

fn raw_sync(dir: &Path, plan: &Plan) -> Result<Percentiles> {
    let size = size_of_record(PAYLOAD);
    let (path, file) = preallocated(dir, "sync", plan.syncs * size)?;
    let source = vec![0x5A; size];
    let mut samples = Vec::with_capacity(plan.syncs);
    for at in 0..plan.syncs {
        let begin = Instant::now();
        file.write_all_at(&source, (at * size) as u64)
            .and_then(|()| file.sync_data())
            .map_err(|error| Error::io("sync", &path, error))?;
        samples.push(nanoseconds(begin));
    }
    let _ = std::fs::remove_file(&path);
    Ok(percentiles(samples))
}

fn group(dir: &Path, plan: &Plan, records: usize) -> Result<GroupCommit> {
    let (mut journal, _) = Journal::open(dir, Options::default())?;
    journal.wait_prepared()?;
    let rounds = (plan.syncs * 64 / records).min(plan.syncs).max(20);
    let begin = Instant::now();
    for _ in 0..rounds {
        for _ in 0..records {
            journal.append(100, &[0x5A; PAYLOAD])?;
        }
        journal.wait_durable(journal.appended_seq())?;
    }
    let records_per_s = per_second(rounds * records, begin);
    journal.close()?;
    Ok(GroupCommit {
        records,
        records_per_s,
    })
}

fn live(dir: &Path, plan: &Plan, rate: u64) -> Result<Live> {
    let (mut journal, _) = Journal::open(dir, Options::default())?;
    journal.wait_prepared()?;
    let gap = Duration::from_nanos(1_000_000_000 / rate.max(1));
    let mut open: VecDeque<(u64, Instant)> = VecDeque::new();
    let mut samples = Vec::new();
    let begin = Instant::now();
    let mut due = begin;
    while begin.elapsed() < plan.live || !open.is_empty() {
        if begin.elapsed() < plan.live && Instant::now() >= due {
            due += gap;
            let appended = journal.append(100, &[0x5A; PAYLOAD])?;
            open.push_back((appended.sequence, Instant::now()));
            journal.request_sync(appended.sequence);
        }
        // On a busy machine the sync thread may have been given this thread's core.
        std::thread::yield_now();
        let durable = journal.durable_seq();
        while open.front().is_some_and(|first| first.0 <= durable) {
            samples.extend(open.pop_front().map(|(_, at)| nanoseconds(at)));
        }
        if let Some(trouble) = journal.trouble().filter(|_| samples.is_empty()) {
            return Err(Error::Poisoned(trouble));
        }
    }
    let reached = per_second(samples.len(), begin);
    let syncs = journal.syncs();
    journal.close()?;
    Ok(Live {
        rate,
        reached,
        durable: percentiles(samples),
        syncs,
    })
}

fn read(dir: &Path) -> Result<u64> {
    let begin = Instant::now();
    let mut reader = Reader::open(dir, 1)?;
    let mut records = 0;
    while reader.next()?.is_some() {
        records += 1;
    }
    Ok(per_second(records, begin))
}

fn preallocated(dir: &Path, name: &str, bytes: usize) -> Result<(std::path::PathBuf, File)> {
    let path = dir.join(name);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .map_err(|error| Error::io("open", &path, error))?;
    fallocate(&file, FallocateFlags::empty(), 0, bytes as u64)
        .map_err(|error| Error::io("preallocate", &path, error))?;
    Ok((path, file))
}

fn timed(mut work: impl FnMut()) -> u64 {
    let begin = Instant::now();
    work();
    nanoseconds(begin)
}

fn batch(mut work: impl FnMut()) -> u64 {
    let begin = Instant::now();
    for _ in 0..BATCH {
        work();
    }
    nanoseconds(begin) / BATCH as u64
}

fn nanoseconds(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn per_second(count: usize, begin: Instant) -> u64 {
    (count as u64).saturating_mul(1_000_000_000) / nanoseconds(begin).max(1)
}

fn percentiles(mut samples: Vec<u64>) -> Percentiles {
    samples.sort_unstable();
    let at = |share: usize| {
        samples
            .get(samples.len() * share / 100)
            .copied()
            .unwrap_or_default()
    };
    Percentiles {
        median_ns: at(50),
        p99_ns: at(99),
    }
}

/// Write a journal of a mix of kinds, every field filled with digits, to measure reading on.
///
/// # Errors
/// When the disk is full or refuses something.
pub fn write_mix(dir: &Path, kinds: &[KindDesc], records: usize) -> Result<()> {
    let (mut journal, _) = Journal::open(dir, Options::default())?;
    for (at, kind) in kinds.iter().cycle().take(records).enumerate() {
        let digit = u8::try_from(at % 10).unwrap_or_default();
        journal.append_with(kind.number, kind.len, |place| place.fill(b'0' + digit))?;
    }
    journal.close()
}
