//! What time brings: timers of the engine, heartbeats, deadlines, the durable mark, an ordered stop.

use panshi_engine::input::Input;
use panshi_engine::record::flow::Timer;
use serde_json::json;

use crate::conn::{Ending, Role, SECOND_NS};
use crate::gate::{Gate, Wish};

impl Gate {
    /// Let time pass; the shell calls it at least every `timer_ms`.
    pub fn tick(&mut self) {
        if let Some(trouble) = self.journal.0.trouble() {
            self.fail(format!("journal: {trouble}"));
        }
        if self.failure.is_none() {
            self.watch_room();
            self.watch_fullness();
            self.watch_together();
            self.heed();
            self.end_stops();
            self.tick_absences();
            self.tick_day_end();
            self.tick_marks();
            self.tick_engine();
            for link in 0..self.links.len() {
                self.tick_link(link);
            }
        }
        for id in 0..self.conns.len() {
            self.tick_conn(id);
        }
    }

    /// Say when the disk has no room for the next segment, and when it has again; the gate goes on until the current
    /// one is used up.
    fn watch_room(&mut self) {
        let ahead = self.journal.0.full_ahead();
        if ahead.is_some() == self.full_ahead.is_some() {
            return;
        }
        let room_bytes = self.journal.0.room();
        match &ahead {
            Some(reason) => {
                let fields = json!({ "reason": reason, "room_bytes": room_bytes });
                self.note(
                    "error",
                    "journal disk is full, the gate halts when the segment is",
                    fields,
                );
            }
            None => self.note("info", "journal disk has room again", json!({})),
        }
        self.full_ahead = ahead;
    }

    fn tick_engine(&mut self) {
        let interval = self.config.timer_ms.max(1) * 1_000_000;
        let now = self.now.mono_ns;
        let due = now >= self.next_tick_ns;
        let quiet = now.saturating_sub(self.last_timer_ns) >= SECOND_NS;
        if self.book.trade_date == 0 || self.book.closed || !due {
            return;
        }
        self.next_tick_ns = now + interval;
        let waits = self.book.awaits_time() || self.engine.unacknowledged() > 0;
        if waits || quiet {
            self.last_timer_ns = now;
            let time_ns = self.now.market_ns;
            self.input(&Input::Timer(Timer { time_ns }));
        }
    }

    fn tick_conn(&mut self, id: usize) {
        let now = self.now.mono_ns;
        let Some(conn) = self.conns.get(id).and_then(Option::as_ref) else {
            return;
        };
        if let Ending::Soon(until) = conn.ending
            && now >= until
        {
            self.wishes.push(Wish::Drop(id));
            return;
        }
        if let Role::Client { port, client } = conn.role {
            self.tick_client(id, port, client);
        }
    }

    /// More of the journal is durable: let what waited for it leave.
    pub fn journal_moved(&mut self) {
        let (told, durable) = (self.told_seq(), self.journal.0.durable_seq());
        for id in 0..self.conns.len() {
            let Some(Some(conn)) = self.conns.get_mut(id) else {
                continue;
            };
            if conn.outbox.is_holding() {
                let is_client = matches!(conn.role, Role::Client { .. });
                conn.outbox.release(if is_client { told } else { durable });
                if !conn.outbox.ready().is_empty() && !conn.dirty {
                    conn.dirty = true;
                    self.dirty.push(id);
                }
            }
        }
    }

    /// Ask for a sync when something waits for one.
    pub fn request_sync(&mut self) {
        let holding = self
            .conns
            .iter()
            .flatten()
            .any(|conn| conn.outbox.is_holding());
        if holding || self.answers_hold > self.journal.0.durable_seq() {
            self.journal.0.request_sync(self.journal.0.appended_seq());
        }
    }

    /// Whether there is something to send without being told of anything.
    #[must_use]
    pub fn has_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Connections whose outbox must be looked at.
    pub fn take_dirty(&mut self, into: &mut Vec<usize>) {
        into.clear();
        std::mem::swap(&mut self.dirty, into);
        for id in into.iter() {
            if let Some(Some(conn)) = self.conns.get_mut(*id) {
                conn.dirty = false;
            }
        }
    }
}
