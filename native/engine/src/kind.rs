//! The numbered words of the records: one closed list per column that holds a number with a meaning.

use panshi_wire::saved::{Saved, SavedField};

/// Declares a closed list of numbered words with its number, name and meaning.
macro_rules! kinds {
    ($(#[$doc:meta])* pub enum $name:ident: $int:ty { $($(#[$vdoc:meta])* $variant:ident = $value:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[allow(clippy::doc_markdown, reason = "the texts are shown to people as they stand")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr($int)]
        pub enum $name { $($(#[$vdoc])* #[doc = $text] $variant = $value,)* }

        impl $name {
            /// Every word of the list, in numerical order as declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word with this number, if there is one.
            #[must_use]
            pub const fn from_number(number: $int) -> Option<Self> {
                match number { $($value => Some(Self::$variant),)* _ => None }
            }

            /// The number of the word.
            #[must_use]
            pub const fn number(self) -> $int { self as $int }

            /// The name of the word as written in the source.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// What the word means.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl Saved for $name {
            const LEN: usize = <$int>::LEN;

            #[inline]
            fn put(&self, out: &mut [u8]) {
                self.number().put(out);
            }

            #[inline]
            fn take(bytes: &[u8]) -> Option<Self> {
                <$int>::take(bytes).and_then(Self::from_number)
            }

            fn describe(name: &str, note: &str, into: &mut Vec<SavedField>) {
                let list = concat!(" (see ", stringify!($name), ")");
                <$int>::describe(name, &format!("{}{list}", note.trim()), into);
            }
        }
    };
}

kinds! {
    /// Markets.
    pub enum Market: u8 {
        Sse = 1, "Shanghai Stock Exchange";
        Szse = 2, "Shenzhen Stock Exchange";
    }
}

kinds! {
    /// Kinds of order, the protocols' type, time in force and level fields taken together.
    pub enum OrderType: u8 {
        Limit = 1, "limit order";
        BestFiveCancel = 2, "best five levels at once, rest cancelled";
        BestFiveLimit = 3, "best five levels at once, rest becomes a limit order (SSE)";
        OwnBest = 4, "limit order at the own side's best price";
        CounterBest = 5, "limit order at the counter side's best price";
        Immediate = 6, "everything at once, rest cancelled (SZSE)";
        FillOrKill = 7, "everything at once or nothing (SZSE)";
        Fixed = 8, "after-hours fixed price";
    }
}

kinds! {
    /// Phases of the trading day.
    pub enum Phase: u8 {
        Closed = 0, "no trading";
        OpeningCall = 1, "opening call auction, cancels taken";
        OpeningCallLocked = 2, "opening call auction, no cancels";
        BeforeContinuous = 3, "between the opening auction and continuous trading";
        Continuous = 4, "continuous trading";
        NoonBreak = 5, "noon break";
        ClosingCall = 6, "closing call auction, no cancels";
        AfterClose = 7, "after the close, before fixed-price trading";
        FixedPrice = 8, "after-hours fixed-price trading";
    }
}

kinds! {
    /// What a window does with an input that it does not take at once.
    pub enum Policy: u8 {
        Reject = 0, "refused";
        Accept = 1, "taken";
        Queue = 2, "kept until the next accepting window";
    }
}

kinds! {
    /// Scopes of limits, trading states and mass cancels. The id of a row is the number named here.
    pub enum Scope: u8 {
        Firm = 1, "the whole firm (id 0)";
        Market = 2, "one market (id = market)";
        Pbu = 3, "one PBU (id = pbu_no; the key is not used)";
        Client = 4, "one client session (id = client)";
        Account = 5, "one securities account (market and key; as a limit scope: id = customer group, 0 = all)";
        Customer = 6, "one customer (id = customer)";
        OwnerGroup = 7, "customers under one controller (id = owner_group)";
        Desk = 8, "one desk (id = desk)";
        Strategy = 9, "one strategy (id = strategy)";
        Security = 10, "one security (market and key; as a limit scope: id = rule class, 0 = all)";
        Gateway = 11, "one exchange gateway (id = gateway)";
    }
}

kinds! {
    /// Trading states, in rising severity.
    pub enum TradingState: u8 {
        Normal = 0, "everything passes";
        SellOnly = 1, "sales and cancels pass";
        CancelOnly = 2, "cancels pass";
        Halted = 3, "nothing new leaves; cancels still pass, they reduce risk";
    }
}

kinds! {
    /// What a failed check does.
    pub enum Mode: u8 {
        Off = 0, "nothing";
        On = 1, "it refuses";
        WarnOnly = 2, "it warns";
    }
}

kinds! {
    /// Metrics that have warn and block levels.
    pub enum Metric: u8 {
        SlidingSecond = 1, "orders + cancels within the last second, this one included";
        CalendarSecond = 2, "orders + cancels within the running clock second";
        Minute = 3, "orders + cancels within the running clock minute";
        Day = 4, "orders + cancels of the day";
        QuickCancels = 5, "cancels of the day that came within the quick-cancel time";
        CancelCountRatio = 6, "cancelled / ordered by count, basis points, once the base count is reached";
        CancelValueRatio = 7, "cancelled / ordered by value, basis points, once the base count is reached";
        OrderValue = 8, "value of one order, e5";
        OpenValue = 9, "value of open orders, e5";
        ExecutedValue = 10, "traded value of the day, e5";
        SecurityValue = 11, "open buys + traded buys of the firm in one security, e5";
        IdenticalOrders = 12, "identical orders of one account within the identical-order window";
        CollarBp = 13, "distance from the reference price, basis points";
        OpenOrders = 14, "open orders";
        RepeatedCancels = 15, "refused cancels of one client within the running clock minute";
    }
}

impl Param {
    /// Whether orders are refused in a market without a row of it; a mass cancel asks for its own two.
    #[must_use]
    pub const fn is_needed(self) -> bool {
        !matches!(self, Self::CancelAllBatch | Self::CancelAllRate)
    }

    /// Whether customer groups may have rows of their own: it judges what customers do.
    #[must_use]
    pub const fn is_of_groups(self) -> bool {
        matches!(
            self,
            Self::QuickCancelNs
                | Self::IdenticalWindowNs
                | Self::RatioBaseCount
                | Self::HighFrequencySecond
                | Self::HighFrequencyDay
        )
    }

    /// The values that a row may give.
    #[must_use]
    pub const fn bounds(self) -> (i64, i64) {
        match self {
            Self::CancelAllBatch => (1, i64::MAX),
            Self::CancelAllRate => (1, 1_000_000),
            Self::GatewayPreOpen => (0, Policy::Queue as i64),
            Self::SuspendUnknownFill
            | Self::SuspendOverFill
            | Self::SuspendPrice
            | Self::SuspendGap
            | Self::SuspendDuplicate
            | Self::SuspendRejects
            | Self::SuspendUnacked
            | Self::SuspendSilence => (0, TradingState::Halted as i64),
            _ => (0, i64::MAX),
        }
    }
}

impl OrderType {
    /// Whether the order takes the prices that the book offers.
    #[must_use]
    pub const fn is_market(self) -> bool {
        !matches!(self, Self::Limit | Self::Fixed)
    }
}

impl Metric {
    /// Whether limits of a metric mean something in a scope.
    #[must_use]
    pub const fn is_kept_for(self, scope: Scope) -> bool {
        match self {
            Self::SlidingSecond
            | Self::CalendarSecond
            | Self::Minute
            | Self::Day
            | Self::QuickCancels
            | Self::CancelCountRatio
            | Self::CancelValueRatio => matches!(
                scope,
                Scope::Account | Scope::Client | Scope::Pbu | Scope::Gateway | Scope::Strategy
            ),
            Self::OrderValue => matches!(scope, Scope::Firm | Scope::Account),
            Self::OpenValue | Self::ExecutedValue => matches!(
                scope,
                Scope::Account | Scope::Customer | Scope::OwnerGroup | Scope::Desk | Scope::Firm
            ),
            Self::SecurityValue | Self::CollarBp => matches!(scope, Scope::Security),
            Self::IdenticalOrders | Self::OpenOrders => matches!(scope, Scope::Account),
            Self::RepeatedCancels => matches!(scope, Scope::Client),
        }
    }

    /// Whether an order is refused while a scope has no level of a metric; the others are warnings only.
    #[must_use]
    pub const fn is_needed_for(self, scope: Scope) -> bool {
        self.is_kept_for(scope) && !matches!(self, Self::RepeatedCancels)
    }
}

kinds! {
    /// Scalar parameters.
    pub enum Param: u16 {
        QuickCancelNs = 1, "an order cancelled sooner than this after its receipt counts as a quick cancel, ns";
        IdenticalWindowNs = 2, "identical orders count within this time, ns";
        RatioBaseCount = 3, "orders of a scope number before its cancel ratios are judged";
        HighFrequencySecond = 4, "orders + cancels in one second that make an account high-frequency";
        HighFrequencyDay = 5, "orders + cancels in one day that make an account high-frequency";
        RejectBurstCount = 6, "exchange rejects of one gateway within the window that suspend it";
        RejectBurstNs = 7, "window of the reject burst, ns";
        UnackedCount = 8, "unacknowledged orders of one gateway that suspend it";
        UnackedAgeNs = 9, "age of the oldest unacknowledged order of one gateway that suspends it, ns";
        CancelAllBatch = 10, "cancels of mass cancels sent per timer and gateway, at most";
        SuspendUnknownFill = 11, "state set on the gateway after a fill of an unknown order, see TradingState";
        SuspendOverFill = 12, "state set after a fill beyond the order's quantity";
        SuspendPrice = 13, "state set after a fill outside the price limits";
        SuspendGap = 14, "state set after a gap in a report stream, a report behind its end, or a stream without room";
        SuspendDuplicate = 15, "state set after a repeated fill";
        SuspendRejects = 16, "state set after a reject burst";
        SuspendUnacked = 17, "state set when acknowledgements are overdue";
        GatewayPreOpen = 18, "orders while the gateway is pre-open: 0 reject, 1 accept, 2 queue";
        CancelAllRate = 19, "cancels of mass cancels sent per second and gateway, at most";
        SuspendSilence = 20, "state set after a session was given up because nothing was heard, not even a heartbeat";
    }
}

kinds! {
    /// How the name of a command's person was shown to be the person's.
    pub enum Proof: u8 {
        None = 0, "the name was only said";
        Secret = 1, "by the person's secret";
        Gate = 2, "the gate gave the command itself";
    }
}

kinds! {
    /// Kinds of report.
    pub enum ReportKind: u8 {
        Accepted = 1, "the exchange took the order (SSE: with CxlQty for a best-five remainder)";
        Rejected = 2, "the exchange refused the order, in the stream";
        Cancelled = 3, "the order, or its rest, was cancelled";
        Fill = 4, "a trade";
        CancelRejected = 5, "the exchange refused the cancel, in the stream";
        PreRejected = 6, "refused before the streams: SSE 204, SZSE BusinessReject";
        EndOfStream = 7, "SSE 210, SZSE ReportFinished";
    }
}

kinds! {
    /// Life of an order inside the gate.
    pub enum OrderStatus: u8 {
        Queued = 1, "waits for an accepting window";
        Sent = 2, "sent, not acknowledged";
        Working = 3, "acknowledged";
        PartlyFilled = 4, "some shares traded";
        Filled = 5, "all shares traded or cancelled by rule after trading";
        Cancelled = 6, "cancelled";
        Rejected = 7, "refused by the exchange";
        Expired = 8, "open when the day closed";
    }
}

kinds! {
    /// Whether an order is being cancelled.
    pub enum CancelState: u8 {
        None = 0, "no cancel is on its way";
        Pending = 1, "a cancel is on its way or queued";
        Lost = 2, "a cancel was on its way when the session of the gateway ended: nobody knows whether it arrived";
    }
}

kinds! {
    /// State of a program-trading report (程序化交易报告).
    pub enum ProgramState: u8 {
        None = 0, "no report";
        Filed = 1, "filed by the client";
        Verified = 2, "verified by the broker";
        BrokerConfirmed = 3, "confirmed by the broker";
        ExchangeReported = 4, "reported to the exchange";
        ExchangeConfirmed = 5, "confirmed by the exchange";
        Refused = 6, "refused";
        Closed = 7, "permission closed";
    }
}

/// Flags of a security.
pub mod security_flag {
    /// Risk-warning security (ST).
    pub const RISK_WARNING: u32 = 1;
    /// No price limit today.
    pub const NO_LIMIT: u32 = 2;
    /// In the delisting-arrangement period.
    pub const DELISTING: u32 = 4;
    /// Takes part in after-hours fixed-price trading.
    pub const FIXED_PRICE: u32 = 8;
    /// May be bought on margin.
    pub const MARGIN_BUY: u32 = 16;
    /// May be sold short.
    pub const SHORT_SELL: u32 = 32;
    /// Buying is closed today.
    pub const NO_BUY: u32 = 64;
    /// Selling is closed today.
    pub const NO_SELL: u32 = 128;
}
