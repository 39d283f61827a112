//! A gate that follows another one's journal, ready to go on in its place.
//!
//! Every record is checked (sequence, checksum, hash of the stream), appended to a journal of its own and applied to an
//! engine whose outputs must be those that come. Taking over is the end of a recovery that has already happened: what
//! follows is the same path as after a restart.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use panshi_engine::input::Input;
use panshi_engine::record::flow::CancelAll;
use panshi_journal::{Entry, Parsed, Reader, parse_record};
use panshi_wire::layout::Layout;
use serde_json::json;
use sm3::{Digest, Sm3};

use crate::framing::{self, ANSWER_BYTES, DIGEST, HASH_BYTES, Hello};
use crate::start::Prepared;

/// Wait for bytes before everything else is looked at.
const WAIT: Duration = Duration::from_millis(10);
/// Silence after which the primary's end of the line is taken for dead.
const SILENCE: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_millis(300);
const RETRY: Duration = Duration::from_millis(50);
const READ_BYTES: usize = 256 << 10;
const ANSWER: Duration = Duration::from_secs(5);

/// The connection to the primary.
struct Line {
    stream: TcpStream,
    inbox: Vec<u8>,
    hash: Sm3,
    heard: Instant,
    /// Whether a hash of the stream has been found right since the hello.
    synced: bool,
}

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
    primary: SocketAddr,
    line: Option<Line>,
    next_try: Instant,
    /// Whether it has followed the primary up to now.
    pub synced: bool,
    /// Records taken since it was started.
    pub received: u64,
    /// Why there is no line, in words.
    pub trouble: Option<String>,
}

impl Standby {
    /// Begin behind the last record that its own journal has.
    #[must_use]
    pub fn new(prepared: Prepared, primary: SocketAddr) -> Self {
        Self {
            prepared,
            primary,
            line: None,
            next_try: Instant::now(),
            synced: false,
            received: 0,
            trouble: None,
        }
    }

    /// Whether the primary is there.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    /// Follow for a moment.
    ///
    /// # Errors
    /// When what the primary has and what this standby has cannot be one journal, or its own journal fails: it must not
    /// go on then.
    pub fn step(&mut self) -> Result<(), String> {
        if self.line.is_none() {
            if Instant::now() < self.next_try {
                std::thread::sleep(Duration::from_millis(1));
                return Ok(());
            }
            return self.connect();
        }
        let ended = self.read();
        // What came before the end counts.
        match self.take_records() {
            Ok(()) => {}
            Err(Fault::Own(reason)) => return Err(reason),
            Err(Fault::Line(reason)) => {
                self.lose(reason);
                return Ok(());
            }
        }
        let silent = self
            .line
            .as_ref()
            .is_some_and(|line| line.heard.elapsed() > SILENCE);
        if let Err(reason) = ended {
            self.lose(reason);
        } else if silent {
            self.lose("nothing heard for a second".to_owned());
        }
        Ok(())
    }

    fn lose(&mut self, reason: String) {
        self.line = None;
        self.next_try = Instant::now();
        self.note("warning", "primary lost", json!({ "reason": reason }));
        self.trouble = Some(reason);
    }

    fn note(&mut self, level: &str, event: &str, fields: serde_json::Value) {
        self.prepared.note(level, event, fields);
    }

    fn connect(&mut self) -> Result<(), String> {
        self.next_try = Instant::now() + RETRY;
        let last = self.prepared.journal.appended_seq();
        let hash = self.hash_of_last(last)?;
        let hello = Hello { last, hash };
        let (stream, refused) = match greet(self.primary, &hello) {
            Ok(greeted) => greeted,
            Err(error) => {
                self.trouble = Some(error.to_string());
                return Ok(());
            }
        };
        if let Some(reason) = refused {
            return Err(format!("primary {}: {reason}", self.primary));
        }
        self.trouble = None;
        self.line = Some(Line {
            stream,
            inbox: Vec::with_capacity(1 << 20),
            hash: Sm3::new(),
            heard: Instant::now(),
            synced: false,
        });
        self.note("info", "primary followed", json!({ "behind": last }));
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

    fn read(&mut self) -> Result<(), String> {
        let Some(line) = &mut self.line else {
            return Ok(());
        };
        let from = line.inbox.len();
        line.inbox.resize(from + READ_BYTES, 0);
        let read = line.stream.read(&mut line.inbox[from..]);
        line.inbox
            .truncate(from + read.as_ref().map_or(0, |count| *count));
        match read {
            Ok(0) => Err("the primary has closed the connection".to_owned()),
            Ok(_) => {
                line.heard = Instant::now();
                Ok(())
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Take the whole records that have come, and acknowledge them.
    fn take_records(&mut self) -> Result<(), Fault> {
        let Some(mut line) = self.line.take() else {
            return Ok(());
        };
        let before = self.prepared.journal.appended_seq();
        let mut at = 0;
        let taken = loop {
            match self.take_one(&mut line, at) {
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
            let _ = line.stream.write_all(&appended.to_le_bytes());
        }
        self.line = Some(line);
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
            let found: [u8; HASH_BYTES] = line.hash.clone().finalize().into();
            if header.sequence != last || payload != found {
                // Some record before it was another one with a right checksum.
                return Err(Fault::Own(format!(
                    "primary: the stream up to sequence {} must have the hash that was sent, found another at {last}",
                    header.sequence
                )));
            }
            line.synced = true;
            return Ok(size);
        }
        if header.sequence != last + 1 {
            let (wanted, found) = (last + 1, header.sequence);
            return line_fault(format!("must bring sequence {wanted}, found {found}"));
        }
        line.hash.update(&bytes[..size]);
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
        if u32::from(header.kind) == CancelAll::TYPE
            && let Some(Input::CancelAll(all)) = Input::read(header.kind.into(), payload)
        {
            self.prepared.pass_ids(all.first_id).map_err(Fault::Own)?;
        }
        Ok(size)
    }
}

/// Connect and say hello; the line, and why the primary refuses it.
fn greet(primary: SocketAddr, hello: &Hello) -> std::io::Result<(TcpStream, Option<String>)> {
    let mut stream = TcpStream::connect_timeout(&primary, CONNECT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    stream.write_all(&hello.write())?;
    let mut head = [0; ANSWER_BYTES];
    stream.read_exact(&mut head)?;
    let (taken, length) = framing::read_answer(head);
    let mut text = vec![0; length];
    stream.read_exact(&mut text)?;
    stream.set_read_timeout(Some(WAIT))?;
    let refused = (!taken).then(|| String::from_utf8_lossy(&text).into_owned());
    Ok((stream, refused))
}
