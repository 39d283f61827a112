//! Warn and block levels: one complete set per scope number, found in one step.

use crate::conduct::{Conduct, RatioLimits};
use crate::kind::{Market, Metric, Scope};

const METRICS: usize = 16;
const SCOPES: usize = 12;
const MARKETS: usize = 2;
const PLACES: usize = SCOPES * MARKETS;

panshi_wire::saved! {
    /// Warn and block level of one metric.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Level {
        /// Warn at or above.
        pub warn: i64,
        /// Refuse above.
        pub block: i64,
    }
}

impl Level {
    /// Whether a value is at its warn level or above.
    #[inline]
    #[must_use]
    pub const fn warns(&self, found: i64) -> bool {
        found >= self.warn
    }
}

panshi_wire::saved! {
    /// The levels of every metric for one scope number in one market: its own rows, else the defaults of the scope; of
    /// each, the market's row before the one for both markets.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LimitSet {
        levels: [Level; METRICS],
        present: u32,
        /// Metrics with a row of the scope number itself.
        own: u32,
        /// Metrics whose row names the market.
        exact: u32,
    }
}

/// Which row a level comes from; the later one stands before the earlier one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    own: bool,
    exact: bool,
}

impl LimitSet {
    const EMPTY: Self = Self {
        levels: [Level {
            warn: i64::MAX,
            block: i64::MAX,
        }; METRICS],
        present: 0,
        own: 0,
        exact: 0,
    };

    /// The level of a metric; nothing when there is neither an own nor a default row.
    #[inline]
    #[must_use]
    pub fn level(&self, metric: Metric) -> Option<Level> {
        let number = usize::from(metric.number());
        if self.present & (1 << number) == 0 {
            return None;
        }
        self.levels.get(number).copied()
    }

    /// Whether the four rates are limited and lie within their levels.
    #[inline]
    #[must_use]
    pub fn allows_rates(&self, counts: [u32; 4]) -> bool {
        const RATES: u32 = 0b1_1110;
        let [_, sliding, second, minute, day, ..] = &self.levels;
        let [in_sliding, in_second, in_minute, in_day] = counts.map(i64::from);
        self.present & RATES == RATES
            && in_sliding <= sliding.block
            && in_second <= second.block
            && in_minute <= minute.block
            && in_day <= day.block
    }

    /// Whether quick cancels and cancel ratios are limited and lie within their levels.
    #[inline]
    #[must_use]
    pub fn allows_conduct(&self, conduct: &Conduct, base: i64) -> bool {
        const CONDUCT: u32 = 0b1110_0000;
        let [_, _, _, _, _, quick, count, value, ..] = &self.levels;
        let limits = RatioLimits {
            count_bp: count.block,
            value_bp: value.block,
            base,
        };
        self.present & CONDUCT == CONDUCT
            && i64::from(conduct.quick_cancels) <= quick.block
            && conduct.ratios_within(&limits)
    }

    /// Whether a cancel ratio can reach a warn level at all.
    #[must_use]
    pub fn watches_ratios(&self) -> bool {
        const MOST_BP: i64 = 10_000;
        let [_, _, _, _, _, _, count, value, ..] = &self.levels;
        count.warn <= MOST_BP || value.warn <= MOST_BP
    }

    /// Whether one of the four rates has just reached its warn level with one more.
    #[inline]
    #[must_use]
    pub fn warns_of_rates(&self, counts: [u32; 4]) -> bool {
        let [_, sliding, second, minute, day, ..] = &self.levels;
        let [in_sliding, in_second, in_minute, in_day] = counts.map(i64::from);
        in_sliding == sliding.warn
            || in_second == second.warn
            || in_minute == minute.warn
            || in_day == day.warn
    }

    const fn rank(&self, bit: u32) -> Rank {
        Rank {
            own: self.own & bit != 0,
            exact: self.exact & bit != 0,
        }
    }

    /// The level of a metric from a row of this scope number, and whether the row names the market.
    fn own_level(&self, metric: Metric) -> Option<(Level, bool)> {
        let rank = self.rank(1 << metric.number());
        let level = self.level(metric).filter(|_| rank.own)?;
        Some((level, rank.exact))
    }

    fn put(&mut self, metric: Metric, level: Level, rank: Rank) {
        let bit = 1 << metric.number();
        if rank < self.rank(bit) {
            return;
        }
        if let Some(slot) = self.levels.get_mut(usize::from(metric.number())) {
            *slot = level;
            self.present |= bit;
            self.own |= if rank.own { bit } else { 0 };
            self.exact = self.exact & !bit | if rank.exact { bit } else { 0 };
        }
    }
}

/// A limit row with its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitRow {
    /// Scope.
    pub scope: Scope,
    /// Number within the scope; 0: every one without a row of its own.
    pub id: u32,
    /// Market; 0: both.
    pub market: u8,
    /// Metric.
    pub metric: Metric,
    /// Levels.
    pub level: Level,
}

/// All limit rows.
#[derive(Debug)]
pub struct LimitTable {
    /// Per market and scope.
    defaults: [LimitSet; PLACES],
    /// Per market and scope, sorted: scope number and its set.
    own: [Vec<(u32, u32)>; PLACES],
    sets: Vec<LimitSet>,
    room: usize,
}

panshi_wire::sections! {
    LimitTable {
        one "default limits" defaults;
        lists "limit numbers" own within *room;
        list "limits" sets within *room;
        skip room;
    }
}

#[inline]
fn place(scope: Scope, market: u8) -> usize {
    usize::from(scope.number()) + SCOPES * usize::from(market.saturating_sub(1))
}

impl LimitTable {
    /// Room for this many scope numbers with rows of their own, in each market.
    #[must_use]
    pub fn new(sets: u32) -> Self {
        let room = usize::try_from(sets).unwrap_or(usize::MAX);
        let room = room.saturating_mul(MARKETS);
        Self {
            defaults: [LimitSet::EMPTY; PLACES],
            own: core::array::from_fn(|_| Vec::new()),
            sets: Vec::with_capacity(room),
            room,
        }
    }

    /// The levels of one scope number for an order of a market.
    #[inline]
    #[must_use]
    pub fn set(&self, scope: Scope, market: u8, id: u32) -> &LimitSet {
        let place = place(scope, market);
        if let Some(own) = self.own.get(place)
            && !own.is_empty()
            && let Some(found) = self.own_set(place, id)
        {
            return found;
        }
        self.defaults.get(place).unwrap_or(&LimitSet::EMPTY)
    }

    fn own_set(&self, place: usize, id: u32) -> Option<&LimitSet> {
        let own = self.own.get(place)?;
        let at = own.binary_search_by_key(&id, |entry| entry.0).ok()?;
        self.sets.get(own.get(at)?.1 as usize)
    }

    /// Every row in force: by scope, the default (number 0) first, then the scope numbers; of one metric the row for
    /// both markets first.
    pub fn rows(&self) -> impl Iterator<Item = LimitRow> + '_ {
        Scope::ALL.iter().flat_map(move |&scope| {
            let places = Market::ALL.iter().map(|m| place(scope, m.number()));
            let own = places.filter_map(|place| self.own.get(place)).flatten();
            let mut ids: Vec<u32> = own.map(|entry| entry.0).collect();
            ids.push(0);
            ids.sort_unstable();
            ids.dedup();
            let metrics = || Metric::ALL.iter().copied();
            ids.into_iter().flat_map(move |id| {
                metrics().flat_map(move |metric| self.rows_of(scope, id, metric))
            })
        })
    }

    fn rows_of(&self, scope: Scope, id: u32, metric: Metric) -> impl Iterator<Item = LimitRow> {
        let found = [Market::Sse, Market::Szse].map(|market| {
            let place = place(scope, market.number());
            let set = if id == 0 {
                self.defaults.get(place)
            } else {
                self.own_set(place, id)
            };
            (market, set.and_then(|set| set.own_level(metric)))
        });
        let row = move |market, level| LimitRow {
            scope,
            id,
            market,
            metric,
            level,
        };
        let of_both = |(_, level): &(Market, Option<(Level, bool)>)| match level {
            Some((level, false)) => Some(row(0, *level)),
            _ => None,
        };
        let both = found.iter().find_map(of_both);
        let exact = found
            .into_iter()
            .filter_map(move |(market, level)| match level {
                Some((level, true)) => Some(row(market.number(), level)),
                _ => None,
            });
        both.into_iter().chain(exact)
    }

    /// Take a row; false when there is no room for another scope number.
    pub fn load(&mut self, row: &LimitRow) -> bool {
        let markets = || {
            let all = Market::ALL.iter().map(|market| market.number());
            all.filter(|market| row.market == 0 || *market == row.market)
        };
        if row.id != 0 {
            let fresh = |market: &u8| self.own_set(place(row.scope, *market), row.id).is_none();
            if self.sets.len() + markets().filter(fresh).count() > self.room {
                return false;
            }
        }
        for market in markets() {
            self.load_in(place(row.scope, market), row);
        }
        true
    }

    fn load_in(&mut self, place: usize, row: &LimitRow) {
        let (Some(own), Some(default)) = (self.own.get_mut(place), self.defaults.get_mut(place))
        else {
            return;
        };
        let rank = |own| Rank {
            own,
            exact: row.market != 0,
        };
        if row.id == 0 {
            default.put(row.metric, row.level, rank(true));
            for &(_, set) in own.iter() {
                if let Some(set) = self.sets.get_mut(set as usize) {
                    set.put(row.metric, row.level, rank(false));
                }
            }
            return;
        }
        let set = match own.binary_search_by_key(&row.id, |entry| entry.0) {
            Ok(at) => own.get(at).map_or(0, |entry| entry.1),
            Err(at) => {
                let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
                self.sets.push(LimitSet { own: 0, ..*default });
                own.insert(at, (row.id, number));
                number
            }
        };
        if let Some(set) = self.sets.get_mut(set as usize) {
            set.put(row.metric, row.level, rank(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, LimitRow, LimitTable};
    use crate::kind::{Metric, Scope};

    fn row(market: u8, id: u32, metric: Metric, block: i64) -> LimitRow {
        LimitRow {
            scope: Scope::Client,
            id,
            market,
            metric,
            level: Level { warn: 1, block },
        }
    }

    fn block(table: &LimitTable, market: u8, id: u32, metric: Metric) -> Option<i64> {
        let level = table.set(Scope::Client, market, id).level(metric);
        level.map(|level| level.block)
    }

    #[test]
    fn an_own_row_stands_before_the_default_and_a_later_default_fills_the_rest() {
        let mut table = LimitTable::new(1);
        assert_eq!(block(&table, 1, 7, Metric::Day), None);
        let rows = [
            row(0, 0, Metric::Minute, 3),
            row(0, 0, Metric::Day, 9),
            row(0, 7, Metric::Day, 5),
        ];
        assert!(rows.iter().rev().all(|row| table.load(row)));
        assert_eq!(block(&table, 1, 7, Metric::Day), Some(5));
        assert_eq!(block(&table, 1, 7, Metric::Minute), Some(3));
        assert_eq!(block(&table, 2, 8, Metric::Day), Some(9));
        assert_eq!(table.set(Scope::Pbu, 1, 7).level(Metric::Day), None);
        assert!(!table.load(&row(0, 8, Metric::Day, 1)));
        assert_eq!(table.rows().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn the_rows_of_a_market_stand_before_those_of_both_in_any_order_of_loading() {
        let rows = [
            row(0, 0, Metric::Day, 1),
            row(2, 0, Metric::Day, 2),
            row(0, 7, Metric::Day, 3),
            row(1, 7, Metric::Day, 4),
        ];
        for turn in 0..rows.len() {
            let mut table = LimitTable::new(1);
            let (late, early) = rows.split_at(turn);
            assert!(early.iter().chain(late).all(|row| table.load(row)));
            let found = [(1, 8), (2, 8), (1, 7), (2, 7)]
                .map(|(market, id)| block(&table, market, id, Metric::Day));
            assert_eq!(found, [Some(1), Some(2), Some(4), Some(3)]);
            assert_eq!(table.rows().collect::<Vec<_>>(), rows);
        }
    }

    #[test]
    fn a_number_takes_room_in_its_market_only() {
        let mut table = LimitTable::new(1);
        assert!(table.load(&row(1, 7, Metric::Day, 4)));
        assert!(!table.load(&row(0, 8, Metric::Day, 4)));
        assert!(table.load(&row(2, 8, Metric::Day, 4)));
        assert!(!table.load(&row(2, 9, Metric::Day, 4)));
        assert_eq!(block(&table, 1, 8, Metric::Day), None);
    }
}
