//! What became of the orders of one scope number today: quick cancels, and how much was cancelled of what was ordered.

/// Basis points of one.
const BP: i128 = 10_000;

panshi_wire::saved! {
    /// Counts of one scope number.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Conduct {
        /// Orders that passed.
        pub orders: u32,
        /// Orders that were cancelled by request.
        pub cancelled: u32,
        /// Cancels within the quick-cancel time.
        pub quick_cancels: u32,
        /// Value of the orders at their value price.
        pub orders_e5: i64,
        /// Value of the rests cancelled by request.
        pub cancelled_e5: i64,
    }
}

/// Basis points above which cancel ratios refuse, and how many orders it takes to judge them.
#[derive(Clone, Copy, Debug)]
pub struct RatioLimits {
    /// By count.
    pub count_bp: i64,
    /// By value.
    pub value_bp: i64,
    /// Orders before they are judged.
    pub base: i64,
}

impl Conduct {
    /// Count an order that passed.
    #[inline]
    pub fn take_order(&mut self, value_e5: i64) {
        self.orders = self.orders.saturating_add(1);
        self.orders_e5 = self.orders_e5.saturating_add(value_e5);
    }

    /// Count an order cancelled by request, with the value of its rest.
    #[inline]
    pub fn take_cancelled(&mut self, value_e5: i64) {
        self.cancelled = self.cancelled.saturating_add(1);
        self.cancelled_e5 = self.cancelled_e5.saturating_add(value_e5);
    }

    /// Count a quick cancel.
    #[inline]
    pub fn take_quick_cancel(&mut self) {
        self.quick_cancels = self.quick_cancels.saturating_add(1);
    }

    /// Cancel ratios by count and by value, whole basis points.
    #[must_use]
    pub fn ratios_bp(&self) -> [i64; 2] {
        let bp = |part: i128, whole: i128| {
            (part * BP)
                .checked_div(whole)
                .and_then(|ratio| i64::try_from(ratio).ok())
                .unwrap_or(0)
        };
        [
            bp(self.cancelled.into(), self.orders.into()),
            bp(self.cancelled_e5.into(), self.orders_e5.into()),
        ]
    }

    /// Whether both ratios lie within their limits, or are not judged yet.
    #[inline]
    #[must_use]
    pub fn ratios_within(&self, limits: &RatioLimits) -> bool {
        if self.cancelled == 0 || i64::from(self.orders) < limits.base {
            return true;
        }
        within(self.cancelled.into(), self.orders.into(), limits.count_bp)
            && within(self.cancelled_e5, self.orders_e5, limits.value_bp)
    }
}

/// Whether a part of a whole, in whole basis points, is at most a limit; a multiplication is faster than a division.
#[inline]
fn within(part: i64, whole: i64, most_bp: i64) -> bool {
    let above = i128::from(most_bp.saturating_add(1)) * i128::from(whole);
    whole == 0 || i128::from(part) * BP < above
}

#[cfg(test)]
mod tests {
    use super::{Conduct, RatioLimits};

    fn conduct(orders: u32, cancelled: u32, orders_e5: i64, cancelled_e5: i64) -> Conduct {
        Conduct {
            orders,
            cancelled,
            quick_cancels: 0,
            orders_e5,
            cancelled_e5,
        }
    }

    #[test]
    fn the_fast_comparison_agrees_with_the_division() {
        let mut random = 5_u64;
        let mut below = |bound: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (random >> 33) % bound
        };
        for _ in 0..100_000 {
            let orders = u32::try_from(below(50)).unwrap();
            let cancelled = u32::try_from(below(u64::from(orders) + 1)).unwrap();
            let wide = [1, 1_000_000_007, 90_000_000_000_000][usize::try_from(below(3)).unwrap()];
            let orders_e5 = i64::try_from(below(100)).unwrap() * wide;
            let part = i64::try_from(below(101)).unwrap();
            let row = conduct(orders, cancelled, orders_e5, orders_e5 / 100 * part);
            let mut bp = |top| i64::try_from(below(top)).unwrap();
            let limits = RatioLimits {
                count_bp: bp(10_002),
                value_bp: bp(10_002),
                base: bp(20),
            };
            let [count, value] = row.ratios_bp();
            let judged = i64::from(orders) >= limits.base && cancelled > 0;
            let slow = !judged || (count <= limits.count_bp && value <= limits.value_bp);
            assert_eq!(row.ratios_within(&limits), slow, "{row:?} {limits:?}");
        }
    }

    #[test]
    fn never_is_never() {
        let limits = RatioLimits {
            count_bp: i64::MAX,
            value_bp: i64::MAX,
            base: 0,
        };
        let all = conduct(u32::MAX, u32::MAX, i64::MAX, i64::MAX);
        assert!(all.ratios_within(&limits));
        assert_eq!(all.ratios_bp(), [10_000; 2]);
        assert_eq!(Conduct::default().ratios_bp(), [0; 2]);
    }
}
