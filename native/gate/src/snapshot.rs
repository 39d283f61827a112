//! Snapshots: the whole state at a mark of the journal, as a file that a start can trust or pass over.
//!
//! A file is its header and its body, the sections of engine and book. It is written beside, synced, then renamed, so
//! that a name stands for a whole file; hashes over header, body and state find what went wrong all the same.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use panshi_engine::capacity::Capacity;
use panshi_engine::engine::Engine;
use panshi_journal::{Disk, Position, Reader};
use panshi_wire::digest::Digest;
use panshi_wire::layout::Layout;
use panshi_wire::sections::{Loader, Saver, SectionDesc, Sections, describe};

use crate::book::Book;
use crate::mark::StateMark;

/// Folder of the snapshots in the journal's.
pub const FOLDER: &str = "snapshots";
/// Version of the header; what the body holds is told by the layout hash.
pub const VERSION: u32 = 1;
const MAGIC: [u8; 8] = *b"PANSHISN";
/// Bytes written at a time, and bytes after which they are synced: the journal's syncs get between them.
const PIECE: usize = 1 << 20;
const SYNC_EVERY: u64 = 4 << 20;

panshi_wire::layout! {
    /// What stands before the sections of a snapshot.
    little;
    pub struct SnapshotHead = 1, "SnapshotHead" {
        magic: [u8; 8] => "magic", "PANSHISN";
        version: u32 => "version", "1";
        trade_date: u32 => "trade_date", "YYYYMMDD; 0: the day was not open yet";
        sequence: u64 => "sequence", "journal sequence of the mark";
        segment: u32 => "segment", "where the mark lies in the journal: segment";
        offset: u32 => "offset", "where the mark lies in the journal: offset in the segment";
        mark_ns: u64 => "mark_ns", "wall time in the mark's record";
        layout_hash: u64 => "layout_hash", "hash of the description of every section";
        state_hash: u64 => "state_hash", "hash of the engine's state";
        body_bytes: u64 => "body_bytes", "bytes behind the header";
        body_hash: u64 => "body_hash", "hash of those bytes";
        head_hash: u64 => "head_hash", "hash of the header's bytes before this field";
    }
}

const HEAD: usize = <SnapshotHead as Layout>::LEN;

/// A state and the mark of the journal that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The book.
    pub book: &'a Book,
    /// Hash of the engine's state.
    pub state_hash: u64,
    /// Sequence of the mark.
    pub sequence: u64,
    /// Where the mark lies.
    pub position: Position,
    /// Wall time in the mark's record.
    pub mark_ns: u64,
}

impl State<'_> {
    fn save(&self, sink: &mut dyn FnMut(&[u8])) {
        let mut saver = Saver::new(sink);
        self.engine.save(&mut saver);
        self.book.save(&mut saver);
        saver.finish();
    }

    /// Bytes of the file that this state makes.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        let mut bytes = HEAD as u64;
        self.save(&mut |piece| bytes += piece.len() as u64);
        bytes
    }
}

/// A state read from a snapshot.
#[derive(Debug)]
pub struct Loaded {
    /// The engine.
    pub engine: Engine,
    /// The book.
    pub book: Book,
    /// The header.
    pub head: SnapshotHead,
}

impl SnapshotHead {
    /// Where the mark lies.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position {
            segment: self.segment,
            offset: self.offset,
        }
    }

    fn sealed(mut self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        let _ = self.write(&mut bytes);
        self.head_hash = Digest::of(&bytes[..HEAD - 8]);
        let _ = self.write(&mut bytes);
        bytes
    }
}

/// The sections of engine and book, described.
#[must_use]
pub fn layout() -> Vec<SectionDesc> {
    let mut capacity = Capacity::default();
    for name in Capacity::NAMES {
        let _ = capacity.set(name, 1);
    }
    // A stream, so that its sections are among the described ones.
    let mut book = Book::default();
    book.stream(0, [b' '; 8], 0);
    let engine = Engine::new(&capacity);
    describe(|saver| {
        engine.save(saver);
        book.save(saver);
    })
}

/// Hash of everything that decides how a body is read.
fn layout_hash() -> u64 {
    static HASH: OnceLock<u64> = OnceLock::new();
    *HASH.get_or_init(|| {
        let mut digest = Digest::default();
        for section in layout() {
            digest.add(format!("{} {:?}\n", section.name, section.form).as_bytes());
            for field in section.fields {
                let text = format!("{} {:?} {}\n", field.name, field.kind, field.times);
                digest.add(text.as_bytes());
            }
        }
        digest.finish()
    })
}

fn path_of(folder: &Path, sequence: u64) -> PathBuf {
    folder.join(format!("{sequence:020}.snapshot"))
}

/// Write a snapshot; the bytes of its file. `between` is called between the pieces and can end the writing.
///
/// # Errors
/// When the disk refuses; nothing is left behind then but perhaps a file that is no snapshot by its name.
pub fn write(
    disk: &dyn Disk,
    dir: &Path,
    state: &State<'_>,
    between: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<u64> {
    let folder = dir.join(FOLDER);
    disk.make_directory(&folder)?;
    let path = path_of(&folder, state.sequence);
    let temporary = path.with_extension("tmp");
    let written = write_file(disk, &temporary, state, between).and_then(|bytes| {
        disk.rename(&temporary, &path)?;
        disk.sync_directory(&folder)?;
        Ok(bytes)
    });
    if written.is_err() {
        let _ = disk.remove(&temporary);
    }
    written
}

fn write_file(
    disk: &dyn Disk,
    path: &Path,
    state: &State<'_>,
    between: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<u64> {
    let file = disk.open(path, true)?;
    let mut out = Out {
        disk,
        path,
        file: &file,
        pending: Vec::with_capacity(2 * PIECE),
        at: HEAD as u64,
        synced: 0,
        digest: Digest::default(),
        outcome: Ok(()),
    };
    state.save(&mut |piece| out.take(piece, between));
    out.flush();
    let (end, digest, outcome) = (out.at, out.digest, out.outcome);
    outcome?;
    let head = SnapshotHead {
        magic: MAGIC,
        version: VERSION,
        trade_date: state.book.trade_date,
        sequence: state.sequence,
        segment: state.position.segment,
        offset: state.position.offset,
        mark_ns: state.mark_ns,
        layout_hash: layout_hash(),
        state_hash: state.state_hash,
        body_bytes: end - HEAD as u64,
        body_hash: digest.finish(),
        head_hash: 0,
    };
    disk.write_at(path, &file, &head.sealed(), 0)?;
    disk.sync(path, &file)?;
    Ok(end)
}

/// The body of a file on its way to the disk; after a failure the rest is dropped.
struct Out<'a> {
    disk: &'a dyn Disk,
    path: &'a Path,
    file: &'a File,
    pending: Vec<u8>,
    at: u64,
    synced: u64,
    digest: Digest,
    outcome: io::Result<()>,
}

impl Out<'_> {
    fn take(&mut self, piece: &[u8], between: &mut dyn FnMut() -> io::Result<()>) {
        self.digest.add(piece);
        self.pending.extend_from_slice(piece);
        if self.pending.len() >= PIECE {
            self.flush();
            if self.outcome.is_ok() {
                self.outcome = between();
            }
        }
    }

    fn flush(&mut self) {
        if self.outcome.is_ok() {
            self.outcome = self.write();
        }
        self.pending.clear();
    }

    fn write(&mut self) -> io::Result<()> {
        let (disk, path, file) = (self.disk, self.path, self.file);
        disk.write_at(path, file, &self.pending, self.at)?;
        self.at += self.pending.len() as u64;
        if self.at - self.synced >= SYNC_EVERY {
            disk.sync(path, file)?;
            self.synced = self.at;
        }
        Ok(())
    }
}

/// The snapshots beside a journal, newest first.
#[must_use]
pub fn list(dir: &Path) -> Vec<(u64, PathBuf)> {
    let entries = std::fs::read_dir(dir.join(FOLDER)).into_iter().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let sequence = path.file_stem()?.to_str()?.parse().ok()?;
            (path.extension()? == "snapshot").then_some((sequence, path))
        })
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found
}

/// Remove all but the newest snapshots, and files that were not finished.
///
/// # Errors
/// When the disk refuses.
pub fn prune(disk: &dyn Disk, dir: &Path, kept: usize) -> io::Result<()> {
    let entries = std::fs::read_dir(dir.join(FOLDER)).into_iter().flatten();
    let torn = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "tmp"));
    let old = list(dir).into_iter().skip(kept).map(|(_, path)| path);
    for path in torn.chain(old) {
        disk.remove(&path)?;
    }
    Ok(())
}

/// Read a snapshot and hold it against the journal that it lies beside.
///
/// # Errors
/// Why it must be passed over: torn, changed, of another version, day, journal or table size.
pub fn read(path: &Path, dir: &Path, capacity: &Capacity) -> Result<Loaded, String> {
    let bytes = read_whole(path)?;
    let (head, body) = bytes
        .split_at_checked(HEAD)
        .ok_or_else(|| format!("must have a header of {HEAD} bytes, found {}", bytes.len()))?;
    let head = check_head(head, body)?;
    check_place(&head, dir)?;
    let mut loader = Loader::new(body);
    let engine = Engine::load(capacity, &mut loader).map_err(|unfit| unfit.to_string())?;
    let book = Book::restored(&mut loader).map_err(|unfit| unfit.to_string())?;
    loader.finish().map_err(|unfit| unfit.to_string())?;
    let found = engine.state_hash();
    if found != head.state_hash {
        let expected = head.state_hash;
        return Err(format!(
            "the state must have hash {expected:016x}, found {found:016x}"
        ));
    }
    if head.trade_date != book.trade_date {
        let (must, found) = (head.trade_date, book.trade_date);
        return Err(format!(
            "the book must be of trade date {must}, found {found}"
        ));
    }
    Ok(Loaded { engine, book, head })
}

fn read_whole(path: &Path) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        // A file can claim more bytes than there is memory.
        bytes
            .try_reserve_exact(length)
            .map_err(|error| io::Error::new(io::ErrorKind::OutOfMemory, error))?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| format!("must be readable, found {error}"))
}

fn check_head(bytes: &[u8], body: &[u8]) -> Result<SnapshotHead, String> {
    let head = SnapshotHead::read(bytes).unwrap_or_default();
    if head.magic != MAGIC {
        return Err("must begin with PANSHISN, found other bytes".to_owned());
    }
    if head.version != VERSION {
        return Err(format!("must be version {VERSION}, found {}", head.version));
    }
    if head.head_hash != Digest::of(&bytes[..HEAD - 8]) {
        return Err("the header must have its hash, found it changed".to_owned());
    }
    if head.layout_hash != layout_hash() {
        return Err("must be of this program's layout, found another's".to_owned());
    }
    if head.body_bytes != body.len() as u64 {
        let (must, found) = (head.body_bytes, body.len());
        return Err(format!("must have {must} bytes of body, found {found}"));
    }
    if head.body_hash != Digest::of(body) {
        return Err("the body must have its hash, found it changed".to_owned());
    }
    Ok(head)
}

/// The mark must lie in this journal where the header says, or the snapshot is of another one, or of a tail that was
/// lost.
fn check_place(head: &SnapshotHead, dir: &Path) -> Result<(), String> {
    let mut buffer = Vec::new();
    let wanted = format!("the journal must hold its mark, sequence {}", head.sequence);
    let (found, _) = Reader::read_at(dir, head.position(), &mut buffer)
        .map_err(|error| format!("{wanted}: {error}"))?;
    let same = found.sequence == head.sequence
        && u32::from(found.kind) == StateMark::TYPE
        && found.time_ns == head.mark_ns;
    if same {
        Ok(())
    } else {
        let (sequence, kind) = (found.sequence, found.kind);
        Err(format!(
            "{wanted}, found sequence {sequence} of type {kind} there"
        ))
    }
}
