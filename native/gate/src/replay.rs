//! Taking a journal up again, record by record: inputs are applied, everything else is compared.
//!
//! A start, the follower beside a serving gate and an auditor's replay all go this way.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use panshi_engine::capacity::Capacity;
use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_journal::{Entry, Reader};
use panshi_wire::layout::Layout;

use crate::book::Book;
use crate::mark::{StateHash, StateMark};
use crate::own;

/// First record type of outputs.
const OUTPUTS: u16 = 100;

/// What a replay of a journal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Inputs applied.
    pub inputs: u64,
    /// Outputs compared and found equal.
    pub outputs: u64,
    /// Journaled hashes of the state compared and found equal.
    pub hashes: u64,
    /// Hash of the state at the end.
    pub state_hash: u64,
    /// First difference, in words.
    pub difference: Option<String>,
    /// Outputs of the last input that the journal does not hold any more.
    pub missing: Vec<Output>,
}

/// How far a replay goes.
#[derive(Clone, Copy, Debug)]
pub struct Until<'a> {
    /// Last sequence that it takes.
    pub sequence: u64,
    /// Ends it before.
    pub stop: Option<&'a AtomicBool>,
}

impl Until<'static> {
    /// As far as the journal goes.
    pub const THE_END: Self = Self {
        sequence: u64::MAX,
        stop: None,
    };
}

impl Until<'_> {
    /// Whether the end was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// An engine and a book on their way through a journal.
#[derive(Debug)]
pub struct Replayer {
    /// The engine.
    pub engine: Engine,
    /// The book.
    pub book: Book,
    /// What was found so far; the hash and what is missing are filled by [`Replayer::finish`].
    pub found: Replay,
    /// Sequence of the last record taken.
    pub sequence: u64,
    /// Sequence of the last mark; 0: none yet.
    pub last_mark: u64,
    /// Outputs of the last input.
    outputs: Vec<Output>,
    /// How many of them the journal has shown.
    shown: usize,
    /// Sequence of the last input.
    cause: u64,
    bytes: Vec<u8>,
    /// Hashes at marks whose journaled hash has not come yet.
    awaited: Vec<(u64, u64)>,
}

impl Replayer {
    /// Begin with the first record.
    #[must_use]
    pub fn new(capacity: &Capacity) -> Self {
        Self::resume(Engine::new(capacity), Book::default(), 0, None)
    }

    /// Begin behind a record, in the state that follows from all records up to it; with the hash of that state when the
    /// record is a mark.
    #[must_use]
    pub fn resume(engine: Engine, mut book: Book, sequence: u64, state_hash: Option<u64>) -> Self {
        book.take_room(engine.capacity());
        let awaited: Vec<_> = state_hash
            .map(|hash| (sequence, hash))
            .into_iter()
            .collect();
        Self {
            engine,
            book,
            found: Replay::default(),
            sequence,
            last_mark: awaited.first().map_or(0, |mark| mark.0),
            outputs: Vec::with_capacity(64),
            shown: 0,
            cause: 0,
            bytes: Vec::new(),
            awaited,
        }
    }

    /// Take one record; the hash of the state when it is a mark.
    ///
    /// # Errors
    /// When it is an input that the engine does not know.
    pub fn take(&mut self, entry: &Entry<'_>) -> Result<Option<u64>, String> {
        let kind = entry.header.kind;
        self.sequence = entry.header.sequence;
        if kind < OUTPUTS {
            self.take_input(entry)?;
        } else if kind < own::FIRST {
            self.take_output(entry);
        } else if u32::from(kind) == StateMark::TYPE {
            return Ok(Some(self.take_mark()));
        } else if u32::from(kind) == StateHash::TYPE
            && let Some(row) = StateHash::read(entry.payload)
        {
            self.take_hash(&row);
        }
        Ok(None)
    }

    fn take_input(&mut self, entry: &Entry<'_>) -> Result<(), String> {
        let (kind, seq) = (entry.header.kind, entry.header.sequence);
        self.require_shown();
        let Some(input) = Input::read(kind.into(), entry.payload) else {
            return Err(format!("sequence {seq}: no input of type {kind}"));
        };
        self.outputs.clear();
        (self.shown, self.cause) = (0, seq);
        self.book.note_input(seq, entry.position, &input);
        self.engine.apply(seq, &input, &mut self.outputs);
        for output in &self.outputs {
            self.book.note_output(seq, output);
        }
        self.found.inputs += 1;
        Ok(())
    }

    fn take_output(&mut self, entry: &Entry<'_>) {
        let kind = entry.header.kind;
        let expected = self.outputs.get(self.shown);
        self.bytes.clear();
        if let Some(output) = expected {
            self.bytes.resize(output.record_len(), 0);
            let _ = output.write(&mut self.bytes);
        }
        let same = expected.is_some_and(|output| output.record_type() == u32::from(kind));
        if same && self.bytes == entry.payload {
            self.found.outputs += 1;
        } else {
            let seq = entry.header.sequence;
            let text =
                format!("sequence {seq}: expected {expected:?}, found a record of type {kind}");
            self.found.difference.get_or_insert(text);
        }
        self.shown += 1;
    }

    fn take_mark(&mut self) -> u64 {
        self.require_shown();
        let hash = self.engine.state_hash();
        self.last_mark = self.sequence;
        self.awaited.push((self.sequence, hash));
        hash
    }

    fn take_hash(&mut self, row: &StateHash) {
        let Some(at) = self.awaited.iter().position(|mark| mark.0 == row.mark_seq) else {
            // The mark lies before the state that this replay began with.
            return;
        };
        let (mark, hash) = self.awaited[at];
        if hash == row.state_hash {
            self.found.hashes += 1;
        } else {
            let text = format!(
                "sequence {mark}: the state must have the journaled hash {:016x}, found {hash:016x}",
                row.state_hash
            );
            self.found.difference.get_or_insert(text);
        }
        // Hashes come in the order of their marks; one mark can have two, of the serving engine and of the follower.
        self.awaited.drain(..at);
    }

    /// Every output of the last input must have been journaled.
    fn require_shown(&mut self) {
        if let Some(lacking) = self.outputs.get(self.shown) {
            let text = format!("input {}: the journal lacks {lacking:?}", self.cause);
            self.found.difference.get_or_insert(text);
        }
    }

    /// End at the end of the journal; only the outputs of the last input may lack.
    pub fn finish(&mut self) {
        let from = self.shown.min(self.outputs.len());
        self.found.missing = self.outputs.split_off(from);
        self.found.state_hash = self.engine.state_hash();
    }

    /// Take the records that a reader gives now, as far as is wanted.
    ///
    /// # Errors
    /// When the journal cannot be read, holds an input that the engine does not know, or the stop came first.
    pub fn take_all(&mut self, reader: &mut Reader, until: &Until<'_>) -> Result<(), String> {
        while reader.next_sequence() <= until.sequence {
            let Some(entry) = reader.next().map_err(|error| error.to_string())? else {
                break;
            };
            self.take(&entry)?;
            if until.is_stopped() {
                return Err("stopped before the end of the journal".to_owned());
            }
        }
        Ok(())
    }
}

/// Replay a journal from its first record into a fresh engine.
///
/// # Errors
/// When the journal cannot be read, or holds an input that the engine does not know.
pub fn replay_fresh(dir: &Path, capacity: &Capacity) -> Result<Replay, String> {
    let mut replayer = Replayer::new(capacity);
    let mut reader = Reader::open(dir, 1).map_err(|error| error.to_string())?;
    replayer.take_all(&mut reader, &Until::THE_END)?;
    replayer.finish();
    Ok(replayer.found)
}
