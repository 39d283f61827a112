//! Exchange messages: bytes to typed structs and back, described once as data.
//!
//! Each protocol is a table of messages ([`sse`], [`szse`]) written with [`layout!`]; from the
//! table come the structs, readers and writers, the dynamic [`view`] and the documentation.
//! Reading and writing a message neither allocates nor panics.
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
pub mod checksum;
pub mod digest;
pub mod error;
pub mod group;
pub mod layout;
pub mod market_clock;
pub mod message;
pub mod saved;
pub mod scale;
pub mod sections;
pub mod sse;
pub mod szse;
pub mod text;
pub mod time;
pub mod view;
