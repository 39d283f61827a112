//! The messages of the report streams.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapter 4.

crate::layout! {
    /// Answer to an order: accepted, rejected, or cancelled.
    big;
    pub struct ExecutionReport = 32, "ExecutionReport" {
        pbu: [u8; 8] => "Pbu", "login or subscribed PBU (stream key)";
        set_id: u32 => "SetID", "partition (stream key)";
        report_index: u64 => "ReportIndex", "1.. contiguous per (Pbu,SetID) per day";
        biz_id: u32 => "BizID", "business, 100010 spot auction";
        exec_type: Char => "ExecType", "'0' accepted, '4' cancelled, '8' rejected";
        biz_pbu: [u8; 8] => "BizPbu", "business PBU";
        cl_ord_id: [u8; 10] => "ClOrdID", "of the request answered (the cancel request for ExecType 4)";
        security_id: [u8; 12] => "SecurityID", "security code";
        account: [u8; 13] => "Account", "investor account";
        owner_type: u8 => "OwnerType", "not enabled";
        side: Char => "Side", "'1' buy, '2' sell";
        price: i64 => "Price", "yuan x 100000; 0 when the cancelled order was a market order";
        order_qty: i64 => "OrderQty", "quantity x 1000";
        leaves_qty: i64 => "LeavesQty", "quantity turned into a limit order (OrdType 3, 4, 5)";
        cxl_qty: i64 => "CxlQty", "quantity cancelled (ExecType 4, or OrdType 1 at once)";
        ord_type: Char => "OrdType", "as in the order";
        time_in_force: Char => "TimeInForce", "'0'";
        ord_status: Char => "OrdStatus", "'0' new, '4' cancelled, '8' rejected";
        credit_tag: [u8; 2] => "CreditTag", "as in the order";
        orig_cl_ord_id: [u8; 10] => "OrigClOrdID", "only when ExecType=4";
        clearing_firm: [u8; 8] => "ClearingFirm", "as in the order";
        branch_id: [u8; 8] => "BranchID", "as in the order";
        ord_rej_reason: u32 => "OrdRejReason", "only when ExecType=8";
        ord_cnfm_id: [u8; 16] => "OrdCnfmID", "exchange order id; only when ExecType=0";
        orig_ord_cnfm_id: [u8; 16] => "OrigOrdCnfmID", "not enabled (auction)";
        trade_date: u32 => "TradeDate", "YYYYMMDD";
        transact_time: u64 => "TransactTime", "report time, HHMMSSsssnnnn";
        user_info: [u8; 32] => "UserInfo", "echo of the request";
    }

    /// A fill.
    big;
    pub struct TradeReport = 103, "ExecutionReport" {
        pbu: [u8; 8] => "Pbu", "login or subscribed PBU (stream key)";
        set_id: u32 => "SetID", "partition (stream key)";
        report_index: u64 => "ReportIndex", "1.. contiguous per (Pbu,SetID) per day";
        biz_id: u32 => "BizID", "business, 100010 spot auction";
        exec_type: Char => "ExecType", "'F'";
        biz_pbu: [u8; 8] => "BizPbu", "business PBU";
        cl_ord_id: [u8; 10] => "ClOrdID", "of the order";
        security_id: [u8; 12] => "SecurityID", "security code";
        account: [u8; 13] => "Account", "investor account";
        owner_type: u8 => "OwnerType", "not enabled";
        order_entry_time: u64 => "OrderEntryTime", "ntime of the order";
        last_px: i64 => "LastPx", "N13(5)";
        last_qty: i64 => "LastQty", "N15(3)";
        gross_trade_amt: i64 => "GrossTradeAmt", "N18(5); 0.57: above 999,999,999.99999 the field is all FF (-1); 0.58 removes this";
        side: Char => "Side", "'1' buy, '2' sell";
        order_qty: i64 => "OrderQty", "quantity x 1000";
        leaves_qty: i64 => "LeavesQty", "quantity x 1000";
        ord_status: Char => "OrdStatus", "'1' partly filled, '2' filled";
        credit_tag: [u8; 2] => "CreditTag", "as in the order";
        clearing_firm: [u8; 8] => "ClearingFirm", "as in the order";
        branch_id: [u8; 8] => "BranchID", "as in the order";
        trd_cnfm_id: [u8; 16] => "TrdCnfmID", "digits, left-padded with '0' to 16";
        ord_cnfm_id: [u8; 16] => "OrdCnfmID", "exchange order id";
        trade_date: u32 => "TradeDate", "YYYYMMDD";
        transact_time: u64 => "TransactTime", "HHMMSSsssnnnn";
        user_info: [u8; 32] => "UserInfo", "echo of the request";
    }

    /// Refusal of a cancel request by the exchange.
    big;
    pub struct CancelReject = 59, "CancelReject" {
        pbu: [u8; 8] => "Pbu", "login or subscribed PBU (stream key)";
        set_id: u32 => "SetID", "partition (stream key)";
        report_index: u64 => "ReportIndex", "1.. contiguous per (Pbu,SetID) per day";
        biz_id: u32 => "BizID", "business, 100010 spot auction";
        biz_pbu: [u8; 8] => "BizPbu", "business PBU";
        cl_ord_id: [u8; 10] => "ClOrdID", "of the cancel request";
        security_id: [u8; 12] => "SecurityID", "security code";
        orig_cl_ord_id: [u8; 10] => "OrigClOrdID", "ClOrdID of the order to cancel";
        branch_id: [u8; 8] => "BranchID", "not enabled";
        cxl_rej_reason: u32 => "CxlRejReason", "gateway or host code";
        trade_date: u32 => "TradeDate", "YYYYMMDD";
        transact_time: u64 => "TransactTime", "HHMMSSsssnnnn";
        user_info: [u8; 32] => "UserInfo", "echo of the request";
    }

    /// End of a report stream.
    big;
    pub struct ExecRptEndOfStream = 210, "ExecRptEndOfStream" {
        pbu: [u8; 8] => "Pbu", "login or subscribed PBU (stream key)";
        set_id: u32 => "SetID", "partition (stream key)";
        end_report_index: u64 => "EndReportIndex", "last index of the stream; this message itself occupies that index";
    }
}
