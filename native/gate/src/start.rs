//! Start and recovery are one path: open the journal, apply what it holds, then go on with the day.

use std::sync::Arc;
use std::time::Duration;

use panshi_engine::input::Input;
use panshi_engine::record::flow::{ClientState, GatewayState};
use panshi_engine::record::load::DayOpen;
use panshi_journal::{Durability, IdBlocks, Journal, Options};
use serde_json::{Value, json};

use crate::clock::Now;
use crate::config::Config;
use crate::control::refusal_text;
use crate::gate::{Gate, Parts};
use crate::latch::Latch;
use crate::log::Log;
use crate::mark::Reason;
use crate::marks::Marks;
use crate::recover::take_up;
use crate::replay::{Replay, Replayer, Until};

/// Ids of the gate's own cancels that are reserved with one sync.
const ID_BLOCK: u64 = 1_000_000;
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
    /// Where stops are latched.
    pub latch: Arc<Latch>,
}

/// Everything that a gate needs to go on, before it has done anything.
pub struct Prepared {
    /// How it runs.
    pub config: Config,
    /// The open journal.
    pub journal: Journal,
    /// Engine and book in the state that follows from the journal.
    pub replayer: Replayer,
    ids: IdBlocks,
    opening: DayOpen,
    snapshot: Option<u64>,
    log: Log,
    now: Now,
    latch: Arc<Latch>,
}

/// Open the journal and take up what it holds.
///
/// # Errors
/// When the journal cannot be opened or contradicts itself.
pub fn prepare(config: Config, day: &[Input], around: Surroundings) -> Result<Prepared, String> {
    let opening = day_of(day).ok_or("day records: must hold one DayOpen, found none")?;
    let Surroundings {
        journal: given,
        log,
        now,
        latch,
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
    let taken = take_up(&dir, &config.capacity.capacity(), &Until::THE_END)?;
    for reason in &taken.passed_over {
        let fields = json!({ "reason": reason });
        log.line("warning", now.wall_ns, "snapshot passed over", fields);
    }
    Ok(Prepared {
        config,
        journal,
        replayer: taken.replayer,
        ids,
        opening,
        snapshot: taken.snapshot,
        log,
        now,
        latch,
    })
}

impl Prepared {
    /// How the log stands, for people and programs.
    #[must_use]
    pub fn log_row(&self) -> Value {
        self.log.row()
    }

    /// Say what time it is.
    pub fn set_now(&mut self, now: Now) {
        self.now = now;
    }

    /// Write a line of the log.
    pub fn note(&self, level: &str, event: &str, fields: Value) {
        self.log.line(level, self.now.wall_ns, event, fields);
    }

    /// A run with ids of its own has reserved some from this one on; as many as it can have had orders.
    ///
    /// # Errors
    /// When the new bound cannot be synced.
    pub fn pass_ids(&mut self, first: u64) -> Result<(), String> {
        let count = self.replayer.book.counts.forwarded + ID_BLOCK;
        let used = self.ids.rise_above(first.saturating_add(count));
        used.map_err(|error| error.to_string())
    }

    /// Go on with the day, or begin it.
    ///
    /// # Errors
    /// When journal and engine differ, or the day's rows do not hold.
    pub fn begin(self, day: &[Input]) -> Result<Gate, String> {
        let Self {
            config,
            journal,
            mut replayer,
            ids,
            opening,
            snapshot,
            log,
            now,
            latch,
        } = self;
        replayer.finish();
        let Replayer {
            engine,
            book,
            found,
            last_mark,
            ..
        } = replayer;
        let marks = Marks::new(config.recovery.snapshot_records, last_mark);
        let begun = journal.appended_seq() > 0;
        let mut gate = Gate::new(Parts {
            config,
            engine,
            journal,
            ids,
            book,
            log,
            marks,
            latch,
        })?;
        gate.set_now(now);
        gate.note_open_ports();
        if begun {
            gate.go_on(&found, snapshot, &opening, day)?;
        } else {
            gate.open_day(day)?;
        }
        // Whatever stands in the latch or by the journal holds before the first order can come.
        gate.latch_journaled();
        gate.heed_all();
        gate.hash_state(Reason::Start);
        Ok(gate)
    }
}

/// Bring a gate to the point where it can serve.
///
/// # Errors
/// When the journal cannot be opened or contradicts itself, or the day's rows do not hold.
pub fn start(config: Config, day: &[Input], around: Surroundings) -> Result<Gate, String> {
    prepare(config, day, around)?.begin(day)
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
    fn go_on(
        &mut self,
        replayed: &Replay,
        snapshot: Option<u64>,
        opening: &DayOpen,
        day: &[Input],
    ) -> Result<(), String> {
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
            "hashes": replayed.hashes, "snapshot": snapshot, "missing": replayed.missing.len(),
            "state_hash": format!("{:016x}", replayed.state_hash),
        });
        self.note("warning", "day recovered", fields);
        self.hold_gateways();
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
                ..GatewayState::default()
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
