//! The follower: an engine of its own that reads the journal beside a serving gate, compares every output, hashes its
//! state at the marks and writes the snapshots.
//!
//! The serving loop does none of this and waits for none of it. The follower sees the journal's files and nothing else
//! of the gate, so what it finds is what a restart would find.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use panshi_engine::capacity::Capacity;
use panshi_journal::{Disk, Position, Reader, Watch, run_when_idle};
use panshi_wire::layout::Layout;

use crate::mark::{Reason, StateMark};
use crate::recover::{TakenUp, take_up};
use crate::replay::{Replayer, Until};
use crate::snapshot::{self, State};

/// Records taken between two looks at the stop flag.
const BATCH: usize = 4096;
const IDLE: Duration = Duration::from_millis(20);
/// Pause between the pieces of a snapshot, so that the journal's syncs get between them.
const BETWEEN: Duration = Duration::from_millis(2);

/// What a follower has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It has caught up with the journal for the first time.
    Following,
    /// Hash of its state at a mark.
    Hash {
        /// Sequence of the mark.
        mark_seq: u64,
        /// The hash.
        state_hash: u64,
    },
    /// A snapshot was written.
    Written {
        /// Sequence of its mark.
        sequence: u64,
        /// Bytes of the file.
        bytes: u64,
        /// How long the writing took.
        took_ns: u64,
    },
    /// A snapshot could not be written; the next mark brings another attempt.
    NotWritten(String),
    /// It cannot go on: the journal cannot be read, or does not come about again.
    Ended(String),
}

/// Where and how a follower works.
#[derive(Clone)]
pub struct Setting {
    /// The journal.
    pub dir: PathBuf,
    /// Its disk.
    pub disk: Arc<dyn Disk>,
    /// Sizes of the engine's tables.
    pub capacity: Capacity,
    /// How many snapshots stay.
    pub kept: usize,
    /// Bytes of the disk that a snapshot must leave free for the journal.
    pub reserve_bytes: u64,
    /// Last sequence that is taken up before the following begins; marks up to it bring no snapshot.
    pub begin: u64,
    /// How far the journal is.
    pub watch: Watch,
}

/// A mark at which a snapshot is due, as soon as the disk has it.
#[derive(Clone, Copy, Debug)]
struct Due {
    sequence: u64,
    position: Position,
    mark_ns: u64,
    state_hash: u64,
}

/// The follower; [`spawn`] gives it a thread, a simulation takes its steps.
pub struct Follower {
    setting: Setting,
    replayer: Replayer,
    reader: Reader,
    due: Option<Due>,
    following: bool,
    stop: Arc<AtomicBool>,
    /// Waits between the pieces of a snapshot.
    pause: Duration,
}

impl Follower {
    /// Take up what the journal holds as far as the setting says; what comes behind is followed step by step.
    ///
    /// # Errors
    /// When it cannot be read, or does not come about again.
    pub fn open(setting: Setting, stop: Arc<AtomicBool>) -> Result<Self, String> {
        let until = Until {
            sequence: setting.begin,
            stop: Some(&stop),
        };
        let TakenUp {
            replayer, reader, ..
        } = take_up(&setting.dir, &setting.capacity, &until)?;
        let follower = Self {
            setting,
            replayer,
            reader,
            due: None,
            following: false,
            stop,
            pause: Duration::ZERO,
        };
        follower.require_same()?;
        Ok(follower)
    }

    fn require_same(&self) -> Result<(), String> {
        match &self.replayer.found.difference {
            Some(difference) => Err(format!("journal and engine differ: {difference}")),
            None => Ok(()),
        }
    }

    /// Hash of the state that it has reached, and the sequence of the last record in it.
    #[must_use]
    pub fn reached(&self) -> (u64, u64) {
        (self.replayer.sequence, self.replayer.engine.state_hash())
    }

    /// Take some records; false when there is nothing to do for now.
    ///
    /// # Errors
    /// When the journal cannot be read, or does not come about again.
    pub fn step(&mut self, mut tell: impl FnMut(News)) -> Result<bool, String> {
        if let Some(due) = self.due {
            if self.setting.watch.durable_seq() < due.sequence {
                return Ok(false);
            }
            self.due = None;
            tell(self.write(&due));
            return Ok(true);
        }
        for _ in 0..BATCH {
            if self.reader.next_sequence() > self.setting.watch.appended_seq() {
                if !std::mem::replace(&mut self.following, true) {
                    tell(News::Following);
                }
                return Ok(false);
            }
            let Some(entry) = self.reader.next().map_err(|error| error.to_string())? else {
                return Ok(false);
            };
            let hash = self.replayer.take(&entry)?;
            let (sequence, position) = (entry.header.sequence, entry.position);
            let mark_ns = entry.header.time_ns;
            let reason = StateMark::read(entry.payload).map_or(0, |mark| mark.reason);
            self.require_same()?;
            if let Some(state_hash) = hash {
                tell(News::Hash {
                    mark_seq: sequence,
                    state_hash,
                });
                if reason == Reason::Interval.number() {
                    self.due = Some(Due {
                        sequence,
                        position,
                        mark_ns,
                        state_hash,
                    });
                }
                return Ok(true);
            }
        }
        Ok(true)
    }

    fn write(&self, due: &Due) -> News {
        let started = Instant::now();
        let state = State {
            engine: &self.replayer.engine,
            book: &self.replayer.book,
            state_hash: due.state_hash,
            sequence: due.sequence,
            position: due.position,
            mark_ns: due.mark_ns,
        };
        let Setting {
            disk,
            dir,
            kept,
            reserve_bytes,
            ..
        } = &self.setting;
        let needed = state.file_bytes().saturating_add(*reserve_bytes);
        let folder = dir.join(snapshot::FOLDER);
        let room = disk
            .make_directory(&folder)
            .and_then(|()| disk.room(&folder));
        match room {
            Ok(room) if room < needed => {
                return News::NotWritten(format!(
                    "the disk must have {needed} bytes free for the snapshot and the journal, found {room}"
                ));
            }
            Err(error) => return News::NotWritten(format!("room of the disk: {error}")),
            Ok(_) => {}
        }
        let mut between = || {
            std::thread::sleep(self.pause);
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::Error::other("the gate stops"));
            }
            Ok(())
        };
        let written = snapshot::write(&**disk, dir, &state, &mut between)
            .and_then(|bytes| snapshot::prune(&**disk, dir, *kept).map(|()| bytes));
        match written {
            Ok(bytes) => News::Written {
                sequence: due.sequence,
                bytes,
                took_ns: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            },
            Err(error) => News::NotWritten(error.to_string()),
        }
    }
}

/// A follower on a thread of its own; it ends with this value.
pub struct Following {
    /// What it says.
    pub news: Receiver<News>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Following {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Following")
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// Follow a journal on a thread of its own.
///
/// # Errors
/// When there can be no further thread.
pub fn spawn(setting: Setting) -> Result<Following, String> {
    let (teller, news) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = std::thread::Builder::new()
        .name("follower".to_owned())
        .spawn(move || {
            if let Err(reason) = run(setting, &teller, &stopped) {
                let _ = teller.send(News::Ended(reason));
            }
        })
        .map_err(|error| format!("follower: {error}"))?;
    Ok(Following {
        news,
        stop,
        thread: Some(thread),
    })
}

fn run(setting: Setting, teller: &Sender<News>, stop: &Arc<AtomicBool>) -> Result<(), String> {
    // Its tables are hundreds of megabytes; who gives way would take them for minutes on a busy machine, and whoever
    // ends the gate meanwhile would wait.
    let mut follower = Follower::open(setting, Arc::clone(stop))?;
    run_when_idle();
    follower.pause = BETWEEN;
    while !stop.load(Ordering::Relaxed) {
        let busy = follower.step(|news| {
            let _ = teller.send(news);
        })?;
        if !busy {
            std::thread::park_timeout(IDLE);
        }
    }
    Ok(())
}
