//! What is appended is read back: in order, from any sequence, by position, while it grows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::sync::Arc;

use panshi_journal::{Error, EventFd, Journal, Options, Reader, UpTo, verify};
use support::{check, fill, kind, open, payload, small};

#[test]
fn records_read_back_over_many_segments() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, report) = open(dir.path());
    assert_eq!(
        report.to_string(),
        "journal was closed; 0 segments, last sequence 0"
    );
    fill(&mut journal, 2000);
    assert_eq!(check(dir.path(), 1), 2000);
    journal.close().unwrap();
    for from in [1, 2, 117, 118, 999, 2000, 2001] {
        assert_eq!(check(dir.path(), from), 2000.max(from - 1));
    }
    let report = verify(dir.path()).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.records, 2000);
    assert!(report.segments.len() > 10);
    assert!(
        report
            .segments
            .iter()
            .all(|segment| segment.digest.is_some())
    );
}

#[test]
fn a_journal_goes_on_where_it_was_closed() {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=5 {
        let (mut journal, report) = open(dir.path());
        assert_eq!(report.last_sequence, (round - 1) * 150);
        assert!(report.closed && report.dropped.is_none() && report.lost_durable.is_none());
        assert_eq!(u64::from(journal.epoch()), round);
        fill(&mut journal, round * 150);
        journal.close().unwrap();
    }
    assert_eq!(check(dir.path(), 1), 750);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn a_record_is_read_again_by_its_position() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut positions = Vec::new();
    for sequence in 1..=500 {
        positions.push(journal.append(kind(sequence), &payload(sequence)).unwrap());
    }
    let large = journal.append_with(9, 5000, |place| place.fill(7)).unwrap();
    let mut buffer = Vec::new();
    for appended in positions {
        let (header, found) = Reader::read_at(dir.path(), appended.position, &mut buffer).unwrap();
        assert_eq!(header.sequence, appended.sequence);
        assert_eq!(found, payload(appended.sequence));
    }
    let (header, found) = Reader::read_at(dir.path(), large.position, &mut buffer).unwrap();
    assert_eq!((header.kind, found), (9, [7; 5000].as_slice()));
}

#[test]
fn a_tail_follows_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut all = Reader::tail(dir.path(), 1, UpTo::Appended).unwrap();
    let mut durable = Reader::tail(dir.path(), 1, UpTo::Durable).unwrap();
    for sequence in 1..=1000 {
        assert!(all.next().unwrap().is_none());
        fill(&mut journal, sequence);
        assert_eq!(all.next().unwrap().unwrap().payload, payload(sequence));
        if sequence % 100 == 0 {
            journal.wait_durable(sequence).unwrap();
        }
        while let Some(entry) = durable.next().unwrap() {
            assert!(entry.header.sequence <= journal.durable_seq());
        }
        assert!(durable.next_sequence() > sequence - sequence % 100);
    }
}

#[test]
fn a_tail_that_waited_reads_whatever_came_however_long() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        segment_bytes: 8 << 20,
        ..small()
    };
    let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
    let mut reader = Reader::tail(dir.path(), 1, UpTo::Appended).unwrap();
    // Each round waits at the end of what is written, where little is read at a time.
    for lengths in [
        vec![100],
        vec![200 << 10],
        vec![300; 9_000],
        vec![100 << 10; 30],
    ] {
        for (byte, &len) in (0_u8..=255).cycle().zip(&lengths) {
            journal
                .append_with(9, len, |place| place.fill(byte))
                .unwrap();
        }
        for (byte, &len) in (0_u8..=255).cycle().zip(&lengths) {
            let entry = reader.next().unwrap().expect("a record that was appended");
            assert_eq!(entry.payload.len(), len);
            assert!(entry.payload.iter().all(|&found| found == byte));
        }
        assert!(reader.next().unwrap().is_none());
    }
}

#[test]
fn an_event_loop_is_woken_when_records_become_durable() {
    let dir = tempfile::tempdir().unwrap();
    let waker = Arc::new(EventFd::new().unwrap());
    let options = Options {
        waker: Some(waker.clone()),
        ..small()
    };
    let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
    fill(&mut journal, 10);
    assert!(journal.may_send(10) && !journal.may_report(10));
    journal.request_sync(10);
    while journal.durable_seq() < 10 {
        let mut polled = [rustix::event::PollFd::new(
            &waker,
            rustix::event::PollFlags::IN,
        )];
        rustix::event::poll(&mut polled, None).unwrap();
        assert!(waker.drain());
    }
    assert!(journal.may_report(10));
}

#[test]
fn payloads_and_kinds_outside_their_range_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let error = journal.append(1, &vec![0; 300_000]).unwrap_err();
    assert!(
        matches!(error, Error::TooLarge { len: 300_000, .. }),
        "{error}"
    );
    for kind in [0, 0xFFFE, 0xFFFF] {
        let error = journal.append(kind, &[]).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("a record's kind must be 1 to 65533, found {kind}")
        );
    }
    for segment_bytes in [0, 4096, 20_000, 3 << 30] {
        let options = Options {
            segment_bytes,
            ..small()
        };
        let other = tempfile::tempdir().unwrap();
        let error = Journal::open(other.path(), options).err().unwrap();
        assert!(matches!(error, Error::Setting(_)), "{error}");
    }
    assert_eq!(journal.append(1, &[]).unwrap().sequence, 1);
}
