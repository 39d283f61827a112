//! Settings of a journal, and the faults that tests inject.

use std::sync::Arc;
use std::time::Duration;

use crate::disk::{Disk, SystemDisk};
use crate::waker::Waker;

/// When a record must be on the disk, relative to what leaves the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A: append, send, sync in the background. A power cut loses the last milliseconds.
    Background,
    /// B: append, then send and sync side by side; the client's report waits for both.
    #[default]
    Beside,
    /// C: append, sync, then send.
    Before,
}

/// How a journal is written.
#[derive(Clone)]
pub struct Options {
    /// Bytes of a segment, a multiple of 4096, at least 16 KiB.
    pub segment_bytes: u64,
    /// When a record must be durable.
    pub durability: Durability,
    /// Trade date as yyyymmdd, written into each segment's header.
    pub trade_date: u32,
    /// The longest time an appended record stays unsynced when nobody asks.
    pub sync_interval: Duration,
    /// Bytes ahead of the append position that are brought into memory; 0 switches it off.
    pub prefault_bytes: u64,
    /// Woken when more records are durable, and when the journal fails.
    pub waker: Option<Arc<dyn Waker>>,
    /// Who writes, for the message a second writer gets.
    pub holder: String,
    /// Wall time of the opening, for a caller with a clock of its own; none: that of now.
    pub opened_ns: Option<u64>,
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// Start no threads: the owner calls [`crate::Journal::step_sync`] and
    /// [`crate::Journal::step_keeper`] in their place.
    pub stepped: bool,
    /// Faults for tests; none by default.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            durability: Durability::default(),
            trade_date: 0,
            sync_interval: Duration::from_millis(10),
            prefault_bytes: 256 << 10,
            waker: None,
            holder: "panshi journal".to_owned(),
            opened_ns: None,
            disk: Arc::new(SystemDisk),
            stepped: false,
            faults: Faults::default(),
        }
    }
}

/// What a test orders to go wrong. A disk that fails is another [`Options::disk`].
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// The record with this sequence is cut after so many bytes, as if the process died there.
    pub short_append: Option<(u64, usize)>,
    /// The machine's boot, in place of the real one: lets a test pretend a power cut.
    pub boot: Option<[u8; 16]>,
}
