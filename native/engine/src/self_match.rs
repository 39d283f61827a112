//! Open orders of each owner group in each security, to find the one that a new order would meet.

use crate::index::Index;
use crate::price_heaps::{NONE, PriceHeaps};

/// The open orders of one owner group in one security on one side.
#[derive(Clone, Copy, Debug)]
struct List {
    /// An order with the best price.
    best: u32,
    /// Orders without a price.
    unpriced: u32,
    /// Best price of the others: the highest of buys, the lowest of sales; 0: none.
    best_e5: i64,
}

const EMPTY: List = List {
    best: NONE,
    unpriced: 0,
    best_e5: 0,
};

/// Where an open order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// List: pair row x 2 + side; none when the order is not open.
    list: u32,
    priced: bool,
}

const NOWHERE: Place = Place {
    list: NONE,
    priced: false,
};

/// The open orders by owner group, security and side.
///
/// Each list keeps its best price, so that a check looks at one row. The others are in a heap, which gives the next best
/// one when the best one leaves, in a few steps however many there are.
#[derive(Debug)]
pub struct SelfMatchBook {
    index: Index<8>,
    lists: Vec<List>,
    places: Vec<Place>,
    heaps: PriceHeaps,
}

impl SelfMatchBook {
    /// Room for this many orders, which lie in so many pairs of owner group and security at most.
    #[must_use]
    pub fn new(orders: u32, pairs: u32) -> Self {
        let mut lists = vec![EMPTY; pairs as usize * 2];
        lists.clear();
        Self {
            index: Index::new(pairs),
            lists,
            places: vec![NOWHERE; orders as usize],
            heaps: PriceHeaps::new(orders),
        }
    }

    /// The best price on the other side that an order could meet; 0 when that order has no price.
    ///
    /// A price of 0 means an order without one, which meets any.
    #[inline]
    #[must_use]
    pub fn meets(&self, owner_group: u32, security: u32, buy: bool, price_e5: i64) -> Option<i64> {
        let pair = self.index.get(&key(owner_group, security))?;
        let list = self.lists.get(list_of(pair, !buy) as usize)?;
        if list.unpriced > 0 {
            return Some(0);
        }
        let best = list.best_e5;
        let crosses = if buy {
            price_e5 >= best
        } else {
            price_e5 <= best
        };
        (best != 0 && (price_e5 == 0 || crosses)).then_some(best)
    }

    /// Bring the lists of a pair into the cache.
    #[inline]
    #[must_use]
    pub fn touch(&self, owner_group: u32, security: u32) -> u32 {
        self.index
            .get(&key(owner_group, security))
            .and_then(|pair| self.lists.get(list_of(pair, true) as usize))
            .map_or(NONE, |list| list.best)
    }

    /// The pair of an owner group and a security, which begins at its first order; nothing when there is no room.
    #[inline]
    pub(crate) fn pair(&mut self, owner_group: u32, security: u32) -> Option<u32> {
        let key = key(owner_group, security);
        if let Some(pair) = self.index.get(&key) {
            return Some(pair);
        }
        let pair = u32::try_from(self.lists.len() / 2).unwrap_or(NONE);
        if !self.index.insert(&key, pair) {
            return None;
        }
        self.lists.extend([EMPTY; 2]);
        Some(pair)
    }

    /// Put an open order in.
    #[inline]
    pub fn add(&mut self, order: u32, owner_group: u32, security: u32, buy: bool, price_e5: i64) {
        let Some(pair) = self.pair(owner_group, security) else {
            return;
        };
        let number = list_of(pair, buy);
        let (Some(list), Some(place)) = (
            self.lists.get_mut(number as usize),
            self.places.get_mut(order as usize),
        ) else {
            return;
        };
        let priced = price_e5 != 0;
        *place = Place {
            list: number,
            priced,
        };
        if priced {
            let rank = ranked(price_e5, buy);
            list.best = self.heaps.insert(list.best, order, rank);
            list.best_e5 = if list.best == order {
                price_e5
            } else {
                list.best_e5
            };
        } else {
            list.unpriced = list.unpriced.saturating_add(1);
        }
    }

    /// Take an order out that is no longer open.
    #[inline]
    pub fn remove(&mut self, order: u32) {
        let Some(place) = self.places.get_mut(order as usize) else {
            return;
        };
        let gone = core::mem::replace(place, NOWHERE);
        let Some(list) = self.lists.get_mut(gone.list as usize) else {
            return;
        };
        if !gone.priced {
            list.unpriced = list.unpriced.saturating_sub(1);
            return;
        }
        let best = self.heaps.remove(list.best, order);
        if best != list.best {
            list.best = best;
            let rank = self.heaps.rank(best).unwrap_or(0);
            list.best_e5 = ranked(rank, gone.list % 2 == 1);
        }
    }
}

/// A price so that the better one of a side is the smaller one; and the price again from that.
const fn ranked(price_e5: i64, buy: bool) -> i64 {
    if buy {
        price_e5.saturating_neg()
    } else {
        price_e5
    }
}

const fn key(owner_group: u32, security: u32) -> [u8; 8] {
    ((owner_group as u64) << 32 | security as u64).to_le_bytes()
}

const fn list_of(pair: u32, buy: bool) -> u32 {
    pair * 2 + buy as u32
}

#[cfg(test)]
mod tests {
    use super::SelfMatchBook;

    #[test]
    fn the_best_price_that_could_be_met_is_found_until_it_is_gone() {
        let mut book = SelfMatchBook::new(8, 8);
        book.add(0, 7, 1, false, 1_000);
        book.add(1, 7, 1, false, 900);
        book.add(2, 7, 1, true, 800);
        book.add(3, 8, 1, false, 100);
        assert_eq!(book.meets(7, 1, true, 899), None);
        assert_eq!(book.meets(7, 1, true, 900), Some(900));
        assert_eq!(book.meets(7, 1, true, 0), Some(900));
        assert_eq!(book.meets(7, 1, false, 801), None);
        assert_eq!(book.meets(7, 1, false, 700), Some(800));
        book.remove(1);
        book.remove(1);
        assert_eq!(book.meets(7, 1, true, 2_000), Some(1_000));
        book.add(4, 7, 1, true, 0);
        book.add(5, 7, 1, true, 850);
        assert_eq!(book.meets(7, 1, false, 900), Some(0));
        book.remove(4);
        assert_eq!(book.meets(7, 1, false, 0), Some(850));
        assert_eq!(book.meets(7, 2, true, 5), None);
    }

    #[test]
    fn a_full_book_takes_no_more_and_says_nothing_wrong() {
        let mut book = SelfMatchBook::new(1, 1);
        book.add(0, 1, 1, true, 500);
        book.add(1, 1, 1, true, 600);
        assert_eq!(book.meets(1, 1, false, 600), None);
        book.remove(9);
        assert_eq!(book.meets(1, 1, false, 500), Some(500));
    }

    /// What the contract says, by going through every open order.
    fn oracle(
        open: &[(u32, u32, bool, i64)],
        group: u32,
        security: u32,
        buy: bool,
        own: i64,
    ) -> Option<i64> {
        let met = open
            .iter()
            .filter(|&&(g, s, side, _)| (g, s) == (group, security) && side != buy)
            .map(|&(.., price)| price)
            .filter(|&price| {
                price == 0 || own == 0 || if buy { own >= price } else { own <= price }
            });
        if buy {
            met.min()
        } else {
            met.reduce(|a, b| if a == 0 || b == 0 { 0 } else { a.max(b) })
        }
    }

    #[test]
    fn any_order_of_coming_and_going_agrees_with_a_list_of_open_orders() {
        let mut seed = 3_u64;
        let mut chance = move |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let mut book = SelfMatchBook::new(20_000, 6);
        let mut open: Vec<(u32, (u32, u32, bool, i64))> = Vec::new();
        for number in 0..20_000_u32 {
            let group = u32::try_from(chance(3)).unwrap();
            let security = u32::try_from(chance(2)).unwrap();
            let (buy, price) = (chance(2) == 0, i64::try_from(chance(12)).unwrap() * 100);
            let rows: Vec<_> = open.iter().map(|&(_, row)| row).collect();
            assert_eq!(
                book.meets(group, security, buy, price),
                oracle(&rows, group, security, buy, price),
                "order {number}: {group} {security} {buy} {price} {rows:?}"
            );
            book.add(number, group, security, buy, price);
            open.push((number, (group, security, buy, price)));
            while open.len() > usize::try_from(chance(24)).unwrap() {
                let place = usize::try_from(chance(open.len() as u64)).unwrap();
                book.remove(open.swap_remove(place).0);
            }
        }
    }
}
