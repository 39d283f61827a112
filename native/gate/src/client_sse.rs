//! The Shanghai side toward clients: the gate stands there as TDGW.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapters 3 to 5.

use panshi_engine::input::Input;
use panshi_engine::record::load::LoadClient;
use panshi_wire::error::WireError;
use panshi_wire::sse::{
    ExecRptInfo, ExecRptInfoHead, ExecRptSync, ExecRptSyncRsp, Frame, Heartbeat, Logon, Logout,
    Message, NewOrderSingle, NoHead, PbuEntry, PlatformState, SetEntry, SyncEntry, SyncRspEntry,
    code, encode, frame,
};
use panshi_wire::text::trim;

use crate::conn::SECOND_NS;
use crate::convert::{Origin, SSE, sse, width};
use crate::door::{Offence, shown};
use crate::exchange::SYNC_GROUPS_MAX;
use crate::gate::Gate;

/// Heartbeat intervals that a gateway grants, in seconds.
const HEARTBEAT_S: (u16, u16) = (5, 60);

impl Gate {
    /// Take one message; the bytes taken, nothing when the message is not whole or was bad.
    pub(crate) fn sse_client_frame(
        &mut self,
        id: usize,
        port: usize,
        data: &[u8],
    ) -> Option<usize> {
        match frame(data) {
            Ok(Some(frame)) => {
                self.sse_client_message(id, port, &frame);
                Some(frame.total_len)
            }
            Ok(None) => None,
            Err(error) => {
                let (status, what) = match error {
                    WireError::MessageTooLong { .. } => {
                        (code::MESSAGE_TOO_LONG, Offence::MessageTooLong)
                    }
                    WireError::WrongChecksum { .. } => (code::CHECKSUM, Offence::BadMessage),
                    _ => (code::MESSAGE_DATA, Offence::BadMessage),
                };
                self.offend(id, what, &error.to_string());
                self.sse_logout(id, status);
                None
            }
        }
    }

    fn sse_client_message(&mut self, id: usize, port: usize, frame: &Frame<'_>) {
        let client = self.client_of(id);
        let message = Message::decode(frame);
        let Some(client) = client else {
            if let Ok(Message::Logon(logon)) = message {
                self.sse_logon(id, port, &logon);
            } else {
                let found = format!("message {}", frame.msg_type);
                self.offend(id, Offence::LogonMissing, &found);
                self.sse_logout(id, code::LOGIN_FIRST);
            }
            return;
        };
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                self.offend(id, Offence::BadMessage, &error.to_string());
                self.sse_logout(id, code::MESSAGE_DATA);
                return;
            }
        };
        let origin = Origin {
            time_ns: self.now.market_ns,
            number: client,
        };
        match message {
            Message::NewOrderSingle(order) => self.sse_order(&order, origin),
            Message::OrderCancel(cancel) => {
                self.take_cancel(sse::cancel_from_wire(&cancel, origin));
            }
            Message::ExecRptSync(sync) => self.sse_sync(id, port, client, &sync),
            Message::Heartbeat(_) => {}
            Message::Logout(_) => {
                self.sse_logout(id, code::NORMAL);
            }
            Message::Logon(_) => self.sse_logout(id, code::ALREADY_LOGIN),
            _ => self.sse_logout(id, code::MESSAGE_TYPE),
        }
    }

    fn sse_order(&mut self, order: &NewOrderSingle, origin: Origin) {
        self.input(&Input::NewOrder(sse::order_from_wire(order, origin)));
    }

    fn sse_logon(&mut self, id: usize, port: usize, logon: &Logon) {
        let listen = &self.config.listen[port];
        if trim(&logon.target_comp_id) != listen.comp_id.as_bytes() {
            self.sse_stranger(id, &logon.target_comp_id);
            return;
        }
        if version(&logon.prtcl_version) < version(listen.version_min.as_bytes()) {
            self.sse_logout(id, code::VERSION);
            return;
        }
        let Some(row) = self
            .book
            .client_by_comp_id(SSE, &logon.sender_comp_id)
            .copied()
        else {
            self.sse_stranger(id, &logon.sender_comp_id);
            return;
        };
        if !self.may_log_on(id, SSE, &logon.sender_comp_id) {
            self.sse_logout(id, code::COMP_ID);
            return;
        }
        if self.is_kept_out(id, row.client) {
            self.sse_logout(id, code::NOT_READY);
            return;
        }
        if self.has_session(row.client, 0) {
            self.offend(id, Offence::SecondLogin, &shown(&logon.sender_comp_id));
            self.sse_logout(id, code::ALREADY_LOGIN);
            return;
        }
        if self.set_ids(port).is_empty() {
            // Nobody has named a stream yet: a session could not be told which reports to ask for.
            self.sse_logout(id, code::NOT_READY);
            return;
        }
        let seconds = logon.heart_bt_int.clamp(HEARTBEAT_S.0, HEARTBEAT_S.1);
        let listen = &self.config.listen[port];
        let reply = Logon {
            sender_comp_id: width::text(&listen.comp_id),
            target_comp_id: logon.sender_comp_id,
            heart_bt_int: seconds,
            prtcl_version: width::text(&listen.version_min),
            trade_date: self.book.trade_date,
            q_size: 0,
        };
        if let Some(conn) = self.conn(id) {
            conn.heartbeat_ns = u64::from(seconds) * SECOND_NS;
        }
        self.send(id, 0, |seq, out| encode(&reply, seq, out));
        self.begin_session(id, port, &row, 0);
        self.sse_send_state(id);
        self.sse_send_streams(id, port, &row);
    }

    fn sse_stranger(&mut self, id: usize, comp_id: &[u8]) {
        self.offend(id, Offence::WrongCompId, &shown(comp_id));
        self.sse_logout(id, code::COMP_ID);
    }

    /// Send the platform's state.
    pub(crate) fn sse_send_state(&mut self, id: usize) {
        // Numbers of the engine's list: down, not open, pre-open, open, break, closed, held (told as a break).
        const SHOWN: [u16; 7] = [0, 0, 1, 2, 3, 4, 3];
        let state = usize::from(self.platform_state(SSE, 0));
        let message = PlatformState {
            platform_id: 0,
            platform_state: SHOWN.get(state).copied().unwrap_or(0),
        };
        self.send(id, 0, |seq, out| encode(&message, seq, out));
    }

    /// Send the list of streams that a client may ask for.
    pub(crate) fn sse_send_streams(&mut self, id: usize, port: usize, row: &LoadClient) {
        let pbus: Vec<PbuEntry> = self
            .book
            .pbus_of(row)
            .map(|pbu| PbuEntry { pbu: pbu.pbu })
            .collect();
        let sets: Vec<SetEntry> = self
            .set_ids(port)
            .into_iter()
            .map(|set_id| SetEntry { set_id })
            .collect();
        let message = ExecRptInfo {
            head: ExecRptInfoHead { platform_id: 0 },
            pbus: pbus[..].into(),
            set_ids: sets[..].into(),
        };
        self.send(id, 0, |seq, out| encode(&message, seq, out));
    }

    fn sse_sync(&mut self, id: usize, port: usize, client: u16, sync: &ExecRptSync<'_>) {
        let Some(row) = self
            .book
            .clients
            .get(usize::from(client))
            .copied()
            .flatten()
        else {
            return;
        };
        let known = self.set_ids(port);
        let mut answers = Vec::new();
        for group in sync.groups.iter() {
            let own = self.book.pbus_of(&row).any(|pbu| pbu.pbu == group.pbu);
            let reason = if !own {
                code::PBU
            } else if !known.contains(&group.set_id) {
                code::SET_ID
            } else if group.begin_report_index == 0 || group.begin_report_index > u32::MAX.into() {
                code::BEGIN_REPORT_INDEX
            } else {
                code::NORMAL
            };
            answers.push(self.sse_answer(id, client, &group, reason));
        }
        // A request holds up to 203 groups, an answer 42: more groups get more answers.
        let parts = answers.chunks(SYNC_GROUPS_MAX).map(Into::into);
        let none = answers.is_empty().then(|| answers[..].into());
        for groups in parts.chain(none) {
            let message = ExecRptSyncRsp {
                head: NoHead {},
                groups,
            };
            self.send(id, 0, |seq, out| encode(&message, seq, out));
        }
        self.pump(id);
    }

    fn sse_answer(
        &mut self,
        id: usize,
        client: u16,
        group: &SyncEntry,
        rej_reason: u32,
    ) -> SyncRspEntry {
        let end_report_index = if rej_reason == code::NORMAL {
            self.subscribe(
                id,
                client,
                group.pbu,
                group.set_id,
                group.begin_report_index,
            )
        } else {
            0
        };
        let text = if rej_reason == code::NORMAL {
            "Success"
        } else {
            code::text(rej_reason)
        };
        SyncRspEntry {
            pbu: group.pbu,
            set_id: group.set_id,
            begin_report_index: group.begin_report_index,
            end_report_index,
            rej_reason,
            text: width::text(text),
        }
    }

    /// Queue a goodbye with a gateway code.
    pub(crate) fn sse_goodbye(&mut self, id: usize, session_status: u32) {
        let message = Logout {
            session_status,
            text: width::text(code::text(session_status)),
        };
        self.send(id, 0, |seq, out| encode(&message, seq, out));
    }

    /// Say goodbye with a gateway code; the client closes, or the gate after five seconds.
    pub(crate) fn sse_logout(&mut self, id: usize, session_status: u32) {
        self.sse_goodbye(id, session_status);
        self.end_soon(id);
    }

    /// Send a heartbeat.
    pub(crate) fn sse_heartbeat(&mut self, id: usize) {
        self.send(id, 0, |seq, out| encode(&Heartbeat::default(), seq, out));
    }
}

/// A version `aa.bb` as two numbers; what is none is the lowest.
fn version(text: &[u8]) -> (u32, u32) {
    let text = std::str::from_utf8(trim(text)).unwrap_or("");
    let mut parts = text.splitn(2, '.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version(b"0.57    ") > version(b"0.50"));
        assert!(version(b"1.00") > version(b"0.99"));
        assert_eq!(version(b"none"), (0, 0));
    }
}
