//! Scalar parameters, resolved per market when they are loaded.

use crate::kind::Param;

const PARAMS: usize = 32;
const MARKETS: usize = 3;

/// All parameters: the market's row, else the common one.
#[derive(Clone, Copy, Debug)]
pub struct ParamTable {
    rows: [[Option<i64>; PARAMS]; MARKETS],
    resolved: [[i64; PARAMS]; MARKETS],
    /// The first needed parameter without a row.
    missing: [Option<Param>; MARKETS],
}

panshi_wire::sections! {
    ParamTable {
        one "parameters" rows;
        skip resolved;
        skip missing;
    }
}

impl Default for ParamTable {
    fn default() -> Self {
        Self {
            rows: [[None; PARAMS]; MARKETS],
            resolved: [[0; PARAMS]; MARKETS],
            missing: [Param::ALL.first().copied(); MARKETS],
        }
    }
}

impl ParamTable {
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
        let mut table = ParamTable::default();
        assert_eq!(table.get(Param::QuickCancelNs, 1), 0);
        table.load(Param::QuickCancelNs, 1, 5);
        table.load(Param::QuickCancelNs, 0, 9);
        assert_eq!(table.get(Param::QuickCancelNs, 1), 5);
        assert_eq!(table.get(Param::QuickCancelNs, 2), 9);
    }

    #[test]
    fn a_needed_parameter_is_missing_until_its_market_or_all_have_it() {
        let mut table = ParamTable::default();
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
