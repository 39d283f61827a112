//! The journal on its way to standbys: a thread beside the serving loop sends every record as it was appended.
//!
//! It reads the journal's files like any other reader, so the loop waits for nothing. A standby names the last record
//! that it has and its hash; only behind a record that this journal has too is anything sent.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use panshi_journal::{Entry, Reader, Watch};
use rustix::net::{RecvFlags, recv};
use rustix::process::{Signal, getpid, kill_process};
use serde_json::{Value, json};
use sm3::{Digest, Sm3};

use crate::address::Range;
use crate::clock::wall_ns;
use crate::framing::{self, HELLO_BYTES, Hello};
use crate::log::Log;
use crate::pulse::{Pulse, PulseWatch};

/// Bytes sent at one time.
const BATCH_BYTES: usize = 256 << 10;
/// Wait for the next record: what a killed process kept to itself is about as old.
const IDLE: Duration = Duration::from_micros(300);
/// Longest time without a word to a standby, while the serving loop turns.
const BEAT: Duration = Duration::from_millis(100);
/// Time that a standby has for its hello and for taking what was sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time that the last records have when the gate ends in order.
const LAST_RECORDS: Duration = Duration::from_secs(1);
/// Wait for the next connection.
const ACCEPT: Duration = Duration::from_millis(10);
/// Time that the log has for the last line.
const LAST_LINE: Duration = Duration::from_millis(100);
/// Standbys at once; each costs a thread and a reader of the journal.
const STANDBYS_MAX: usize = 4;

/// What is known of the standbys.
#[derive(Debug, Default)]
pub struct Standbys {
    /// How many there are.
    count: AtomicUsize,
    /// Last sequence that one of them has appended to its own journal.
    acknowledged: AtomicU64,
}

/// The thread that sends; it ends with this value.
#[derive(Debug)]
pub struct Publisher {
    standbys: Arc<Standbys>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Publisher {
    /// How the standbys stand.
    #[must_use]
    pub fn row(&self) -> Value {
        json!({
            "count": self.standbys.count.load(Ordering::Relaxed),
            "acknowledged": self.standbys.acknowledged.load(Ordering::Relaxed),
        })
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What is sent, and to whom.
#[derive(Clone)]
pub struct Setting {
    /// Where standbys connect to.
    pub address: SocketAddr,
    /// Whose connections are taken.
    pub allow: Vec<Range>,
    /// The journal.
    pub dir: PathBuf,
    /// How far it is.
    pub watch: Watch,
    /// Whether the serving loop turns.
    pub pulse: Arc<Pulse>,
    /// Time for which it may stand still before the gate ends itself; none: for ever.
    pub stuck: Option<Duration>,
    /// The log.
    pub log: Log,
}

/// Serve standbys on a thread of its own.
///
/// # Errors
/// When the address cannot be listened on or there can be no further thread.
pub fn spawn(setting: Setting) -> Result<Publisher, String> {
    let failed = |error: std::io::Error| format!("standby.publish {}: {error}", setting.address);
    let listener = TcpListener::bind(setting.address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let standbys = Arc::new(Standbys::default());
    let stop = Arc::new(AtomicBool::new(false));
    let (known, stopped) = (Arc::clone(&standbys), Arc::clone(&stop));
    let thread = std::thread::Builder::new()
        .name("publisher".to_owned())
        .spawn(move || accept(&listener, &setting, &known, &stopped))
        .map_err(|error| format!("publisher: {error}"))?;
    Ok(Publisher {
        standbys,
        stop,
        thread: Some(thread),
    })
}

fn allowed(allow: &[Range], from: IpAddr) -> bool {
    allow.is_empty() && from.is_loopback() || allow.iter().any(|range| range.holds(from))
}

fn accept(
    listener: &TcpListener,
    setting: &Setting,
    known: &Arc<Standbys>,
    stop: &Arc<AtomicBool>,
) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut watchdog = Watchdog::new(&setting.pulse);
    while !stop.load(Ordering::Relaxed) {
        watchdog.look(setting, known);
        threads.retain(|thread| !thread.is_finished());
        match listener.accept() {
            Ok((stream, from))
                if threads.len() < STANDBYS_MAX && allowed(&setting.allow, from.ip()) =>
            {
                let (setting, known, stop) = (setting.clone(), Arc::clone(known), Arc::clone(stop));
                let thread = std::thread::Builder::new()
                    .name("standby".to_owned())
                    .spawn(move || {
                        known.count.fetch_add(1, Ordering::Relaxed);
                        // Whatever ends it, the standby finds its connection closed and comes again.
                        let _ = serve_one(stream, &setting, &known, &stop);
                        known.count.fetch_sub(1, Ordering::Relaxed);
                    });
                threads.extend(thread);
            }
            Ok(_) => {}
            Err(_) => std::thread::sleep(ACCEPT),
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Ends the gate when its serving loop stands still while a standby could go on in its place.
///
/// Only its death frees the locks of its gateway numbers and closes its sessions at the exchange.
struct Watchdog {
    watch: PulseWatch,
    /// Whether a standby followed when the loop turned last.
    followed: bool,
}

impl Watchdog {
    fn new(pulse: &Pulse) -> Self {
        Self {
            watch: PulseWatch::new(pulse, Instant::now()),
            followed: false,
        }
    }

    fn look(&mut self, setting: &Setting, known: &Standbys) {
        let still = self.watch.look(&setting.pulse, Instant::now());
        if still.is_zero() {
            self.followed = known.count.load(Ordering::Relaxed) > 0;
        }
        if self.followed && setting.stuck.is_some_and(|stuck| still >= stuck) {
            let still_ms = still.as_millis();
            let fields = json!({ "still_ms": u64::try_from(still_ms).unwrap_or(u64::MAX) });
            let event = "serving loop is stuck, the gate ends itself for its standby";
            setting.log.line("error", wall_ns(), event, fields);
            std::thread::sleep(LAST_LINE);
            // Nothing in order is left to be done: whatever holds the loop up would hold that up too.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}

/// One standby's connection.
struct Sending {
    stream: TcpStream,
    reader: Reader,
    hash: Sm3,
    last: u64,
    out: Vec<u8>,
    acks: Vec<u8>,
}

fn serve_one(
    mut stream: TcpStream,
    setting: &Setting,
    known: &Standbys,
    stop: &AtomicBool,
) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    stream.set_nonblocking(false).map_err(text)?;
    stream.set_nodelay(true).map_err(text)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(text)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(text)?;
    let mut hello = [0; HELLO_BYTES];
    stream.read_exact(&mut hello).map_err(text)?;
    let reader = match Hello::read(&hello).and_then(|hello| open_behind(setting, &hello)) {
        Ok(reader) => reader,
        Err(reason) => {
            stream
                .write_all(&framing::answer(Some(&reason)))
                .map_err(text)?;
            return Err(reason);
        }
    };
    let mut turns = setting.pulse.turns();
    // A gate whose loop stands still has nothing to say, and must not be taken for one that serves.
    let asked = Instant::now();
    while setting.pulse.turns() == turns {
        if stop.load(Ordering::Relaxed) || asked.elapsed() >= PATIENCE {
            return Err("the serving loop does not turn".to_owned());
        }
        std::thread::sleep(IDLE);
    }
    stream.write_all(&framing::answer(None)).map_err(text)?;
    let mut sending = Sending {
        stream,
        last: reader.next_sequence() - 1,
        reader,
        hash: Sm3::new(),
        out: Vec::with_capacity(BATCH_BYTES + (64 << 10)),
        acks: Vec::new(),
    };
    let mut spoke = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let more = sending.fill(&setting.watch)?;
        let turned = setting.pulse.turns();
        if more || turned != turns && spoke.elapsed() >= BEAT {
            sending.send()?;
            (spoke, turns) = (Instant::now(), turned);
        }
        sending.take_acks(known, more)?;
    }
    // A gate that ends in order keeps nothing to itself.
    let ending = Instant::now();
    while sending.fill(&setting.watch)? && ending.elapsed() < LAST_RECORDS {
        sending.send()?;
    }
    Ok(())
}

/// A reader behind the record that the standby has, when this journal has the same one.
fn open_behind(setting: &Setting, hello: &Hello) -> Result<Reader, String> {
    let open = |sequence| Reader::open(&setting.dir, sequence).map_err(|error| error.to_string());
    if hello.last == 0 {
        return open(1);
    }
    if hello.last > setting.watch.appended_seq() {
        let has = setting.watch.appended_seq();
        return Err(format!(
            "standby: its last sequence must be one that the journal has, at most {has}, found {}",
            hello.last
        ));
    }
    let mut reader = open(hello.last)?;
    let entry = reader.next().map_err(|error| error.to_string())?;
    let same = entry.is_some_and(|entry| framing::hash_of(&entry) == hello.hash);
    if same {
        return Ok(reader);
    }
    Err(format!(
        "standby: record {} must be the same in both journals, found another: the two have parted",
        hello.last
    ))
}

impl Sending {
    /// Send what is there, and the hash of all of it.
    fn send(&mut self) -> Result<(), String> {
        framing::push_digest(&mut self.out, self.last, &self.hash);
        let sent = self.stream.write_all(&self.out);
        self.out.clear();
        sent.map_err(|error| error.to_string())
    }

    /// Put what is there behind the output; whether there was anything.
    fn fill(&mut self, watch: &Watch) -> Result<bool, String> {
        let appended = watch.appended_seq();
        let mut any = false;
        while self.out.len() < BATCH_BYTES && self.reader.next_sequence() <= appended {
            let entry: Entry<'_> = match self.reader.next().map_err(|error| error.to_string())? {
                Some(entry) => entry,
                None => break,
            };
            let from = self.out.len();
            framing::push_record(&mut self.out, &entry);
            self.hash.update(&self.out[from..]);
            self.last = entry.header.sequence;
            any = true;
        }
        Ok(any)
    }

    /// Read what acknowledgements there are; when no records flow, wait a moment first.
    fn take_acks(&mut self, known: &Standbys, busy: bool) -> Result<(), String> {
        if !busy {
            std::thread::sleep(IDLE);
        }
        let mut bytes = [0; 4096];
        let read = recv(&self.stream, &mut bytes, RecvFlags::DONTWAIT)
            .map(|(count, _)| count)
            .map_err(std::io::Error::from);
        self.take_read(read, &bytes, known)
    }

    fn take_read(
        &mut self,
        read: std::io::Result<usize>,
        bytes: &[u8],
        known: &Standbys,
    ) -> Result<(), String> {
        match read {
            Ok(0) => return Err("the standby has left".to_owned()),
            Ok(count) => self.acks.extend_from_slice(&bytes[..count]),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error.to_string()),
        }
        while let Some((ack, _)) = self.acks.split_first_chunk::<8>() {
            let sequence = u64::from_le_bytes(*ack);
            known.acknowledged.fetch_max(sequence, Ordering::Relaxed);
            self.acks.drain(..8);
        }
        Ok(())
    }
}
