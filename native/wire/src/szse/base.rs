//! The fields that all orders, all confirms and all fills begin with, written once.
//!
//! Each macro puts its base fields before the extension of a business. The base records read the
//! common part of any such message, whatever its business.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 4.5.1, 4.5.4 and 4.5.5.

/// A record with the fields of every `1xxx01` message and an extension behind them.
macro_rules! order_record {
    ($(#[$meta:meta])* $record:ident = $type:literal { $($extension:tt)* }) => {
        crate::layout! {
            $(#[$meta])*
            big;
            pub struct $record = $type, "NewOrder" {
                appl_id: [u8; 3] => "ApplID", "'010' spot auction";
                submitting_pbu_id: [u8; 6] => "SubmittingPBUID", "PBU that sent the order";
                security_id: [u8; 8] => "SecurityID", "security code";
                security_id_source: [u8; 4] => "SecurityIDSource", "'102 ' (Shenzhen)";
                owner_type: u16 => "OwnerType", "1 individual, 101 exchange, 102 member, 103 institution, 104 proprietary, 105 LP, 106 clearing";
                clearing_firm: [u8; 2] => "ClearingFirm", "'00' CSDC, '01' CSDC Shenzhen, '09' own TA";
                transact_time: i64 => "TransactTime", "YYYYMMDDHHMMSSsss";
                user_info: [u8; 8] => "UserInfo", "free text, ASCII; comes back in reports";
                cl_ord_id: [u8; 10] => "ClOrdID", "of the order";
                account_id: [u8; 12] => "AccountID", "investor account";
                branch_id: [u8; 4] => "BranchID", "branch";
                order_restrictions: [u8; 4] => "OrderRestrictions", "up to 4 flags: '1' program trading, 'E' algorithmic; else spaces";
                side: Char => "Side", "'1' buy '2' sell 'G' borrow 'F' lend 'D' subscribe 'E' redeem";
                ord_type: Char => "OrdType", "'1' market, '2' limit, 'U' own-side best";
                order_qty: i64 => "OrderQty", "quantity x 100";
                price: i64 => "Price", "yuan x 10000";
                $($extension)*
            }
        }
    };
}
pub(super) use order_record;

/// A record with the fields of every `2xxx02` message and an extension behind them.
macro_rules! confirm_record {
    ($(#[$meta:meta])* $record:ident = $type:literal { $($extension:tt)* }) => {
        crate::layout! {
            $(#[$meta])*
            big;
            pub struct $record = $type, "Confirm" {
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
                order_id: [u8; 16] => "OrderID", "exchange order id, unique across days";
                cl_ord_id: [u8; 10] => "ClOrdID", "for quote-type orders this holds the QuoteMsgID";
                orig_cl_ord_id: [u8; 10] => "OrigClOrdID", "filled only on a successful cancel request";
                exec_id: [u8; 16] => "ExecID", "unique within a day";
                exec_type: Char => "ExecType", "'0' new, '4' cancelled, '8' rejected";
                ord_status: Char => "OrdStatus", "'0' '1' '2' '4' '8'";
                ord_rej_reason: u16 => "OrdRejReason", "cancel/reject code";
                leaves_qty: i64 => "LeavesQty", "quantity x 100";
                cum_qty: i64 => "CumQty", "quantity x 100";
                side: Char => "Side", "as in the order";
                ord_type: Char => "OrdType", "as in the order";
                order_qty: i64 => "OrderQty", "quantity x 100";
                price: i64 => "Price", "yuan x 10000";
                account_id: [u8; 12] => "AccountID", "investor account";
                branch_id: [u8; 4] => "BranchID", "branch";
                order_restrictions: [u8; 4] => "OrderRestrictions", "as in the order";
                $($extension)*
            }
        }
    };
}
pub(super) use confirm_record;

/// A record with the fields of every `2xxx15` message and an extension behind them.
macro_rules! fill_record {
    ($(#[$meta:meta])* $record:ident = $type:literal { $($extension:tt)* }) => {
        crate::layout! {
            $(#[$meta])*
            big;
            pub struct $record = $type, "Fill" {
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
                order_id: [u8; 16] => "OrderID", "exchange order id";
                cl_ord_id: [u8; 10] => "ClOrdID", "of the order";
                exec_id: [u8; 16] => "ExecID", "unique within a day";
                exec_type: Char => "ExecType", "'F'";
                ord_status: Char => "OrdStatus", "'1' partly, '2' filled";
                last_px: i64 => "LastPx", "yuan x 10000";
                last_qty: i64 => "LastQty", "quantity x 100";
                leaves_qty: i64 => "LeavesQty", "quantity x 100";
                cum_qty: i64 => "CumQty", "quantity x 100";
                side: Char => "Side", "as in the order";
                account_id: [u8; 12] => "AccountID", "investor account";
                branch_id: [u8; 4] => "BranchID", "branch";
                $($extension)*
            }
        }
    };
}
pub(super) use fill_record;

order_record! {
    /// The common part of every new order.
    OrderBase = 0 {}
}

confirm_record! {
    /// The common part of every confirm.
    ConfirmBase = 0 {}
}

fill_record! {
    /// The common part of every fill.
    FillBase = 0 {}
}
