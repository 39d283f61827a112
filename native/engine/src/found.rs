//! The rows that a new order will need, looked up before its checks.
//!
//! On a large state nearly every row comes from memory. Looked up one after the other between the checks, each would
//! be waited for; looked up together their waits overlap, and the checks find them in the cache.

use core::hint::black_box;

use crate::rate::Tick;
use crate::record::flow::NewOrder;
use crate::table::order::NONE;
use crate::table::tables::Tables;

/// Row numbers that belong to an order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Account row.
    pub account: Option<u32>,
    /// Security row.
    pub security: Option<u32>,
    /// Holding row of that account in that security.
    pub holding: Option<u32>,
}

impl Found {
    /// Look the rows of an order up and touch them.
    #[inline]
    #[must_use]
    pub fn of(tables: &Tables, order: &NewOrder) -> Self {
        let account = tables.account_at(order.market, &order.account);
        let security = tables.sent_security_at(order.market, &order.security_id);
        if let Some(pbu) = tables.pbu_at(order.market, &order.pbu) {
            black_box(tables.id_at(pbu, &order.cl_ord_id));
        }
        let (account_at, security_at) = (account.unwrap_or(NONE), security.unwrap_or(NONE));
        black_box(tables.rates.with_next(account_at, Tick::of(0)));
        black_box(tables.identical.touch(account_at));
        let customer = tables
            .accounts
            .get(account_at as usize)
            .map_or(NONE, |row| row.customer);
        let holding = if customer == NONE || security.is_none() {
            None
        } else {
            tables.holding_at(account_at, security_at)
        };
        if let Some(holding) = holding.and_then(|at| tables.holdings.get(at as usize)) {
            black_box(holding.frozen_qty);
        }
        if let Some(row) = tables.customers.get(customer as usize) {
            black_box(row.opening_e5);
            black_box(tables.self_match.touch(row.owner_group, security_at));
        }
        Self {
            account,
            security,
            holding,
        }
    }
}
