//! Cancel requests and their refusal.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 4 to 6.

crate::layout! {
    /// A request to cancel an order.
    big;
    pub struct CancelRequest = 190_007, "CancelRequest" {
        appl_id: [u8; 3] => "ApplID", "'010' spot auction";
        submitting_pbu_id: [u8; 6] => "SubmittingPBUID", "PBU that sent the order";
        security_id: [u8; 8] => "SecurityID", "security code";
        security_id_source: [u8; 4] => "SecurityIDSource", "'102 ' (Shenzhen)";
        owner_type: u16 => "OwnerType", "1 individual, 101 exchange, 102 member, 103 institution, 104 proprietary, 105 LP, 106 clearing";
        clearing_firm: [u8; 2] => "ClearingFirm", "'00' CSDC, '01' CSDC Shenzhen, '09' own TA";
        transact_time: i64 => "TransactTime", "YYYYMMDDHHMMSSsss";
        user_info: [u8; 8] => "UserInfo", "ASCII";
        cl_ord_id: [u8; 10] => "ClOrdID", "new id of the cancel";
        orig_cl_ord_id: [u8; 10] => "OrigClOrdID", "ClOrdID of the order to cancel";
        side: Char => "Side", "of the original order";
        order_id: [u8; 16] => "OrderID", "optional, not checked (required only for earlier-day bid bookings)";
        order_qty: i64 => "OrderQty", "not checked";
    }

    /// Refusal of a cancel request.
    big;
    pub struct CancelReject = 290_008, "CancelReject" {
        partition_no: i32 => "PartitionNo", "stream";
        report_index: i64 => "ReportIndex", "1.. contiguous per partition per day";
        appl_id: [u8; 3] => "ApplID", "business, 010 spot auction";
        reporting_pbu_id: [u8; 6] => "ReportingPBUID", "receiving PBU; differs from submitting only for copied reports (回报抄送)";
        submitting_pbu_id: [u8; 6] => "SubmittingPBUID", "PBU that sent the order";
        security_id: [u8; 8] => "SecurityID", "security code";
        security_id_source: [u8; 4] => "SecurityIDSource", "'102 ' Shenzhen";
        owner_type: u16 => "OwnerType", "as in the order";
        clearing_firm: [u8; 2] => "ClearingFirm", "as in the order";
        transact_time: i64 => "TransactTime", "YYYYMMDDHHMMSSsss";
        user_info: [u8; 8] => "UserInfo", "as in the request";
        cl_ord_id: [u8; 10] => "ClOrdID", "of the cancel request";
        orig_cl_ord_id: [u8; 10] => "OrigClOrdID", "ClOrdID of the order to cancel";
        side: Char => "Side", "as in the order";
        ord_status: Char => "OrdStatus", "current status of the target; '8' if not found";
        cxl_rej_reason: u16 => "CxlRejReason", "exchange code";
        reject_text: [u8; 16] => "RejectText", "UTF-8";
        order_id: [u8; 16] => "OrderID", "exchange order id";
    }
}
