//! Rows of those who trade: customers, accounts, client sessions, PBUs.

use crate::conduct::Conduct;
use crate::kind::OrderType;
use crate::record::load::LoadClient;
use crate::table::order::NONE;
use crate::table::trading::TradingSlot;

panshi_wire::saved! {
    /// Open and traded value of one scope, e5.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ValueRow {
        /// Open quantity x value price over open orders.
        pub open_e5: i64,
        /// Traded value of the day.
        pub traded_e5: i64,
    }
}

panshi_wire::saved! {
    /// One customer. Row number = customer number; row 0 is never used.
    ///
    /// What every order looks at lies in the first cache line.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[repr(C, align(64))]
    pub struct CustomerRow {
        /// Cash that may be spent.
        pub available_e5: i64,
        /// Cash frozen for open buys.
        pub frozen_e5: i64,
        /// Open and traded value.
        pub value: ValueRow,
        /// Owner group number.
        pub owner_group: u32,
        /// Granted permission bits.
        pub permissions: u32,
        /// Signed disclosure bits.
        pub disclosures: u32,
        /// Declared orders + cancels a second.
        pub program_rate: u32,
        /// Parameter group.
        pub group: u16,
        /// Fee group.
        pub fee_group: u16,
        /// Desk.
        pub desk: u16,
        /// 1 normal, 2 buy only, 3 sell only, 4 frozen, 5 closed; 0: not loaded.
        pub state: u8,
        /// Whether the row was loaded.
        pub loaded: bool,
        /// Risk grade.
        pub risk_grade: u8,
        /// State of the program-trading report.
        pub program_state: u8,
        /// What confirms it.
        pub program_confirm: u8,
        /// 1: reported as a high-frequency trader.
        pub high_frequency: u8,
        /// 1: margin account.
        pub margin: u8,
        /// Declared orders + cancels a day.
        pub program_day: u32,
        /// Cash at the open.
        pub opening_e5: i64,
        /// Traded value of buys.
        pub bought_e5: i64,
        /// Traded value of sales.
        pub sold_e5: i64,
        /// Fees charged.
        pub fees_e5: i64,
        /// Row number of the account that was loaded last, plus 1; 0: none.
        pub last_account: u32,
    }
}

panshi_wire::saved! {
    /// One securities account. Row number = order of loading, from 0. What every order looks at lies in the first cache line.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(C, align(64))]
    pub struct AccountRow {
        /// Account code, space padded.
        pub account: [u8; 13],
        /// Market.
        pub market: u8,
        /// 1 normal, 2 buy only, 3 sell only, 4 frozen, 5 closed.
        pub state: u8,
        /// Access class 0..63.
        pub access: u8,
        /// Branch code, space padded.
        pub branch: [u8; 8],
        /// Designated PBU, or spaces.
        pub pbu: [u8; 8],
        /// Customer number.
        pub customer: u32,
        /// Granted permission bits.
        pub permissions: u32,
        /// Owner type.
        pub owner_type: u16,
        /// Declared strategy; 0: none.
        pub strategy: u16,
        /// 1: every order is a program order.
        pub program: u8,
        /// State set on the account.
        pub trading: TradingSlot,
        /// The account reached the high-frequency numbers today.
        pub high_frequency: bool,
        /// Orders of the day that passed.
        pub orders: u32,
        /// Open orders.
        pub open_orders: u32,
        /// Orders of the day that were cancelled by request.
        pub cancelled: u32,
        /// Quick cancels of the day.
        pub quick_cancels: u32,
        /// Value of the day's orders at their value price.
        pub orders_e5: i64,
        /// Value of the rests cancelled by request.
        pub cancelled_e5: i64,
        /// Open and traded value.
        pub value: ValueRow,
        /// Row number of the customer's account that was loaded before this one; `NONE`: it is the first.
        pub earlier: u32,
    }
}

impl AccountRow {
    /// What became of the account's orders today.
    #[inline]
    #[must_use]
    pub const fn conduct(&self) -> Conduct {
        Conduct {
            orders: self.orders,
            cancelled: self.cancelled,
            quick_cancels: self.quick_cancels,
            orders_e5: self.orders_e5,
            cancelled_e5: self.cancelled_e5,
        }
    }

    /// Take back what [`AccountRow::conduct`] gave, changed.
    #[inline]
    pub const fn set_conduct(&mut self, conduct: Conduct) {
        self.orders = conduct.orders;
        self.cancelled = conduct.cancelled;
        self.quick_cancels = conduct.quick_cancels;
        self.orders_e5 = conduct.orders_e5;
        self.cancelled_e5 = conduct.cancelled_e5;
    }
}

impl Default for AccountRow {
    fn default() -> Self {
        Self {
            account: [b' '; 13],
            market: 0,
            state: 0,
            access: 0,
            branch: [b' '; 8],
            pbu: [b' '; 8],
            customer: 0,
            permissions: 0,
            owner_type: 0,
            strategy: 0,
            program: 0,
            trading: TradingSlot::NORMAL,
            high_frequency: false,
            orders: 0,
            cancelled: 0,
            quick_cancels: 0,
            open_orders: 0,
            orders_e5: 0,
            cancelled_e5: 0,
            value: ValueRow::default(),
            earlier: NONE,
        }
    }
}

panshi_wire::saved! {
    /// One client session. Row number = client number; row 0 is never used.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ClientRow {
        /// The row as loaded.
        pub row: LoadClient,
        /// PBU numbers that it may use, or might earlier today.
        pub pbus: u64,
        /// Whether the row was loaded.
        pub loaded: bool,
        /// Logged in.
        pub online: bool,
        /// State set on the client.
        pub trading: TradingSlot,
        /// Refused cancels within `refused_minute`.
        pub refused_cancels: u32,
        /// Clock minute of the day that `refused_cancels` counts.
        pub refused_minute: u32,
    }
}

panshi_wire::saved! {
    /// One PBU. Row number = order of loading, from 0; at most 64.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PbuRow {
        /// PBU code, space padded.
        pub pbu: [u8; 8],
        /// Market.
        pub market: u8,
        /// Number 0..63, bit of the clients' masks.
        pub pbu_no: u8,
        /// Gateway number; 0: none.
        pub gateway: u16,
        /// Gateway number of after-hours fixed-price orders; 0: the other one takes them.
        pub fixed_gateway: u16,
        /// State set on the PBU.
        pub trading: TradingSlot,
    }
}

impl PbuRow {
    /// The gateway that orders of a type leave by; 0: none.
    #[must_use]
    pub fn gateway_of(&self, order_type: u8) -> u16 {
        if order_type == OrderType::Fixed.number() && self.fixed_gateway != 0 {
            self.fixed_gateway
        } else {
            self.gateway
        }
    }

    /// Whether orders of the PBU leave by a gateway.
    #[must_use]
    pub fn leaves_by(&self, gateway: u16) -> bool {
        gateway != 0 && (self.gateway == gateway || self.fixed_gateway == gateway)
    }
}

impl Default for ClientRow {
    fn default() -> Self {
        Self {
            row: LoadClient::default(),
            pbus: 0,
            loaded: false,
            online: false,
            trading: TradingSlot::NORMAL,
            refused_cancels: 0,
            refused_minute: 0,
        }
    }
}

impl Default for PbuRow {
    fn default() -> Self {
        Self {
            pbu: [b' '; 8],
            market: 0,
            pbu_no: 0,
            gateway: 0,
            fixed_gateway: 0,
            trading: TradingSlot::NORMAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountRow, CustomerRow};

    #[test]
    fn rows_of_the_checks_fit_their_cache_lines() {
        assert_eq!(size_of::<CustomerRow>(), 128);
        assert_eq!(core::mem::offset_of!(CustomerRow, program_day), 64);
        assert_eq!(size_of::<AccountRow>(), 128);
        assert_eq!(core::mem::offset_of!(AccountRow, orders_e5), 64);
    }
}
