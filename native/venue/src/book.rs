//! The book of one security: price first, then time.

use crate::order::{NONE, Orders, Side};

/// A price and the queue of orders that wait at it.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Yuan x 100000.
    pub price_e5: i64,
    /// Shares that wait.
    pub qty: i64,
    head: u32,
    tail: u32,
}

/// A trade between an incoming order and one that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Number of the order that waited.
    pub maker: u32,
    /// Price of the order that waited.
    pub price_e5: i64,
    /// Shares.
    pub qty: i64,
}

/// One side of a book; the levels are sorted with the best one last, where changes are frequent.
#[derive(Debug)]
pub struct Ladder {
    side: Side,
    levels: Vec<Level>,
}

impl Ladder {
    fn new(side: Side) -> Self {
        Self {
            side,
            levels: Vec::with_capacity(256),
        }
    }

    fn find(&self, price_e5: i64) -> Result<usize, usize> {
        match self.side {
            Side::Buy => self
                .levels
                .binary_search_by(|level| level.price_e5.cmp(&price_e5)),
            Side::Sell => self
                .levels
                .binary_search_by(|level| price_e5.cmp(&level.price_e5)),
        }
    }

    /// The best level.
    #[must_use]
    pub fn best(&self) -> Option<&Level> {
        self.levels.last()
    }

    /// The levels from best to worst.
    pub fn from_best(&self) -> impl Iterator<Item = &Level> {
        self.levels.iter().rev()
    }

    fn push(&mut self, orders: &mut Orders, number: u32) {
        let (price_e5, qty) = {
            let order = orders.get_mut(number);
            order.resting = true;
            order.prev = NONE;
            order.next = NONE;
            (order.price_e5, order.leaves())
        };
        match self.find(price_e5) {
            Ok(at) => {
                let level = &mut self.levels[at];
                level.qty += qty;
                orders.get_mut(level.tail).next = number;
                orders.get_mut(number).prev = level.tail;
                level.tail = number;
            }
            Err(at) => self.levels.insert(
                at,
                Level {
                    price_e5,
                    qty,
                    head: number,
                    tail: number,
                },
            ),
        }
    }

    /// Take an order out of its queue; its open shares leave the level with it.
    fn unlink(&mut self, orders: &mut Orders, number: u32) {
        let order = *orders.get(number);
        let Ok(at) = self.find(order.price_e5) else {
            return;
        };
        let level = &mut self.levels[at];
        level.qty -= order.leaves();
        if order.prev == NONE {
            level.head = order.next;
        } else {
            orders.get_mut(order.prev).next = order.next;
        }
        if order.next == NONE {
            level.tail = order.prev;
        } else {
            orders.get_mut(order.next).prev = order.prev;
        }
        orders.get_mut(number).resting = false;
        if level.head == NONE {
            self.levels.remove(at);
        }
    }

    /// Trade up to `qty` shares with the front of the best level.
    fn take_front(&mut self, orders: &mut Orders, qty: i64) -> Option<Trade> {
        let level = self.levels.last_mut()?;
        let (maker, price_e5) = (level.head, level.price_e5);
        let traded = qty.min(orders.get(maker).leaves());
        let done = traded == orders.get(maker).leaves();
        if done {
            self.unlink(orders, maker);
        } else {
            level.qty -= traded;
        }
        orders.fill(maker, traded);
        Some(Trade {
            maker,
            price_e5,
            qty: traded,
        })
    }
}

/// Both sides of one security.
#[derive(Debug)]
pub struct Book {
    /// Buy orders.
    pub bids: Ladder,
    /// Sell orders.
    pub asks: Ladder,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            bids: Ladder::new(Side::Buy),
            asks: Ladder::new(Side::Sell),
        }
    }
}

impl Book {
    /// One side.
    #[must_use]
    pub fn side(&self, side: Side) -> &Ladder {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Ladder {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// Best price of a side.
    #[must_use]
    pub fn best_e5(&self, side: Side) -> Option<i64> {
        self.side(side).best().map(|level| level.price_e5)
    }

    /// Let an order wait behind those of its price.
    pub fn rest(&mut self, orders: &mut Orders, number: u32) {
        let side = orders.get(number).side;
        self.side_mut(side).push(orders, number);
    }

    /// Take an order out of the book, if it waits in it.
    pub fn remove(&mut self, orders: &mut Orders, number: u32) {
        let order = orders.get(number);
        if order.resting {
            let side = order.side;
            self.side_mut(side).unlink(orders, number);
        }
    }

    /// Trade an incoming order of `side` with at most `levels_max` levels within its limit.
    ///
    /// Returns what is left of `qty`; the trades are added to `trades` in their order. The
    /// incoming order itself is not touched.
    pub fn take(
        &mut self,
        orders: &mut Orders,
        (side, limit_e5): (Side, Option<i64>),
        levels_max: usize,
        mut qty: i64,
        trades: &mut Vec<Trade>,
    ) -> i64 {
        let ladder = self.side_mut(side.counter());
        let mut levels = 0;
        let mut level_e5 = None;
        while qty > 0 {
            let Some(price_e5) = ladder.best().map(|level| level.price_e5) else {
                break;
            };
            if limit_e5.is_some_and(|limit| !side.allows(limit, price_e5)) {
                break;
            }
            if level_e5 != Some(price_e5) {
                if levels == levels_max {
                    break;
                }
                levels += 1;
                level_e5 = Some(price_e5);
            }
            let Some(trade) = ladder.take_front(orders, qty) else {
                break;
            };
            qty -= trade.qty;
            trades.push(trade);
        }
        qty
    }

    /// Shares that an incoming order of `side` could trade at once within a limit.
    #[must_use]
    pub fn available(&self, side: Side, limit_e5: Option<i64>) -> i64 {
        self.side(side.counter())
            .from_best()
            .take_while(|level| limit_e5.is_none_or(|limit| side.allows(limit, level.price_e5)))
            .map(|level| level.qty)
            .sum()
    }

    /// Trade the fronts of both sides with each other at one price, up to a volume.
    ///
    /// Each trade is given as buy order, sell order and shares.
    pub fn cross(
        &mut self,
        orders: &mut Orders,
        mut volume: i64,
        mut on_trade: impl FnMut(u32, u32, i64),
    ) {
        while volume > 0 {
            let fronts = (self.bids.best(), self.asks.best());
            let (Some(bid), Some(ask)) = fronts else {
                return;
            };
            let (buyer, seller) = (bid.head, ask.head);
            let qty = volume
                .min(orders.get(buyer).leaves())
                .min(orders.get(seller).leaves());
            if self.bids.take_front(orders, qty).is_none()
                || self.asks.take_front(orders, qty).is_none()
            {
                return;
            }
            volume -= qty;
            on_trade(buyer, seller, qty);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Book, Trade};
    use crate::order::{Kind, Order, Orders, Side, State};

    fn rest(book: &mut Book, orders: &mut Orders, side: Side, price_e5: i64, qty: i64) -> u32 {
        let number = orders.add(Order::new(0, side, Kind::Limit, price_e5, qty));
        book.rest(orders, number);
        number
    }

    #[test]
    fn better_prices_trade_first_and_earlier_orders_at_the_same_price() {
        let (mut book, mut orders, mut trades) = (Book::default(), Orders::default(), Vec::new());
        let late = rest(&mut book, &mut orders, Side::Sell, 11, 100);
        let first = rest(&mut book, &mut orders, Side::Sell, 10, 100);
        let second = rest(&mut book, &mut orders, Side::Sell, 10, 100);
        let left = book.take(&mut orders, (Side::Buy, Some(11)), 9, 250, &mut trades);
        assert_eq!(left, 0);
        let trade = |maker, price_e5, qty| Trade {
            maker,
            price_e5,
            qty,
        };
        assert_eq!(
            trades,
            [
                trade(first, 10, 100),
                trade(second, 10, 100),
                trade(late, 11, 50)
            ]
        );
        assert_eq!(orders.get(first).state, State::Filled);
        assert_eq!(
            book.asks.best().map(|level| (level.price_e5, level.qty)),
            Some((11, 50))
        );
    }

    #[test]
    fn a_limit_and_a_number_of_levels_bound_what_is_taken() {
        let (mut book, mut orders, mut trades) = (Book::default(), Orders::default(), Vec::new());
        for price in 1..=7 {
            rest(&mut book, &mut orders, Side::Buy, price, 10);
        }
        assert_eq!(book.available(Side::Sell, Some(3)), 50);
        let left = book.take(&mut orders, (Side::Sell, None), 5, 1000, &mut trades);
        assert_eq!((left, trades.len()), (950, 5));
        assert_eq!(book.best_e5(Side::Buy), Some(2));
        let left = book.take(&mut orders, (Side::Sell, Some(2)), 5, 1000, &mut trades);
        assert_eq!((left, book.best_e5(Side::Buy)), (990, Some(1)));
    }

    #[test]
    fn an_order_leaves_from_the_middle_of_its_queue() {
        let (mut book, mut orders) = (Book::default(), Orders::default());
        let numbers: Vec<u32> = (1..=3)
            .map(|qty| rest(&mut book, &mut orders, Side::Buy, 5, qty))
            .collect();
        book.remove(&mut orders, numbers[1]);
        book.remove(&mut orders, numbers[1]);
        assert_eq!(book.available(Side::Sell, None), 4);
        let mut trades = Vec::new();
        book.take(&mut orders, (Side::Sell, None), 1, 9, &mut trades);
        let makers: Vec<u32> = trades.iter().map(|trade| trade.maker).collect();
        assert_eq!(makers, [numbers[0], numbers[2]]);
        assert!(book.bids.best().is_none());
    }
}
