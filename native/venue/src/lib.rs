//! Simulated exchange gateways with a matching engine.
//!
//! The state machine does no I/O and takes time as input, so that a simulation can drive it
//! beside the gate; `server` gives it sockets and a clock.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod auction;
pub mod book;
pub mod cause;
pub mod exchange;
pub mod order;
pub mod phase;
pub mod security;
