//! Who judges the gate: by what passed on the wires, what the disk has and what the journal's files
//! say, never by the gate's own books.

mod books;
mod exchange;
mod halts;
mod ledger;
mod shadow;
mod streams;

use std::path::{Path, PathBuf};

use panshi_engine::capacity::Capacity;
use panshi_journal::Error;

use crate::day::ClientRow;
use crate::plan::Durability;
use crate::said::Heard;

pub use books::Books;
pub use exchange::Departures;
pub use ledger::{Ledger, Span};
pub use streams::Arrivals;

/// A law that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which law.
    pub law: &'static str,
    /// What must hold, what was found, where.
    pub text: String,
}

/// Everything that the witness has seen.
pub struct Witness {
    durability: Durability,
    directory: PathBuf,
    pbus: Vec<(u8, [u8; 8])>,
    capacity: Capacity,
    /// What the journal says.
    pub ledger: Ledger,
    /// What went to the exchange.
    pub departures: Departures,
    /// What went to the order systems.
    pub arrivals: Arrivals,
    /// Laws that did not hold.
    pub broken: Vec<Broken>,
    /// Records that had been read at the end of the gate's last turn.
    looked: u64,
    /// Records that the next start must find again.
    kept: u64,
    /// Records that commands told as done rest on.
    answered: u64,
}

impl Witness {
    /// A witness of a gate whose journal lies in a directory; its PBUs in the order of loading.
    #[must_use]
    pub fn new(
        durability: Durability,
        directory: &Path,
        pbus: Vec<(u8, [u8; 8])>,
        capacity: Capacity,
    ) -> Self {
        Self {
            durability,
            directory: directory.to_path_buf(),
            ledger: Ledger::new(directory, &pbus, &capacity),
            pbus,
            capacity,
            departures: Departures::default(),
            arrivals: Arrivals::default(),
            broken: Vec::new(),
            looked: 0,
            kept: 0,
            answered: 0,
        }
    }

    /// Say that a law did not hold.
    pub fn broke(&mut self, law: &'static str, text: String) {
        self.broken.push(Broken { law, text });
    }

    /// Read what the journal has more than before.
    pub fn read_journal(&mut self) {
        match self.ledger.catch_up() {
            Ok(found) => self.broken.extend(found),
            Err(error) => self.unreadable(&error),
        }
    }

    /// Read on, and say where the records lie that this turn of the gate has appended.
    pub fn new_records(&mut self) -> Vec<Span> {
        self.read_journal();
        self.ledger.spans_from(self.looked)
    }

    /// A turn of the gate is over.
    pub fn turn_is_over(&mut self) {
        self.looked = self.ledger.len();
        self.kept = self.looked;
    }

    /// The process died while it appended: the last so many records are not whole.
    pub fn lost_in_append(&mut self, records: usize) {
        self.kept = self.ledger.len() - records as u64;
    }

    /// The power was cut: only what was synced need be there.
    pub fn power_was_cut(&mut self) {
        self.kept = self.kept.min(self.ledger.durable());
    }

    /// A command was told as done.
    pub fn command_answered(&mut self, record: u64) {
        self.answered = self.answered.max(record);
        let durable = self.ledger.durable();
        if record > durable {
            let text = format!("the answer rests on record {record}, the disk has {durable}");
            self.broke("a command is answered when it was synced", text);
        }
    }

    /// The gate runs again: what it found of its journal is compared with what there was.
    pub fn gate_restarted(&mut self, synced: impl Fn(&Path) -> u64) {
        let mut ledger = Ledger::new(&self.directory, &self.pbus, &self.capacity);
        match ledger.catch_up() {
            Ok(found) => self.broken.extend(found),
            Err(error) => self.unreadable(&error),
        }
        for segment in ledger.segments() {
            let path = self.directory.join(format!("{segment:08}.pjl"));
            ledger.note_synced(segment, synced(&path));
        }
        let before = std::mem::replace(&mut self.ledger, ledger);
        let common = before.common(&self.ledger);
        let had = before.len();
        if common < self.kept {
            let kept = self.kept;
            self.broke(
                "a record that is written, and synced where the power is cut, is there again",
                format!("{common} of {had} records are there again, {kept} must be"),
            );
        }
        if common < self.answered && self.broken.is_empty() {
            let answered = self.answered;
            self.broke(
                "a command that was answered is not lost",
                format!(
                    "{common} of {had} records are there again, an answer rested on {answered}"
                ),
            );
        }
        self.answered = self.answered.min(common);
        let found = self.departures.after_restart(&self.ledger, self.durability);
        self.broken.extend(found);
        let found = self.arrivals.after_restart(&self.ledger, self.durability);
        self.broken.extend(found);
        self.turn_is_over();
    }

    fn unreadable(&mut self, error: &Error) {
        self.broke("the journal can be read", error.to_string());
    }

    /// The gate was given an order or a cancel of a client.
    pub fn request_reached_gate(&mut self, heard: &Heard) {
        self.departures.arrived(heard);
    }

    /// The gate's bytes toward an exchange gateway were taken by the network.
    pub fn left_for_exchange(&mut self, heard: &Heard) {
        let found = self.departures.left(heard, &self.ledger, self.durability);
        self.broken.extend(found);
    }

    /// The gate's bytes toward an order system were taken by the network.
    pub fn left_for_client(&mut self, client: &ClientRow, line: usize, heard: &Heard) {
        let found = self
            .arrivals
            .left(client, line, heard, &self.ledger, self.durability);
        self.broken.extend(found);
    }
}
