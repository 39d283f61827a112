//! The calm end of a day: nothing goes wrong any more, and everything must come right.

use panshi_gate::replay::replay_fresh;
use panshi_journal::verify;

use crate::day::{self, SECURITIES};
use crate::order_system::Stage;
use crate::plan::{Begin, OrderAct};
use crate::queue::{Event, SECOND};
use crate::trace::Detail;
use crate::witness::Books;
use crate::world::World;

/// What is done in the calm, and when (seconds).
const STEPS: [(u64, Step); 6] = [
    (day::CALM_NS / SECOND, Step::Calm),
    (92, Step::Audit),
    (94, Step::Probe),
    (day::SETTLED_NS / SECOND, Step::Settled),
    (day::CLOSE_NS / SECOND, Step::Close),
    (109, Step::Stop),
];

/// A step of the calm end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is still to go wrong does not any more.
    Calm,
    /// Every order system reads its streams from the first report.
    Audit,
    /// Every order system sends an order.
    Probe,
    /// Everybody must be connected, everything answered.
    Settled,
    /// The books are compared, and the day is closed.
    Close,
    /// The gate is stopped.
    Stop,
}

impl World {
    /// Put the steps of the end into the queue.
    pub fn plan_the_end(&mut self) {
        for (second, step) in STEPS {
            self.queue.at(second * SECOND, Event::Ending(step));
        }
        self.queue.at(day::END_NS, Event::End);
    }

    /// Do a step of the end.
    pub fn ending(&mut self, step: Step) {
        let now = self.queue.now();
        self.say(Detail::Full, || format!("{step:?}"));
        match step {
            Step::Calm => {
                self.gate.crash = None;
                self.disk.heal();
                self.let_everybody_in();
            }
            Step::Audit => {
                for client in 0..self.clients.len() {
                    let _ = self.clients[client].resync(Begin::First, now);
                    self.client_writes(client);
                }
            }
            Step::Probe => {
                for client in 0..self.clients.len() {
                    let _ = self.clients[client].order(&probe(client), now);
                    self.client_writes(client);
                }
            }
            Step::Settled => self.judge_settled(),
            Step::Close => self.judge_books(),
            Step::Stop => {
                if let Some(gate) = self.gate.now(now) {
                    gate.stop();
                    self.finish_gate_turn(None);
                }
            }
        }
    }

    /// Another person takes back what keeps clients out, as soon as there is a gate: it stands by the journal too.
    fn let_everybody_in(&mut self) {
        if self.gate.gate.is_none() {
            let soon = self.queue.now() + SECOND / 10;
            self.queue.at(soon, Event::Ending(Step::Calm));
            return;
        }
        for client in self.gate.isolated() {
            self.command(&format!(
                r#"{{"verb":"set-state","scope":"client","id":{client},"state":"normal",
                    "who":"auditor","why":"the day ends"}}"#
            ));
        }
    }

    fn judge_settled(&mut self) {
        if self.gate.gate.is_none() {
            self.witness
                .broke("the gate runs in the end", "it does not".to_owned());
            return;
        }
        for client in &self.clients {
            let number = client.row.number;
            if client.stage != Stage::Up {
                let text = format!("client {number} is {:?}", client.stage);
                self.witness
                    .broke("everybody is connected in the end", text);
            } else if let Some(probe) = client.sent.last()
                && !client.answered.contains(&probe.cl_ord_id)
            {
                let text = format!(
                    "client {number}, id {}",
                    String::from_utf8_lossy(&probe.cl_ord_id)
                );
                self.witness.broke("an order is answered", text);
            }
        }
        for (place, row) in self.gateways.iter().enumerate() {
            let connected = self
                .session_gateways
                .iter()
                .any(|(session, gateway)| *gateway == place && self.sessions.contains_key(session));
            if !connected {
                let text = format!("gateway {}", row.number);
                self.witness
                    .broke("everybody is connected in the end", text);
            }
        }
        let found = self.witness.arrivals.complete(&self.witness.ledger);
        self.witness.broken.extend(found);
    }

    fn judge_books(&mut self) {
        let Some(gate) = &self.gate.gate else { return };
        let ledger = &self.witness.ledger;
        let departures = &self.witness.departures;
        let sent = &departures.sent;
        let pbu_of = |market: u8, id: [u8; 10]| {
            let mut named = sent.iter().filter(|key| key.0 == market && key.2 == id);
            named.next().map(|key| key.1)
        };
        let books = Books::of(self.venue.streams(), pbu_of);
        let mut found = books.compare(gate.engine(), ledger, departures);
        let clients = &self.clients;
        let owner_of = |id: &[u8; 10]| {
            let mut rows = clients.iter().map(|client| &client.row);
            let owner = rows.find(|row| id.starts_with(row.prefix.as_bytes()));
            owner.map(|row| row.number)
        };
        // What is told between here and the last audit is compared as far as it has come.
        let arrivals = &self.witness.arrivals;
        found.extend(arrivals.compare(&books, ledger, departures, owner_of));
        self.witness.broken.extend(found);
        let close = r#"{"verb":"day-close","who":"operator","why":"end of day"}"#;
        self.command(close);
    }

    /// Judge what the run left behind, its gate stopped.
    pub fn judge_the_end(&mut self) {
        if self.gate.gate.is_some() {
            self.witness
                .broke("the gate stops when it is told to", "it runs".to_owned());
            return;
        }
        let directory = self.folder.join("journal");
        let capacity = self.gate.capacity();
        match replay_fresh(&directory, &capacity) {
            Err(reason) => self.witness.broke("the journal can be replayed", reason),
            Ok(replayed) => {
                let live = self.gate.last_hash;
                if replayed.state_hash != live || replayed.difference.is_some() {
                    let text = format!("live {live:016x}, replayed {replayed:?}");
                    self.witness.broke("a replay gives the live state", text);
                }
            }
        }
        match verify(&directory) {
            Err(error) => self
                .witness
                .broke("the journal can be verified", error.to_string()),
            Ok(report) => {
                if let Some(finding) = report.findings.first() {
                    let text = finding.to_string();
                    self.witness.broke("the journal can be verified", text);
                }
            }
        }
    }
}

/// An order that stands in nobody's way.
fn probe(client: usize) -> OrderAct {
    OrderAct {
        client,
        pbu: 0,
        customer: 3,
        security: client % SECURITIES,
        buy: true,
        ticks: -50,
        qty: 100,
    }
}
