//! What the gate tells of itself when it is asked.

use panshi_engine::kind::Scope;
use panshi_wire::text::trim;
use serde_json::{Map, Value, json};

use crate::centre::Centre;
use crate::exchange::Link;
use crate::gate::Gate;

impl Gate {
    /// Everything a person or a monitor asks about.
    #[must_use]
    pub fn status(&self) -> Value {
        let counts = &self.book.counts;
        let (queued, unacknowledged) = (self.book.queued(), self.engine.unacknowledged());
        let refusals: Map<String, Value> = self
            .book
            .refusals
            .iter()
            .map(|(code, count)| (code.to_string(), (*count).into()))
            .collect();
        let gateways: Vec<Value> = self.links.iter().map(|link| self.link_row(link)).collect();
        let clients: Vec<Value> = self.client_rows().collect();
        let journal = &self.journal.0;
        let (records, told) = self.book.remembered();
        json!({
            "trade_date": self.book.trade_date, "market_ns": self.now.market_ns,
            "ns_of_day": self.ns_of_day(), "uptime_ns": self.now.mono_ns,
            "closed": self.book.closed, "stopping": self.stopping, "failure": self.failure(),
            "counts": {
                "orders": counts.orders, "cancels": counts.cancels, "forwarded": counts.forwarded,
                "forwarded_cancels": counts.forwarded_cancels, "refused": counts.refused,
                "reports": counts.reports, "delivered": counts.delivered,
                "warnings": counts.warnings, "anomalies": counts.anomalies,
                "recovered": counts.recovered,
            },
            "refused_by_code": refusals,
            "pending": { "queued": queued, "unacknowledged": unacknowledged },
            "latency": self.latency_rows(), "gateways": gateways, "clients": clients,
            "clients_online": self.book.online.iter().filter(|online| **online).count(),
            "connections": self.open_conns(), "door": self.door.rows(),
            "stops": self.stop_rows(), "mass_cancels": self.mass_cancel_rows(), "persons_proved": self.stops.persons.are_known(),
            "standbys": self.publisher.as_ref().map(|publisher| publisher.row(self.is_alone(), journal.appended_seq())),
            "restricted": self.engine.restricted().len(), "snapshots": self.marks.status(),
            "room": self.room_row(), "tables": self.fullness_rows(),
            "remembered": { "records": records, "told": told }, "clock": self.clock_row(), "log": self.log.row(),
            "journal": {
                "appended": journal.appended_seq(), "durable": journal.durable_seq(),
                "syncs": journal.syncs(), "durability": self.config.journal.durability.name(),
                "room_bytes": journal.room(), "full": self.full_ahead,
                "dir": journal.dir().display().to_string(),
            },
        })
    }

    fn latency_rows(&self) -> Map<String, Value> {
        let named = self.stamps.latencies.named().into_iter();
        let rows = named.map(|(name, histogram)| {
            let ns = |part| histogram.per_mille(part);
            let row = json!({
                "count": histogram.count(), "p50_ns": ns(500), "p99_ns": ns(990),
                "p99_9_ns": ns(999), "max_ns": ns(1000),
            });
            (name.to_owned(), row)
        });
        rows.collect()
    }

    fn backlog(&self, conn: Option<usize>) -> usize {
        let conn = conn.and_then(|id| self.conns.get(id)?.as_ref());
        conn.map_or(0, |conn| conn.outbox.backlog())
    }

    fn link_row(&self, link: &Link) -> Value {
        let number = link.config.number;
        let route = &link.route;
        json!({
            "gateway": number, "market": link.config.market, "platform": link.config.platform,
            "recovery": link.resync.stage.name(), "resent": link.resync.resends.sent.len(), "connected": link.ready_conn().is_some(), "session": link.phase.name(),
            "address": route.address().to_string(), "state": self.book.gateway(number).map_or(0, |row| row.1),
            "centre": route.centre.name(), "centre_since_ns": route.since_ns,
            "centre_why": route.why.name(), "centre_changes": route.changes,
            "claimed": link.claim.is_locked() && !link.claim.lacks_lease(self.now.boot_ns),
            "cut_off": route.cut_off_centre().map(Centre::name), "waits": link.claim.waits, "failures": route.failures(), "backlog_bytes": self.backlog(link.conn),
        })
    }

    fn client_rows(&self) -> impl Iterator<Item = Value> + '_ {
        self.book.clients.iter().flatten().map(|row| {
            let number = usize::from(row.client);
            let sessions = self.sessions.get(number).copied().unwrap_or_default();
            let comp_id = String::from_utf8_lossy(trim(&row.comp_id)).into_owned();
            let backlog: usize = sessions.into_iter().map(|conn| self.backlog(conn)).sum();
            json!({
                "client": row.client, "comp_id": comp_id, "market": row.market,
                "online": self.book.online.get(number).copied().unwrap_or(false),
                "sessions": sessions.into_iter().flatten().count(), "backlog_bytes": backlog,
            })
        })
    }

    /// Every scope whose trading state is not normal.
    #[must_use]
    pub fn states(&self) -> Value {
        let rows = self
            .engine
            .restricted()
            .into_iter()
            .map(|(scope, id, state)| {
                let (market, key) = match scope {
                    Scope::Account => self.engine.account_row(id).map_or((0, Vec::new()), |row| {
                        (row.market, trim(&row.account).to_vec())
                    }),
                    Scope::Security => {
                        self.engine.security_row(id).map_or((0, Vec::new()), |row| {
                            (row.market, trim(&row.code).to_vec())
                        })
                    }
                    _ => (0, Vec::new()),
                };
                let key = String::from_utf8_lossy(&key).into_owned();
                let id = if key.is_empty() { id } else { 0 };
                json!({
                    "scope": scope.name(), "id": id, "market": market, "key": key,
                    "state": state.name(),
                })
            });
        rows.collect()
    }

    /// Every limit in force.
    #[must_use]
    pub fn limits(&self) -> Value {
        let rows = self.engine.limits().map(|row| {
            json!({
                "scope": row.scope.name(), "id": row.id, "market": row.market,
                "metric": row.metric.name(), "warn": row.level.warn, "block": row.level.block,
            })
        });
        rows.collect()
    }
}
