//! The close of the day: open orders expire, then the totals come out (section 6).

use crate::emit::Emit;
use crate::kind::OrderStatus;
use crate::record::output::{CashTotal, DayTotal, HoldingTotal};
use crate::table::tables::Tables;

/// Close the day.
pub(crate) fn apply(tables: &mut Tables, emit: &mut Emit<'_>) {
    let mut from = 0;
    while let Some(number) = tables.open.next(from) {
        from = number.saturating_add(1);
        tables.end(number, OrderStatus::Expired, emit);
        tables.totals.expired += 1;
    }
    tables.queue.clear();
    tables.drop_mass_cancels(emit);
    tables.day.open = false;
    tables.schedule.next_ns = u64::MAX;
    for (number, row) in (0..).zip(&tables.customers) {
        if row.loaded {
            emit.push(CashTotal {
                time_ns: emit.now_ns,
                opening_e5: row.opening_e5,
                available_e5: row.available_e5,
                frozen_e5: row.frozen_e5,
                bought_e5: row.bought_e5,
                sold_e5: row.sold_e5,
                fees_e5: row.fees_e5,
                customer: number,
                spare: 0,
            });
        }
    }
    for row in &tables.holdings {
        let account = tables.accounts.get(row.account as usize);
        let security = tables.securities.get(row.security as usize);
        emit.push(HoldingTotal {
            time_ns: emit.now_ns,
            opening_qty: row.opening_qty,
            total_qty: row.total_qty(),
            sellable_qty: row.sellable_qty.saturating_sub(row.frozen_qty),
            frozen_qty: row.frozen_qty,
            bought_qty: row.bought_qty,
            sold_qty: row.sold_qty,
            account: account.map_or([b' '; 13], |account| account.account),
            market: account.map_or(0, |account| account.market),
            code: security.map_or([b' '; 8], |security| security.code),
            spare: [0; 2],
        });
    }
    let totals = tables.totals;
    emit.push(DayTotal {
        time_ns: emit.now_ns,
        orders: totals.orders,
        cancels: totals.cancels,
        forwarded: totals.forwarded,
        refused: totals.refused,
        reports: totals.reports,
        duplicates: totals.duplicates,
        fills: totals.fills,
        expired: totals.expired,
        state_hash: crate::saved::state_hash(tables),
    });
}
