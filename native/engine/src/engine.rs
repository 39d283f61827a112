//! The engine's public face: one input in, outputs out.

use crate::capacity::Capacity;
use crate::input::Input;
use crate::output::Output;
use crate::record::flow::{CancelOrder, NewOrder, Report};

/// The order engine. See `docs/rules/engine.md` for what it does.
#[derive(Debug)]
pub struct Engine {
    capacity: Capacity,
}

impl Engine {
    /// Allocate every table. Nothing is allocated afterwards while orders flow.
    #[must_use]
    pub fn new(capacity: &Capacity) -> Self {
        Self {
            capacity: *capacity,
        }
    }

    /// Sizes of the tables.
    #[must_use]
    pub const fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// Take one input and append its outputs to `out`, which the caller clears. `seq` is the input's journal sequence.
    #[inline]
    pub fn apply(&mut self, seq: u64, input: &Input, out: &mut Vec<Output>) {
        let _ = (seq, input, out);
    }

    /// Take a new order; the same as [`Engine::apply`] without the enum around it.
    #[inline]
    pub fn apply_new_order(&mut self, seq: u64, order: &NewOrder, out: &mut Vec<Output>) {
        let _ = (seq, order, out);
    }

    /// Take a cancel; the same as [`Engine::apply`] without the enum around it.
    #[inline]
    pub fn apply_cancel(&mut self, seq: u64, cancel: &CancelOrder, out: &mut Vec<Output>) {
        let _ = (seq, cancel, out);
    }

    /// Take a report; the same as [`Engine::apply`] without the enum around it.
    #[inline]
    pub fn apply_report(&mut self, seq: u64, report: &Report, out: &mut Vec<Output>) {
        let _ = (seq, report, out);
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
        0
    }
}
