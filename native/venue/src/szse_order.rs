//! Orders and cancels at the Shenzhen gateway and host, and their reports.
//!
//! Source: SZSE Binary trading interface v1.32, 3.3, 3.4, 4.5, 7.1 and table 4-7.

use panshi_wire::szse::{self, code};
use panshi_wire::text::trim;
use panshi_wire::time::stamp_from_ns;

use crate::cause::{Cause, Market};
use crate::config::Early;
use crate::order::{Kind, NONE, Order, Side, State};
use crate::phase::Phase;
use crate::venue::{Entry, Request, VenueCore};

/// Spot auction and after-hours fixed price.
const SPOT: &[u8; 3] = b"010";
pub(crate) const FIXED: &[u8; 3] = b"370";
/// Message types of the two businesses: order, confirm, fill.
const SPOT_ORDER: u32 = 100_101;
const FIXED_ORDER: u32 = 103_701;
const CANCEL: u32 = 190_007;

impl VenueCore {
    /// An order came: the gateway's basic checks, then the host.
    pub(crate) fn szse_new(&mut self, at: usize, order: &szse::NewOrder) {
        if self.config.ack_only {
            return self.szse_ack(at, order);
        }
        let checked = self.szse_pre_check(at, order);
        match checked {
            Ok(false) => self.gateways[at].held.push_back(Request::SzseOrder(*order)),
            Ok(true) => self.szse_host_new(at, order),
            Err(code) => self.szse_reject(at, order, order_type(order), code),
        }
    }

    /// Whether the order goes to the host now; false: it is kept until the platform opens.
    fn szse_pre_check(&mut self, at: usize, order: &szse::NewOrder) -> Result<bool, u16> {
        let platform = self.gateways[at].config.platform;
        let wanted = if platform == 2 { FIXED } else { SPOT };
        if order.appl_id != *wanted {
            return Err(code::APPL_ID);
        }
        let now = self.szse_gateway_check(at, order.submitting_pbu_id)?;
        if self.markets[1].find(trim(&order.security_id)).is_none() {
            return Err(code::SECURITY);
        }
        let fields_hold = matches!(order.side, b'1' | b'2')
            && order.security_id_source == *b"102 "
            && order.order_qty % 100 == 0
            && order.price >= 0;
        if !fields_hold {
            return Err(code::FIELD);
        }
        self.szse_new_id(at, order.submitting_pbu_id, &order.cl_ord_id)?;
        Ok(now)
    }

    fn szse_gateway_check(&self, at: usize, pbu: [u8; 6]) -> Result<bool, u16> {
        let gateway = &self.gateways[at];
        let synced = gateway
            .session
            .and_then(|id| self.session(id))
            .is_none_or(|session| session.synced);
        if !synced && !self.config.szse.order_before_sync {
            return Err(code::PLATFORM_NOT_OPEN);
        }
        let known = |list: &[String]| list.iter().any(|one| one.as_bytes() == trim(&pbu));
        if !known(&gateway.config.pbus) && !known(&self.config.member_pbus) {
            return Err(code::PBU_GATEWAY);
        }
        let early = match (gateway.shown_state(), self.markets[1].phase) {
            (2, _) => return Ok(true),
            (3, Phase::OpeningPause) => self.config.szse.opening_pause,
            (1, _) => self.config.szse.upcoming,
            (4, _) => return Err(code::PLATFORM_CLOSED),
            _ => Early::Reject,
        };
        match early {
            Early::Queue => Ok(false),
            Early::Reject => Err(code::PLATFORM_NOT_OPEN),
        }
    }

    fn szse_new_id(&mut self, at: usize, pbu: [u8; 6], id: &[u8; 10]) -> Result<(), u16> {
        if self.ids.contains_key(&(Market::Szse, wide(pbu), *id)) {
            return Err(self.codes.szse(Cause::Duplicate));
        }
        if !self.take_rate(at) {
            return Err(self.codes.szse(Cause::Busy));
        }
        Ok(())
    }

    fn szse_stream(&self, at: usize, security: u32) -> usize {
        let gateway = &self.gateways[at];
        let sets = &gateway.config.sets;
        let security = self.markets[1].security(security);
        let given = sets.iter().position(|set| *set == security.set_id);
        let number: usize = security.code.parse().unwrap_or(0);
        gateway.streams + given.unwrap_or(number % sets.len())
    }

    fn szse_host_new(&mut self, at: usize, order: &szse::NewOrder) {
        let Some(security) = self.markets[1].find(trim(&order.security_id)) else {
            return;
        };
        let stream = self.szse_stream(at, security);
        let entry = Entry {
            request: Request::SzseOrder(*order),
            stream,
            order: NONE,
            gateway: at,
        };
        let key = (Market::Szse, wide(order.submitting_pbu_id), order.cl_ord_id);
        let client = self.enter(key, entry);
        match self.szse_submit(at, client, security, order) {
            Ok(number) => {
                self.entries[client as usize].order = number;
                self.report_events(Market::Szse);
            }
            Err(cause) => {
                let mut report = self.szse_confirm(stream, order);
                report.exec_type = b'8';
                report.ord_status = b'8';
                report.ord_rej_reason = self.codes.szse(cause);
                self.push_confirm(at, stream, &report);
            }
        }
    }

    fn szse_submit(
        &mut self,
        at: usize,
        client: u32,
        security: u32,
        order: &szse::NewOrder,
    ) -> Result<u32, Cause> {
        let gateway = &mut self.gateways[at];
        if gateway.reject_burst > 0 {
            gateway.reject_burst -= 1;
            return Err(Cause::Busy);
        }
        let kind = kind_of(order).ok_or(Cause::OrderKind)?;
        let side = if order.side == b'1' {
            Side::Buy
        } else {
            Side::Sell
        };
        let price_e5 = order.price.checked_mul(10).ok_or(Cause::Range)?;
        let mut new = Order::new(security, side, kind, price_e5, order.order_qty / 100);
        new.client = client;
        new.entry_ns = self.now.market_ns;
        self.markets[1].submit(new)
    }

    /// Answer `BusinessReject`, which belongs to no stream.
    fn szse_reject(&mut self, at: usize, order: &szse::NewOrder, ref_msg_type: u32, reason: u16) {
        let reject = szse::BusinessReject {
            appl_id: order.appl_id,
            transact_time: self.stamp(),
            submitting_pbu_id: order.submitting_pbu_id,
            security_id: order.security_id,
            security_id_source: order.security_id_source,
            ref_seq_num: 0,
            ref_msg_type,
            business_reject_ref_id: order.cl_ord_id,
            business_reject_reason: reason,
            ..szse::BusinessReject::default()
        };
        if let Some(id) = self.gateways[at].session {
            self.send_szse(id, &reject);
        }
    }

    /// A cancel came.
    pub(crate) fn szse_cancel(&mut self, at: usize, cancel: &szse::CancelRequest) {
        let checked = self
            .szse_gateway_check(at, cancel.submitting_pbu_id)
            .and_then(|now| {
                if self.markets[1].find(trim(&cancel.security_id)).is_none() {
                    return Err(code::SECURITY);
                }
                self.szse_new_id(at, cancel.submitting_pbu_id, &cancel.cl_ord_id)?;
                Ok(now)
            });
        match checked {
            Ok(false) => self.gateways[at]
                .held
                .push_back(Request::SzseCancel(*cancel)),
            Ok(true) => self.szse_host_cancel(at, cancel),
            Err(code) => {
                let echo = szse::NewOrder {
                    appl_id: cancel.appl_id,
                    submitting_pbu_id: cancel.submitting_pbu_id,
                    security_id: cancel.security_id,
                    security_id_source: cancel.security_id_source,
                    cl_ord_id: cancel.cl_ord_id,
                    ..szse::NewOrder::default()
                };
                self.szse_reject(at, &echo, CANCEL, code);
            }
        }
    }

    fn szse_host_cancel(&mut self, at: usize, cancel: &szse::CancelRequest) {
        let Some(security) = self.markets[1].find(trim(&cancel.security_id)) else {
            return;
        };
        let stream = self.szse_stream(at, security);
        let pbu = wide(cancel.submitting_pbu_id);
        let target = self
            .ids
            .get(&(Market::Szse, pbu, cancel.orig_cl_ord_id))
            .copied();
        let entry = Entry {
            request: Request::SzseCancel(*cancel),
            stream,
            order: NONE,
            gateway: at,
        };
        let request = self.enter((Market::Szse, pbu, cancel.cl_ord_id), entry);
        let outcome = self.cancel_target(Market::Szse, target, request, |original| {
            matches!(original, Request::SzseOrder(order)
                if order.security_id == cancel.security_id && order.appl_id == cancel.appl_id)
        });
        if let Err(cause) = outcome {
            self.szse_refuse_cancel(at, stream, cancel, (target, cause));
        }
        self.report_events(Market::Szse);
    }

    fn szse_refuse_cancel(
        &mut self,
        at: usize,
        stream: usize,
        cancel: &szse::CancelRequest,
        (target, cause): (Option<u32>, Cause),
    ) {
        let number = target.map_or(NONE, |target| self.entries[target as usize].order);
        let status = if number == NONE {
            b'8'
        } else {
            status_of(self.markets[1].orders.get(number))
        };
        let (partition_no, report_index) = self.szse_place(stream);
        let reject = szse::CancelReject {
            partition_no,
            report_index,
            appl_id: cancel.appl_id,
            reporting_pbu_id: cancel.submitting_pbu_id,
            submitting_pbu_id: cancel.submitting_pbu_id,
            security_id: cancel.security_id,
            security_id_source: cancel.security_id_source,
            owner_type: cancel.owner_type,
            clearing_firm: cancel.clearing_firm,
            transact_time: self.stamp(),
            user_info: cancel.user_info,
            cl_ord_id: cancel.cl_ord_id,
            orig_cl_ord_id: cancel.orig_cl_ord_id,
            side: cancel.side,
            ord_status: status,
            cxl_rej_reason: self.codes.szse(cause),
            reject_text: [b' '; 16],
            order_id: if number == NONE {
                [b' '; 16]
            } else {
                self.szse_order_id(number)
            },
        };
        self.push_szse(at, stream, &reject);
    }

    /// Stub: acknowledge at once, without host.
    fn szse_ack(&mut self, at: usize, order: &szse::NewOrder) {
        let stream = self.gateways[at].streams;
        let mut report = self.szse_confirm(stream, order);
        report.exec_type = b'0';
        report.ord_status = b'0';
        report.leaves_qty = order.order_qty;
        report.order_id = report.exec_id;
        self.push_confirm(at, stream, &report);
    }

    pub(crate) fn stamp(&self) -> i64 {
        let (date, ns_of_day) = self.date_ns();
        stamp_from_ns(date, ns_of_day).unwrap_or(0)
    }
}

fn order_type(order: &szse::NewOrder) -> u32 {
    if order.appl_id == *FIXED {
        FIXED_ORDER
    } else {
        SPOT_ORDER
    }
}

/// Table 4-7; nothing for a combination that is not in it.
fn kind_of(order: &szse::NewOrder) -> Option<Kind> {
    if order.appl_id == *FIXED {
        return Some(Kind::Fixed);
    }
    let whole = order.min_qty == order.order_qty;
    match (
        order.time_in_force,
        order.ord_type,
        order.max_price_levels,
        order.min_qty,
    ) {
        (b'0', b'2', 0, 0) => Some(Kind::Limit),
        (b'0', b'U', 0, 0) => Some(Kind::OwnBest),
        (b'0', b'1', 1, 0) => Some(Kind::CounterBest),
        (b'3', b'1', 0, 0) => Some(Kind::Ioc),
        (b'3', b'1', 5, 0) => Some(Kind::BestFiveIoc),
        (b'3', b'1', 0, _) if whole => Some(Kind::Fok),
        _ => None,
    }
}

fn status_of(order: &Order) -> u8 {
    match order.state {
        State::Open if order.cum > 0 => b'1',
        State::Open => b'0',
        State::Filled => b'2',
        State::Cancelled => b'4',
        State::Rejected => b'8',
    }
}

/// A PBU as it is kept in ids.
fn wide(pbu: [u8; 6]) -> [u8; 8] {
    let mut wide = [b' '; 8];
    wide[..6].copy_from_slice(&pbu);
    wide
}
