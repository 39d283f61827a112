//! The gate process: sockets, sessions, timers; feeds the engine, writes the journal.
//!
//! [`gate::Gate`] is a state machine over connections that owns no socket and reads no clock;
//! [`serve`] puts real sockets and the real clock around it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod act;
pub mod address;
pub mod bench;
pub mod book;
pub mod buffer;
pub mod centre;
pub mod claim;
mod claims;
pub mod client;
pub mod client_sse;
pub mod client_szse;
pub mod clock;
pub mod command;
pub mod config;
pub mod conn;
pub mod control;
pub mod convert;
pub mod cores;
pub mod day;
pub mod door;
mod drill;
pub mod exchange;
pub mod exchange_sse;
pub mod exchange_szse;
pub mod follower;
pub mod forward;
pub mod gate;
pub mod goodbye;
pub mod histogram;
mod link;
pub mod log;
pub mod mark;
pub mod marks;
pub mod metrics;
pub mod own;
pub mod password;
mod peer;
mod quotes;
pub mod recover;
pub mod replay;
pub mod resync;
pub mod sealing;
pub mod serve;
mod side;
pub mod snapshot;
mod sockets;
pub mod stamp;
pub mod start;
pub mod status;
pub mod tick;
pub mod tls;
