//! Price arithmetic in whole numbers: rounding to the tick, auction ranges, cages, distances.

/// Basis points of one.
const BP: i64 = 10_000;

/// `price x bp / 10000`, rounded half up to the tick; nothing when it cannot be represented or the tick is not positive.
#[inline]
#[must_use]
pub fn share_of_price_e5(price_e5: i64, bp: i64, tick_e5: i64) -> Option<i64> {
    if tick_e5 <= 0 {
        return None;
    }
    let numerator = price_e5.checked_mul(bp)?.checked_mul(2)?;
    let unit = BP.checked_mul(tick_e5)?;
    let ticks = numerator
        .checked_add(unit)?
        .div_euclid(unit.checked_mul(2)?);
    ticks.checked_mul(tick_e5)
}

/// The worst price that the cage lets through: the highest for a buy, the lowest for a sale.
#[inline]
#[must_use]
pub fn cage_bound_e5(
    reference_e5: i64,
    cage_bp: u32,
    cage_ticks: u32,
    tick_e5: i64,
    buy: bool,
) -> Option<i64> {
    let bp = i64::from(cage_bp);
    let ticks = i64::from(cage_ticks).checked_mul(tick_e5)?;
    if buy {
        let ratio = share_of_price_e5(reference_e5, BP + bp, tick_e5)?;
        if cage_ticks == 0 {
            return Some(ratio);
        }
        return Some(ratio.max(reference_e5.checked_add(ticks)?));
    }
    let ratio = share_of_price_e5(reference_e5, BP - bp, tick_e5)?;
    let bound = if cage_ticks == 0 {
        ratio
    } else {
        ratio.min(reference_e5.checked_sub(ticks)?)
    };
    Some(bound.max(tick_e5))
}

/// Distance of a price from its reference in whole basis points; the reference is above 0.
#[inline]
#[must_use]
pub fn distance_bp(price_e5: i64, reference_e5: i64) -> i64 {
    if reference_e5 <= 0 {
        return i64::MAX;
    }
    let distance = i128::from(price_e5.abs_diff(reference_e5)) * i128::from(BP);
    i64::try_from(distance / i128::from(reference_e5)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{cage_bound_e5, distance_bp, share_of_price_e5};

    #[test]
    fn halves_of_a_tick_round_up() {
        // 10.05 yuan x 110 % = 11.055 yuan, half a fen above 11.05.
        assert_eq!(share_of_price_e5(1_005_000, 11_000, 1_000), Some(1_106_000));
        assert_eq!(share_of_price_e5(1_004_000, 11_000, 1_000), Some(1_104_000));
        assert_eq!(share_of_price_e5(1_005_000, 11_000, 0), None);
        assert_eq!(share_of_price_e5(i64::MAX, 11_000, 1_000), None);
    }

    #[test]
    fn the_cage_is_at_least_ten_ticks_wide_where_the_rule_says_so() {
        // Best ask 12.34: 102 % is 12.5868, so a buy may go to 12.59.
        assert_eq!(
            cage_bound_e5(1_234_000, 200, 10, 1_000, true),
            Some(1_259_000)
        );
        // Best ask 2.00: 102 % is 2.04, ten ticks are 2.10.
        assert_eq!(cage_bound_e5(200_000, 200, 10, 1_000, true), Some(210_000));
        assert_eq!(cage_bound_e5(200_000, 200, 0, 1_000, true), Some(204_000));
        // Best bid 2.00: a sale may go down to 1.90.
        assert_eq!(cage_bound_e5(200_000, 200, 10, 1_000, false), Some(190_000));
        // Best bid 0.05: never below one tick.
        assert_eq!(cage_bound_e5(5_000, 200, 10, 1_000, false), Some(1_000));
    }

    #[test]
    fn distances_are_whole_basis_points() {
        assert_eq!(distance_bp(1_059_999, 1_000_000), 599);
        assert_eq!(distance_bp(940_000, 1_000_000), 600);
        assert_eq!(distance_bp(1, 0), i64::MAX);
    }

    #[test]
    fn rounding_agrees_with_wide_fractions() {
        let mut state = 11_u64;
        for _ in 0..200_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let price = i64::try_from(state >> 34).unwrap();
            let (bp, tick) = (
                i64::try_from(state >> 50).unwrap(),
                [1_000, 100, 500][usize::try_from(state >> 40).unwrap() % 3],
            );
            let wide = i128::from(price) * i128::from(bp);
            let unit = 10_000 * i128::from(tick);
            let mut ticks = wide / unit;
            if (wide % unit) * 2 >= unit {
                ticks += 1;
            }
            let expected = i64::try_from(ticks * i128::from(tick)).unwrap();
            assert_eq!(share_of_price_e5(price, bp, tick), Some(expected));
        }
    }
}
