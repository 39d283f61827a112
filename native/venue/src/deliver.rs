//! From the state machine to the sessions: messages, report streams, timers, and the faults that
//! strike them.

use panshi_wire::sse::{self, SseMessage};
use panshi_wire::szse::{self, SzseMessage};

use crate::cause::Market;
use crate::fault::{Action, Place};
use crate::session::Stage;
use crate::venue::{MS, SECOND, VenueCore, index, kind_of};

/// Room for one message.
const SCRATCH: usize = 4096;
/// Waiting bytes of a session up to which reports are added.
const HIGH_WATER: usize = 256 * 1024;

impl VenueCore {
    pub(crate) fn send_sse<M: SseMessage>(&mut self, id: usize, message: &M) {
        let mut bytes = [0; SCRATCH];
        if let Ok(len) = sse::encode(message, 0, &mut bytes) {
            self.send(id, &bytes[..len]);
        }
    }

    pub(crate) fn send_szse<M: SzseMessage>(&mut self, id: usize, message: &M) {
        let mut bytes = [0; SCRATCH];
        if let Ok(len) = szse::encode(message, &mut bytes) {
            self.send(id, &bytes[..len]);
        }
    }

    /// Send one whole message, with the faults that strike messages.
    pub(crate) fn send(&mut self, id: usize, message: &[u8]) {
        let now_ns = self.now.mono_ns;
        let ns_of_day = self.date_ns().1;
        let Some(session) = self.sessions.get_mut(id).and_then(Option::as_mut) else {
            return;
        };
        if self.script.is_empty() {
            session.put(message, now_ns);
            return;
        }
        if session.close {
            return;
        }
        let gateway = session.gateway;
        let place = Place::Message(kind_of(message));
        let struck = self.script.strike(place, gateway, ns_of_day);
        if let Some(Action::Drop) = struck {
            return;
        }
        if struck == Some(Action::Reorder) && session.held_back.is_none() {
            session.held_back = Some(message.to_vec());
            return;
        }
        if let Some(Action::Delay(ms)) = struck {
            session
                .delayed
                .push_back((now_ns + ms * MS, message.to_vec()));
            return;
        }
        if let Some((due_ns, _)) = session.delayed.back() {
            let due_ns = *due_ns;
            session.delayed.push_back((due_ns, message.to_vec()));
            return;
        }
        session.put(message, now_ns);
        match struck {
            Some(Action::Duplicate) => session.put(message, now_ns),
            Some(Action::BadChecksum) => session.spoil_last(),
            Some(Action::HalfMessage) => {
                session.shorten(message.len().div_ceil(2));
                session.close = true;
                return;
            }
            _ => {}
        }
        if let Some(held) = session.held_back.take() {
            session.put(&held, now_ns);
        }
        if let Some(action) = struck {
            self.apply(action, gateway);
        }
    }

    pub(crate) fn run_script(&mut self) {
        if self.script.is_empty() {
            return;
        }
        let ns_of_day = self.date_ns().1;
        for gateway in 0..self.gateways.len() {
            loop {
                let place = Place::Time(self.gateways[gateway].session.is_some());
                let Some(action) = self.script.strike(place, gateway, ns_of_day) else {
                    break;
                };
                self.apply(action, gateway);
            }
            self.end_flap(gateway);
        }
        let now_ns = self.now.mono_ns;
        for session in self.sessions.iter_mut().flatten() {
            while session
                .delayed
                .front()
                .is_some_and(|(due_ns, _)| *due_ns <= now_ns)
            {
                if let Some((_, message)) = session.delayed.pop_front() {
                    session.put(&message, now_ns);
                }
            }
        }
    }

    fn end_flap(&mut self, gateway: usize) {
        let over = self.gateways[gateway]
            .flap
            .is_some_and(|(_, until_ns)| until_ns <= self.now.mono_ns);
        if over {
            self.gateways[gateway].flap = None;
            self.state_changed(gateway);
        }
    }

    fn apply(&mut self, action: Action, at: usize) {
        let until = |ms: u64| self.now.mono_ns + ms * MS;
        let session = self.gateways[at].session;
        match action {
            Action::NotReady(ms) => {
                self.gateways[at].not_ready_ns = until(ms);
                if let Some(id) = session {
                    self.refuse_not_ready(id);
                }
            }
            Action::StateFlap { state, ms } => {
                self.gateways[at].flap = Some((state, until(ms)));
                self.state_changed(at);
            }
            Action::RejectBurst(count) => self.gateways[at].reject_burst += count,
            Action::Disconnect | Action::HalfOpen | Action::Slow(_) => {
                let Some(session) = session.and_then(|id| self.session_mut(id)) else {
                    return;
                };
                match action {
                    Action::HalfOpen => session.half_open = true,
                    Action::Slow(rate) => session.slow = Some(rate),
                    _ => session.close = true,
                }
            }
            _ => {}
        }
    }

    /// Report what the markets did and send what the sessions asked for.
    pub(crate) fn settle(&mut self) {
        for market in [Market::Sse, Market::Szse] {
            self.report_events(market);
            let now_ns = self.now.market_ns;
            self.quotes
                .collect(&mut self.markets[index(market)], now_ns);
        }
        for id in 0..self.sessions.len() {
            if self.sessions[id].is_some() {
                self.pump(id);
            }
        }
    }

    /// Move reports from streams to a session while it has room.
    pub(crate) fn pump(&mut self, id: usize) {
        let Some(session) = self.sessions.get_mut(id).and_then(Option::as_mut) else {
            return;
        };
        if session.stage != Stage::Active || session.subscriptions.is_empty() {
            return;
        }
        let mut subscriptions = core::mem::take(&mut session.subscriptions);
        let mut slow = false;
        for subscription in &mut subscriptions {
            let at = subscription.stream;
            while self
                .session(id)
                .is_some_and(|session| session.backlog() < HIGH_WATER && !session.close)
            {
                let Some(report) = self.streams[at].get(subscription.next) else {
                    break;
                };
                subscription.next += 1;
                if report.is_empty() {
                    continue;
                }
                if self.script.is_empty()
                    && let Some(session) = self.sessions[id].as_mut()
                {
                    session.put(report, self.now.mono_ns);
                    continue;
                }
                let report = report.to_vec();
                self.send(id, &report);
            }
            let behind = (self.streams[at].max() + 1).saturating_sub(subscription.next);
            subscription.live |= behind == 0;
            slow |= subscription.live && behind > self.config.slow_reader_reports;
            if behind == 0 {
                self.streams[at].forget();
            }
        }
        if let Some(session) = self.session_mut(id) {
            session.subscriptions = subscriptions;
        }
        if slow {
            self.abandon(id);
        }
    }

    /// Give up a session that does not read: what it did not take is dropped, its stream stays.
    fn abandon(&mut self, id: usize) {
        self.release(id);
        let now_ns = self.now.mono_ns;
        if let Some(session) = self.session_mut(id) {
            session.close = true;
            session.wrote(session.backlog(), now_ns);
        }
    }

    pub(crate) fn run_timers(&mut self) {
        let now_ns = self.now.mono_ns;
        for id in 0..self.sessions.len() {
            let Some(session) = &mut self.sessions[id] else {
                continue;
            };
            if session.half_open {
                // Nothing comes through; the gateway gives the session up and is free again.
                let silent_ns = now_ns.saturating_sub(session.received_ns);
                if silent_ns >= session.heartbeat_ns.saturating_mul(2) {
                    self.abandon(id);
                }
                continue;
            }
            if session.close_at_ns.is_some_and(|at_ns| at_ns <= now_ns) {
                session.close = true;
            }
            let silent_ns = now_ns.saturating_sub(session.received_ns);
            let interval = session.heartbeat_ns;
            match session.stage {
                Stage::Fresh if now_ns.saturating_sub(session.connected_ns) >= 5 * SECOND => {
                    self.login_timeout(id);
                }
                Stage::Active if silent_ns >= interval.saturating_mul(2) => {
                    self.heartbeat_timeout(id);
                }
                Stage::Active if now_ns.saturating_sub(session.sent_ns) >= interval => {
                    match session.market {
                        Market::Sse => self.send_sse(id, &sse::Heartbeat {}),
                        Market::Szse => self.send_szse(id, &szse::Heartbeat {}),
                    }
                }
                _ => {}
            }
        }
    }
}
