//! The hash of the whole state: equal states have equal hashes in every run and on every machine.
//!
//! Rows go in by their number, so the places that index tables give to keys play no part.

use crate::table::order::OrderRow;
use crate::table::party::ValueRow;
use crate::table::tables::Tables;
use crate::table::trading::TradingSlot;

/// A 64-bit hash of a sequence of words.
#[derive(Debug)]
struct Hasher {
    state: u64,
}

impl Hasher {
    fn word(&mut self, word: u64) {
        let mixed = (self.state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.state = mixed ^ (mixed >> 29);
    }

    fn words(&mut self, words: impl IntoIterator<Item = u64>) {
        for word in words {
            self.word(word);
        }
    }

    fn amounts(&mut self, amounts: impl IntoIterator<Item = i64>) {
        self.words(amounts.into_iter().map(i64::cast_unsigned));
    }

    fn value(&mut self, value: &ValueRow) {
        self.amounts([value.open_e5, value.traded_e5]);
    }

    fn text(&mut self, text: &[u8]) {
        for &byte in text {
            self.word(u64::from(byte));
        }
    }

    fn order(&mut self, row: &OrderRow) {
        self.words([
            row.seq,
            row.time_ns,
            row.sent_ns,
            row.cancel_seq,
            u64::from(row.account) << 32 | u64::from(row.security),
            u64::from(row.customer) << 32 | u64::from(row.holding),
            u64::from(row.client) << 32 | u64::from(row.gateway) << 16 | u64::from(row.strategy),
            u64::from(row.pbu) << 32
                | u64::from(row.status.number()) << 24
                | u64::from(row.order_type) << 16
                | u64::from(row.buy) << 8
                | u64::from(row.cancel_pending),
        ]);
        self.amounts([
            row.price_e5,
            row.value_price_e5,
            row.qty,
            row.traded_qty,
            row.cancelled_qty,
            row.amount_e5,
            row.charged_e5,
            row.frozen_e5,
        ]);
        self.text(&row.cl_ord_id);
        self.text(&row.cancel_id);
        self.words([
            u64::from(row.terminal) << 1 | u64::from(row.program),
            u64::from(row.fills.last()),
        ]);
    }
}

/// Hash of everything that decides what the engine does next.
#[must_use]
pub fn of(tables: &Tables) -> u64 {
    let mut hasher = Hasher {
        state: 0x243f_6a88_85a3_08d3,
    };
    hasher.words([
        tables.now_ns,
        tables.day.start_ns,
        u64::from(tables.day.trade_date) << 1 | u64::from(tables.day.open),
        slot(tables.firm_state),
    ]);
    hash_parties(&mut hasher, tables);
    hash_securities(&mut hasher, tables);
    for row in &tables.orders {
        hasher.order(row);
    }
    for row in &tables.queue {
        hasher.word(u64::from(row.order) << 1 | u64::from(row.cancel));
    }
    for row in &tables.mass {
        hasher.words([
            row.seq,
            u64::from(row.cursor),
            u64::from(row.ids),
            u64::from(row.sent),
            u64::from(row.skipped),
        ]);
    }
    for row in &tables.gateways {
        hasher.words([
            u64::from(row.state),
            u64::from(row.unacked),
            u64::from(row.overdue),
            u64::from(row.burst_count),
            row.burst_start_ns,
            row.pbus,
        ]);
    }
    hash_streams(&mut hasher, tables);
    for row in tables.rates.counters().iter().filter(|row| row.in_day != 0) {
        hasher.words([
            u64::from(row.sliding) << 32 | u64::from(row.in_day),
            u64::from(row.second) << 32 | u64::from(row.in_second),
            u64::from(row.minute) << 32 | u64::from(row.in_minute),
        ]);
    }
    for row in tables.rates.conducts().iter().filter(|row| row.orders != 0) {
        hasher.words([
            u64::from(row.orders) << 32 | u64::from(row.cancelled),
            u64::from(row.quick_cancels),
        ]);
        hasher.amounts([row.orders_e5, row.cancelled_e5]);
    }
    hasher.words(tables.identical.words());
    hasher.word(tables.schedule.next_ns);
    for row in tables.schedule.rows() {
        hasher.words([row.from_ns, row.to_ns, u64::from(row.state)]);
    }
    let totals = &tables.totals;
    hasher.words([
        totals.orders,
        totals.cancels,
        totals.forwarded,
        totals.refused,
        totals.reports,
        totals.duplicates,
        totals.fills,
        totals.expired,
    ]);
    hasher.state
}

fn slot(slot: TradingSlot) -> u64 {
    u64::from(slot.set.number()) << 2 | u64::from(slot.scheduled.number())
}

fn hash_streams(hasher: &mut Hasher, tables: &Tables) {
    let streams = tables.exchange_streams.rows().iter();
    for row in streams.chain(tables.client_streams.rows()) {
        hasher.words([row.last, u64::from(row.set_id) << 1 | u64::from(row.ended)]);
    }
    for row in tables.carriers.rows() {
        hasher.word(u64::from(row.stream) << 32 | u64::from(row.gateway) << 1 | u64::from(row.own));
    }
}

fn hash_parties(hasher: &mut Hasher, tables: &Tables) {
    for row in tables.customers.iter().filter(|row| row.loaded) {
        hasher.amounts([
            row.opening_e5,
            row.available_e5,
            row.frozen_e5,
            row.bought_e5,
            row.sold_e5,
            row.fees_e5,
        ]);
        hasher.value(&row.value);
    }
    for row in &tables.accounts {
        hasher.text(&row.account);
        hasher.words([
            slot(row.trading) << 8 | u64::from(row.high_frequency),
            u64::from(row.orders) << 32 | u64::from(row.cancelled),
            u64::from(row.quick_cancels) << 32 | u64::from(row.open_orders),
        ]);
        hasher.amounts([row.orders_e5, row.cancelled_e5]);
        hasher.value(&row.value);
    }
    for row in tables.clients.iter().filter(|row| row.loaded) {
        hasher.words([
            u64::from(row.row.client) << 32 | u64::from(row.online) << 8 | slot(row.trading),
            u64::from(row.refused_cancels) << 32 | u64::from(row.refused_minute),
            row.pbus,
        ]);
    }
    for row in &tables.pbus {
        hasher.text(&row.pbu);
        hasher.word(u64::from(row.gateway) << 8 | slot(row.trading));
    }
    for value in tables.owner_groups.iter().chain(&tables.desks) {
        hasher.value(value);
    }
    hasher.value(&tables.firm);
    for state in tables
        .market_states
        .iter()
        .chain(&tables.owner_group_states)
        .chain(&tables.strategy_states)
    {
        hasher.word(slot(*state));
    }
}

fn hash_securities(hasher: &mut Hasher, tables: &Tables) {
    for row in &tables.securities {
        hasher.text(&row.code);
        hasher.amounts([
            row.bid_e5,
            row.ask_e5,
            row.last_e5,
            row.upper_e5,
            row.lower_e5,
            row.prev_close_e5,
            row.close_e5,
            row.open_buy_e5,
            row.traded_buy_e5,
        ]);
        hasher.word(u64::from(row.flags) << 16 | u64::from(row.state) << 8 | slot(row.trading));
    }
    for row in &tables.holdings {
        hasher.word(u64::from(row.account) << 32 | u64::from(row.security));
        hasher.amounts([
            row.opening_qty,
            row.sellable_qty,
            row.frozen_qty,
            row.bought_qty,
            row.sold_qty,
            row.open_buy_qty,
        ]);
    }
}
