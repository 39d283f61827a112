//! Messages between a client order system and a Shenzhen gateway.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 4 and 5.

use panshi_wire::error::WireError;
use panshi_wire::layout::Layout;
use panshi_wire::scale::{szse_price_from_e5, szse_price_to_e5, szse_qty_from_e3, szse_qty_to_e3};
use panshi_wire::szse::{
    APPL_VERSION, BusinessReject, CancelReject, CancelRequest, ConfirmBase, FillBase, Heartbeat,
    Logon, Logout, Message, NewOrder, NoHead, PlatformInfo, ReportSynchronization, SyncEntry,
    encode, frame,
};
use panshi_wire::text::pad;
use panshi_wire::time::stamp_from_ns;

use super::session::{Moment, Session};
use super::{Action, Event, PRE_REJECTED, fit};

const SOURCE: [u8; 4] = *b"102 ";
const SPOT: [u8; 3] = *b"010";
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
            order_of(action, now).map(|order| self.put(|_, out| encode(&order, out)))
        } else {
            cancel_of(action, now).map(|cancel| self.put(|_, out| encode(&cancel, out)))
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
        let event = match &message {
            Message::Confirm(_) => ConfirmBase::read(frame.body).map(|wire| confirm(&wire)),
            Message::Fill(_) => FillBase::read(frame.body).map(|wire| fill(&wire)),
            Message::CancelReject(wire) => Some(Ok(cancel_reject(wire))),
            Message::BusinessReject(wire) => Some(Ok(business_reject(wire))),
            _ => None,
        };
        if let Some(event) = event {
            let event = event.map_err(|error| self.failure(&error))?;
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

fn order_of(action: &Action, now: &Moment) -> Result<NewOrder, WireError> {
    Ok(NewOrder {
        appl_id: SPOT,
        submitting_pbu_id: fit(action.pbu),
        security_id: fit(action.security_id),
        security_id_source: SOURCE,
        owner_type: action.owner_type,
        clearing_firm: *b"00",
        transact_time: stamp_from_ns(now.trade_date, now.ns_of_day())?,
        user_info: fit(action.user_info),
        cl_ord_id: action.cl_ord_id,
        account_id: fit(action.account),
        branch_id: fit(action.branch_id),
        order_restrictions: action.restrictions,
        side: action.side,
        ord_type: action.ord_type,
        order_qty: szse_qty_from_e3(action.qty_e3)?,
        price: szse_price_from_e5(action.price_e5)?,
        time_in_force: b'0',
        cash_margin: b'1',
        ..NewOrder::default()
    })
}

fn cancel_of(action: &Action, now: &Moment) -> Result<CancelRequest, WireError> {
    Ok(CancelRequest {
        appl_id: SPOT,
        submitting_pbu_id: fit(action.pbu),
        security_id: fit(action.security_id),
        security_id_source: SOURCE,
        owner_type: action.owner_type,
        clearing_firm: *b"00",
        transact_time: stamp_from_ns(now.trade_date, now.ns_of_day())?,
        user_info: fit(action.user_info),
        cl_ord_id: action.cl_ord_id,
        orig_cl_ord_id: action.orig_cl_ord_id,
        side: action.side,
        order_qty: szse_qty_from_e3(action.qty_e3)?,
        ..CancelRequest::default()
    })
}

fn confirm(wire: &ConfirmBase) -> Result<Event, WireError> {
    let (kind, qty) = match wire.exec_type {
        b'4' => (3, wire.order_qty.saturating_sub(wire.cum_qty)),
        b'8' => (2, wire.order_qty),
        _ => (1, wire.order_qty),
    };
    Ok(Event {
        report_index: wire.report_index.cast_unsigned(),
        price_e5: szse_price_to_e5(wire.price)?,
        qty_e3: szse_qty_to_e3(qty)?,
        code: wire.ord_rej_reason.into(),
        set_id: wire.partition_no.cast_unsigned(),
        kind,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        ..Event::default()
    })
}

fn fill(wire: &FillBase) -> Result<Event, WireError> {
    Ok(Event {
        report_index: wire.report_index.cast_unsigned(),
        price_e5: szse_price_to_e5(wire.last_px)?,
        qty_e3: szse_qty_to_e3(wire.last_qty)?,
        set_id: wire.partition_no.cast_unsigned(),
        kind: 4,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        security_id: fit(wire.security_id),
        account: fit(wire.account_id),
        exec_id: wire.exec_id,
        ..Event::default()
    })
}

fn cancel_reject(wire: &CancelReject) -> Event {
    Event {
        report_index: wire.report_index.cast_unsigned(),
        code: wire.cxl_rej_reason.into(),
        set_id: wire.partition_no.cast_unsigned(),
        kind: 5,
        side: wire.side,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        security_id: fit(wire.security_id),
        ..Event::default()
    }
}

fn business_reject(wire: &BusinessReject) -> Event {
    Event {
        code: wire.business_reject_reason.into(),
        kind: PRE_REJECTED,
        side: b' ',
        cl_ord_id: wire.business_reject_ref_id,
        security_id: fit(wire.security_id),
        ..Event::default()
    }
}
