//! Mass cancels: every open order of a scope, paced to what each gateway takes in a second (section 6).
//!
//! Timers do the work in two steps. The first counts what is meant and ends what waits in the gate; the second has a pass
//! for each gateway, so that a slow one does not hold up the others.

use crate::check::cancel::window_policy;
use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{Market, OrderStatus, Param, Policy, Scope};
use crate::load;
use crate::record::flow::CancelAll;
use crate::record::output::{CancelAllDone, CancelMissed};
use crate::table::day::{MassRow, PassRow};
use crate::table::order::{NONE, OrderRow};
use crate::table::tables::Tables;
use panshi_wire::layout::Layout;

/// Open orders that a timer looks at for each cancel that it may send, so that no timer goes through a whole large day.
const LOOKS: i64 = 64;
const SECOND_NS: u64 = 1_000_000_000;
/// What a gateway may catch up on after late timers.
const LATE_NS: u64 = 100_000_000;

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Take a mass cancel; the timers that follow do its work.
pub(crate) fn apply(tables: &mut Tables, row: &CancelAll, emit: &mut Emit<'_>) {
    if let Err(denied) = tables.begin_mass(row, emit.seq) {
        load::refuse(emit, CancelAll::TYPE, denied);
    }
}

/// What one timer may still do at one gateway, or of the counting.
struct Budget {
    left: i64,
    looks: i64,
}

impl Budget {
    const fn new(batch: i64) -> Self {
        Self {
            left: batch,
            looks: batch.saturating_mul(LOOKS),
        }
    }

    const fn is_spent(&self) -> bool {
        self.left <= 0 || self.looks <= 0
    }
}

/// What becomes of an order when its pass comes to it.
enum Step {
    /// Its cancel has gone out.
    Sent,
    /// Its gateway has had its cancels for now.
    Later,
}

impl Tables {
    fn begin_mass(&mut self, row: &CancelAll, seq: u64) -> Result<(), Denied> {
        if Scope::from_number(row.scope).is_none() {
            return Err(Denied::new(Code::LoadInvalid, 0, i64::from(row.scope)));
        }
        self.require_param(Param::CancelAllBatch, 0)?;
        for market in Market::ALL.iter().map(|market| market.number()) {
            if self.pbus.iter().any(|pbu| pbu.market == market) {
                self.require_param(Param::CancelAllRate, market)?;
            }
        }
        if self.mass.len() >= self.capacity.cancel_alls as usize {
            return Err(load::full(self.capacity.cancel_alls));
        }
        self.mass.push(MassRow {
            row: *row,
            seq,
            end: u32::try_from(self.orders.len()).unwrap_or(NONE),
            counted: 0,
            ids: 0,
            asked: 0,
            sent: 0,
            missed: 0,
        });
        for (number, gateway) in (0..).zip(&self.gateways) {
            if gateway.pbus == 0 {
                continue;
            }
            let behind = |pass: &PassRow| pass.gateway <= number;
            let at = self.passes.partition_point(behind);
            let pass = PassRow {
                seq,
                cursor: 0,
                gateway: number,
            };
            self.passes.insert(at, pass);
        }
        Ok(())
    }

    fn require_param(&self, param: Param, market: u8) -> Result<(), Denied> {
        if self.params.get(param, market) == 0 {
            let (market, param) = (i64::from(market), i64::from(param.number()));
            return Err(Denied::new(Code::ParamMissing, market, param));
        }
        Ok(())
    }

    /// Go on with the counting, then with every gateway's next cancels, the earliest mass cancel first.
    pub(crate) fn run_mass_cancels(&mut self, emit: &mut Emit<'_>) {
        if self.mass.is_empty() {
            return;
        }
        let batch = self.params.get(Param::CancelAllBatch, 0);
        let mut budget = Budget::new(batch);
        for at in 0..self.mass.len() {
            self.count_mass(at, &mut budget, emit);
        }
        let (mut at, mut gateway) = (0, 0);
        while let Some(pass) = self.passes.get(at).copied() {
            if pass.gateway != gateway {
                (gateway, budget) = (pass.gateway, Budget::new(batch));
            }
            let (moved, done) = self.run_pass(pass, &mut budget, emit);
            if done {
                self.passes.remove(at);
                continue;
            }
            if let Some(slot) = self.passes.get_mut(at) {
                *slot = moved;
            }
            at += 1;
        }
        self.end_mass_cancels(emit);
    }

    /// Tell of the mass cancels that have come to their end.
    fn end_mass_cancels(&mut self, emit: &mut Emit<'_>) {
        let passes = &self.passes;
        self.mass.retain(|mass| {
            let runs = mass.counted < mass.end || passes.iter().any(|pass| pass.seq == mass.seq);
            if !runs {
                emit.push(CancelAllDone {
                    time_ns: emit.now_ns,
                    input_seq: mass.seq,
                    asked: mass.asked,
                    sent: mass.sent,
                    missed: mass.missed,
                    spare: 0,
                });
            }
            runs
        });
    }

    /// The day ends, and its mass cancels with it.
    pub(crate) fn drop_mass_cancels(&mut self, emit: &mut Emit<'_>) {
        self.passes.clear();
        for mass in &mut self.mass {
            mass.counted = mass.end;
        }
        self.end_mass_cancels(emit);
    }

    /// Count the orders that a mass cancel means and end those that wait in the gate.
    fn count_mass(&mut self, at: usize, budget: &mut Budget, emit: &mut Emit<'_>) {
        let Some(mut mass) = self.mass.get(at).copied() else {
            return;
        };
        while mass.counted < mass.end {
            let next = self.open.next(mass.counted);
            let Some(next) = next.filter(|next| *next < mass.end) else {
                mass.counted = mass.end;
                break;
            };
            if budget.is_spent() {
                break;
            }
            budget.looks -= 1;
            mass.counted = next.saturating_add(1);
            let order = *self.order(next);
            if !self.in_scope(&order, &mass.row) {
                continue;
            }
            mass.asked += 1;
            if order.status == OrderStatus::Queued {
                let mut emit = Emit {
                    out: emit.out,
                    now_ns: emit.now_ns,
                    seq: mass.seq,
                };
                self.end_queued(next, &mut emit);
                mass.sent += 1;
                budget.left -= 1;
            }
        }
        if let Some(slot) = self.mass.get_mut(at) {
            *slot = mass;
        }
    }

    /// Go on with what one gateway takes of a mass cancel; true when nothing is left of it.
    fn run_pass(
        &mut self,
        mut pass: PassRow,
        budget: &mut Budget,
        emit: &mut Emit<'_>,
    ) -> (PassRow, bool) {
        let at = self.mass.iter().position(|mass| mass.seq == pass.seq);
        let found = at.and_then(|at| self.mass.get(at)).copied();
        let (Some(at), Some(mut mass)) = (at, found) else {
            return (pass, true);
        };
        let done = loop {
            let next = self.open.next(pass.cursor);
            let Some(next) = next.filter(|next| *next < mass.counted) else {
                break mass.counted == mass.end;
            };
            if budget.is_spent() {
                break false;
            }
            budget.looks -= 1;
            let order = *self.order(next);
            if order.gateway == pass.gateway && self.in_scope(&order, &mass.row) {
                match self.cancel_one(next, &order, &mut mass, emit) {
                    Ok(Step::Later) => break false,
                    Ok(Step::Sent) => budget.left -= 1,
                    Err(denied) => miss(next, &order, &mut mass, denied, emit),
                }
            }
            pass.cursor = next.saturating_add(1);
        };
        if let Some(slot) = self.mass.get_mut(at) {
            *slot = mass;
        }
        (pass, done)
    }

    /// Cancel one order of a mass cancel, or say why that is not possible.
    fn cancel_one(
        &mut self,
        number: u32,
        order: &OrderRow,
        mass: &mut MassRow,
        emit: &mut Emit<'_>,
    ) -> Result<Step, Denied> {
        self.check_cancellable(order)?;
        if !self.take_turn(order, emit.now_ns) {
            return Ok(Step::Later);
        }
        let reserved = mass.row.first_id.saturating_add(u64::from(mass.ids));
        let id = own_id(mass.row.prefix, reserved);
        mass.ids += 1;
        if !self.ids.take_cancel(order.pbu, &id, number) {
            return Err(Denied::plain(Code::ClOrdIdDuplicate));
        }
        mass.sent += 1;
        let mut emit = Emit {
            out: emit.out,
            now_ns: emit.now_ns,
            seq: 0,
        };
        self.forward_cancel(number, id, &mut emit);
        Ok(Step::Sent)
    }

    /// The reason why an order's cancel cannot leave now.
    fn check_cancellable(&self, order: &OrderRow) -> Result<(), Denied> {
        if order.is_cancel_pending() {
            return Err(Denied::plain(Code::CancelPending));
        }
        let (policy, phase) = window_policy(self, order)?;
        if policy != Policy::Accept {
            return Err(Denied::new(Code::CancelWindow, 0, i64::from(phase)));
        }
        if !self.takes_cancels(order) {
            let state = i64::from(self.gateway_state(order));
            return Err(Denied::new(Code::GatewayNotReady, 0, state));
        }
        if self.ids.is_full() {
            let room = i64::from(self.capacity.orders);
            return Err(Denied::new(Code::OrdersFull, room, room));
        }
        Ok(())
    }

    /// Take the turn of a gateway's next cancel; false before its time.
    ///
    /// The turns lie so far apart that no second has more than the rate, though late timers are caught up on.
    fn take_turn(&mut self, order: &OrderRow, now_ns: u64) -> bool {
        let rate = self
            .params
            .get(Param::CancelAllRate, self.market_of(order))
            .max(1);
        let apart_ns = (SECOND_NS + LATE_NS).div_ceil(rate.cast_unsigned());
        let Some(gateway) = self.gateways.get_mut(usize::from(order.gateway)) else {
            return false;
        };
        if gateway.turn_ns > now_ns {
            return false;
        }
        let earliest = now_ns.saturating_sub(LATE_NS - 1);
        gateway.turn_ns = gateway.turn_ns.max(earliest) + apart_ns;
        true
    }

    /// Whether a mass cancel means this order.
    fn in_scope(&self, order: &OrderRow, row: &CancelAll) -> bool {
        let market = self.market_of(order);
        let customer = self.customers.get(order.customer as usize);
        let number = match Scope::from_number(row.scope) {
            None => return false,
            Some(Scope::Firm) => return true,
            Some(Scope::Account) => {
                let key = self
                    .accounts
                    .get(order.account as usize)
                    .map(|row| row.account);
                return market == row.market && key.is_some_and(|key| starts(&row.key, &key));
            }
            Some(Scope::Security) => {
                let key = self
                    .securities
                    .get(order.security as usize)
                    .map(|row| row.code);
                return market == row.market && key.is_some_and(|key| starts(&row.key, &key));
            }
            Some(Scope::Market) => u32::from(market),
            Some(Scope::Pbu) => self
                .pbus
                .get(usize::from(order.pbu))
                .map_or(u32::MAX, |pbu| u32::from(pbu.pbu_no)),
            Some(Scope::Client) => u32::from(order.client),
            Some(Scope::Customer) => order.customer,
            Some(Scope::OwnerGroup) => customer.map_or(0, |row| row.owner_group),
            Some(Scope::Desk) => customer.map_or(0, |row| u32::from(row.desk)),
            Some(Scope::Strategy) => u32::from(order.strategy),
            Some(Scope::Gateway) => u32::from(order.gateway),
        };
        number == row.id
    }
}

/// Say that an order could not be cancelled, and why.
fn miss(number: u32, order: &OrderRow, mass: &mut MassRow, denied: Denied, emit: &mut Emit<'_>) {
    mass.missed += 1;
    emit.push(CancelMissed {
        time_ns: emit.now_ns,
        input_seq: mass.seq,
        order_seq: order.seq,
        limit: denied.limit,
        found: denied.found,
        code: denied.code.number(),
        order: number,
        gateway: order.gateway,
        client: order.client,
        spare: 0,
    });
}

/// Whether a 16-byte key column holds a shorter code, the rest blank.
pub(crate) fn starts(key: &[u8; 16], code: &[u8]) -> bool {
    key.split_at_checked(code.len())
        .is_some_and(|(head, rest)| head == code && rest.iter().all(|b| matches!(b, b' ' | 0)))
}

/// The gate's own cancel id: prefix and eight base-36 digits.
fn own_id(prefix: [u8; 2], reserved: u64) -> [u8; 10] {
    let [first, second] = prefix;
    let mut id = [b'0'; 10];
    let mut rest = reserved;
    for place in id.iter_mut().rev().take(8) {
        *place = digit(rest % 36);
        rest /= 36;
    }
    let [one, two, ..] = &mut id;
    (*one, *two) = (first, second);
    id
}

fn digit(number: u64) -> u8 {
    usize::try_from(number)
        .ok()
        .and_then(|at| DIGITS.get(at))
        .copied()
        .unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::{own_id, starts};

    #[test]
    fn own_ids_are_the_prefix_and_base_36() {
        assert_eq!(own_id(*b"PG", 0), *b"PG00000000");
        assert_eq!(own_id(*b"PG", 36 * 36 + 35), *b"PG0000010Z");
    }

    #[test]
    fn a_key_holds_its_code_and_blanks() {
        assert!(starts(b"600000          ", b"600000  "));
        assert!(starts(b"600000  \0\0\0\0\0\0\0\0", b"600000  "));
        assert!(!starts(b"600000  1       ", b"600000  "));
    }
}
