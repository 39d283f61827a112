//! Wire to wire through a whole gate: client, gate and far end over loopback, and in the same run
//! a relay that copies the same bytes, which is the limit that the machine sets.

pub mod day_writer;
mod fair;
mod load;
mod recovery;
mod relay;
mod rounds;
mod stop;
mod stub;

use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use panshi_engine::input::Input;
use panshi_engine::synthetic::{Size, Synthetic};
use serde_json::{Value, json};

use crate::convert::width::text;
use crate::cores;
use crate::serve::Summary;
pub use fair::fair;
use load::{Load, PARTIES};
pub use recovery::recovery;
use rounds::{Figures, Rounds};
pub use stop::stop;

/// Trade date of the synthetic day.
const TRADE_DATE: u32 = 20_260_720;
const ACCOUNTS: u32 = 1_000;
const SECURITIES: u32 = 200;
const WARM_UP_MAX: u64 = 2_000;
const WINDOW: u64 = 256;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// How often relay and gates take turns; medians over the rounds are told.
    pub rounds: usize,
    /// Orders of a round sent one at a time.
    pub single: u64,
    /// Orders of a round sent with 256 in flight.
    pub flood: u64,
}

impl Amount {
    /// Orders that bring everything to its usual state before the first is timed.
    fn warm_up(self) -> u64 {
        self.single.min(WARM_UP_MAX)
    }
}

/// Measure a blocking gate whose far end is a gateway that runs elsewhere, at `far`.
///
/// The gate listens on a loopback port that is the caller's own.
/// Its report streams must be empty: whatever they hold is no answer to this gate's orders.
///
/// # Errors
/// As [`run`].
pub fn run_toward(
    (port, far): (u16, SocketAddr),
    dir: &Path,
    mode: &str,
    amount: Amount,
) -> Result<Value, String> {
    let bench = Bench {
        amount,
        cores: Cores::of_this_process()?,
        spin: false,
        port,
        far: Some(far),
    };
    let figures = bench.gate(&dir.join(mode), &day_records(&[]), mode)?;
    serde_json::to_value(figures).map_err(at("figures"))
}

/// Measure relay and gate in turns, spinning and blocking, in every durability mode.
///
/// The gate listens on a loopback port that is the caller's own.
///
/// # Errors
/// When a part cannot start, or an order is refused or lost: nothing may be dropped.
pub fn run(dir: &Path, port: u16, amount: Amount) -> Result<Value, String> {
    let day = day_records(&[]);
    let cores = Cores::of_this_process()?;
    let mut figures = serde_json::Map::new();
    for (name, spin) in [("blocking", false), ("spinning", true)] {
        let bench = Bench {
            amount,
            cores,
            spin,
            port,
            far: None,
        };
        let mut rows = Rounds::default();
        for round in 0..amount.rounds {
            rows.add("relay", bench.relay()?);
            for mode in ["A", "B", "C"] {
                let journal = dir.join(format!("{name}-{mode}-{round}"));
                rows.add(mode, bench.gate(&journal, &day, mode)?);
                // The journals of a measurement are of no use after it.
                std::fs::remove_dir_all(&journal).map_err(at("remove the journal"))?;
            }
            if round + 1 < amount.rounds {
                // The disk is to be quiet again before the next round.
                rustix::fs::sync();
            }
        }
        figures.insert(name.to_owned(), rows.medians());
    }
    figures.insert("rounds".to_owned(), amount.rounds.into());
    figures.insert("orders_one_in_flight".to_owned(), amount.single.into());
    figures.insert("orders_256_in_flight".to_owned(), amount.flood.into());
    figures.insert("pinned".to_owned(), cores.apart().into());
    Ok(figures.into())
}

fn at<E: Display>(what: &str) -> impl Fn(E) -> String + use<'_, E> {
    move |error| format!("bench: {what}: {error}")
}

fn listener() -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(at("listen"))?;
    let address = listener.local_addr().map_err(at("listen"))?;
    Ok((listener, address))
}

/// The two cores of a measurement: whatever stands in the middle has one of its own.
#[derive(Clone, Copy, Debug)]
struct Cores {
    /// Client and far end.
    outside: usize,
    /// Relay or gate.
    middle: usize,
}

impl Cores {
    fn of_this_process() -> Result<Self, String> {
        let allowed = cores::allowed().map_err(at("cores"))?;
        let (Some(outside), Some(middle)) = (allowed.first(), allowed.last()) else {
            return Err("bench: no core to run on".to_owned());
        };
        Ok(Self {
            outside: *outside,
            middle: *middle,
        })
    }

    /// Whether there are two of them.
    fn apart(self) -> bool {
        self.outside != self.middle
    }
}

/// What is measured, and how.
struct Bench {
    amount: Amount,
    cores: Cores,
    spin: bool,
    /// Loopback port of the gate, which nobody else takes.
    port: u16,
    /// The far end, when it is not to be the stub.
    far: Option<SocketAddr>,
}

/// The thread of a far end.
type Stub = JoinHandle<Result<(), String>>;

impl Bench {
    fn relay(&self) -> Result<Figures, String> {
        let (far, stub) = self.far_end()?;
        let (listener, address) = listener()?;
        let (spin, middle) = (self.spin, self.cores.middle);
        let relay = std::thread::spawn(move || {
            cores::keep_to(&[middle])?;
            relay::relay_one(&listener, far, spin)
        });
        let figures = self.measure(address)?;
        join(relay)?.map_err(at("relay"))?;
        stub.map_or(Ok(Ok(())), join)??;
        Ok(figures)
    }

    fn gate(&self, journal: &Path, day: &[u8], mode: &str) -> Result<Figures, String> {
        let (mut figures, summary) =
            self.with_gate(journal, day, mode, |address| self.measure(address))?;
        figures.insert("journal_records", summary.last_sequence);
        Ok(figures)
    }

    /// Let a gate serve while something is measured at its port.
    fn with_gate<T>(
        &self,
        journal: &Path,
        day: &[u8],
        mode: &str,
        measured: impl FnOnce(SocketAddr) -> Result<T, String>,
    ) -> Result<(T, Summary), String> {
        let (far, stub) = self.far_end()?;
        let address = self.address();
        std::fs::create_dir_all(journal).map_err(at("make the journal's folder"))?;
        let config = self.config(journal, mode, address, far)?.to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let gate = std::thread::spawn({
            let (stop, day) = (Arc::clone(&stop), day.to_vec());
            move || crate::serve::serve(&config, &day, &stop)
        });
        let found = measured(address);
        stop.store(true, Ordering::Relaxed);
        let summary = join(gate)??;
        if let Some(reason) = summary.halted {
            return Err(reason);
        }
        let found = found?;
        stub.map_or(Ok(Ok(())), join)??;
        Ok((found, summary))
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn config(
        &self,
        journal: &Path,
        mode: &str,
        address: SocketAddr,
        far: SocketAddr,
    ) -> Result<Value, String> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(at("clock"))?;
        let orders = self.amount.warm_up() + self.amount.single + self.amount.flood + 1;
        let hour_ns = 3_600_000_000_000_u64;
        Ok(json!({
            "journal": { "dir": journal.join("day"), "durability": mode },
            "listen": [{ "market": 1, "address": address, "comp_id": "TDGW", "streams": [1] }],
            "gateways": [{
                "number": 1, "market": 1, "main": far, "comp_id": "PANSHI",
                "target_comp_id": "TDGW", "heartbeat_s": 60,
            }],
            "spin": self.spin,
            "core": self.cores.middle,
            "log": journal.join("log"),
            "clock": {
                "trade_date": TRADE_DATE,
                "start_unix_ns": u64::try_from(since.as_nanos()).unwrap_or(0),
                "segments": [{
                    "from_ns_of_day": 10 * hour_ns, "to_ns_of_day": 11 * hour_ns,
                    "wall_ms": 3_600_000,
                }],
            },
            "capacity": {
                "customers": ACCOUNTS, "owner_groups": ACCOUNTS, "accounts": ACCOUNTS,
                "securities": SECURITIES, "holdings": ACCOUNTS * 12, "orders": orders,
                "cancels": 1_000, "events": orders,
            },
        }))
    }

    fn far_end(&self) -> Result<(SocketAddr, Option<Stub>), String> {
        if let Some(far) = self.far {
            return Ok((far, None));
        }
        let (listener, address) = listener()?;
        let outside = self.cores.outside;
        let stub = std::thread::spawn(move || {
            cores::keep_to(&[outside]).map_err(at("core of the far end"))?;
            stub::serve_one(&listener, None).map_err(at("far end"))
        });
        Ok((address, Some(stub)))
    }

    /// Be the client, on the core of the far end.
    fn measure(&self, address: SocketAddr) -> Result<Figures, String> {
        let usual = cores::allowed().map_err(at("cores"))?;
        cores::keep_to(&[self.cores.outside]).map_err(at("core of the client"))?;
        let figures = self.figures(address);
        cores::keep_to(&usual).map_err(at("cores"))?;
        figures
    }

    fn figures(&self, address: SocketAddr) -> Result<Figures, String> {
        let mut load = Load::login(address, ACCOUNTS, SECURITIES).map_err(at("log in"))?;
        load.one_in_flight(self.amount.warm_up())
            .map_err(at("warm up"))?;
        let mut times = load
            .one_in_flight(self.amount.single)
            .map_err(at("one in flight"))?;
        times.sort_unstable();
        let of = |per_mille| part(&times, per_mille);
        let took = load
            .many_in_flight(self.amount.flood, WINDOW)
            .map_err(at("256 in flight"))?;
        Ok(Figures::from([
            ("p50_ns", of(500)),
            ("p99_ns", of(990)),
            ("p99_9_ns", of(999)),
            ("orders_per_s", per_second(self.amount.flood, took)),
        ]))
    }
}

/// So many per mille of sorted times took at most this.
fn part(sorted: &[u64], per_mille: usize) -> u64 {
    let place = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(0)
}

fn join<T>(thread: JoinHandle<T>) -> Result<T, String> {
    thread
        .join()
        .map_err(|_| "bench: a thread of the measurement panicked".to_owned())
}

fn per_second(count: u64, took: Duration) -> u64 {
    let ns = took.as_nanos().max(1);
    u64::try_from(u128::from(count) * 1_000_000_000 / ns).unwrap_or(0)
}

/// The rows of the engine's synthetic day, with the clients that may log in, and more rows behind them.
fn day_records(more: &[Input]) -> Vec<u8> {
    let size = Size {
        accounts: ACCOUNTS,
        securities: SECURITIES,
        open_orders: 0,
        orders: 0,
        step_ns: 0,
    };
    let mut block = Vec::new();
    let opening = Synthetic::new(size, 1).opening();
    for mut row in opening.into_iter().chain(more.iter().copied()) {
        if let Input::LoadClient(client) = &mut row
            && let Some(party) = PARTIES.iter().find(|party| party.0 == client.client)
        {
            client.comp_id = text(party.1);
        }
        if row.record_type() > 15 {
            continue;
        }
        let mut payload = vec![0; row.record_len()];
        if row.write(&mut payload).is_some() {
            block.extend(row.record_type().to_le_bytes());
            block.extend(u32::try_from(payload.len()).unwrap_or(0).to_le_bytes());
            block.extend(payload);
        }
    }
    block
}
