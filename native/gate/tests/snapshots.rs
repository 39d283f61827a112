//! Snapshots and what a start makes of them: good ones save work, bad ones are passed over with a reason.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use panshi_engine::capacity::Capacity;
use panshi_engine::synthetic::{Chance, Size, Synthetic};
use panshi_gate::bench::day_writer::DayWriter;
use panshi_gate::book::Book;
use panshi_gate::follower::{Follower, News, Setting};
use panshi_gate::mark::Reason;
use panshi_gate::recover::{TakenUp, take_up};
use panshi_gate::replay::{Until, replay_fresh};
use panshi_gate::snapshot::{self, FOLDER, SnapshotHead};
use panshi_journal::{Disk, Durability, Journal, Options, Reader, SystemDisk};
use panshi_wire::digest::Digest;
use panshi_wire::layout::Layout;
use panshi_wire::sections::{Saver, Sections};

const SIZE: Size = Size {
    accounts: 10,
    securities: 6,
    open_orders: 12,
    orders: 4_000,
    step_ns: 30_000_000,
};
const DATE: u32 = 20_260_720;
const MARKS: u64 = 15;
const HEAD: usize = SnapshotHead::LEN;

/// Give a changed file the hashes that it needs to be read at all.
fn seal(bytes: &mut [u8]) {
    let body = (bytes.len() - HEAD) as u64;
    let hash = Digest::of(&bytes[HEAD..]);
    bytes[place("body_bytes")..][..8].copy_from_slice(&body.to_le_bytes());
    bytes[place("body_hash")..][..8].copy_from_slice(&hash.to_le_bytes());
    let hash = Digest::of(&bytes[..HEAD - 8]);
    bytes[place("head_hash")..][..8].copy_from_slice(&hash.to_le_bytes());
}

/// Offset of a field of the header.
fn place(name: &str) -> usize {
    let mut fields = SnapshotHead::FIELDS.iter();
    fields.find(|field| field.name == name).unwrap().offset
}

fn capacity() -> Capacity {
    SIZE.capacity()
}

/// A day under way.
struct Day {
    writer: DayWriter,
    flow: Synthetic,
    dir: PathBuf,
}

impl Day {
    fn begin(dir: &Path, seed: u64, disk: Arc<dyn Disk>) -> Self {
        Self::with(dir, seed, disk, false)
    }

    fn with(dir: &Path, seed: u64, disk: Arc<dyn Disk>, stepped: bool) -> Self {
        let options = Options {
            segment_bytes: 128 << 10,
            durability: Durability::Background,
            trade_date: DATE,
            disk,
            stepped,
            ..Options::default()
        };
        let (journal, _) = Journal::open(dir, options).unwrap();
        let mut writer = DayWriter::new(journal, &capacity());
        let mut flow = Synthetic::new(SIZE, seed);
        for row in flow.opening() {
            writer.input(&row).unwrap();
        }
        let dir = dir.to_path_buf();
        Self { writer, flow, dir }
    }

    fn go(&mut self, inputs: u32) {
        for _ in 0..inputs {
            let input = self.flow.next(self.writer.journal.appended_seq() + 1);
            self.writer.input(&input).unwrap();
            self.flow.observe(&self.writer.outputs);
        }
    }

    fn follower(&self, kept: usize) -> Follower {
        let setting = Setting {
            dir: self.dir.clone(),
            disk: self.writer.journal.disk(),
            capacity: capacity(),
            kept,
            reserve_bytes: 0,
            begin: self.writer.journal.appended_seq(),
            watch: self.writer.journal.watch(),
        };
        Follower::open(setting, Arc::new(AtomicBool::new(false))).unwrap()
    }

    /// Set a mark and let the follower do what it brings, its hash journaled as the loop does.
    fn snapshot(&mut self, follower: &mut Follower) -> Vec<News> {
        self.writer.mark(Reason::Interval).unwrap();
        let news = self.follow(follower);
        for item in &news {
            if let News::Hash {
                mark_seq,
                state_hash,
            } = item
            {
                self.writer.hash(*mark_seq, *state_hash).unwrap();
            }
        }
        news
    }

    fn follow(&self, follower: &mut Follower) -> Vec<News> {
        let journal = &self.writer.journal;
        journal.wait_durable(journal.appended_seq()).unwrap();
        let mut news = Vec::new();
        while follower.step(|item| news.push(item)).unwrap() {}
        news
    }
}

/// A day with two snapshots and records behind the second; it died without a goodbye.
fn a_day(dir: &Path) -> (u64, u64) {
    let mut day = Day::begin(dir, 1, Arc::new(SystemDisk));
    let mut follower = day.follower(3);
    day.go(400);
    day.snapshot(&mut follower);
    day.go(300);
    day.snapshot(&mut follower);
    day.go(200);
    let expected = day.writer.engine.state_hash();
    day.writer.journal.abandon();
    let snapshots = snapshot::list(dir);
    assert_eq!(snapshots.len(), 2);
    (expected, snapshots[0].0)
}

fn taken(dir: &Path) -> TakenUp {
    take_up(dir, &capacity(), &Until::THE_END).unwrap()
}

fn book_bytes(book: &Book) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
    let mut saver = Saver::new(&mut sink);
    book.save(&mut saver);
    saver.finish();
    bytes
}

#[test]
fn a_snapshot_at_any_input_and_the_tail_are_the_whole_journal() {
    for seed in 1..4 {
        let dir = tempfile::tempdir().unwrap();
        let mut day = Day::begin(dir.path(), seed, Arc::new(SystemDisk));
        let mut chance = Chance::new(seed);
        let mut follower = day.follower(100);
        let mut marks = 0;
        while marks < MARKS {
            day.go(chance.below(60));
            let news = day.snapshot(&mut follower);
            let hashed = |item: &News| matches!(item, News::Hash { state_hash, .. } if *state_hash == day.writer.engine.state_hash());
            let wrote = |item: &News| matches!(item, News::Written { .. });
            assert!(
                news.iter().any(hashed) && news.iter().any(wrote),
                "{news:?}"
            );
            marks += 1;
        }
        day.go(40);
        let hash = day.writer.engine.state_hash();
        let book = book_bytes(&day.writer.book);
        day.writer.journal.abandon();
        let whole = replay_fresh(dir.path(), &capacity()).unwrap();
        assert_eq!((whole.difference, whole.state_hash), (None, hash));
        assert_eq!(whole.hashes, MARKS);
        // The newest one first; the one before it when that is gone; and so on to the first record.
        for left in (0..=MARKS).rev() {
            let mut found = taken(dir.path());
            found.replayer.finish();
            assert_eq!(found.passed_over, [""; 0]);
            let replay = &found.replayer.found;
            assert_eq!((replay.state_hash, &replay.difference), (hash, &None));
            let tail = if left == 0 { MARKS } else { MARKS - left + 1 };
            assert_eq!(replay.hashes, tail, "{left}");
            assert!(book_bytes(&found.replayer.book) == book, "{left}");
            assert_eq!(found.replayer.engine.broken_invariants(), [""; 0]);
            let newest = snapshot::list(dir.path()).into_iter().next();
            assert_eq!(newest.as_ref().map(|entry| entry.0), found.snapshot);
            if let Some((_, path)) = newest {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
}

#[test]
fn a_changed_or_torn_snapshot_is_passed_over_for_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, newest) = a_day(dir.path());
    let path = snapshot::list(dir.path())[0].1.clone();
    let good = std::fs::read(&path).unwrap();
    let mut chance = Chance::new(9);
    let mut places: Vec<usize> = (0..HEAD).collect();
    let length = u32::try_from(good.len()).unwrap();
    places.extend((0..60).map(|_| chance.below(length) as usize));
    for place in places {
        for torn in [false, true] {
            let mut bad = good.clone();
            if torn {
                bad.truncate(place);
            } else {
                bad[place] ^= 1 << chance.below(8);
            }
            std::fs::write(&path, &bad).unwrap();
            let found = taken(dir.path());
            assert_eq!(found.passed_over.len(), 1, "byte {place}");
            assert!(found.snapshot < Some(newest) && found.snapshot.is_some());
            assert_eq!(found.replayer.engine.state_hash(), expected);
        }
    }
    std::fs::write(&path, &good).unwrap();
    assert_eq!(taken(dir.path()).snapshot, Some(newest));
}

#[test]
fn bytes_with_their_own_hashes_right_are_refused_or_read_and_never_end_the_process() {
    let dir = tempfile::tempdir().unwrap();
    a_day(dir.path());
    let path = snapshot::list(dir.path())[0].1.clone();
    let good = std::fs::read(&path).unwrap();
    let mut chance = Chance::new(4);
    let rounds = std::env::var("PANSHI_FUZZ_ITERS").map_or(300, |text| {
        (text.parse::<u32>().unwrap() / 2_000).clamp(300, 3_000)
    });
    let mut refused = 0;
    for _ in 0..rounds {
        let mut bad = good.clone();
        for _ in 0..=chance.below(4) {
            let at = HEAD + chance.below(u32::try_from(bad.len() - HEAD).unwrap()) as usize;
            bad[at] = [0, 1, 255, 128][chance.below(4) as usize];
        }
        if chance.percent(30) {
            bad.truncate(HEAD + chance.below(u32::try_from(bad.len() - HEAD).unwrap()) as usize);
        }
        seal(&mut bad);
        std::fs::write(&path, &bad).unwrap();
        refused += u32::from(snapshot::read(&path, dir.path(), &capacity()).is_err());
    }
    assert!(refused > rounds / 2, "{refused} of {rounds}");
    for length in [0, 1, HEAD - 1, HEAD, 200, 5_000] {
        let noise: Vec<u8> = (0..length)
            .map(|_| u8::try_from(chance.below(256)).unwrap())
            .collect();
        std::fs::write(&path, noise).unwrap();
        assert!(snapshot::read(&path, dir.path(), &capacity()).is_err());
    }
}

/// Why the newest snapshot is passed over after something was done to the directory.
fn passed_over(change: impl FnOnce(&Path, &Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let (expected, newest) = a_day(dir.path());
    let path = snapshot::list(dir.path())[0].1.clone();
    change(dir.path(), &path);
    let found = taken(dir.path());
    assert_ne!(found.snapshot, Some(newest));
    assert_eq!(found.replayer.engine.state_hash(), expected);
    found.passed_over[0].clone()
}

#[test]
fn a_snapshot_of_another_journal_version_or_program_is_passed_over() {
    let other = tempfile::tempdir().unwrap();
    let mut foreign = Day::begin(other.path(), 2, Arc::new(SystemDisk));
    let mut follower = foreign.follower(3);
    foreign.go(450);
    foreign.snapshot(&mut follower);
    let theirs = snapshot::list(other.path())[0].1.clone();
    let reason = passed_over(|_, path| {
        std::fs::copy(&theirs, path).unwrap();
    });
    assert!(
        reason.contains("the journal must hold its mark"),
        "{reason}"
    );
    for (field, bytes, expected) in [
        ("magic", &b"SOMETHIN"[..], "must begin with PANSHISN"),
        ("version", &[2, 0, 0, 0], "must be version 1, found 2"),
        (
            "trade_date",
            &[1, 0, 0, 0],
            "the book must be of trade date 1",
        ),
        ("layout_hash", &[7; 8], "must be of this program's layout"),
        ("state_hash", &[7; 8], "the state must have hash"),
    ] {
        let reason = passed_over(|_, path| {
            let mut file = std::fs::read(path).unwrap();
            file[place(field)..][..bytes.len()].copy_from_slice(bytes);
            seal(&mut file);
            std::fs::write(path, file).unwrap();
        });
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn a_snapshot_behind_a_lost_tail_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut day = Day::begin(dir.path(), 1, Arc::new(SystemDisk));
    let mut follower = day.follower(3);
    day.go(100);
    day.snapshot(&mut follower);
    day.go(100);
    let kept = day.writer.journal.appended_seq();
    let hash = day.writer.engine.state_hash();
    day.snapshot(&mut follower);
    day.writer.journal.abandon();
    // The disk lied about what it had synced: the second mark and what follows it are gone.
    let mut reader = Reader::open(dir.path(), kept + 1).unwrap();
    let place = reader.next().unwrap().unwrap().position;
    let segment = dir.path().join(format!("{:08}.pjl", place.segment));
    let file = File::options().write(true).open(segment).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(place.offset.into()).unwrap();
    file.set_len(length).unwrap();
    let found = taken(dir.path());
    assert_eq!(found.passed_over.len(), 1);
    assert!(
        found.passed_over[0].contains("the journal must hold its mark"),
        "{}",
        found.passed_over[0]
    );
    assert!(found.snapshot.is_some());
    assert_eq!(found.replayer.engine.state_hash(), hash);
}

#[test]
fn a_journaled_hash_that_does_not_come_about_again_is_a_difference() {
    let dir = tempfile::tempdir().unwrap();
    let mut day = Day::begin(dir.path(), 1, Arc::new(SystemDisk));
    let mut follower = day.follower(3);
    day.go(100);
    day.snapshot(&mut follower);
    let mark = day.writer.mark(Reason::Interval).unwrap();
    day.writer.hash(mark.sequence, 7).unwrap();
    day.writer.journal.abandon();
    let found = taken(dir.path());
    assert_eq!(found.snapshot, None);
    assert!(
        found.passed_over[0].contains("the journal behind it differs"),
        "{:?}",
        found.passed_over
    );
    let difference = found.replayer.found.difference.unwrap();
    assert!(difference.contains("journaled hash 0000000000000007"));
}

#[test]
fn tables_of_another_size_take_the_journal_from_its_first_record() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, _) = a_day(dir.path());
    let mut larger = capacity();
    larger.streams += 1;
    let found = take_up(dir.path(), &larger, &Until::THE_END).unwrap();
    assert_eq!((found.snapshot, found.passed_over.len()), (None, 2));
    assert!(found.passed_over[0].contains("section capacity"));
    assert_eq!(found.replayer.engine.state_hash(), expected);
}

#[test]
fn the_newest_ones_stay_and_what_was_not_finished_goes() {
    let dir = tempfile::tempdir().unwrap();
    let mut day = Day::begin(dir.path(), 1, Arc::new(SystemDisk));
    let mut follower = day.follower(2);
    let folder = dir.path().join(FOLDER);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("00000000000000000001.tmp"), b"half").unwrap();
    for _ in 0..4 {
        day.go(20);
        day.snapshot(&mut follower);
    }
    let names = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!((snapshot::list(dir.path()).len(), names), (2, 2));
}

/// A disk on which snapshots find no room while it is told so, and that may claim to be nearly full.
#[derive(Debug, Default)]
struct FullDisk {
    fails: AtomicBool,
    nearly_full: AtomicBool,
}

impl Disk for FullDisk {
    fn write_at(&self, path: &Path, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let is_snapshot = path.parent().is_some_and(|parent| parent.ends_with(FOLDER));
        if is_snapshot && self.fails.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        SystemDisk.write_at(path, file, bytes, offset)
    }

    fn room(&self, path: &Path) -> io::Result<u64> {
        if self.nearly_full.load(Ordering::Relaxed) {
            return Ok(1_000);
        }
        SystemDisk.room(path)
    }
}

#[test]
fn a_full_disk_costs_the_snapshot_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(FullDisk::default());
    let mut day = Day::begin(dir.path(), 1, disk.clone());
    let mut follower = day.follower(3);
    let switches = [&disk.fails, &disk.nearly_full];
    for (switch, why) in switches.into_iter().zip(["no storage space", "bytes free"]) {
        switch.store(true, Ordering::Relaxed);
        day.go(50);
        let news = day.snapshot(&mut follower);
        let failed = |item: &News| matches!(item, News::NotWritten(reason) if reason.contains(why));
        assert!(news.iter().any(failed), "{news:?}");
        assert_eq!(snapshot::list(dir.path()), []);
        let left = std::fs::read_dir(dir.path().join(FOLDER));
        assert_eq!(left.map_or(0, Iterator::count), 0);
        switch.store(false, Ordering::Relaxed);
    }
    let news = day.snapshot(&mut follower);
    assert!(
        matches!(news.last(), Some(News::Written { .. })),
        "{news:?}"
    );
    assert_eq!(follower.reached().1, day.writer.engine.state_hash());
}

#[test]
fn a_snapshot_waits_until_the_disk_has_its_mark() {
    let dir = tempfile::tempdir().unwrap();
    let mut day = Day::with(dir.path(), 1, Arc::new(SystemDisk), true);
    let mut follower = day.follower(3);
    day.writer.mark(Reason::Interval).unwrap();
    let mut news = Vec::new();
    while follower.step(|item| news.push(item)).unwrap() {}
    assert!(matches!(news.last(), Some(News::Hash { .. })), "{news:?}");
    assert_eq!(snapshot::list(dir.path()), []);
    let journal = &day.writer.journal;
    journal.request_sync(journal.appended_seq());
    journal.step_sync();
    while follower.step(|item| news.push(item)).unwrap() {}
    assert!(news.iter().any(|item| matches!(item, News::Written { .. })));
}

#[test]
fn a_follower_ends_when_the_journal_does_not_come_about_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut day = Day::begin(dir.path(), 1, Arc::new(SystemDisk));
    let mut follower = day.follower(3);
    day.go(30);
    // The serving engine has forgotten an order that the journal has: a bit of its memory flipped.
    day.writer.engine = {
        let mut other = panshi_engine::engine::Engine::new(&capacity());
        let mut out = Vec::new();
        for row in Synthetic::new(SIZE, 1).opening() {
            other.apply(1, &row, &mut out);
        }
        other
    };
    day.go(30);
    let mut ended = None;
    for _ in 0..100 {
        match follower.step(|_| {}) {
            Ok(true) => {}
            Ok(false) => break,
            Err(reason) => {
                ended = Some(reason);
                break;
            }
        }
    }
    assert!(ended.unwrap().contains("journal and engine differ"));
}
