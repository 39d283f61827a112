//! How polite clients fare beside a greedy one: their latency alone, and while another offers ten times what its session
//! is rated for. As in service the session has a limit, and the gate refuses what is beyond it; without a limit, the
//! worst case, everything passes and waits in one queue to the exchange.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use panshi_engine::input::Input;
use panshi_engine::kind::{Metric, Scope};
use panshi_engine::record::load::LoadLimit;
use serde_json::Value;

use super::load::{Load, PARTIES, Party};
use super::rounds::{Figures, Rounds};
use super::{ACCOUNTS, Amount, Bench, Cores, SECURITIES, at, day_records, join, part, per_second};
use crate::cores;

/// Orders a second that the greedy client's session is rated for: a tenth of what the gate is.
const RATED_PER_S: u64 = 12_000;
/// It offers so many times that.
const TIMES: u64 = 10;
/// Orders that the gate of a measurement has room for.
const ORDERS: u64 = 1_500_000;
/// A polite client waits so long before each order.
const PAUSE: Duration = Duration::from_millis(1);
/// Orders of the greedy client that are answered before the polite ones are measured beside it.
const WARM: u64 = 20_000;
/// Longest wait for them.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measure polite clients alone and beside a greedy one, at the same gate, in so many rounds.
///
/// The gate listens on a loopback port that is the caller's own.
///
/// # Errors
/// When a part cannot start, or an order of a polite client is refused or lost.
pub fn fair(dir: &Path, port: u16, rounds: usize, orders: u64) -> Result<Value, String> {
    let cores = Cores::of_this_process()?;
    let (mut figures, limits) = (serde_json::Map::new(), [limit()]);
    let kinds = [
        ("blocking", false, true),
        ("spinning", true, true),
        ("blocking_without_limit", false, false),
    ];
    for (name, spin, limited) in kinds {
        let day = day_records(if limited { &limits } else { &[] });
        let amount = Amount {
            rounds,
            single: orders,
            flood: ORDERS,
        };
        let bench = Bench {
            amount,
            cores,
            spin,
            port,
            far: None,
        };
        let mut rows = Rounds::default();
        for round in 0..rounds {
            let journal = dir.join(format!("{name}-{round}"));
            let measured = |address| bench.round(address);
            let ((alone, beside), _) = bench.with_gate(&journal, &day, "A", measured)?;
            rows.add("unloaded", alone);
            rows.add("loaded", beside);
            std::fs::remove_dir_all(&journal).map_err(at("remove the journal"))?;
        }
        figures.insert(name.to_owned(), rows.medians_against("unloaded"));
    }
    figures.insert("rounds".to_owned(), rounds.into());
    figures.insert("polite_clients".to_owned(), (PARTIES.len() - 1).into());
    figures.insert("polite_orders".to_owned(), orders.into());
    figures.insert("rated_per_s".to_owned(), RATED_PER_S.into());
    figures.insert("greedy_offers_times".to_owned(), TIMES.into());
    Ok(figures.into())
}

/// The limit of the greedy client's session.
fn limit() -> Input {
    let [greedy, ..] = PARTIES;
    let block = i64::try_from(RATED_PER_S).unwrap_or(i64::MAX);
    Input::LoadLimit(LoadLimit {
        scope: Scope::Client.number(),
        metric: Metric::SlidingSecond.number(),
        id: greedy.0.into(),
        warn: block,
        block,
        ..LoadLimit::default()
    })
}

/// The greedy client under way.
struct Greedy {
    ends: Arc<AtomicBool>,
    accepted: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    sender: JoinHandle<Result<u64, String>>,
    reader: JoinHandle<()>,
}

impl Greedy {
    fn start(party: Party, address: SocketAddr, core: usize) -> Result<Self, String> {
        let mut load = log_in(party, address)?;
        let reader = load.reader().map_err(at("greedy client"))?;
        let ends = Arc::new(AtomicBool::new(false));
        let (accepted, refused) = (Arc::default(), Arc::default());
        Ok(Self {
            sender: std::thread::spawn({
                let ends = Arc::clone(&ends);
                move || {
                    cores::keep_to(&[core]).map_err(at("core of the greedy client"))?;
                    // In service it has a machine of its own: here its work must not hold up whom it shares a core with.
                    panshi_journal::run_when_idle();
                    load.press(TIMES * RATED_PER_S, &ends)
                        .map_err(at("greedy client"))
                }
            }),
            reader: std::thread::spawn({
                let (accepted, refused) = (Arc::clone(&accepted), Arc::clone(&refused));
                move || {
                    // A reader on any core does no harm.
                    let _ = cores::keep_to(&[core]);
                    panshi_journal::run_when_idle();
                    reader.count(&accepted, &refused);
                }
            }),
            ends,
            accepted,
            refused,
        })
    }

    fn answered(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed) + self.refused.load(Ordering::Relaxed)
    }

    fn wait_warm(&self) -> Result<(), String> {
        let begin = Instant::now();
        while self.answered() < WARM {
            if begin.elapsed() > PATIENCE {
                let found = self.answered();
                return Err(format!(
                    "bench: the greedy client must get {WARM} answers, found {found}"
                ));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// End it; how many orders it offered.
    fn end(self) -> Result<u64, String> {
        self.ends.store(true, Ordering::Relaxed);
        let offered = join(self.sender)??;
        join(self.reader)?;
        Ok(offered)
    }
}

fn log_in(party: Party, address: SocketAddr) -> Result<Load, String> {
    Load::login_as(party, address, ACCOUNTS, SECURITIES).map_err(at("log in"))
}

impl Bench {
    /// The polite clients' figures alone, and beside the greedy one.
    fn round(&self, address: SocketAddr) -> Result<(Figures, Figures), String> {
        let [greedy, polite @ ..] = PARTIES;
        let mut clients = Vec::new();
        for party in polite {
            clients.push(log_in(party, address)?);
        }
        let (clients, _) = self.paced(clients, self.amount.warm_up())?;
        let (clients, mut times) = self.paced(clients, self.amount.single)?;
        let alone = figures(&mut times);
        let greedy = Greedy::start(greedy, address, self.cores.outside)?;
        let taken = greedy.wait_warm().and_then(|()| {
            let (before, refused) = (greedy.answered(), greedy.refused.load(Ordering::Relaxed));
            let begin = Instant::now();
            let (_, times) = self.paced(clients, self.amount.single)?;
            let answered = greedy.answered() - before;
            let refused = greedy.refused.load(Ordering::Relaxed) - refused;
            Ok((times, answered, refused, begin.elapsed()))
        });
        greedy.end()?;
        let (mut times, answered, refused, took) = taken?;
        let mut beside = figures(&mut times);
        beside.insert("greedy_answered_per_s", per_second(answered, took));
        beside.insert("greedy_refused_per_s", per_second(refused, took));
        Ok((alone, beside))
    }

    /// Let every client send so many orders at its pace, all at once; the clients, and every time.
    fn paced(&self, clients: Vec<Load>, orders: u64) -> Result<(Vec<Load>, Vec<u64>), String> {
        let core = self.cores.outside;
        let start = |mut load: Load| {
            std::thread::spawn(move || {
                cores::keep_to(&[core]).map_err(at("core of a client"))?;
                let times = load.paced(orders, PAUSE).map_err(at("polite client"))?;
                Ok::<_, String>((load, times))
            })
        };
        let threads: Vec<_> = clients.into_iter().map(start).collect();
        let (mut back, mut all) = (Vec::new(), Vec::new());
        for thread in threads {
            let (load, times) = join(thread)??;
            back.push(load);
            all.extend(times);
        }
        Ok((back, all))
    }
}

fn figures(times: &mut [u64]) -> Figures {
    times.sort_unstable();
    Figures::from([
        ("p50_ns", part(times, 500)),
        ("p99_ns", part(times, 990)),
        ("p99_9_ns", part(times, 999)),
    ])
}
