//! How sessions end: goodbyes said, answered and waited for; the end of the gate itself.
//!
//! Source: SSE IS122 v0.57, 3.1.2; SZSE Binary v1.32, 2.2.3: either side says goodbye, the peer answers, and who began
//! closes.

use panshi_wire::sse;
use panshi_wire::szse;
use serde_json::json;

use crate::buffer::Inbox;
use crate::conn::{Ending, PATIENCE_NS, Role, SECOND_NS};
use crate::convert::SSE;
use crate::exchange::Phase;
use crate::gate::{Gate, Wish};

/// Message types of a goodbye.
const SSE_LOGOUT: u32 = 41;
const SZSE_LOGOUT: u32 = 2;

impl Gate {
    /// Bytes from a peer that was told to leave: only its own goodbye counts, and ends the waiting.
    pub(crate) fn leaving_bytes(&mut self, id: usize, role: Role, inbox: &mut Inbox) {
        let market = self.market_of(role);
        loop {
            let found = if market == SSE {
                sse::frame(inbox.data())
                    .map(|frame| frame.map(|frame| (frame.msg_type, frame.total_len)))
            } else {
                let limit = self.config.bounds.message_bytes;
                szse::frame_within(inbox.data(), limit)
                    .map(|frame| frame.map(|frame| (frame.msg_type, frame.total_len)))
            };
            match found {
                Ok(Some((SSE_LOGOUT, _))) if market == SSE => self.end_now(id),
                Ok(Some((SZSE_LOGOUT, _))) if market != SSE => self.end_now(id),
                Ok(Some((_, bytes))) => {
                    inbox.take(bytes);
                    continue;
                }
                Ok(None) => return,
                Err(_) => {}
            }
            inbox.clear();
            return;
        }
    }

    pub(crate) fn market_of(&self, role: Role) -> u8 {
        match role {
            Role::Client { port, .. } => self.config.listen[port].market,
            Role::Link(link) => self.links[link].config.market,
        }
    }

    /// Queue a goodbye with a code of Shanghai's list; Shenzhen has one status for most of them.
    pub(crate) fn say_goodbye(&mut self, id: usize, market: u8, code: u32) {
        if market == SSE {
            self.sse_goodbye(id, code);
            return;
        }
        let (status, text) = match code {
            sse::code::NORMAL => (szse::code::SESSION_LOGOUT_COMPLETE, "logout complete"),
            sse::code::LOGIN_TIMEOUT => (szse::code::SESSION_OTHER, "logon timeout"),
            sse::code::HEARTBEAT_TIMEOUT => (szse::code::SESSION_OTHER, "heartbeat timeout"),
            sse::code::NOT_READY => (szse::code::SESSION_NOT_NOW, "not ready"),
            _ => (szse::code::SESSION_OTHER, "internal error"),
        };
        self.szse_goodbye(id, status, text);
    }

    /// End a session with a gateway code; the client closes, or the gate after five seconds.
    pub(crate) fn client_logout(&mut self, id: usize, market: u8, code: u32) {
        self.say_goodbye(id, market, code);
        self.end_soon(id);
    }

    /// Let the peer read what is queued, then close.
    pub(crate) fn end_soon(&mut self, id: usize) {
        let until = self.now.mono_ns + PATIENCE_NS;
        if let Some(conn) = self.conn(id)
            && conn.is_live()
        {
            conn.ending = Ending::Soon(until);
        }
        self.touch(id);
    }

    /// Close a connection; what is queued goes as far as the kernel takes it.
    pub(crate) fn end_now(&mut self, id: usize) {
        if let Some(conn) = self.conn(id) {
            conn.ending = Ending::Now;
            self.wishes.push(Wish::Drop(id));
        }
    }

    /// Stop in order: no new connections, every session gets its goodbye.
    pub fn stop(&mut self) {
        if self.stopping {
            return;
        }
        self.stopping = true;
        self.note("info", "gate stops in order", json!({}));
        self.close_everything(sse::code::NORMAL);
    }

    /// Whether nothing is left to be said.
    #[must_use]
    pub fn is_done(&self) -> bool {
        (self.stopping || self.failure.is_some()) && self.conns.iter().all(Option::is_none)
    }

    /// End the gate because it cannot do its work any more.
    ///
    /// Toward the exchange nothing leaves from here on. Clients are told, but no report that the disk may not have.
    pub(crate) fn fail(&mut self, reason: String) {
        if self.failure.is_some() {
            return;
        }
        self.note("error", "gate stops", json!({ "reason": reason }));
        self.failure = Some(reason);
        for conn in self.conns.iter_mut().flatten() {
            match conn.role {
                Role::Link(_) => conn.outbox.clear(),
                Role::Client { .. } => conn.outbox.drop_held(),
            }
        }
        self.close_everything(sse::code::INTERNAL);
    }

    /// No order follows a goodbye, and no session begins any more.
    fn end_links(&mut self) {
        let until = self.now.mono_ns + SECOND_NS;
        for link in 0..self.links.len() {
            match self.links[link].phase {
                Phase::Up => self.links[link].phase = Phase::Leaving(until),
                Phase::Connecting(_) => {
                    self.wishes.push(Wish::GiveUp(link));
                    self.links[link].phase = Phase::Down(u64::MAX);
                }
                _ => {}
            }
        }
    }

    fn close_everything(&mut self, code: u32) {
        self.end_links();
        for id in 0..self.conns.len() {
            let Some(conn) = self.conns.get(id).and_then(Option::as_ref) else {
                continue;
            };
            let (role, live) = (conn.role, conn.is_live());
            if matches!(role, Role::Link(_)) && self.failure.is_some() {
                self.end_now(id);
                continue;
            }
            if live {
                self.client_logout(id, self.market_of(role), code);
            }
            // Nobody is waited for longer than a second at the end.
            let until = self.now.mono_ns + SECOND_NS;
            if let Some(conn) = self.conn(id) {
                conn.ending = Ending::Soon(until);
            }
        }
    }
}
