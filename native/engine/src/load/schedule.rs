//! Rows of the schedule of trading states.

use super::{full, within};
use crate::code::Code;
use crate::denied::Denied;
use crate::kind::{Scope, TradingState};
use crate::record::load::LoadSchedule;
use crate::table::tables::Tables;

const DAY_NS: i64 = 86_400_000_000_000;

/// The row with nothing but what its scope reads, so that one scope number has one name.
fn named_once(row: &LoadSchedule) -> LoadSchedule {
    let coded = matches!(
        Scope::from_number(row.scope),
        Some(Scope::Account | Scope::Security)
    );
    let blank = [b' '; 16];
    if coded {
        let key = row.key.map(|byte| if byte == 0 { b' ' } else { byte });
        LoadSchedule { id: 0, key, ..*row }
    } else {
        let id = if row.scope == Scope::Firm.number() {
            0
        } else {
            row.id
        };
        LoadSchedule {
            id,
            market: 0,
            key: blank,
            ..*row
        }
    }
}

impl Tables {
    pub(super) fn load_schedule(&mut self, row: &LoadSchedule) -> Result<(), Denied> {
        let most = i64::from(TradingState::Halted.number());
        within(row.state, 0, most)?;
        let (from, to) = (row.from_ns.cast_signed(), row.to_ns.cast_signed());
        within(from, 0, DAY_NS)?;
        within(to, from.saturating_add(1), DAY_NS)?;
        let row = &named_once(row);
        let target = self.trading_slot(row.scope, row.id, row.market, &row.key);
        if target.is_none() {
            let (scope, id) = (i64::from(row.scope), i64::from(row.id));
            return Err(Denied::new(Code::LoadInvalid, scope, id));
        }
        if !self.schedule.load(row) {
            return Err(full(self.capacity.schedules));
        }
        if self.day.open {
            self.schedule.next_ns = 0;
        }
        Ok(())
    }
}
