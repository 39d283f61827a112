//! Mass cancels: every open order of a scope, a batch per timer (section 6).

use crate::check::cancel::window_policy;
use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{OrderStatus, Param, Policy, Scope};
use crate::load;
use crate::record::flow::CancelAll;
use crate::record::output::CancelAllDone;
use crate::table::day::MassRow;
use crate::table::order::OrderRow;
use crate::table::tables::Tables;
use panshi_wire::layout::Layout;

/// Open orders that a timer looks at for each cancel that it may send, so that no timer goes through a whole large day.
const LOOKS: i64 = 64;

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Take a mass cancel; the timers that follow do its work.
pub(crate) fn apply(tables: &mut Tables, row: &CancelAll, emit: &mut Emit<'_>) {
    let refusal = if Scope::from_number(row.scope).is_none() {
        Some(Denied::new(Code::LoadInvalid, 0, i64::from(row.scope)))
    } else if tables.params.get(Param::CancelAllBatch, 0) == 0 {
        let param = i64::from(Param::CancelAllBatch.number());
        Some(Denied::new(Code::ParamMissing, 0, param))
    } else if tables.mass.len() >= tables.capacity.cancel_alls as usize {
        let room = i64::from(tables.capacity.cancel_alls);
        Some(Denied::new(Code::LoadInvalid, room, room.saturating_add(1)))
    } else {
        None
    };
    if let Some(denied) = refusal {
        load::refuse(emit, CancelAll::TYPE, denied);
        return;
    }
    tables.mass.push(MassRow {
        row: *row,
        seq: emit.seq,
        cursor: 0,
        ids: 0,
        sent: 0,
        skipped: 0,
    });
}

/// What one timer may still do.
struct Budget {
    left: i64,
    looks: i64,
}

impl Tables {
    /// Send the next batch, the earliest mass cancel first.
    pub(crate) fn run_mass_cancels(&mut self, emit: &mut Emit<'_>) {
        let batch = self.params.get(Param::CancelAllBatch, 0);
        let mut budget = Budget {
            left: batch,
            looks: batch.saturating_mul(LOOKS),
        };
        while budget.left > 0
            && let Some(&first) = self.mass.first()
        {
            let (mass, done) = self.run_mass(first, &mut budget, emit);
            if !done {
                if let Some(slot) = self.mass.first_mut() {
                    *slot = mass;
                }
                return;
            }
            self.mass.remove(0);
            emit.push(CancelAllDone {
                time_ns: emit.now_ns,
                input_seq: mass.seq,
                sent: mass.sent,
                skipped: mass.skipped,
            });
        }
    }

    /// Go on with one mass cancel; true when it came to its end.
    fn run_mass(
        &mut self,
        mut mass: MassRow,
        budget: &mut Budget,
        emit: &mut Emit<'_>,
    ) -> (MassRow, bool) {
        while let Some(number) = self.open.next(mass.cursor) {
            if budget.left <= 0 || budget.looks <= 0 {
                return (mass, false);
            }
            budget.looks -= 1;
            mass.cursor = number.saturating_add(1);
            let order = *self.order(number);
            if order.is_cancel_pending() || !self.in_scope(&order, &mass.row) {
                continue;
            }
            if self.cancel_one(number, &order, &mut mass, emit) {
                mass.sent += 1;
                budget.left -= 1;
            } else {
                mass.skipped += 1;
            }
        }
        (mass, true)
    }

    /// Cancel one order of a mass cancel; false when that is not possible now.
    fn cancel_one(
        &mut self,
        number: u32,
        order: &OrderRow,
        mass: &mut MassRow,
        emit: &mut Emit<'_>,
    ) -> bool {
        let mut emit = Emit {
            out: emit.out,
            now_ns: emit.now_ns,
            seq: mass.seq,
        };
        if order.status == OrderStatus::Queued {
            self.end_queued(number, &mut emit);
            return true;
        }
        let open = matches!(window_policy(self, order), Ok((Policy::Accept, _)));
        if !open || !self.takes_cancels(order) {
            return false;
        }
        let reserved = mass.row.first_id.saturating_add(u64::from(mass.ids));
        let id = own_id(mass.row.prefix, reserved);
        if !self.ids.take_cancel(order.pbu, &id, number) {
            return false;
        }
        mass.ids += 1;
        emit.seq = 0;
        self.forward_cancel(number, id, &mut emit);
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
