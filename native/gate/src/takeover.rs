//! When a standby takes over: because the primary is lost, or because a person says so, and never without the right to
//! log its gateway numbers in.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::net::UnixListener;
use panshi_engine::input::Input;
use panshi_engine::kind::Proof;
use panshi_engine::record::flow::Command;
use panshi_journal::EventFd;
use serde_json::{Value, json};

use crate::claim::Claim;
use crate::claims::{Grant, read_grants};
use crate::clock::Clock;
use crate::config::Config;
use crate::convert::width;
use crate::gate::Gate;
use crate::primary_line::Primary;
use crate::publish::{self, Publisher};
use crate::pulse::Pulse;
use crate::side::bind_private;
use crate::standby::Standby;
use crate::start::{Surroundings, prepare};

/// Time that whoever asks has for its line.
const PATIENCE: Duration = Duration::from_millis(200);

/// Who had the standby take over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Order {
    who: String,
    why: String,
}

/// A standby and what decides when it takes over.
struct Takeover<'a> {
    standby: Standby,
    claims: Vec<Claim>,
    grants: Vec<Grant>,
    automatic: bool,
    order: Option<Order>,
    control: Option<(UnixListener, PathBuf)>,
    clock: &'a Clock,
    waits: Option<String>,
}

/// What a gate begins with.
pub enum Source {
    /// Its own journal.
    Journal(Box<Surroundings>),
    /// What it has followed of a primary.
    Primary(Box<TakenOver>),
}

/// Follow a primary until it is to take over; nothing when it was told to stop.
///
/// # Errors
/// When the journal cannot be opened, or the standby cannot go on.
pub fn stand_by(
    config: &Config,
    day: &[Input],
    around: Surroundings,
    (primary, clock): (SocketAddr, &Clock),
    stop: &AtomicBool,
) -> Result<Option<TakenOver>, String> {
    let primary = Primary::load(primary, &config.standby)?;
    // What it will publish itself must be found wanting now, not when it takes over.
    publish::Security::load(&config.standby)?;
    let prepared = prepare(config.clone(), day, around)?;
    let standby = Standby::new(prepared, primary);
    Takeover::new(standby, config, clock)?.run(stop)
}

/// What a standby came to.
pub struct TakenOver {
    standby: Standby,
    claims: Vec<Claim>,
    grants: Vec<Grant>,
    order: Order,
}

impl<'a> Takeover<'a> {
    /// Get ready to follow.
    ///
    /// # Errors
    /// When the control socket cannot be served.
    fn new(standby: Standby, config: &Config, clock: &'a Clock) -> Result<Self, String> {
        let bind = |path: &PathBuf| bind_private(path).map(|listener| (listener, path.clone()));
        let gateways = config.gateways.iter();
        Ok(Self {
            claims: gateways
                .map(|gateway| Claim::new(&config.claim, gateway))
                .collect(),
            grants: Vec::new(),
            automatic: config.standby.automatic,
            control: config.control.as_ref().map(bind).transpose()?,
            order: None,
            clock,
            standby,
            waits: None,
        })
    }

    /// Follow until it is to take over; nothing when it was told to stop.
    ///
    /// # Errors
    /// When this standby cannot go on.
    fn run(mut self, stop: &AtomicBool) -> Result<Option<TakenOver>, String> {
        loop {
            self.standby.prepared.set_now(self.clock.now());
            self.standby.step()?;
            self.answer(stop);
            if stop.load(Ordering::Relaxed) {
                self.close_control();
                return Ok(None);
            }
            if let Some(order) = self.due() {
                self.close_control();
                return Ok(Some(TakenOver {
                    standby: self.standby,
                    claims: self.claims,
                    grants: self.grants,
                    order,
                }));
            }
        }
    }

    /// The order to take over, when there is one and every number is claimed.
    fn due(&mut self) -> Option<Order> {
        if self.standby.is_connected() {
            // The primary serves: nothing of it is wanted, and no order to take over outlives its return.
            self.claims.iter_mut().for_each(Claim::release_lock);
            self.order = None;
            return None;
        }
        let by_itself = self.automatic && self.standby.synced;
        let reason = self.standby.trouble.clone().unwrap_or_default();
        let order = self.order.clone().or_else(|| {
            by_itself.then(|| Order {
                who: "standby".to_owned(),
                why: format!("primary lost: {reason}"),
            })
        })?;
        let boot_ns = self.clock.now().boot_ns;
        let claimed = self.claims.iter_mut().try_for_each(|claim| {
            if claim.lacks_lease(boot_ns) {
                return Err("no lease".to_owned());
            }
            claim.take_lock()
        });
        self.waits = claimed.err();
        self.waits.is_none().then_some(order)
    }

    fn answer(&mut self, stop: &AtomicBool) {
        while let Some(Ok((stream, _))) = self.control.as_ref().map(|one| one.0.accept()) {
            let own = rustix::net::sockopt::socket_peercred(&stream)
                .is_ok_and(|peer| peer.uid == rustix::process::geteuid());
            if own {
                // Whoever does not say its line in time gets no answer.
                let _ = self.answer_one(UnixStream::from(OwnedFd::from(stream)), stop);
            }
        }
    }

    fn answer_one(&mut self, stream: UnixStream, stop: &AtomicBool) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let answer = match self.carry_out(&line, stop) {
            Ok(result) => json!({ "ok": true, "result": result }),
            Err(error) => json!({ "ok": false, "error": error }),
        };
        let text = format!("{answer}\n");
        reader.get_mut().write_all(text.as_bytes())
    }

    fn carry_out(&mut self, line: &str, stop: &AtomicBool) -> Result<Value, String> {
        let request: Value = serde_json::from_str(line)
            .map_err(|error| format!("request: must be one JSON object on one line: {error}"))?;
        match request.get("verb").and_then(Value::as_str) {
            Some("status") => Ok(self.status()),
            Some("grant") => self.take_grants(&request),
            Some("promote") => {
                let order = person(&request)?;
                if self.standby.is_connected() {
                    return Err(
                        "promote: the primary must be gone, found it connected: stop it first"
                            .to_owned(),
                    );
                }
                self.order = Some(order);
                Ok(self.status())
            }
            Some("shutdown") => {
                person(&request)?;
                stop.store(true, Ordering::Relaxed);
                Ok(json!({ "sequence": self.standby.prepared.journal.appended_seq() }))
            }
            _ => Err(
                "verb: must be one of status, grant, promote, shutdown: this gate is a standby"
                    .to_owned(),
            ),
        }
    }

    /// Take what a keeper grants. While the primary serves, or before it was followed, a lease is not wanted.
    fn take_grants(&mut self, request: &Value) -> Result<Value, String> {
        if self.standby.is_connected() || !self.standby.synced && self.order.is_none() {
            self.grants.clear();
            for claim in &mut self.claims {
                claim.until_ns = 0;
            }
            return Err("grant: this gate is a standby and wants no lease now".to_owned());
        }
        let grants = read_grants(request.get("grants"))?;
        for grant in &grants {
            let mut claims = self.claims.iter_mut();
            if let Some(claim) = claims.find(|claim| claim.name == grant.name) {
                (claim.until_ns, claim.token) = (grant.until_ns, grant.token);
            }
        }
        if !grants.is_empty() {
            self.grants = grants;
        }
        let rows = self.claims.iter().map(|claim| {
            json!({
                "name": claim.name, "path": claim.path, "leased": claim.leased,
                "session": "down", "until_ns": claim.until_ns, "token": claim.token,
            })
        });
        Ok(rows.collect())
    }

    fn status(&self) -> Value {
        let journal = &self.standby.prepared.journal;
        json!({
            "role": "standby", "connected": self.standby.is_connected(),
            "synced": self.standby.synced, "automatic": self.automatic,
            "received": self.standby.received, "received_bytes": self.standby.received_bytes,
            "checked": self.standby.checked, "last_record_ns": self.standby.last_record_ns,
            "silent_ms": self.standby.silent_ms(), "trouble": self.standby.trouble,
            "ordered": self.order.is_some(), "waits": self.waits,
            "log": self.standby.prepared.log_row(),
            "trade_date": self.standby.prepared.replayer.book.trade_date,
            "journal": {
                "appended": journal.appended_seq(), "durable": journal.durable_seq(),
                "dir": journal.dir().display().to_string(),
            },
        })
    }

    /// The gate that goes on serves the socket under the same name.
    fn close_control(&mut self) {
        if let Some((listener, path)) = self.control.take() {
            drop(listener);
            let _ = std::fs::remove_file(path);
        }
    }
}

fn person(request: &Value) -> Result<Order, String> {
    let text = |key: &str| match request.get(key).and_then(Value::as_str) {
        Some(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        found => Err(format!(
            "{key}: must be given: a named person and a reason, found {found:?}"
        )),
    };
    Ok(Order {
        who: text("who")?,
        why: text("why")?,
    })
}

impl TakenOver {
    /// Go on with the day in the place of the primary.
    ///
    /// # Errors
    /// As a start.
    pub fn begin(mut self, day: &[Input], clock: &Clock) -> Result<Gate, String> {
        // Among the records that the primary kept to itself may be one that reserved ids.
        self.standby.prepared.pass_ids(0)?;
        self.standby.prepared.set_now(clock.now());
        let last = self.standby.prepared.journal.appended_seq();
        let mut gate = self.standby.prepared.begin(day)?;
        gate.adopt_claims(self.claims);
        let _ = gate.take_grants(&self.grants);
        gate.note_takeover(&self.order.who, &self.order.why, last);
        Ok(gate)
    }
}

impl Gate {
    /// How this gate's journal is sent to standbys; nothing when the configuration has none.
    ///
    /// # Errors
    /// When a file that it names may not be used.
    pub fn publish_setting(
        &self,
        pulse: &Arc<Pulse>,
        wake: &Arc<EventFd>,
    ) -> Result<Option<publish::Setting>, String> {
        let standby = &self.config.standby;
        let (Some(address), Some(security)) = (standby.publish, publish::Security::load(standby)?)
        else {
            return Ok(None);
        };
        Ok(Some(publish::Setting {
            address,
            security,
            wake: self.is_alone().map(|_| Arc::clone(wake)),
            allow: standby.allow.clone(),
            dir: self.journal.0.dir().to_path_buf(),
            watch: self.journal.0.watch(),
            pulse: Arc::clone(pulse),
            stuck: (standby.stuck_ms > 0).then(|| Duration::from_millis(standby.stuck_ms)),
            log: self.log.clone(),
        }))
    }

    /// Send standbys what they lack, and let them go.
    pub fn end_publishing(&mut self) {
        self.publisher = None;
    }

    /// Take on what sends the journal.
    pub fn publish_with(&mut self, publisher: Publisher) {
        self.publisher = Some(publisher);
    }

    /// Keep what was claimed before the gate was there.
    fn adopt_claims(&mut self, claims: Vec<Claim>) {
        for claim in claims {
            let mut links = self.links.iter_mut();
            if let Some(link) = links.find(|link| link.claim.name == claim.name) {
                link.claim = claim;
            }
        }
    }

    fn note_takeover(&mut self, who: &str, why: &str, last: u64) {
        let proof = if who == "standby" {
            Proof::Gate
        } else {
            Proof::None
        };
        let command = Command {
            time_ns: self.now.market_ns,
            verb: width::text("promote"),
            who: width::text(who),
            why: width::text(why),
            proof: proof.number(),
            ..Command::default()
        };
        self.input(&Input::Command(command));
        let unknown = self.engine.unacknowledged();
        let fields = json!({ "who": who, "why": why, "behind": last, "unacknowledged": unknown });
        self.note("warning", "standby has taken over", fields);
    }
}
