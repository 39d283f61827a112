//! Fills: the common fields and what each business adds.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 4.5.5.1 to 4.5.5.8; widths from its
//! data dictionary.

use super::base::fill_record;

fill_record! {
    /// Spot auction (`ApplID` 010).
    Fill = 200_115 {
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }
}

fill_record! {
    /// Pledged repo (020).
    Fill200215 = 200_215 {
        maturity_date: u32 => "MaturityDate", "YYYYMMDD";
    }
}

fill_record! {
    /// Bond distribution (030).
    Fill200315 = 200_315 {}
}

fill_record! {
    /// Options auction (040).
    Fill200415 = 200_415 {
        position_effect: Char => "PositionEffect", "'O' open, 'C' close";
        covered_or_uncovered: u8 => "CoveredOrUncovered", "0 covered, 1 uncovered";
        contract_account_code: [u8; 6] => "ContractAccountCode", "contract account";
        secondary_order_id: [u8; 16] => "SecondaryOrderID", "second exchange order id";
    }
}

fill_record! {
    /// Negotiated trading (051, 052, 056, 057).
    Fill200515 = 200_515 {
        confirm_id: [u8; 8] => "ConfirmID", "agreement number";
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }
}

fill_record! {
    /// Block trading after hours at a fixed price (060, 061).
    Fill200615 = 200_615 {
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }
}

fill_record! {
    /// Securities lending to the finance company (070).
    Fill200715 = 200_715 {
        expiration_days: u16 => "ExpirationDays", "term in days";
        expiration_type: u8 => "ExpirationType", "1 fixed term";
        maturity_date: u32 => "MaturityDate", "YYYYMMDD";
        share_property: [u8; 2] => "ShareProperty", "'00' free float, '01' restricted, '07' restricted but lendable";
    }
}

fill_record! {
    /// After-hours fixed price (370).
    Fill203715 = 203_715 {
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
    }
}

fill_record! {
    /// Bond matching, quotes and inquiries (410 to 416).
    Fill204115 = 204_115 {
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
        settl_type: u16 => "SettlType", "settlement method";
        settl_period: u8 => "SettlPeriod", "settlement period";
        counterparty_member_id: [u8; 6] => "CounterpartyMemberID", "other side trading member";
        counterparty_investor_type: [u8; 2] => "CounterpartyInvestorType", "other side '01' own account, '02' asset management, '03' institution, '04' individual";
        counterparty_investor_id: [u8; 10] => "CounterpartyInvestorID", "other side investor";
        counterparty_investor_name: [u8; 120] => "CounterpartyInvestorName", "other side investor name, UTF-8";
        counterparty_trader_code: [u8; 8] => "CounterpartyTraderCode", "other side trader";
    }
}

fill_record! {
    /// Bond bidding (417).
    Fill204130 = 204_130 {
        member_id: [u8; 6] => "MemberID", "own trading member";
        investor_type: [u8; 2] => "InvestorType", "own '01' own account, '02' asset management, '03' institution, '04' individual";
        investor_id: [u8; 10] => "InvestorID", "own investor";
        investor_name: [u8; 120] => "InvestorName", "own investor name, UTF-8";
        trader_code: [u8; 8] => "TraderCode", "own trader";
        counterparty_member_id: [u8; 6] => "CounterpartyMemberID", "other side trading member";
        counterparty_investor_type: [u8; 2] => "CounterpartyInvestorType", "other side '01' own account, '02' asset management, '03' institution, '04' individual";
        counterparty_investor_id: [u8; 10] => "CounterpartyInvestorID", "other side investor";
        counterparty_investor_name: [u8; 120] => "CounterpartyInvestorName", "other side investor name, UTF-8";
        counterparty_trader_code: [u8; 8] => "CounterpartyTraderCode", "other side trader";
        secondary_order_id: [u8; 16] => "SecondaryOrderID", "second exchange order id";
        bid_trans_type: u16 => "BidTransType", "1 booking, 2 start, 3 answer";
        bid_exec_inst_type: u16 => "BidExecInstType", "1 single winner, 2 several at one price, 3 several at several prices";
        settl_type: u16 => "SettlType", "settlement method";
        settl_period: u8 => "SettlPeriod", "settlement period";
        cash_margin: Char => "CashMargin", "'1' cash, '2' open (margin), '3' close";
        memo: [u8; 160] => "Memo", "remark, UTF-8";
    }
}

fill_record! {
    /// Hong Kong connect (630).
    Fill206315 = 206_315 {}
}
