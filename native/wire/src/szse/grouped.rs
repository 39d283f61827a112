//! The businesses whose messages carry repeating groups.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 4.5.1.19, 4.5.4.7, 4.5.4.15 and
//! 4.5.4.16; widths from its data dictionary.

use super::base::{OrderBase, confirm_record};
use crate::message::grouped;

crate::layout! {
    /// The investor's account in another market.
    big;
    pub struct AccountEntry = 0, "AccountEntry" {
        market_id: [u8; 8] => "MarketID", "'XSHG' Shanghai";
        pbu_id: [u8; 6] => "PBUID", "PBU in that market";
        account_id: [u8; 12] => "AccountID", "account in that market";
    }

    /// A component moved by a creation or redemption.
    big;
    pub struct ComponentEntry = 0, "ComponentEntry" {
        underlying_security_id: [u8; 8] => "UnderlyingSecurityID", "component";
        underlying_security_id_source: [u8; 4] => "UnderlyingSecurityIDSource", "'101 ' Shanghai, '102 ' Shenzhen";
        delivery_qty: i64 => "DeliveryQty", "quantity x 100";
        subst_cash: i64 => "SubstCash", "cash instead, yuan x 10000";
    }

    /// A sub-fund moved by a split or merge.
    big;
    pub struct SubFundEntry = 0, "SubFundEntry" {
        underlying_security_id: [u8; 8] => "UnderlyingSecurityID", "sub-fund";
        underlying_security_id_source: [u8; 4] => "UnderlyingSecurityIDSource", "'102 ' Shenzhen";
        delivery_qty: i64 => "DeliveryQty", "quantity x 100";
    }

    /// One byte of a text of variable length.
    big;
    pub struct TextByte = 0, "TextByte" {
        byte: Char => "IMCRejectText", "reason given by the other market, at most 150 bytes";
    }
}

confirm_record! {
    /// The fixed fields of the confirms that name a component that was short.
    ShortComponentHead = 0 {
        insufficient_security_id: [u8; 8] => "InsufficientSecurityID", "first component that was short";
    }
}

confirm_record! {
    /// The fixed fields of the confirm from Hong Kong connect.
    Confirm206302Head = 0 {
        reject_text: [u8; 16] => "RejectText", "code of the other market";
        stop_px: i64 => "StopPx", "yuan x 10000; 0";
        min_qty: i64 => "MinQty", "OrderQty for fill-or-kill, else 0";
        max_price_levels: u16 => "MaxPriceLevels", "5 best five, 1 counter side best, else 0";
        time_in_force: Char => "TimeInForce", "'0' day, '3' IOC, '9' at-crossing (HK only)";
        lot_type: Char => "LotType", "'1' odd lot, '2' round lot";
    }
}

grouped! {
    /// ETF creation and redemption (120).
    pub struct NewOrder101201 = 101_201, "NewOrder" {
        head: OrderBase,
        accounts: Count32 "NoAccounts" optional AccountEntry,
    }
}

grouped! {
    /// ETF creation and redemption (120).
    pub struct Confirm201202 = 201_202, "Confirm" {
        head: ShortComponentHead,
        components: Count32 "NoSecurity" required ComponentEntry,
        accounts: Count32 "NoAccounts" optional AccountEntry,
    }
}

grouped! {
    /// Split and merge of graded funds (310, 311).
    pub struct Confirm203102 = 203_102, "Confirm" {
        head: ShortComponentHead,
        components: Count32 "NoSecurity" required SubFundEntry,
    }
}

grouped! {
    /// Hong Kong connect (630).
    pub struct Confirm206302 = 206_302, "Confirm" {
        head: Confirm206302Head,
        imc_reject_text: Count32 "IMCRejectTextLen" required TextByte,
    }
}
