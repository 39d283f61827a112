//! The life of a link: attempts, the session's end, the way to the other data centre.

use panshi_wire::sse;
use panshi_wire::szse;
use serde_json::json;

use crate::centre::{Cause, Centre};
use crate::conn::{PATIENCE_NS, SECOND_NS};
use crate::convert::SSE;
use crate::exchange::Phase;
use crate::gate::{Gate, Wish};
use crate::own::CentreChange;

impl Gate {
    /// A link could not be connected.
    pub fn link_failed(&mut self, link: usize, reason: &str) {
        self.link_gone(link, Cause::Connect, reason);
    }

    /// A link's connection is closed.
    pub(crate) fn link_closed(&mut self, link: usize) {
        let cause = self.links[link].ending.unwrap_or(Cause::Loss);
        self.link_gone(link, cause, "connection closed");
    }

    /// A link has no connection: tell the engine, and try again later, here or in the other centre.
    pub(crate) fn link_gone(&mut self, link: usize, cause: Cause, reason: &str) {
        let (now, wall_ns) = (self.now.mono_ns, self.now.wall_ns);
        let row = &mut self.links[link];
        let failures = row.route.failures() + 1;
        let commanded = matches!(cause, Cause::Command | Cause::Claim | Cause::Gap);
        let (wait_ns, left) = if commanded {
            (0, None)
        } else {
            let next = row.route.failed(cause, now, wall_ns);
            (next.wait_ns, next.left)
        };
        row.phase = Phase::Down(now + wait_ns);
        (row.conn, row.ending) = (None, None);
        row.resync.lost();
        let number = row.config.number;
        let fields = json!({
            "gateway": number, "reason": reason, "cause": cause.name(),
            "next": row.route.address().to_string(), "wait_ms": wait_ns / 1_000_000,
        });
        let level = if self.stopping || commanded {
            "info"
        } else {
            "warning"
        };
        self.note(level, "exchange gateway lost", fields);
        self.tell_gateway_state(link, 0);
        if let Some(from) = left {
            self.centre_changed(link, from, failures);
        }
    }

    /// Journal and tell that a link goes to another centre.
    fn centre_changed(&mut self, link: usize, from: Centre, failures: u32) {
        let row = &self.links[link];
        let (config, route) = (&row.config, &row.route);
        let change = CentreChange {
            time_ns: self.now.market_ns,
            gateway: config.number,
            platform: config.platform,
            failures,
            market: config.market,
            from: from.number(),
            to: route.centre.number(),
            cause: route.why.number(),
            spare: 0,
        };
        let fields = json!({
            "gateway": config.number, "from": from.name(), "to": route.centre.name(),
            "cause": route.why.name(), "address": route.address().to_string(),
        });
        self.append_own(&change);
        self.note("warning", "data centre changed", fields);
    }

    /// Check that a gateway can be led to a centre.
    ///
    /// # Errors
    /// When there is no such gateway, or it has no address there.
    pub(crate) fn require_reachable(&self, number: u16, to: Centre) -> Result<(), String> {
        let mut links = self
            .links
            .iter()
            .filter(|link| link.config.number == number)
            .peekable();
        if links.peek().is_none() {
            return Err(format!(
                "gateway: must be the number of a configured gateway, found {number}"
            ));
        }
        if links.all(|link| link.route.reaches(to)) {
            return Ok(());
        }
        let name = to.name();
        Err(format!(
            "centre: gateway {number} must have an address in the {name} centre, found none"
        ))
    }

    /// Lead a gateway to a centre because a person said so; the sessions elsewhere are ended in order.
    ///
    /// Returns whether anything had to change.
    pub(crate) fn switch_gateway(&mut self, number: u16, to: Centre) -> bool {
        let mut changed = false;
        for link in 0..self.links.len() {
            if self.links[link].config.number == number {
                changed |= self.switch_link(link, to);
            }
        }
        changed
    }

    fn switch_link(&mut self, link: usize, to: Centre) -> bool {
        let wall_ns = self.now.wall_ns;
        let row = &mut self.links[link];
        let from = row.route.centre;
        if from == to {
            return false;
        }
        let failures = row.route.failures();
        row.route.go(to, Cause::Command, wall_ns);
        row.ending = Some(Cause::Command);
        let (phase, conn) = (row.phase, row.conn);
        self.centre_changed(link, from, failures);
        match (phase, conn) {
            (Phase::Up, Some(id)) => self.leave_link(id, link, Cause::Command),
            (Phase::Leaving(_), _) => {}
            (_, Some(id)) => self.end_now(id),
            (_, None) => {
                self.wishes.push(Wish::GiveUp(link));
                self.link_gone(link, Cause::Command, "sent to the other centre");
            }
        }
        true
    }

    /// End a link's session in order: orders are refused from here on, and what was sent is reported until the goodbye
    /// is answered.
    pub(crate) fn leave_link(&mut self, id: usize, link: usize, cause: Cause) {
        let until = self.now.mono_ns + PATIENCE_NS;
        let row = &mut self.links[link];
        row.ending = Some(cause);
        row.phase = Phase::Leaving(until);
        let market = row.config.market;
        self.tell_gateway_state(link, 0);
        self.say_goodbye(id, market, sse::code::NORMAL);
    }

    /// The gateway said goodbye: a session answers before it closes, a refused logon just closes.
    pub(crate) fn link_logout(&mut self, id: usize, link: usize, status: i64, text: &[u8]) {
        let row = &mut self.links[link];
        let (number, market, phase) = (row.config.number, row.config.market, row.phase);
        let not_ready = if market == SSE {
            status == i64::from(sse::code::NOT_READY)
        } else {
            status == i64::from(szse::code::SESSION_NOT_NOW)
        };
        let cause = match phase {
            Phase::Leaving(_) => row.ending.unwrap_or(Cause::Command),
            _ if not_ready => Cause::NotReady,
            Phase::LoggingOn(_) => Cause::Refused,
            _ => Cause::Loss,
        };
        row.ending = Some(cause);
        let text = String::from_utf8_lossy(panshi_wire::text::trim(text)).into_owned();
        let fields = json!({ "gateway": number, "status": status, "text": text });
        self.note("warning", "exchange gateway logged out", fields);
        if phase == Phase::Up {
            self.say_goodbye(id, market, sse::code::NORMAL);
        }
        self.end_now(id);
    }

    /// Attempts, heartbeats and silences of one link.
    pub(crate) fn tick_link(&mut self, link: usize) {
        let (now, wall_ns) = (self.now.mono_ns, self.now.wall_ns);
        let row = &mut self.links[link];
        match row.phase {
            Phase::Down(at) if now >= at && !self.stopping => {
                if row.route.is_cut_off() {
                    self.link_gone(link, Cause::Drill, "cut off by a drill");
                    return;
                }
                if !self.is_claimed(link) {
                    self.wait_for_claim(link);
                    return;
                }
                let row = &mut self.links[link];
                row.phase = Phase::Connecting(now);
                row.route.begun(wall_ns);
                let address = row.route.address();
                self.wishes.push(Wish::Connect(link, address));
            }
            Phase::Connecting(since) if now > since + row.route.connect_timeout_ns() => {
                self.wishes.push(Wish::GiveUp(link));
                self.link_gone(link, Cause::Connect, "no connection in time");
            }
            Phase::LoggingOn(since) if now > since + PATIENCE_NS => {
                if let Some(id) = row.conn {
                    let reason = "no answer to the logon within 5 s";
                    self.link_broken(id, link, Cause::Connect, reason);
                }
            }
            Phase::Leaving(until) if now >= until => {
                if let Some(id) = row.conn {
                    self.end_now(id);
                }
            }
            Phase::Up => {
                self.tick_live_link(link);
                self.tick_resync(link);
            }
            _ => {}
        }
    }

    fn tick_live_link(&mut self, link: usize) {
        let now = self.now.mono_ns;
        let market = self.links[link].config.market;
        let Some(id) = self.links[link].conn else {
            return;
        };
        let Some(conn) = self.conn(id) else { return };
        let (silent, idle, beat) = (now - conn.heard_ns, now - conn.spoke_ns, conn.heartbeat_ns);
        let most = 2 * beat + SECOND_NS / 10;
        if silent > most {
            // Rounded up, so that what was found is above the limit also when it is so by less than a millisecond.
            let ms = |ns: u64| u32::try_from(ns.div_ceil(1_000_000)).unwrap_or(u32::MAX);
            self.links[link].silence = (ms(silent), ms(most));
            let reason = "nothing heard for two heartbeat intervals";
            self.link_broken(id, link, Cause::Heartbeat, reason);
        } else if !self.leaves_unwelcome(id, link) && idle >= beat {
            self.heartbeat(id, market);
        }
    }
}
