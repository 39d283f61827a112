//! Warn and block levels: one complete set per scope number, found in one step.

use crate::conduct::{Conduct, RatioLimits};
use crate::kind::{Metric, Scope};

const METRICS: usize = 16;
const SCOPES: usize = 12;

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
    /// The levels of every metric for one scope number: its own rows, else the defaults of the scope.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LimitSet {
        levels: [Level; METRICS],
        present: u32,
        own: u32,
    }
}

impl LimitSet {
    const EMPTY: Self = Self {
        levels: [Level {
            warn: i64::MAX,
            block: i64::MAX,
        }; METRICS],
        present: 0,
        own: 0,
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

    /// The rows that were loaded for this scope number.
    fn rows(&self) -> impl Iterator<Item = (Metric, Level)> + '_ {
        let own = |metric: &&Metric| self.own & (1 << metric.number()) != 0;
        let level = |metric: &Metric| self.level(*metric).map(|level| (*metric, level));
        Metric::ALL.iter().filter(own).filter_map(level)
    }

    fn put(&mut self, metric: Metric, level: Level, own: bool) {
        let bit = 1 << metric.number();
        if !own && self.own & bit != 0 {
            return;
        }
        if let Some(slot) = self.levels.get_mut(usize::from(metric.number())) {
            *slot = level;
            self.present |= bit;
            self.own |= if own { bit } else { 0 };
        }
    }
}

/// All limit rows.
#[derive(Debug)]
pub struct LimitTable {
    defaults: [LimitSet; SCOPES],
    /// Per scope, sorted: scope number and its set.
    own: [Vec<(u32, u32)>; SCOPES],
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

impl LimitTable {
    /// Room for this many scope numbers with rows of their own.
    #[must_use]
    pub fn new(sets: u32) -> Self {
        let room = usize::try_from(sets).unwrap_or(usize::MAX);
        Self {
            defaults: [LimitSet::EMPTY; SCOPES],
            own: core::array::from_fn(|_| Vec::new()),
            sets: Vec::with_capacity(room),
            room,
        }
    }

    /// The levels of one scope number.
    #[inline]
    #[must_use]
    pub fn set(&self, scope: Scope, id: u32) -> &LimitSet {
        let scope = usize::from(scope.number());
        if let Some(own) = self.own.get(scope)
            && !own.is_empty()
            && let Ok(at) = own.binary_search_by_key(&id, |entry| entry.0)
            && let Some(&(_, set)) = own.get(at)
            && let Some(found) = self.sets.get(set as usize)
        {
            return found;
        }
        self.defaults.get(scope).unwrap_or(&LimitSet::EMPTY)
    }

    /// Every row in force: by scope, the default (number 0) first, then the scope numbers.
    pub fn rows(&self) -> impl Iterator<Item = (Scope, u32, Metric, Level)> + '_ {
        Scope::ALL.iter().flat_map(move |scope| {
            let place = usize::from(scope.number());
            let default = self.defaults.get(place).map(|set| (0, set));
            let own = self.own.get(place).into_iter().flatten();
            let own = own.filter_map(|(id, at)| Some((*id, self.sets.get(*at as usize)?)));
            let sets = default.into_iter().chain(own);
            sets.flat_map(move |(id, set)| {
                set.rows()
                    .map(move |(metric, level)| (*scope, id, metric, level))
            })
        })
    }

    /// Take a row; false when there is no room for another scope number.
    pub fn load(&mut self, scope: Scope, id: u32, metric: Metric, level: Level) -> bool {
        let place = usize::from(scope.number());
        let (Some(own), Some(default)) = (self.own.get_mut(place), self.defaults.get_mut(place))
        else {
            return false;
        };
        if id == 0 {
            default.put(metric, level, true);
            for &(_, set) in own.iter() {
                if let Some(set) = self.sets.get_mut(set as usize) {
                    set.put(metric, level, false);
                }
            }
            return true;
        }
        let set = match own.binary_search_by_key(&id, |entry| entry.0) {
            Ok(at) => own.get(at).map_or(0, |entry| entry.1),
            Err(at) => {
                if self.sets.len() >= self.room {
                    return false;
                }
                let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
                self.sets.push(LimitSet { own: 0, ..*default });
                own.insert(at, (id, number));
                number
            }
        };
        if let Some(set) = self.sets.get_mut(set as usize) {
            set.put(metric, level, true);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, LimitTable};
    use crate::kind::{Metric, Scope};

    fn level(block: i64) -> Level {
        Level { warn: 1, block }
    }

    #[test]
    fn an_own_row_stands_before_the_default_and_a_later_default_fills_the_rest() {
        let mut table = LimitTable::new(1);
        assert_eq!(table.set(Scope::Client, 7).level(Metric::Day), None);
        assert!(table.load(Scope::Client, 7, Metric::Day, level(5)));
        assert!(table.load(Scope::Client, 0, Metric::Day, level(9)));
        assert!(table.load(Scope::Client, 0, Metric::Minute, level(3)));
        let block = |id, metric| table.set(Scope::Client, id).level(metric).map(|l| l.block);
        assert_eq!(block(7, Metric::Day), Some(5));
        assert_eq!(block(7, Metric::Minute), Some(3));
        assert_eq!(block(8, Metric::Day), Some(9));
        assert_eq!(table.set(Scope::Pbu, 7).level(Metric::Day), None);
        assert!(!table.load(Scope::Client, 8, Metric::Day, level(1)));
        let rows: Vec<_> = table
            .rows()
            .map(|(_, id, metric, level)| (id, metric, level.block))
            .collect();
        let expected = [
            (0, Metric::Minute, 3),
            (0, Metric::Day, 9),
            (7, Metric::Day, 5),
        ];
        assert_eq!(rows, expected);
    }
}
