//! A sealed journal: closed for good, wherever its writer died.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::path::Path;

use panshi_journal::{Error, Journal, read_seal, verify};
use support::{check, fill, open, small};
use tempfile::TempDir;

fn sealed(records: u64) -> TempDir {
    let dir = TempDir::new().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, records);
    journal.seal().unwrap();
    dir
}

fn refused(dir: &Path) -> u64 {
    match Journal::open(dir, small()) {
        Err(Error::Sealed { sequence, .. }) => sequence,
        Err(error) => panic!("must be sealed, found {error}"),
        Ok(_) => panic!("must be sealed, found it open"),
    }
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name != "lock")
        .collect();
    found.sort();
    found
}

#[test]
fn a_sealed_journal_takes_nothing_more_and_stays_as_it_is() {
    for records in [0, 1, 500] {
        let dir = sealed(records);
        let before = files(dir.path());
        assert_eq!(refused(dir.path()), records);
        assert_eq!(files(dir.path()), before);
        let report = verify(dir.path()).unwrap();
        assert!(report.is_ok(), "{:?}", report.findings);
        let seal = read_seal(dir.path()).unwrap().unwrap();
        assert_eq!(seal.sequence, records);
        assert_eq!(report.segments.last().unwrap().digest, Some(seal.digest));
        assert_eq!(check(dir.path(), 1), records);
    }
}

#[test]
fn no_append_and_no_second_seal_follow_in_the_same_process() {
    let dir = TempDir::new().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 10);
    journal.seal().unwrap();
    assert!(journal.append(1, b"later").is_err());
    assert!(journal.seal().is_err());
    drop(journal);
    assert_eq!(refused(dir.path()), 10);
}

#[test]
fn a_journal_that_is_only_closed_goes_on() {
    let dir = TempDir::new().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 10);
    journal.close().unwrap();
    assert_eq!(read_seal(dir.path()).unwrap(), None);
    let (mut journal, _) = open(dir.path());
    assert_eq!(read_seal(dir.path()).unwrap(), None);
    fill(&mut journal, 20);
    journal.seal().unwrap();
    assert_eq!(read_seal(dir.path()).unwrap().unwrap().sequence, 20);
}

#[test]
fn a_writer_that_dies_behind_its_last_end_record_has_sealed() {
    let dir = sealed(500);
    let wanted = files(dir.path());
    // The chain lacks its last line and the segment its seal, as if the process had died between.
    let chain = dir.path().join("chain.txt");
    let text = std::fs::read_to_string(&chain).unwrap();
    let cut = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let end: usize = text[cut..].split(' ').nth(3).unwrap().parse().unwrap();
    std::fs::write(&chain, &text[..cut]).unwrap();
    let number: u32 = text[cut..].split(' ').next().unwrap().parse().unwrap();
    let segment = dir.path().join(format!("{number:08}.pjl"));
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[end..end + 64].fill(0);
    std::fs::write(&segment, bytes).unwrap();
    assert_eq!(read_seal(dir.path()).unwrap(), None);
    assert_eq!(refused(dir.path()), 500);
    assert_eq!(files(dir.path()), wanted);
    assert!(verify(dir.path()).unwrap().is_ok());
}

#[test]
fn the_seal_cannot_be_taken_off_without_a_trace() {
    let dir = sealed(40);
    let link = std::fs::read_to_string(dir.path().join("chain.txt")).unwrap();
    let end: usize = link.split(' ').nth(3).unwrap().parse().unwrap();
    let segment = dir.path().join("00000001.pjl");
    let mut bytes = std::fs::read(&segment).unwrap();
    // The flag of the end record.
    bytes[end - 48 + 6] = 0;
    std::fs::write(&segment, bytes).unwrap();
    assert!(!verify(dir.path()).unwrap().is_ok());
}
