//! Rows of the day itself: clock, gateways, counts, queues.

use crate::record::flow::CancelAll;

panshi_wire::saved! {
    /// The trading day; `trade_date` 0 until it is open.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct DayRow {
        /// 00:00 of the trade date.
        pub start_ns: u64,
        /// YYYYMMDD.
        pub trade_date: u32,
        /// Run number.
        pub epoch: u32,
        /// Open, and not closed again.
        pub open: bool,
    }
}

panshi_wire::saved! {
    /// One exchange gateway. Row number = gateway number.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct GatewayRow {
        /// 0 down, 1 not open, 2 pre-open, 3 open, 4 break or halt, 5 closed.
        pub state: u8,
        /// Orders sent and not acknowledged.
        pub unacked: u32,
        /// Place in the list of forwarded orders before which nothing of this gateway is unacknowledged.
        pub unacked_from: u32,
        /// Overdue acknowledgements were reported and have not cleared.
        pub overdue: bool,
        /// Rejects within the window.
        pub burst_count: u32,
        /// First reject of the window; meaningless while the count is 0.
        pub burst_start_ns: u64,
        /// PBU numbers that it carries, or carried earlier today.
        pub pbus: u64,
        /// Before this time it takes no cancel of a mass cancel.
        pub turn_ns: u64,
    }
}

panshi_wire::saved! {
    /// Counts of the day, see `DayTotal`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TotalRow {
        /// New orders received.
        pub orders: u64,
        /// Cancels received.
        pub cancels: u64,
        /// Orders sent on.
        pub forwarded: u64,
        /// Orders and cancels refused.
        pub refused: u64,
        /// Reports applied.
        pub reports: u64,
        /// Repeated reports ignored.
        pub duplicates: u64,
        /// Fills applied.
        pub fills: u64,
        /// Orders open at the close.
        pub expired: u64,
    }
}

panshi_wire::saved! {
    /// One mass cancel that has not come to its end.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MassRow {
        /// The command.
        pub row: CancelAll,
        /// Its journal sequence.
        pub seq: u64,
        /// Number of the first order that came after it.
        pub end: u32,
        /// Orders before this number are counted.
        pub counted: u32,
        /// Reserved ids used, one per cancel sent.
        pub ids: u32,
        /// Open orders that it means, as far as they are counted.
        pub asked: u32,
        /// Orders ended or their cancels sent.
        pub sent: u32,
        /// Orders whose cancel was not possible.
        pub missed: u32,
    }
}

panshi_wire::saved! {
    /// What one gateway has still to do of a mass cancel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PassRow {
        /// Journal sequence of the mass cancel.
        pub seq: u64,
        /// Orders before this number are done.
        pub cursor: u32,
        /// Gateway number.
        pub gateway: u16,
    }
}

panshi_wire::saved! {
    /// Something that waits for its window: an order, or a cancel of it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct QueueRow {
        /// Order number.
        pub order: u32,
        /// The cancel of the order waits, not the order.
        pub cancel: bool,
    }
}
