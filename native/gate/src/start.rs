//! Start and recovery are one path: open the journal, apply what it holds, then go on with the day.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use panshi_engine::capacity::Capacity;
use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{ClientState, GatewayState};
use panshi_engine::record::load::DayOpen;
use panshi_journal::{Durability, IdBlocks, Journal, Options, Reader};
use serde_json::json;

use crate::book::Book;
use crate::clock::Now;
use crate::config::Config;
use crate::control::refusal_text;
use crate::gate::{Gate, Parts};
use crate::log::Log;

/// Ids of the gate's own cancels that are reserved with one sync.
const ID_BLOCK: u64 = 1_000_000;
/// First record types of outputs and of the gate's own records.
const OUTPUTS: u16 = 100;
const OWN: u16 = 200;

/// What a replay of a journal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Inputs applied.
    pub inputs: u64,
    /// Outputs compared and found equal.
    pub outputs: u64,
    /// Hash of the state at the end.
    pub state_hash: u64,
    /// First difference, in words.
    pub difference: Option<String>,
    /// Outputs of the last input that the journal does not hold any more.
    pub missing: Vec<Output>,
}

/// Apply every input of a journal to an engine and compare every output with what was journaled.
///
/// # Errors
/// When the journal cannot be read, or holds an input that the engine does not know.
pub fn replay(dir: &Path, engine: &mut Engine, book: &mut Book) -> Result<Replay, String> {
    let mut reader = Reader::open(dir, 1).map_err(|error| error.to_string())?;
    let mut found = Replay::default();
    let mut outputs: Vec<Output> = Vec::with_capacity(64);
    let (mut next, mut cause) = (0, 0);
    let mut bytes = Vec::new();
    while let Some(entry) = reader.next().map_err(|error| error.to_string())? {
        let (kind, seq) = (entry.header.kind, entry.header.sequence);
        if kind >= OWN {
            continue;
        }
        if kind < OUTPUTS {
            if next < outputs.len() && found.difference.is_none() {
                let text = format!("input {cause}: the journal lacks {:?}", outputs[next]);
                found.difference = Some(text);
            }
            let Some(input) = Input::read(kind.into(), entry.payload) else {
                return Err(format!("sequence {seq}: no input of type {kind}"));
            };
            outputs.clear();
            (next, cause) = (0, seq);
            book.note_input(seq, entry.position, &input);
            engine.apply(seq, &input, &mut outputs);
            for output in &outputs {
                book.note_output(seq, output);
            }
            found.inputs += 1;
            continue;
        }
        let expected = outputs.get(next);
        bytes.clear();
        if let Some(output) = expected {
            bytes.resize(output.record_len(), 0);
            let _ = output.write(&mut bytes);
        }
        let same = expected.is_some_and(|output| output.record_type() == u32::from(kind));
        if same && bytes == entry.payload {
            found.outputs += 1;
        } else if found.difference.is_none() {
            let text =
                format!("sequence {seq}: expected {expected:?}, found a record of type {kind}");
            found.difference = Some(text);
        }
        next += 1;
    }
    found.missing = outputs.split_off(next.min(outputs.len()));
    found.state_hash = engine.state_hash();
    Ok(found)
}

/// Replay a journal into a fresh engine.
///
/// # Errors
/// As [`replay`].
pub fn replay_fresh(dir: &Path, capacity: &Capacity) -> Result<Replay, String> {
    replay(dir, &mut Engine::new(capacity), &mut Book::default())
}

fn day_of(rows: &[Input]) -> Option<DayOpen> {
    rows.iter().find_map(|row| match row {
        Input::DayOpen(day) => Some(*day),
        _ => None,
    })
}

/// What a gate is started in; the configuration says what it does there.
pub struct Surroundings {
    /// How the journal reaches its disk and its reader's event loop; sizes, date and durability
    /// come from the configuration.
    pub journal: Options,
    /// The log.
    pub log: Log,
    /// The moment of the start.
    pub now: Now,
}

/// Bring a gate to the point where it can serve.
///
/// # Errors
/// When the journal cannot be opened or contradicts itself, or the day's rows do not hold.
pub fn start(config: Config, day: &[Input], around: Surroundings) -> Result<Gate, String> {
    let opening = day_of(day).ok_or("day records: must hold one DayOpen, found none")?;
    let Surroundings {
        journal: given,
        mut log,
        now,
    } = around;
    let disk = Arc::clone(&given.disk);
    let dir = config.journal.dir.clone();
    let durability = config.journal.durability.into();
    let options = Options {
        segment_bytes: config.journal.segment_bytes,
        durability,
        trade_date: opening.trade_date,
        sync_interval: Duration::from_millis(config.journal.sync_interval_ms),
        // With syncs in the background nothing waits for one; a failure is seen by the next tick.
        waker: given
            .waker
            .clone()
            .filter(|_| durability != Durability::Background),
        holder: format!("panshi gate, process {}", std::process::id()),
        opened_ns: Some(now.wall_ns),
        ..given
    };
    let (journal, recovery) = Journal::open(&dir, options).map_err(|error| error.to_string())?;
    log.line(
        "info",
        now.wall_ns,
        "journal opened",
        json!({ "found": recovery.to_string() }),
    );
    let ids = IdBlocks::open(disk, &dir, ID_BLOCK).map_err(|error| error.to_string())?;
    let mut engine = Engine::new(&config.capacity.capacity());
    let mut book = Book::default();
    let replayed = if recovery.last_sequence > 0 {
        Some(replay(&dir, &mut engine, &mut book)?)
    } else {
        None
    };
    let mut gate = Gate::new(Parts {
        config,
        engine,
        journal,
        ids,
        book,
        log,
    })?;
    gate.set_now(now);
    gate.note_open_ports();
    match replayed {
        Some(replayed) => gate.go_on(&replayed, &opening, day)?,
        None => gate.open_day(day)?,
    }
    Ok(gate)
}

impl Gate {
    /// Take the rows of a day, and open it only when all of them were taken.
    ///
    /// Until then a start takes them from the beginning, so that neither a process that died among them nor a row that
    /// was put right later leaves a day without them.
    fn open_day(&mut self, day: &[Input]) -> Result<(), String> {
        let is_opening = |row: &&Input| matches!(row, Input::DayOpen(_));
        for row in day.iter().filter(|row| !is_opening(row)) {
            self.take_row(row)?;
        }
        if self.refused_rows > 0 {
            let rows = self.refused_rows;
            let first = self.first_refused.as_ref().map(refusal_text);
            return Err(format!(
                "day records: {rows} rows were not taken, all are in the log; the first: {}",
                first.unwrap_or_default()
            ));
        }
        day.iter()
            .filter(is_opening)
            .try_for_each(|row| self.take_row(row))
    }

    fn take_row(&mut self, row: &Input) -> Result<(), String> {
        match self.input(row) {
            Some(_) => Ok(()),
            None => Err(self.failure().unwrap_or("the journal failed").to_owned()),
        }
    }

    /// Go on with a day that was under way: nobody is logged in, no gateway is known to be open.
    fn go_on(&mut self, replayed: &Replay, opening: &DayOpen, day: &[Input]) -> Result<(), String> {
        if let Some(difference) = &replayed.difference {
            return Err(format!("journal and engine differ: {difference}"));
        }
        for output in &replayed.missing {
            self.append_output(output)?;
        }
        if self.book.trade_date == 0 {
            return self.open_day(day);
        }
        if self.book.trade_date != opening.trade_date {
            let (found, wanted) = (self.book.trade_date, opening.trade_date);
            return Err(format!(
                "journal directory: must be of trade date {wanted}, found {found}"
            ));
        }
        if self.book.closed {
            return Err(
                "journal directory: its day is closed; a new day needs a new one".to_owned(),
            );
        }
        let fields = json!({
            "inputs": replayed.inputs, "outputs": replayed.outputs,
            "missing": replayed.missing.len(), "state_hash": format!("{:016x}", replayed.state_hash),
        });
        self.note("warning", "day recovered", fields);
        let time_ns = self.now.market_ns;
        let reopened = DayOpen {
            time_ns,
            epoch: self.journal.0.epoch(),
            ..*opening
        };
        self.input(&Input::DayOpen(reopened));
        let gateways: Vec<(usize, (u8, u8))> = (0..)
            .zip(self.book.gateways.clone())
            .filter_map(|(number, row)| row.map(|row| (number, row)))
            .collect();
        for (number, (market, _)) in gateways {
            let gateway = u16::try_from(number).unwrap_or(u16::MAX);
            let row = GatewayState {
                time_ns,
                gateway,
                state: 0,
                market,
                spare: 0,
            };
            self.input(&Input::GatewayState(row));
        }
        for client in 0..self.book.online.len() {
            if self.book.online[client] {
                let client = u16::try_from(client).unwrap_or(u16::MAX);
                let row = ClientState {
                    time_ns,
                    client,
                    online: 0,
                    ..ClientState::default()
                };
                self.input(&Input::ClientState(row));
            }
        }
        Ok(())
    }
}
