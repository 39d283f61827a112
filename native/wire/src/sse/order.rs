//! What the order system sends, and the refusal by the gateway itself.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapter 4.

crate::layout! {
    /// A new order.
    big;
    pub struct NewOrderSingle = 58, "NewOrderSingle" {
        biz_id: u32 => "BizID", "business, 100010 spot auction";
        biz_pbu: [u8; 8] => "BizPbu", "business PBU, first 5 valid";
        cl_ord_id: [u8; 10] => "ClOrdID", "exactly 10 chars of [0-9A-Za-z]";
        security_id: [u8; 12] => "SecurityID", "first 6 valid";
        account: [u8; 13] => "Account", "first 10 valid";
        owner_type: u8 => "OwnerType", "not enabled on the auction platform (send 0)";
        side: Char => "Side", "'1' buy, '2' sell";
        price: i64 => "Price", "N13(5); limit price, or protection price for market types";
        order_qty: i64 => "OrderQty", "N15(3)";
        ord_type: Char => "OrdType", "'1' best-5 IOC (市转撤), '2' limit, '3' best-5 then limit (市转限), '4' own-side best, '5' counter-side best";
        time_in_force: Char => "TimeInForce", "'0' day only";
        transact_time: u64 => "TransactTime", "HHMMSSsssnnnn";
        credit_tag: [u8; 2] => "CreditTag", "spaces, 'XY', 'RZ', 'RQ', 'PC'";
        clearing_firm: [u8; 8] => "ClearingFirm", "first 5 valid; only B-share C9 accounts";
        branch_id: [u8; 8] => "BranchID", "5 digits 00000..65535 left-zero-padded, or all spaces";
        user_info: [u8; 32] => "UserInfo", "first 12 echo back; bytes 23-32 = HKEX BCAN, right-aligned";
    }

    /// A request to cancel an order.
    big;
    pub struct OrderCancel = 61, "OrderCancel" {
        biz_id: u32 => "BizID", "that of the order to cancel";
        biz_pbu: [u8; 8] => "BizPbu", "that of the order to cancel";
        cl_ord_id: [u8; 10] => "ClOrdID", "new id of the cancel itself";
        security_id: [u8; 12] => "SecurityID", "that of the order to cancel";
        account: [u8; 13] => "Account", "not enabled (auction)";
        owner_type: u8 => "OwnerType", "not enabled";
        side: Char => "Side", "not enabled";
        orig_cl_ord_id: [u8; 10] => "OrigClOrdID", "ClOrdID of the order to cancel";
        transact_time: u64 => "TransactTime", "HHMMSSsssnnnn";
        branch_id: [u8; 8] => "BranchID", "not enabled";
        user_info: [u8; 32] => "UserInfo", "first 12 valid";
    }

    /// Refusal of an order or cancel request by the gateway; outside the report streams.
    big;
    pub struct OrderReject = 204, "OrderReject" {
        biz_id: u32 => "BizID", "business, 100010 spot auction";
        biz_pbu: [u8; 8] => "BizPbu", "business PBU";
        cl_ord_id: [u8; 10] => "ClOrdID", "of the order";
        security_id: [u8; 12] => "SecurityID", "security code";
        ord_rej_reason: u32 => "OrdRejReason", "gateway or host code";
        trade_date: u32 => "TradeDate", "YYYYMMDD";
        transact_time: u64 => "TransactTime", "HHMMSSsssnnnn";
        user_info: [u8; 32] => "UserInfo", "echo of the request";
    }
}
