//! Commands and questions of people, one JSON object a line.

use std::path::Path;

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::{Scope, TradingState};
use panshi_engine::record::flow::{CancelAll, Command, DayClose, SetState};
use panshi_engine::record::load::LoadLimit;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::convert::width;
use crate::gate::Gate;

/// The answer to a line of the control socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// One JSON object.
    pub text: String,
    /// Sequence that must be durable before it may be told, in every durability mode; 0: none.
    pub hold: u64,
}

/// One line from the control socket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    verb: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    id: u32,
    #[serde(default)]
    market: u8,
    #[serde(default)]
    key: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    metric: u8,
    #[serde(default)]
    warn: Option<i64>,
    #[serde(default)]
    block: Option<i64>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    client: u16,
}

impl Gate {
    /// Carry out one line of the control socket.
    pub fn command(&mut self, line: &str) -> Answer {
        let before = self.journal.0.appended_seq();
        let answer = match serde_json::from_str::<Request>(line) {
            Err(error) => Err(format!(
                "request: must be one JSON object with a verb: {error}"
            )),
            Ok(request) => self.carry_out(&request),
        };
        let text = match answer {
            Ok(value) => json!({ "ok": true, "result": value }).to_string(),
            Err(reason) => json!({ "ok": false, "error": reason }).to_string(),
        };
        let appended = self.journal.0.appended_seq();
        let hold = if appended > before { appended } else { 0 };
        self.answers_hold = self.answers_hold.max(hold);
        Answer { text, hold }
    }

    fn carry_out(&mut self, request: &Request) -> Result<Value, String> {
        match request.verb.as_str() {
            "status" => return Ok(self.status()),
            "codes" => return Ok(codes()),
            _ => {}
        }
        if request.who.trim().is_empty() || request.why.trim().is_empty() {
            return Err(format!("{}: who and why must be given", request.verb));
        }
        if self.failure().is_some() {
            return Err("the gate has stopped".to_owned());
        }
        let inputs = self.inputs_of(request)?;
        let command = Command {
            time_ns: self.now.market_ns,
            verb: width::text(&request.verb),
            who: width::text(&request.who),
            why: width::text(&request.why),
        };
        let fields = json!({ "verb": request.verb, "who": request.who, "why": request.why });
        self.note("warning", "command", fields);
        let before = self.refused_rows;
        let seq = self
            .input(&Input::Command(command))
            .ok_or("the journal failed")?;
        for input in &inputs {
            self.input(input).ok_or("the journal failed")?;
        }
        if self.refused_rows > before {
            let rows = self.refused_rows - before;
            return Err(format!(
                "{rows} of {} rows were not taken, see the log",
                inputs.len()
            ));
        }
        match request.verb.as_str() {
            "shutdown" => self.stop(),
            "kick" => self.kick(request.client),
            _ => {}
        }
        Ok(json!({ "sequence": seq, "inputs": inputs.len() }))
    }

    fn inputs_of(&mut self, request: &Request) -> Result<Vec<Input>, String> {
        let time_ns = self.now.market_ns;
        Ok(match request.verb.as_str() {
            "set-state" => vec![Input::SetState(SetState {
                time_ns,
                scope: scope_of(request)?,
                state: state_of(request)?,
                market: request.market,
                spare: [0; 5],
                id: request.id,
                spare2: 0,
                key: width::text(&request.key),
            })],
            "cancel-all" => vec![Input::CancelAll(self.cancel_all(request)?)],
            "set-limit" => vec![Input::LoadLimit(LoadLimit {
                scope: scope_of(request)?,
                metric: request.metric,
                spare: 0,
                id: request.id,
                warn: request.warn.unwrap_or(i64::MAX),
                block: request.block.ok_or("set-limit: block must be given")?,
            })],
            "reload" => {
                let path = request
                    .path
                    .as_deref()
                    .ok_or("reload: path must be given")?;
                let bytes = std::fs::read(Path::new(path))
                    .map_err(|error| format!("reload {path}: {error}"))?;
                crate::day::read_day(&bytes)?
            }
            "day-close" => vec![Input::DayClose(DayClose { time_ns })],
            "shutdown" | "kick" => Vec::new(),
            other => {
                return Err(format!(
                    "verb: must be status, codes, set-state, set-limit, cancel-all, reload, \
                     kick, day-close or shutdown, found {other:?}"
                ));
            }
        })
    }

    fn cancel_all(&mut self, request: &Request) -> Result<CancelAll, String> {
        let prefix = self.config.cancel_prefix.as_bytes();
        let prefix = <[u8; 2]>::try_from(prefix)
            .map_err(|_| "cancel_prefix: must be two characters".to_owned())?;
        let first_id = self.ids.next_id().map_err(|error| error.to_string())?;
        // As many ids as there can be open orders; the engine numbers them from the first.
        for _ in 0..self.book.counts.forwarded {
            self.ids.next_id().map_err(|error| error.to_string())?;
        }
        Ok(CancelAll {
            time_ns: self.now.market_ns,
            scope: scope_of(request)?,
            market: request.market,
            spare: [0; 6],
            id: request.id,
            spare2: 0,
            key: width::text(&request.key),
            first_id,
            prefix,
            spare3: [0; 6],
        })
    }

    fn kick(&mut self, client: u16) {
        let sessions = self
            .sessions
            .get(usize::from(client))
            .copied()
            .unwrap_or_default();
        for id in sessions.into_iter().flatten() {
            let market = match self
                .conns
                .get(id)
                .and_then(Option::as_ref)
                .map(|conn| conn.role)
            {
                Some(crate::conn::Role::Client { port, .. }) => self.config.listen[port].market,
                _ => continue,
            };
            self.client_logout(id, market, panshi_wire::sse::code::NOT_READY);
        }
    }

    /// Everything a person or a monitor asks about.
    #[must_use]
    pub fn status(&self) -> Value {
        let counts = &self.book.counts;
        let (queued, unacknowledged) = self.book.pending();
        let latencies: serde_json::Map<String, Value> = self
            .stamps
            .latencies
            .named()
            .into_iter()
            .map(|(name, histogram)| {
                let ns = |part| histogram.per_mille(part);
                let row = json!({
                    "count": histogram.count(), "p50_ns": ns(500), "p99_ns": ns(990),
                    "p99_9_ns": ns(999), "max_ns": ns(1000),
                });
                (name.to_owned(), row)
            })
            .collect();
        let refusals: serde_json::Map<String, Value> = self
            .refusals
            .iter()
            .map(|(code, count)| (code.to_string(), (*count).into()))
            .collect();
        let gateways: Vec<Value> = self
            .links
            .iter()
            .map(|link| {
                let number = link.config.number;
                let row = self.book.gateways.get(usize::from(number)).copied().flatten();
                json!({
                    "gateway": number, "market": link.config.market, "connected": link.ready_conn().is_some(),
                    "state": row.map_or(0, |row| row.1),
                })
            })
            .collect();
        let journal = &self.journal.0;
        json!({
            "trade_date": self.book.trade_date, "market_ns": self.now.market_ns,
            "ns_of_day": self.ns_of_day(), "uptime_ns": self.now.mono_ns,
            "closed": self.book.closed, "failure": self.failure(),
            "counts": {
                "orders": counts.orders, "cancels": counts.cancels, "forwarded": counts.forwarded,
                "forwarded_cancels": counts.forwarded_cancels, "refused": counts.refused,
                "reports": counts.reports, "delivered": counts.delivered,
                "warnings": counts.warnings, "anomalies": counts.anomalies,
            },
            "refused_by_code": refusals,
            "pending": { "queued": queued, "unacknowledged": unacknowledged },
            "latency": latencies, "gateways": gateways,
            "clients_online": self.book.online.iter().filter(|online| **online).count(),
            "connections": self.open_conns(),
            "journal": {
                "appended": journal.appended_seq(), "durable": journal.durable_seq(),
                "syncs": journal.syncs(), "room_bytes": journal.room(), "full": self.full_ahead, "dir": journal.dir().display().to_string(),
            },
        })
    }
}

fn scope_of(request: &Request) -> Result<u8, String> {
    let wanted = request.scope.as_deref().unwrap_or("");
    Scope::ALL
        .iter()
        .find(|scope| scope.name().eq_ignore_ascii_case(&wanted.replace('-', "")))
        .map(|scope| scope.number())
        .ok_or_else(|| {
            let names: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
            format!(
                "scope: must be one of {}, found {wanted:?}",
                names.join(", ")
            )
        })
}

fn state_of(request: &Request) -> Result<u8, String> {
    let wanted = request.state.as_deref().unwrap_or("");
    TradingState::ALL
        .iter()
        .find(|state| state.name().eq_ignore_ascii_case(&wanted.replace('-', "")))
        .map(|state| state.number())
        .ok_or_else(|| {
            format!("state: must be normal, sell-only, cancel-only or halted, found {wanted:?}")
        })
}

fn codes() -> Value {
    Code::ALL
        .iter()
        .map(|code| json!({ "code": code.number(), "name": code.name(), "zh": code.zh(), "en": code.en() }))
        .collect()
}
