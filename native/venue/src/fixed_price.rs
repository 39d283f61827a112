//! After-hours trading at the closing price (盘后固定价格交易): time decides, limits only admit.

use crate::cause::Cause;
use crate::exchange::Exchange;
use crate::order::{Order, Orders, Side, State};
use crate::phase::Phase;

impl Exchange {
    /// Price of after-hours trading: the close, or the previous one where nothing traded.
    fn close_e5(&self, security: u32) -> i64 {
        let last = self.last_e5(security);
        if last == 0 {
            self.security(security).prev_close_e5
        } else {
            last
        }
    }

    pub(crate) fn submit_fixed(&mut self, order: Order) -> Result<u32, Cause> {
        let matching = self.phase == Phase::FixedPrice;
        let close_e5 = self.close_e5(order.security);
        if matching && !order.side.allows(order.price_e5, close_e5) {
            return Err(Cause::Range);
        }
        let number = self.enter(order);
        self.accept(number, 0, 0);
        self.fixed[order.security as usize].push(number);
        if matching {
            self.match_fixed(order.security);
        }
        Ok(number)
    }

    /// Orders whose limit does not reach the close are cancelled, the others begin to match.
    pub(crate) fn open_fixed(&mut self, security: u32) {
        let close_e5 = self.close_e5(security);
        for number in self.fixed[security as usize].clone() {
            let order = *self.orders.get(number);
            if order.state == State::Open && !order.side.allows(order.price_e5, close_e5) {
                self.cancel_by_rule(number, Cause::Range);
            }
        }
        self.match_fixed(security);
    }

    fn match_fixed(&mut self, security: u32) {
        let close_e5 = self.close_e5(security);
        let mut queue = core::mem::take(&mut self.fixed[security as usize]);
        queue.retain(|number| self.orders.get(*number).state == State::Open);
        let front = |orders: &Orders, side: Side| {
            queue
                .iter()
                .copied()
                .find(|number| orders.get(*number).side == side && orders.get(*number).leaves() > 0)
        };
        while let (Some(buy), Some(sell)) = (
            front(&self.orders, Side::Buy),
            front(&self.orders, Side::Sell),
        ) {
            let qty = self
                .orders
                .get(buy)
                .leaves()
                .min(self.orders.get(sell).leaves());
            self.orders.fill(buy, qty);
            self.orders.fill(sell, qty);
            self.report_trade([buy, sell], close_e5, qty);
        }
        self.fixed[security as usize] = queue;
    }
}
