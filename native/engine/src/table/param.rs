//! Scalar parameters, resolved per market when they are loaded.

use crate::kind::Param;

const PARAMS: usize = 32;
const MARKETS: usize = 3;

/// All parameters: the market's row, else the common one, else 0.
#[derive(Clone, Copy, Debug)]
pub struct ParamTable {
    rows: [[Option<i64>; PARAMS]; MARKETS],
    resolved: [[i64; PARAMS]; MARKETS],
}

impl Default for ParamTable {
    fn default() -> Self {
        Self {
            rows: [[None; PARAMS]; MARKETS],
            resolved: [[0; PARAMS]; MARKETS],
        }
    }
}

impl ParamTable {
    /// Value of a parameter in a market.
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
        let of = |market: usize| self.rows.get(market).and_then(|row| *row.get(at)?);
        let common = of(0);
        let resolved: [i64; MARKETS] = core::array::from_fn(|m| of(m).or(common).unwrap_or(0));
        for (row, value) in self.resolved.iter_mut().zip(resolved) {
            if let Some(slot) = row.get_mut(at) {
                *slot = value;
            }
        }
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
}
