//! A journal written as the serving loop writes it, without a gate around: for measurements and tests.

use panshi_engine::capacity::Capacity;
use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_journal::{Appended, Journal};
use panshi_wire::layout::Layout;

use crate::book::Book;
use crate::mark::{Author, Reason, StateHash, StateMark};
use crate::snapshot::State;
use crate::stamp::Stamps;

/// Wall time of every record.
const WALL_NS: u64 = 1;

/// An engine, its book and their journal.
pub struct DayWriter {
    /// The journal.
    pub journal: Journal,
    /// The engine.
    pub engine: Engine,
    /// The book.
    pub book: Book,
    /// What the last input gave.
    pub outputs: Vec<Output>,
    /// Inputs so far.
    pub inputs: u64,
}

impl DayWriter {
    /// Begin an empty journal.
    #[must_use]
    pub fn new(journal: Journal, capacity: &Capacity) -> Self {
        Self {
            journal,
            engine: Engine::new(capacity),
            book: Book::default(),
            outputs: Vec::new(),
            inputs: 0,
        }
    }

    /// Take an input: journaled, applied, its outputs journaled, an order's stamps behind them.
    ///
    /// # Errors
    /// When the journal refuses.
    pub fn input(&mut self, input: &Input) -> Result<(), String> {
        let kind = input.record_type();
        let appended = self.append(kind, input.record_len(), |place| {
            let _ = input.write(place);
        })?;
        let seq = appended.sequence;
        self.book.note_input(seq, appended.position, input);
        self.outputs.clear();
        self.engine.apply(seq, input, &mut self.outputs);
        let outputs = std::mem::take(&mut self.outputs);
        for output in &outputs {
            self.append(output.record_type(), output.record_len(), |place| {
                let _ = output.write(place);
            })?;
            self.book.note_output(seq, output);
        }
        for output in &outputs {
            if let Output::Forward(row) = output {
                self.own(&Stamps {
                    order: row.order,
                    order_seq: row.input_seq,
                    ..Stamps::default()
                })?;
            }
        }
        self.outputs = outputs;
        self.inputs += 1;
        Ok(())
    }

    /// Set a mark.
    ///
    /// # Errors
    /// When the journal refuses.
    pub fn mark(&mut self, reason: Reason) -> Result<Appended, String> {
        self.own(&StateMark {
            reason: reason.number(),
            ..StateMark::default()
        })
    }

    /// Journal a hash of the state at a mark.
    ///
    /// # Errors
    /// When the journal refuses.
    pub fn hash(&mut self, mark_seq: u64, state_hash: u64) -> Result<Appended, String> {
        self.own(&StateHash {
            mark_seq,
            state_hash,
            by: Author::Follower.number(),
            ..StateHash::default()
        })
    }

    /// The present state, for a snapshot at the mark that was set last.
    #[must_use]
    pub const fn state(&self, mark: &Appended, state_hash: u64) -> State<'_> {
        State {
            engine: &self.engine,
            book: &self.book,
            state_hash,
            sequence: mark.sequence,
            position: mark.position,
            mark_ns: WALL_NS,
        }
    }

    fn own<R: Layout>(&mut self, row: &R) -> Result<Appended, String> {
        self.append(R::TYPE, R::LEN, |place| {
            let _ = row.write(place);
        })
    }

    fn append(
        &mut self,
        kind: u32,
        len: usize,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Appended, String> {
        let kind = u16::try_from(kind).unwrap_or(0);
        let appended = self.journal.append_at(kind, WALL_NS, len, write);
        appended.map_err(|error| error.to_string())
    }
}
