//! Messages of a Shenzhen gateway (TGW) to the gate.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 2 to 5.

use panshi_engine::record::flow::{GatewayStream, Report};
use panshi_wire::error::WireError;
use panshi_wire::layout::Layout;
use panshi_wire::szse::{
    ConfirmBase, FillBase, Frame, Message, PlatformInfo, ReportSynchronization, SyncEntry, encode,
    frame,
};
use serde_json::json;

use crate::centre::Cause;
use crate::conn::SECOND_NS;
use crate::convert::platform::{partition_of, set_id_of};
use crate::convert::szse::{self, ConfirmTail};
use crate::convert::{Origin, SZSE};
use crate::exchange::Phase;
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;

/// Platform states as numbers of the engine's list.
const STATES: [u8; 5] = [1, 2, 3, 4, 5];

impl Gate {
    /// Take one message; the bytes taken, nothing when the message is not whole or was bad.
    pub(crate) fn szse_link_frame(&mut self, id: usize, link: usize, data: &[u8]) -> Option<usize> {
        match frame(data) {
            Ok(Some(frame)) => {
                self.szse_link_message(id, link, &frame);
                Some(frame.total_len)
            }
            Ok(None) => None,
            Err(error) => {
                self.link_broken(id, link, Cause::Loss, &error.to_string());
                None
            }
        }
    }

    fn szse_link_message(&mut self, id: usize, link: usize, frame: &Frame<'_>) {
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
        match report_of(&message, frame, origin) {
            Ok(Some(report)) => {
                self.take_report((id, link), &report);
                return;
            }
            Ok(None) => {}
            Err(error) => {
                self.link_broken(id, link, Cause::Loss, &error.to_string());
                return;
            }
        }
        match message {
            Message::Logon(logon) => {
                if let Some(conn) = self.conn(id) {
                    let seconds = u64::from(logon.heart_bt_int.unsigned_abs().max(1));
                    conn.heartbeat_ns = seconds * SECOND_NS;
                }
                self.link_up(link);
            }
            Message::PlatformStateInfo(state) => {
                let number = usize::from(state.platform_state);
                let state = STATES.get(number).copied().unwrap_or(1);
                self.take_platform_state(link, state);
            }
            Message::PlatformInfo(info) if self.links[link].phase == Phase::Up => {
                self.ask_partitions(id, link, &info);
            }
            Message::Logout(logout) => {
                self.link_logout(id, link, logout.session_status.into(), &logout.text);
            }
            Message::Heartbeat(_) | Message::PlatformInfo(_) => {}
            _ => {
                let fields = json!({ "gateway": origin.number, "type": frame.msg_type });
                self.note("warning", "message type ignored", fields);
            }
        }
    }

    /// Ask for every partition from where the journal ends.
    fn ask_partitions(&mut self, id: usize, link: usize, info: &PlatformInfo<'_>) {
        let (gateway, platform) = {
            let config = &self.links[link].config;
            (config.number, config.platform)
        };
        let numbers = info.partitions.iter().map(|entry| entry.partition_no);
        let set_ids: Vec<u32> = numbers.map(|no| set_id_of(platform, no)).collect();
        self.links[link].set_ids.clone_from(&set_ids);
        let nothing = std::iter::empty();
        self.links[link]
            .welcome
            .told_streams(self.now.mono_ns, nothing);
        let mut wanted = Vec::with_capacity(set_ids.len());
        let again = self.links[link].gaps.begin();
        for set_id in set_ids {
            self.tell_stream(&GatewayStream {
                time_ns: self.now.market_ns,
                pbu: [b' '; 8],
                set_id,
                gateway,
                market: SZSE,
                own: 1,
            });
            let key = ExchangeKey::szse(gateway, set_id);
            let last = self.book.last_index(key);
            let row = &mut self.links[link];
            row.resync.ask(key, Some(0));
            if again {
                row.gaps.ask(key, last);
            }
            wanted.push(SyncEntry {
                partition_no: partition_of(set_id),
                report_index: (last + 1).cast_signed(),
            });
        }
        let message = ReportSynchronization {
            head: panshi_wire::szse::NoHead {},
            partitions: wanted[..].into(),
        };
        self.send(id, 0, |_, out| encode(&message, out));
    }
}

/// The report in a message, if it is one.
fn report_of(
    message: &Message<'_>,
    frame: &Frame<'_>,
    origin: Origin,
) -> Result<Option<Report>, WireError> {
    let confirm = || ConfirmBase::read(frame.body).unwrap_or_default();
    let fill = || FillBase::read(frame.body).unwrap_or_default();
    match message {
        Message::Confirm(wire) => {
            let tail = ConfirmTail {
                min_qty: wire.min_qty,
                max_levels: wire.max_price_levels,
                time_in_force: wire.time_in_force,
                cash_margin: wire.cash_margin,
            };
            szse::confirm_from_wire(&confirm(), &tail, origin)
        }
        Message::Confirm203702(wire) => {
            let tail = ConfirmTail {
                min_qty: 0,
                max_levels: 0,
                time_in_force: b'0',
                cash_margin: wire.cash_margin,
            };
            szse::confirm_from_wire(&confirm(), &tail, origin)
        }
        Message::Fill(wire) => szse::fill_from_wire(&fill(), wire.cash_margin, origin).map(Some),
        Message::Fill203715(wire) => {
            szse::fill_from_wire(&fill(), wire.cash_margin, origin).map(Some)
        }
        Message::CancelReject(wire) => Ok(Some(szse::cancel_reject_from_wire(wire, origin))),
        Message::BusinessReject(wire) => Ok(Some(szse::business_reject_from_wire(wire, origin))),
        Message::ReportFinished(wire) => Ok(Some(szse::end_from_wire(wire, origin))),
        _ => Ok(None),
    }
}
