//! Fees of an order on its cumulative traded value (`docs/rules/engine.md`, section 5).

use crate::record::load::LoadFee;

/// One fen in units of 1/100000 yuan.
const FEN_E5: i64 = 1_000;
/// Rate unit (1e-8) times one fen.
const UNIT: u64 = 100_000_000_000;

/// All fees of an order that has traded this value, e5; nothing when they cannot be represented.
///
/// Commission has a minimum once something traded. A sale's fees are never more than its traded value.
#[inline]
#[must_use]
pub fn fee_e5(row: &LoadFee, buy: bool, amount_e5: i64) -> Option<i64> {
    if amount_e5 == 0 {
        return Some(0);
    }
    let amount = u64::try_from(amount_e5).ok()?;
    let stamp = if buy {
        row.stamp_buy_e8
    } else {
        row.stamp_sell_e8
    };
    let mut total = part(amount, row.commission_e8)?.max(row.commission_min_e5);
    for rate in [stamp, row.transfer_e8, row.handling_e8, row.regulatory_e8] {
        total = total.checked_add(part(amount, rate)?)?;
    }
    Some(if buy { total } else { total.min(amount_e5) })
}

/// One fee, rounded half up to the fen.
#[inline]
fn part(amount: u64, rate_e8: i64) -> Option<i64> {
    let rate = u64::try_from(rate_e8).ok()?;
    let narrow = amount
        .checked_mul(rate)
        .and_then(|product| product.checked_add(UNIT / 2));
    let fen = if let Some(product) = narrow {
        i64::try_from(product / UNIT).ok()?
    } else {
        let product = u128::from(amount) * u128::from(rate) + u128::from(UNIT / 2);
        i64::try_from(product / u128::from(UNIT)).ok()?
    };
    fen.checked_mul(FEN_E5)
}

#[cfg(test)]
mod tests {
    use super::fee_e5;
    use crate::record::load::LoadFee;

    const ROW: LoadFee = LoadFee {
        rule: 1,
        fee_group: 1,
        spare: 0,
        commission_e8: 25_000,
        commission_min_e5: 500_000,
        stamp_buy_e8: 0,
        stamp_sell_e8: 50_000,
        transfer_e8: 1_000,
        handling_e8: 3_410,
        regulatory_e8: 2_000,
    };

    #[test]
    fn ten_thousand_yuan_cost_the_minimum_and_the_small_fees() {
        // 10,000 yuan: commission 2.50 -> 5.00, transfer 0.10, handling 0.341 -> 0.34, regulatory 0.20.
        assert_eq!(fee_e5(&ROW, true, 1_000_000_000), Some(564_000));
        // The sale adds a stamp duty of 5.00.
        assert_eq!(fee_e5(&ROW, false, 1_000_000_000), Some(1_064_000));
    }

    #[test]
    fn half_a_fen_rounds_up_and_nothing_traded_costs_nothing() {
        let row = LoadFee {
            commission_e8: 0,
            commission_min_e5: 0,
            handling_e8: 0,
            regulatory_e8: 0,
            ..ROW
        };
        // 500 yuan x 0.00001 = half a fen.
        assert_eq!(fee_e5(&row, true, 50_000_000), Some(1_000));
        assert_eq!(fee_e5(&row, true, 49_999_999), Some(0));
        assert_eq!(fee_e5(&ROW, true, 0), Some(0));
    }

    #[test]
    fn a_sale_never_costs_more_than_it_brings() {
        assert_eq!(fee_e5(&ROW, false, 100_000), Some(100_000));
        assert_eq!(fee_e5(&ROW, true, 100_000), Some(500_000));
    }

    #[test]
    fn large_values_are_exact_and_too_large_ones_nothing() {
        let amount = 9_000_000_000_000_000_000_i64;
        let expected = [25_000_i128, 1_000, 3_410, 2_000]
            .iter()
            .map(|rate| (i128::from(amount) * rate + 50_000_000_000) / 100_000_000_000 * 1_000)
            .sum::<i128>();
        assert_eq!(fee_e5(&ROW, true, amount).map(i128::from), Some(expected));
        let dear = LoadFee {
            handling_e8: i64::MAX,
            ..ROW
        };
        assert_eq!(fee_e5(&dear, true, amount), None);
        assert_eq!(fee_e5(&ROW, true, -1), None);
    }
}
