//! Append-only journal files: append, group sync, read, verify, repair a torn tail.
//!
//! A journal is a directory of preallocated segments. One thread appends by copying into a mapped
//! file; a second thread syncs what was appended, many records at a time; a third prepares the next
//! segment, a fourth hashes all of them into a chain. A simulation does the work of those three by
//! steps, on a disk of its own ([`Options`]). Payloads are bytes to this crate: what they
//! mean is told by the layouts of `panshi_wire` and only the column reader looks inside.
//!
//! Start and recovery are one path: [`Journal::open`] always looks for the last valid record.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::cast_possible_truncation
    )
)]
#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod bench;
mod chain;
pub mod columns;
mod directory;
mod disk;
mod durable;
mod error;

mod ids;
mod keeper;
mod lock;
mod mapping;
mod options;
mod priority;
mod reader;
mod record;
mod recover;
mod sealed;
mod sealer;
mod segment;
mod shared;
mod syncer;
mod verify;
mod waker;
mod walk;
mod words;
mod work;
mod writer;

pub use disk::{Disk, SystemDisk};
pub use error::{Corruption, Error, Result};
pub use ids::IdBlocks;
pub use options::{Durability, Faults, Options};
pub use priority::run_when_idle;
pub use reader::{Entry, Reader, Records, UpTo};
pub use record::{
    HEADER_BYTES, Parsed, Position, RecordHeader, finish as finish_record, parse as parse_record,
    size_of_record,
};
pub use recover::{Dropped, RecoveryReport};
pub use sealed::{Seal, read_seal};
pub use verify::{Finding, SegmentSummary, VerifyReport, verify};
pub use waker::{EventFd, Waker};
pub use words::SharedWords;
pub use writer::{Appended, Journal, Watch};
