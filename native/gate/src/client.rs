//! Order systems on the gate's ports: sessions as the exchange's own gateway would hold them.

use panshi_engine::input::Input;
use panshi_engine::record::flow::ClientState;
use panshi_engine::record::load::LoadClient;
use panshi_wire::text::trim;
use serde_json::json;

use crate::buffer::Inbox;
use crate::conn::{PATIENCE_NS, Role, SECOND_NS};
use crate::convert::SSE;
use crate::convert::platform::set_id_of;
use crate::door::Offence;
use crate::gate::Gate;

impl Gate {
    /// Take messages of an order system, so many as are its turn; whether some may be left.
    pub(crate) fn client_bytes(&mut self, id: usize, port: usize, inbox: &mut Inbox) -> bool {
        let market = self.config.listen[port].market;
        let (mut heard, mut more) = (false, true);
        for _ in 0..self.config.bounds.turn_messages.max(1) {
            let taken = if market == SSE {
                self.sse_client_frame(id, port, inbox.data())
            } else {
                self.szse_client_frame(id, port, inbox.data())
            };
            let Some(bytes) = taken else {
                more = false;
                break;
            };
            inbox.take(bytes);
            heard = true;
            if self.conn(id).is_none_or(|conn| !conn.is_live()) || self.failure.is_some() {
                inbox.clear();
                break;
            }
        }
        if heard {
            self.heard(id);
        }
        more && !inbox.data().is_empty()
    }

    /// The client number of a logged-in connection.
    pub(crate) fn client_of(&self, id: usize) -> Option<u16> {
        match self.conns.get(id)?.as_ref()?.role {
            Role::Client { client, .. } => client,
            Role::Link(_) => None,
        }
    }

    /// Whether a client already has a session on a platform.
    pub(crate) fn has_session(&self, client: u16, platform: usize) -> bool {
        let row = self.sessions.get(usize::from(client));
        row.is_some_and(|row| row.get(platform).is_some_and(Option::is_some))
    }

    /// A client's logon was taken: it is a session now.
    pub(crate) fn begin_session(
        &mut self,
        id: usize,
        port: usize,
        row: &LoadClient,
        platform: usize,
    ) {
        let client = usize::from(row.client);
        if self.sessions.len() <= client {
            self.sessions.resize(client + 1, [None; 3]);
        }
        self.sessions[client][platform] = Some(id);
        if let Some(conn) = self.conn(id) {
            conn.role = Role::Client {
                port,
                client: Some(row.client),
            };
        }
        if !self.book.online.get(client).copied().unwrap_or(false) {
            self.tell_online(row.client, true);
        }
        let comp_id = String::from_utf8_lossy(trim(&row.comp_id)).into_owned();
        self.note(
            "info",
            "client logged in",
            json!({ "client": row.client, "comp_id": comp_id }),
        );
    }

    fn tell_online(&mut self, client: u16, online: bool) {
        let state = ClientState {
            time_ns: self.now.market_ns,
            client,
            online: u8::from(online),
            ..ClientState::default()
        };
        self.input(&Input::ClientState(state));
    }

    /// A client's connection is gone.
    pub(crate) fn client_gone(&mut self, id: usize, client: Option<u16>) {
        let Some(client) = client else { return };
        for stream in &mut self.book.streams {
            if stream.reader == Some(id) {
                stream.reader = None;
            }
        }
        let Some(sessions) = self.sessions.get_mut(usize::from(client)) else {
            return;
        };
        for session in sessions.iter_mut() {
            if *session == Some(id) {
                *session = None;
            }
        }
        if sessions.iter().all(Option::is_none) && self.failure.is_none() {
            self.tell_online(client, false);
            // Whoever comes back at once has been away all the same.
            self.tick_absences();
        }
        self.note("info", "client gone", json!({ "client": client }));
    }

    /// State of a platform's gateways as one number of the engine's list; the best of them counts.
    pub(crate) fn platform_state(&self, market: u8, platform: u16) -> u8 {
        // Open is best, then pre-open, held after a recovery, break, closed, not open, down.
        const RANK: [u8; 7] = [0, 1, 5, 6, 3, 2, 4];
        let links = self.links.iter().map(|link| &link.config);
        let states = links
            .filter(|config| config.market == market)
            .filter(|config| market == SSE || config.platform == platform)
            .filter_map(|config| self.book.gateway(config.number));
        let rank = |state: &u8| RANK.get(usize::from(*state)).copied().unwrap_or(0);
        states.map(|row| row.1).max_by_key(rank).unwrap_or(0)
    }

    /// Tell every session of a platform its state.
    pub(crate) fn tell_platform_state(&mut self, market: u8, platform: u16) {
        let ids: Vec<usize> = self.sessions.iter().flatten().flatten().copied().collect();
        for id in ids {
            let Some(Some(conn)) = self.conns.get(id) else {
                continue;
            };
            let Role::Client { port, .. } = conn.role else {
                continue;
            };
            let listen = &self.config.listen[port];
            if listen.market != market || !conn.is_live() {
                continue;
            }
            if market == SSE {
                self.sse_send_state(id);
            } else if listen.platform == platform {
                self.szse_send_state(id, port);
            }
        }
    }

    /// Streams of a market that clients may ask for: configured ones and those of the gateways, as they
    /// named them since the start or, until they do, before it.
    pub(crate) fn set_ids(&self, port: usize) -> Vec<u32> {
        let listen = &self.config.listen[port];
        let configured = listen.streams.iter();
        let mut ids: Vec<u32> = if listen.market == SSE {
            configured.copied().collect()
        } else {
            let stream = |no: &u32| set_id_of(listen.platform, no.cast_signed());
            configured.map(stream).collect()
        };
        for link in &self.links {
            if link.config.market == listen.market
                && (listen.market == SSE || link.config.platform == listen.platform)
            {
                ids.extend(&link.set_ids);
                if link.set_ids.is_empty() {
                    let market = listen.market;
                    ids.extend(self.book.carried_sets(market, link.config.number));
                }
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// A stream was asked for from an index on.
    pub(crate) fn subscribe(
        &mut self,
        id: usize,
        client: u16,
        pbu: [u8; 8],
        set_id: u32,
        begin: u64,
    ) -> u64 {
        let stream = self.book.stream(client, pbu, set_id);
        let row = &mut self.book.streams[stream];
        row.reader = Some(id);
        row.cursor = begin;
        row.entries.len() as u64
    }

    /// Heartbeats, silences and deadlines of one client connection.
    pub(crate) fn tick_client(&mut self, id: usize, port: usize, client: Option<u16>) {
        let now = self.now.mono_ns;
        let market = self.config.listen[port].market;
        let Some(conn) = self.conn(id) else { return };
        if !conn.is_live() {
            return;
        }
        let (silent, idle, beat) = (now - conn.heard_ns, now - conn.spoke_ns, conn.heartbeat_ns);
        let age = now - conn.opened_ns;
        if client.is_none() {
            // Bytes that form no logon do not buy time.
            if age > PATIENCE_NS {
                self.offend(id, Offence::LogonTimeout, "");
                self.client_logout(id, market, panshi_wire::sse::code::LOGIN_TIMEOUT);
            }
        } else if silent > 2 * beat + SECOND_NS / 10 {
            self.offend(id, Offence::Silent, "");
            self.client_logout(id, market, panshi_wire::sse::code::HEARTBEAT_TIMEOUT);
        } else if idle >= beat {
            self.heartbeat(id, market);
        }
    }

    /// Say that the session lives.
    pub(crate) fn heartbeat(&mut self, id: usize, market: u8) {
        if market == SSE {
            self.sse_heartbeat(id);
        } else {
            self.szse_heartbeat(id);
        }
    }
}
