//! Orders as the exchange keeps them for the day, of clients and of the replayed market alike.

/// No order, or no client.
pub const NONE: u32 = u32::MAX;

/// Side of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Buys.
    Buy,
    /// Sells.
    Sell,
}

impl Side {
    /// The other side.
    #[must_use]
    pub fn counter(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// Whether an order of this side with this limit may trade at a price.
    #[must_use]
    pub fn allows(self, limit_e5: i64, price_e5: i64) -> bool {
        match self {
            Self::Buy => price_e5 <= limit_e5,
            Self::Sell => price_e5 >= limit_e5,
        }
    }
}

/// What an order asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Limit.
    Limit,
    /// Best five levels, the rest cancelled.
    BestFiveIoc,
    /// Best five levels, the rest becomes a limit order.
    BestFiveLimit,
    /// Limit order at the best price of its own side.
    OwnBest,
    /// Limit order at the best price of the other side.
    CounterBest,
    /// All levels, the rest cancelled.
    Ioc,
    /// All of it at once or nothing.
    Fok,
    /// After-hours trading at the closing price.
    Fixed,
}

impl Kind {
    /// Whether the kind is a market order, which only continuous trading takes.
    #[must_use]
    pub fn is_market(self) -> bool {
        !matches!(self, Self::Limit | Self::Fixed)
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Some of it may still trade.
    Open,
    /// All of it traded.
    Filled,
    /// The rest was cancelled.
    Cancelled,
    /// It was refused.
    Rejected,
}

/// One order of the day.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Index of the security.
    pub security: u32,
    /// Side.
    pub side: Side,
    /// Kind.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Limit, yuan x 100000; of a market order the price it was given when it began to rest.
    pub price_e5: i64,
    /// Shares asked for.
    pub qty: i64,
    /// Shares traded.
    pub cum: i64,
    /// Shares cancelled.
    pub cancelled: i64,
    /// Index among the client orders, or [`NONE`] for the replayed market.
    pub client: u32,
    /// Market time of entry.
    pub entry_ns: u64,
    pub(crate) prev: u32,
    pub(crate) next: u32,
    pub(crate) resting: bool,
}

impl Order {
    /// A new order that does not rest yet.
    #[must_use]
    pub fn new(security: u32, side: Side, kind: Kind, price_e5: i64, qty: i64) -> Self {
        Self {
            security,
            side,
            kind,
            state: State::Open,
            price_e5,
            qty,
            cum: 0,
            cancelled: 0,
            client: NONE,
            entry_ns: 0,
            prev: NONE,
            next: NONE,
            resting: false,
        }
    }

    /// Shares that may still trade.
    #[must_use]
    pub fn leaves(&self) -> i64 {
        self.qty - self.cum - self.cancelled
    }
}

/// All orders of a market on one day; an order's number is its index.
#[derive(Debug, Default)]
pub struct Orders {
    rows: Vec<Order>,
}

impl Orders {
    /// Make room for a number of orders.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            rows: Vec::with_capacity(capacity),
        }
    }

    /// Keep an order and return its number.
    pub fn add(&mut self, order: Order) -> u32 {
        let number = u32::try_from(self.rows.len()).unwrap_or(NONE);
        self.rows.push(order);
        number
    }

    /// The order with a number that [`Orders::add`] gave.
    #[must_use]
    pub fn get(&self, number: u32) -> &Order {
        &self.rows[number as usize]
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, number: u32) -> &mut Order {
        &mut self.rows[number as usize]
    }

    /// Count a trade of an order.
    pub fn fill(&mut self, number: u32, qty: i64) {
        let order = self.get_mut(number);
        order.cum += qty;
        if order.leaves() == 0 {
            order.state = if order.cancelled == 0 {
                State::Filled
            } else {
                State::Cancelled
            };
        }
    }

    /// Cancel what is left of an order and return how much that was.
    pub fn cancel_rest(&mut self, number: u32) -> i64 {
        let order = self.get_mut(number);
        let qty = order.leaves();
        order.cancelled += qty;
        order.state = State::Cancelled;
        qty
    }

    /// Orders of the day.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there was no order yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
