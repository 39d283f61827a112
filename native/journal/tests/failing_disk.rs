//! Disks that fail, disks that are full, writers that are killed, two writers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use panshi_journal::{Error, Journal, verify};
use support::{FailingDisk, check, fill, open, small};

const CHILD_DIR: &str = "PANSHI_JOURNAL_CHILD_DIR";

#[test]
fn a_failed_sync_halts_for_good() {
    let dir = tempfile::tempdir().unwrap();
    // The first sync is that of the opening.
    let disk = FailingDisk {
        sync: Some(4),
        ..FailingDisk::default()
    };
    let (mut journal, _) = Journal::open(dir.path(), disk.options()).unwrap();
    for round in 1..=2 {
        fill(&mut journal, round * 10);
        journal.wait_durable(round * 10).unwrap();
    }
    fill(&mut journal, 30);
    let error = journal.wait_durable(30).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("sync of segment 1 failed: "), "{text}");
    assert!(text.contains("the gate must halt"), "{text}");
    assert_eq!(journal.durable_seq(), 20);
    assert!(!journal.may_report(21));
    for _ in 0..3 {
        let again = journal.append(1, b"more").unwrap_err();
        assert!(
            matches!(&again, Error::Poisoned(reason) if *reason == text),
            "{again}"
        );
        assert!(journal.wait_durable(30).is_err());
    }
    assert_eq!(journal.trouble(), Some(text));
    assert_eq!(journal.syncs(), 3, "a failed sync is not tried again");
    assert!(journal.close().is_err());
}

#[test]
fn a_disk_that_is_full_at_the_start_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FailingDisk {
        allocate: Some(1),
        ..FailingDisk::default()
    };
    let error = Journal::open(dir.path(), disk.options()).err().unwrap();
    assert!(matches!(error, Error::Full(_)), "{error}");
    assert!(
        error.to_string().contains("cannot be preallocated"),
        "{error}"
    );
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 10);
}

#[test]
fn a_disk_that_fills_up_is_announced_ahead_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FailingDisk {
        allocate: Some(2),
        ..FailingDisk::default()
    };
    let (mut journal, _) = Journal::open(dir.path(), disk.options()).unwrap();
    while journal.full_ahead().is_none() {
        std::thread::yield_now();
    }
    let error = fill_until_error(&mut journal);
    assert!(matches!(error, Error::Full(_)), "{error}");
    let last = journal.appended_seq();
    assert!(last > 50);
    journal.wait_durable(last).unwrap();
    journal.close().unwrap();
    let (mut journal, report) = open(dir.path());
    assert_eq!(report.last_sequence, last);
    fill(&mut journal, last + 500);
    journal.close().unwrap();
    assert_eq!(check(dir.path(), 1), last + 500);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn a_really_full_file_system_is_found_when_preallocating() {
    let mount = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "none"])
        .arg(mount.path())
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("not run: mounting a file system needs root");
        return;
    }
    let outcome = std::panic::catch_unwind(|| fill_small_disk(mount.path()));
    assert!(
        Command::new("umount")
            .arg(mount.path())
            .status()
            .unwrap()
            .success()
    );
    outcome.unwrap();
}

fn fill_small_disk(dir: &Path) {
    let (mut journal, _) = open(dir);
    let error = fill_until_error(&mut journal);
    assert!(matches!(error, Error::Full(_)), "{error}");
    let last = journal.appended_seq();
    journal.abandon();
    assert_eq!(check(dir, 1), last);
    assert!(matches!(Journal::open(dir, small()), Err(Error::Full(_))));
    assert_eq!(check(dir, 1), last);
}

fn fill_until_error(journal: &mut Journal) -> Error {
    loop {
        let sequence = journal.appended_seq() + 1;
        if let Err(error) = journal.append(support::kind(sequence), &support::payload(sequence)) {
            return error;
        }
    }
}

#[test]
fn an_append_cut_at_every_byte_is_dropped_at_the_next_start() {
    for cut in 0..64 {
        let dir = tempfile::tempdir().unwrap();
        let mut options = small();
        options.faults.short_append = Some((7, cut));
        let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
        fill(&mut journal, 6);
        assert!(matches!(
            journal.append(1, &[0xAB; 32]),
            Err(Error::Poisoned(_))
        ));
        assert!(matches!(
            journal.append(1, &[0xAB; 32]),
            Err(Error::Poisoned(_))
        ));
        drop(journal);
        let (mut journal, report) = open(dir.path());
        assert_eq!(report.last_sequence, if cut == 64 { 7 } else { 6 });
        assert_eq!(report.dropped.is_some(), cut > 0, "{cut}: {report}");
        fill(&mut journal, 20);
        journal.close().unwrap();
        assert_eq!(check(dir.path(), 1), 20);
        assert_eq!(verify(dir.path()).unwrap().findings, []);
    }
}

#[test]
fn a_second_writer_is_refused_and_told_who_holds_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = small();
    options.holder = "gate of seat 12345".to_owned();
    let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
    let text = Journal::open(dir.path(), small())
        .err()
        .unwrap()
        .to_string();
    assert!(text.contains("gate of seat 12345, process "), "{text}");
    assert!(text.contains(&std::process::id().to_string()), "{text}");
    fill(&mut journal, 5);
    drop(journal);
    assert!(Journal::open(dir.path(), small()).is_ok());
}

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "runs only as the child of another test"]
fn child_that_appends_for_ever() {
    let Ok(dir) = std::env::var(CHILD_DIR) else {
        return;
    };
    let (mut journal, _) = open(Path::new(&dir));
    loop {
        let next = journal.appended_seq() + 50;
        fill(&mut journal, next);
        println!("appended {next}");
    }
}

#[test]
fn kill_9_loses_nothing_appended() {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "child_that_appends_for_ever",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(CHILD_DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let mut told = 0;
        for _ in 0..round * 40 {
            let line = lines.find(|line| line.starts_with("appended ")).unwrap();
            told = line.trim_start_matches("appended ").parse().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let (journal, report) = open(dir.path());
        assert!(
            report.last_sequence >= told,
            "{report} but {told} were appended"
        );
        assert_eq!(report.lost_durable, None);
        journal.close().unwrap();
        assert_eq!(check(dir.path(), 1), report.last_sequence);
        assert_eq!(verify(dir.path()).unwrap().findings, []);
    }
}
