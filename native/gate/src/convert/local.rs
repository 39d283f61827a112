//! Reports that the gate itself makes: an order that ended inside it, a request it could not send.

use panshi_engine::kind::ReportKind;
use panshi_engine::record::flow::{CancelOrder, NewOrder, Report};

use super::SZSE;

/// When and where a report of the gate's own comes to be.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Market time, ns since the Unix epoch.
    pub time_ns: u64,
    /// `TransactTime` in the form of the order's market.
    pub transact_time: u64,
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
}

fn of_order(order: &NewOrder, at: &Moment) -> Report {
    Report {
        time_ns: at.time_ns,
        price_e5: order.price_e5,
        qty_e3: order.qty_e3,
        transact_time: at.transact_time,
        trade_date: at.trade_date,
        biz: order.biz,
        owner_type: order.owner_type,
        market: order.market,
        side: order.side,
        ord_type: order.ord_type,
        time_in_force: order.time_in_force,
        cash_margin: order.cash_margin,
        stream_pbu: order.pbu,
        pbu: order.pbu,
        cl_ord_id: order.cl_ord_id,
        orig_cl_ord_id: [b' '; 10],
        security_id: order.security_id,
        account: order.account,
        credit_tag: order.credit_tag,
        clearing_firm: order.clearing_firm,
        branch_id: order.branch_id,
        restrictions: order.restrictions,
        order_id: [b' '; 16],
        exec_id: [b' '; 16],
        user_info: order.user_info,
        text: [b' '; 16],
        max_levels: order.max_levels,
        min_qty_e3: order.min_qty_e3,
        ..Report::default()
    }
}

/// The confirmation that a queued order was cancelled before it left.
///
/// `request` is the client's cancel; without one the order ended by a mass cancel and the report
/// names the order's own id, as the exchanges do for a cancel that nobody of the client asked for.
#[must_use]
pub fn cancelled(order: &NewOrder, request: Option<&CancelOrder>, at: &Moment) -> Report {
    let own = if order.market == SZSE {
        [b' '; 10]
    } else {
        order.cl_ord_id
    };
    Report {
        kind: ReportKind::Cancelled.number(),
        exec_type: b'4',
        ord_status: b'4',
        cancelled_e3: order.qty_e3,
        cl_ord_id: request.map_or(order.cl_ord_id, |cancel| cancel.cl_ord_id),
        orig_cl_ord_id: request.map_or(own, |cancel| cancel.orig_cl_ord_id),
        user_info: request.map_or(order.user_info, |cancel| cancel.user_info),
        ..of_order(order, at)
    }
}

/// The refusal of an order that passed the checks and could not be sent.
#[must_use]
pub fn unsent_order(order: &NewOrder, gateway: u16, code: u32, at: &Moment) -> Report {
    Report {
        kind: ReportKind::PreRejected.number(),
        gateway,
        code,
        ..of_order(order, at)
    }
}

/// The refusal of a cancel that passed the checks and could not be sent.
#[must_use]
pub fn unsent_cancel(cancel: &CancelOrder, gateway: u16, code: u32, at: &Moment) -> Report {
    Report {
        time_ns: at.time_ns,
        transact_time: at.transact_time,
        trade_date: at.trade_date,
        kind: ReportKind::PreRejected.number(),
        gateway,
        code,
        biz: cancel.biz,
        market: cancel.market,
        stream_pbu: [b' '; 8],
        pbu: cancel.pbu,
        cl_ord_id: cancel.cl_ord_id,
        orig_cl_ord_id: cancel.orig_cl_ord_id,
        security_id: cancel.security_id,
        account: cancel.account,
        user_info: cancel.user_info,
        text: [b' '; 16],
        entry_time: if cancel.market == SZSE { 190_007 } else { 0 },
        ..Report::default()
    }
}

/// The gate's own cancel of an order.
#[must_use]
pub fn own_cancel(order: &NewOrder, cl_ord_id: [u8; 10], at: &Moment) -> CancelOrder {
    CancelOrder {
        time_ns: at.time_ns,
        transact_time: at.transact_time,
        qty_e3: order.qty_e3,
        biz: order.biz,
        owner_type: order.owner_type,
        client: order.client,
        market: order.market,
        side: order.side,
        pbu: order.pbu,
        cl_ord_id,
        orig_cl_ord_id: order.cl_ord_id,
        security_id: order.security_id,
        account: order.account,
        clearing_firm: order.clearing_firm,
        branch_id: order.branch_id,
        order_id: [b' '; 16],
        user_info: order.user_info,
        spare: [0; 1],
    }
}
