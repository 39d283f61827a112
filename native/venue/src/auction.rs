//! The price of a call auction.
//!
//! The price has the largest volume, every better order trades whole at it, and so does one side of
//! the orders at it; among several such prices the one that leaves the smallest surplus. What then
//! remains is a range of prices, and the markets choose from it differently ([`TieRule`]).
//!
//! Source: trading rules of both exchanges, principles of the call auction price (集合竞价成交价的
//! 确定原则), from third-party copies of the text, not re-read in the original; the choice is
//! configurable for that reason. That better orders must trade whole was seen to decide on real data:
//! 600761 opened at 21.30 on 2023-07-11, where 21.28 and 21.29 had the same volume and surplus.

use serde::Deserialize;

use crate::book::Book;
use crate::order::Side;

/// How one price is chosen among equally good ones.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// The middle of the range, rounded half up to the tick (Shanghai).
    Middle,
    /// The price of the range closest to the last trade, else to the previous close (Shenzhen).
    Nearest,
}

/// Price and volume of an auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cross {
    /// Yuan x 100000.
    pub price_e5: i64,
    /// Shares that trade.
    pub volume: i64,
}

/// Find the price of a call auction; nothing when no two orders meet.
#[must_use]
pub fn cross(book: &Book, tick_e5: i64, reference_e5: i64, tie: TieRule) -> Option<Cross> {
    let (mut low, mut high, mut best) = (0, 0, (0, i64::MIN));
    for (from, to) in ranges(book, tick_e5.max(1)) {
        let demand = book.available(Side::Sell, Some(from.max(to)));
        let supply = book.available(Side::Buy, Some(from));
        // Inside a range no order stands, so that both ends have the same demand and supply.
        let score = (demand.min(supply), -(demand - supply).abs());
        let above = book.available(Side::Sell, Some(to + 1));
        let below = book.available(Side::Buy, Some(from - 1));
        if score.0 == 0 || score < best || above.max(below) > score.0 {
            continue;
        }
        if score > best {
            (best, low) = (score, from);
        }
        high = to;
    }
    let price_e5 = match tie {
        TieRule::Middle => {
            let ticks = (low + high + tick_e5).div_euclid(2 * tick_e5.max(1));
            (ticks * tick_e5).clamp(low, high)
        }
        TieRule::Nearest => reference_e5.clamp(low, high),
    };
    (best.0 > 0).then_some(Cross {
        price_e5,
        volume: best.0,
    })
}

/// The prices at which orders stand and the gaps between them, ascending.
fn ranges(book: &Book, tick_e5: i64) -> Vec<(i64, i64)> {
    let mut prices: Vec<i64> = book
        .bids
        .from_best()
        .chain(book.asks.from_best())
        .map(|level| level.price_e5)
        .collect();
    prices.sort_unstable();
    prices.dedup();
    let mut ranges = Vec::with_capacity(prices.len() * 2);
    for (at, price) in prices.iter().enumerate() {
        ranges.push((*price, *price));
        if let Some(next) = prices.get(at + 1)
            && price + tick_e5 <= next - tick_e5
        {
            ranges.push((price + tick_e5, next - tick_e5));
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::{Cross, TieRule, cross};
    use crate::book::Book;
    use crate::order::{Kind, Order, Orders, Side};

    fn book(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Book {
        let (mut book, mut orders) = (Book::default(), Orders::default());
        for (side, levels) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for (price, qty) in levels {
                let number = orders.add(Order::new(0, side, Kind::Limit, *price, *qty));
                book.rest(&mut orders, number);
            }
        }
        book
    }

    #[test]
    fn the_largest_volume_decides() {
        let book = book(
            &[(105, 100), (103, 300), (101, 500)],
            &[(100, 200), (102, 100), (104, 400)],
        );
        let found = cross(&book, 1, 90, TieRule::Middle);
        // At 102 and 103 the buyers want 400 and the sellers offer 300.
        assert_eq!(
            found,
            Some(Cross {
                price_e5: 103,
                volume: 300
            })
        );
    }

    #[test]
    fn every_better_order_trades_whole() {
        // The opening of 600761 on 2023-07-11, in hundreds of shares: from 2128 to 2130 demand is 395
        // and supply 307, but below 2130 buyers at a better price would be left over.
        let book = book(
            &[(2127, 70), (2130, 170), (2135, 28), (2140, 197)],
            &[(2120, 307)],
        );
        for tie in [TieRule::Middle, TieRule::Nearest] {
            let found = cross(&book, 1, 2138, tie).map(|found| (found.price_e5, found.volume));
            assert_eq!(found, Some((2130, 307)));
        }
    }

    #[test]
    fn the_smaller_surplus_decides_among_equal_volumes() {
        let book = book(&[(110, 100)], &[(100, 100), (105, 50)]);
        // From 100 to 104 nothing is left over, from 105 on 50 shares are.
        let found = cross(&book, 1, 200, TieRule::Nearest);
        assert_eq!(
            found,
            Some(Cross {
                price_e5: 104,
                volume: 100
            })
        );
        assert_eq!(
            cross(&book, 1, 0, TieRule::Middle).map(|c| c.price_e5),
            Some(102)
        );
    }

    #[test]
    fn a_range_between_two_orders_counts() {
        let book = book(&[(110, 100)], &[(100, 100)]);
        assert_eq!(
            cross(&book, 1, 107, TieRule::Nearest).map(|c| c.price_e5),
            Some(107)
        );
        assert_eq!(
            cross(&book, 1, 107, TieRule::Middle).map(|c| c.price_e5),
            Some(105)
        );
    }

    #[test]
    fn without_a_meeting_there_is_no_price() {
        assert_eq!(
            cross(&book(&[(99, 1)], &[(100, 1)]), 1, 99, TieRule::Middle),
            None
        );
        assert_eq!(cross(&book(&[], &[]), 1, 99, TieRule::Middle), None);
    }

    #[test]
    fn the_price_agrees_with_a_search_of_every_tick() {
        let mut seed = 7_u64;
        let mut next = |bound: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from(seed >> 40).unwrap_or(0) % bound
        };
        for _ in 0..300 {
            let bids: Vec<_> = (0..8).map(|_| (95 + next(15), 1 + next(9))).collect();
            let asks: Vec<_> = (0..8).map(|_| (90 + next(15), 1 + next(9))).collect();
            let found = cross(&book(&bids, &asks), 1, 100, TieRule::Nearest);
            let score = |price: i64| {
                let demand: i64 = bids.iter().filter(|b| b.0 >= price).map(|b| b.1).sum();
                let supply: i64 = asks.iter().filter(|a| a.0 <= price).map(|a| a.1).sum();
                let above: i64 = bids.iter().filter(|b| b.0 > price).map(|b| b.1).sum();
                let below: i64 = asks.iter().filter(|a| a.0 < price).map(|a| a.1).sum();
                (
                    demand.min(supply),
                    above.max(below) <= demand.min(supply),
                    -(demand - supply).abs(),
                    -(price - 100).abs(),
                )
            };
            let inside = |price: &i64| {
                let all = || bids.iter().chain(&asks).map(|level| level.0);
                all().min() <= Some(*price) && Some(*price) <= all().max()
            };
            let best = (90..=110).filter(inside).map(score).max().unwrap();
            match found {
                Some(found) => assert_eq!(score(found.price_e5), best, "{bids:?} {asks:?}"),
                None => assert_eq!(best.0, 0),
            }
        }
    }
}
