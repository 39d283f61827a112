//! The numbers of the status as a Prometheus text page.

use std::fmt::Write as _;

use crate::gate::Gate;

impl Gate {
    /// The page.
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut page = String::with_capacity(4096);
        let counts = &self.book.counts;
        for (name, help, value) in [
            ("orders", "New orders received.", counts.orders),
            ("cancels", "Cancels received.", counts.cancels),
            ("forwarded", "Orders passed on.", counts.forwarded),
            ("refused", "Orders and cancels refused.", counts.refused),
            ("reports", "Reports received.", counts.reports),
            (
                "delivered",
                "Reports handed to client streams.",
                counts.delivered,
            ),
            ("warnings", "Warnings.", counts.warnings),
            (
                "anomalies",
                "Anomalies of the exchange's answers.",
                counts.anomalies,
            ),
        ] {
            let _ = writeln!(page, "# HELP panshi_gate_{name}_total {help}");
            let _ = writeln!(page, "# TYPE panshi_gate_{name}_total counter");
            let _ = writeln!(page, "panshi_gate_{name}_total {value}");
        }
        let _ = writeln!(page, "# HELP panshi_gate_refusals_total Refusals by code.");
        let _ = writeln!(page, "# TYPE panshi_gate_refusals_total counter");
        for (code, count) in &self.book.refusals {
            let _ = writeln!(
                page,
                "panshi_gate_refusals_total{{code=\"{code}\"}} {count}"
            );
        }
        self.latency_metrics(&mut page);
        self.door_metrics(&mut page);
        self.log_metrics(&mut page);
        self.gauge_metrics(&mut page);
        self.fullness_metrics(&mut page);
        page
    }

    fn latency_metrics(&self, page: &mut String) {
        let _ = writeln!(
            page,
            "# HELP panshi_gate_latency_ns Where the time of an order goes."
        );
        let _ = writeln!(page, "# TYPE panshi_gate_latency_ns summary");
        for (name, histogram) in self.stamps.latencies.named() {
            for (quantile, part) in [("0.5", 500), ("0.99", 990), ("0.999", 999)] {
                let value = histogram.per_mille(part);
                let _ = writeln!(
                    page,
                    "panshi_gate_latency_ns{{stage=\"{name}\",quantile=\"{quantile}\"}} {value}"
                );
            }
            let (sum, count) = (histogram.sum_ns(), histogram.count());
            let _ = writeln!(page, "panshi_gate_latency_ns_sum{{stage=\"{name}\"}} {sum}");
            let _ = writeln!(
                page,
                "panshi_gate_latency_ns_count{{stage=\"{name}\"}} {count}"
            );
        }
    }

    fn door_metrics(&self, page: &mut String) {
        let name = "panshi_gate_sent_away_total";
        let _ = writeln!(page, "# HELP {name} Connections of clients sent away.");
        let _ = writeln!(page, "# TYPE {name} counter");
        for (what, count) in self.door.totals() {
            let reason = what.name();
            let _ = writeln!(page, "{name}{{reason=\"{reason}\"}} {count}");
        }
    }

    fn log_metrics(&self, page: &mut String) {
        let (name, dropped) = ("panshi_gate_log_dropped_total", self.log.counts().1);
        let _ = writeln!(
            page,
            "# HELP {name} Lines of the log that were not written."
        );
        let _ = writeln!(page, "# TYPE {name} counter");
        let _ = writeln!(page, "{name} {dropped}");
    }

    fn gauge_metrics(&self, page: &mut String) {
        let (queued, unacknowledged) = (self.book.queued(), self.engine.unacknowledged());
        let journal = &self.journal.0;
        let lag = journal.appended_seq().saturating_sub(journal.durable_seq());
        for (name, help, value) in [
            (
                "queued",
                "Orders and cancels that wait for a window.",
                queued,
            ),
            (
                "unacknowledged",
                "Orders sent without an answer.",
                unacknowledged,
            ),
            ("connections", "Open connections.", self.open_conns() as u64),
            (
                "journal_records",
                "Records appended.",
                journal.appended_seq(),
            ),
            (
                "journal_undurable",
                "Records appended and not yet synced.",
                lag,
            ),
            (
                "snapshot_sequence",
                "Journal sequence of the last snapshot; 0: none since the start.",
                self.marks.snapshot_sequence(),
            ),
            (
                "snapshot_trouble",
                "1: the last snapshot was not written, or the follower has ended.",
                u64::from(self.marks.is_troubled()),
            ),
            (
                "journal_disk_free_bytes",
                "Free bytes of the journal's disk.",
                self.room.free_bytes.unwrap_or(0),
            ),
            (
                "clock_offset_ns",
                "Largest distance from an exchange's clock.",
                self.clock_offset_ns(),
            ),
            (
                "journal_full",
                "1: the disk has no room for the next segment.",
                u64::from(self.full_ahead.is_some()),
            ),
        ] {
            let _ = writeln!(page, "# HELP panshi_gate_{name} {help}");
            let _ = writeln!(page, "# TYPE panshi_gate_{name} gauge");
            let _ = writeln!(page, "panshi_gate_{name} {value}");
        }
        let _ = writeln!(
            page,
            "# HELP panshi_gate_gateway_state State of each exchange gateway."
        );
        let _ = writeln!(page, "# TYPE panshi_gate_gateway_state gauge");
        for link in &self.links {
            let number = link.config.number;
            let state = self.book.gateway(number).map_or(0, |row| row.1);
            let _ = writeln!(
                page,
                "panshi_gate_gateway_state{{gateway=\"{number}\"}} {state}"
            );
        }
    }
}
