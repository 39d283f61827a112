//! The journal on its way to standbys: a thread beside the serving loop sends every record as it was appended.
//!
//! It reads the journal's files like any other reader, so the loop waits for nothing. A standby names the last record
//! that it has and its hash; only behind a record that this journal has too is anything sent.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use panshi_journal::{EventFd, Watch};
use rustix::process::{Signal, getpid, kill_process};
use rustls::ServerConfig;
use serde_json::{Value, json};

use crate::address::Range;
use crate::clock::wall_ns;
use crate::log::Log;
use crate::pulse::{Pulse, PulseWatch};
use crate::sending::serve_one;
use crate::shared_secret::SharedSecret;
use crate::standby_config::StandbyConfig;
use crate::tls;

/// Wait for the next connection.
const ACCEPT: Duration = Duration::from_millis(10);
/// Time that the log has for the last line.
const LAST_LINE: Duration = Duration::from_millis(100);
/// Standbys at once; each costs a reader of the journal.
pub(crate) const STANDBYS_MAX: usize = 4;
/// Connections at once, those included that have not shown the secret yet; each costs a thread.
const CONNECTIONS_MAX: usize = 4 * STANDBYS_MAX;
/// Time between two lines of the log about strangers.
const TELL: Duration = Duration::from_secs(1);

/// What is known of the standbys.
#[derive(Debug, Default)]
pub struct Standbys {
    /// How many there are.
    pub(crate) count: AtomicUsize,
    /// Last sequence that one of them has appended to its own journal.
    pub(crate) acknowledged: AtomicU64,
    /// Connections that were refused: from elsewhere, or without the secret.
    pub(crate) refused: AtomicU64,
    /// When one of them was told of last.
    told: Mutex<Option<Instant>>,
}

impl Standbys {
    /// A stranger was sent away; whoever tries again and again does not fill the log.
    pub(crate) fn refuse(&self, setting: &Setting, from: SocketAddr, reason: &str) {
        let count = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        let Ok(mut told) = self.told.lock() else {
            return;
        };
        if told.is_none_or(|told| told.elapsed() >= TELL) {
            *told = Some(Instant::now());
            let fields = json!({ "from": from.to_string(), "reason": reason, "count": count });
            let event = "standby sent away";
            setting.log.line("warning", wall_ns(), event, fields);
        }
    }
}

/// The thread that sends; it ends with this value.
#[derive(Debug)]
pub struct Publisher {
    standbys: Arc<Standbys>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Publisher {
    /// Standbys that follow, and the last sequence that one of them has.
    #[must_use]
    pub fn acknowledged(&self) -> (usize, u64) {
        let known = &self.standbys;
        (
            known.count.load(Ordering::Relaxed),
            known.acknowledged.load(Ordering::Acquire),
        )
    }

    /// How the standbys stand; `alone` where clients wait for them, `appended` is the last sequence here.
    #[must_use]
    pub fn row(&self, alone: Option<bool>, appended: u64) -> Value {
        let (count, acknowledged) = self.acknowledged();
        let lag = (count > 0).then(|| appended.saturating_sub(acknowledged));
        json!({
            "alone": alone,
            "count": count, "places": STANDBYS_MAX,
            "acknowledged": acknowledged, "lag_records": lag,
            "refused": self.standbys.refused.load(Ordering::Relaxed),
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
    /// Told of every acknowledgement, where clients wait for it.
    pub wake: Option<Arc<EventFd>>,
    /// Who may follow, and how the line is kept from others.
    pub security: Security,
}

/// What keeps strangers from the journal.
#[derive(Clone, Debug)]
pub struct Security {
    /// What a standby must have.
    pub secret: Arc<SharedSecret>,
    /// TLS; none: the line can be read on its way.
    pub tls: Option<Arc<ServerConfig>>,
}

impl Security {
    /// Read the files that a configuration names; nothing where nothing is published.
    ///
    /// # Errors
    /// When a file is missing or may not be used.
    pub fn load(config: &StandbyConfig) -> Result<Option<Self>, String> {
        if config.publish.is_none() {
            return Ok(None);
        }
        let tls = config.publish_tls.as_ref().map(tls::load).transpose();
        Ok(Some(Self {
            secret: Arc::new(config.load_secret()?),
            tls: tls.map_err(|error| format!("standby.publish_tls: {error}"))?,
        }))
    }
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
            Ok((stream, from)) if !allowed(&setting.allow, from.ip()) => {
                drop(stream);
                known.refuse(setting, from, "its address is not in standby.allow");
            }
            Ok((stream, from)) if threads.len() < CONNECTIONS_MAX => {
                let (setting, known, stop) = (setting.clone(), Arc::clone(known), Arc::clone(stop));
                let thread = std::thread::Builder::new()
                    .name("standby".to_owned())
                    .spawn(move || {
                        // Whatever ends it, the standby finds its connection closed and comes again.
                        let _ = serve_one((stream, from), &setting, &known, &stop);
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
