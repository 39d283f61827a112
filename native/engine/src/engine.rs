//! The engine's public face: one input in, outputs out.

use crate::capacity::Capacity;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::input::Input;
use crate::output::Output;
use crate::record::flow::{CancelOrder, NewOrder, Report};
use crate::table::tables::Tables;
use crate::{cancel, close, mass, order, report, saved, timer};

/// More failed warn-only checks than one order can have.
const WARNINGS: usize = 128;

/// The order engine. See `docs/rules/engine.md` for what it does.
#[derive(Debug)]
pub struct Engine {
    pub(crate) tables: Tables,
    warnings: Vec<Denied>,
}

impl Engine {
    /// Allocate every table. Nothing is allocated afterwards while orders flow.
    #[must_use]
    pub fn new(capacity: &Capacity) -> Self {
        Self {
            tables: Tables::new(capacity),
            warnings: Vec::with_capacity(WARNINGS),
        }
    }

    /// Sizes of the tables.
    #[must_use]
    pub const fn capacity(&self) -> &Capacity {
        &self.tables.capacity
    }

    /// Take one input and append its outputs to `out`, which the caller clears. `seq` is the input's journal sequence.
    #[inline]
    pub fn apply(&mut self, seq: u64, input: &Input, out: &mut Vec<Output>) {
        match input {
            Input::NewOrder(row) => self.apply_new_order(seq, row, out),
            Input::CancelOrder(row) => self.apply_cancel(seq, row, out),
            Input::Report(row) => self.apply_report(seq, row, out),
            _ => self.apply_other(seq, input, out),
        }
    }

    /// Take a new order; the same as [`Engine::apply`] without the enum around it.
    #[inline]
    pub fn apply_new_order(&mut self, seq: u64, row: &NewOrder, out: &mut Vec<Output>) {
        let (tables, mut emit) = enter(&mut self.tables, seq, row.time_ns, out);
        tables.rates.expire(emit.now_ns);
        order::apply(tables, &mut self.warnings, row, &mut emit);
    }

    /// Take a cancel; the same as [`Engine::apply`] without the enum around it.
    #[inline]
    pub fn apply_cancel(&mut self, seq: u64, row: &CancelOrder, out: &mut Vec<Output>) {
        let (tables, mut emit) = enter(&mut self.tables, seq, row.time_ns, out);
        tables.rates.expire(emit.now_ns);
        cancel::apply(tables, &mut self.warnings, row, &mut emit);
    }

    /// Take a report; the same as [`Engine::apply`] without the enum around it.
    #[inline]
    pub fn apply_report(&mut self, seq: u64, row: &Report, out: &mut Vec<Output>) {
        let (tables, mut emit) = enter(&mut self.tables, seq, row.time_ns, out);
        report::apply(tables, row, &mut emit);
    }

    /// Take an input as bytes, as the journal holds it; false when the type or the length is not an input's.
    pub fn apply_record(
        &mut self,
        seq: u64,
        record_type: u32,
        bytes: &[u8],
        out: &mut Vec<Output>,
    ) -> bool {
        match Input::read(record_type, bytes) {
            Some(input) => {
                self.apply(seq, &input, out);
                true
            }
            None => false,
        }
    }

    /// Hash of everything the engine knows; equal states have equal hashes in every run and on every machine.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        saved::state_hash(&self.tables)
    }

    fn apply_other(&mut self, seq: u64, input: &Input, out: &mut Vec<Output>) {
        let time_ns = match input {
            Input::ClientState(row) => row.time_ns,
            Input::Quote(row) => row.time_ns,
            Input::GatewayState(row) => row.time_ns,
            Input::Timer(row) => row.time_ns,
            Input::Command(row) => row.time_ns,
            Input::SetState(row) => row.time_ns,
            Input::CancelAll(row) => row.time_ns,
            Input::DayClose(row) => row.time_ns,
            Input::GatewayStream(row) => row.time_ns,
            Input::DayOpen(row) => row.time_ns,
            _ => 0,
        };
        let (tables, mut emit) = enter(&mut self.tables, seq, time_ns, out);
        tables.rates.expire(emit.now_ns);
        apply_rare(tables, input, &mut emit);
        tables.follow_schedule(&mut emit);
    }
}

/// Take an input that is neither an order nor a cancel nor a report.
fn apply_rare(tables: &mut Tables, input: &Input, emit: &mut Emit<'_>) {
    match input {
        Input::ClientState(row) => tables.set_client(row, emit),
        Input::Quote(row) => tables.set_quote(row, emit),
        Input::GatewayState(row) => tables.set_gateway(row, emit),
        Input::Timer(_) => timer::apply(tables, emit),
        Input::Command(_) => {}
        Input::SetState(row) => tables.set_state(row, emit),
        Input::CancelAll(row) => mass::apply(tables, row, emit),
        Input::DayClose(_) => close::apply(tables, emit),
        Input::GatewayStream(row) => tables.take_stream(row, emit),
        _ => tables.load(input, emit),
    }
}

/// Bring the clock, and what the schedule says of the time, to an input's time.
#[inline]
fn enter<'a>(
    tables: &'a mut Tables,
    seq: u64,
    time_ns: u64,
    out: &'a mut Vec<Output>,
) -> (&'a mut Tables, Emit<'a>) {
    let now_ns = tables.advance(time_ns);
    let mut emit = Emit { out, now_ns, seq };
    tables.follow_schedule(&mut emit);
    (tables, emit)
}
