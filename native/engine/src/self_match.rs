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

/// The open orders by owner group, security and side.
#[derive(Debug)]
pub struct SelfMatchBook {
    index: Index<8>,
    heads: Vec<u32>,
    links: Vec<Link>,
}

impl SelfMatchBook {
    /// Room for this many orders.
    #[must_use]
    pub fn new(orders: u32) -> Self {
        let empty = Link {
            price_e5: 0,
            before: NONE,
            after: NONE,
            list: NONE,
        };
        let mut heads = vec![NONE; orders as usize * 2];
        heads.clear();
        Self {
            index: Index::new(orders),
            heads,
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
        let mut at = *self.heads.get(list_of(pair, !buy) as usize)?;
        let mut best: Option<i64> = None;
        while let Some(link) = self.links.get(at as usize) {
            let other = link.price_e5;
            let crosses = if buy {
                price_e5 >= other
            } else {
                price_e5 <= other
            };
            if other == 0 || price_e5 == 0 || crosses {
                best = Some(match best {
                    None => other,
                    Some(best) if buy => best.min(other),
                    Some(0) => 0,
                    Some(_) if other == 0 => 0,
                    Some(best) => best.max(other),
                });
            }
            at = link.after;
        }
        best
    }

    /// Put an open order in.
    #[inline]
    pub fn add(&mut self, order: u32, owner_group: u32, security: u32, buy: bool, price_e5: i64) {
        let key = key(owner_group, security);
        let pair = match self.index.get(&key) {
            Some(pair) => pair,
            None => {
                let pair = u32::try_from(self.heads.len() / 2).unwrap_or(NONE);
                if !self.index.insert(&key, pair) {
                    return;
                }
                self.heads.extend([NONE; 2]);
                pair
            }
        };
        let list = list_of(pair, buy);
        let Some(head) = self.heads.get_mut(list as usize) else {
            return;
        };
        let after = core::mem::replace(head, order);
        if let Some(next) = self.links.get_mut(after as usize) {
            next.before = order;
        }
        if let Some(link) = self.links.get_mut(order as usize) {
            *link = Link {
                price_e5,
                before: NONE,
                after,
                list,
            };
        }
    }

    /// Take an order out that is no longer open.
    #[inline]
    pub fn remove(&mut self, order: u32) {
        let Some(link) = self.links.get_mut(order as usize) else {
            return;
        };
        let Link {
            before,
            after,
            list,
            ..
        } = *link;
        if list == NONE {
            return;
        }
        link.list = NONE;
        if let Some(next) = self.links.get_mut(after as usize) {
            next.before = before;
        }
        if before == NONE {
            if let Some(head) = self.heads.get_mut(list as usize) {
                *head = after;
            }
        } else if let Some(previous) = self.links.get_mut(before as usize) {
            previous.after = after;
        }
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
        let mut book = SelfMatchBook::new(8);
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
}
