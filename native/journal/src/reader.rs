//! Reading a journal in order, from any sequence, also while it is being written.
//!
//! Reading goes through `pread` into a buffer and not through a mapping: a file that is cut or
//! unreadable then gives an error, where a mapping would end the process.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::directory::{header_state, open_to_read, read_segment, read_up_to, segment_numbers};
use crate::durable;
use crate::error::{Corruption, Error, Result};
use crate::record::{
    HEADER_BYTES, KIND_END, KIND_SEAL, PAYLOAD_BYTES_MAX, Parsed, Position, RecordHeader, parse,
    size_of_record,
};
use crate::segment::{HEADER_PAGE, HeaderState, SegmentHeader, path_of};

const BUFFER: usize = 1 << 20;
/// Bytes that are read where nothing followed at the last look.
const TAIL: usize = 64 << 10;

/// How far a reader goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpTo {
    /// To the last record that is on the disk.
    Durable,
    /// To the last record that was appended.
    Appended,
}

/// A record as a reader sees it; the payload lives until the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its header.
    pub header: RecordHeader,
    /// Where it lies.
    pub position: Position,
    /// Its payload.
    pub payload: &'a [u8],
}

/// Reads records one after the other.
pub struct Reader {
    dir: PathBuf,
    up_to: UpTo,
    next_sequence: u64,
    open: Option<OpenSegment>,
    buffer: Vec<u8>,
    /// Offset in the segment of the first byte of `buffer`.
    base: u64,
    /// Bytes of `buffer` that are filled.
    filled: usize,
    at: usize,
}

struct OpenSegment {
    number: u32,
    file: File,
}

impl OpenSegment {
    fn open(dir: &Path, number: u32) -> Result<Self> {
        let path = path_of(dir, number);
        let file = open_to_read(&path)?;
        Ok(Self { number, file })
    }

    fn read_at<'b>(
        &self,
        dir: &Path,
        offset: u32,
        buffer: &'b mut Vec<u8>,
    ) -> Result<(RecordHeader, &'b [u8])> {
        let path = path_of(dir, self.number);
        let offset = u64::from(offset);
        buffer.resize(1024, 0);
        let mut read = read_up_to(&self.file, buffer, offset);
        if let (Ok(1024), Parsed::Short) = (&read, parse(buffer)) {
            buffer.resize(size_of_record(PAYLOAD_BYTES_MAX), 0);
            read = read_up_to(&self.file, buffer, offset);
        }
        let read = read.map_err(|error| Error::io("read", &path, error))?;
        match parse(buffer.get(..read).unwrap_or_default()) {
            Parsed::Record(header, payload) if header.kind < KIND_END => Ok((header, payload)),
            Parsed::Bad(reason) => Err(corrupt(path, self.number, offset, 0, reason)),
            _ => {
                let reason = "a record must lie at this position, found none";
                Err(corrupt(path, self.number, offset, 0, reason))
            }
        }
    }
}

/// Reads single records again; the segment of the last one stays open, because the next one often lies there too.
#[derive(Default)]
pub struct Records {
    open: Option<OpenSegment>,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = self.open.as_ref().map(|open| open.number);
        f.debug_tuple("Records").field(&open).finish()
    }
}

impl Records {
    /// Read the record at a position of a journal, always the same one: its header and its payload.
    ///
    /// # Errors
    /// When no valid record lies there.
    pub fn read(&mut self, dir: &Path, position: Position) -> Result<(RecordHeader, &[u8])> {
        let same = self
            .open
            .take()
            .filter(|open| open.number == position.segment);
        let open = match same {
            Some(open) => open,
            None => OpenSegment::open(dir, position.segment)?,
        };
        let open = self.open.insert(open);
        open.read_at(dir, position.offset, &mut self.buffer)
    }
}

enum Step {
    Found(RecordHeader),
    EndOfSegment,
    Nothing,
    Bad(&'static str),
}

impl Reader {
    /// Open a journal at a sequence; what follows are the records from it to the last appended.
    ///
    /// # Errors
    /// When the directory cannot be read or begins after that sequence.
    pub fn open(dir: &Path, from_sequence: u64) -> Result<Self> {
        Self::tail(dir, from_sequence, UpTo::Appended)
    }

    /// As [`Reader::open`], with a choice of how far; after `None` it may be called again, and
    /// goes on when the writer, in this or another process, has gone on.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn tail(dir: &Path, from_sequence: u64, up_to: UpTo) -> Result<Self> {
        let from_sequence = from_sequence.max(1);
        let mut reader = Self::closed(dir, from_sequence, up_to);
        if let Some(header) = segment_with(dir, from_sequence)? {
            reader.enter(header.number)?;
            reader.next_sequence = header.first_sequence;
            while reader.next_sequence < from_sequence && reader.advance()?.is_some() {}
        }
        Ok(reader)
    }

    /// Open a journal at the record that lies at a position and has this sequence.
    ///
    /// # Errors
    /// When the segment cannot be opened; whether that record lies there is seen by the first [`Reader::next`].
    pub fn resume(dir: &Path, position: Position, sequence: u64, up_to: UpTo) -> Result<Self> {
        let mut reader = Self::closed(dir, sequence, up_to);
        reader.enter(position.segment)?;
        reader.base = position.offset.into();
        Ok(reader)
    }

    fn closed(dir: &Path, next_sequence: u64, up_to: UpTo) -> Self {
        Self {
            dir: dir.to_path_buf(),
            up_to,
            next_sequence,
            open: None,
            buffer: vec![0; BUFFER],
            base: 0,
            filled: 0,
            at: 0,
        }
    }

    /// The next record, or `None` when there is none now.
    ///
    /// # Errors
    /// When the journal is corrupt or cannot be read.
    #[allow(
        clippy::should_implement_trait,
        reason = "the entry borrows the reader's buffer"
    )]
    pub fn next(&mut self) -> Result<Option<Entry<'_>>> {
        if self.up_to == UpTo::Durable && self.next_sequence > self.durable()? {
            return Ok(None);
        }
        let Some((header, position, start)) = self.advance()? else {
            return Ok(None);
        };
        let from = start + HEADER_BYTES;
        let payload = self
            .buffer
            .get(from..from + header.length as usize)
            .unwrap_or_default();
        Ok(Some(Entry {
            header,
            position,
            payload,
        }))
    }

    /// Visit a run of records with their places in [`Reader::buffer`]; false if there are none now.
    pub(crate) fn block(&mut self, mut visit: impl FnMut(RecordHeader, usize)) -> Result<bool> {
        let Some((header, _, start)) = self.advance()? else {
            return Ok(false);
        };
        visit(header, start);
        while let Step::Found(header) = self.look() {
            visit(header, self.at);
            self.at += header.size();
            self.next_sequence += 1;
        }
        Ok(true)
    }

    /// The bytes that the places of the last [`Reader::block`] refer to.
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// The sequence that [`Reader::next`] will return.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Read one record again, into `buffer`; its header, and the payload as a part of `buffer`.
    ///
    /// # Errors
    /// When no valid record lies at that position.
    pub fn read_at<'b>(
        dir: &Path,
        position: Position,
        buffer: &'b mut Vec<u8>,
    ) -> Result<(RecordHeader, &'b [u8])> {
        let open = OpenSegment::open(dir, position.segment)?;
        open.read_at(dir, position.offset, buffer)
    }

    fn durable(&self) -> Result<u64> {
        // A mark that is read in the middle of its update fails its check; the next look is whole.
        let mut mark = durable::read(&self.dir);
        for _ in 0..3 {
            if mark.is_ok() {
                break;
            }
            mark = durable::read(&self.dir);
        }
        let path = self.dir.join(durable::NAME);
        mark.map(|mark| mark.map_or(0, |mark| mark.sequence))
            .map_err(|reason| corrupt(path, 0, 0, 0, reason))
    }

    /// Step over one record: its header, position and place in the buffer.
    fn advance(&mut self) -> Result<Option<(RecordHeader, Position, usize)>> {
        loop {
            let Some(number) = self.open.as_ref().map(|open| open.number) else {
                match segment_with(&self.dir, self.next_sequence)? {
                    Some(header) if header.first_sequence <= self.next_sequence => {
                        self.enter(header.number)?;
                        self.next_sequence = header.first_sequence;
                        continue;
                    }
                    _ => return Ok(None),
                }
            };
            match self.step()? {
                Step::Found(header) => {
                    let start = self.at;
                    let offset = u32::try_from(self.base + start as u64).unwrap_or(u32::MAX);
                    self.at += header.size();
                    self.next_sequence += 1;
                    return Ok(Some((
                        header,
                        Position {
                            segment: number,
                            offset,
                        },
                        start,
                    )));
                }
                Step::EndOfSegment => {
                    let used = header_state(&self.dir, number + 1);
                    if !matches!(used, Ok(HeaderState::Used(_))) {
                        return Ok(None);
                    }
                    self.enter(number + 1)?;
                }
                Step::Nothing => return Ok(None),
                Step::Bad(reason) => return self.judge(number, reason),
            }
        }
    }

    /// A bad record at the end of what is written may be one that is being written just now.
    fn judge<T>(&mut self, number: u32, reason: &'static str) -> Result<Option<T>> {
        let offset = self.base + self.at as u64;
        let path = path_of(&self.dir, number);
        let rest = read_segment(&path)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        if matches!(parse(rest.get(from..).unwrap_or_default()), Parsed::Record(record, _)
            if record.sequence == self.next_sequence)
        {
            return Ok(None);
        }
        match crate::walk::find_later(&rest, from, self.next_sequence) {
            Some(_) => Err(corrupt(path, number, offset, self.next_sequence, reason)),
            None => Ok(None),
        }
    }

    fn step(&mut self) -> Result<Step> {
        let mut step = self.look();
        if !matches!(step, Step::Found(_)) {
            // The buffer may end inside a record, or be older than what was written since.
            self.refill()?;
            if self.is_short() && self.filled == TAIL {
                // The record is longer than that.
                self.refill()?;
            }
            step = self.look();
        }
        Ok(step)
    }

    fn look(&self) -> Step {
        match parse(self.buffer.get(self.at..self.filled).unwrap_or_default()) {
            Parsed::Record(header, _) if header.sequence != self.next_sequence => {
                Step::Bad("a record's sequence must follow the one before, found another")
            }
            Parsed::Record(header, _) if header.kind == KIND_END => Step::EndOfSegment,
            Parsed::Record(header, _) if header.kind == KIND_SEAL => {
                Step::Bad("a seal must follow an end record, found it elsewhere")
            }
            Parsed::Record(header, _) => Step::Found(header),
            Parsed::Empty | Parsed::Short => Step::Nothing,
            Parsed::Bad(reason) => Step::Bad(reason),
        }
    }

    /// Whether the buffer ends inside a record.
    fn is_short(&self) -> bool {
        let rest = self.buffer.get(self.at..self.filled).unwrap_or_default();
        matches!(parse(rest), Parsed::Short)
    }

    fn refill(&mut self) -> Result<()> {
        let Some(open) = &self.open else {
            return Ok(());
        };
        let want = if self.is_short() { BUFFER } else { TAIL };
        self.base += self.at as u64;
        self.at = 0;
        self.filled = read_up_to(&open.file, &mut self.buffer[..want], self.base)
            .map_err(|error| Error::io("read", &path_of(&self.dir, open.number), error))?;
        Ok(())
    }

    fn enter(&mut self, number: u32) -> Result<()> {
        self.open = Some(OpenSegment::open(&self.dir, number)?);
        (self.base, self.at, self.filled) = (HEADER_PAGE as u64, 0, 0);
        Ok(())
    }
}

/// The header of the last segment that begins at or before a sequence, else of the first one.
fn segment_with(dir: &Path, sequence: u64) -> Result<Option<SegmentHeader>> {
    let mut best = None;
    for number in segment_numbers(dir)? {
        match header_state(dir, number)? {
            HeaderState::Used(header) => {
                if best.is_some() && header.first_sequence > sequence {
                    break;
                }
                best = Some(header);
            }
            HeaderState::Fresh => break,
            HeaderState::Bad(reason) => {
                return Err(corrupt(path_of(dir, number), number, 0, sequence, reason));
            }
        }
    }
    match best {
        Some(header) if header.first_sequence > sequence => {
            let path = path_of(dir, header.number);
            let reason = "the journal must begin at or before this sequence, found a later one";
            Err(corrupt(path, header.number, 0, sequence, reason))
        }
        other => Ok(other),
    }
}

fn corrupt(path: PathBuf, segment: u32, offset: u64, sequence: u64, reason: &str) -> Error {
    Error::Corrupt(Corruption {
        path,
        segment,
        offset,
        sequence,
        reason: reason.to_owned(),
    })
}
