//! A journal whose work beside the appends is done by steps: the same files, and no thread.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::path::Path;
use std::sync::Arc;

use panshi_journal::{Journal, Options, verify};
use support::{FailingDisk, check, fill, small};

/// Records with which the second segment is begun and far from full.
const TURNED: u64 = 130;

fn stepped() -> Options {
    Options {
        stepped: true,
        opened_ns: Some(7),
        ..small()
    }
}

fn bytes_of(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != "lock" && entry.file_name() != "durable")
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// Append with times of its own, so that two journals can be compared byte for byte.
fn fill_timed(journal: &mut Journal, up_to: u64) {
    while journal.appended_seq() < up_to {
        let sequence = journal.appended_seq() + 1;
        let payload = support::payload(sequence);
        journal
            .append_at(
                support::kind(sequence),
                sequence * 10,
                payload.len(),
                |place| place.copy_from_slice(&payload),
            )
            .unwrap();
    }
}

#[test]
fn nothing_happens_but_by_steps() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path(), stepped()).unwrap();
    fill(&mut journal, 20);
    assert!(!journal.awaits_sync());
    journal.request_sync(15);
    assert!(journal.awaits_sync());
    assert_eq!((journal.durable_seq(), journal.syncs()), (0, 0));
    journal.step_sync();
    assert_eq!((journal.durable_seq(), journal.syncs()), (20, 1));
    assert!(!journal.awaits_sync());
    // The segment after the first is there from the start, the one after that by a step.
    let [second, third] = ["00000002.pjl", "00000003.pjl"].map(|name| dir.path().join(name));
    assert!(second.exists());
    journal.step_keeper();
    assert!(!third.exists());
    fill(&mut journal, TURNED);
    assert!(!third.exists());
    journal.step_keeper();
    assert!(third.exists());
    journal.wait_durable(TURNED).unwrap();
    assert_eq!(journal.durable_seq(), TURNED);
}

#[test]
fn steps_and_threads_leave_the_same_bytes() {
    let options = [
        stepped(),
        Options {
            stepped: false,
            ..stepped()
        },
    ];
    let [by_steps, by_threads] = options.map(|options| {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
        // An append that finds the next segment missing makes it.
        fill_timed(&mut journal, 500);
        journal.close().unwrap();
        assert_eq!(check(dir.path(), 1), 500);
        assert_eq!(verify(dir.path()).unwrap().findings, []);
        bytes_of(dir.path())
    });
    assert!(by_steps.len() > 4);
    assert_eq!(by_steps, by_threads);
}

#[test]
fn a_failure_in_a_step_forbids_what_follows() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        disk: Arc::new(FailingDisk {
            sync: Some(2),
            ..FailingDisk::default()
        }),
        ..stepped()
    };
    let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
    fill(&mut journal, 20);
    journal.step_sync();
    assert!(journal.trouble().unwrap().starts_with("sync of segment 1"));
    assert!(journal.wait_durable(20).is_err());
    assert!(journal.append(1, b"more").is_err());
    journal.abandon();
    assert_eq!(check(dir.path(), 1), 20);
}
