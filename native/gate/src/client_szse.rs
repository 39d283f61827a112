//! The Shenzhen side toward clients: the gate stands there as TGW.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 2 to 5.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::record::flow::NewOrder;
use panshi_wire::error::WireError;
use panshi_wire::szse::{
    BusinessReject, Frame, Heartbeat, Logon, Logout, Message, OrderBase, PartitionEntry,
    PlatformInfo, PlatformInfoHead, PlatformStateInfo, ReportSynchronization, code, encode,
    frame_within,
};
use panshi_wire::text::trim;
use serde_json::json;

use crate::conn::SECOND_NS;
use crate::convert::platform::{partition_of, set_id_of};
use crate::convert::{Origin, Refusal, SZSE, szse, width};
use crate::door::{Offence, shown};
use crate::gate::Gate;

const NO_PBU: [u8; 8] = [b' '; 8];
/// Message type of the request that a bad partition was asked for in.
const SYNCHRONIZATION: u32 = 5;

impl Gate {
    /// Take one message; the bytes taken, nothing when the message is not whole or was bad.
    pub(crate) fn szse_client_frame(
        &mut self,
        id: usize,
        port: usize,
        data: &[u8],
    ) -> Option<usize> {
        match frame_within(data, self.config.bounds.message_bytes) {
            Ok(Some(frame)) => {
                self.szse_client_message(id, port, &frame);
                Some(frame.total_len)
            }
            Ok(None) => None,
            Err(error) => {
                let what = match error {
                    WireError::MessageTooLong { .. } => Offence::MessageTooLong,
                    _ => Offence::BadMessage,
                };
                self.offend(id, what, &error.to_string());
                self.szse_logout(id, code::SESSION_INVALID_MESSAGE, "invalid message");
                None
            }
        }
    }

    fn szse_client_message(&mut self, id: usize, port: usize, frame: &Frame<'_>) {
        let client = self.client_of(id);
        let message = match Message::decode(frame) {
            Ok(message) => message,
            Err(error) => {
                self.offend(id, Offence::BadMessage, &error.to_string());
                self.szse_logout(id, code::SESSION_INVALID_MESSAGE, "message data error");
                return;
            }
        };
        let Some(client) = client else {
            if let Message::Logon(logon) = message {
                self.szse_logon(id, port, &logon);
            } else {
                let found = format!("message {}", frame.msg_type);
                self.offend(id, Offence::LogonMissing, &found);
                self.szse_logout(id, code::SESSION_OTHER, "logon first");
            }
            return;
        };
        let origin = Origin {
            time_ns: self.now.market_ns,
            number: client,
        };
        let base = <OrderBase as panshi_wire::layout::Layout>::read(frame.body);
        match message {
            Message::NewOrder(wire) => {
                let order = base.map(|base| szse::order_from_wire(&base, &wire, origin));
                self.szse_order(id, frame, order);
            }
            Message::NewOrder103701(wire) => {
                let order = base.map(|base| szse::fixed_from_wire(&base, &wire, origin));
                self.szse_order(id, frame, order);
            }
            Message::CancelRequest(wire) => match szse::cancel_from_wire(&wire, origin) {
                Ok(cancel) => self.take_cancel(cancel),
                Err(_) => self.szse_reject(id, frame, Code::MessageInvalid.number()),
            },
            Message::ReportSynchronization(sync) => self.szse_sync(id, port, client, frame, &sync),
            Message::Heartbeat(_) => {}
            Message::Logout(_) => {
                self.szse_logout(id, code::SESSION_LOGOUT_COMPLETE, "logout complete");
            }
            Message::Logon(_) => self.szse_logout(id, code::SESSION_OTHER, "already logged in"),
            _ => self.szse_reject(id, frame, Code::TypeUnsupported.number()),
        }
    }

    fn szse_order(
        &mut self,
        id: usize,
        frame: &Frame<'_>,
        order: Option<Result<NewOrder, WireError>>,
    ) {
        match order {
            Some(Ok(order)) => {
                self.input(&Input::NewOrder(order));
            }
            _ => self.szse_reject(id, frame, Code::MessageInvalid.number()),
        }
    }

    fn szse_logon(&mut self, id: usize, port: usize, logon: &Logon) {
        let listen = &self.config.listen[port];
        let platform = usize::from(listen.platform.clamp(1, 2));
        let own = trim(&logon.target_comp_id) == listen.comp_id.as_bytes();
        let passwords = self.passwords.get(port).and_then(Option::as_ref);
        let matches =
            passwords.is_none_or(|known| known.matches(&logon.sender_comp_id, &logon.password));
        let row = self.book.client_by_comp_id(SZSE, &logon.sender_comp_id);
        let Some(row) = row.copied().filter(|_| own && matches) else {
            let what = if own && row.is_some() {
                Offence::WrongPassword
            } else {
                Offence::WrongCompId
            };
            self.offend(id, what, &shown(&logon.sender_comp_id));
            // Nobody outside learns which of them was wrong.
            self.szse_logout(id, code::SESSION_BAD_LOGIN, "bad user or password");
            return;
        };
        if !self.may_log_on(id, SZSE, &logon.sender_comp_id) {
            self.szse_logout(id, code::SESSION_BAD_LOGIN, "not from this address");
            return;
        }
        if self.is_kept_out(id, row.client) {
            self.szse_logout(id, code::SESSION_NOT_NOW, "isolated");
            return;
        }
        if self.has_session(row.client, platform) {
            self.offend(id, Offence::SecondLogin, &shown(&logon.sender_comp_id));
            self.szse_logout(id, code::SESSION_OTHER, "already logged in");
            return;
        }
        if self.set_ids(port).is_empty() {
            self.szse_logout(id, code::SESSION_NOT_NOW, "not ready");
            return;
        }
        let reply = Logon {
            sender_comp_id: logon.target_comp_id,
            target_comp_id: logon.sender_comp_id,
            heart_bt_int: logon.heart_bt_int.clamp(1, 600),
            password: [b' '; 16],
            default_appl_ver_id: logon.default_appl_ver_id,
        };
        if let Some(conn) = self.conn(id) {
            conn.heartbeat_ns = u64::from(reply.heart_bt_int.unsigned_abs()) * SECOND_NS;
        }
        self.send(id, 0, |_, out| encode(&reply, out));
        self.begin_session(id, port, &row, platform);
        self.szse_send_state(id, port);
        self.szse_send_partitions(id, port);
    }

    /// Tell the log on which ports any password is taken.
    pub(crate) fn note_open_ports(&mut self) {
        let ports = self.config.listen.iter();
        let open = ports.filter(|port| port.market == SZSE && port.passwords.is_none());
        let addresses: Vec<String> = open.map(|port| port.address.to_string()).collect();
        for address in addresses {
            let fields = json!({ "address": address });
            self.note("warning", "any password is taken", fields);
        }
    }

    /// Send the platform's state.
    pub(crate) fn szse_send_state(&mut self, id: usize, port: usize) {
        // Numbers of the engine's list: down, not open, pre-open, open, break, closed, held (told as a break).
        const SHOWN: [u16; 7] = [0, 0, 1, 2, 3, 4, 3];
        let platform = self.config.listen[port].platform;
        let state = usize::from(self.platform_state(SZSE, platform));
        let message = PlatformStateInfo {
            platform_id: platform,
            platform_state: SHOWN.get(state).copied().unwrap_or(0),
        };
        self.send(id, 0, |_, out| encode(&message, out));
    }

    /// Send the list of partitions that a client may ask for.
    pub(crate) fn szse_send_partitions(&mut self, id: usize, port: usize) {
        let partitions: Vec<PartitionEntry> = self
            .set_ids(port)
            .into_iter()
            .map(|set_id| PartitionEntry {
                partition_no: partition_of(set_id),
            })
            .collect();
        let message = PlatformInfo {
            head: PlatformInfoHead {
                platform_id: self.config.listen[port].platform,
            },
            partitions: partitions[..].into(),
        };
        self.send(id, 0, |_, out| encode(&message, out));
    }

    fn szse_sync(
        &mut self,
        id: usize,
        port: usize,
        client: u16,
        frame: &Frame<'_>,
        sync: &ReportSynchronization<'_>,
    ) {
        let known = self.set_ids(port);
        let platform = self.config.listen[port].platform;
        let mut asked = Vec::new();
        for entry in sync.partitions.iter() {
            let set_id = set_id_of(platform, entry.partition_no);
            let fresh = !asked.iter().any(|(seen, _)| *seen == set_id);
            if !known.contains(&set_id) || !fresh || entry.report_index < 1 {
                self.szse_reject(id, frame, code::FIELD.into());
                return;
            }
            asked.push((set_id, entry.report_index.cast_unsigned()));
        }
        for (set_id, begin) in asked {
            self.subscribe(id, client, NO_PBU, set_id, begin);
        }
        self.pump(id);
    }

    /// Refuse a message that has no order in it that could be refused by its own fields.
    fn szse_reject(&mut self, id: usize, frame: &Frame<'_>, reason: u32) {
        let refusal = Refusal {
            code: reason,
            trade_date: self.book.trade_date,
            ns_of_day: self.ns_of_day(),
            text: Code::from_number(reason).map_or("", Code::name),
        };
        let Ok(base) = szse::refusal_base(&refusal) else {
            return;
        };
        let order = <OrderBase as panshi_wire::layout::Layout>::read(frame.body);
        let message = BusinessReject {
            ref_msg_type: frame.msg_type,
            business_reject_ref_id: order
                .filter(|_| frame.msg_type != SYNCHRONIZATION)
                .map_or([b' '; 10], |order| order.cl_ord_id),
            ..base
        };
        self.send(id, 0, |_, out| encode(&message, out));
    }

    /// Queue a goodbye.
    pub(crate) fn szse_goodbye(&mut self, id: usize, session_status: i32, text: &str) {
        let message = Logout {
            session_status,
            text: width::text(text),
        };
        self.send(id, 0, |_, out| encode(&message, out));
    }

    /// Say goodbye; the client closes, or the gate after five seconds.
    pub(crate) fn szse_logout(&mut self, id: usize, session_status: i32, text: &str) {
        self.szse_goodbye(id, session_status, text);
        self.end_soon(id);
    }

    /// Send a heartbeat.
    pub(crate) fn szse_heartbeat(&mut self, id: usize) {
        self.send(id, 0, |_, out| encode(&Heartbeat::default(), out));
    }
}
