//! Words that several processes share in a file.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::atomic::Ordering;

use panshi_journal::SharedWords;

#[test]
fn two_mappings_share_what_is_written_and_it_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("words");
    let one = SharedWords::open(&path, 512).unwrap();
    let two = SharedWords::open(&path, 512).unwrap();
    one.words()[511].store(7, Ordering::Release);
    assert_eq!(two.words()[511].load(Ordering::Acquire), 7);
    assert!(one.lock());
    assert!(!two.lock());
    one.sync().unwrap();
    drop((one, two));
    let again = SharedWords::open(&path, 512).unwrap();
    assert_eq!(again.words()[511].load(Ordering::Acquire), 7);
    assert!(again.lock());
}

#[test]
fn a_file_of_another_length_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("words");
    std::fs::write(&path, [0; 9]).unwrap();
    let error = SharedWords::open(&path, 512).unwrap_err();
    assert_eq!(error.to_string(), "must be of 4096 bytes, found 9");
}
