//! All tables together: their sizes and how a row is found.

use crate::capacity::Capacity;
use crate::context::EmptyRows;
use crate::identical::IdenticalTable;
use crate::index::Index;
use crate::kind::OrderStatus;
use crate::rate::Rates;
use crate::record::load::{LoadFee, LoadRule};
use crate::self_match::SelfMatchBook;
use crate::table::bits::BitSet;
use crate::table::branch::BranchTable;
use crate::table::clock::ClockTable;
use crate::table::day::{DayRow, GatewayRow, MassRow, PassRow, QueueRow, TotalRow};
use crate::table::fill::FillTable;
use crate::table::id::IdTable;
use crate::table::limit::LimitTable;
use crate::table::order::{NONE, OrderRow};
use crate::table::param::ParamTable;
use crate::table::party::{AccountRow, ClientRow, CustomerRow, PbuRow, ValueRow};
use crate::table::security::{HoldingRow, SecurityRow};
use crate::table::stream::{CarrierTable, StreamTable};
use crate::table::switch::SwitchTable;
use crate::table::trading::{ScheduleTable, TradingSlot};

/// Strategy numbers are two bytes wide; every one of them has a row.
pub const STRATEGIES: usize = 1 << 16;

/// Everything the engine knows.
#[derive(Debug)]
pub struct Tables {
    /// Sizes.
    pub capacity: Capacity,
    /// The day.
    pub day: DayRow,
    /// Latest market time seen.
    pub now_ns: u64,
    /// Trading rules by rule number; `rule` 0: not loaded.
    pub rules: Vec<LoadRule>,
    /// Session clock.
    pub clock: ClockTable,
    /// Fees by rule x fee group; `rule` 0: not loaded. Use [`Tables::fee`].
    pub fees: Vec<LoadFee>,
    /// Securities in the order of loading.
    pub securities: Vec<SecurityRow>,
    /// Market and security code to security row.
    pub security_index: Index<9>,
    /// Customers by number.
    pub customers: Vec<CustomerRow>,
    /// Accounts in the order of loading.
    pub accounts: Vec<AccountRow>,
    /// Market and account code to account row.
    pub account_index: Index<14>,
    /// Holdings in the order of loading and of first buys.
    pub holdings: Vec<HoldingRow>,
    /// Account row and security row to holding row.
    pub holding_index: Index<8>,
    /// Clients by number.
    pub clients: Vec<ClientRow>,
    /// Client numbers in the order of loading.
    pub client_order: Vec<u16>,
    /// PBUs in the order of loading.
    pub pbus: Vec<PbuRow>,
    /// Branches.
    pub branches: BranchTable,
    /// Terminals by number: 0 not loaded, 1 not valid, 2 valid.
    pub terminals: Vec<u8>,
    /// Gateways by number.
    pub gateways: Vec<GatewayRow>,
    /// Limits.
    pub limits: LimitTable,
    /// Switches.
    pub switches: SwitchTable,
    /// Parameters.
    pub params: ParamTable,
    /// Value of owner groups by number.
    pub owner_groups: Vec<ValueRow>,
    /// Value of desks by number.
    pub desks: Vec<ValueRow>,
    /// Value of the firm.
    pub firm: ValueRow,
    /// State of the firm.
    pub firm_state: TradingSlot,
    /// State of the markets by number.
    pub market_states: [TradingSlot; 3],
    /// States of owner groups by number.
    pub owner_group_states: Vec<TradingSlot>,
    /// States of strategies by number.
    pub strategy_states: Vec<TradingSlot>,
    /// Trading states by the time of the day.
    pub schedule: ScheduleTable,
    /// Orders by number.
    pub orders: Vec<OrderRow>,
    /// Numbers of the open orders.
    pub open: BitSet,
    /// `ClOrdID` and PBU row to order number.
    pub ids: IdTable,
    /// Booked fills.
    pub fills: FillTable,
    /// Orders in the order in which they were forwarded.
    pub forwarded: Vec<u32>,
    /// What waits for a window, in the order of arrival.
    pub queue: Vec<QueueRow>,
    /// Mass cancels that have not come to their end.
    pub mass: Vec<MassRow>,
    /// What each gateway has still to do of them, by gateway and arrival.
    pub passes: Vec<PassRow>,
    /// Exchange streams by PBU (SSE) or gateway (SZSE), and set.
    pub exchange_streams: StreamTable,
    /// Which gateways carry which of them.
    pub carriers: CarrierTable,
    /// Client streams by client, PBU (SSE) and set.
    pub client_streams: StreamTable,
    /// Orders and cancels per account, client, PBU, gateway and strategy.
    pub rates: Rates,
    /// Last order signatures per account.
    pub identical: IdenticalTable,
    /// Open orders per owner group and security.
    pub self_match: SelfMatchBook,
    /// Counts of the day.
    pub totals: TotalRow,
    /// Rows that stand for what was not found.
    pub empty: EmptyRows,
}

const fn rows(count: u32) -> usize {
    count as usize + 1
}

/// A table with its memory touched, so that its first use costs no page fault.
pub(crate) fn touched<T: Clone>(count: u32, like: &T) -> Vec<T> {
    let mut table = vec![like.clone(); count as usize];
    table.clear();
    table
}

impl Tables {
    /// Allocate every table.
    #[must_use]
    pub fn new(capacity: &Capacity) -> Self {
        let c = *capacity;
        let normal = TradingSlot::NORMAL;
        Self {
            capacity: c,
            day: DayRow::default(),
            now_ns: 0,
            rules: vec![LoadRule::default(); rows(c.rules)],
            clock: ClockTable::new(c.phases),
            fees: vec![LoadFee::default(); rows(c.rules) * rows(c.fee_groups)],
            securities: touched(c.securities, &SecurityRow::default()),
            security_index: Index::new(c.securities),
            customers: vec![CustomerRow::default(); rows(c.customers)],
            accounts: touched(c.accounts, &AccountRow::default()),
            account_index: Index::new(c.accounts),
            holdings: touched(c.holdings, &HoldingRow::default()),
            holding_index: Index::new(c.holdings),
            clients: vec![ClientRow::default(); rows(c.clients)],
            client_order: Vec::with_capacity(rows(c.clients)),
            pbus: Vec::with_capacity(64),
            branches: BranchTable::new(c.branches),
            terminals: vec![0; rows(c.terminals)],
            gateways: vec![GatewayRow::default(); rows(c.gateways)],
            limits: LimitTable::new(c.limit_sets),
            switches: SwitchTable::new(c.switches),
            params: ParamTable::new(c.switches),
            owner_groups: vec![ValueRow::default(); rows(c.owner_groups)],
            desks: vec![ValueRow::default(); rows(c.desks)],
            firm: ValueRow::default(),
            firm_state: normal,
            market_states: [normal; 3],
            owner_group_states: vec![normal; rows(c.owner_groups)],
            strategy_states: vec![normal; STRATEGIES],
            schedule: ScheduleTable::new(c.schedules),
            orders: touched(c.orders, &OrderRow::EMPTY),
            open: BitSet::new(c.orders),
            ids: IdTable::new(c.orders, c.cancels),
            fills: FillTable::new(c.fills),
            forwarded: touched(c.orders, &NONE),
            queue: Vec::with_capacity(c.orders.saturating_add(c.cancels) as usize),
            mass: Vec::with_capacity(c.cancel_alls as usize),
            passes: Vec::with_capacity(c.cancel_passes()),
            exchange_streams: StreamTable::new(c.streams),
            carriers: CarrierTable::new(c.streams),
            client_streams: StreamTable::new(c.streams),
            rates: Rates::new(c.accounts, c.clients, c.gateways, c.events),
            identical: IdenticalTable::new(c.accounts),
            self_match: SelfMatchBook::new(c.orders, c.orders.min(c.holdings)),
            totals: TotalRow::default(),
            empty: EmptyRows::default(),
        }
    }

    /// Take the time of an input: market time never runs backwards.
    #[inline]
    pub fn advance(&mut self, time_ns: u64) -> u64 {
        self.now_ns = self.now_ns.max(time_ns);
        self.now_ns
    }

    /// Nanoseconds since the start of the trade date.
    #[inline]
    #[must_use]
    pub const fn day_ns(&self) -> u64 {
        self.now_ns.saturating_sub(self.day.start_ns)
    }

    /// An order by its number; the empty row when there is none.
    #[inline]
    #[must_use]
    pub fn order(&self, number: u32) -> &OrderRow {
        self.orders.get(number as usize).unwrap_or(&OrderRow::EMPTY)
    }

    /// Row number of a PBU.
    #[inline]
    #[must_use]
    pub fn pbu_at(&self, market: u8, pbu: &[u8; 8]) -> Option<u8> {
        let at = self
            .pbus
            .iter()
            .position(|row| row.pbu == *pbu && row.market == market)?;
        u8::try_from(at).ok()
    }

    /// Row number of a securities account.
    #[inline]
    #[must_use]
    pub fn account_at(&self, market: u8, account: &[u8; 13]) -> Option<u32> {
        self.account_index.get(&account_key(market, account))
    }

    /// Row number of a security.
    #[inline]
    #[must_use]
    pub fn security_at(&self, market: u8, code: &[u8; 8]) -> Option<u32> {
        self.security_index.get(&security_key(market, code))
    }

    /// Row number of a security by its code as sent in an order.
    #[inline]
    #[must_use]
    pub fn sent_security_at(&self, market: u8, sent: &[u8; 12]) -> Option<u32> {
        let (code, rest) = sent.split_first_chunk::<8>()?;
        if !rest.iter().all(|&byte| byte == b' ' || byte == 0) {
            return None;
        }
        self.security_at(market, code)
    }

    /// Row number of the holding of an account in a security.
    #[inline]
    #[must_use]
    pub fn holding_at(&self, account: u32, security: u32) -> Option<u32> {
        self.holding_index.get(&holding_key(account, security))
    }

    /// The order or cancel that took an id: order number, with `CANCEL_BIT` for a cancel.
    #[inline]
    #[must_use]
    pub fn id_at(&self, pbu: u8, id: &[u8; 10]) -> Option<u32> {
        self.ids.get(pbu, id)
    }

    /// Fee row of a rule class and a fee group.
    #[inline]
    #[must_use]
    pub fn fee(&self, rule: u16, fee_group: u16) -> Option<&LoadFee> {
        self.fees
            .get(self.fee_at(rule, fee_group)?)
            .filter(|row| row.rule != 0)
    }

    /// Place of the fee row of a rule class and a fee group.
    #[inline]
    #[must_use]
    pub const fn fee_at(&self, rule: u16, fee_group: u16) -> Option<usize> {
        let groups = rows(self.capacity.fee_groups);
        if fee_group as usize >= groups {
            return None;
        }
        Some(rule as usize * groups + fee_group as usize)
    }

    /// Change the life of an order and everything that counts open or unacknowledged orders.
    pub fn set_status(&mut self, number: u32, status: OrderStatus) {
        let Some(order) = self.orders.get_mut(number as usize) else {
            return;
        };
        let before = order.status;
        order.status = status;
        let (is_open, gateway) = (order.is_open(), order.gateway);
        self.open.set(number, is_open);
        if let Some(gateway) = self.gateways.get_mut(usize::from(gateway)) {
            if before == OrderStatus::Sent {
                gateway.unacked = gateway.unacked.saturating_sub(1);
            }
            if status == OrderStatus::Sent {
                gateway.unacked = gateway.unacked.saturating_add(1);
            }
        }
    }
}

/// Key of a securities account.
#[inline]
#[must_use]
pub fn account_key(market: u8, account: &[u8; 13]) -> [u8; 14] {
    let mut key = [market; 14];
    if let Some((head, _)) = key.split_first_chunk_mut::<13>() {
        *head = *account;
    }
    key
}

/// Key of a security.
#[inline]
#[must_use]
pub fn security_key(market: u8, code: &[u8; 8]) -> [u8; 9] {
    let mut key = [market; 9];
    if let Some((head, _)) = key.split_first_chunk_mut::<8>() {
        *head = *code;
    }
    key
}

/// Key of a holding.
#[inline]
#[must_use]
pub fn holding_key(account: u32, security: u32) -> [u8; 8] {
    (u64::from(account) << 32 | u64::from(security)).to_le_bytes()
}
