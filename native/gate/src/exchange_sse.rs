//! Messages of a Shanghai gateway (TDGW) to the gate.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapters 3 to 5.

use panshi_engine::record::flow::GatewayStream;
use panshi_wire::sse::{ExecRptSyncRsp, Frame, Logon, Message, frame};
use serde_json::json;

use crate::centre::Cause;
use crate::conn::SECOND_NS;
use crate::convert::{Origin, SSE, sse};
use crate::exchange::Phase;
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;

/// Platform states as numbers of the engine's list.
const STATES: [u8; 5] = [1, 2, 3, 4, 5];

impl Gate {
    /// Take one message; the bytes taken, nothing when the message is not whole or was bad.
    pub(crate) fn sse_link_frame(&mut self, id: usize, link: usize, data: &[u8]) -> Option<usize> {
        match frame(data) {
            Ok(Some(frame)) => {
                self.sse_link_message(id, link, &frame);
                Some(frame.total_len)
            }
            Ok(None) => None,
            Err(error) => {
                self.link_broken(id, link, Cause::Loss, &error.to_string());
                None
            }
        }
    }

    fn sse_link_message(&mut self, id: usize, link: usize, frame: &Frame<'_>) {
        let message = match Message::decode(frame) {
            Ok(message) => message,
            Err(error) => {
                self.link_broken(id, link, Cause::Loss, &error.to_string());
                return;
            }
        };
        let origin = Origin {
            time_ns: self.now.market_ns,
            number: self.links[link].config.number,
        };
        let at = (id, link);
        match message {
            Message::ExecutionReport(wire) => {
                if let Some(report) = sse::response_from_wire(&wire, origin) {
                    self.take_report(at, &report);
                }
            }
            Message::TradeReport(wire) => self.take_report(at, &sse::fill_from_wire(&wire, origin)),
            Message::CancelReject(wire) => {
                self.take_report(at, &sse::cancel_reject_from_wire(&wire, origin));
            }
            Message::OrderReject(wire) => {
                self.take_report(at, &sse::order_reject_from_wire(&wire, origin));
            }
            Message::ExecRptEndOfStream(wire) => {
                self.take_report(at, &sse::end_from_wire(&wire, origin));
            }
            Message::Logon(logon) => self.sse_link_logon(id, link, &logon),
            Message::PlatformState(state) => {
                let number = usize::from(state.platform_state);
                let state = STATES.get(number).copied().unwrap_or(1);
                self.take_platform_state(link, state);
            }
            Message::ExecRptInfo(info) if self.links[link].phase == Phase::Up => {
                let pbus: Vec<[u8; 8]> = info.pbus.iter().map(|entry| entry.pbu).collect();
                let sets: Vec<u32> = info.set_ids.iter().map(|entry| entry.set_id).collect();
                self.links[link].set_ids.clone_from(&sets);
                self.tell_sse_streams(origin, &pbus, &sets);
                self.ask_streams((id, link), &pbus, &sets);
            }
            Message::ExecRptSyncRsp(answer) => self.sse_streams_answered(link, &answer),
            Message::Logout(logout) => {
                self.link_logout(id, link, logout.session_status.into(), &logout.text);
            }
            Message::Heartbeat(_) | Message::ExecRptInfo(_) => {}
            _ => {
                let fields = json!({ "gateway": origin.number, "type": frame.msg_type });
                self.note("warning", "message type ignored", fields);
            }
        }
    }

    /// The gateway said of each stream how far it goes, or why it does not give it.
    fn sse_streams_answered(&mut self, link: usize, answer: &ExecRptSyncRsp<'_>) {
        for group in answer.groups.iter() {
            let key = ExchangeKey::sse(group.pbu, group.set_id);
            let row = &mut self.links[link];
            row.welcome.answered(key);
            if group.rej_reason == 0 {
                row.resync.answered(key, group.end_report_index);
                continue;
            }
            // What it does not give cannot be waited for.
            row.resync.answered(key, 0);
            let fields = json!({
                "gateway": row.config.number, "set_id": group.set_id, "reason": group.rej_reason,
            });
            self.note("error", "stream refused by the exchange gateway", fields);
        }
    }

    /// The exchange's trade date is authoritative: another one than the gate's is no day to trade on.
    fn sse_link_logon(&mut self, id: usize, link: usize, logon: &Logon) {
        let (expected, found) = (self.book.trade_date, logon.trade_date);
        if found != expected {
            let reason = format!("trade date must be {expected}, found {found}");
            self.link_broken(id, link, Cause::Refused, &reason);
            return;
        }
        if let Some(conn) = self.conn(id) {
            conn.heartbeat_ns = u64::from(logon.heart_bt_int.max(1)) * SECOND_NS;
        }
        self.link_up(link);
    }

    /// Tell the engine what a gateway carries: the streams of its login PBU, named first, then copies.
    fn tell_sse_streams(&mut self, origin: Origin, pbus: &[[u8; 8]], sets: &[u32]) {
        for (place, pbu) in pbus.iter().enumerate() {
            for set_id in sets {
                self.tell_stream(&GatewayStream {
                    time_ns: origin.time_ns,
                    pbu: *pbu,
                    set_id: *set_id,
                    gateway: origin.number,
                    market: SSE,
                    own: u8::from(place == 0),
                });
            }
        }
    }
}
