//! The Shenzhen gateway toward its order system: session, states, report streams.
//!
//! Source: SZSE Binary trading interface v1.32, 2.2, 3.15, 4.4 and chapter 5.

use panshi_wire::szse::{self, Message, code};
use panshi_wire::text::{pad, trim};

use crate::session::Stage;
use crate::venue::{SECOND, VenueCore};

impl VenueCore {
    /// Understand what came from a session and return the bytes that are done with.
    pub(crate) fn szse_bytes(&mut self, id: usize, input: &[u8]) -> usize {
        let mut used = 0;
        while let Some(stage) = self.session(id).map(|session| session.stage) {
            match szse::frame(&input[used..]) {
                Ok(Some(frame)) => {
                    used += frame.total_len;
                    match stage {
                        Stage::Fresh => self.szse_first(id, &frame),
                        Stage::Active => self.szse_message(id, &frame),
                        Stage::Leaving => self.leave_on_logout(id, frame.msg_type == 2),
                    }
                }
                Ok(None) => return used,
                Err(error) => {
                    self.szse_refuse(id, code::SESSION_INVALID_MESSAGE, &error.to_string());
                    self.close_now(id);
                    return input.len();
                }
            }
        }
        input.len()
    }

    /// Send a logout with a status.
    pub(crate) fn szse_refuse(&mut self, id: usize, status: i32, text: &str) {
        if self
            .session(id)
            .is_none_or(|session| session.stage == Stage::Leaving)
        {
            return;
        }
        let text = &text.as_bytes()[..text.len().min(200)];
        let logout = szse::Logout {
            session_status: status,
            text: pad(text).unwrap_or([b' '; 200]),
        };
        self.send_szse(id, &logout);
        self.release(id);
    }

    fn szse_first(&mut self, id: usize, frame: &szse::Frame<'_>) {
        let Some(at) = self.session(id).map(|session| session.gateway) else {
            return;
        };
        let Ok(Message::Logon(logon)) = Message::decode(frame) else {
            self.szse_refuse(
                id,
                code::SESSION_INVALID_MESSAGE,
                "the first message must be Logon",
            );
            return self.close_now(id);
        };
        let gateway = &self.gateways[at];
        let password = gateway.config.password.as_ref();
        let version = trim(&logon.default_appl_ver_id);
        let refused = if gateway.not_ready_ns > self.now.mono_ns {
            Some((code::SESSION_NOT_NOW, "not ready"))
        } else if trim(&logon.target_comp_id) != gateway.config.comp_id.as_bytes() {
            Some((code::SESSION_BAD_LOGIN, "TargetCompID"))
        } else if password.is_some_and(|known| known.as_bytes() != trim(&logon.password)) {
            Some((code::SESSION_BAD_LOGIN, "Password"))
        } else if version != self.config.szse.appl_version.as_bytes() {
            Some((code::SESSION_OTHER, "DefaultApplVerID"))
        } else if logon.heart_bt_int <= 0 {
            Some((code::SESSION_INVALID_MESSAGE, "HeartBtInt"))
        } else if gateway.session.is_some() {
            Some((code::SESSION_OTHER, "logged in already"))
        } else {
            None
        };
        if let Some((status, text)) = refused {
            self.szse_refuse(id, status, text);
            return self.close_now(id);
        }
        self.szse_logon(id, at, &logon);
    }

    fn szse_logon(&mut self, id: usize, at: usize, logon: &szse::Logon) {
        self.gateways[at].session = Some(id);
        if let Some(session) = self.session_mut(id) {
            session.stage = Stage::Active;
            let seconds = u64::try_from(logon.heart_bt_int).unwrap_or(1);
            session.heartbeat_ns = seconds * SECOND;
        }
        let answer = szse::Logon {
            sender_comp_id: logon.target_comp_id,
            target_comp_id: logon.sender_comp_id,
            password: [b' '; 16],
            ..*logon
        };
        self.send_szse(id, &answer);
        self.send_state(id);
        let config = &self.gateways[at].config;
        let partitions: Vec<_> = config
            .sets
            .iter()
            .map(|set| szse::PartitionEntry {
                partition_no: i32::try_from(*set).unwrap_or(0),
            })
            .collect();
        let list = szse::PlatformInfo {
            head: szse::PlatformInfoHead {
                platform_id: config.platform,
            },
            partitions: partitions[..].into(),
        };
        self.send_szse(id, &list);
    }

    pub(crate) fn szse_state(&mut self, id: usize, at: usize, state: u16) {
        let info = szse::PlatformStateInfo {
            platform_id: self.gateways[at].config.platform,
            platform_state: state,
        };
        self.send_szse(id, &info);
    }

    fn szse_message(&mut self, id: usize, frame: &szse::Frame<'_>) {
        let Some(at) = self.session(id).map(|session| session.gateway) else {
            return;
        };
        match Message::decode(frame) {
            Ok(Message::NewOrder(order)) => self.szse_new(at, &order),
            Ok(Message::NewOrder103701(order)) => self.szse_new(at, &auction_form(&order)),
            Ok(Message::CancelRequest(cancel)) => self.szse_cancel(at, &cancel),
            Ok(Message::Heartbeat(_)) => {}
            Ok(Message::ReportSynchronization(request)) => self.szse_sync(id, at, &request),
            Ok(Message::Logout(_)) => {
                self.szse_refuse(id, code::SESSION_LOGOUT_COMPLETE, "");
            }
            Ok(Message::Logon(_)) => {
                self.szse_refuse(id, code::SESSION_OTHER, "logged in already");
                self.close_now(id);
            }
            Ok(_) => self.szse_reject_message(id, frame.msg_type, code::MESSAGE_TYPE),
            Err(_) => self.szse_reject_message(id, frame.msg_type, code::UNREADABLE),
        }
    }

    /// Refuse a message that is no order.
    fn szse_reject_message(&mut self, id: usize, ref_msg_type: u32, reason: u16) {
        let reject = szse::BusinessReject {
            transact_time: self.stamp(),
            ref_msg_type,
            business_reject_reason: reason,
            ..szse::BusinessReject::default()
        };
        self.send_szse(id, &reject);
    }

    fn szse_sync(&mut self, id: usize, at: usize, request: &szse::ReportSynchronization<'_>) {
        let gateway = &self.gateways[at];
        let mut wanted: Vec<(usize, u64)> = Vec::new();
        for entry in request.partitions.iter() {
            let set = u32::try_from(entry.partition_no).ok();
            let place = gateway
                .config
                .sets
                .iter()
                .position(|known| Some(*known) == set);
            let index = u64::try_from(entry.report_index)
                .ok()
                .filter(|index| *index > 0);
            let stream = place.map(|place| gateway.streams + place);
            match (stream, index) {
                (Some(stream), Some(index)) if wanted.iter().all(|seen| seen.0 != stream) => {
                    wanted.push((stream, index));
                }
                // One wrong partition spoils the whole message.
                _ => return self.szse_reject_message(id, 5, code::FIELD),
            }
        }
        let restart = self.config.szse.second_sync_restarts;
        for (stream, index) in wanted {
            self.subscribe(id, stream, index, restart);
        }
        if let Some(session) = self.session_mut(id) {
            session.synced = true;
        }
    }

    pub(crate) fn szse_end(&mut self, at: usize, stream: usize) {
        let known = &self.streams[stream];
        let end = szse::ReportFinished {
            partition_no: i32::try_from(known.set).unwrap_or(0),
            report_index: i64::try_from(known.max() + 1).unwrap_or(i64::MAX),
            platform_id: self.gateways[at].config.platform,
        };
        let mut bytes = [0; 64];
        if let Ok(len) = szse::encode(&end, &mut bytes) {
            self.streams[stream].push(&bytes[..len]);
        }
    }
}

/// An after-hours order in the form in which all orders are kept; `ApplID` tells them apart.
fn auction_form(order: &szse::NewOrder103701) -> szse::NewOrder {
    szse::NewOrder {
        appl_id: order.appl_id,
        submitting_pbu_id: order.submitting_pbu_id,
        security_id: order.security_id,
        security_id_source: order.security_id_source,
        owner_type: order.owner_type,
        clearing_firm: order.clearing_firm,
        transact_time: order.transact_time,
        user_info: order.user_info,
        cl_ord_id: order.cl_ord_id,
        account_id: order.account_id,
        branch_id: order.branch_id,
        order_restrictions: order.order_restrictions,
        side: order.side,
        ord_type: order.ord_type,
        order_qty: order.order_qty,
        price: order.price,
        stop_px: 0,
        min_qty: 0,
        max_price_levels: 0,
        time_in_force: b'0',
        cash_margin: order.cash_margin,
    }
}
