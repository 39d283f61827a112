//! What the checks of a new order read and fill: the order, the tables, and the rows found so far.
//!
//! Every family in `check/` is a function `fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied>` (the contract's step or
//! steps), made of small pure checks. A check that does not hold calls [`Ctx::fail`], which decides with the switches
//! whether the order is refused, warned about or passes. The first `Err` ends the order. Rows are empty rows until the
//! family that finds them has run, so later families read them without asking.

use crate::code::Code;
use crate::denied::Denied;
use crate::found::Found;
use crate::kind::{Policy, TradingState};
use crate::record::flow::NewOrder;
use crate::record::load::{LoadFee, LoadPhase, LoadRule};
use crate::table::order::NONE;
use crate::table::party::{AccountRow, ClientRow, CustomerRow, PbuRow};
use crate::table::security::{HoldingRow, SecurityRow};
use crate::table::tables::Tables;
use crate::table::trading::TradingSlot;

/// One new order on its way through the checks.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// All tables.
    pub tables: &'a Tables,
    /// The order as sent.
    pub order: &'a NewOrder,
    /// Market time, never earlier than the latest seen.
    pub now_ns: u64,
    /// Failed warn-only checks, in order.
    pub warnings: &'a mut Vec<Denied>,
    /// Side is `1`; filled at the start.
    pub buy: bool,
    /// Rows looked up ahead; filled when the client is known.
    pub found: Found,
    /// Filled by steps 1-3.
    pub client: &'a ClientRow,
    /// Filled by steps 1-3.
    pub pbu: &'a PbuRow,
    /// PBU row number, filled by steps 1-3.
    pub pbu_at: u32,
    /// Filled by step 5.
    pub account: &'a AccountRow,
    /// Account row number, filled by step 5.
    pub account_at: u32,
    /// Filled by step 5; its group selects switches from then on (0 before).
    pub customer: &'a CustomerRow,
    /// Filled by step 6; 0: none.
    pub terminal: u32,
    /// Filled by step 7; 0: none.
    pub strategy: u16,
    /// Filled by step 9.
    pub security: &'a SecurityRow,
    /// Security row number, filled by step 9.
    pub security_at: u32,
    /// Filled by step 9.
    pub rule: &'a LoadRule,
    /// Filled by step 11.
    pub program: bool,
    /// Filled by step 12: sells borrowed shares.
    pub short_sale: bool,
    /// Filled by step 13.
    pub window: &'a LoadPhase,
    /// Filled by steps 13 and 14: accept or queue.
    pub policy: Policy,
    /// Filled by step 15; 0: the order needs no price.
    pub price_e5: i64,
    /// Filled by step 15: reference price of cage and collar; 0: none.
    pub reference_e5: i64,
    /// Filled by step 16: whole shares.
    pub qty: i64,
    /// Filled by step 16: price at which the order counts.
    pub value_price_e5: i64,
    /// Filled by step 16.
    pub value_e5: i64,
    /// Filled by steps 16 and 18 to 20.
    pub warns: Warns,
    /// Filled by step 17.
    pub fee: &'a LoadFee,
    /// Filled by step 17, cash that the order freezes; 0 for a sale.
    pub freeze_e5: i64,
    /// Holding of the account in the security; filled by step 16 (the empty row if there is none).
    pub holding: &'a HoldingRow,
    /// Holding row number; `NONE` if there is none.
    pub holding_at: u32,
}

/// Whether an order can reach a warn level at all; looked at while the levels are at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warns {
    /// A rate reaches its warn level.
    pub rates: bool,
    /// Another metric is at its warn level or above.
    pub others: bool,
}

/// Rows that stand for what was not found yet.
#[derive(Debug, Default)]
pub struct EmptyRows {
    client: ClientRow,
    pbu: PbuRow,
    account: AccountRow,
    customer: CustomerRow,
    security: SecurityRow,
    rule: LoadRule,
    window: LoadPhase,
    fee: LoadFee,
    holding: HoldingRow,
}

impl<'a> Ctx<'a> {
    /// An order before its first check.
    #[inline]
    #[must_use]
    pub fn new(tables: &'a Tables, order: &'a NewOrder, warnings: &'a mut Vec<Denied>) -> Self {
        let empty = &tables.empty;
        Self {
            tables,
            order,
            now_ns: tables.now_ns,
            warnings,
            buy: order.side == b'1',
            found: Found::default(),
            client: &empty.client,
            pbu: &empty.pbu,
            pbu_at: NONE,
            account: &empty.account,
            account_at: NONE,
            customer: &empty.customer,
            terminal: 0,
            strategy: 0,
            security: &empty.security,
            security_at: NONE,
            rule: &empty.rule,
            program: false,
            short_sale: false,
            window: &empty.window,
            policy: Policy::Reject,
            price_e5: 0,
            reference_e5: 0,
            qty: 0,
            value_price_e5: 0,
            value_e5: 0,
            warns: Warns::default(),
            fee: &empty.fee,
            freeze_e5: 0,
            holding: &empty.holding,
            holding_at: NONE,
        }
    }
}

impl Ctx<'_> {
    /// Whether the exchange has the order already, so that only what cannot be booked keeps it out.
    #[inline]
    #[must_use]
    pub const fn is_recovered(&self) -> bool {
        self.order.recovered == 1
    }

    /// Report a failed check: refuse, remember a warning, or pass, as the switches say. A recovered order passes.
    ///
    /// # Errors
    /// The refusal, when the check is on.
    #[cold]
    pub fn fail(&mut self, code: Code, limit: i64, found: i64) -> Result<(), Denied> {
        if self.is_recovered() {
            return Ok(());
        }
        let place = (self.order.market, self.customer.group);
        let denied = Denied::new(code, limit, found);
        self.tables.switches.judge(denied, place, self.warnings)
    }

    /// Compare one scope's trading state with the side.
    ///
    /// # Errors
    /// `StateHalted`, `StateCancelOnly` or `StateSellOnly`, when the check is on.
    #[inline]
    pub fn check_state(
        &mut self,
        scope: crate::kind::Scope,
        slot: TradingSlot,
    ) -> Result<(), Denied> {
        let state = slot.now();
        let code = match state {
            TradingState::Normal => return Ok(()),
            TradingState::SellOnly if !self.buy => return Ok(()),
            TradingState::SellOnly => Code::StateSellOnly,
            TradingState::CancelOnly => Code::StateCancelOnly,
            TradingState::Halted => Code::StateHalted,
        };
        self.fail(code, i64::from(scope.number()), i64::from(state.number()))
    }
}
