//! The Shanghai gateway toward its order system: session, states, report streams.
//!
//! Source: SSE IS122 TDGW Binary v0.57, chapters 3 to 5.

use panshi_wire::error::WireError;
use panshi_wire::sse::{self, Message, code};
use panshi_wire::text::{pad, trim};

use crate::session::{Stage, Subscription};
use crate::venue::{SECOND, VenueCore};

/// Groups of a 207 that fit in a message of 4096 bytes.
const GROUPS_MAX: usize = 42;

impl VenueCore {
    /// Understand what came from a session and return the bytes that are done with.
    pub(crate) fn sse_bytes(&mut self, id: usize, input: &[u8]) -> usize {
        let mut used = 0;
        while let Some(stage) = self.session(id).map(|session| session.stage) {
            match sse::frame(&input[used..]) {
                Ok(Some(frame)) => {
                    used += frame.total_len;
                    match stage {
                        Stage::Fresh => self.sse_first(id, &frame),
                        Stage::Active => self.sse_message(id, &frame),
                        Stage::Leaving => self.leave_on_logout(id, frame.msg_type == 41),
                    }
                }
                Ok(None) => return used,
                Err(error) => {
                    // What follows bad bytes cannot be told apart any more.
                    self.sse_bad_bytes(id, error);
                    return input.len();
                }
            }
        }
        input.len()
    }

    fn sse_bad_bytes(&mut self, id: usize, error: WireError) {
        let code = match error {
            WireError::MessageTooLong { .. } => code::MESSAGE_TOO_LONG,
            _ => code::CHECKSUM,
        };
        if self.config.sse.logout_on_bad_bytes {
            self.sse_refuse(id, code);
        } else if let Some(session) = self.session_mut(id) {
            session.stage = Stage::Leaving;
            session.close = true;
        }
    }

    pub(crate) fn leave_on_logout(&mut self, id: usize, logout: bool) {
        if let Some(session) = self.session_mut(id) {
            session.close |= logout;
        }
    }

    /// Send a logout with a code; the other side closes, or this one after five seconds.
    pub(crate) fn sse_refuse(&mut self, id: usize, status: u32) {
        let text = pad(code::text(status).as_bytes()).unwrap_or([b' '; 64]);
        if self
            .session(id)
            .is_none_or(|session| session.stage == Stage::Leaving)
        {
            return;
        }
        self.send_sse(
            id,
            &sse::Logout {
                session_status: status,
                text,
            },
        );
        self.release(id);
    }

    /// The session has said its last word and no longer holds its gateway.
    pub(crate) fn release(&mut self, id: usize) {
        let close_at_ns = self.now.mono_ns + 5 * SECOND;
        if let Some(session) = self.session_mut(id) {
            session.stage = Stage::Leaving;
            session.close_at_ns = Some(close_at_ns);
            session.subscriptions.clear();
        }
        for gateway in &mut self.gateways {
            if gateway.session == Some(id) {
                gateway.session = None;
            }
        }
    }

    fn sse_first(&mut self, id: usize, frame: &sse::Frame<'_>) {
        let Some(at) = self.session(id).map(|session| session.gateway) else {
            return;
        };
        let logon = match Message::decode(frame) {
            Ok(Message::Logon(logon)) => logon,
            Ok(_) => return self.sse_refuse(id, code::LOGIN_FIRST),
            Err(_) => return self.sse_refuse(id, code::MESSAGE_DATA),
        };
        let gateway = &self.gateways[at];
        let refused = if gateway.not_ready_ns > self.now.mono_ns {
            Some(code::NOT_READY)
        } else if trim(&logon.target_comp_id) != gateway.config.comp_id.as_bytes() {
            Some(code::COMP_ID)
        } else if !self.takes_version(trim(&logon.prtcl_version)) {
            Some(code::VERSION)
        } else if gateway.session.is_some() {
            Some(code::ALREADY_LOGIN)
        } else {
            None
        };
        match refused {
            Some(code) => self.sse_refuse(id, code),
            None => self.sse_logon(id, at, &logon),
        }
    }

    /// Versions are written `aa.bb`, so that their text sorts as they do.
    fn takes_version(&self, version: &[u8]) -> bool {
        let form = matches!(version, [major @ .., b'.', _, _] if !major.is_empty())
            && version
                .iter()
                .all(|byte| byte.is_ascii_digit() || *byte == b'.');
        let known = self.profile.version_min.as_bytes()..=self.profile.version.as_bytes();
        form && known.contains(&version)
    }

    fn sse_logon(&mut self, id: usize, at: usize, logon: &sse::Logon) {
        let heart_bt_int = logon.heart_bt_int.clamp(5, 60);
        self.gateways[at].session = Some(id);
        if let Some(session) = self.session_mut(id) {
            session.stage = Stage::Active;
            session.heartbeat_ns = u64::from(heart_bt_int) * SECOND;
        }
        let own = &self.config.sse.reply_comp_id;
        let answer = sse::Logon {
            sender_comp_id: pad(own.as_bytes()).unwrap_or([b' '; 32]),
            target_comp_id: logon.sender_comp_id,
            heart_bt_int,
            prtcl_version: pad(self.profile.version_min.as_bytes()).unwrap_or([b' '; 8]),
            trade_date: self.config.trade_date,
            q_size: 0,
        };
        self.send_sse(id, &answer);
        self.send_state(id);
        self.sse_stream_list(id, at);
    }

    pub(crate) fn sse_state(&mut self, id: usize, state: u16) {
        self.send_sse(
            id,
            &sse::PlatformState {
                platform_id: 0,
                platform_state: state,
            },
        );
    }

    fn sse_stream_list(&mut self, id: usize, at: usize) {
        let config = &self.gateways[at].config;
        let pbus: Vec<_> = config
            .pbus
            .iter()
            .map(|pbu| sse::PbuEntry {
                pbu: pad(pbu.as_bytes()).unwrap_or([b' '; 8]),
            })
            .collect();
        let sets: Vec<_> = config
            .sets
            .iter()
            .map(|set| sse::SetEntry { set_id: *set })
            .collect();
        let list = sse::ExecRptInfo {
            head: sse::ExecRptInfoHead { platform_id: 0 },
            pbus: pbus[..].into(),
            set_ids: sets[..].into(),
        };
        self.send_sse(id, &list);
    }

    fn sse_message(&mut self, id: usize, frame: &sse::Frame<'_>) {
        let Some(at) = self.session(id).map(|session| session.gateway) else {
            return;
        };
        match Message::decode(frame) {
            Ok(Message::NewOrderSingle(order)) => self.sse_new(at, &order),
            Ok(Message::OrderCancel(cancel)) => self.sse_cancel(at, &cancel),
            Ok(Message::Heartbeat(_)) => {}
            Ok(Message::ExecRptSync(request)) => self.sse_sync(id, at, &request),
            Ok(Message::Logout(_)) => self.sse_refuse(id, code::NORMAL),
            // A second logon in a session, a downlink message or an unknown number.
            Ok(Message::Logon(_)) => self.sse_refuse(id, code::ALREADY_LOGIN),
            Ok(_) => self.sse_refuse(id, code::MESSAGE_TYPE),
            Err(_) => self.sse_refuse(id, code::MESSAGE_DATA),
        }
    }

    fn sse_sync(&mut self, id: usize, at: usize, request: &sse::ExecRptSync<'_>) {
        let answers: Vec<_> = request
            .groups
            .iter()
            .map(|group| self.sse_subscribe(id, at, &group))
            .collect();
        if let Some(session) = self.session_mut(id) {
            session.synced = true;
        }
        for part in answers.chunks(GROUPS_MAX) {
            let answer = sse::ExecRptSyncRsp {
                head: sse::NoHead {},
                groups: part.into(),
            };
            self.send_sse(id, &answer);
        }
        if answers.is_empty() {
            let groups = answers[..].into();
            let head = sse::NoHead {};
            self.send_sse(id, &sse::ExecRptSyncRsp { head, groups });
        }
    }

    fn sse_subscribe(&mut self, id: usize, at: usize, group: &sse::SyncEntry) -> sse::SyncRspEntry {
        let config = &self.gateways[at].config;
        let pbu_known = config
            .pbus
            .iter()
            .any(|pbu| pbu.as_bytes() == trim(&group.pbu));
        let begin = group.begin_report_index;
        let stream = self
            .streams
            .iter()
            .position(|stream| stream.pbu == group.pbu && stream.set == group.set_id);
        let reason = if !pbu_known {
            code::PBU
        } else if !config.sets.contains(&group.set_id) {
            code::SET_ID
        } else if begin == 0 || begin > u64::from(u32::MAX) {
            code::BEGIN_REPORT_INDEX
        } else {
            code::NORMAL
        };
        if let (Some(stream), code::NORMAL) = (stream, reason) {
            let restart = self.config.sse.second_sync_restarts;
            self.subscribe(id, stream, begin, restart);
        }
        let text: &[u8] = if reason == code::NORMAL {
            b"Success"
        } else {
            b"Failed"
        };
        sse::SyncRspEntry {
            pbu: group.pbu,
            set_id: group.set_id,
            begin_report_index: begin,
            end_report_index: stream.map_or(0, |stream| self.streams[stream].max()),
            rej_reason: reason,
            text: pad(text).unwrap_or([b' '; 64]),
        }
    }

    /// Let a session have a stream from an index on.
    pub(crate) fn subscribe(&mut self, id: usize, stream: usize, next: u64, restart: bool) {
        let Some(session) = self.session_mut(id) else {
            return;
        };
        let wanted = Subscription {
            stream,
            next,
            live: false,
        };
        match session
            .subscriptions
            .iter_mut()
            .find(|known| known.stream == stream)
        {
            Some(known) if restart => *known = wanted,
            Some(_) => {}
            None => session.subscriptions.push(wanted),
        }
    }

    pub(crate) fn sse_end(&mut self, stream: usize) {
        let known = &self.streams[stream];
        let end = sse::ExecRptEndOfStream {
            pbu: known.pbu,
            set_id: known.set,
            end_report_index: known.max() + 1,
        };
        let mut bytes = [0; 64];
        if let Ok(len) = sse::encode(&end, 0, &mut bytes) {
            self.streams[stream].push(&bytes[..len]);
        }
    }
}
