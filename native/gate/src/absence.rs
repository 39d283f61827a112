//! Order systems that are away: their open orders are cancelled after a time of grace.

use panshi_engine::input::Input;
use panshi_engine::kind::{Proof, Scope};
use panshi_engine::record::flow::Command;
use serde::Deserialize;
use serde_json::json;

use crate::convert::width;
use crate::gate::Gate;
use crate::target::Target;

/// An order system whose open orders are cancelled when no session of it is left.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelOnDisconnect {
    /// 1 Shanghai, 2 Shenzhen.
    pub market: u8,
    /// The `SenderCompID` of its logon.
    pub comp_id: String,
    /// Milliseconds that it may be away.
    pub grace_ms: u64,
}

/// One order system whose orders do not outlive its sessions.
#[derive(Debug)]
pub struct Absence {
    config: CancelOnDisconnect,
    /// Since when it has no session; none: it has one.
    since_ns: Option<u64>,
    /// Whether its orders were cancelled since then.
    done: bool,
}

impl Absence {
    /// An order system that has no session yet.
    #[must_use]
    pub fn new(config: &CancelOnDisconnect) -> Self {
        Self {
            config: config.clone(),
            since_ns: None,
            done: false,
        }
    }

    /// Whether its orders are to be cancelled now.
    fn is_due(&mut self, has_session: bool, now_ns: u64) -> bool {
        if has_session {
            (self.since_ns, self.done) = (None, false);
            return false;
        }
        let since = *self.since_ns.get_or_insert(now_ns);
        let grace_ns = self.config.grace_ms.saturating_mul(1_000_000);
        !std::mem::replace(&mut self.done, now_ns.saturating_sub(since) >= grace_ns) && self.done
    }
}

impl Gate {
    /// Cancel the orders of those who have been away for too long.
    pub(crate) fn tick_absences(&mut self) {
        if self.absences.is_empty()
            || self.stopping
            || self.book.trade_date == 0
            || self.book.closed
        {
            return;
        }
        let mut absences = std::mem::take(&mut self.absences);
        for absence in &mut absences {
            let comp_id = absence.config.comp_id.as_bytes();
            let row = self.book.client_by_comp_id(absence.config.market, comp_id);
            let Some(client) = row.map(|row| row.client) else {
                continue;
            };
            let has_session = (0..3).any(|platform| self.has_session(client, platform));
            if absence.is_due(has_session, self.now.mono_ns) && self.book.counts.orders > 0 {
                self.cancel_absent(client, absence.config.grace_ms);
            }
        }
        self.absences = absences;
    }

    /// A gateway takes cancels again: what could not be cancelled of those who are away is tried again.
    pub(crate) fn cancel_absent_again(&mut self) {
        for absence in &mut self.absences {
            absence.done = false;
        }
    }

    fn cancel_absent(&mut self, client: u16, grace_ms: u64) {
        let target = Target {
            scope: Scope::Client,
            id: client.into(),
            market: 0,
            key: [b' '; 16],
        };
        let cancel = match self.cancel_all(&target) {
            Ok(cancel) => cancel,
            Err(reason) => {
                self.note("error", "mass cancel failed", json!({ "reason": reason }));
                return;
            }
        };
        let why = format!("client {client} has had no session for {grace_ms} ms");
        let command = Command {
            time_ns: self.now.market_ns,
            verb: width::text("cancel-on-disconnect"),
            who: width::text("panshi"),
            why: width::text(&why),
            stop: 0,
            proof: Proof::Gate.number(),
            ..Command::default()
        };
        let fields = json!({ "client": client, "grace_ms": grace_ms });
        self.note("warning", "cancel on disconnect", fields);
        if self.input(&Input::Command(command)).is_some() {
            self.input(&Input::CancelAll(cancel));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Absence, CancelOnDisconnect};

    #[test]
    fn an_absence_is_acted_on_once_after_its_grace() {
        const MS: u64 = 1_000_000;
        let config = CancelOnDisconnect {
            market: 1,
            comp_id: "OMS".to_owned(),
            grace_ms: 5,
        };
        let mut absence = Absence::new(&config);
        for (session, ms, due) in [
            (false, 10, false),
            (false, 14, false),
            (false, 15, true),
            (false, 16, false),
            (true, 17, false),
            (false, 18, false),
            (false, 23, true),
        ] {
            assert_eq!(absence.is_due(session, ms * MS), due, "{ms} ms");
        }
    }
}
