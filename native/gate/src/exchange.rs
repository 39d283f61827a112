//! The gate's sessions at the exchange gateways: one link per gateway number, main and backup address.

use panshi_engine::input::Input;
use panshi_engine::record::flow::{GatewayState, GatewayStream, Report};
use panshi_wire::sse::{self, SyncEntry};
use panshi_wire::szse;
use serde_json::json;

use crate::buffer::Inbox;
use crate::centre::{Cause, Route};
use crate::claim::Claim;
use crate::config::{self, Gateway};
use crate::conn::{Conn, Role, SECOND_NS};
use crate::convert::{SSE, width};
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;
use crate::password::read_password;
use crate::report_gap::Gaps;
use crate::resync::{HELD, Resync};
use crate::welcome::Welcome;

/// Groups of one 207 that fit into a message; no more are asked for in one 206.
pub(crate) const SYNC_GROUPS_MAX: usize = 42;

/// States of a gateway in which it takes cancels.
const PRE_OPEN: u8 = 2;
const OPEN: u8 = 3;

/// How far a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No connection; the next attempt comes at this moment.
    Down(u64),
    /// The shell was asked to connect at this moment.
    Connecting(u64),
    /// Logon sent at this moment.
    LoggingOn(u64),
    /// Logged in.
    Up,
    /// Our goodbye was sent; the peer may answer until this moment.
    Leaving(u64),
}

impl Phase {
    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down(_) => "down",
            Self::Connecting(_) => "connecting",
            Self::LoggingOn(_) => "logging on",
            Self::Up => "up",
            Self::Leaving(_) => "leaving",
        }
    }
}

/// One exchange gateway as the gate sees it.
#[derive(Debug)]
pub struct Link {
    /// How it is reached.
    pub config: Gateway,
    /// How far it is.
    pub phase: Phase,
    /// Its connection.
    pub conn: Option<usize>,
    /// Streams that the gateway carries.
    pub set_ids: Vec<u32>,
    /// Where it leads, and why there.
    pub route: Route,
    /// The right to log its number in.
    pub claim: Claim,
    /// Why its connection is about to end.
    pub(crate) ending: Option<Cause>,
    /// Market time of the logon of its session.
    pub(crate) begun_ns: u64,
    /// For how long nothing was heard when its session was given up for that, and how long it might be, ms.
    pub(crate) silence: (u32, u32),
    /// Its way back after a recovery.
    pub resync: Resync,
    /// Reports that were missing and were asked for again.
    pub(crate) gaps: Gaps,
    /// What its session has told of itself.
    pub(crate) welcome: Welcome,
    password: [u8; 16],
}

impl Link {
    /// A link that will connect at once.
    ///
    /// # Errors
    /// When the password file may not be used.
    pub fn new(config: &Gateway, claim: &config::Claim) -> Result<Self, String> {
        let password = match &config.password_file {
            None => [b' '; 16],
            Some(path) => read_password(path).map_err(|error| {
                format!("gateways, number {}: password_file: {error}", config.number)
            })?,
        };
        Ok(Self {
            config: config.clone(),
            phase: Phase::Down(0),
            conn: None,
            set_ids: Vec::new(),
            route: Route::new(config),
            claim: Claim::new(claim, config),
            ending: None,
            begun_ns: 0,
            silence: (0, 0),
            resync: Resync::default(),
            gaps: Gaps::default(),
            welcome: Welcome::default(),
            password,
        })
    }

    /// The connection, when orders may go over it.
    #[must_use]
    pub fn ready_conn(&self) -> Option<usize> {
        self.conn.filter(|_| self.phase == Phase::Up)
    }
}

impl Gate {
    /// A link's connection stands: log on.
    pub fn link_connected(&mut self, link: usize) -> usize {
        let bytes = self.inbox_bytes();
        let backlog = self.config.bounds.gateway_backlog_bytes + (1 << 20);
        let mut conn = Conn::new(Role::Link(link), self.now.mono_ns, bytes, backlog);
        let heartbeat_s = self.links[link].config.heartbeat_s;
        conn.heartbeat_ns = u64::from(heartbeat_s) * SECOND_NS;
        let id = self.add_conn(conn);
        let row = &mut self.links[link];
        row.conn = Some(id);
        row.phase = Phase::LoggingOn(self.now.mono_ns);
        let (config, password) = (row.config.clone(), row.password);
        if config.market == SSE {
            let logon = sse::Logon {
                sender_comp_id: width::text(&config.comp_id),
                target_comp_id: width::text(&config.target_comp_id),
                heart_bt_int: heartbeat_s,
                prtcl_version: width::text(config.version.as_deref().unwrap_or("0.57")),
                trade_date: self.book.trade_date,
                q_size: 0,
            };
            self.send(id, 0, |seq, out| sse::encode(&logon, seq, out));
        } else {
            let logon = szse::Logon {
                sender_comp_id: width::text(&config.comp_id),
                target_comp_id: width::text(&config.target_comp_id),
                heart_bt_int: heartbeat_s.into(),
                password,
                default_appl_ver_id: width::text(
                    config.version.as_deref().unwrap_or(szse::APPL_VERSION),
                ),
            };
            self.send(id, 0, |_, out| szse::encode(&logon, out));
        }
        id
    }

    /// The gateway told its platform's state; a session that is being ended has none any more.
    pub(crate) fn take_platform_state(&mut self, link: usize, state: u8) {
        let row = &mut self.links[link];
        if row.phase == Phase::Up {
            row.resync.told = state;
            row.welcome.told_state(self.now.mono_ns, state);
            self.tell_gateway_state(link, state);
        }
    }

    /// Tell the engine and the clients the state of a gateway, when it is news.
    pub(crate) fn tell_gateway_state(&mut self, link: usize, state: u8) {
        let (gateway, market, platform) = {
            let config = &self.links[link].config;
            (config.number, config.market, config.platform)
        };
        let state = self.state_to_tell(gateway, state);
        if self.book.gateway(gateway) == Some((market, state)) || self.failure.is_some() {
            return;
        }
        let shown = self.platform_state(market, platform);
        let (silent_ms, silent_max_ms) = std::mem::take(&mut self.links[link].silence);
        let row = GatewayState {
            time_ns: self.now.market_ns,
            gateway,
            state,
            market,
            silent_ms,
            silent_max_ms,
            spare: 0,
        };
        self.input(&Input::GatewayState(row));
        self.note(
            "info",
            "gateway state",
            json!({ "gateway": gateway, "state": state }),
        );
        if self.platform_state(market, platform) != shown {
            self.tell_platform_state(market, platform);
        }
        if matches!(state, PRE_OPEN | OPEN | HELD) {
            self.cancel_again();
            self.cancel_absent_again();
        }
    }

    /// Bytes came from an exchange gateway.
    pub(crate) fn link_bytes(&mut self, id: usize, link: usize, inbox: &mut Inbox) {
        let market = self.links[link].config.market;
        let mut heard = false;
        loop {
            let taken = if market == SSE {
                self.sse_link_frame(id, link, inbox.data())
            } else {
                self.szse_link_frame(id, link, inbox.data())
            };
            let Some(bytes) = taken else { break };
            inbox.take(bytes);
            heard = true;
            let live = self.conn(id).is_some_and(|conn| conn.is_live());
            if self.links[link].conn != Some(id) || !live || self.failure.is_some() {
                inbox.clear();
                break;
            }
        }
        if heard {
            self.heard(id);
        }
    }

    /// The connection is of no use any more: what came over it cannot be read, or nothing came.
    pub(crate) fn link_broken(&mut self, id: usize, link: usize, cause: Cause, reason: &str) {
        let row = &mut self.links[link];
        row.ending = Some(cause);
        let number = row.config.number;
        let event = match cause {
            Cause::Loss => "bad message from the exchange gateway",
            Cause::Refused => "exchange gateway of another day",
            _ => "exchange gateway does not answer",
        };
        let fields = json!({ "gateway": number, "reason": reason });
        self.note("error", event, fields);
        self.end_now(id);
    }

    /// The gateway took the logon.
    pub(crate) fn link_up(&mut self, link: usize) {
        let now = self.now.mono_ns;
        let row = &mut self.links[link];
        row.phase = Phase::Up;
        row.begun_ns = self.now.market_ns;
        row.route.up(now);
        row.welcome.begin(now);
        let fields = json!({
            "gateway": row.config.number, "centre": row.route.centre.name(),
            "address": row.route.address().to_string(),
        });
        self.note("info", "exchange gateway logged in", fields);
    }

    /// Give a report that came over a link to the engine.
    pub(crate) fn take_report(&mut self, (id, link): (usize, usize), report: &Report) {
        if self.leaves_gap(id, link, report) {
            return;
        }
        if self.had_arrived(link, report) {
            return;
        }
        self.check_clock(report);
        self.rebuild_order(link, report);
        self.input(&Input::Report(*report));
    }

    /// Tell the engine of a stream that a gateway carries, when it is news.
    pub(crate) fn tell_stream(&mut self, stream: &GatewayStream) {
        if !self.book.carries(stream) {
            self.input(&Input::GatewayStream(*stream));
        }
    }

    /// Ask a Shanghai gateway for every stream from where the journal ends.
    pub(crate) fn ask_streams(
        &mut self,
        (id, link): (usize, usize),
        pbus: &[[u8; 8]],
        set_ids: &[u32],
    ) {
        let mut wanted = Vec::new();
        let again = self.links[link].gaps.begin();
        for pbu in pbus {
            for set_id in set_ids {
                let key = ExchangeKey::sse(*pbu, *set_id);
                let last = self.book.last_index(key);
                let row = &mut self.links[link];
                row.resync.ask(key, None);
                if again {
                    row.gaps.ask(key, last);
                }
                wanted.push(SyncEntry {
                    pbu: *pbu,
                    set_id: *set_id,
                    begin_report_index: last + 1,
                });
            }
        }
        let keys = wanted
            .iter()
            .map(|row| ExchangeKey::sse(row.pbu, row.set_id));
        self.links[link]
            .welcome
            .told_streams(self.now.mono_ns, keys);
        for part in wanted.chunks(SYNC_GROUPS_MAX) {
            let message = sse::ExecRptSync {
                head: sse::NoHead {},
                groups: part.into(),
            };
            self.send(id, 0, |seq, out| sse::encode(&message, seq, out));
        }
    }
}
