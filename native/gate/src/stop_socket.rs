//! The socket that takes stops, on a thread of its own: it works while the serving loop is busy and nobody else lives.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use panshi_engine::kind::{Proof, TradingState};
use panshi_journal::Waker;
use serde_json::{Value, json};

use crate::command::Request;
use crate::control::Answer;
use crate::latch::{Latch, Placed, REFUSED, Stop};
use crate::persons::Persons;
use crate::side::{bind_blocking, is_of_own_user};
use crate::stopping::{client_target, isolation, stop_of};
use crate::target::{STATES, Target};

/// Longest line that is taken, its end included.
const LINE_BYTES_MAX: u64 = 4096;
/// Connections at one time; a further one is closed at once.
const PEERS_MAX: usize = 16;
/// Longest wait for a line.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait for the gate to take a stop; it stands in the latch all the same.
pub const TAKING: Duration = Duration::from_secs(2);
/// While this lasts the thread does not sleep between two looks: a loop that runs takes a stop sooner.
const LOOKING: Duration = Duration::from_millis(5);

/// What the threads of the socket share.
struct Desk {
    latch: Arc<Latch>,
    persons: Persons,
    wake: Arc<dyn Waker>,
    ends: AtomicBool,
    peers: AtomicUsize,
}

/// The socket; dropping it ends its thread.
pub struct StopSocket {
    path: PathBuf,
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl StopSocket {
    /// Open the socket and serve it.
    ///
    /// # Errors
    /// When it cannot be opened, or the file of persons may not be used.
    pub fn open(
        path: &Path,
        persons: Option<&Path>,
        latch: &Arc<Latch>,
        wake: Arc<dyn Waker>,
    ) -> Result<Self, String> {
        let listener = bind_blocking(path, "stop socket")?;
        let desk = Arc::new(Desk {
            latch: Arc::clone(latch),
            persons: Persons::load(persons)?,
            wake,
            ends: AtomicBool::new(false),
            peers: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name("stop".to_owned())
            .spawn(move || serve(&listener, &serving))
            .map_err(|error| format!("stop socket: thread: {error}"))?;
        Ok(Self {
            path: path.to_owned(),
            desk,
            thread: Some(thread),
        })
    }
}

impl StopSocket {
    /// The persons who are asked for their secrets here, to be shared with the gate.
    #[must_use]
    pub fn persons(&self) -> Persons {
        self.desk.persons.clone()
    }
}

impl Drop for StopSocket {
    fn drop(&mut self) {
        self.desk.ends.store(true, Ordering::Release);
        // The thread waits for somebody to come.
        let _ = UnixStream::connect(&self.path);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

fn serve(listener: &UnixListener, desk: &Arc<Desk>) {
    for stream in listener.incoming() {
        if desk.ends.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if !is_of_own_user(&stream) {
            continue;
        }
        // Somebody who connects and says nothing must not keep the next one from stopping.
        if desk.peers.fetch_add(1, Ordering::AcqRel) >= PEERS_MAX {
            desk.peers.fetch_sub(1, Ordering::AcqRel);
            continue;
        }
        let own = Arc::clone(desk);
        let thread = std::thread::Builder::new().name("stop".to_owned());
        let started = thread.spawn(move || {
            let _ = answer_lines(&stream, &own);
            own.peers.fetch_sub(1, Ordering::AcqRel);
        });
        if started.is_err() {
            desk.peers.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

fn answer_lines(stream: &UnixStream, desk: &Desk) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream);
    let mut out = stream;
    loop {
        let mut line = Vec::new();
        lines
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let whole = line.last() == Some(&b'\n');
        let done = if whole || (line.len() as u64) < LINE_BYTES_MAX {
            stop_at(&desk.latch, &desk.persons, &line, || desk.wake.wake())
        } else {
            Err(format!(
                "request: must be a line of at most {LINE_BYTES_MAX} bytes, found more"
            ))
        };
        let answer = match done {
            Ok(value) => json!({ "ok": true, "result": value }).to_string(),
            Err(reason) => Answer::refused(&reason).text,
        };
        out.write_all(answer.as_bytes())?;
        out.write_all(b"\n")?;
        if !whole {
            return Ok(());
        }
    }
}

/// Write a stop into the latch and wait until a gate has taken it.
///
/// # Errors
/// When the line is no stop, the latch is full, or the gate does not know what is to be stopped.
pub fn stop_at(
    latch: &Latch,
    persons: &Persons,
    line: &[u8],
    wake: impl FnOnce(),
) -> Result<Value, String> {
    let request = Request::read(line)?;
    let stop = read_stop(&request, persons)?;
    let Placed { number, shared } = latch.set(&stop)?;
    wake();
    let taken = wait_taken(latch, number);
    if taken == REFUSED {
        if !shared {
            latch.clear(number);
        }
        let verb = &request.verb;
        return Err(format!(
            "{verb}: the gate knows nothing of this scope, number and key; it did not stop"
        ));
    }
    // The stop holds already, and for the next process too; the disk is for the machine's end.
    let synced = latch.sync();
    let proof = Proof::from_number(stop.proof).map_or("?", Proof::name);
    Ok(json!({
        "stop": number, "sequence": (taken != 0).then_some(taken), "proof": proof,
        "synced": synced.is_ok(),
    }))
}

fn read_stop(request: &Request, persons: &Persons) -> Result<Stop, String> {
    // Nobody is kept from stopping for want of a proof; that there was none is journaled.
    let proof = persons.prove(request).unwrap_or(Proof::None);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let wall_ns = u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX);
    match request.verb.as_str() {
        "set-state" => {
            let target = Target::read(request, &STATES)?;
            let state = request.state()?;
            if state == TradingState::Normal {
                return Err("state: must be stricter than Normal; \
                     only the control socket lets trade again"
                    .to_owned());
            }
            Ok(Stop {
                state: state.number(),
                cancel_all: request.flag("cancel_all")?.into(),
                ..stop_of(request, &target, proof, wall_ns)
            })
        }
        "isolate" => {
            let target = client_target(request)?;
            Ok(isolation(stop_of(request, &target, proof, wall_ns)))
        }
        verb => Err(format!(
            "verb: must be set-state or isolate at this socket, found {verb:?}"
        )),
    }
}

/// What a gate wrote beside a stop; 0 when none did in time.
fn wait_taken(latch: &Latch, number: u64) -> u64 {
    let begin = Instant::now();
    loop {
        // Nothing is said of a stop that was taken, and taken back since.
        let taken = latch.outcome(number).unwrap_or(0);
        let waited = begin.elapsed();
        if taken != 0 || waited > TAKING {
            return taken;
        }
        if waited < LOOKING {
            std::thread::yield_now();
        } else {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Latch, Persons, read_stop, stop_at};
    use crate::command::Request;

    #[test]
    fn only_stops_are_taken() {
        let latch = Latch::in_memory();
        for (line, reason) in [
            (r#"{"verb":"status"}"#, "verb: must be set-state or isolate"),
            (
                r#"{"verb":"set-state","scope":"firm","state":"normal","who":"a","why":"b"}"#,
                "state: must be stricter than Normal",
            ),
            (
                r#"{"verb":"set-state","scope":"firm","id":1,"state":"halted","who":"a","why":"b"}"#,
                "id: must be left out with scope Firm",
            ),
            (
                r#"{"verb":"set-state","scope":"firm","state":"halted","why":"b"}"#,
                "who: must be given",
            ),
            ("nothing", "request: must be one JSON object"),
        ] {
            let found = stop_at(&latch, &Persons::default(), line.as_bytes(), || ()).unwrap_err();
            assert!(found.starts_with(reason), "{line}: {found}");
        }
        assert_eq!(latch.changes(), 0);
    }

    #[test]
    fn isolating_halts_cancels_and_keeps_out() {
        let line = br#"{"verb":"isolate","client":7,"who":"a","why":"b"}"#;
        let stop = read_stop(&Request::read(line).unwrap(), &Persons::default()).unwrap();
        assert_eq!(
            (stop.id, stop.state, stop.cancel_all, stop.isolate),
            (7, 3, 1, 1)
        );
    }
}
