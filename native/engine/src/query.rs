//! Read-only views of the state, for status displays and tests.

use crate::code::Code;
use crate::engine::Engine;
use crate::kind::{Policy, Scope, TradingState};
use crate::record::flow::Report;
use crate::report;
use crate::table::day::{DayRow, GatewayRow, MassRow, TotalRow};
use crate::table::id::CANCEL_BIT;
use crate::table::limit::LimitRow;
use crate::table::order::OrderRow;
use crate::table::party::{AccountRow, CustomerRow, PbuRow};
use crate::table::security::{HoldingRow, SecurityRow};
use crate::table::stream::StreamTable;
use crate::table::trading::TradingSlot;

/// How full the tables are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// Customers with a row.
    pub customers: usize,
    /// Accounts.
    pub accounts: usize,
    /// Securities.
    pub securities: usize,
    /// Holdings.
    pub holdings: usize,
    /// Orders of the day.
    pub orders: usize,
    /// Orders that may still trade.
    pub open_orders: usize,
    /// Ids of orders and cancels.
    pub ids: usize,
    /// Orders and cancels that wait for a window.
    pub queued: usize,
    /// Orders and cancels of the last second.
    pub events: usize,
}

/// How much of a table that only grows over the day is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableUse {
    /// Its name: that of its size in the configuration, but for ids, which orders and cancels share, and streams.
    pub name: &'static str,
    /// Rows used.
    pub used: usize,
    /// Rows that it has room for.
    pub room: usize,
    /// What refuses at the limit.
    pub code: Code,
}

impl Engine {
    /// The tables that grow over the day; each refuses with its code when it is full.
    #[must_use]
    pub fn tables_used(&self) -> [TableUse; 6] {
        let (tables, capacity) = (&self.tables, &self.tables.capacity);
        let row = |name, used, room: u32, code| TableUse {
            name,
            used,
            room: room as usize,
            code,
        };
        let ids = capacity.orders.saturating_add(capacity.cancels);
        let streams = |table: &StreamTable| table.rows().len();
        [
            row(
                "orders",
                tables.orders.len(),
                capacity.orders,
                Code::OrdersFull,
            ),
            row("ids", tables.ids.len(), ids, Code::OrdersFull),
            row(
                "fills",
                tables.fills.booked(),
                capacity.fills,
                Code::FillsFull,
            ),
            row(
                "holdings",
                tables.holdings.len(),
                capacity.holdings,
                Code::HoldingsFull,
            ),
            row(
                "exchange_streams",
                streams(&tables.exchange_streams),
                capacity.streams,
                Code::StreamsFull,
            ),
            row(
                "client_streams",
                streams(&tables.client_streams),
                capacity.streams,
                Code::StreamsFull,
            ),
        ]
    }

    /// The trading day.
    #[must_use]
    pub const fn day(&self) -> &DayRow {
        &self.tables.day
    }

    /// Latest market time seen.
    #[must_use]
    pub const fn now_ns(&self) -> u64 {
        self.tables.now_ns
    }

    /// Counts of the day.
    #[must_use]
    pub const fn totals(&self) -> &TotalRow {
        &self.tables.totals
    }

    /// How full the tables are.
    #[must_use]
    pub fn fill(&self) -> Fill {
        let tables = &self.tables;
        let loaded = |rows: &[CustomerRow]| rows.iter().filter(|row| row.loaded).count();
        let account_open = |row: &AccountRow| row.open_orders as usize;
        Fill {
            customers: loaded(&tables.customers),
            accounts: tables.accounts.len(),
            securities: tables.securities.len(),
            holdings: tables.holdings.len(),
            orders: tables.orders.len(),
            open_orders: tables.accounts.iter().map(account_open).sum(),
            ids: tables.ids.len(),
            queued: tables.queue.len(),
            events: tables.rates.events(),
        }
    }

    /// A customer with its cash.
    #[must_use]
    pub fn customer(&self, number: u32) -> Option<&CustomerRow> {
        self.tables
            .customers
            .get(number as usize)
            .filter(|row| row.loaded)
    }

    /// A securities account by its code.
    #[must_use]
    pub fn account(&self, market: u8, account: &[u8; 13]) -> Option<&AccountRow> {
        let at = self.tables.account_at(market, account)?;
        self.tables.accounts.get(at as usize)
    }

    /// A security by its code.
    #[must_use]
    pub fn security(&self, market: u8, code: &[u8; 8]) -> Option<&SecurityRow> {
        let at = self.tables.security_at(market, code)?;
        self.tables.securities.get(at as usize)
    }

    /// The holding of an account in a security.
    #[must_use]
    pub fn holding(&self, market: u8, account: &[u8; 13], code: &[u8; 8]) -> Option<&HoldingRow> {
        let tables = &self.tables;
        let account = tables.account_at(market, account)?;
        let security = tables.security_at(market, code)?;
        let at = tables.holding_at(account, security)?;
        tables.holdings.get(at as usize)
    }

    /// Whether a report is the exchange's first word about an order of ours that nobody knows.
    #[must_use]
    pub fn begins_unknown(&self, report: &Report) -> bool {
        report::begins_unknown(&self.tables, report)
    }

    /// Whether an order could leave now as far as trading states, security and window go.
    ///
    /// # Errors
    /// The code of what keeps it.
    pub fn may_leave(&self, order: &OrderRow) -> Result<(), Code> {
        match self.tables.release_policy(order) {
            Ok(Policy::Accept) => Ok(()),
            Ok(_) => Err(Code::OutsideWindow),
            Err(denied) => Err(denied.code),
        }
    }

    /// An order by its number.
    #[must_use]
    pub fn order(&self, number: u32) -> Option<&OrderRow> {
        self.tables.orders.get(number as usize)
    }

    /// Mass cancels that have not come to their end, the earliest first.
    #[must_use]
    pub fn mass_cancels(&self) -> &[MassRow] {
        &self.tables.mass
    }

    /// Every order of the day, by number.
    #[must_use]
    pub fn orders(&self) -> &[OrderRow] {
        &self.tables.orders
    }

    /// Every holding, in table order.
    #[must_use]
    pub fn holdings(&self) -> &[HoldingRow] {
        &self.tables.holdings
    }

    /// Every customer row with its number.
    pub fn customers(&self) -> impl Iterator<Item = (u32, &CustomerRow)> {
        (0..)
            .zip(&self.tables.customers)
            .filter(|(_, row)| row.loaded)
    }

    /// The order number that an id stands for, and whether the id is a cancel's.
    #[must_use]
    pub fn id(&self, market: u8, pbu: &[u8; 8], id: &[u8; 10]) -> Option<(u32, bool)> {
        let pbu = self.tables.pbu_at(market, pbu)?;
        let found = self.tables.id_at(pbu, id)?;
        Some((found & !CANCEL_BIT, found & CANCEL_BIT != 0))
    }

    /// Every PBU with its state, in the order of loading.
    #[must_use]
    pub fn pbus(&self) -> &[PbuRow] {
        &self.tables.pbus
    }

    /// A gateway by its number.
    #[must_use]
    pub fn gateway(&self, number: u16) -> Option<&GatewayRow> {
        self.tables.gateways.get(usize::from(number))
    }

    /// Orders that were sent and have no answer yet: nobody knows what became of them.
    #[must_use]
    pub fn unacknowledged(&self) -> u64 {
        let gateways = self.tables.gateways.iter();
        gateways.map(|row| u64::from(row.unacked)).sum()
    }

    /// Whether a client is logged in; nothing when it is not loaded.
    #[must_use]
    pub fn online(&self, client: u16) -> Option<bool> {
        self.tables
            .clients
            .get(usize::from(client))
            .filter(|row| row.loaded)
            .map(|row| row.online)
    }

    /// A securities account by its row number.
    #[must_use]
    pub fn account_row(&self, number: u32) -> Option<&AccountRow> {
        self.tables.accounts.get(number as usize)
    }

    /// A security by its row number.
    #[must_use]
    pub fn security_row(&self, number: u32) -> Option<&SecurityRow> {
        self.tables.securities.get(number as usize)
    }

    /// The firm's trading state: what was set, and what the schedule says.
    #[must_use]
    pub const fn firm_state(&self) -> TradingSlot {
        self.tables.firm_state
    }

    /// The state that a person or the engine itself set for a part of the market; nothing when there is no such part.
    #[must_use]
    pub fn state_set(
        &mut self,
        scope: Scope,
        id: u32,
        market: u8,
        key: &[u8; 16],
    ) -> Option<TradingState> {
        let slot = self
            .tables
            .trading_slot(scope.number(), id, market, key)
            .map(|slot| *slot);
        slot.map(|slot| slot.set)
    }

    /// Every limit row in force with its scope number; 0 is the default of the scope.
    pub fn limits(&self) -> impl Iterator<Item = LimitRow> + '_ {
        self.tables.limits.rows()
    }

    /// Every scope whose trading state is not normal, with its number (row number of an account or security).
    #[must_use]
    pub fn restricted(&self) -> Vec<(Scope, u32, TradingState)> {
        let tables = &self.tables;
        let firm = [(Scope::Firm, 0, tables.firm_state.now())];
        let markets = numbered(Scope::Market, tables.market_states.iter());
        let pbus = tables
            .pbus
            .iter()
            .map(|row| (Scope::Pbu, u32::from(row.pbu_no), row.trading.now()));
        let clients = numbered(Scope::Client, tables.clients.iter().map(|row| &row.trading));
        let accounts = numbered(
            Scope::Account,
            tables.accounts.iter().map(|row| &row.trading),
        );
        let groups = numbered(Scope::OwnerGroup, tables.owner_group_states.iter());
        let strategies = numbered(Scope::Strategy, tables.strategy_states.iter());
        let securities = numbered(
            Scope::Security,
            tables.securities.iter().map(|row| &row.trading),
        );
        firm.into_iter()
            .chain(markets)
            .chain(pbus)
            .chain(clients)
            .chain(accounts)
            .chain(groups)
            .chain(strategies)
            .chain(securities)
            .filter(|(_, _, state)| *state != TradingState::Normal)
            .collect()
    }
}

fn numbered<'a>(
    scope: Scope,
    slots: impl Iterator<Item = &'a TradingSlot>,
) -> impl Iterator<Item = (Scope, u32, TradingState)> {
    (0..)
        .zip(slots)
        .map(move |(id, slot)| (scope, id, slot.now()))
}
