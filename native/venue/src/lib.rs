//! Simulated exchange gateways with a matching engine.
//!
//! [`venue::VenueCore`] is the state machine. It does no I/O and takes time as input, so that a
//! simulation can drive it beside the gate; [`server`] gives it sockets and a clock.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod auction;
pub mod book;
pub mod cause;
pub mod clients;
pub mod config;
mod deliver;
mod dispatch;
pub mod exchange;
pub mod fault;
mod fixed_price;
pub mod flow;
pub mod order;
pub mod phase;
pub mod quote;
pub mod security;
pub mod server;
mod session;
mod sse_order;
mod sse_session;
pub mod stream;
mod szse_order;
mod szse_report;
mod szse_session;
pub mod venue;
