//! What the plan says is done.

use crate::chance::Chance;
use crate::day;
use crate::net::{Closing, End};
use crate::order_system::OrderSystem;
use crate::plan::{Reload, What};
use crate::queue::MS;
use crate::said::Said;
use crate::trace::Detail;
use crate::world::{FarEnd, World};

impl World {
    /// Do an act of the plan.
    pub fn act(&mut self, at: usize) {
        let what = self.plan.acts[at].what.clone();
        self.trace.mix(at as u64);
        if let Some(client) = what.client() {
            if self.clients.get(client).is_some_and(OrderSystem::is_up) {
                self.note_act(&what);
                self.client_act(&what, client, at);
                self.client_writes(client);
            }
            return;
        }
        self.note_act(&what);
        match what {
            What::Crash(crash) => self.plan_crash(crash),
            What::SyncFails => self.disk.fail_next_sync(),
            What::DiskFull { ms } => self.fill_disk(ms),
            What::ClockStep { ms } => self.gate.wrong_by_ns = ms * i64::try_from(MS).unwrap_or(0),
            What::Command(line) => self.command(&line),
            What::Reload(reload) => self.reload(reload),
            _ => self.link_act(&what),
        }
    }

    fn note_act(&mut self, what: &What) {
        self.count(what.name());
        let detail = if what.is_flow() {
            Detail::Full
        } else {
            Detail::Compact
        };
        self.say(detail, || format!("act {what:?}"));
    }

    /// An act of an order system, or one that befalls it.
    fn client_act(&mut self, what: &What, client: usize, at: usize) {
        let now = self.queue.now();
        let row = &mut self.clients[client];
        let done = match what {
            What::Order(order) => row.order(order, now),
            What::Cancel { back, .. } => row.cancel(*back, now),
            What::Repeat { back, changed, .. } => row.repeat(*back, *changed, now),
            What::Garbage { kind, .. } => {
                let mut chance = Chance::branch(self.plan.seed, "garbage", at as u64);
                row.garbage(*kind, &mut chance, now)
            }
            What::Resync { from, .. } => row.resync(*from, now),
            What::Leave { .. } => row.leave(now),
            What::ClientCut { how, .. } => {
                self.client_drops(client, *how);
                Ok(())
            }
            What::ClientStall { ms, .. } => {
                self.stall_client(client, now + ms * MS);
                Ok(())
            }
            What::ClientFreeze { ms, .. } => {
                row.frozen_until_ns = now + ms * MS;
                self.stall_client(client, now + ms * MS);
                Ok(())
            }
            _ => {
                self.second_login(client);
                Ok(())
            }
        };
        if let Err(error) = done {
            self.say(Detail::Full, || format!("client {client}: {error}"));
        }
    }

    fn stall_client(&mut self, client: usize, until_ns: u64) {
        if let Some(line) = self.clients[client].line {
            self.net.stall(line, 1, until_ns);
        }
    }

    /// Somebody else connects under the id of an order system.
    fn second_login(&mut self, client: usize) {
        let now = self.queue.now();
        let row = self.clients[client].row.clone();
        let Some(conn) = self.gate.accept(&row, now) else {
            return;
        };
        let place = self.intruders.len();
        let mut intruder = OrderSystem::new(row.clone(), now);
        let line = self.connect([End::Intruder(place), End::Gate(conn)], FarEnd::Client(row));
        self.gate.keep(conn, (line, 1));
        if intruder.connected(line, now).is_ok() {
            let logon = std::mem::take(&mut intruder.outbox);
            let _ = self.net.write((line, 0), &logon, &mut self.queue);
        }
        self.intruders.push(intruder);
    }

    /// Whoever logged on a second time leaves as soon as it has an answer.
    pub fn intruder_reads(&mut self, place: usize, line: usize, bytes: &[u8]) {
        let now = self.queue.now();
        for heard in self.intruders[place]
            .received(bytes, now)
            .unwrap_or_default()
        {
            match heard.said {
                Said::Logout(_) => self.count("second logon turned away"),
                Said::Logon => self.count("second logon taken"),
                _ => continue,
            }
            self.net.close((line, 0), Closing::Finish, &mut self.queue);
        }
    }

    fn link_act(&mut self, what: &What) {
        let now = self.queue.now();
        match *what {
            What::LinkCut { gateway, how } => {
                for (session, line) in self.lines_of_gateway(gateway) {
                    if how == Closing::Silent {
                        self.net.darken(line);
                    } else {
                        self.net.close((line, 1), how, &mut self.queue);
                        self.sessions.remove(&session);
                        self.venue.on_disconnect(session);
                    }
                }
            }
            What::LinkStall { gateway, ms } => {
                for (_, line) in self.lines_of_gateway(gateway) {
                    self.net.stall(line, 0, now + ms * MS);
                }
            }
            What::Unreachable { gateway, ms } => {
                if let Some(until_ns) = self.unreachable_until_ns.get_mut(gateway) {
                    *until_ns = now + ms * MS;
                }
            }
            _ => {}
        }
    }

    /// Sessions of a gateway with their lines.
    fn lines_of_gateway(&self, gateway: usize) -> Vec<(usize, usize)> {
        let of_gateway = |session: &usize| self.session_gateways.get(session) == Some(&gateway);
        let lines = self
            .sessions
            .iter()
            .filter(|(session, _)| of_gateway(session));
        lines.map(|(session, line)| (*session, *line)).collect()
    }

    fn reload(&mut self, reload: Reload) {
        let path = self.folder.join("reload.bin");
        let bytes = match reload {
            Reload::Missing => None,
            Reload::Broken => Some(vec![1, 2, 3]),
            _ => Some(day::reload_bytes(reload)),
        };
        let _ = std::fs::remove_file(&path);
        if let Some(bytes) = bytes
            && std::fs::write(&path, bytes).is_err()
        {
            return;
        }
        let line = serde_json::json!({
            "verb": "reload", "who": "operator", "why": "simulated", "path": path,
        });
        self.command(&line.to_string());
    }
}
