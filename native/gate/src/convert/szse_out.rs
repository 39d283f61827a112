//! Shenzhen reports as they go to a client.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 4.5.3 to 4.5.5, 5.4.

use panshi_engine::kind::ReportKind;
use panshi_engine::record::flow::Report;
use panshi_wire::error::WireError;
use panshi_wire::scale::{szse_price_from_e5, szse_qty_from_e3};
use panshi_wire::szse::{
    BusinessReject, CancelReject, Confirm, Confirm203702, Fill, Fill203715, ReportFinished, encode,
};

use super::Place;
use super::platform::{partition_of, platform_of};
use super::szse::{FIXED_PRICE, SOURCE, appl_id};
use super::width::fit;

/// Write a report at a place of a client's stream.
///
/// # Errors
/// When a value is finer than the protocol's scale or `out` is too small.
pub fn encode_report(report: &Report, place: &Place, out: &mut [u8]) -> Result<usize, WireError> {
    let fixed = report.biz == FIXED_PRICE;
    match ReportKind::from_number(report.kind) {
        Some(ReportKind::Fill) if fixed => encode(&fixed_fill(&fill(report, place)?), out),
        Some(ReportKind::Fill) => encode(&fill(report, place)?, out),
        Some(ReportKind::CancelRejected) => encode(&cancel_reject(report, place), out),
        Some(ReportKind::PreRejected) => encode(&business_reject(report), out),
        Some(ReportKind::EndOfStream) => {
            let end = ReportFinished {
                partition_no: partition_of(place.set_id),
                report_index: place.index.cast_signed(),
                platform_id: report.biz.try_into().unwrap_or(1),
            };
            encode(&end, out)
        }
        _ if fixed => encode(&fixed_confirm(&confirm(report, place)?), out),
        _ => encode(&confirm(report, place)?, out),
    }
}

fn confirm(report: &Report, place: &Place) -> Result<Confirm, WireError> {
    Ok(Confirm {
        partition_no: partition_of(place.set_id),
        report_index: place.index.cast_signed(),
        appl_id: appl_id(report.biz),
        reporting_pbu_id: fit(report.stream_pbu),
        submitting_pbu_id: fit(report.pbu),
        security_id: fit(report.security_id),
        security_id_source: SOURCE,
        owner_type: report.owner_type,
        clearing_firm: fit(report.clearing_firm),
        transact_time: report.transact_time.cast_signed(),
        user_info: fit(report.user_info),
        order_id: report.order_id,
        cl_ord_id: report.cl_ord_id,
        orig_cl_ord_id: report.orig_cl_ord_id,
        exec_id: report.exec_id,
        exec_type: report.exec_type,
        ord_status: report.ord_status,
        ord_rej_reason: report.code.try_into().unwrap_or(u16::MAX),
        leaves_qty: szse_qty_from_e3(report.leaves_e3)?,
        cum_qty: szse_qty_from_e3(report.cum_e3)?,
        side: report.side,
        ord_type: report.ord_type,
        order_qty: szse_qty_from_e3(report.qty_e3)?,
        price: szse_price_from_e5(report.price_e5)?,
        account_id: fit(report.account),
        branch_id: fit(report.branch_id),
        order_restrictions: report.restrictions,
        stop_px: 0,
        min_qty: szse_qty_from_e3(report.min_qty_e3)?,
        max_price_levels: report.max_levels,
        time_in_force: report.time_in_force,
        cash_margin: report.cash_margin,
    })
}

fn fixed_confirm(wire: &Confirm) -> Confirm203702 {
    Confirm203702 {
        partition_no: wire.partition_no,
        report_index: wire.report_index,
        appl_id: wire.appl_id,
        reporting_pbu_id: wire.reporting_pbu_id,
        submitting_pbu_id: wire.submitting_pbu_id,
        security_id: wire.security_id,
        security_id_source: wire.security_id_source,
        owner_type: wire.owner_type,
        clearing_firm: wire.clearing_firm,
        transact_time: wire.transact_time,
        user_info: wire.user_info,
        order_id: wire.order_id,
        cl_ord_id: wire.cl_ord_id,
        orig_cl_ord_id: wire.orig_cl_ord_id,
        exec_id: wire.exec_id,
        exec_type: wire.exec_type,
        ord_status: wire.ord_status,
        ord_rej_reason: wire.ord_rej_reason,
        leaves_qty: wire.leaves_qty,
        cum_qty: wire.cum_qty,
        side: wire.side,
        ord_type: wire.ord_type,
        order_qty: wire.order_qty,
        price: wire.price,
        account_id: wire.account_id,
        branch_id: wire.branch_id,
        order_restrictions: wire.order_restrictions,
        cash_margin: wire.cash_margin,
    }
}

fn fill(report: &Report, place: &Place) -> Result<Fill, WireError> {
    Ok(Fill {
        partition_no: partition_of(place.set_id),
        report_index: place.index.cast_signed(),
        appl_id: appl_id(report.biz),
        reporting_pbu_id: fit(report.stream_pbu),
        submitting_pbu_id: fit(report.pbu),
        security_id: fit(report.security_id),
        security_id_source: SOURCE,
        owner_type: report.owner_type,
        clearing_firm: fit(report.clearing_firm),
        transact_time: report.transact_time.cast_signed(),
        user_info: fit(report.user_info),
        order_id: report.order_id,
        cl_ord_id: report.cl_ord_id,
        exec_id: report.exec_id,
        exec_type: report.exec_type,
        ord_status: report.ord_status,
        last_px: szse_price_from_e5(report.last_px_e5)?,
        last_qty: szse_qty_from_e3(report.last_qty_e3)?,
        leaves_qty: szse_qty_from_e3(report.leaves_e3)?,
        cum_qty: szse_qty_from_e3(report.cum_e3)?,
        side: report.side,
        account_id: fit(report.account),
        branch_id: fit(report.branch_id),
        cash_margin: report.cash_margin,
    })
}

fn fixed_fill(wire: &Fill) -> Fill203715 {
    Fill203715 {
        partition_no: wire.partition_no,
        report_index: wire.report_index,
        appl_id: wire.appl_id,
        reporting_pbu_id: wire.reporting_pbu_id,
        submitting_pbu_id: wire.submitting_pbu_id,
        security_id: wire.security_id,
        security_id_source: wire.security_id_source,
        owner_type: wire.owner_type,
        clearing_firm: wire.clearing_firm,
        transact_time: wire.transact_time,
        user_info: wire.user_info,
        order_id: wire.order_id,
        cl_ord_id: wire.cl_ord_id,
        exec_id: wire.exec_id,
        exec_type: wire.exec_type,
        ord_status: wire.ord_status,
        last_px: wire.last_px,
        last_qty: wire.last_qty,
        leaves_qty: wire.leaves_qty,
        cum_qty: wire.cum_qty,
        side: wire.side,
        account_id: wire.account_id,
        branch_id: wire.branch_id,
        cash_margin: wire.cash_margin,
    }
}

fn cancel_reject(report: &Report, place: &Place) -> CancelReject {
    CancelReject {
        partition_no: partition_of(place.set_id),
        report_index: place.index.cast_signed(),
        appl_id: appl_id(report.biz),
        reporting_pbu_id: fit(report.stream_pbu),
        submitting_pbu_id: fit(report.pbu),
        security_id: fit(report.security_id),
        security_id_source: SOURCE,
        owner_type: report.owner_type,
        clearing_firm: fit(report.clearing_firm),
        transact_time: report.transact_time.cast_signed(),
        user_info: fit(report.user_info),
        cl_ord_id: report.cl_ord_id,
        orig_cl_ord_id: report.orig_cl_ord_id,
        side: report.side,
        ord_status: report.ord_status,
        cxl_rej_reason: report.code.try_into().unwrap_or(u16::MAX),
        reject_text: report.text,
        order_id: report.order_id,
    }
}

fn business_reject(report: &Report) -> BusinessReject {
    // The record has no room for the type of the refused message; a converter that knew it left
    // it in the field that Shenzhen's reports do not use.
    let known = u32::try_from(report.entry_time).unwrap_or(0);
    let usual = if platform_of(report.biz) == 2 {
        103_701
    } else {
        100_101
    };
    BusinessReject {
        appl_id: appl_id(report.biz),
        transact_time: report.transact_time.cast_signed(),
        submitting_pbu_id: fit(report.pbu),
        security_id: fit(report.security_id),
        security_id_source: SOURCE,
        ref_seq_num: 0,
        ref_msg_type: if known == 0 { usual } else { known },
        business_reject_ref_id: report.cl_ord_id,
        business_reject_reason: report.code.try_into().unwrap_or(u16::MAX),
        business_reject_text: fit(report.text),
    }
}
