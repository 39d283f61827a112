//! Order systems, gate, exchange, network, disk and clocks in one process on virtual time.
//!
//! Everything follows from a [`plan::Plan`], and a plan follows from a seed. The gate, its journal
//! and the exchange are the real ones; what is simulated is what lies around and between them.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod acts;
pub mod chance;
mod clock;
mod control;
mod crash;
mod day;
pub mod disk;
mod draw;
mod ending;
mod gate_side;
pub mod net;
mod order_system;
pub mod plan;
mod queue;
mod reduce;
mod said;
mod sweep;
pub mod trace;
mod witness;
mod world;

pub use draw::draw;
pub use reduce::reduce;
pub use sweep::{play_guarded, sweep};
pub use witness::Broken;
pub use world::{Outcome, play};
