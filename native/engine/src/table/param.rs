//! Scalar parameters, resolved per market when they are loaded; some may differ for a group of customers.

use crate::kind::Param;

const PARAMS: usize = 32;
const MARKETS: usize = 3;

/// Number of a parameter, market and customer group.
type Key = (u16, u8, u16);

/// All parameters: the market's row, else the common one.
#[derive(Debug)]
pub struct ParamTable {
    rows: [[Option<i64>; PARAMS]; MARKETS],
    resolved: [[i64; PARAMS]; MARKETS],
    /// The first needed parameter without a row.
    missing: [Option<Param>; MARKETS],
    /// Rows of customer groups, sorted.
    groups: Vec<(Key, i64)>,
    room: usize,
}

panshi_wire::sections! {
    ParamTable {
        one "parameters" rows;
        list "parameters of groups" groups within *room;
        skip resolved;
        skip missing;
        skip room;
    }
}

impl ParamTable {
    /// Room for this many rows of customer groups.
    #[must_use]
    pub fn new(group_rows: u32) -> Self {
        let room = usize::try_from(group_rows).unwrap_or(usize::MAX);
        Self {
            rows: [[None; PARAMS]; MARKETS],
            resolved: [[0; PARAMS]; MARKETS],
            missing: [Param::ALL.first().copied(); MARKETS],
            groups: Vec::with_capacity(room),
            room,
        }
    }

    /// The first parameter that orders of a market need and that has no row, if there is one.
    #[inline]
    #[must_use]
    pub fn missing(&self, market: u8) -> Option<Param> {
        self.missing.get(usize::from(market)).copied().flatten()
    }

    /// Value of a parameter in a market; 0 while it is missing.
    #[inline]
    #[must_use]
    pub fn get(&self, param: Param, market: u8) -> i64 {
        self.resolved
            .get(usize::from(market))
            .and_then(|row| row.get(usize::from(param.number())))
            .copied()
            .unwrap_or(0)
    }

    /// Value of a parameter for a customer group in a market; the group's rows stand before those for every group.
    #[inline]
    #[must_use]
    pub fn get_for(&self, param: Param, market: u8, group: u16) -> i64 {
        let own = || {
            let find = |market| self.find((param.number(), market, group));
            find(market).or_else(|| find(0))
        };
        if self.groups.is_empty() {
            return self.get(param, market);
        }
        own().unwrap_or_else(|| self.get(param, market))
    }

    fn find(&self, key: Key) -> Option<i64> {
        let at = self.groups.binary_search_by_key(&key, |row| row.0).ok()?;
        self.groups.get(at).map(|row| row.1)
    }

    /// Take a row of a customer group; false when there is no room.
    pub fn load_for(&mut self, param: Param, market: u8, group: u16, value: i64) -> bool {
        let key = (param.number(), market, group);
        match self.groups.binary_search_by_key(&key, |row| row.0) {
            Ok(at) => {
                if let Some(row) = self.groups.get_mut(at) {
                    row.1 = value;
                }
            }
            Err(_) if self.groups.len() >= self.room => return false,
            Err(at) => self.groups.insert(at, (key, value)),
        }
        true
    }

    /// Take a row; `market` 0 is both.
    pub fn load(&mut self, param: Param, market: u8, value: i64) {
        let at = usize::from(param.number());
        if let Some(slot) = self
            .rows
            .get_mut(usize::from(market))
            .and_then(|row| row.get_mut(at))
        {
            *slot = Some(value);
        }
        self.resolve(at);
        self.find_missing();
    }

    /// Make what follows from the rows.
    pub fn restore(&mut self) {
        for at in 0..PARAMS {
            self.resolve(at);
        }
        self.find_missing();
    }

    fn resolve(&mut self, at: usize) {
        let of = |market: usize| self.rows.get(market).and_then(|row| *row.get(at)?);
        let common = of(0);
        let resolved: [i64; MARKETS] = core::array::from_fn(|m| of(m).or(common).unwrap_or(0));
        for (row, value) in self.resolved.iter_mut().zip(resolved) {
            if let Some(slot) = row.get_mut(at) {
                *slot = value;
            }
        }
    }

    fn find_missing(&mut self) {
        self.missing = core::array::from_fn(|market| {
            let needed = Param::ALL.iter().filter(|param| param.is_needed());
            needed.copied().find(|&param| !self.has(market, param))
        });
    }

    fn has(&self, market: usize, param: Param) -> bool {
        let at = usize::from(param.number());
        let given = |row: &[Option<i64>; PARAMS]| row.get(at).is_some_and(Option::is_some);
        let rows = [self.rows.get(market), self.rows.first()];
        rows.into_iter().flatten().any(given)
    }
}

#[cfg(test)]
mod tests {
    use super::ParamTable;
    use crate::kind::Param;

    #[test]
    fn the_market_row_stands_before_the_common_one() {
        let mut table = ParamTable::new(2);
        assert_eq!(table.get(Param::QuickCancelNs, 1), 0);
        table.load(Param::QuickCancelNs, 1, 5);
        table.load(Param::QuickCancelNs, 0, 9);
        assert_eq!(table.get(Param::QuickCancelNs, 1), 5);
        assert_eq!(table.get(Param::QuickCancelNs, 2), 9);
    }

    #[test]
    fn the_rows_of_a_group_stand_before_those_for_every_group() {
        let mut table = ParamTable::new(2);
        table.load(Param::QuickCancelNs, 0, 9);
        table.load(Param::QuickCancelNs, 1, 5);
        let quick =
            |table: &ParamTable, market, group| table.get_for(Param::QuickCancelNs, market, group);
        assert_eq!(quick(&table, 1, 7), 5);
        assert!(table.load_for(Param::QuickCancelNs, 0, 7, 3));
        assert!(table.load_for(Param::QuickCancelNs, 2, 7, 1));
        assert!(table.load_for(Param::QuickCancelNs, 2, 7, 2));
        assert!(!table.load_for(Param::QuickCancelNs, 1, 7, 4));
        let found = [(1, 7), (2, 7), (1, 8), (2, 8)];
        assert_eq!(found.map(|(m, g)| quick(&table, m, g)), [3, 2, 5, 9]);
    }

    #[test]
    fn a_needed_parameter_is_missing_until_its_market_or_all_have_it() {
        let mut table = ParamTable::new(2);
        assert_eq!(table.missing(1), Some(Param::QuickCancelNs));
        for &param in Param::ALL.iter().filter(|param| param.is_needed()) {
            assert_eq!(table.missing(1), Some(param));
            table.load(param, 1, 0);
        }
        assert_eq!(
            (table.missing(1), table.missing(2)),
            (None, Some(Param::QuickCancelNs))
        );
        table.load(Param::QuickCancelNs, 0, 0);
        assert_eq!(table.missing(2), Some(Param::IdenticalWindowNs));
    }
}
