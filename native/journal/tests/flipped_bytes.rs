//! A changed byte anywhere in a journal directory is found by `verify`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use panshi_journal::verify;
use support::{fill, open};

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.file_name().unwrap() != "lock");
    files.sort();
    files
}

/// Flip the byte at an offset, verify, and flip it back; whether something was found.
fn found(dir: &Path, path: &Path, offset: u64, change: u8) -> bool {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ change], offset).unwrap();
    let report = verify(dir).unwrap();
    file.write_all_at(&byte, offset).unwrap();
    !report.is_ok()
}

#[test]
fn every_byte_of_a_small_closed_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 12);
    journal.close().unwrap();
    let files = files(dir.path());
    assert_eq!(
        files.len(),
        4,
        "a segment, the chain, the durable mark, the id bounds: {files:?}"
    );
    for path in files {
        for offset in 0..fs::metadata(&path).unwrap().len() {
            let change = u8::try_from(offset % 255).unwrap() + 1;
            assert!(
                found(dir.path(), &path, offset, change),
                "{} {offset}",
                path.display()
            );
        }
    }
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn every_byte_of_the_open_segment_of_a_killed_writer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 12);
    journal.abandon();
    let path = dir.path().join("00000001.pjl");
    for offset in 0..fs::metadata(&path).unwrap().len() {
        assert!(found(dir.path(), &path, offset, 1), "{offset}");
    }
}

#[test]
fn random_bytes_of_a_larger_journal() {
    let dir = tempfile::tempdir().unwrap();
    for records in [1500, 3000] {
        let (mut journal, _) = open(dir.path());
        fill(&mut journal, records);
        journal.close().unwrap();
    }
    assert_eq!(verify(dir.path()).unwrap().findings, []);
    let files = files(dir.path());
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..500 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let path = &files[usize::try_from(state >> 33).unwrap() % files.len()];
        let offset = (state >> 8) % fs::metadata(path).unwrap().len();
        let change = 1 << (state % 8);
        assert!(
            found(dir.path(), path, offset, change),
            "{} {offset}",
            path.display()
        );
    }
}

#[test]
fn segments_that_were_exchanged_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    fill(&mut journal, 600);
    journal.close().unwrap();
    let (two, three) = (
        dir.path().join("00000002.pjl"),
        dir.path().join("00000003.pjl"),
    );
    let other = fs::read(&two).unwrap();
    fs::copy(&three, &two).unwrap();
    fs::write(&three, other).unwrap();
    assert!(!verify(dir.path()).unwrap().is_ok());
}

#[test]
fn a_record_rewritten_with_a_right_checksum_breaks_the_chain() {
    // A forger who can compute a checksum: the same records, one of them other, in a fresh journal.
    let (honest, forged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (dir, last) in [(&honest, b"sell 100"), (&forged, b"sell 900")] {
        let (mut journal, _) = open(dir.path());
        for sequence in 1..=20 {
            let payload = if sequence == 10 { last } else { b"the same" };
            journal
                .append_at(1, sequence, 8, |place| place.copy_from_slice(payload))
                .unwrap();
        }
        journal.close().unwrap();
    }
    let name = "00000001.pjl";
    let mut bytes = fs::read(honest.path().join(name)).unwrap();
    let swapped = fs::read(forged.path().join(name)).unwrap();
    let at = 4096 + 9 * 40;
    bytes[at..at + 40].copy_from_slice(&swapped[at..at + 40]);
    fs::write(honest.path().join(name), bytes).unwrap();
    let report = verify(honest.path()).unwrap();
    assert_eq!(report.records, 20, "each record by itself is valid");
    assert!(!report.is_ok());
}

#[test]
fn a_journal_being_written_verifies_clean() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    for up_to in (100..=3000).step_by(100) {
        fill(&mut journal, up_to);
        let report = verify(dir.path()).unwrap();
        assert!(report.live);
        assert_eq!(report.findings, []);
    }
}
