//! One market: its securities, books and orders of the day. No sessions, no messages.

use std::collections::BTreeMap;

use crate::auction::{TieRule, cross};
use crate::book::{Book, Trade};
use crate::cause::{Cause, Market};
use crate::order::{Kind, NONE, Order, Orders, Side, State};
use crate::phase::Phase;
use crate::security::Security;

/// What happened to an order, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The order was taken.
    Accepted {
        /// Its number.
        order: u32,
        /// Shares of a market order that became a limit order.
        converted: i64,
        /// Shares cancelled at once.
        cancelled: i64,
    },
    /// The order traded.
    Fill {
        /// Its number.
        order: u32,
        /// Price of the trade.
        price_e5: i64,
        /// Shares.
        qty: i64,
        /// Shares of the order traded so far, these included.
        cum: i64,
        /// Number of the trade, the same for both sides.
        trade: u64,
    },
    /// What was left of the order was cancelled.
    Cancelled {
        /// Its number.
        order: u32,
        /// Shares.
        qty: i64,
        /// Index of the cancel request of a client, or [`NONE`]: by rule.
        request: u32,
        /// Why, when by rule.
        cause: Option<Cause>,
    },
}

/// One market on one day.
#[derive(Debug)]
pub struct Exchange {
    /// Which one.
    pub market: Market,
    /// Current phase.
    pub phase: Phase,
    /// How an auction price is chosen among equally good ones.
    pub tie: TieRule,
    /// Every order of the day.
    pub orders: Orders,
    /// What happened since it was last taken away.
    pub events: Vec<Event>,
    /// Securities whose best prices or last trade may have changed.
    pub touched: Vec<u32>,
    /// Take codes that are not listed.
    pub open_listing: bool,
    securities: Vec<Security>,
    books: Vec<Book>,
    pub(crate) fixed: Vec<Vec<u32>>,
    last_e5: Vec<i64>,
    by_code: BTreeMap<[u8; 6], u32>,
    trades: Vec<Trade>,
    trade_count: u64,
}

impl Exchange {
    /// A market with its securities, before the day.
    #[must_use]
    pub fn new(market: Market, securities: Vec<Security>, tie: TieRule) -> Self {
        let mut exchange = Self {
            market,
            phase: Phase::Closed,
            tie,
            orders: Orders::with_capacity(1 << 18),
            events: Vec::with_capacity(1 << 12),
            touched: Vec::with_capacity(1 << 10),
            open_listing: false,
            securities: Vec::new(),
            books: Vec::new(),
            fixed: Vec::new(),
            last_e5: Vec::new(),
            by_code: BTreeMap::new(),
            trades: Vec::with_capacity(1 << 10),
            trade_count: 0,
        };
        for security in securities {
            exchange.list(security);
        }
        exchange
    }

    fn list(&mut self, security: Security) -> u32 {
        let index = u32::try_from(self.securities.len()).unwrap_or(NONE);
        self.by_code
            .insert(code_of(security.code.as_bytes()), index);
        self.securities.push(security);
        self.books.push(Book::default());
        self.fixed.push(Vec::new());
        self.last_e5.push(0);
        index
    }

    /// Find a security by its code, padded or not.
    pub fn find(&mut self, code: &[u8]) -> Option<u32> {
        let key = code_of(code);
        if let Some(index) = self.by_code.get(&key) {
            return Some(*index);
        }
        let text = core::str::from_utf8(&key).ok()?;
        self.open_listing
            .then(|| self.list(Security::unlimited(self.market, text)))
    }

    /// A security.
    #[must_use]
    pub fn security(&self, index: u32) -> &Security {
        &self.securities[index as usize]
    }

    /// Number of securities.
    #[must_use]
    pub fn listed(&self) -> u32 {
        u32::try_from(self.securities.len()).unwrap_or(NONE)
    }

    /// The book of a security.
    #[must_use]
    pub fn book(&self, index: u32) -> &Book {
        &self.books[index as usize]
    }

    /// Price of the last trade, 0 before the first.
    #[must_use]
    pub fn last_e5(&self, index: u32) -> i64 {
        self.last_e5[index as usize]
    }

    /// Take an order whose fields are well formed; its events follow.
    ///
    /// # Errors
    /// With the reason to refuse it; then nothing has happened.
    pub fn submit(&mut self, order: Order) -> Result<u32, Cause> {
        let security = self.security(order.security);
        security.check(
            self.phase,
            (order.side, order.kind),
            order.price_e5,
            order.qty,
        )?;
        if order.kind == Kind::Limit && self.phase == Phase::Continuous {
            let reference_e5 = self.cage_reference_e5(order.security, order.side);
            if !security.is_inside_cage(order.side, order.price_e5, reference_e5) {
                return Err(Cause::Range);
            }
        }
        match order.kind {
            Kind::Fixed => self.submit_fixed(order),
            Kind::Limit => Ok(self.submit_limit(order)),
            _ => self.submit_market(order),
        }
    }

    /// Best price of the other side, else of the own side, else last trade, else previous close.
    fn cage_reference_e5(&self, security: u32, side: Side) -> i64 {
        let book = self.book(security);
        let traded = Some(self.last_e5(security)).filter(|last_e5| *last_e5 > 0);
        book.best_e5(side.counter())
            .or(book.best_e5(side))
            .or(traded)
            .unwrap_or(self.security(security).prev_close_e5)
    }

    /// Take a limit order of the recorded market, which the real exchange has already checked.
    ///
    /// Only the phase is looked at, since the recorded clock is not the venue's.
    pub fn submit_recorded(&mut self, order: Order) -> Option<u32> {
        let takes = self.phase == Phase::Continuous || self.phase.is_call();
        (takes && order.qty > 0 && order.price_e5 > 0).then(|| self.submit_limit(order))
    }

    pub(crate) fn enter(&mut self, order: Order) -> u32 {
        let number = self.orders.add(order);
        self.touched.push(order.security);
        number
    }

    fn submit_limit(&mut self, order: Order) -> u32 {
        let number = self.enter(order);
        self.accept(number, 0, 0);
        if self.phase == Phase::Continuous {
            self.trade(number, Some(order.price_e5), usize::MAX);
        }
        self.rest_if_open(number);
        number
    }

    fn submit_market(&mut self, order: Order) -> Result<u32, Cause> {
        let book = &self.books[order.security as usize];
        let own = book.best_e5(order.side);
        let counter = book.best_e5(order.side.counter());
        let protection = (self.market == Market::Sse).then_some(order.price_e5);
        let missing = match (order.kind, own, counter) {
            (Kind::OwnBest, None, _) => Some(Cause::NoOwn),
            (Kind::CounterBest, _, None) => Some(Cause::NoCounter),
            (Kind::BestFiveLimit, _, None) => Some(Cause::NoCounterLimit),
            (Kind::BestFiveIoc | Kind::Ioc | Kind::Fok, _, None) => Some(Cause::NoCounterIoc),
            _ => None,
        };
        if let Some(cause) = missing {
            return self.market_without_side(order, cause);
        }
        let limit_e5 = match order.kind {
            Kind::OwnBest => own,
            Kind::CounterBest => counter,
            _ => protection,
        };
        if let (Some(protection), Some(limit)) = (protection, limit_e5)
            && !order.side.allows(protection, limit)
        {
            return Err(Cause::OverProtection);
        }
        if matches!(order.kind, Kind::BestFiveIoc | Kind::BestFiveLimit)
            && let (Some(protection), Some(counter)) = (protection, counter)
            && !order.side.allows(protection, counter)
        {
            return Err(Cause::OverProtection);
        }
        Ok(self.execute_market(order, limit_e5))
    }

    /// Shanghai refuses; Shenzhen takes the order and cancels it.
    fn market_without_side(&mut self, order: Order, cause: Cause) -> Result<u32, Cause> {
        if self.market == Market::Sse {
            return Err(cause);
        }
        let number = self.enter(order);
        self.accept(number, 0, 0);
        self.cancel_by_rule(number, Cause::Untraded);
        Ok(number)
    }

    fn execute_market(&mut self, order: Order, limit_e5: Option<i64>) -> u32 {
        let number = self.enter(order);
        // Shanghai's acknowledgement says what became of the rest and goes before the fills.
        let ack = self.events.len();
        self.accept(number, 0, 0);
        let levels = match order.kind {
            Kind::BestFiveIoc | Kind::BestFiveLimit => 5,
            Kind::OwnBest => 0,
            Kind::CounterBest => 1,
            _ => usize::MAX,
        };
        let book = &self.books[order.security as usize];
        let short = order.kind == Kind::Fok && book.available(order.side, limit_e5) < order.qty;
        let last = if short {
            None
        } else {
            self.trade(number, limit_e5, levels)
        };
        let left = self.orders.get(number).leaves();
        if left == 0 {
            return number;
        }
        let rests = matches!(
            order.kind,
            Kind::BestFiveLimit | Kind::OwnBest | Kind::CounterBest
        );
        let (converted, cancelled) = if rests { (left, 0) } else { (0, left) };
        self.events[ack] = Event::Accepted {
            order: number,
            converted,
            cancelled,
        };
        if rests {
            let limit_e5 = if order.kind == Kind::BestFiveLimit {
                last
            } else {
                limit_e5
            };
            self.orders.get_mut(number).price_e5 = limit_e5.unwrap_or(order.price_e5);
            self.rest_if_open(number);
        } else {
            self.cancel_by_rule(number, Cause::Untraded);
        }
        number
    }

    pub(crate) fn accept(&mut self, order: u32, converted: i64, cancelled: i64) {
        self.events.push(Event::Accepted {
            order,
            converted,
            cancelled,
        });
    }

    pub(crate) fn cancel_by_rule(&mut self, number: u32, cause: Cause) {
        let qty = self.orders.cancel_rest(number);
        self.events.push(Event::Cancelled {
            order: number,
            qty,
            request: NONE,
            cause: Some(cause),
        });
    }

    fn rest_if_open(&mut self, number: u32) {
        let order = *self.orders.get(number);
        if order.leaves() > 0 {
            self.books[order.security as usize].rest(&mut self.orders, number);
        }
    }

    /// Trade an order that does not rest; returns the price of its last trade.
    fn trade(&mut self, number: u32, limit_e5: Option<i64>, levels: usize) -> Option<i64> {
        let order = *self.orders.get(number);
        let mut trades = core::mem::take(&mut self.trades);
        trades.clear();
        self.books[order.security as usize].take(
            &mut self.orders,
            (order.side, limit_e5),
            levels,
            order.qty,
            &mut trades,
        );
        for trade in &trades {
            self.orders.fill(number, trade.qty);
            self.report_trade([number, trade.maker], trade.price_e5, trade.qty);
        }
        let last = trades.last().map(|trade| trade.price_e5);
        self.trades = trades;
        last
    }

    pub(crate) fn report_trade(&mut self, sides: [u32; 2], price_e5: i64, qty: i64) {
        self.trade_count += 1;
        for order in sides {
            self.events.push(Event::Fill {
                order,
                price_e5,
                qty,
                cum: self.orders.get(order).cum,
                trade: self.trade_count,
            });
        }
        let security = self.orders.get(sides[0]).security;
        self.last_e5[security as usize] = price_e5;
    }

    /// Cancel what is left of an order, by the request with this index.
    ///
    /// # Errors
    /// With the reason to refuse the cancel.
    pub fn cancel(&mut self, number: u32, request: u32) -> Result<(), Cause> {
        let order = *self.orders.get(number);
        match self.phase {
            _ if order.kind == Kind::Fixed => {}
            Phase::OpeningCallNoCancel => return Err(Cause::CancelOpening),
            Phase::OpeningCall | Phase::Continuous => {}
            _ => return Err(Cause::CancelPhase),
        }
        match order.state {
            State::Open => {}
            State::Filled | State::Cancelled => return Err(Cause::CancelDone),
            State::Rejected => return Err(Cause::CancelOfRejected),
        }
        self.books[order.security as usize].remove(&mut self.orders, number);
        let qty = self.orders.cancel_rest(number);
        self.touched.push(order.security);
        self.events.push(Event::Cancelled {
            order: number,
            qty,
            request,
            cause: None,
        });
        Ok(())
    }

    /// Enter a phase: auctions end when their phase does.
    pub fn enter_phase(&mut self, phase: Phase) {
        let before = core::mem::replace(&mut self.phase, phase);
        if before.is_call() && !phase.is_call() {
            for security in 0..self.listed() {
                self.run_auction(security);
            }
        }
        if phase == Phase::FixedPrice && before != phase {
            for security in 0..self.listed() {
                self.open_fixed(security);
            }
        }
    }

    fn run_auction(&mut self, security: u32) {
        let at = security as usize;
        let (tick, reference) = {
            let known = &self.securities[at];
            let last = self.last_e5[at];
            (
                known.tick_e5,
                if last == 0 { known.prev_close_e5 } else { last },
            )
        };
        let Some(found) = cross(&self.books[at], tick, reference, self.tie) else {
            return;
        };
        let mut pairs = Vec::new();
        self.books[at].cross(&mut self.orders, found.volume, |buy, sell, qty| {
            pairs.push((buy, sell, qty));
        });
        // One order may trade with several: the running sums are rebuilt from the end.
        let mut cum: BTreeMap<u32, i64> = BTreeMap::new();
        for (buy, sell, qty) in &pairs {
            for order in [*buy, *sell] {
                let before = cum.entry(order).or_insert(self.orders.get(order).cum);
                *before -= qty;
            }
        }
        for (buy, sell, qty) in pairs {
            self.trade_count += 1;
            for order in [buy, sell] {
                let sum = cum.entry(order).or_insert(0);
                *sum += qty;
                self.events.push(Event::Fill {
                    order,
                    price_e5: found.price_e5,
                    qty,
                    cum: *sum,
                    trade: self.trade_count,
                });
            }
        }
        self.last_e5[at] = found.price_e5;
        self.touched.push(security);
    }
}

fn code_of(code: &[u8]) -> [u8; 6] {
    let mut key = [b' '; 6];
    for (to, from) in key.iter_mut().zip(code) {
        *to = *from;
    }
    key
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
