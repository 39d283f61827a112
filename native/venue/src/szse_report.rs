//! Reports of the Shenzhen host: confirms, fills, and how they get into their streams.
//!
//! Source: SZSE Binary trading interface v1.32, 4.5.4, 4.5.5, 7.1.

use panshi_wire::scale::{szse_price_from_e5, szse_qty_from_e3};
use panshi_wire::szse;

use crate::exchange::Event;
use crate::fault::{Action, NOBODY, Place};
use crate::order::Order;
use crate::sse_order::digits;
use crate::szse_order::FIXED;
use crate::venue::{Entry, Request, VenueCore};

impl VenueCore {
    /// Report an event of a client's order.
    pub(crate) fn szse_event(&mut self, entry: &Entry, order: &Order, number: u32, event: &Event) {
        let Request::SzseOrder(sent) = entry.request else {
            return;
        };
        if let Event::Fill {
            price_e5, qty, cum, ..
        } = *event
        {
            return self.szse_fill(entry, &sent, (number, order.qty), (price_e5, qty, cum));
        }
        let mut report = self.szse_confirm(entry.stream, &sent);
        report.order_id = self.szse_order_id(number);
        if let Event::Cancelled { request, cause, .. } = *event {
            report.exec_type = b'4';
            report.ord_status = b'4';
            report.cum_qty = wire_qty(order.cum);
            report.ord_rej_reason = cause.map_or(0, |cause| self.codes.szse(cause));
            let by = self.entries.get(request as usize);
            if let Some(Request::SzseCancel(cancel)) = by.map(|entry| entry.request) {
                report.cl_ord_id = cancel.cl_ord_id;
                report.orig_cl_ord_id = cancel.orig_cl_ord_id;
                report.user_info = cancel.user_info;
            }
        } else {
            report.exec_type = b'0';
            report.ord_status = b'0';
            report.leaves_qty = sent.order_qty;
        }
        self.push_confirm(entry.gateway, entry.stream, &report);
    }

    pub(crate) fn szse_place(&self, stream: usize) -> (i32, i64) {
        let stream = &self.streams[stream];
        let index = i64::try_from(stream.max() + 1).unwrap_or(i64::MAX);
        (i32::try_from(stream.set).unwrap_or(0), index)
    }

    /// No two days have the same order id.
    pub(crate) fn szse_order_id(&self, number: u32) -> [u8; 16] {
        digits(u64::from(self.config.trade_date) * 100_000_000 + u64::from(number) + 1)
    }

    pub(crate) fn szse_confirm(&mut self, stream: usize, sent: &szse::NewOrder) -> szse::Confirm {
        let (partition_no, report_index) = self.szse_place(stream);
        szse::Confirm {
            partition_no,
            report_index,
            appl_id: sent.appl_id,
            reporting_pbu_id: sent.submitting_pbu_id,
            submitting_pbu_id: sent.submitting_pbu_id,
            security_id: sent.security_id,
            security_id_source: sent.security_id_source,
            owner_type: sent.owner_type,
            clearing_firm: sent.clearing_firm,
            transact_time: self.stamp(),
            user_info: sent.user_info,
            cl_ord_id: sent.cl_ord_id,
            exec_id: digits(self.next_report_number()),
            side: sent.side,
            ord_type: sent.ord_type,
            order_qty: sent.order_qty,
            price: sent.price,
            account_id: sent.account_id,
            branch_id: sent.branch_id,
            order_restrictions: sent.order_restrictions,
            stop_px: sent.stop_px,
            min_qty: sent.min_qty,
            max_price_levels: sent.max_price_levels,
            time_in_force: sent.time_in_force,
            cash_margin: sent.cash_margin,
            ..szse::Confirm::default()
        }
    }

    fn szse_fill(
        &mut self,
        entry: &Entry,
        sent: &szse::NewOrder,
        (number, order_qty): (u32, i64),
        (price_e5, qty, cum): (i64, i64, i64),
    ) {
        let ns_of_day = self.date_ns().1;
        let struck = self
            .script
            .strike(Place::Fill(200_115), entry.gateway, ns_of_day);
        let base = self.szse_confirm(entry.stream, sent);
        let mut fill = szse::Fill {
            partition_no: base.partition_no,
            report_index: base.report_index,
            appl_id: base.appl_id,
            reporting_pbu_id: base.reporting_pbu_id,
            submitting_pbu_id: base.submitting_pbu_id,
            security_id: base.security_id,
            security_id_source: base.security_id_source,
            owner_type: base.owner_type,
            clearing_firm: base.clearing_firm,
            transact_time: base.transact_time,
            user_info: base.user_info,
            order_id: self.szse_order_id(number),
            cl_ord_id: base.cl_ord_id,
            exec_id: base.exec_id,
            exec_type: b'F',
            ord_status: if cum == order_qty { b'2' } else { b'1' },
            last_px: szse_price_from_e5(price_e5).unwrap_or(0),
            last_qty: wire_qty(qty),
            leaves_qty: wire_qty(order_qty - cum),
            cum_qty: wire_qty(cum),
            side: base.side,
            account_id: base.account_id,
            branch_id: base.branch_id,
            cash_margin: base.cash_margin,
        };
        if struck == Some(Action::PriceOutside) {
            fill.last_px *= 10;
        }
        self.push_fill(entry, &fill);
        if matches!(struck, Some(Action::OverFill | Action::UnknownFill)) {
            if struck == Some(Action::UnknownFill) {
                fill.cl_ord_id = NOBODY;
            }
            fill.report_index += 1;
            fill.exec_id = digits(self.next_report_number());
            self.push_fill(entry, &fill);
        }
    }

    /// Confirms and fills of both businesses have the same bytes but for type and extension.
    pub(crate) fn push_confirm(&mut self, at: usize, stream: usize, report: &szse::Confirm) {
        if report.appl_id == *FIXED {
            let mut bytes = [0; 256];
            if let Ok(len) = szse::encode(report, &mut bytes) {
                let fixed = fixed_confirm(&bytes[..len], report.cash_margin);
                self.push_report(at, stream, &fixed);
            }
            return;
        }
        self.push_szse(at, stream, report);
    }

    fn push_fill(&mut self, entry: &Entry, fill: &szse::Fill) {
        let mut bytes = [0; 256];
        let Ok(len) = szse::encode(fill, &mut bytes) else {
            return;
        };
        if fill.appl_id == *FIXED {
            bytes[..4].copy_from_slice(&203_715_u32.to_be_bytes());
            let _ = szse::reseal(&mut bytes[..len]);
        }
        self.push_report(entry.gateway, entry.stream, &bytes[..len]);
    }

    pub(crate) fn push_szse<M: szse::SzseMessage>(&mut self, at: usize, stream: usize, report: &M) {
        let mut bytes = [0; 256];
        if let Ok(len) = szse::encode(report, &mut bytes) {
            self.push_report(at, stream, &bytes[..len]);
        }
    }
}

/// The after-hours confirm: the auction's base fields, then `CashMargin` alone.
fn fixed_confirm(auction: &[u8], cash_margin: u8) -> Vec<u8> {
    use panshi_wire::layout::Layout;
    let body = szse::ConfirmBase::LEN;
    let mut bytes = auction[..szse::HEADER_LEN + body].to_vec();
    bytes[..4].copy_from_slice(&203_702_u32.to_be_bytes());
    let length = u32::try_from(body + 1).unwrap_or(0);
    bytes[4..8].copy_from_slice(&length.to_be_bytes());
    bytes.push(cash_margin);
    bytes.extend_from_slice(&[0; 4]);
    let _ = szse::reseal(&mut bytes);
    bytes
}

fn wire_qty(shares: i64) -> i64 {
    szse_qty_from_e3(shares * 1000).unwrap_or(0)
}
