//! Power cuts that lose pages of records which had not been synced, wherever they lie.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panshi_journal::{Error, Journal, Options, RecoveryReport, Result, verify};
use support::{FailingDisk, check, fill, open, small};

/// Records of the journals of these tests; they fill three segments.
const RECORDS: u64 = 240;

/// A journal left as by a killed process, the first so many records synced; and the first records
/// of its second and third segment.
fn three_segments(synced: u64) -> (tempfile::TempDir, [u64; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut firsts = Vec::new();
    for last in 1..=RECORDS {
        fill(&mut journal, last);
        if header_of(dir.path(), firsts.len() + 2)[0] != 0 {
            firsts.push(last);
        }
        if last == synced {
            journal.wait_durable(last).unwrap();
        }
    }
    journal.abandon();
    // No seal may vouch for a segment in these tests.
    let _ = std::fs::remove_file(dir.path().join("chain.txt"));
    (dir, firsts.try_into().expect("three segments"))
}

fn path_of(dir: &Path, number: usize) -> PathBuf {
    dir.join(format!("{number:08}.pjl"))
}

fn header_of(dir: &Path, number: usize) -> [u8; 8] {
    let mut bytes = [0; 8];
    if let Ok(file) = std::fs::File::open(path_of(dir, number)) {
        let _ = file.read_exact_at(&mut bytes, 0);
    }
    bytes
}

fn lose(dir: &Path, number: usize, from: u64, bytes: usize) {
    let file = OpenOptions::new()
        .write(true)
        .open(path_of(dir, number))
        .unwrap();
    file.write_all_at(&vec![0; bytes], from).unwrap();
}

fn after_a_power_cut(dir: &Path) -> Result<(Journal, RecoveryReport)> {
    let mut options = small();
    options.faults.boot = Some([9; 16]);
    Journal::open(dir, options)
}

#[test]
fn a_lost_end_of_a_segment_drops_the_segments_behind_it() {
    let (dir, [second, _]) = three_segments(0);
    lose(dir.path(), 1, 12_288, 4_096);
    assert!(
        matches!(Journal::open(dir.path(), small()), Err(Error::Corrupt(_))),
        "the machine was not restarted"
    );
    let (mut journal, report) = after_a_power_cut(dir.path()).unwrap();
    assert!(report.last_sequence < second - 1 && report.last_sequence > 0);
    let text = report.to_string();
    assert!(
        text.contains("2 segments from 2 on, of which nothing had been synced"),
        "{text}"
    );
    let last = report.last_sequence + 100;
    fill(&mut journal, last);
    journal.close().unwrap();
    assert_eq!(check(dir.path(), 1), last);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn a_lost_header_of_a_segment_drops_it_with_those_behind_it() {
    let (dir, [second, third]) = three_segments(0);
    lose(dir.path(), 3, 0, 4_096);
    assert!(matches!(
        Journal::open(dir.path(), small()),
        Err(Error::Corrupt(_))
    ));
    let (journal, report) = after_a_power_cut(dir.path()).unwrap();
    assert_eq!(report.last_sequence, third - 1);
    journal.abandon();
    let (dir, _) = three_segments(0);
    lose(dir.path(), 2, 0, 4_096);
    let (journal, report) = after_a_power_cut(dir.path()).unwrap();
    assert_eq!(report.last_sequence, second - 1);
    journal.close().unwrap();
    assert_eq!(check(dir.path(), 1), second - 1);
}

#[test]
fn what_was_synced_is_never_dropped() {
    for (segment, from) in [(1, 12_288), (2, 0), (2, 4_096)] {
        let (dir, _) = three_segments(RECORDS);
        lose(dir.path(), segment, from, 4_096);
        let outcome = after_a_power_cut(dir.path());
        assert!(
            matches!(outcome, Err(Error::Corrupt(_))),
            "segment {segment} at {from}"
        );
    }
}

#[test]
fn a_writer_that_died_inside_a_header_left_no_segment() {
    for written in [1, 8, 100, 255] {
        let (dir, _) = three_segments(0);
        // The next segment may be prepared already; its header gets its first bytes.
        let header = std::fs::read(path_of(dir.path(), 3)).unwrap();
        let path = path_of(dir.path(), 4);
        let _ = std::fs::remove_file(&path);
        let file = std::fs::File::create_new(&path).unwrap();
        file.set_len(16 << 10).unwrap();
        file.write_all_at(&header[..written], 0).unwrap();
        let (journal, report) = open(dir.path());
        assert_eq!(report.last_sequence, RECORDS);
        journal.close().unwrap();
        assert_eq!(check(dir.path(), 1), RECORDS);
    }
}

#[test]
fn what_a_failed_sync_left_in_memory_is_written_again_before_it_counts() {
    let dir = tempfile::tempdir().unwrap();
    let failing = FailingDisk {
        // The first sync is that of the opening.
        sync: Some(3),
        ..FailingDisk::default()
    };
    let (mut journal, _) = Journal::open(dir.path(), failing.options()).unwrap();
    fill(&mut journal, 10);
    journal.wait_durable(10).unwrap();
    fill(&mut journal, 20);
    assert!(journal.wait_durable(20).is_err());
    assert!(journal.close().is_err());
    let disk = Arc::new(FailingDisk::default());
    let options = Options {
        disk: disk.clone(),
        ..small()
    };
    let (journal, report) = Journal::open(dir.path(), options).unwrap();
    assert_eq!((report.last_sequence, journal.durable_seq()), (20, 20));
    let size_of = |sequence| 32 + support::payload(sequence).len().next_multiple_of(8);
    let [before, behind] = [1..=10, 11..=20].map(|range| range.map(size_of).sum::<usize>());
    let log = disk.log.lock().unwrap().clone();
    let again = log
        .iter()
        .position(|row| *row == ("00000001.pjl".to_owned(), 4_096 + before as u64, behind))
        .expect("the records behind the durable mark are written again");
    assert_eq!(
        log[again + 1],
        ("00000001.pjl".to_owned(), 0, 0),
        "and synced"
    );
}

#[test]
fn a_segment_that_ended_unsynced_is_synced_before_it_counts() {
    let (dir, _) = three_segments(0);
    let disk = Arc::new(FailingDisk::default());
    let options = Options {
        disk: disk.clone(),
        ..small()
    };
    let (journal, _) = Journal::open(dir.path(), options).unwrap();
    assert_eq!(journal.durable_seq(), RECORDS);
    let log = disk.log.lock().unwrap().clone();
    let opened = log.iter().position(|row| row.0 == "durable").unwrap();
    for segment in ["00000001.pjl", "00000002.pjl", "00000003.pjl"] {
        let synced = log[..opened]
            .iter()
            .any(|row| *row == (segment.to_owned(), 0, 0));
        assert!(synced, "{segment}");
    }
}
