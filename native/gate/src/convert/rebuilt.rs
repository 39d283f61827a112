//! An order made again from what the exchange said of it first.

use panshi_engine::kind::OrderType;
use panshi_engine::record::flow::{NewOrder, Report};

use super::{SSE, sse, szse};

/// `ApplID` of the after-hours fixed-price orders.
const FIXED: u32 = 370;

/// The order that an acceptance or a rejection answers, as the client must have sent it.
///
/// Both protocols repeat the order there. The time that the client wrote into it is not repeated and left 0; a stop price
/// is always 0 in what this gate forwards.
///
/// Source: SSE IS122 TDGW Binary v0.57, message 32; SZSE Binary v1.32, messages 200102 and 203702.
#[must_use]
pub fn order_of_report(report: &Report, client: u16) -> NewOrder {
    NewOrder {
        time_ns: report.time_ns,
        price_e5: report.price_e5,
        qty_e3: report.qty_e3,
        min_qty_e3: report.min_qty_e3,
        stop_px_e5: 0,
        transact_time: 0,
        biz: report.biz,
        owner_type: report.owner_type,
        client,
        max_levels: report.max_levels,
        market: report.market,
        order_type: type_of(report),
        side: report.side,
        ord_type: report.ord_type,
        time_in_force: report.time_in_force,
        cash_margin: report.cash_margin,
        pbu: report.pbu,
        cl_ord_id: report.cl_ord_id,
        security_id: report.security_id,
        account: report.account,
        credit_tag: report.credit_tag,
        clearing_firm: report.clearing_firm,
        branch_id: report.branch_id,
        restrictions: report.restrictions,
        user_info: report.user_info,
        recovered: 1,
        spare: [0; 4],
    }
}

/// The order type of an after-hours order; 0 when its field forms none.
pub(super) const fn fixed_type(ord_type: u8) -> u8 {
    if ord_type == b'2' {
        OrderType::Fixed.number()
    } else {
        0
    }
}

fn type_of(report: &Report) -> u8 {
    if report.market == SSE {
        sse::order_type(report.ord_type)
    } else if report.biz == FIXED {
        fixed_type(report.ord_type)
    } else {
        szse::order_type(
            report.ord_type,
            report.time_in_force,
            report.max_levels,
            report.min_qty_e3,
            report.qty_e3,
        )
    }
}
