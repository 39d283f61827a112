//! Wire to wire through a whole gate: client, gate and far end over loopback, and in the same run
//! a relay that copies the same bytes, which is the limit that the machine sets.

mod load;
mod relay;
mod stub;

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use panshi_engine::input::Input;
use panshi_engine::synthetic::{Size, Synthetic};
use serde_json::{Value, json};

use crate::convert::width::text;
use load::{COMP_ID, Load};

/// Trade date of the synthetic day.
const TRADE_DATE: u32 = 20_260_720;
const ACCOUNTS: u32 = 1_000;
const SECURITIES: u32 = 200;
const WARM_UP: u64 = 2_000;
const WINDOW: u64 = 256;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Orders sent one at a time.
    pub single: u64,
    /// Orders sent with 256 in flight.
    pub flood: u64,
}

/// Measure relay and gate, spinning and blocking, in every durability mode.
///
/// # Errors
/// When a part cannot start, or an order is refused or lost: nothing may be dropped.
pub fn run(dir: &Path, amount: Amount) -> Result<Value, String> {
    let day = day_records();
    let mut figures = serde_json::Map::new();
    for (name, spin) in [("blocking", false), ("spinning", true)] {
        let mut row = serde_json::Map::new();
        let relay = measure_relay(amount, spin)?;
        for mode in ["A", "B", "C"] {
            let journal = dir.join(format!("{name}-{mode}"));
            let mut gate = measure_gate(&journal, &day, (mode, spin), amount)?;
            for part in ["p50_ns", "p99_ns"] {
                gate[format!("{part}_per_mille_of_relay")] = ratio(&gate[part], &relay[part]);
            }
            // The journals of a measurement are of no use after it.
            std::fs::remove_dir_all(&journal).map_err(at("remove the journal"))?;
            row.insert(mode.to_owned(), gate);
        }
        row.insert("relay".to_owned(), relay);
        figures.insert(name.to_owned(), row.into());
    }
    figures.insert("orders_one_in_flight".to_owned(), amount.single.into());
    figures.insert("orders_256_in_flight".to_owned(), amount.flood.into());
    Ok(figures.into())
}

fn ratio(part: &Value, whole: &Value) -> Value {
    let (part, whole) = (
        part.as_u64().unwrap_or(0),
        whole.as_u64().unwrap_or(1).max(1),
    );
    (part * 1000 / whole).into()
}

fn at<E: Display>(what: &str) -> impl Fn(E) -> String + use<'_, E> {
    move |error| format!("bench: {what}: {error}")
}

fn listener() -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(at("listen"))?;
    let address = listener.local_addr().map_err(at("listen"))?;
    Ok((listener, address))
}

fn far_end() -> Result<(SocketAddr, JoinHandle<Result<(), String>>), String> {
    let (listener, address) = listener()?;
    let stub = std::thread::spawn(move || stub::serve_one(&listener).map_err(at("far end")));
    Ok((address, stub))
}

fn measure_relay(amount: Amount, spin: bool) -> Result<Value, String> {
    let (far, stub) = far_end()?;
    let (listener, address) = listener()?;
    let relay = std::thread::spawn(move || relay::relay_one(&listener, far, spin));
    let figures = measure(address, amount)?;
    join(relay)?.map_err(at("relay"))?;
    join(stub)??;
    Ok(figures)
}

fn measure_gate(
    journal: &Path,
    day: &[u8],
    (mode, spin): (&str, bool),
    amount: Amount,
) -> Result<Value, String> {
    let (far, stub) = far_end()?;
    // The port is free again when the listener goes, and the gate takes it at once.
    let address = listener()?.1;
    std::fs::create_dir_all(journal).map_err(at("make the journal's folder"))?;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(at("clock"))?;
    let orders = amount.single + amount.flood + WARM_UP + 1;
    let hour_ns = 3_600_000_000_000_u64;
    let config = json!({
        "journal": { "dir": journal.join("day"), "durability": mode },
        "listen": [{ "market": 1, "address": address, "comp_id": "TDGW", "streams": [1] }],
        "gateways": [{
            "number": 1, "market": 1, "main": far, "comp_id": "PANSHI", "target_comp_id": "TDGW",
            "heartbeat_s": 60,
        }],
        "spin": spin,
        "log": journal.join("log"),
        "clock": {
            "trade_date": TRADE_DATE,
            "start_unix_ns": u64::try_from(since.as_nanos()).unwrap_or(0),
            "segments": [{
                "from_ns_of_day": 10 * hour_ns, "to_ns_of_day": 11 * hour_ns, "wall_ms": 3_600_000,
            }],
        },
        "capacity": {
            "customers": ACCOUNTS, "owner_groups": ACCOUNTS, "accounts": ACCOUNTS,
            "securities": SECURITIES, "holdings": ACCOUNTS * 12, "orders": orders,
            "cancels": 1_000, "events": orders,
        },
    })
    .to_string();
    let stop = Arc::new(AtomicBool::new(false));
    let gate = std::thread::spawn({
        let (stop, day) = (Arc::clone(&stop), day.to_vec());
        move || crate::serve::serve(&config, &day, &stop)
    });
    let figures = measure(address, amount);
    stop.store(true, Ordering::Relaxed);
    let summary = join(gate)??;
    let mut figures = figures?;
    join(stub)??;
    figures["journal_records"] = summary.last_sequence.into();
    Ok(figures)
}

fn join<T>(thread: JoinHandle<T>) -> Result<T, String> {
    thread
        .join()
        .map_err(|_| "bench: a thread of the measurement panicked".to_owned())
}

fn measure(address: SocketAddr, amount: Amount) -> Result<Value, String> {
    let mut load = Load::login(address, ACCOUNTS, SECURITIES).map_err(at("log in"))?;
    load.one_in_flight(WARM_UP).map_err(at("warm up"))?;
    let mut times = load
        .one_in_flight(amount.single)
        .map_err(at("one in flight"))?;
    times.sort_unstable();
    let of = |per_mille: usize| {
        let place = (times.len() * per_mille / 1000).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or(0)
    };
    let took = load
        .many_in_flight(amount.flood, WINDOW)
        .map_err(at("256 in flight"))?;
    Ok(json!({
        "p50_ns": of(500), "p99_ns": of(990), "p99_9_ns": of(999),
        "orders_per_s": per_second(amount.flood, took),
    }))
}

fn per_second(count: u64, took: Duration) -> u64 {
    let ns = took.as_nanos().max(1);
    u64::try_from(u128::from(count) * 1_000_000_000 / ns).unwrap_or(0)
}

/// The rows of the engine's synthetic day, with a client that may log in.
fn day_records() -> Vec<u8> {
    let size = Size {
        accounts: ACCOUNTS,
        securities: SECURITIES,
        open_orders: 0,
        orders: 0,
        step_ns: 0,
    };
    let mut block = Vec::new();
    for mut row in Synthetic::new(size, 1).opening() {
        if let Input::LoadClient(client) = &mut row
            && client.client == 1
        {
            client.comp_id = text(COMP_ID);
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
