//! Who may come in, and what is remembered of those who were sent away.
//!
//! Everything here is bounded: so many sources are told apart, and so many lines are logged for each
//! in a minute, however many connections somebody makes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use panshi_wire::text::trim;
use serde_json::{Map, Value, json};

use crate::address::Range;
use crate::config::Config;
use crate::conn::{Conn, Role, SECOND_NS};
use crate::gate::Gate;

/// Sources that are told apart; what comes from others is counted together.
const SOURCES_MAX: usize = 1_024;
/// Sources in the status.
const SOURCES_SHOWN: usize = 20;
/// Lines of the log for one source in one minute; the rest of the minute is counted.
const LINES_MAX: u64 = 20;
const MINUTE_NS: u64 = 60 * SECOND_NS;
/// Stands for all sources beyond the number that is told apart.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

macro_rules! offences {
    ($($name:ident = $text:literal;)*) => {
        /// Why somebody was sent away.
        #[allow(clippy::doc_markdown, reason = "the texts are shown to people as they stand")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Offence { $(#[doc = $text] $name,)* }

        impl Offence {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in logs, status and metrics.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

offences! {
    AddressNotAllowed = "address not allowed";
    TooManyConnections = "too many connections";
    TooManyFromAddress = "too many connections from the address";
    WrongCompId = "wrong CompID";
    WrongAddressOfClient = "client may not log on from the address";
    WrongPassword = "wrong password";
    Isolated = "isolated by a stop";
    SecondLogin = "already logged in";
    LogonTimeout = "no logon in time";
    LogonMissing = "first message is no logon";
    Tls = "TLS handshake failed";
    BadMessage = "bad message";
    MessageTooLong = "message too long";
    Silent = "silent";
    SlowReader = "does not read";
}

/// An id from outside as it may stand in a log.
#[must_use]
pub fn shown(comp_id: &[u8]) -> String {
    String::from_utf8_lossy(trim(comp_id))
        .escape_debug()
        .to_string()
}

/// What is known of one source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source {
    /// Offences of the day.
    pub count: u64,
    /// The last of them, and when.
    pub last: Option<(Offence, u64)>,
    minute_ns: u64,
    lines: u64,
    left_out: u64,
}

/// Whether an offence gets a line, and how many before it got none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Offences of the source since the last line that were only counted.
    pub left_out: u64,
}

/// The door of the gate's ports.
#[derive(Debug)]
pub struct Door {
    allowed: Vec<Vec<Range>>,
    access: Vec<(u8, String, Vec<Range>)>,
    per_address: usize,
    open: BTreeMap<IpAddr, usize>,
    sources: BTreeMap<IpAddr, Source>,
    totals: BTreeMap<Offence, u64>,
}

impl Door {
    /// The door that a configuration describes.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let access = config.access.iter();
        Self {
            allowed: config
                .listen
                .iter()
                .map(|port| port.allow.clone())
                .collect(),
            access: access
                .map(|row| (row.market, row.comp_id.clone(), row.addresses.clone()))
                .collect(),
            per_address: config.bounds.connections_per_address,
            open: BTreeMap::new(),
            sources: BTreeMap::new(),
            totals: BTreeMap::new(),
        }
    }

    /// Let a connection in, or say why not.
    ///
    /// # Errors
    /// With the reason.
    pub fn enter(&mut self, port: usize, from: SocketAddr) -> Result<(), Offence> {
        let address = from.ip().to_canonical();
        let allowed = self.allowed.get(port).map_or(&[][..], Vec::as_slice);
        if !allowed.is_empty() && !allowed.iter().any(|range| range.holds(address)) {
            return Err(Offence::AddressNotAllowed);
        }
        let open = self.open.get(&address).copied().unwrap_or(0);
        if open >= self.per_address {
            return Err(Offence::TooManyFromAddress);
        }
        self.open.insert(address, open + 1);
        Ok(())
    }

    /// A connection that was let in is gone.
    pub fn leave(&mut self, from: SocketAddr) {
        let address = from.ip().to_canonical();
        if let Some(open) = self.open.get_mut(&address) {
            *open -= 1;
            if *open == 0 {
                self.open.remove(&address);
            }
        }
    }

    /// Whether a client may log on from an address; one without a row may from everywhere.
    #[must_use]
    pub fn may_log_on(&self, market: u8, comp_id: &[u8], from: SocketAddr) -> bool {
        let comp_id = trim(comp_id);
        let row = self
            .access
            .iter()
            .find(|row| row.0 == market && row.1.as_bytes() == comp_id);
        row.is_none_or(|row| row.2.iter().any(|range| range.holds(from.ip())))
    }

    /// Remember an offence; a line for the log, when it is to get one.
    pub fn remember(&mut self, from: SocketAddr, what: Offence, now_ns: u64) -> Option<Line> {
        *self.totals.entry(what).or_default() += 1;
        let mut address = from.ip().to_canonical();
        if self.sources.len() >= SOURCES_MAX && !self.sources.contains_key(&address) {
            address = OTHERS;
        }
        let source = self.sources.entry(address).or_default();
        source.count += 1;
        source.last = Some((what, now_ns));
        if now_ns.saturating_sub(source.minute_ns) >= MINUTE_NS || source.count == 1 {
            (source.minute_ns, source.lines) = (now_ns, 0);
        }
        if source.lines >= LINES_MAX {
            source.left_out += 1;
            return None;
        }
        source.lines += 1;
        Some(Line {
            left_out: std::mem::take(&mut source.left_out),
        })
    }

    /// Offences of the day by reason.
    pub fn totals(&self) -> impl Iterator<Item = (Offence, u64)> + '_ {
        let total = |what: &Offence| self.totals.get(what).copied().unwrap_or(0);
        Offence::ALL.iter().map(move |what| (*what, total(what)))
    }

    /// Offences of the day by reason, and the sources with most of them.
    #[must_use]
    pub fn rows(&self) -> Value {
        let offences: Map<String, Value> = self
            .totals()
            .filter(|row| row.1 > 0)
            .map(|(what, count)| (what.name().to_owned(), count.into()))
            .collect();
        let sources: Vec<Value> = self
            .worst(SOURCES_SHOWN)
            .into_iter()
            .map(|(address, row)| {
                let last = row.last.map(|last| last.0.name());
                json!({ "address": address.to_string(), "count": row.count, "last": last })
            })
            .collect();
        json!({ "offences": offences, "sources": sources })
    }

    /// The sources with most offences, the worst first.
    #[must_use]
    pub fn worst(&self, count: usize) -> Vec<(IpAddr, Source)> {
        let mut rows: Vec<(IpAddr, Source)> =
            self.sources.iter().map(|(at, row)| (*at, *row)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.1.count));
        rows.truncate(count);
        rows
    }
}

impl Gate {
    /// A client connected to a port; nothing when it is not let in.
    pub fn accepted(&mut self, port: usize, from: SocketAddr) -> Option<usize> {
        if self.failure.is_some() || self.stopping {
            return None;
        }
        let served = self.conns.iter().flatten();
        let clients = served.filter(|conn| matches!(conn.role, Role::Client { .. }));
        let entered = if clients.count() >= self.config.bounds.connections {
            Err(Offence::TooManyConnections)
        } else {
            self.door.enter(port, from)
        };
        if let Err(what) = entered {
            self.remember(from, port, what, "");
            return None;
        }
        let bytes = self.inbox_bytes();
        let backlog = self.config.bounds.client_backlog_bytes;
        let role = Role::Client { port, client: None };
        let mut conn = Conn::new(role, self.now.mono_ns, bytes, backlog);
        conn.from = Some(from);
        Some(self.add_conn(conn))
    }

    /// Whether a connection comes from where a client may log on from; if not, that is remembered.
    pub(crate) fn may_log_on(&mut self, id: usize, market: u8, comp_id: &[u8]) -> bool {
        let from = self.conn(id).and_then(|conn| conn.from);
        let may = from.is_none_or(|from| self.door.may_log_on(market, comp_id, from));
        if !may {
            self.offend(id, Offence::WrongAddressOfClient, &shown(comp_id));
        }
        may
    }

    /// Remember why a client's connection is sent away; `detail` is what was found.
    pub(crate) fn offend(&mut self, id: usize, what: Offence, detail: &str) {
        if let Some(conn) = self.conn(id)
            && let (Some(from), Role::Client { port, .. }) = (conn.from, conn.role)
        {
            self.remember(from, port, what, detail);
        }
    }

    fn remember(&mut self, from: SocketAddr, port: usize, what: Offence, detail: &str) {
        let Some(line) = self.door.remember(from, what, self.now.mono_ns) else {
            return;
        };
        let target = self.config.listen[port].address.to_string();
        let fields = json!({
            "source": from.to_string(), "type": what.name(), "target": target, "detail": detail,
            "left_out": line.left_out,
        });
        self.note("warning", "client sent away", fields);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use serde_json::json;

    use super::{Door, LINES_MAX, Line, MINUTE_NS, OTHERS, Offence, SOURCES_MAX};
    use crate::config::Config;

    fn door() -> Door {
        let config: Config = serde_json::from_value(json!({
            "journal": { "dir": "unused" },
            "listen": [
                { "market": 1, "address": "127.0.0.1:1", "comp_id": "TDGW", "allow": ["10.1.0.0/16"] },
                { "market": 2, "address": "127.0.0.1:2", "comp_id": "TGW" },
            ],
            "access": [{ "market": 1, "comp_id": "OMS", "addresses": ["10.1.0.7"] }],
            "bounds": { "connections_per_address": 2 },
        }))
        .unwrap();
        Door::new(&config)
    }

    fn from(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_port_lets_in_whom_its_list_names() {
        let mut door = door();
        assert_eq!(door.enter(0, from("10.1.0.7:1")), Ok(()));
        assert_eq!(
            door.enter(0, from("10.2.0.7:1")),
            Err(Offence::AddressNotAllowed)
        );
        assert_eq!(door.enter(1, from("10.2.0.7:1")), Ok(()));
    }

    #[test]
    fn an_address_has_so_many_connections_and_gets_them_back() {
        let mut door = door();
        for port in [0, 1] {
            assert_eq!(door.enter(port, from("10.1.0.7:1")), Ok(()));
        }
        let third = door.enter(1, from("10.1.0.7:3"));
        assert_eq!(third, Err(Offence::TooManyFromAddress));
        door.leave(from("10.1.0.7:2"));
        assert_eq!(door.enter(1, from("10.1.0.7:4")), Ok(()));
    }

    #[test]
    fn a_client_with_a_row_logs_on_from_its_addresses_only() {
        let door = door();
        assert!(door.may_log_on(1, b"OMS     ", from("10.1.0.7:1")));
        assert!(!door.may_log_on(1, b"OMS     ", from("10.1.0.8:1")));
        assert!(door.may_log_on(2, b"OMS     ", from("10.1.0.8:1")));
        assert!(door.may_log_on(1, b"OTHER   ", from("10.1.0.8:1")));
    }

    #[test]
    fn a_source_gets_so_many_lines_a_minute_and_the_rest_is_counted() {
        let mut door = door();
        let who = from("10.9.0.1:1");
        let lines = (0..100)
            .filter(|at| door.remember(who, Offence::BadMessage, *at).is_some())
            .count();
        assert_eq!(lines as u64, LINES_MAX);
        let later = door.remember(who, Offence::WrongCompId, MINUTE_NS);
        let left_out = 100 - LINES_MAX;
        assert_eq!(later, Some(Line { left_out }));
        assert_eq!(door.worst(5)[0].1.count, 101);
        let totals: Vec<_> = door.totals().filter(|row| row.1 > 0).collect();
        assert_eq!(
            totals,
            [(Offence::WrongCompId, 1), (Offence::BadMessage, 100)]
        );
    }

    #[test]
    fn sources_beyond_the_bound_are_counted_together() {
        let mut door = door();
        for number in 0..SOURCES_MAX + 10 {
            let who = from(&format!("10.9.{}.{}:1", number / 256, number % 256));
            door.remember(who, Offence::BadMessage, 0);
        }
        let worst = door.worst(1);
        assert_eq!((worst[0].0, worst[0].1.count), (OTHERS, 10));
    }
}
