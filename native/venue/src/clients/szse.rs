//! Messages between a client order system and a Shenzhen gateway.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 4 and 5.

use panshi_wire::szse::{
    APPL_VERSION, Heartbeat, Logon, Logout, Message, NoHead, PlatformInfo, ReportSynchronization,
    SyncEntry, encode, frame,
};
use panshi_wire::text::pad;

use super::report::szse_event;
use super::request::{szse_cancel, szse_order};
use super::session::{Moment, Session};
use super::{Action, Event};

const NO_PBU: [u8; 8] = [b' '; 8];
const ORDER: u8 = 1;

fn named<const N: usize>(text: &str) -> Result<[u8; N], String> {
    pad(text.as_bytes()).ok_or_else(|| format!("must be at most {N} characters, found {text:?}"))
}

impl Session {
    pub(super) fn szse_logon(&mut self) -> Result<(), String> {
        let logon = Logon {
            sender_comp_id: named(&self.config.comp_id)?,
            target_comp_id: named(&self.config.target_comp_id)?,
            heart_bt_int: self.config.heartbeat_s.into(),
            password: named(&self.config.password)?,
            default_appl_ver_id: named(APPL_VERSION)?,
        };
        self.put(|_, out| encode(&logon, out))
    }

    pub(super) fn szse_heartbeat(&mut self) -> Result<(), String> {
        self.put(|_, out| encode(&Heartbeat {}, out))
    }

    pub(super) fn szse_logout(&mut self) -> Result<(), String> {
        let logout = Logout {
            session_status: 0,
            text: [b' '; 200],
        };
        self.put(|_, out| encode(&logout, out))
    }

    pub(super) fn szse_act(&mut self, action: &Action, now: &Moment) -> Result<(), String> {
        let outcome = if action.kind == ORDER {
            szse_order(action, now.when()).map(|order| self.put(|_, out| encode(&order, out)))
        } else {
            szse_cancel(action, now.when()).map(|cancel| self.put(|_, out| encode(&cancel, out)))
        };
        outcome.map_err(|error| self.failure(&error))?
    }

    /// Take one message off the front; the bytes taken, 0 when there is no whole one.
    pub(super) fn szse_take(
        &mut self,
        bytes: &[u8],
        now: &Moment,
        events: &mut Vec<Event>,
    ) -> Result<usize, String> {
        let Some(frame) = frame(bytes).map_err(|error| self.failure(&error))? else {
            return Ok(0);
        };
        let message = Message::decode(&frame).map_err(|error| self.failure(&error))?;
        if let Some(event) = szse_event(&message, &frame).map_err(|error| self.failure(&error))? {
            self.note(events, now, event);
            return Ok(frame.total_len);
        }
        match message {
            Message::PlatformInfo(info) => self.szse_ask(&info)?,
            Message::ReportFinished(wire) => {
                self.ended
                    .insert((NO_PBU, wire.partition_no.cast_unsigned()));
            }
            Message::Logout(logout) => self.bidden(&logout.session_status, &logout.text)?,
            _ => {}
        }
        Ok(frame.total_len)
    }

    /// Ask for every partition from its first report; nothing answers the request.
    fn szse_ask(&mut self, info: &PlatformInfo<'_>) -> Result<(), String> {
        let mut wanted = Vec::new();
        for entry in info.partitions.iter() {
            let key = (NO_PBU, entry.partition_no.cast_unsigned());
            if self.asked.insert(key) {
                self.open.insert(key);
                wanted.push(SyncEntry {
                    partition_no: entry.partition_no,
                    report_index: 1,
                });
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let request = ReportSynchronization {
            head: NoHead {},
            partitions: wanted[..].into(),
        };
        self.put(|_, out| encode(&request, out))
    }
}
