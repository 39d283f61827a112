//! The engine's records: everything that goes in and everything that comes out.
//!
//! Each record is one fixed-width layout with a type number: inputs 1..=99, outputs 100..=199. The journal stores
//! exactly these bytes, so a journal replayed into a fresh engine must give the same outputs again.

pub mod catalogue;
pub mod flow;
pub mod load;
pub mod output;
