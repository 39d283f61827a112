//! The end of each turn of the gate's loop, as the real one has it: what may leave leaves, what the
//! gate wishes for is done; and what must hold then.

use panshi_gate::conn::Ending;
use panshi_gate::gate::{Gate, Wish};

use crate::day::{self, CALM_NS};
use crate::net::{Closing, End};
use crate::queue::{Event, MS};
use crate::said::Said;
use crate::trace::Detail;
use crate::world::World;

/// Shortest and longest time of a sync when nothing is wrong with the disk.
const QUICK_SYNC_NS: (u64, u64) = (20_000, 5 * MS);

/// Turns that append until the live state is compared with the replayed one again.
const TURNS_PER_HASH: u64 = 64;

impl World {
    /// What the real loop does at the end of each of its turns.
    pub fn finish_gate_turn(&mut self, also: Option<usize>) {
        let Some(gate) = &mut self.gate.gate else {
            return;
        };
        let durable = gate.journal().durable_seq();
        gate.request_sync();
        if durable != self.gate.durable {
            self.gate.durable = durable;
            gate.journal_moved();
        }
        if self.crash_in_turn() {
            return;
        }
        self.look_at_gate();
        self.tell_answers();
        if let Some(conn) = also {
            self.gate_writes(conn);
        }
        let mut dirty = std::mem::take(&mut self.gate.dirty);
        for _ in 0..4 {
            let Some(gate) = &mut self.gate.gate else {
                break;
            };
            gate.take_dirty(&mut dirty);
            if dirty.is_empty() {
                break;
            }
            for conn in &dirty {
                self.gate_writes(*conn);
            }
        }
        self.gate.dirty = dirty;
        let wishes = self
            .gate
            .gate
            .as_mut()
            .map(Gate::take_wishes)
            .unwrap_or_default();
        for wish in wishes {
            match wish {
                Wish::Connect(link, address) => self.gate_connects(link, address),
                Wish::GiveUp(link) => *self.gate.attempts.entry(link).or_default() += 1,
                Wish::Drop(conn) => {
                    self.gate_writes(conn);
                    self.drop_conn(conn);
                }
            }
        }
        let Some(gate) = &self.gate.gate else { return };
        let done = gate.is_done();
        self.witness.turn_is_over();
        if done {
            self.gate_ended();
        } else {
            self.ask_for_sync();
        }
    }

    /// What must hold after every turn of the gate.
    fn look_at_gate(&mut self) {
        if self.trace.wants(Detail::Full) {
            for line in self.gate.log.take().lines() {
                self.say(Detail::Full, || format!("log {line}"));
            }
        }
        let before = self.witness.ledger.len();
        self.witness.read_journal();
        let records = self.witness.ledger.len();
        if records == before {
            return;
        }
        self.trace.mix(self.witness.ledger.hash_at(records));
        let Some(gate) = &self.gate.gate else { return };
        for text in gate.engine().broken_invariants() {
            self.witness.broke("the engine's books add up", text);
        }
        // A whole state takes long to hash; what a replay says is compared record by record.
        self.turns += 1;
        if self.turns % TURNS_PER_HASH == 1 {
            let differs = self.witness.ledger.shadow.compare(gate.engine());
            self.witness.broken.extend(differs);
        }
    }

    fn ask_for_sync(&mut self) {
        let Some(gate) = &mut self.gate.gate else {
            return;
        };
        let journal = gate.journal();
        if self.gate.sync_is_due || journal.appended_seq() == journal.durable_seq() {
            return;
        }
        self.gate.sync_is_due = true;
        let (low, high) = match self.queue.now() {
            now if now < CALM_NS => self.plan.setting.sync_ns,
            _ => QUICK_SYNC_NS,
        };
        let after = self.chance.from(low, high);
        let run = self.gate.run;
        self.queue.after(after, Event::Sync(run));
    }

    fn gate_connects(&mut self, link: usize, address: std::net::SocketAddr) {
        let gateway = self.gateways.iter().position(|row| {
            [false, true]
                .map(|backup| day::address(row.number, backup))
                .contains(&address)
        });
        let latency = self.net.latency(&mut self.chance);
        let run = self.gate.run;
        let attempts = self.gate.attempts.entry(link).or_default();
        *attempts += 1;
        let connects = Event::LinkConnects {
            link,
            run,
            attempt: *attempts,
            gateway,
        };
        self.queue.after(latency, connects);
    }

    pub(super) fn drop_conn(&mut self, conn: usize) {
        let Some(place) = self.gate.lines.get_mut(conn).and_then(Option::take) else {
            return;
        };
        self.net.close(place, Closing::Finish, &mut self.queue);
        if let Some(gate) = &mut self.gate.gate {
            gate.closed(conn);
        }
    }

    fn gate_writes(&mut self, conn: usize) {
        let Some(place) = self.gate.lines.get(conn).copied().flatten() else {
            return;
        };
        loop {
            let Some(open) = self.gate.gate.as_mut().and_then(|gate| gate.conn(conn)) else {
                return;
            };
            if open.outbox.ready().is_empty() {
                break;
            }
            if self.crash_in_write() {
                return;
            }
            let Some(open) = self.gate.gate.as_mut().and_then(|gate| gate.conn(conn)) else {
                return;
            };
            let ready = open.outbox.ready();
            match self.net.write(place, ready, &mut self.queue) {
                Some(0) => break,
                Some(count) => {
                    let bytes = ready[..count].to_vec();
                    open.outbox.wrote(count);
                    self.left(place, &bytes);
                }
                None => {
                    self.drop_conn(conn);
                    return;
                }
            }
        }
        let Some(gate) = &mut self.gate.gate else {
            return;
        };
        let gone = gate
            .conn(conn)
            .is_some_and(|open| open.ending == Ending::Now);
        gate.flushed(conn);
        if gone {
            self.drop_conn(conn);
        }
    }

    /// The network took bytes of the gate: let the witness judge the messages in them.
    fn left(&mut self, (line, end): (usize, usize), bytes: &[u8]) {
        if let Some(row) = self.client_of(line) {
            for heard in self.messages(row.market, (line, end), bytes) {
                if heard.said == Said::Logon {
                    self.one_session(row.number, line);
                }
                self.witness.left_for_client(&row, line, &heard);
            }
        } else if let Some(market) = self.market_of(line) {
            for heard in self.messages(market, (line, end), bytes) {
                self.say(Detail::Full, || format!("exchange is sent {heard:?}"));
                self.witness.left_for_exchange(&heard);
            }
        }
    }

    /// The gate has taken a logon on a line: no other session of the client may be there.
    fn one_session(&mut self, client: u16, line: usize) {
        let lines = self.logged_on.entry(client).or_default();
        lines.retain(|known| matches!(self.net.writer(*known, 1), Some(End::Gate(_))));
        lines.push(line);
        let found = lines.len();
        if found > 1 {
            let text = format!("client {client} has {found}");
            self.witness.broke("a client has one session", text);
        }
    }
}
