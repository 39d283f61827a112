//! Rows of what is traded: securities and holdings.

use crate::table::trading::TradingSlot;

panshi_wire::saved! {
    /// One security. Row number = order of loading, from 0.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SecurityRow {
        /// Upper limit; 0: none.
        pub upper_e5: i64,
        /// Lower limit; 0: none.
        pub lower_e5: i64,
        /// Best bid; 0: none.
        pub bid_e5: i64,
        /// Best ask; 0: none.
        pub ask_e5: i64,
        /// Last trade; 0: none.
        pub last_e5: i64,
        /// Previous close.
        pub prev_close_e5: i64,
        /// Today's close for fixed-price trading; 0 until known.
        pub close_e5: i64,
        /// Value of the firm's open buys.
        pub open_buy_e5: i64,
        /// Value of the firm's traded buys.
        pub traded_buy_e5: i64,
        /// See `kind::security_flag`.
        pub flags: u32,
        /// Stream that carries its reports.
        pub set_id: u32,
        /// YYYYMMDD.
        pub list_date: u32,
        /// Rule class.
        pub rule: u16,
        /// 0 not listed, 1 trading, 2 halted within the day, 3 suspended.
        pub state: u8,
        /// Market.
        pub market: u8,
        /// Security code, space padded.
        pub code: [u8; 8],
        /// State set on the security.
        pub trading: TradingSlot,
    }
}

panshi_wire::saved! {
    /// Shares of one account in one security. Row number = order of loading or of the first buy, from 0.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[repr(align(64))]
    pub struct HoldingRow {
        /// Account row.
        pub account: u32,
        /// Security row.
        pub security: u32,
        /// Shares at the open.
        pub opening_qty: i64,
        /// Shares that could be sold at the open.
        pub opening_sellable_qty: i64,
        /// Shares that may be sold today, the frozen ones included.
        pub sellable_qty: i64,
        /// Shares frozen for open sales.
        pub frozen_qty: i64,
        /// Bought today.
        pub bought_qty: i64,
        /// Sold today.
        pub sold_qty: i64,
        /// Open quantity of buys.
        pub open_buy_qty: i64,
    }
}

impl HoldingRow {
    /// Shares now.
    #[inline]
    #[must_use]
    pub const fn total_qty(&self) -> i64 {
        self.opening_qty
            .saturating_add(self.bought_qty)
            .saturating_sub(self.sold_qty)
    }
}

impl SecurityRow {
    /// No security.
    pub const EMPTY: Self = Self {
        upper_e5: 0,
        lower_e5: 0,
        bid_e5: 0,
        ask_e5: 0,
        last_e5: 0,
        prev_close_e5: 0,
        close_e5: 0,
        open_buy_e5: 0,
        traded_buy_e5: 0,
        flags: 0,
        set_id: 0,
        list_date: 0,
        rule: 0,
        state: 0,
        market: 0,
        code: [b' '; 8],
        trading: TradingSlot::NORMAL,
    };
}

impl Default for SecurityRow {
    fn default() -> Self {
        Self::EMPTY
    }
}
