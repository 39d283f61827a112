//! Time passes: release what waits, find overdue acknowledgements, go on with mass cancels (section 6).

use crate::check::cancel::window_policy;
use crate::check::security::{SUSPENDED, check_listed, policy_of};
use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{CancelState, OrderStatus, OrderType, Param, Policy, Scope, TradingState};
use crate::report::Subject;
use crate::table::order::OrderRow;
use crate::table::tables::Tables;
use crate::table::trading::TradingSlot;

/// Gateway states in which orders, or cancels, are taken.
const PRE_OPEN: u8 = 2;
/// After a recovery: cancels only.
const HELD: u8 = 6;
const OPEN: u8 = 3;

/// Take a timer.
pub(crate) fn apply(tables: &mut Tables, emit: &mut Emit<'_>) {
    tables.release_queue(emit);
    tables.find_overdue(emit);
    tables.run_mass_cancels(emit);
}

impl Tables {
    /// Send, refuse or keep what waits, in the order of arrival.
    fn release_queue(&mut self, emit: &mut Emit<'_>) {
        let mut kept = 0;
        for at in 0..self.queue.len() {
            let Some(&row) = self.queue.get(at) else {
                break;
            };
            let stays = if row.cancel {
                self.release_cancel(row.order, emit)
            } else {
                self.release_order(row.order, emit)
            };
            if stays {
                if let Some(slot) = self.queue.get_mut(kept) {
                    *slot = row;
                }
                kept += 1;
            }
        }
        self.queue.truncate(kept);
    }

    /// Release one order; true when it stays.
    fn release_order(&mut self, number: u32, emit: &mut Emit<'_>) -> bool {
        let order = *self.order(number);
        if order.status != OrderStatus::Queued {
            return false;
        }
        match self.release_policy(&order) {
            Err(denied) => {
                self.finish(number, OrderStatus::Rejected);
                self.totals.refused += 1;
                let mut emit = Emit {
                    out: emit.out,
                    now_ns: emit.now_ns,
                    seq: order.seq,
                };
                emit.refuse(denied, number, order.client, false, order.cl_ord_id);
                false
            }
            Ok(Policy::Accept) if self.takes_orders(&order) => {
                self.forward(number, emit);
                false
            }
            Ok(_) => true,
        }
    }

    /// What the states, the security and the window say to a waiting order.
    pub(crate) fn release_policy(&self, order: &OrderRow) -> Result<Policy, Denied> {
        self.check_states(order)?;
        let Some(security) = self.securities.get(order.security as usize) else {
            return Err(Denied::plain(Code::SecurityUnknown));
        };
        check_listed(self, security)?;
        if security.state == SUSPENDED {
            return Err(Denied::plain(Code::SecuritySuspended));
        }
        let window = self
            .clock
            .window(security.market, order.rule, self.day_ns())
            .ok_or(Denied::plain(Code::PhaseMissing))?;
        let policy = policy_of(if order.order_type == OrderType::Fixed.number() {
            window.fixed_policy
        } else {
            window.order_policy
        });
        if policy == Policy::Reject {
            let phase = i64::from(window.phase);
            return self.unless_off(Denied::new(Code::OutsideWindow, 0, phase), order);
        }
        Ok(policy)
    }

    /// A check that is switched off means: taken at once.
    fn unless_off(&self, denied: Denied, order: &OrderRow) -> Result<Policy, Denied> {
        let market = self.market_of(order);
        let group = self
            .customers
            .get(order.customer as usize)
            .map_or(0, |row| row.group);
        match self.switches.mode(denied.code, market, group) {
            crate::kind::Mode::On => Err(denied),
            _ => Ok(Policy::Accept),
        }
    }

    fn check_states(&self, order: &OrderRow) -> Result<(), Denied> {
        let normal = TradingSlot::NORMAL;
        let market = self.market_of(order);
        let group = self
            .customers
            .get(order.customer as usize)
            .map_or(0, |row| row.owner_group);
        let strategy = self.strategy_states.get(usize::from(order.strategy));
        let states = [
            (Scope::Firm, Some(self.firm_state)),
            (
                Scope::Market,
                self.market_states.get(usize::from(market)).copied(),
            ),
            (
                Scope::Client,
                self.clients
                    .get(usize::from(order.client))
                    .map(|row| row.trading),
            ),
            (
                Scope::Pbu,
                self.pbus.get(usize::from(order.pbu)).map(|row| row.trading),
            ),
            (
                Scope::Account,
                self.accounts
                    .get(order.account as usize)
                    .map(|row| row.trading),
            ),
            (
                Scope::OwnerGroup,
                self.owner_group_states.get(group as usize).copied(),
            ),
            (
                Scope::Strategy,
                strategy.filter(|_| order.strategy != 0).copied(),
            ),
            (
                Scope::Security,
                self.securities
                    .get(order.security as usize)
                    .map(|row| row.trading),
            ),
        ];
        for (scope, state) in states {
            let state = state.unwrap_or(normal).now();
            let code = match state {
                TradingState::Normal => continue,
                TradingState::SellOnly if !order.buy => continue,
                TradingState::SellOnly => Code::StateSellOnly,
                TradingState::CancelOnly => Code::StateCancelOnly,
                TradingState::Halted => Code::StateHalted,
            };
            let (scope, state) = (i64::from(scope.number()), i64::from(state.number()));
            return Err(Denied::new(code, scope, state));
        }
        Ok(())
    }

    pub(crate) fn market_of(&self, order: &OrderRow) -> u8 {
        self.pbus
            .get(usize::from(order.pbu))
            .map_or(0, |row| row.market)
    }

    /// Whether the gateway of an order takes orders now.
    fn takes_orders(&self, order: &OrderRow) -> bool {
        let pre_open = self
            .params
            .get(Param::GatewayPreOpen, self.market_of(order));
        match self.gateway_state(order) {
            OPEN => true,
            PRE_OPEN => pre_open == i64::from(Policy::Accept.number()),
            _ => false,
        }
    }

    /// Whether the gateway of an order takes cancels now.
    pub(crate) fn takes_cancels(&self, order: &OrderRow) -> bool {
        matches!(self.gateway_state(order), PRE_OPEN | OPEN | HELD)
    }

    pub(crate) fn gateway_state(&self, order: &OrderRow) -> u8 {
        self.gateways
            .get(usize::from(order.gateway))
            .map_or(0, |row| row.state)
    }

    /// Release one cancel; true when it stays.
    fn release_cancel(&mut self, number: u32, emit: &mut Emit<'_>) -> bool {
        let order = *self.order(number);
        let mut emit = Emit {
            out: emit.out,
            now_ns: emit.now_ns,
            seq: order.cancel_seq,
        };
        let policy = if order.is_open() {
            match window_policy(self, &order) {
                Ok((Policy::Reject, phase)) => {
                    let phase = i64::from(phase);
                    self.unless_off(Denied::new(Code::CancelWindow, 0, phase), &order)
                }
                Ok((policy, _)) => Ok(policy),
                Err(denied) => Err(denied),
            }
        } else {
            let status = i64::from(order.status.number());
            Err(Denied::new(Code::CancelTargetFinished, 0, status))
        };
        match policy {
            Err(denied) => {
                if let Some(row) = self.orders.get_mut(number as usize) {
                    row.cancel = CancelState::None;
                }
                self.totals.refused += 1;
                emit.refuse(denied, number, order.client, true, order.cancel_id);
                false
            }
            Ok(Policy::Accept) if self.takes_cancels(&order) => {
                self.forward_cancel(number, order.cancel_id, &mut emit);
                self.after_cancel(number, &mut emit);
                false
            }
            Ok(_) => true,
        }
    }

    /// Find gateways whose acknowledgements are overdue.
    fn find_overdue(&mut self, emit: &mut Emit<'_>) {
        for at in 1..self.gateways.len() {
            let Ok(number) = u16::try_from(at) else {
                return;
            };
            let found = self.overdue(number, emit.now_ns);
            let Some(gateway) = self.gateways.get_mut(at) else {
                return;
            };
            let was = core::mem::replace(&mut gateway.overdue, found.is_some());
            if let Some(denied) = found
                && !was
            {
                self.anomaly(&Subject::of_gateway(number), denied, emit);
            }
        }
    }

    fn overdue(&mut self, number: u16, now_ns: u64) -> Option<Denied> {
        let gateway = self.gateways.get_mut(usize::from(number))?;
        if gateway.unacked == 0 {
            return None;
        }
        let market = self
            .pbus
            .iter()
            .find(|pbu| pbu.leaves_by(number))
            .map_or(0, |pbu| pbu.market);
        let most = self.params.get(Param::UnackedCount, market);
        let count = i64::from(gateway.unacked);
        if most != 0 && count > most {
            return Some(Denied::new(Code::AckOverdueCount, most, count));
        }
        let oldest = self.params.get(Param::UnackedAgeNs, market);
        // Everything before the mark is acknowledged for good, so it only moves forward.
        while let Some(&order) = self.forwarded.get(gateway.unacked_from as usize) {
            let order = self.orders.get(order as usize)?;
            if order.gateway == number && order.status == OrderStatus::Sent {
                let age = i64::try_from(now_ns.saturating_sub(order.sent_ns)).ok()?;
                let late = oldest != 0 && age > oldest;
                return late.then(|| Denied::new(Code::AckOverdueAge, oldest, age));
            }
            gateway.unacked_from += 1;
        }
        None
    }
}
