//! What time brings: timers of the engine, heartbeats, deadlines, the durable mark, an ordered stop.

use panshi_engine::input::Input;
use panshi_engine::record::flow::Timer;

use crate::conn::{Ending, Role, SECOND_NS};
use crate::gate::{Gate, Wish};

impl Gate {
    /// Let time pass; the shell calls it at least every `timer_ms`.
    pub fn tick(&mut self) {
        if let Some(trouble) = self.journal.0.trouble() {
            self.fail(format!("journal: {trouble}"));
        }
        if self.failure.is_none() {
            self.tick_engine();
            for link in 0..self.links.len() {
                self.tick_link(link);
            }
        }
        for id in 0..self.conns.len() {
            self.tick_conn(id);
        }
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
        if self.book.awaits_time() || quiet {
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
        let durable = self.journal.0.durable_seq();
        for id in 0..self.conns.len() {
            let Some(Some(conn)) = self.conns.get_mut(id) else {
                continue;
            };
            if conn.outbox.is_holding() {
                conn.outbox.release(durable);
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
        if holding {
            self.journal.0.request_sync(self.journal.0.appended_seq());
        }
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
