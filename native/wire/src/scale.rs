//! Between the scales of the Shenzhen gateway and those of the platform.
//!
//! The platform counts price and money in 1/100000 yuan (`_e5`) and quantity in 1/1000 share
//! (`_e3`), which are the Shanghai gateway's own scales. Shenzhen writes price and money in
//! 1/10000 yuan and quantity in 1/100 share: both differ by ten.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 4.1.3; SZSE Binary trading interface v1.32, 6.1.

use crate::error::WireError;

/// Price in 1/100000 yuan from a Shenzhen `Price`.
///
/// # Errors
/// When ten times the value does not fit.
#[inline]
pub fn szse_price_to_e5(price: i64) -> Result<i64, WireError> {
    price.checked_mul(10).ok_or(WireError::Scale {
        quantity: "price",
        value: price,
    })
}

/// Shenzhen `Price` from a price in 1/100000 yuan.
///
/// # Errors
/// When the price is finer than 1/10000 yuan.
#[inline]
pub fn szse_price_from_e5(price_e5: i64) -> Result<i64, WireError> {
    exact_tenth(price_e5).ok_or(WireError::Scale {
        quantity: "price_e5",
        value: price_e5,
    })
}

/// Quantity in 1/1000 share from a Shenzhen `Qty`.
///
/// # Errors
/// When ten times the value does not fit.
#[inline]
pub fn szse_qty_to_e3(qty: i64) -> Result<i64, WireError> {
    qty.checked_mul(10).ok_or(WireError::Scale {
        quantity: "quantity",
        value: qty,
    })
}

/// Shenzhen `Qty` from a quantity in 1/1000 share.
///
/// # Errors
/// When the quantity is finer than 1/100 share.
#[inline]
pub fn szse_qty_from_e3(qty_e3: i64) -> Result<i64, WireError> {
    exact_tenth(qty_e3).ok_or(WireError::Scale {
        quantity: "quantity_e3",
        value: qty_e3,
    })
}

/// Money in 1/100000 yuan from a Shenzhen `Amt`.
///
/// # Errors
/// When ten times the value does not fit.
#[inline]
pub fn szse_amt_to_e5(amt: i64) -> Result<i64, WireError> {
    amt.checked_mul(10).ok_or(WireError::Scale {
        quantity: "amount",
        value: amt,
    })
}

/// Shenzhen `Amt` from money in 1/100000 yuan.
///
/// # Errors
/// When the amount is finer than 1/10000 yuan.
#[inline]
pub fn szse_amt_from_e5(amt_e5: i64) -> Result<i64, WireError> {
    exact_tenth(amt_e5).ok_or(WireError::Scale {
        quantity: "amount_e5",
        value: amt_e5,
    })
}

/// Whole shares from a quantity in 1/1000 share.
///
/// # Errors
/// When the quantity is not whole shares.
#[inline]
pub fn whole_shares(qty_e3: i64) -> Result<i64, WireError> {
    if qty_e3 % 1000 == 0 {
        Ok(qty_e3 / 1000)
    } else {
        Err(WireError::Scale {
            quantity: "quantity_e3",
            value: qty_e3,
        })
    }
}

#[inline]
fn exact_tenth(value: i64) -> Option<i64> {
    (value % 10 == 0).then_some(value / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shenzhen_scales_differ_by_ten() {
        assert_eq!(szse_price_to_e5(123_400), Ok(1_234_000));
        assert_eq!(szse_price_from_e5(1_234_000), Ok(123_400));
        assert_eq!(szse_qty_to_e3(10_000), Ok(100_000));
        assert_eq!(szse_qty_from_e3(100_000), Ok(10_000));
        assert_eq!(szse_amt_to_e5(-5), Ok(-50));
        assert_eq!(szse_amt_from_e5(-50), Ok(-5));
        assert_eq!(whole_shares(-100_000), Ok(-100));
    }

    #[test]
    fn values_without_an_exact_counterpart_are_refused() {
        let refused = [
            szse_price_to_e5(i64::MAX),
            szse_price_from_e5(1_234_001),
            szse_qty_to_e3(i64::MIN),
            szse_qty_from_e3(99_999),
            szse_amt_to_e5(i64::MAX / 10 + 1),
            szse_amt_from_e5(-51),
            whole_shares(100_500),
        ];
        for result in refused {
            assert!(matches!(result, Err(WireError::Scale { .. })), "{result:?}");
        }
    }
}
