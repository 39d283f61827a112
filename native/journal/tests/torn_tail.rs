//! A journal whose end is damaged: what may be dropped is dropped and said, the rest is an error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panshi_journal::{Error, IdBlocks, Journal, Options, SystemDisk, verify};
use support::{check, fill, open, payload, small};

/// A journal of `records` records left as by a killed process, and its last segment in use.
fn killed(records: u64) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, records);
    journal.abandon();
    let path = dir.path().join("00000001.pjl");
    (dir, path)
}

fn size_of(sequence: u64) -> u64 {
    32 + payload(sequence).len().next_multiple_of(8) as u64
}

fn offset_of(sequence: u64) -> u64 {
    4096 + (1..sequence).map(size_of).sum::<u64>()
}

fn put(path: &Path, offset: u64, bytes: &[u8]) {
    OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .write_all_at(bytes, offset)
        .unwrap();
}

fn corruption(dir: &Path) -> (u32, u64, u64) {
    match Journal::open(dir, small()).err().unwrap() {
        Error::Corrupt(found) => (found.segment, found.offset, found.sequence),
        other => panic!("not a corruption: {other}"),
    }
}

#[test]
fn a_killed_writer_loses_nothing_it_appended() {
    let (dir, _) = killed(30);
    let (mut journal, report) = open(dir.path());
    assert_eq!((report.last_sequence, report.closed), (30, false));
    assert_eq!((report.dropped, report.lost_durable), (None, None));
    fill(&mut journal, 60);
    journal.close().unwrap();
    assert_eq!(check(dir.path(), 1), 60);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn the_last_record_torn_at_every_byte_is_dropped_and_said() {
    let last = 12;
    let (begin, size) = (offset_of(last), size_of(last));
    for kept in 0..size {
        let (dir, path) = killed(last);
        let zeros = vec![0; usize::try_from(size - kept).unwrap()];
        put(&path, begin + kept, &zeros);
        let torn = fs::read(&path).unwrap();
        let left = torn.iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1;
        let (mut journal, report) = open(dir.path());
        let dropped = report.dropped.clone();
        if left == begin + size {
            assert_eq!(report.last_sequence, last, "only padding was cut at {kept}");
            assert_eq!(dropped, None);
        } else if left <= begin {
            assert_eq!(
                (report.last_sequence, dropped),
                (last - 1, None),
                "cut at {kept}"
            );
        } else if report.last_sequence == last {
            assert_eq!(dropped, None, "the cut bytes at {kept} were zero before");
        } else {
            let dropped = dropped.unwrap();
            assert_eq!(
                (dropped.segment, dropped.offset, dropped.bytes),
                (1, begin, left - begin)
            );
            assert!(
                report.to_string().contains("dropped a torn tail of"),
                "{report}"
            );
        }
        fill(&mut journal, 30);
        journal.close().unwrap();
        assert_eq!(check(dir.path(), 1), 30);
        assert_eq!(verify(dir.path()).unwrap().findings, [], "cut at {kept}");
    }
}

#[test]
fn a_file_cut_at_every_record_is_extended_and_said() {
    for last in 1..=12 {
        for inside in [0, 1, 31, 32] {
            let (dir, path) = killed(12);
            let cut = offset_of(last) + inside.min(size_of(last) - 1);
            OpenOptions::new()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(cut)
                .unwrap();
            let (mut journal, report) = open(dir.path());
            assert_eq!(report.last_sequence, last - 1);
            let dropped = report.dropped.clone().unwrap();
            assert_eq!(dropped.offset, offset_of(last));
            assert_eq!(dropped.bytes, (16 << 10) - offset_of(last));
            fill(&mut journal, 30);
            journal.close().unwrap();
            assert_eq!(check(dir.path(), 1), 30);
            assert_eq!(verify(dir.path()).unwrap().findings, []);
        }
    }
}

#[test]
fn garbage_after_the_last_record_is_dropped_and_said() {
    let (dir, path) = killed(10);
    put(&path, offset_of(11), &[0xEE; 100]);
    let (journal, report) = open(dir.path());
    let dropped = report.dropped.unwrap();
    assert_eq!((dropped.offset, dropped.bytes), (offset_of(11), 100));
    journal.close().unwrap();
    assert_eq!(check(dir.path(), 1), 10);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn a_changed_byte_before_valid_records_is_corruption() {
    for at in offset_of(5)..offset_of(6) {
        let (dir, path) = killed(8);
        let byte = fs::read(&path).unwrap()[usize::try_from(at).unwrap()];
        put(&path, at, &[byte ^ 0x10]);
        assert_eq!(corruption(dir.path()), (1, offset_of(5), 5), "byte {at}");
        // Nothing was repaired: a second start finds the same.
        assert_eq!(corruption(dir.path()), (1, offset_of(5), 5), "byte {at}");
    }
}

#[test]
fn zeros_in_place_of_a_record_before_valid_ones_are_corruption() {
    let (dir, path) = killed(8);
    put(
        &path,
        offset_of(5),
        &vec![0; usize::try_from(size_of(5)).unwrap()],
    );
    assert_eq!(corruption(dir.path()), (1, offset_of(5), 5));
}

#[test]
fn after_a_power_cut_what_was_never_synced_may_be_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 5);
    journal.wait_durable(5).unwrap();
    fill(&mut journal, 12);
    journal.abandon();
    let path = dir.path().join("00000001.pjl");
    put(
        &path,
        offset_of(8),
        &vec![0; usize::try_from(size_of(8)).unwrap()],
    );
    assert_eq!(
        corruption(dir.path()),
        (1, offset_of(8), 8),
        "the machine was not restarted"
    );
    let mut options = small();
    options.faults.boot = Some([9; 16]);
    let (journal, report) = Journal::open(dir.path(), options.clone()).unwrap();
    assert_eq!((report.last_sequence, report.lost_durable), (7, None));
    assert!(
        report.to_string().contains("the machine was restarted"),
        "{report}"
    );
    journal.close().unwrap();
    assert_eq!(check(dir.path(), 1), 7);
}

#[test]
fn a_synced_record_that_a_power_cut_left_damaged_is_corruption() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 12);
    journal.wait_durable(12).unwrap();
    journal.abandon();
    put(&dir.path().join("00000001.pjl"), offset_of(8), &[0; 8]);
    let mut options = small();
    options.faults.boot = Some([9; 16]);
    assert!(matches!(
        Journal::open(dir.path(), options),
        Err(Error::Corrupt(_))
    ));
}

#[test]
fn a_lost_synced_tail_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 12);
    journal.wait_durable(12).unwrap();
    journal.abandon();
    let file = OpenOptions::new()
        .write(true)
        .open(dir.path().join("00000001.pjl"))
        .unwrap();
    file.set_len(offset_of(9)).unwrap();
    let (_journal, report) = open(dir.path());
    assert_eq!(
        (report.last_sequence, report.lost_durable),
        (8, Some((9, 12)))
    );
    assert!(
        report
            .to_string()
            .ends_with("sequences 9 to 12 had been synced and are LOST")
    );
}

#[test]
fn a_sealed_segment_that_was_cut_is_corruption() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 20);
    journal.close().unwrap();
    let file = OpenOptions::new()
        .write(true)
        .open(dir.path().join("00000001.pjl"))
        .unwrap();
    file.set_len(offset_of(20)).unwrap();
    assert_eq!(corruption(dir.path()).0, 1);
}

#[test]
fn a_missing_segment_is_corruption() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 400);
    journal.close().unwrap();
    fs::remove_file(dir.path().join("00000002.pjl")).unwrap();
    assert_eq!(corruption(dir.path()).0, 3);
    assert!(!verify(dir.path()).unwrap().is_ok());
}

#[test]
fn a_chain_line_cut_by_a_crash_is_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 400);
    journal.close().unwrap();
    let path = dir.path().join("chain.txt");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 30]).unwrap();
    let (journal, report) = open(dir.path());
    assert_eq!(report.last_sequence, 400);
    journal.close().unwrap();
    assert!(fs::read(&path).unwrap().starts_with(&whole));
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn ids_never_repeat_after_a_lost_tail() {
    let (dir, path) = killed(0);
    let mut highest = 0;
    for round in 0..10_u64 {
        let (mut journal, _) =
            Journal::open(dir.path(), Options { ..small() }).expect("opens after a lost tail");
        let mut ids = ids(dir.path()).unwrap();
        for _ in 0..=round * 37 {
            let id = ids.take(1).unwrap();
            assert!(id > highest, "{id} after {highest}");
            highest = id;
            journal.append(1, &id.to_le_bytes()).unwrap();
        }
        // A run longer than a block is whole, and the next start is above it.
        let first = ids.take(250).unwrap();
        assert!(first > highest, "{first} after {highest}");
        highest = first + 249;
        let segment = dir.path().join(format!("{:08}.pjl", journal.epoch()));
        journal.abandon();
        // The tail of this run is lost whole: all records that name the ids used.
        OpenOptions::new()
            .write(true)
            .open(segment)
            .unwrap()
            .set_len(4096)
            .unwrap();
    }
    assert!(highest > 10 * 250);
    drop(path);
}

#[test]
fn a_missing_or_damaged_file_of_id_bounds_is_an_error() {
    let (dir, _) = killed(5);
    let path = dir.path().join("ids");
    let whole = fs::read(&path).unwrap();
    let mut half = whole.clone();
    half[20] ^= 1;
    fs::write(&path, &half).unwrap();
    assert!(ids(dir.path()).is_ok(), "the other bound is enough");
    fs::write(&path, vec![1; whole.len()]).unwrap();
    assert!(matches!(ids(dir.path()), Err(Error::Corrupt(_))));
    fs::remove_file(&path).unwrap();
    assert!(matches!(ids(dir.path()), Err(Error::Corrupt(_))));
}

fn ids(dir: &Path) -> panshi_journal::Result<IdBlocks> {
    IdBlocks::open(Arc::new(SystemDisk), dir, 100)
}
