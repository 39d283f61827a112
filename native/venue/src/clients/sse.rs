//! Messages between a client order system and a Shanghai gateway.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapters 4 and 5.

use panshi_wire::sse::{
    ExecRptInfo, ExecRptSync, Heartbeat, Logon, Logout, Message, NoHead, SyncEntry, encode, frame,
};
use panshi_wire::text::pad;

use super::report::sse_event;
use super::request::{sse_cancel, sse_order};
use super::session::{Moment, Session};
use super::{Action, Event};

/// Streams that one request may ask for.
const STREAMS_MAX: usize = 42;
const ORDER: u8 = 1;

fn named<const N: usize>(text: &str) -> Result<[u8; N], String> {
    pad(text.as_bytes()).ok_or_else(|| format!("must be at most {N} characters, found {text:?}"))
}

impl Session {
    pub(super) fn sse_logon(&mut self) -> Result<(), String> {
        let logon = Logon {
            sender_comp_id: named(&self.config.comp_id)?,
            target_comp_id: named(&self.config.target_comp_id)?,
            heart_bt_int: self.config.heartbeat_s,
            prtcl_version: *b"0.57    ",
            trade_date: 0,
            q_size: 0,
        };
        self.put(|seq, out| encode(&logon, seq, out))
    }

    pub(super) fn sse_heartbeat(&mut self) -> Result<(), String> {
        self.put(|seq, out| encode(&Heartbeat {}, seq, out))
    }

    pub(super) fn sse_logout(&mut self) -> Result<(), String> {
        let logout = Logout {
            session_status: 0,
            text: [b' '; 64],
        };
        self.put(|seq, out| encode(&logout, seq, out))
    }

    pub(super) fn sse_act(&mut self, action: &Action, now: &Moment) -> Result<(), String> {
        if action.kind == ORDER {
            let order = sse_order(action, now.when()).map_err(|error| self.failure(&error))?;
            return self.put(|seq, out| encode(&order, seq, out));
        }
        let cancel = sse_cancel(action, now.when()).map_err(|error| self.failure(&error))?;
        self.put(|seq, out| encode(&cancel, seq, out))
    }

    /// Take one message off the front; the bytes taken, 0 when there is no whole one.
    pub(super) fn sse_take(
        &mut self,
        bytes: &[u8],
        now: &Moment,
        events: &mut Vec<Event>,
    ) -> Result<usize, String> {
        let Some(frame) = frame(bytes).map_err(|error| self.failure(&error))? else {
            return Ok(0);
        };
        let message = Message::decode(&frame).map_err(|error| self.failure(&error))?;
        if let Some(event) = sse_event(&message) {
            self.note(events, now, event);
        }
        match message {
            Message::ExecRptInfo(info) => self.sse_ask(&info)?,
            Message::ExecRptSyncRsp(answer) => {
                for group in answer.groups.iter() {
                    if group.rej_reason != 0 {
                        return Err(self.failure(&format!(
                            "stream of set {} refused with {}",
                            group.set_id, group.rej_reason
                        )));
                    }
                    self.open.insert((group.pbu, group.set_id));
                }
            }
            Message::ExecRptEndOfStream(wire) => {
                self.ended.insert((wire.pbu, wire.set_id));
            }
            Message::Logout(logout) => self.bidden(&logout.session_status, &logout.text)?,
            _ => {}
        }
        Ok(frame.total_len)
    }

    /// Ask for every stream from its first report.
    fn sse_ask(&mut self, info: &ExecRptInfo<'_>) -> Result<(), String> {
        let mut wanted = Vec::new();
        for pbu in info.pbus.iter() {
            for set in info.set_ids.iter() {
                if self.asked.insert((pbu.pbu, set.set_id)) {
                    wanted.push(SyncEntry {
                        pbu: pbu.pbu,
                        set_id: set.set_id,
                        begin_report_index: 1,
                    });
                }
            }
        }
        for part in wanted.chunks(STREAMS_MAX) {
            let request = ExecRptSync {
                head: NoHead {},
                groups: part.into(),
            };
            self.put(|seq, out| encode(&request, seq, out))?;
        }
        Ok(())
    }
}
