//! What must hold after every input (`docs/rules/engine.md`, section 5), worked out from the orders alone.

use crate::engine::Engine;
use crate::kind::OrderStatus;
use crate::table::party::ValueRow;
use crate::table::tables::Tables;

/// Sums over all orders, to be compared with what the tables keep.
struct Sums {
    frozen_e5: Vec<i64>,
    frozen_qty: Vec<i64>,
    open_buy_qty: Vec<i64>,
    account: Vec<ValueRow>,
    customer: Vec<ValueRow>,
    group: Vec<ValueRow>,
    desk: Vec<ValueRow>,
    firm: ValueRow,
    security: Vec<ValueRow>,
    open_orders: Vec<u32>,
    unacked: Vec<u32>,
}

fn add(row: Option<&mut ValueRow>, value: ValueRow) {
    if let Some(row) = row {
        row.open_e5 = row.open_e5.saturating_add(value.open_e5);
        row.traded_e5 = row.traded_e5.saturating_add(value.traded_e5);
    }
}

fn grow(sum: Option<&mut i64>, by: i64) {
    if let Some(sum) = sum {
        *sum = sum.saturating_add(by);
    }
}

impl Sums {
    fn of(tables: &Tables) -> Self {
        let nothing = ValueRow::default();
        let mut sums = Self {
            frozen_e5: vec![0; tables.customers.len()],
            frozen_qty: vec![0; tables.holdings.len()],
            open_buy_qty: vec![0; tables.holdings.len()],
            account: vec![nothing; tables.accounts.len()],
            customer: vec![nothing; tables.customers.len()],
            group: vec![nothing; tables.owner_groups.len()],
            desk: vec![nothing; tables.desks.len()],
            firm: nothing,
            security: vec![nothing; tables.securities.len()],
            open_orders: vec![0; tables.accounts.len()],
            unacked: vec![0; tables.gateways.len()],
        };
        for order in &tables.orders {
            let open = if order.is_open() { order.open_qty() } else { 0 };
            let value = ValueRow {
                open_e5: open.saturating_mul(order.value_price_e5),
                traded_e5: order.amount_e5,
            };
            if let Some(row) = tables.customers.get(order.customer as usize) {
                add(sums.group.get_mut(row.owner_group as usize), value);
                add(sums.desk.get_mut(usize::from(row.desk)), value);
            }
            add(sums.account.get_mut(order.account as usize), value);
            add(sums.customer.get_mut(order.customer as usize), value);
            add(Some(&mut sums.firm), value);
            let holding = order.holding as usize;
            if order.buy {
                grow(sums.open_buy_qty.get_mut(holding), open);
                add(sums.security.get_mut(order.security as usize), value);
            } else {
                grow(sums.frozen_qty.get_mut(holding), open);
            }
            let customer = order.customer as usize;
            grow(sums.frozen_e5.get_mut(customer), order.frozen_e5);
            if let Some(count) = sums.open_orders.get_mut(order.account as usize) {
                *count += u32::from(order.is_open());
            }
            if let Some(count) = sums.unacked.get_mut(usize::from(order.gateway)) {
                *count += u32::from(order.status == OrderStatus::Sent);
            }
        }
        sums
    }
}

impl Engine {
    /// What does not hold although it must; empty when all holds.
    #[must_use]
    pub fn broken_invariants(&self) -> Vec<String> {
        let tables = &self.tables;
        let sums = Sums::of(tables);
        let mut broken = broken_orders(tables);
        broken.extend(broken_cash(tables, &sums));
        broken.extend(broken_shares(tables, &sums));
        broken.extend(broken_values(tables, &sums));
        broken
    }
}

fn broken_orders(tables: &Tables) -> Vec<String> {
    let mut broken = Vec::new();
    for (number, order) in (0_u32..).zip(&tables.orders) {
        let open = order.open_qty();
        let fits = order.traded_qty >= 0
            && order.cancelled_qty >= 0
            && if order.is_open() { open > 0 } else { open == 0 };
        let marked = tables.open.next(number) == Some(number);
        let freed = order.is_open() || order.frozen_e5 == 0;
        if !fits || !freed || marked != order.is_open() {
            broken.push(format!(
                "order {number}: open {open}, marked {marked}, {order:?}"
            ));
        }
    }
    broken
}

fn broken_cash(tables: &Tables, sums: &Sums) -> Vec<String> {
    let mut broken = Vec::new();
    for ((number, row), frozen) in (0_u32..).zip(&tables.customers).zip(&sums.frozen_e5) {
        let booked = row
            .opening_e5
            .saturating_add(row.sold_e5)
            .saturating_sub(row.bought_e5)
            .saturating_sub(row.fees_e5);
        let kept = row.available_e5.saturating_add(row.frozen_e5);
        if booked != kept || row.frozen_e5 != *frozen {
            broken.push(format!(
                "customer {number}: booked {booked}, open orders freeze {frozen}, found {row:?}"
            ));
        }
    }
    broken
}

fn broken_shares(tables: &Tables, sums: &Sums) -> Vec<String> {
    let mut broken = Vec::new();
    let orders = sums.frozen_qty.iter().zip(&sums.open_buy_qty);
    for ((number, row), (frozen, buys)) in (0_u32..).zip(&tables.holdings).zip(orders) {
        let sellable = 0 <= row.frozen_qty
            && row.frozen_qty <= row.sellable_qty
            && row.sellable_qty <= row.total_qty();
        if row.frozen_qty != *frozen || row.open_buy_qty != *buys || !sellable {
            broken.push(format!(
                "holding {number}: orders freeze {frozen} and buy {buys}, found {row:?}"
            ));
        }
    }
    broken
}

fn broken_values(tables: &Tables, sums: &Sums) -> Vec<String> {
    let mut broken = Vec::new();
    let mut compare = |name: &str, kept: &[ValueRow], sums: &[ValueRow]| {
        for ((number, kept), sum) in (0_u32..).zip(kept).zip(sums) {
            if kept != sum {
                broken.push(format!("{name} {number}: orders {sum:?}, found {kept:?}"));
            }
        }
    };
    let customers: Vec<_> = tables.customers.iter().map(|row| row.value).collect();
    let bought = |row: &crate::table::security::SecurityRow| ValueRow {
        open_e5: row.open_buy_e5,
        traded_e5: row.traded_buy_e5,
    };
    let securities: Vec<_> = tables.securities.iter().map(bought).collect();
    let accounts: Vec<_> = tables.accounts.iter().map(|row| row.value).collect();
    compare("account", &accounts, &sums.account);
    compare("customer", &customers, &sums.customer);
    compare("owner group", &tables.owner_groups, &sums.group);
    compare("desk", &tables.desks, &sums.desk);
    compare("firm", &[tables.firm], &[sums.firm]);
    compare("security", &securities, &sums.security);
    for ((number, row), count) in (0_u32..).zip(&tables.accounts).zip(&sums.open_orders) {
        if row.open_orders != *count {
            broken.push(format!(
                "account {number}: {count} open orders, found {row:?}"
            ));
        }
    }
    for ((number, row), count) in (0_u32..).zip(&tables.gateways).zip(&sums.unacked) {
        if row.unacked != *count {
            broken.push(format!(
                "gateway {number}: {count} unacknowledged, found {row:?}"
            ));
        }
    }
    broken
}
