//! Money and shares of an order after it was taken: freeze, release, settle (`docs/rules/engine.md`, section 5).

use crate::fee::fee_e5;
use crate::kind::{CancelState, OrderStatus};
use crate::record::load::LoadFee;
use crate::table::order::OrderRow;
use crate::table::party::{AccountRow, CustomerRow, ValueRow};
use crate::table::tables::Tables;

/// The rows that an order counts in, borrowed together.
struct Rows<'a> {
    account: &'a mut AccountRow,
    customer: &'a mut CustomerRow,
    group: &'a mut ValueRow,
    desk: &'a mut ValueRow,
}

impl Rows<'_> {
    fn each_value(&mut self, firm: &mut ValueRow, change: impl Fn(&mut ValueRow)) {
        change(&mut self.account.value);
        change(&mut self.customer.value);
        change(self.group);
        change(self.desk);
        change(firm);
    }
}

impl Tables {
    /// Freeze what a new order needs, as the checks found it, and count its open value. The row must be complete.
    pub fn freeze(&mut self, number: u32, cash_e5: i64) {
        let Some(order) = self.orders.get_mut(number as usize) else {
            return;
        };
        order.frozen_e5 = cash_e5;
        let (qty, customer) = (order.open_qty(), order.customer);
        if let Some(customer) = self.customers.get_mut(customer as usize) {
            customer.available_e5 = customer.available_e5.saturating_sub(cash_e5);
            customer.frozen_e5 = customer.frozen_e5.saturating_add(cash_e5);
        }
        self.change_open(number, qty);
    }

    /// Take cancelled shares out of an open order.
    pub fn reduce(&mut self, number: u32, qty: i64) {
        self.change_open(number, qty.saturating_neg());
        if let Some(order) = self.orders.get_mut(number as usize) {
            order.cancelled_qty = order.cancelled_qty.saturating_add(qty);
        }
        self.refreeze(number);
    }

    /// End an order: its open rest is cancelled and everything frozen comes back.
    pub fn finish(&mut self, number: u32, status: OrderStatus) {
        let rest = self.order(number).open_qty();
        if rest != 0 {
            self.reduce(number, rest);
        }
        self.set_status(number, status);
        let Some(order) = self.orders.get_mut(number as usize) else {
            return;
        };
        order.cancel = CancelState::None;
        let account = order.account;
        self.self_match.remove(number);
        if let Some(account) = self.accounts.get_mut(account as usize) {
            account.open_orders = account.open_orders.saturating_sub(1);
        }
        self.refreeze(number);
    }

    /// Settle a fill; false, and nothing changed, when its value cannot be represented.
    #[must_use]
    pub fn book_fill(&mut self, number: u32, qty: i64, price_e5: i64) -> bool {
        let order = *self.order(number);
        let fee_row = self.fee_of(&order);
        let Some(amount) = qty.checked_mul(price_e5) else {
            return false;
        };
        let Some(total) = order.amount_e5.checked_add(amount) else {
            return false;
        };
        let Some(charged) = fee_e5(&fee_row, order.buy, total) else {
            return false;
        };
        let fee = charged.saturating_sub(order.charged_e5);
        self.change_open(number, qty.saturating_neg());
        self.pay(number, amount, fee);
        let same_day = self
            .rules
            .get(usize::from(order.rule))
            .is_some_and(|rule| rule.same_day == 1);
        if let Some(row) = self.orders.get_mut(number as usize) {
            row.traded_qty = row.traded_qty.saturating_add(qty);
            row.amount_e5 = total;
            row.charged_e5 = charged;
        }
        if let Some(holding) = self.holdings.get_mut(order.holding as usize) {
            if order.buy {
                holding.bought_qty = holding.bought_qty.saturating_add(qty);
                if same_day {
                    holding.sellable_qty = holding.sellable_qty.saturating_add(qty);
                }
            } else {
                holding.sellable_qty = holding.sellable_qty.saturating_sub(qty);
                holding.sold_qty = holding.sold_qty.saturating_add(qty);
            }
        }
        self.refreeze(number);
        true
    }

    /// Move traded value and money of a fill.
    fn pay(&mut self, number: u32, amount: i64, fee: i64) {
        let order = *self.order(number);
        if order.buy
            && let Some(security) = self.securities.get_mut(order.security as usize)
        {
            security.traded_buy_e5 = security.traded_buy_e5.saturating_add(amount);
        }
        let Some((mut rows, firm)) = self.rows_of(number) else {
            return;
        };
        rows.each_value(firm, |value| {
            value.traded_e5 = value.traded_e5.saturating_add(amount);
        });
        let customer = rows.customer;
        customer.fees_e5 = customer.fees_e5.saturating_add(fee);
        if order.buy {
            customer.bought_e5 = customer.bought_e5.saturating_add(amount);
            let cost = amount.saturating_add(fee);
            customer.available_e5 = customer.available_e5.saturating_sub(cost);
        } else {
            customer.sold_e5 = customer.sold_e5.saturating_add(amount);
            let gain = amount.saturating_sub(fee);
            customer.available_e5 = customer.available_e5.saturating_add(gain);
        }
    }

    /// Open quantity changes: open values, frozen shares and open buys follow. The order row itself stays.
    fn change_open(&mut self, number: u32, qty: i64) {
        let order = *self.order(number);
        let value = qty.saturating_mul(order.value_price_e5);
        if let Some((mut rows, firm)) = self.rows_of(number) {
            rows.each_value(firm, |row| row.open_e5 = row.open_e5.saturating_add(value));
        }
        if let Some(holding) = self.holdings.get_mut(order.holding as usize) {
            if order.buy {
                holding.open_buy_qty = holding.open_buy_qty.saturating_add(qty);
            } else {
                holding.frozen_qty = holding.frozen_qty.saturating_add(qty);
            }
        }
        if order.buy
            && let Some(security) = self.securities.get_mut(order.security as usize)
        {
            security.open_buy_e5 = security.open_buy_e5.saturating_add(value);
        }
    }

    /// Bring the frozen cash of a buy to what its open quantity needs.
    fn refreeze(&mut self, number: u32) {
        let order = *self.order(number);
        if !order.buy {
            return;
        }
        let fee_row = self.fee_of(&order);
        let worst = order.open_qty().saturating_mul(order.value_price_e5);
        let needed = if order.is_open() {
            let fee = fee_e5(&fee_row, true, order.amount_e5.saturating_add(worst));
            worst
                .saturating_add(fee.unwrap_or(0))
                .saturating_sub(order.charged_e5)
        } else {
            0
        };
        let more = needed.saturating_sub(order.frozen_e5);
        if let Some(row) = self.orders.get_mut(number as usize) {
            row.frozen_e5 = needed;
        }
        if let Some(customer) = self.customers.get_mut(order.customer as usize) {
            customer.available_e5 = customer.available_e5.saturating_sub(more);
            customer.frozen_e5 = customer.frozen_e5.saturating_add(more);
        }
    }

    fn fee_of(&self, order: &OrderRow) -> LoadFee {
        self.fee(order.rule, order.fee_group)
            .copied()
            .unwrap_or_default()
    }

    fn rows_of(&mut self, number: u32) -> Option<(Rows<'_>, &mut ValueRow)> {
        let order = self.order(number);
        let (account, customer) = (order.account, order.customer);
        let account = self.accounts.get_mut(account as usize)?;
        let customer = self.customers.get_mut(customer as usize)?;
        let group = self.owner_groups.get_mut(customer.owner_group as usize)?;
        let desk = self.desks.get_mut(usize::from(customer.desk))?;
        let rows = Rows {
            account,
            customer,
            group,
            desk,
        };
        Some((rows, &mut self.firm))
    }
}
