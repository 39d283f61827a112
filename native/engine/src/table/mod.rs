//! The tables of the engine: rows of state, sized once.
//!
//! Numbered things (rules, customers, owner groups, desks, clients, gateways, strategies) are rows at their number.
//! Coded things (securities, accounts, PBUs, branches) are rows in the order of loading, found by an index.

pub mod bits;
pub mod branch;
pub mod clock;
pub mod day;
pub mod fill;
pub mod id;
pub mod limit;
pub mod order;
pub mod param;
pub mod party;
pub mod security;
pub mod stream;
pub mod switch;
pub mod tables;
pub mod trading;
