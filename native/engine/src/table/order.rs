//! Rows of orders.

use crate::kind::{CancelState, OrderStatus};
use crate::table::fill::FillSet;

/// No order, no row.
pub const NONE: u32 = u32::MAX;

panshi_wire::saved! {
    /// One order that was forwarded or queued. Row number = order number.
    ///
    /// What every report looks at lies in the first cache line, money in the second, ids in the third.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(C, align(64))]
    pub struct OrderRow {
        /// Journal sequence of the `NewOrder`.
        pub seq: u64,
        /// Ordered shares.
        pub qty: i64,
        /// Traded shares.
        pub traded_qty: i64,
        /// Cancelled shares.
        pub cancelled_qty: i64,
        /// Account row.
        pub account: u32,
        /// Customer number.
        pub customer: u32,
        /// Security row.
        pub security: u32,
        /// Holding row.
        pub holding: u32,
        /// Client number.
        pub client: u16,
        /// Gateway number.
        pub gateway: u16,
        /// Rule class.
        pub rule: u16,
        /// Fee group.
        pub fee_group: u16,
        /// Strategy number; 0: none.
        pub strategy: u16,
        /// PBU row.
        pub pbu: u8,
        /// Life of the order.
        pub status: OrderStatus,
        /// Order type number.
        pub order_type: u8,
        /// Side.
        pub buy: bool,
        /// Whether it is being cancelled.
        pub cancel: CancelState,
        /// It is a program order.
        pub program: bool,
        /// Price; 0: the order needs none.
        pub price_e5: i64,
        /// Price at which its value counts and a buy freezes cash.
        pub value_price_e5: i64,
        /// Traded value.
        pub amount_e5: i64,
        /// Fees charged.
        pub charged_e5: i64,
        /// Cash frozen now.
        pub frozen_e5: i64,
        /// Market time of receipt.
        pub time_ns: u64,
        /// Market time of the forward; 0 while queued.
        pub sent_ns: u64,
        /// Journal sequence of a queued cancel.
        pub cancel_seq: u64,
        /// Booked fills.
        pub fills: FillSet,
        /// Number of the client terminal; 0: none.
        pub terminal: u32,
        /// `ClOrdID`.
        pub cl_ord_id: [u8; 10],
        /// `ClOrdID` of a queued cancel.
        pub cancel_id: [u8; 10],
        /// Business number.
        pub biz: u32,
        /// Made again from a report after its record was lost.
        pub recovered: bool,
    }
}

impl OrderRow {
    /// No order.
    pub const EMPTY: Self = Self {
        seq: 0,
        time_ns: 0,
        sent_ns: 0,
        price_e5: 0,
        value_price_e5: 0,
        qty: 0,
        traded_qty: 0,
        cancelled_qty: 0,
        amount_e5: 0,
        charged_e5: 0,
        frozen_e5: 0,
        cancel_seq: 0,
        account: NONE,
        customer: 0,
        security: NONE,
        holding: NONE,
        rule: 0,
        fee_group: 0,
        client: 0,
        gateway: 0,
        strategy: 0,
        pbu: u8::MAX,
        status: OrderStatus::Rejected,
        order_type: 0,
        buy: false,
        cancel: CancelState::None,
        biz: 0,
        cl_ord_id: [b' '; 10],
        cancel_id: [b' '; 10],
        fills: FillSet::EMPTY,
        terminal: 0,
        program: false,
        recovered: false,
    };

    /// Shares neither traded nor cancelled.
    #[inline]
    #[must_use]
    pub const fn open_qty(&self) -> i64 {
        self.qty - self.traded_qty - self.cancelled_qty
    }

    /// Whether a cancel is on its way or queued, so that no other one may follow.
    #[inline]
    #[must_use]
    pub const fn is_cancel_pending(&self) -> bool {
        matches!(self.cancel, CancelState::Pending)
    }

    /// Whether the order may still trade.
    #[inline]
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self.status,
            OrderStatus::Queued
                | OrderStatus::Sent
                | OrderStatus::Working
                | OrderStatus::PartlyFilled
        )
    }
}

#[cfg(test)]
mod tests {
    use super::OrderRow;

    #[test]
    fn an_order_takes_three_cache_lines_and_reports_need_the_first() {
        assert_eq!(size_of::<OrderRow>(), 192);
        assert_eq!(core::mem::offset_of!(OrderRow, price_e5), 64);
        assert_eq!(core::mem::offset_of!(OrderRow, fills), 128);
    }
}
