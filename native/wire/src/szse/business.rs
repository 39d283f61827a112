//! The businesses: the new order of each and its confirm, which carries the same extension.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 4.5.1.1 to 4.5.1.19 and 4.5.4.1 to
//! 4.5.4.20; widths from its data dictionary.

use super::base::{confirm_record, order_record};

/// A business: the extension is written once for its order and its confirm.
macro_rules! business {
    ($( $(#[$meta:meta])* $($kind:ident $record:ident = $type:literal)+ { $($field:tt)* } )+) => {$(
        business!(@records [$(#[$meta])*] { $($field)* } $($kind $record $type)+);
    )+};
    (@records $metas:tt $extension:tt $($kind:ident $record:ident $type:literal)+) => {
        $( business!(@$kind $metas $record $type $extension); )+
    };
    (@order [$($meta:tt)*] $record:ident $type:literal $extension:tt) => {
        order_record! { $($meta)* $record = $type $extension }
    };
    (@confirm [$($meta:tt)*] $record:ident $type:literal $extension:tt) => {
        confirm_record! { $($meta)* $record = $type $extension }
    };
}

business! {
    /// Spot auction (`ApplID` 010).
    order NewOrder = 100_101 confirm Confirm = 200_102 {
        stop_px: i64 => "StopPx", "yuan x 10000; 0";
        min_qty: i64 => "MinQty", "OrderQty for fill-or-kill, else 0";
        max_price_levels: u16 => "MaxPriceLevels", "5 best five, 1 counter side best, else 0";
        time_in_force: Char => "TimeInForce", "'0' day, '3' IOC, '9' at-crossing (HK only)";
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }

    /// Pledged repo (020).
    order NewOrder100201 = 100_201 confirm Confirm200202 = 200_202 {
        stop_px: i64 => "StopPx", "yuan x 10000; 0";
        min_qty: i64 => "MinQty", "OrderQty for fill-or-kill, else 0";
        max_price_levels: u16 => "MaxPriceLevels", "5 best five, 1 counter side best, else 0";
        time_in_force: Char => "TimeInForce", "'0' day, '3' IOC, '9' at-crossing (HK only)";
    }

    /// Bond distribution (030).
    order NewOrder100301 = 100_301 confirm Confirm200302 = 200_302 {}

    /// Options auction (040).
    order NewOrder100401 = 100_401 confirm Confirm200402 = 200_402 {
        stop_px: i64 => "StopPx", "yuan x 10000; 0";
        min_qty: i64 => "MinQty", "OrderQty for fill-or-kill, else 0";
        max_price_levels: u16 => "MaxPriceLevels", "5 best five, 1 counter side best, else 0";
        time_in_force: Char => "TimeInForce", "'0' day, '3' IOC, '9' at-crossing (HK only)";
        position_effect: Char => "PositionEffect", "'O' open, 'C' close";
        covered_or_uncovered: u8 => "CoveredOrUncovered", "0 covered, 1 uncovered";
        contract_account_code: [u8; 6] => "ContractAccountCode", "contract account";
        secondary_order_id: [u8; 16] => "SecondaryOrderID", "combination to close, else spaces";
    }

    /// Negotiated trading (051, 052).
    order NewOrder100501 = 100_501 confirm Confirm200502 = 200_502 {
        confirm_id: [u8; 8] => "ConfirmID", "agreement number";
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }

    /// Block trading after hours at a fixed price (060, 061).
    order NewOrder100601 = 100_601 confirm Confirm200602 = 200_602 {
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }

    /// Securities lending to the finance company (070).
    order NewOrder100701 = 100_701 confirm Confirm200702 = 200_702 {
        expiration_days: u16 => "ExpirationDays", "term in days";
        expiration_type: u8 => "ExpirationType", "1 fixed term";
        share_property: [u8; 2] => "ShareProperty", "'00' free float, '01' restricted, '07' restricted but lendable";
    }

    /// Subscription to issues (130 to 132).
    order NewOrder101301 = 101_301 confirm Confirm201302 = 201_302 {}

    /// Rights issue (140).
    order NewOrder101401 = 101_401 confirm Confirm201402 = 201_402 {}

    /// Bond conversion and put (150 to 152).
    order NewOrder101501 = 101_501 confirm Confirm201502 = 201_502 {
        share_property: [u8; 2] => "ShareProperty", "'00' free float, '01' restricted, '07' restricted but lendable";
    }

    /// Option exercise (160).
    order NewOrder101601 = 101_601 confirm Confirm201602 = 201_602 {
        contract_account_code: [u8; 6] => "ContractAccountCode", "contract account";
    }

    /// Open-end funds (170).
    order NewOrder101701 = 101_701 confirm Confirm201702 = 201_702 {
        cash_order_qty: i64 => "CashOrderQty", "subscription amount, yuan x 10000";
    }

    /// Tender offers (180, 181).
    order NewOrder101801 = 101_801 confirm Confirm201802 = 201_802 {
        tenderer: [u8; 6] => "Tenderer", "acquirer";
    }

    /// Pledge in and out for repo (190, 191).
    order NewOrder101901 = 101_901 confirm Confirm201902 = 201_902 {}

    /// Gold ETF in kind (220); its order has no table of its own.
    confirm Confirm202202 = 202_202 {}

    /// Warrant exercise (230).
    order NewOrder102301 = 102_301 confirm Confirm202302 = 202_302 {}

    /// Transfer for disposal (270, 271).
    order NewOrder102701 = 102_701 confirm Confirm202702 = 202_702 {
        disposal_pbu: [u8; 6] => "DisposalPBU", "PBU that takes the securities";
        disposal_account_id: [u8; 12] => "DisposalAccountID", "account that takes the securities";
    }

    /// Securities advanced and returned (280, 281).
    order NewOrder102801 = 102_801 confirm Confirm202802 = 202_802 {
        lender_pbu: [u8; 6] => "LenderPBU", "PBU that lends";
        lender_account_id: [u8; 12] => "LenderAccountID", "account that lends";
    }

    /// Deduction for settlement (290, 291).
    order NewOrder102901 = 102_901 confirm Confirm202902 = 202_902 {
        deduction_pbu: [u8; 6] => "DeductionPBU", "PBU deducted from";
        deduction_account_id: [u8; 12] => "DeductionAccountID", "account deducted from";
    }

    /// Split and merge of graded funds (310, 311).
    order NewOrder103101 = 103_101 {}

    /// Tri-party repo, in and out (330, 331).
    order NewOrder103301 = 103_301 confirm Confirm203302 = 203_302 {}

    /// Covered and ordinary option positions (350, 351).
    order NewOrder103501 = 103_501 confirm Confirm203502 = 203_502 {
        contract_account_code: [u8; 6] => "ContractAccountCode", "contract account";
    }

    /// After-hours fixed price (370).
    order NewOrder103701 = 103_701 confirm Confirm203702 = 203_702 {
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }

    /// Bond matching (410).
    order NewOrder104101 = 104_101 confirm Confirm204102 = 204_102 {
        stop_px: i64 => "StopPx", "yuan x 10000; 0";
        min_qty: i64 => "MinQty", "OrderQty for fill-or-kill, else 0";
        max_price_levels: u16 => "MaxPriceLevels", "5 best five, 1 counter side best, else 0";
        time_in_force: Char => "TimeInForce", "'0' day, '3' IOC, '9' at-crossing (HK only)";
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }

    /// Bond bidding (417).
    order NewOrder104128 = 104_128 confirm Confirm204129 = 204_129 {
        member_id: [u8; 6] => "MemberID", "own trading member";
        investor_type: [u8; 2] => "InvestorType", "own '01' own account, '02' asset management, '03' institution, '04' individual";
        investor_id: [u8; 10] => "InvestorID", "own investor";
        investor_name: [u8; 120] => "InvestorName", "own investor name, UTF-8";
        trader_code: [u8; 8] => "TraderCode", "own trader";
        secondary_order_id: [u8; 16] => "SecondaryOrderID", "bidding session when BidTransType is 2 or 3";
        bid_trans_type: u16 => "BidTransType", "1 booking, 2 start, 3 answer";
        bid_exec_inst_type: u16 => "BidExecInstType", "1 single winner, 2 several at one price, 3 several at several prices";
        low_limit_price: i64 => "LowLimitPrice", "yuan x 10000";
        high_limit_price: i64 => "HighLimitPrice", "yuan x 10000";
        min_qty: i64 => "MinQty", "quantity x 100";
        trade_date: u32 => "TradeDate", "YYYYMMDD";
        settl_type: u16 => "SettlType", "reserved";
        settl_period: u8 => "SettlPeriod", "reserved";
        pre_trade_anonymity: u8 => "PreTradeAnonymity", "0 named, 1 anonymous";
        cash_margin: Char => "CashMargin", "reserved";
        memo: [u8; 160] => "Memo", "remark, UTF-8";
    }

    /// Inter-bank bond ETF in kind (470).
    order NewOrder104701 = 104_701 confirm Confirm204702 = 204_702 {
        secondary_order_id: [u8; 16] => "SecondaryOrderID", "id given by the bond depository";
    }

    /// Hong Kong connect (630).
    order NewOrder106301 = 106_301 {
        stop_px: i64 => "StopPx", "yuan x 10000; 0";
        min_qty: i64 => "MinQty", "OrderQty for fill-or-kill, else 0";
        max_price_levels: u16 => "MaxPriceLevels", "5 best five, 1 counter side best, else 0";
        time_in_force: Char => "TimeInForce", "'0' day, '3' IOC, '9' at-crossing (HK only)";
        lot_type: Char => "LotType", "'1' odd lot, '2' round lot";
    }
}
