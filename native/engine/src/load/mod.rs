//! Reference rows (inputs 1 to 15): what the day is made of.
//!
//! A row that cannot be taken gives `LoadRefused` and changes nothing.

mod market;
mod numbers;
mod party;
mod schedule;

use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::input::Input;
use crate::record::load::DayOpen;
use crate::record::output::LoadRefused;
use crate::table::tables::Tables;

/// A row that must lie in a range.
pub(crate) fn within(found: impl Into<i64>, least: i64, most: i64) -> Result<(), Denied> {
    let found = found.into();
    if found < least {
        return Err(Denied::new(Code::LoadInvalid, least, found));
    }
    if found > most {
        return Err(Denied::new(Code::LoadInvalid, most, found));
    }
    Ok(())
}

/// A value that a reload cannot change.
fn kept(before: impl Into<i64>, found: impl Into<i64>) -> Result<(), Denied> {
    let (before, found) = (before.into(), found.into());
    if before == found {
        Ok(())
    } else {
        Err(Denied::new(Code::LoadInvalid, before, found))
    }
}

/// A table that has no room for another row.
pub(crate) fn full(capacity: u32) -> Denied {
    let capacity = i64::from(capacity);
    Denied::new(Code::LoadInvalid, capacity, capacity.saturating_add(1))
}

/// Say that an input was not taken.
pub(crate) fn refuse(emit: &mut Emit<'_>, input_type: u32, denied: Denied) {
    emit.push(LoadRefused {
        input_seq: emit.seq,
        limit: denied.limit,
        found: denied.found,
        code: denied.code.number(),
        input_type,
    });
}

impl Tables {
    /// Take a reference row; inputs of other kinds are not for this function and change nothing.
    pub(crate) fn load(&mut self, input: &Input, emit: &mut Emit<'_>) {
        let taken = match input {
            Input::DayOpen(row) => self.open_day(row),
            Input::LoadRule(row) => self.load_rule(row),
            Input::LoadPhase(row) => self.load_phase(row),
            Input::LoadFee(row) => self.load_fee(row),
            Input::LoadSecurity(row) => self.load_security(row),
            Input::LoadCustomer(row) => self.load_customer(row),
            Input::LoadAccount(row) => self.load_account(row),
            Input::LoadHolding(row) => self.load_holding(row),
            Input::LoadClient(row) => self.load_client(row),
            Input::LoadPbu(row) => self.load_pbu(row),
            Input::LoadBranch(row) => self.load_branch(row),
            Input::LoadTerminal(row) => self.load_terminal(row),
            Input::LoadLimit(row) => self.load_limit(row),
            Input::LoadSwitch(row) => self.load_switch(row),
            Input::LoadParam(row) => self.load_param(row),
            Input::LoadSchedule(row) => self.load_schedule(row),
            _ => Ok(()),
        };
        if let Err(denied) = taken {
            refuse(emit, input.record_type(), denied);
        }
    }

    /// Open the day; again only for the same date, with another run number.
    fn open_day(&mut self, row: &DayOpen) -> Result<(), Denied> {
        within(row.trade_date, 1, i64::from(u32::MAX))?;
        if self.day.trade_date != 0 {
            kept(self.day.trade_date, row.trade_date)?;
            self.day.epoch = row.epoch;
            return Ok(());
        }
        self.day.start_ns = row.day_start_ns;
        self.day.trade_date = row.trade_date;
        self.day.epoch = row.epoch;
        self.day.open = true;
        self.schedule.next_ns = 0;
        Ok(())
    }
}
