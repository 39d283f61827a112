//! Open orders of each owner group in each security, to find the one that a new order would meet.

use crate::index::Index;

const NONE: u32 = u32::MAX;

/// An open order in the list of its owner group, security and side.
#[derive(Clone, Copy, Debug)]
struct Link {
    price_e5: i64,
    before: u32,
    after: u32,
    /// List: pair row x 2 + side.
    list: u32,
}

/// The open orders of one owner group in one security on one side.
#[derive(Clone, Copy, Debug)]
struct List {
    /// Latest order.
    first: u32,
    /// Orders without a price.
    unpriced: u32,
    /// Best price of the others: the highest of buys, the lowest of sales; 0: none.
    best_e5: i64,
}

const EMPTY: List = List {
    first: NONE,
    unpriced: 0,
    best_e5: 0,
};

/// The open orders by owner group, security and side.
///
/// Each list keeps its best price, so that a check looks at one row. Only an order that leaves with the best price
/// makes the list be gone through again.
#[derive(Debug)]
pub struct SelfMatchBook {
    index: Index<8>,
    lists: Vec<List>,
    links: Vec<Link>,
}

impl SelfMatchBook {
    /// Room for this many orders, which lie in so many pairs of owner group and security at most.
    #[must_use]
    pub fn new(orders: u32, pairs: u32) -> Self {
        let empty = Link {
            price_e5: 0,
            before: NONE,
            after: NONE,
            list: NONE,
        };
        let mut lists = vec![EMPTY; pairs as usize * 2];
        lists.clear();
        Self {
            index: Index::new(pairs),
            lists,
            links: vec![empty; orders as usize],
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
            .map_or(NONE, |list| list.first)
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
        let (Some(list), true) = (
            self.lists.get_mut(number as usize),
            (order as usize) < self.links.len(),
        ) else {
            return;
        };
        if price_e5 == 0 {
            list.unpriced = list.unpriced.saturating_add(1);
        } else {
            list.best_e5 = better(list.best_e5, price_e5, buy);
        }
        let after = core::mem::replace(&mut list.first, order);
        if let Some(next) = self.links.get_mut(after as usize) {
            next.before = order;
        }
        if let Some(link) = self.links.get_mut(order as usize) {
            *link = Link {
                price_e5,
                before: NONE,
                after,
                list: number,
            };
        }
    }

    /// Take an order out that is no longer open.
    #[inline]
    pub fn remove(&mut self, order: u32) {
        let Some(link) = self.links.get_mut(order as usize) else {
            return;
        };
        if link.list == NONE {
            return;
        }
        let gone = *link;
        link.list = NONE;
        if let Some(next) = self.links.get_mut(gone.after as usize) {
            next.before = gone.before;
        }
        if let Some(previous) = self.links.get_mut(gone.before as usize) {
            previous.after = gone.after;
        }
        let Some(list) = self.lists.get_mut(gone.list as usize) else {
            return;
        };
        if gone.before == NONE {
            list.first = gone.after;
        }
        if gone.price_e5 == 0 {
            list.unpriced = list.unpriced.saturating_sub(1);
        } else if gone.price_e5 == list.best_e5 {
            list.best_e5 = best_of(&self.links, list.first, gone.list % 2 == 1);
        }
    }
}

/// The better of two prices of one side, 0 standing for none.
const fn better(best_e5: i64, price_e5: i64, buy: bool) -> i64 {
    let improves = if buy {
        price_e5 > best_e5
    } else {
        price_e5 < best_e5
    };
    if best_e5 == 0 || (improves && price_e5 != 0) {
        price_e5
    } else {
        best_e5
    }
}

/// The best price of a list; 0 when none of its orders has a price.
fn best_of(links: &[Link], first: u32, buy: bool) -> i64 {
    let mut best = 0;
    let mut at = first;
    while let Some(link) = links.get(at as usize) {
        best = better(best, link.price_e5, buy);
        at = link.after;
    }
    best
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
