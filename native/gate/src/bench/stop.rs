//! How long a stop takes under full load: from the command to the last order that reaches the far end.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::load::Load;
use super::stub::Stamp;
use super::{
    ACCOUNTS, Amount, Bench, Cores, SECURITIES, WINDOW, at, day_records, join, listener, part, stub,
};
use crate::cores;

/// Orders that the gate of a measurement has room for.
const ORDERS: u64 = 1_500_000;
/// Orders flow for so long before each stop.
const FLOW: Duration = Duration::from_millis(10);
/// After so long without an order nothing is on its way any more.
const SILENCE: Duration = Duration::from_millis(20);
/// Longest wait for orders to flow.
const PATIENCE: Duration = Duration::from_secs(20);

const STOP: &str =
    r#"{"verb":"set-state","scope":"firm","state":"halted","who":"one","why":"measured"}"#;
const REARM: &str =
    r#"{"verb":"set-state","scope":"firm","state":"normal","who":"two","why":"measured"}"#;

/// Stop a gate under full load so often, blocking and spinning.
///
/// The gate listens on a loopback port that is the caller's own.
///
/// # Errors
/// When a part cannot start, or a stop is not taken.
pub fn stop(dir: &Path, port: u16, rounds: usize) -> Result<Value, String> {
    let cores = Cores::of_this_process()?;
    let mut figures = serde_json::Map::new();
    for (name, spin) in [("blocking", false), ("spinning", true)] {
        let bench = Bench {
            amount: Amount {
                rounds,
                single: 0,
                flood: ORDERS,
            },
            cores,
            spin,
            port,
            far: None,
        };
        let folder = dir.join(name);
        figures.insert(name.to_owned(), bench.stop(&folder)?);
        std::fs::remove_dir_all(&folder).map_err(at("remove the journal"))?;
    }
    figures.insert("stops".to_owned(), rounds.into());
    Ok(figures.into())
}

impl Bench {
    fn stop(&self, folder: &Path) -> Result<Value, String> {
        let (far_listener, far) = listener()?;
        let stamp = Stamp::default();
        let far_end = std::thread::spawn({
            let (stamp, outside) = (stamp.clone(), self.cores.outside);
            move || {
                cores::keep_to(&[outside]).map_err(at("core of the far end"))?;
                stub::serve_one(&far_listener, Some(stamp)).map_err(at("far end"))
            }
        });
        let address = self.address();
        std::fs::create_dir_all(folder).map_err(at("make the journal's folder"))?;
        let (control, socket) = (folder.join("control"), folder.join("stop"));
        let mut config = self.config(folder, "B", address, far)?;
        config["control"] = json!(control);
        config["stop"] = json!({ "socket": socket });
        let end = Arc::new(AtomicBool::new(false));
        let gate = std::thread::spawn({
            let (end, config) = (Arc::clone(&end), config.to_string());
            move || crate::serve::serve(&config, &day_records(&[]), &end)
        });
        let figures = self.stops(address, &stamp, (&control, &socket));
        end.store(true, Ordering::Relaxed);
        join(gate)??;
        join(far_end)??;
        figures
    }

    fn stops(
        &self,
        address: SocketAddr,
        stamp: &Stamp,
        (control, socket): (&Path, &Path),
    ) -> Result<Value, String> {
        let ends = Arc::new(AtomicBool::new(false));
        let refused = Arc::new(AtomicU64::new(0));
        let load = std::thread::spawn({
            let (ends, refused, outside) =
                (Arc::clone(&ends), Arc::clone(&refused), self.cores.outside);
            move || {
                cores::keep_to(&[outside]).map_err(at("core of the load"))?;
                let mut load = Load::login(address, ACCOUNTS, SECURITIES).map_err(at("log in"))?;
                load.flood(WINDOW, &ends, &refused).map_err(at("flood"))
            }
        });
        let taken = (0..self.amount.rounds)
            .map(|_| stop_once(stamp, control, socket))
            .collect::<Result<Vec<_>, _>>();
        ends.store(true, Ordering::Relaxed);
        let sent = join(load)??;
        let (last_order, answer) = taken?.into_iter().unzip();
        Ok(json!({
            "last_order_ns": per_mille(last_order), "answer_ns": per_mille(answer),
            "orders_sent": sent, "orders_refused": refused.load(Ordering::Relaxed),
        }))
    }
}

/// Stop once under load; nanoseconds until the last order came, and until the answer did.
fn stop_once(stamp: &Stamp, control: &Path, socket: &Path) -> Result<(u64, u64), String> {
    wait_flow(stamp)?;
    let begin = stamp.now_ns();
    ask(socket, STOP)?;
    let answer = stamp.now_ns() - begin;
    let last = loop {
        std::thread::sleep(SILENCE / 4);
        let last = stamp.last_ns();
        if u128::from(stamp.now_ns() - last) > SILENCE.as_nanos() {
            break last;
        }
        if u128::from(stamp.now_ns() - begin) > PATIENCE.as_nanos() {
            return Err("bench: orders must end after a stop, found more".to_owned());
        }
    };
    ask(control, REARM)?;
    Ok((last.saturating_sub(begin), answer))
}

/// Wait until orders have flowed for a while.
fn wait_flow(stamp: &Stamp) -> Result<(), String> {
    let (begin, first) = (Instant::now(), stamp.last_ns());
    while stamp.last_ns() == first {
        if begin.elapsed() > PATIENCE {
            return Err("bench: orders must flow before a stop, found none".to_owned());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(FLOW);
    Ok(())
}

fn ask(path: &Path, line: &str) -> Result<(), String> {
    let failed = at("stop");
    let mut stream = UnixStream::connect(path).map_err(&failed)?;
    stream
        .write_all(format!("{line}\n").as_bytes())
        .map_err(&failed)?;
    let mut answer = String::new();
    BufReader::new(stream)
        .read_line(&mut answer)
        .map_err(at("stop"))?;
    let parsed: Value = serde_json::from_str(&answer).map_err(at("answer"))?;
    if parsed["ok"] == true && parsed["result"]["sequence"].is_u64() {
        Ok(())
    } else {
        Err(format!("bench: a stop must be taken, found {answer}"))
    }
}

fn per_mille(mut times: Vec<u64>) -> Value {
    times.sort_unstable();
    let of = |per_mille| part(&times, per_mille);
    json!({ "p50": of(500), "p90": of(900), "p99": of(990), "max": of(1000) })
}
