//! New orders by themselves on the hot state: what order checks of other systems are compared with.

use std::time::Instant;

use super::{clock_cost, nanoseconds, percentile};
use crate::engine::Engine;
use crate::input::Input;
use crate::output::Output;
use crate::record::flow::NewOrder;
use crate::synthetic::{Size, Synthetic};

/// Rounds that count; one more goes before them.
const RUNS: u64 = 9;

/// How long new orders take when nothing else comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderFigure {
    /// Orders in a second, one after the other; median of the rounds.
    pub orders_per_s: u64,
    /// Half of the orders took at most this.
    pub p50_ns: u64,
    /// 99 of 100 orders took at most this.
    pub p99_ns: u64,
    /// Orders that were not forwarded.
    pub refused: u64,
}

/// A hot state and the orders that it is given.
#[derive(Debug)]
pub struct OrderFlow {
    size: Size,
    opening: Vec<Input>,
    orders: Vec<NewOrder>,
}

impl OrderFlow {
    /// So many orders of the hot state's customers.
    #[must_use]
    pub fn new(count: u32, seed: u64) -> Self {
        let size = Size {
            accounts: 1_000,
            securities: 200,
            open_orders: count,
            orders: count.saturating_add(1),
            step_ns: 8_000,
        };
        let mut flow = Synthetic::new(size, seed);
        let opening = flow.opening();
        let orders = flow.orders(count);
        Self {
            size,
            opening,
            orders,
        }
    }

    /// The orders.
    #[must_use]
    pub fn orders(&self) -> &[NewOrder] {
        &self.orders
    }

    /// Apply the orders to fresh engines, in turns as a whole and one by one.
    #[must_use]
    pub fn measure(&self) -> OrderFigure {
        let clock_ns = clock_cost();
        let (mut rates, mut singles, mut refused) = (Vec::new(), Vec::new(), 0);
        for round in 0..=RUNS {
            let (mut engine, mut outputs) = (self.engine(), Vec::with_capacity(16));
            let start = Instant::now();
            for (seq, order) in (1_000_000..).zip(&self.orders) {
                outputs.clear();
                engine.apply_new_order(seq, order, &mut outputs);
            }
            let whole_ns = nanoseconds(start).max(1);
            refused = engine.totals().refused;
            let mut engine = self.engine();
            let mut times = Vec::with_capacity(self.orders.len());
            for (seq, order) in (1_000_000..).zip(&self.orders) {
                outputs.clear();
                let start = Instant::now();
                engine.apply_new_order(seq, order, &mut outputs);
                times.push(nanoseconds(start).saturating_sub(clock_ns));
            }
            if round > 0 {
                let count = u64::try_from(self.orders.len()).unwrap_or(0);
                rates.push(count.saturating_mul(1_000_000_000) / whole_ns);
                singles.extend(times);
            }
        }
        OrderFigure {
            orders_per_s: percentile(&mut rates, 50),
            p50_ns: percentile(&mut singles, 50),
            p99_ns: percentile(&mut singles, 99),
            refused,
        }
    }

    fn engine(&self) -> Engine {
        let mut engine = Engine::new(&self.size.capacity());
        let mut outputs: Vec<Output> = Vec::new();
        for (seq, row) in (1..).zip(&self.opening) {
            outputs.clear();
            engine.apply(seq, row, &mut outputs);
        }
        engine
    }
}

#[cfg(test)]
mod tests {
    use super::OrderFlow;

    #[test]
    fn every_order_of_the_flow_is_forwarded() {
        let flow = OrderFlow::new(2_000, 1);
        let figure = flow.measure();
        assert_eq!((flow.orders().len(), figure.refused), (2_000, 0));
        assert!(figure.orders_per_s > 0 && figure.p50_ns <= figure.p99_ns);
    }
}
