//! Open orders per owner group and security, so that an order that would trade with its own owner is seen.
//!
//! Each side of a pair is a list through the orders, with its best price kept beside it; the list is walked again only
//! when the order that held the best price leaves.

use crate::index::Index;

const NONE: u32 = u32::MAX;

/// Price of an order without a price, as the other side sees it: an unpriced buy pays anything.
pub const UNPRICED_BUY: i64 = i64::MAX;
/// An unpriced sale takes anything.
pub const UNPRICED_SALE: i64 = 0;

#[derive(Clone, Copy, Debug)]
struct Side {
    head: u32,
    best_e5: i64,
}

const EMPTY_SIDE: Side = Side {
    head: NONE,
    best_e5: 0,
};

#[derive(Clone, Copy, Debug)]
struct Node {
    price_e5: i64,
    previous: u32,
    next: u32,
    pair: u32,
    buy: bool,
}

/// All pairs of owner group and security.
#[derive(Debug)]
pub struct SelfMatchBook {
    index: Index<8>,
    pairs: Vec<[Side; 2]>,
    nodes: Vec<Node>,
}

impl SelfMatchBook {
    /// Room for this many orders.
    #[must_use]
    pub fn new(orders: u32) -> Self {
        let none = Node {
            price_e5: 0,
            previous: NONE,
            next: NONE,
            pair: NONE,
            buy: false,
        };
        Self {
            index: Index::new(orders),
            pairs: Vec::with_capacity(orders as usize),
            nodes: vec![none; orders as usize],
        }
    }

    /// Best price of the open orders on the other side: the lowest sale for a buy, the highest buy for a sale.
    #[inline]
    #[must_use]
    pub fn best_opposite(&self, owner_group: u32, security: u32, buy: bool) -> Option<i64> {
        let pair = self.index.get(&pair_key(owner_group, security))?;
        let side = self.pairs.get(pair as usize)?.get(usize::from(!buy))?;
        (side.head != NONE).then_some(side.best_e5)
    }

    /// Put an open order in. `price_e5` 0: it has no price.
    #[inline]
    pub fn add(&mut self, owner_group: u32, security: u32, order: u32, buy: bool, price_e5: i64) {
        let key = pair_key(owner_group, security);
        let pair = if let Some(pair) = self.index.get(&key) {
            pair
        } else {
            let pair = u32::try_from(self.pairs.len()).unwrap_or(NONE);
            if self.pairs.len() >= self.nodes.len() || !self.index.insert(&key, pair) {
                return;
            }
            self.pairs.push([EMPTY_SIDE; 2]);
            pair
        };
        let price_e5 = if price_e5 == 0 && buy {
            UNPRICED_BUY
        } else {
            price_e5
        };
        let Some(side) = self
            .pairs
            .get_mut(pair as usize)
            .and_then(|sides| sides.get_mut(usize::from(buy)))
        else {
            return;
        };
        let next = side.head;
        side.best_e5 = if next == NONE {
            price_e5
        } else {
            better(buy, side.best_e5, price_e5)
        };
        side.head = order;
        if let Some(node) = self.nodes.get_mut(next as usize) {
            node.previous = order;
        }
        if let Some(node) = self.nodes.get_mut(order as usize) {
            *node = Node {
                price_e5,
                previous: NONE,
                next,
                pair,
                buy,
            };
        }
    }

    /// Take an order out; one that is not inside changes nothing.
    #[inline]
    pub fn remove(&mut self, order: u32) {
        let Some(node) = self.nodes.get_mut(order as usize) else {
            return;
        };
        let gone = *node;
        node.pair = NONE;
        if gone.pair == NONE {
            return;
        }
        if let Some(next) = self.nodes.get_mut(gone.next as usize) {
            next.previous = gone.previous;
        }
        if let Some(previous) = self.nodes.get_mut(gone.previous as usize) {
            previous.next = gone.next;
        }
        let Some(side) = self
            .pairs
            .get_mut(gone.pair as usize)
            .and_then(|sides| sides.get_mut(usize::from(gone.buy)))
        else {
            return;
        };
        if side.head == order {
            side.head = gone.next;
        }
        if side.best_e5 == gone.price_e5 {
            let mut at = side.head;
            let mut best = None;
            while let Some(node) = self.nodes.get(at as usize) {
                best = Some(best.map_or(node.price_e5, |b| better(gone.buy, b, node.price_e5)));
                if best == Some(gone.price_e5) {
                    break;
                }
                at = node.next;
            }
            side.best_e5 = best.unwrap_or(0);
        }
    }
}

fn better(buy: bool, one: i64, other: i64) -> i64 {
    if buy { one.max(other) } else { one.min(other) }
}

fn pair_key(owner_group: u32, security: u32) -> [u8; 8] {
    (u64::from(owner_group) << 32 | u64::from(security)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::{SelfMatchBook, UNPRICED_BUY};

    #[test]
    fn the_best_opposite_price_agrees_with_a_list() {
        let mut book = SelfMatchBook::new(500);
        let mut open: Vec<(u32, bool, i64)> = Vec::new();
        let mut state = 3_u64;
        for order in 0..500_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (buy, price) = (state >> 40 & 1 == 1, i64::try_from(state >> 50).unwrap() % 9);
            book.add(1, 2, order, buy, price);
            open.push((order, buy, if price == 0 && buy { UNPRICED_BUY } else { price }));
            if state >> 45 & 3 != 0 {
                let at = usize::try_from(state >> 33).unwrap() % open.len();
                book.remove(open.swap_remove(at).0);
            }
            let buys = open.iter().filter(|o| o.1).map(|o| o.2).max();
            let sales = open.iter().filter(|o| !o.1).map(|o| o.2).min();
            assert_eq!(book.best_opposite(1, 2, false), buys);
            assert_eq!(book.best_opposite(1, 2, true), sales);
        }
        assert_eq!(book.best_opposite(9, 9, true), None);
    }

    #[test]
    fn removing_twice_changes_nothing() {
        let mut book = SelfMatchBook::new(4);
        book.add(1, 1, 0, true, 5);
        book.add(1, 1, 1, true, 6);
        book.remove(1);
        book.remove(1);
        assert_eq!(book.best_opposite(1, 1, false), Some(5));
    }
}
