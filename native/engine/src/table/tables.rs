//! All tables together.

use crate::capacity::Capacity;
use crate::kind::TradingState;
use crate::record::load::{LoadFee, LoadRule};
use crate::table::clock::ClockTable;
use crate::table::limit::LimitTable;
use crate::table::order::OrderRow;
use crate::table::param::ParamTable;
use crate::table::party::{AccountRow, ClientRow, CustomerRow, PbuRow, ValueRow};
use crate::table::security::{HoldingRow, SecurityRow};
use crate::table::switch::SwitchTable;

/// The trading day; `trade_date` 0 until it is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRow {
    /// 00:00 of the trade date.
    pub start_ns: u64,
    /// YYYYMMDD.
    pub trade_date: u32,
    /// Run number.
    pub epoch: u32,
    /// Open, and not closed again.
    pub open: bool,
}

/// One exchange gateway. Row number = gateway number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatewayRow {
    /// 0 down, 1 not open, 2 pre-open, 3 open, 4 break or halt, 5 closed.
    pub state: u8,
    /// Market.
    pub market: u8,
    /// Orders sent and not acknowledged.
    pub unacked: u32,
    /// Overdue acknowledgements were reported and have not cleared.
    pub overdue: bool,
    /// Start of the reject window; 0: none.
    pub burst_start_ns: u64,
    /// Rejects within the window.
    pub burst_count: u32,
}

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
    /// Customers by number.
    pub customers: Vec<CustomerRow>,
    /// Accounts in the order of loading.
    pub accounts: Vec<AccountRow>,
    /// Holdings in the order of loading.
    pub holdings: Vec<HoldingRow>,
    /// Clients by number.
    pub clients: Vec<ClientRow>,
    /// PBUs in the order of loading.
    pub pbus: Vec<PbuRow>,
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
    pub firm_state: TradingState,
    /// State of the markets by number.
    pub market_states: [TradingState; 3],
    /// States of owner groups by number.
    pub owner_group_states: Vec<TradingState>,
    /// States of strategies by number.
    pub strategy_states: Vec<TradingState>,
    /// Orders by number.
    pub orders: Vec<OrderRow>,
}

impl Tables {
    /// Row number of a PBU.
    #[inline]
    #[must_use]
    pub fn pbu_at(&self, market: u8, pbu: &[u8; 8]) -> Option<usize> {
        self.pbus
            .iter()
            .position(|row| row.pbu == *pbu && row.market == market)
    }

    /// Fee row of a rule class and a fee group.
    #[inline]
    #[must_use]
    pub fn fee(&self, rule: u16, fee_group: u16) -> Option<&LoadFee> {
        let groups = usize::try_from(self.capacity.fee_groups).ok()? + 1;
        if usize::from(fee_group) >= groups {
            return None;
        }
        self.fees
            .get(usize::from(rule) * groups + usize::from(fee_group))
            .filter(|row| row.rule != 0)
    }
}
