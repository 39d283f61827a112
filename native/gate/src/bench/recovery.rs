//! How long a start takes that finds a day under way: from the newest snapshot, and from the first record.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use panshi_engine::input::Input;
use panshi_engine::synthetic::{Size, Synthetic};
use panshi_journal::{Durability, Journal, Options, SystemDisk};
use rustix::fs::{Advice, fadvise};
use serde_json::{Value, json};

use super::{TRADE_DATE, at};
use crate::bench::day_writer::DayWriter;
use crate::clock::Now;
use crate::config::Config;
use crate::latch::Latch;
use crate::log::Log;
use crate::mark::Reason;
use crate::snapshot;
use crate::start::{Surroundings, start};

const ACCOUNTS: u32 = 10_000;
const SECURITIES: u32 = 2_000;
const OPEN_ORDERS: u32 = 20_000;
/// Market time between two inputs: what makes five million records a day of four hours.
const STEP_NS: u64 = 5_000_000;

/// A day that was written as a gate writes it, up to the moment at which the gate dies.
struct Written {
    config: Config,
    rows: Vec<Input>,
    inputs: u64,
    orders: u64,
    hash_ns: u64,
    snapshot_ns: u64,
    snapshot_bytes: u64,
}

/// Write a day of so many records, with a snapshot `tail` records before its end, and start gates on it.
///
/// # Errors
/// When the disk refuses, or a start does not find the day as it was.
pub fn recovery(dir: &Path, records: u64, tail: u64, rounds: usize) -> Result<Value, String> {
    let written = write_day(dir, records, tail)?;
    let mut starts = serde_json::Map::new();
    for (name, cold) in [("with_snapshot", false), ("with_snapshot_cold", true)] {
        starts.insert(name.to_owned(), best(dir, &written, rounds, cold)?.into());
    }
    std::fs::remove_dir_all(dir.join(snapshot::FOLDER)).map_err(at("remove the snapshots"))?;
    for (name, cold) in [("without", false), ("without_cold", true)] {
        starts.insert(name.to_owned(), best(dir, &written, rounds, cold)?.into());
    }
    Ok(json!({
        "records": records, "tail_records": tail, "inputs": written.inputs, "orders": written.orders,
        "snapshot_bytes": written.snapshot_bytes, "snapshot_write_ns": written.snapshot_ns,
        "state_hash_ns": written.hash_ns, "start_ns": starts,
    }))
}

fn config(dir: &Path, records: u64) -> Result<Config, String> {
    let rows = records / 2;
    let config = json!({
        "journal": { "dir": dir, "durability": "A" },
        "log": dir.with_extension("log"),
        "recovery": { "snapshot_records": 0 },
        "capacity": {
            "customers": ACCOUNTS, "owner_groups": ACCOUNTS, "accounts": ACCOUNTS,
            "securities": SECURITIES, "holdings": ACCOUNTS * 30, "orders": rows, "cancels": rows,
            "fills": rows, "events": 100_000,
        },
    });
    serde_json::from_value(config).map_err(at("configuration"))
}

fn write_day(dir: &Path, records: u64, tail: u64) -> Result<Written, String> {
    let config = config(dir, records)?;
    let options = Options {
        segment_bytes: config.journal.segment_bytes,
        durability: Durability::Background,
        trade_date: TRADE_DATE,
        ..Options::default()
    };
    let (journal, _) = Journal::open(dir, options).map_err(at("open the journal"))?;
    let mut writer = DayWriter::new(journal, &config.capacity.capacity());
    let size = Size {
        accounts: ACCOUNTS,
        securities: SECURITIES,
        open_orders: OPEN_ORDERS,
        orders: u32::try_from(records / 2).unwrap_or(u32::MAX),
        step_ns: STEP_NS,
    };
    let mut flow = Synthetic::new(size, 1);
    let rows = flow.opening();
    for row in &rows {
        writer.input(row)?;
    }
    let mut snapshot = None;
    while writer.journal.appended_seq() < records {
        if snapshot.is_none() && writer.journal.appended_seq() + tail >= records {
            snapshot = Some(write_snapshot(dir, &mut writer)?);
        }
        let input = flow.next(writer.journal.appended_seq() + 1);
        writer.input(&input)?;
        flow.observe(&writer.outputs);
    }
    let (hash_ns, snapshot_ns, snapshot_bytes) = snapshot.unwrap_or_default();
    let orders = writer.book.counts.orders;
    writer
        .journal
        .wait_durable(records)
        .map_err(at("sync the journal"))?;
    let inputs = writer.inputs;
    writer.journal.abandon();
    Ok(Written {
        config,
        rows,
        inputs,
        orders,
        hash_ns,
        snapshot_ns,
        snapshot_bytes,
    })
}

/// Nanoseconds of the hash and of the writing, and the bytes of the file.
fn write_snapshot(dir: &Path, writer: &mut DayWriter) -> Result<(u64, u64, u64), String> {
    let mark = writer.mark(Reason::Interval)?;
    let began = Instant::now();
    let state_hash = writer.engine.state_hash();
    let hash_ns = ns_since(began);
    let began = Instant::now();
    let bytes = snapshot::write(
        &SystemDisk,
        dir,
        &writer.state(&mark, state_hash),
        &mut || Ok(()),
    )
    .map_err(at("write the snapshot"))?;
    Ok((hash_ns, ns_since(began), bytes))
}

/// The fastest of some starts, in nanoseconds.
fn best(dir: &Path, written: &Written, rounds: usize, cold: bool) -> Result<u64, String> {
    let mut best = u64::MAX;
    for _ in 0..rounds.max(1) {
        if cold {
            forget(dir).map_err(at("empty the page cache"))?;
        }
        let around = Surroundings {
            journal: Options {
                disk: Arc::new(SystemDisk),
                ..Options::default()
            },
            log: Log::open(written.config.log.as_deref())?,
            now: Now {
                mono_ns: 1,
                wall_ns: 2,
                market_ns: 1,
                boot_ns: 0,
            },
            latch: Arc::new(Latch::in_memory()),
        };
        let began = Instant::now();
        let gate = start(written.config.clone(), &written.rows, around)?;
        best = best.min(ns_since(began));
        let found = gate.engine().totals().orders;
        if found != written.orders {
            let expected = written.orders;
            return Err(format!(
                "bench: a start must find {expected} orders, found {found}"
            ));
        }
        gate.abandon();
    }
    Ok(best)
}

/// Have the kernel forget the pages of journal and snapshots, as a restart of the machine would.
fn forget(dir: &Path) -> std::io::Result<()> {
    rustix::fs::sync();
    for folder in [dir.to_path_buf(), dir.join(snapshot::FOLDER)] {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            if path.is_file() {
                fadvise(std::fs::File::open(&path)?, 0, None, Advice::DontNeed)?;
            }
        }
    }
    Ok(())
}

fn ns_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
