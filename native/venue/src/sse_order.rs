//! Orders and cancels at the Shanghai gateway and host, and their reports.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 3.2 and 4.3, 5.5, 5.6; SSE IS111 v3.28 for the codes.

use panshi_wire::sse::{self, code};
use panshi_wire::text::trim;
use panshi_wire::time::ntime_from_ns;

use crate::cause::{Cause, Market};
use crate::exchange::Event;
use crate::fault::{Action, NOBODY, Place};
use crate::order::{Kind, NONE, Order, Side};
use crate::venue::{Entry, Request, VenueCore};

/// Spot auction.
const SPOT: u32 = 100_010;
/// A channel for reports takes no orders.
///
/// Source: SSE guide to the subscription of execution reports v3.0.
const REPORT_CHANNEL: u32 = 10_000;
/// Field conversion codes of the host, one for each field.
mod field {
    pub const SIDE: u32 = 13_608;
    pub const PRICE: u32 = 13_610;
    pub const ORDER_QTY: u32 = 13_612;
    pub const ORD_TYPE: u32 = 13_614;
    pub const TIME_IN_FORCE: u32 = 13_616;
    pub const CREDIT_TAG: u32 = 13_618;
    pub const BRANCH_ID: u32 = 13_620;
}
/// Prices of trading business lie below 10,000 yuan.
const PRICE_LIMIT_E5: i64 = 10_000 * 100_000;

impl VenueCore {
    /// An order came: the gateway's own checks, then the host.
    pub(crate) fn sse_new(&mut self, at: usize, order: &sse::NewOrderSingle) {
        if self.config.ack_only {
            return self.sse_ack(at, order);
        }
        match self.sse_pre_check(at, order) {
            Ok(()) if self.gateways[at].shown_state() == 1 => {
                self.gateways[at].held.push_back(Request::SseOrder(*order));
            }
            Ok(()) => self.sse_host_new(at, order),
            Err(code) => self.sse_reject(at, order, code),
        }
    }

    fn sse_pre_check(&mut self, at: usize, order: &sse::NewOrderSingle) -> Result<(), u32> {
        self.sse_gateway_check(at, &order.cl_ord_id)?;
        let known = self.markets[0].find(trim(&order.security_id)).is_some();
        if order.biz_id != SPOT || !known {
            return Err(code::SECURITY_OR_BUSINESS);
        }
        if let Some(code) = self.sse_wrong_field(order) {
            let by_gateway = self.config.sse.gateway_field_codes;
            return Err(if by_gateway { code::MESSAGE_DATA } else { code });
        }
        self.sse_new_id(at, order.biz_pbu, &order.cl_ord_id)
    }

    /// What the gateway checks of orders and cancels alike.
    fn sse_gateway_check(&self, at: usize, cl_ord_id: &[u8; 10]) -> Result<(), u32> {
        let gateway = &self.gateways[at];
        if gateway.config.reports_only {
            return Err(REPORT_CHANNEL);
        }
        let synced = gateway
            .session
            .and_then(|id| self.session(id))
            .is_none_or(|session| session.synced);
        if !matches!(gateway.shown_state(), 1 | 2) {
            return Err(code::PLATFORM_STATE);
        }
        if !synced && !self.config.sse.order_before_sync {
            return Err(code::NOT_READY);
        }
        if !cl_ord_id.iter().all(u8::is_ascii_alphanumeric) {
            return Err(code::CL_ORD_ID);
        }
        Ok(())
    }

    fn sse_wrong_field(&self, order: &sse::NewOrderSingle) -> Option<u32> {
        let branch = trim(&order.branch_id);
        let branch_holds = branch.is_empty()
            || (branch.len() == 5
                && core::str::from_utf8(branch).is_ok_and(|text| text.parse::<u16>().is_ok()));
        let qty_holds = self
            .profile
            .order_qty_limit_e3
            .is_none_or(|limit| order.order_qty < limit)
            && order.order_qty % 1000 == 0;
        [
            (matches!(order.side, b'1' | b'2'), field::SIDE),
            ((0..PRICE_LIMIT_E5).contains(&order.price), field::PRICE),
            (qty_holds, field::ORDER_QTY),
            ((b'1'..=b'5').contains(&order.ord_type), field::ORD_TYPE),
            (order.time_in_force == b'0', field::TIME_IN_FORCE),
            (
                matches!(&order.credit_tag, b"  " | b"XY" | b"RZ" | b"RQ" | b"PC"),
                field::CREDIT_TAG,
            ),
            (branch_holds, field::BRANCH_ID),
        ]
        .into_iter()
        .find_map(|(holds, code)| (!holds).then_some(code))
    }

    fn sse_new_id(&mut self, at: usize, pbu: [u8; 8], id: &[u8; 10]) -> Result<(), u32> {
        if self.ids.contains_key(&(Market::Sse, pbu, *id)) {
            return Err(self.codes.sse(Cause::Duplicate));
        }
        if !self.take_rate(at) {
            return Err(self.codes.sse(Cause::Busy));
        }
        Ok(())
    }

    fn sse_stream(&self, at: usize, security: u32) -> usize {
        let gateway = &self.gateways[at];
        let sets = &gateway.config.sets;
        let security = self.markets[0].security(security);
        let given = sets.iter().position(|set| *set == security.set_id);
        let number: usize = security.code.parse().unwrap_or(0);
        gateway.streams + given.unwrap_or(number % sets.len())
    }

    pub(crate) fn sse_host_new(&mut self, at: usize, order: &sse::NewOrderSingle) {
        let key = (Market::Sse, order.biz_pbu, order.cl_ord_id);
        let Some(security) = self.markets[0].find(trim(&order.security_id)) else {
            return;
        };
        let stream = self.sse_stream(at, security);
        let entry = Entry {
            request: Request::SseOrder(*order),
            stream,
            order: NONE,
            gateway: at,
        };
        let client = self.enter(key, entry);
        let outcome = self.sse_submit(at, client, security, order);
        match outcome {
            Ok(number) => {
                self.entries[client as usize].order = number;
                self.report_events(Market::Sse);
            }
            Err(cause) => {
                let mut report = self.sse_report(stream, order);
                report.exec_type = b'8';
                report.ord_status = b'8';
                report.ord_rej_reason = self.codes.sse(cause);
                self.push_sse(at, stream, &report);
            }
        }
    }

    fn sse_submit(
        &mut self,
        at: usize,
        client: u32,
        security: u32,
        order: &sse::NewOrderSingle,
    ) -> Result<u32, Cause> {
        let members = &self.config.member_pbus;
        let pbu = trim(&order.biz_pbu);
        if !members.is_empty() && !members.iter().any(|member| member.as_bytes() == pbu) {
            return Err(Cause::Pbu);
        }
        let gateway = &mut self.gateways[at];
        if gateway.reject_burst > 0 {
            gateway.reject_burst -= 1;
            return Err(Cause::Busy);
        }
        let side = if order.side == b'1' {
            Side::Buy
        } else {
            Side::Sell
        };
        let kind = match order.ord_type {
            b'1' => Kind::BestFiveIoc,
            b'3' => Kind::BestFiveLimit,
            b'4' => Kind::OwnBest,
            b'5' => Kind::CounterBest,
            _ => Kind::Limit,
        };
        if let Some(cause) = credit_fault(order, kind) {
            return Err(cause);
        }
        let mut new = Order::new(security, side, kind, order.price, order.order_qty / 1000);
        new.client = client;
        new.entry_ns = self.now.market_ns;
        self.markets[0].submit(new)
    }

    /// Answer 204, which belongs to no stream.
    fn sse_reject(&mut self, at: usize, order: &sse::NewOrderSingle, reason: u32) {
        let reject = sse::OrderReject {
            biz_id: order.biz_id,
            biz_pbu: order.biz_pbu,
            cl_ord_id: order.cl_ord_id,
            security_id: order.security_id,
            ord_rej_reason: reason,
            trade_date: self.config.trade_date,
            transact_time: self.ntime(),
            user_info: order.user_info,
        };
        if let Some(id) = self.gateways[at].session {
            self.send_sse(id, &reject);
        }
    }

    /// A cancel came.
    pub(crate) fn sse_cancel(&mut self, at: usize, cancel: &sse::OrderCancel) {
        let checked = self
            .sse_gateway_check(at, &cancel.cl_ord_id)
            .and_then(|()| {
                let known = self.markets[0].find(trim(&cancel.security_id)).is_some();
                if cancel.biz_id != SPOT || !known {
                    return Err(code::SECURITY_OR_BUSINESS);
                }
                self.sse_new_id(at, cancel.biz_pbu, &cancel.cl_ord_id)
            });
        match checked {
            Ok(()) if self.gateways[at].shown_state() == 1 => {
                self.gateways[at]
                    .held
                    .push_back(Request::SseCancel(*cancel));
            }
            Ok(()) => self.sse_host_cancel(at, cancel),
            Err(code) => {
                let echo = sse::NewOrderSingle {
                    biz_id: cancel.biz_id,
                    biz_pbu: cancel.biz_pbu,
                    cl_ord_id: cancel.cl_ord_id,
                    security_id: cancel.security_id,
                    user_info: cancel.user_info,
                    ..sse::NewOrderSingle::default()
                };
                self.sse_reject(at, &echo, code);
            }
        }
    }

    pub(crate) fn sse_host_cancel(&mut self, at: usize, cancel: &sse::OrderCancel) {
        let Some(security) = self.markets[0].find(trim(&cancel.security_id)) else {
            return;
        };
        let stream = self.sse_stream(at, security);
        let target = self
            .ids
            .get(&(Market::Sse, cancel.biz_pbu, cancel.orig_cl_ord_id))
            .copied();
        let entry = Entry {
            request: Request::SseCancel(*cancel),
            stream,
            order: NONE,
            gateway: at,
        };
        let request = self.enter((Market::Sse, cancel.biz_pbu, cancel.cl_ord_id), entry);
        let outcome = self.cancel_target(Market::Sse, target, request, |original| {
            matches!(original, Request::SseOrder(order) if order.security_id == cancel.security_id)
        });
        if let Err(cause) = outcome {
            let reject = sse::CancelReject {
                pbu: self.streams[stream].pbu,
                set_id: self.streams[stream].set,
                report_index: self.streams[stream].max() + 1,
                biz_id: cancel.biz_id,
                biz_pbu: cancel.biz_pbu,
                cl_ord_id: cancel.cl_ord_id,
                security_id: cancel.security_id,
                orig_cl_ord_id: cancel.orig_cl_ord_id,
                branch_id: [b' '; 8],
                cxl_rej_reason: self.codes.sse(cause),
                trade_date: self.config.trade_date,
                transact_time: self.ntime(),
                user_info: cancel.user_info,
            };
            self.push_sse(at, stream, &reject);
        }
        self.report_events(Market::Sse);
    }

    /// Report an event of a client's order.
    pub(crate) fn sse_event(&mut self, entry: &Entry, order: &Order, number: u32, event: &Event) {
        let Request::SseOrder(sent) = entry.request else {
            return;
        };
        match *event {
            Event::Accepted {
                converted,
                cancelled,
                ..
            } => {
                let mut report = self.sse_report(entry.stream, &sent);
                report.exec_type = b'0';
                report.ord_status = b'0';
                report.leaves_qty = converted * 1000;
                report.cxl_qty = cancelled * 1000;
                report.ord_cnfm_id = order_id(number);
                self.push_sse(entry.gateway, entry.stream, &report);
            }
            Event::Fill {
                price_e5,
                qty,
                cum,
                trade,
                ..
            } => {
                let mut report = self.sse_trade(entry, order, number, price_e5);
                report.order_entry_time = ntime_of(order.entry_ns);
                report.last_qty = qty * 1000;
                report.gross_trade_amt = self.profile.gross_trade_amt_e5(price_e5, qty * 1000);
                let at_once = if order.kind == Kind::BestFiveIoc {
                    order.cancelled
                } else {
                    0
                };
                report.leaves_qty = (order.qty - cum - at_once) * 1000;
                report.ord_status = if cum == order.qty { b'2' } else { b'1' };
                report.trd_cnfm_id = digits(trade);
                self.sse_fill(entry, report);
            }
            Event::Cancelled { qty, request, .. } if request != NONE => {
                let Request::SseCancel(cancel) = self.entries[request as usize].request else {
                    return;
                };
                let mut report = self.sse_report(entry.stream, &sent);
                report.exec_type = b'4';
                report.ord_status = b'4';
                report.cl_ord_id = cancel.cl_ord_id;
                report.orig_cl_ord_id = cancel.orig_cl_ord_id;
                report.user_info = cancel.user_info;
                report.cxl_qty = qty * 1000;
                if order.kind.is_market() {
                    report.price = 0;
                }
                self.push_sse(entry.gateway, entry.stream, &report);
            }
            // The acknowledgement has told what was cancelled at once.
            Event::Cancelled { .. } => {}
        }
    }

    /// Push a fill with the faults that strike fills.
    fn sse_fill(&mut self, entry: &Entry, mut report: sse::TradeReport) {
        let ns_of_day = self.date_ns().1;
        let struck = self
            .script
            .strike(Place::Fill(103), entry.gateway, ns_of_day);
        if struck == Some(Action::PriceOutside) {
            report.last_px *= 10;
            report.gross_trade_amt *= 10;
        }
        self.push_sse(entry.gateway, entry.stream, &report);
        if matches!(struck, Some(Action::OverFill | Action::UnknownFill)) {
            if struck == Some(Action::UnknownFill) {
                report.cl_ord_id = NOBODY;
            }
            report.report_index += 1;
            report.trd_cnfm_id = digits(9_000_000_000 + self.next_report_number());
            self.push_sse(entry.gateway, entry.stream, &report);
        }
    }

    fn sse_report(&self, stream: usize, sent: &sse::NewOrderSingle) -> sse::ExecutionReport {
        let stream = &self.streams[stream];
        sse::ExecutionReport {
            pbu: stream.pbu,
            set_id: stream.set,
            report_index: stream.max() + 1,
            biz_id: sent.biz_id,
            biz_pbu: sent.biz_pbu,
            cl_ord_id: sent.cl_ord_id,
            security_id: sent.security_id,
            account: sent.account,
            side: sent.side,
            price: sent.price,
            order_qty: sent.order_qty,
            ord_type: sent.ord_type,
            time_in_force: sent.time_in_force,
            credit_tag: sent.credit_tag,
            clearing_firm: sent.clearing_firm,
            branch_id: sent.branch_id,
            trade_date: self.config.trade_date,
            transact_time: self.ntime(),
            user_info: sent.user_info,
            ..sse::ExecutionReport::default()
        }
    }

    fn sse_trade(
        &self,
        entry: &Entry,
        order: &Order,
        number: u32,
        price_e5: i64,
    ) -> sse::TradeReport {
        let base = match entry.request {
            Request::SseOrder(sent) => self.sse_report(entry.stream, &sent),
            _ => sse::ExecutionReport::default(),
        };
        sse::TradeReport {
            pbu: base.pbu,
            set_id: base.set_id,
            report_index: base.report_index,
            biz_id: base.biz_id,
            exec_type: b'F',
            biz_pbu: base.biz_pbu,
            cl_ord_id: base.cl_ord_id,
            security_id: base.security_id,
            account: base.account,
            last_px: price_e5,
            side: base.side,
            order_qty: order.qty * 1000,
            credit_tag: base.credit_tag,
            clearing_firm: base.clearing_firm,
            branch_id: base.branch_id,
            ord_cnfm_id: order_id(number),
            trade_date: base.trade_date,
            transact_time: base.transact_time,
            user_info: base.user_info,
            ..sse::TradeReport::default()
        }
    }

    fn push_sse<M: sse::SseMessage>(&mut self, at: usize, stream: usize, report: &M) {
        let mut bytes = [0; 256];
        if let Ok(len) = sse::encode(report, 0, &mut bytes) {
            self.push_report(at, stream, &bytes[..len]);
        }
    }

    /// Stub: acknowledge at once, without host.
    fn sse_ack(&mut self, at: usize, order: &sse::NewOrderSingle) {
        let stream = self.gateways[at].streams;
        let mut report = self.sse_report(stream, order);
        report.exec_type = b'0';
        report.ord_status = b'0';
        report.ord_cnfm_id = digits(report.report_index);
        self.push_sse(at, stream, &report);
    }

    fn ntime(&self) -> u64 {
        ntime_from_ns(self.date_ns().1).unwrap_or(0)
    }
}

/// Margin trading is for credit accounts alone, which trade nothing else; they begin with E.
fn credit_fault(order: &sse::NewOrderSingle, kind: Kind) -> Option<Cause> {
    let credit_account = order.account[0] == b'E';
    match (&order.credit_tag, credit_account) {
        (b"  ", false) => None,
        (b"  ", true) => Some(Cause::CreditAccount),
        (_, false) => Some(Cause::NoCreditAccount),
        (b"RQ", true) if order.side == b'2' && kind.is_market() => Some(Cause::ShortSaleKind),
        (_, true) => None,
    }
}

fn ntime_of(unix_ns: u64) -> u64 {
    ntime_from_ns(panshi_wire::time::date_and_ns(unix_ns).1).unwrap_or(0)
}

/// Order ids begin at 1.
fn order_id(number: u32) -> [u8; 16] {
    digits(u64::from(number) + 1)
}

/// Sixteen digits, padded with zeros on the left.
pub(crate) fn digits(mut value: u64) -> [u8; 16] {
    let mut text = [b'0'; 16];
    for digit in text.iter_mut().rev() {
        *digit += u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
    text
}
