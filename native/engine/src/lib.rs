//! The order engine: a deterministic state machine. No I/O, no clock, no randomness.
//!
//! [`engine::Engine::apply`] takes one input and gives outputs; the rules it follows are written down in
//! `docs/rules/engine.md`. Tables are sized once by [`capacity::Capacity`]; nothing is allocated while orders flow.
#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_arithmetic
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod bench;
mod cancel;
pub mod capacity;
pub mod check;
mod close;
pub mod code;
pub mod conduct;
pub mod context;
pub mod denied;
pub mod emit;
pub mod engine;
pub mod fee;
pub mod found;
pub mod identical;
pub mod index;
pub mod input;
mod invariant;
pub mod kind;
mod load;
pub mod lot;
mod mass;
mod order;
pub mod output;
pub mod price;
mod price_heaps;
pub mod query;
pub mod rate;
pub mod record;
mod report;
mod saved;
mod schedule;
pub mod self_match;
mod settle;
mod state;
pub mod synthetic;
pub mod table;
mod timer;
mod warn;
