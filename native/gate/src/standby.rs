//! A gate that follows another one's journal, ready to go on in its place.
//!
//! Every record is checked (sequence, checksum, hash of the stream), appended to a journal of its own and applied to an
//! engine whose outputs must be those that come. Taking over is the end of a recovery that has already happened: what
//! follows is the same path as after a restart.

use std::time::{Duration, Instant};

use panshi_engine::input::Input;
use panshi_engine::record::flow::CancelAll;
use panshi_journal::{Entry, Parsed, Reader, parse_record};
use panshi_wire::layout::Layout;
use serde_json::json;

use crate::framing::{self, DIGEST, HASH_BYTES, Hello};
use crate::primary_line::{Line, Lost, Primary};
use crate::start::Prepared;

const RETRY: Duration = Duration::from_millis(50);

/// Why a record was not taken.
enum Fault {
    /// The line brought something else; behind a new one it may come right.
    Line(String),
    /// This standby has no journal to go on with.
    Own(String),
}

/// A standby on its way behind the primary.
pub struct Standby {
    /// What a gate needs to go on.
    pub prepared: Prepared,
    primary: Primary,
    line: Option<Line>,
    next_try: Instant,
    /// Whether it has followed the primary up to now.
    pub synced: bool,
    /// Records taken since it was started.
    pub received: u64,
    /// Bytes of them.
    pub received_bytes: u64,
    /// When the primary appended the last of them, on its wall clock; 0: none yet.
    pub last_record_ns: u64,
    /// Last sequence up to which the primary's signature was that of what came; 0: none yet.
    pub checked: u64,
    /// Why there is no line, in words.
    pub trouble: Option<String>,
}

impl Standby {
    /// Begin behind the last record that its own journal has.
    #[must_use]
    pub fn new(prepared: Prepared, primary: Primary) -> Self {
        Self {
            prepared,
            primary,
            line: None,
            next_try: Instant::now(),
            synced: false,
            received: 0,
            received_bytes: 0,
            last_record_ns: 0,
            checked: 0,
            trouble: None,
        }
    }

    /// Time since the primary's last word; nothing without a connection.
    #[must_use]
    pub fn silent_ms(&self) -> Option<u64> {
        let silent = self.line.as_ref().map(Line::silent)?;
        u64::try_from(silent.as_millis()).ok()
    }

    /// Whether the primary is there: it has answered, and speaks.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.line.as_ref().is_some_and(Line::is_following)
    }

    /// Follow for a moment.
    ///
    /// # Errors
    /// When what the primary has and what this standby has cannot be one journal, or its own journal fails: it must not
    /// go on then.
    pub fn step(&mut self) -> Result<(), String> {
        let Some(mut line) = self.line.take() else {
            if Instant::now() >= self.next_try {
                return self.connect();
            }
            std::thread::sleep(Duration::from_millis(1));
            return Ok(());
        };
        let followed = line.is_following();
        let stepped = line.step(&self.primary);
        // What came before the end counts.
        let taken = if followed {
            self.take_records(&mut line)
        } else {
            Ok(())
        };
        if !followed && line.is_following() {
            self.trouble = None;
            let behind = self.prepared.journal.appended_seq();
            self.note("info", "primary followed", json!({ "behind": behind }));
        }
        match (taken, stepped) {
            (Err(Fault::Own(reason)), _) => Err(reason),
            (_, Err(Lost::Refused(reason))) => {
                Err(format!("primary {}: {reason}", self.primary.address))
            }
            (Err(Fault::Line(reason)), _) | (_, Err(Lost::Line(reason))) => {
                self.lose(followed, reason);
                Ok(())
            }
            (Ok(()), Ok(())) => {
                self.line = Some(line);
                Ok(())
            }
        }
    }

    fn lose(&mut self, followed: bool, reason: String) {
        if followed {
            self.next_try = Instant::now();
            self.note("warning", "primary lost", json!({ "reason": reason }));
        }
        self.trouble = Some(reason);
    }

    fn note(&self, level: &str, event: &str, fields: serde_json::Value) {
        self.prepared.note(level, event, fields);
    }

    fn connect(&mut self) -> Result<(), String> {
        self.next_try = Instant::now() + RETRY;
        let last = self.prepared.journal.appended_seq();
        let hash = self.hash_of_last(last)?;
        let hello = Hello { last, hash };
        match Line::connect(&self.primary, hello) {
            Ok(line) => self.line = Some(line),
            Err(error) => self.trouble = Some(error.to_string()),
        }
        Ok(())
    }

    fn hash_of_last(&self, last: u64) -> Result<[u8; HASH_BYTES], String> {
        if last == 0 {
            return Ok([0; HASH_BYTES]);
        }
        let dir = self.prepared.journal.dir();
        let mut reader = Reader::open(dir, last).map_err(|error| error.to_string())?;
        let entry = reader.next().map_err(|error| error.to_string())?;
        let entry = entry.ok_or("standby: its journal must have its last record, found none")?;
        Ok(framing::hash_of(&entry))
    }

    /// Take the whole records that have come, and acknowledge them.
    fn take_records(&mut self, line: &mut Line) -> Result<(), Fault> {
        let before = self.prepared.journal.appended_seq();
        let mut at = 0;
        let taken = loop {
            match self.take_one(line, at) {
                Ok(0) => break Ok(()),
                Ok(size) => at += size,
                Err(reason) => break Err(reason),
            }
        };
        line.inbox.drain(..at);
        self.synced |= line.synced;
        let appended = self.prepared.journal.appended_seq();
        if appended > before {
            self.prepared.journal.request_sync(appended);
            // A primary that has died meanwhile is found by the next read.
            let _ = line.acknowledge(appended);
        }
        taken
    }

    /// Take the record at a place of the inbox; its size, 0 when it is not whole yet.
    fn take_one(&mut self, line: &mut Line, at: usize) -> Result<usize, Fault> {
        let line_fault = |reason: String| Err(Fault::Line(reason));
        let bytes = &line.inbox[at..];
        let (header, payload) = match parse_record(bytes) {
            Parsed::Record(header, payload) => (header, payload),
            Parsed::Short => return Ok(0),
            Parsed::Empty => return line_fault("must bring records, found zeros".to_owned()),
            Parsed::Bad(reason) => return line_fault(reason.to_owned()),
        };
        let (size, last) = (header.size(), self.prepared.journal.appended_seq());
        if header.kind == DIGEST {
            if header.sequence != last || !line.mac.is(payload) {
                // Some record before it was another one with a right checksum.
                return Err(Fault::Own(format!(
                    "primary: the stream up to sequence {} must have the signature that was sent, found another at {last}",
                    header.sequence
                )));
            }
            line.synced = true;
            self.checked = last;
            return Ok(size);
        }
        if header.sequence != last + 1 {
            let (wanted, found) = (last + 1, header.sequence);
            return line_fault(format!("must bring sequence {wanted}, found {found}"));
        }
        line.mac.update(&bytes[..size]);
        let appended = self
            .prepared
            .journal
            .append_at(header.kind, header.time_ns, payload.len(), |place| {
                place.copy_from_slice(payload);
            })
            .map_err(|error| Fault::Own(error.to_string()))?;
        let entry = Entry {
            header,
            position: appended.position,
            payload,
        };
        self.prepared.replayer.take(&entry).map_err(Fault::Own)?;
        if let Some(difference) = &self.prepared.replayer.found.difference {
            return Err(Fault::Own(format!(
                "journal and engine differ: {difference}"
            )));
        }
        self.received += 1;
        self.received_bytes += size as u64;
        self.last_record_ns = header.time_ns;
        if u32::from(header.kind) == CancelAll::TYPE
            && let Some(Input::CancelAll(all)) = Input::read(header.kind.into(), payload)
        {
            self.prepared.pass_ids(all.first_id).map_err(Fault::Own)?;
        }
        Ok(size)
    }
}
