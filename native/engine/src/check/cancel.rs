//! Section 3: the checks of a cancel. States, rates and limits never refuse one.

use crate::check::security::policy_of;
use crate::check::session::{check_id, check_market, find_client, find_pbu};
use crate::code::Code;
use crate::denied::Denied;
use crate::kind::{OrderStatus, OrderType, Policy};
use crate::record::flow::CancelOrder;
use crate::table::id::CANCEL_BIT;
use crate::table::order::{NONE, OrderRow};
use crate::table::tables::Tables;

/// What becomes of a cancel that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelFate {
    /// The order waits here: it ends at once.
    EndQueued,
    /// The cancel waits for an accepting window.
    Queue,
    /// The cancel goes to the exchange.
    Forward,
}

/// One cancel on its way through the checks.
#[derive(Debug)]
pub struct CancelCtx<'a> {
    /// All tables.
    pub tables: &'a Tables,
    /// The cancel as sent.
    pub cancel: &'a CancelOrder,
    /// Failed warn-only checks, in order.
    pub warnings: &'a mut Vec<Denied>,
    /// PBU row number, once found.
    pub pbu_at: u8,
    /// Order number of the target, once found.
    pub target: u32,
    /// Group of the target's customer, once found; selects switches.
    pub group: u16,
}

impl<'a> CancelCtx<'a> {
    fn fail(&mut self, denied: Denied) -> Result<(), Denied> {
        let place = (self.cancel.market, self.group);
        self.tables.switches.judge(denied, place, self.warnings)
    }

    /// Run every check of a cancel.
    ///
    /// # Errors
    /// The first failing check that is switched on.
    pub fn check(&mut self) -> Result<CancelFate, Denied> {
        let (tables, cancel) = (self.tables, self.cancel);
        if !tables.day.open {
            return Err(Denied::plain(Code::DayNotOpen));
        }
        let client = find_client(tables, cancel.client)?;
        check_market(client, cancel.market)?;
        check_id(client, &cancel.cl_ord_id, |code| {
            self.fail(Denied::plain(code))
        })?;
        self.pbu_at = find_pbu(tables, client, cancel.market, &cancel.pbu)?;
        if tables.id_at(self.pbu_at, &cancel.cl_ord_id).is_some() {
            return Err(Denied::plain(Code::ClOrdIdDuplicate));
        }
        let order = self.find_target()?;
        self.check_target(order)?;
        let policy = self.cancel_policy(order)?;
        if order.status == OrderStatus::Queued {
            return Ok(CancelFate::EndQueued);
        }
        self.check_gateway(order, policy)?;
        Ok(if policy == Policy::Queue {
            CancelFate::Queue
        } else {
            CancelFate::Forward
        })
    }

    fn find_target(&mut self) -> Result<&'a OrderRow, Denied> {
        let tables = self.tables;
        let number = tables
            .id_at(self.pbu_at, &self.cancel.orig_cl_ord_id)
            .ok_or(Denied::plain(Code::CancelTargetUnknown))?;
        if number & CANCEL_BIT != 0 {
            return Err(Denied::plain(Code::CancelTargetIsCancel));
        }
        self.target = number;
        let order = tables.order(number);
        self.group = tables
            .customers
            .get(order.customer as usize)
            .map_or(0, |row| row.group);
        Ok(order)
    }

    fn check_target(&mut self, order: &OrderRow) -> Result<(), Denied> {
        let cancel = self.cancel;
        if order.client != cancel.client {
            self.fail(Denied::plain(Code::CancelTargetForeign))?;
        }
        let security = self
            .tables
            .sent_security_at(cancel.market, &cancel.security_id)
            .unwrap_or(NONE);
        if order.biz != cancel.biz || order.security != security {
            self.fail(Denied::plain(Code::CancelMismatch))?;
        }
        if !order.is_open() {
            let status = i64::from(order.status.number());
            return Err(Denied::new(Code::CancelTargetFinished, 0, status));
        }
        if order.is_cancel_pending() {
            self.fail(Denied::plain(Code::CancelPending))?;
        }
        Ok(())
    }

    fn cancel_policy(&mut self, order: &OrderRow) -> Result<Policy, Denied> {
        match window_policy(self.tables, order)? {
            (Policy::Reject, phase) => {
                self.fail(Denied::new(Code::CancelWindow, 0, i64::from(phase)))?;
                Ok(Policy::Accept)
            }
            (policy, _) => Ok(policy),
        }
    }

    fn check_gateway(&self, order: &OrderRow, policy: Policy) -> Result<(), Denied> {
        let row = self
            .tables
            .gateways
            .get(usize::from(order.gateway))
            .filter(|_| order.gateway != 0)
            .ok_or(Denied::plain(Code::GatewayUnknown))?;
        match row.state {
            2 | 3 | 6 => Ok(()),
            1 | 4 | 5 if policy == Policy::Queue => Ok(()),
            state => Err(Denied::new(Code::GatewayNotReady, 0, i64::from(state))),
        }
    }
}

/// What the window of an order's security does with a cancel, and its phase number.
///
/// # Errors
/// `PhaseMissing`.
pub fn window_policy(tables: &Tables, order: &OrderRow) -> Result<(Policy, u8), Denied> {
    let market = tables
        .securities
        .get(order.security as usize)
        .map_or(0, |row| row.market);
    let window = tables
        .clock
        .window(market, order.rule, tables.day_ns())
        .ok_or(Denied::plain(Code::PhaseMissing))?;
    let number = if order.order_type == OrderType::Fixed.number() {
        window.fixed_cancel
    } else {
        window.cancel_policy
    };
    Ok((policy_of(number), window.phase))
}
