//! The latch: stops that stand until a person takes them back, in memory that outlives the process.
//!
//! Whoever stops writes a slot and then moves the counter of changes; the serving loop looks at the counter before each
//! input. No lock is taken, so that neither a slow writer nor one that died can hold up the loop.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use panshi_engine::kind::{Proof, Scope, TradingState};
use panshi_journal::SharedWords;
use panshi_wire::digest::Digest;
use panshi_wire::layout::Layout;

use crate::convert::width;

/// Says what the file is, and in which form.
const MAGIC: u64 = u64::from_le_bytes(*b"PSSTOP01");
const SLOTS: usize = 63;
const SLOT_WORDS: usize = 32;
const WORDS: usize = (1 + SLOTS) * SLOT_WORDS;
/// Words of the head.
const CHANGES: usize = 1;
const LAST: usize = 2;
/// Words of a slot.
const PHASE: usize = 0;
const NUMBER: usize = 1;
const TAKEN: usize = 2;
const DIGEST: usize = 3;
const PAYLOAD: usize = 4;
/// Phases of a slot: free, being written, standing.
const FREE: u64 = 0;
const WRITING: u64 = 1;
const STANDS: u64 = 2;
/// What a gate that refuses a stop writes where the journal's sequence would be.
pub const REFUSED: u64 = u64::MAX;

panshi_wire::layout! {
    /// A stop as the latch keeps it.
    little;
    pub struct Stop = 1, "Stop" {
        wall_ns: u64 => "wall_ns", "when it was asked for, ns since the Unix epoch";
        scope: u8 => "scope", "see Scope";
        state: u8 => "state", "see TradingState";
        market: u8 => "market", "market of an account or security";
        proof: u8 => "proof", "see Proof";
        id: u32 => "id", "number within the scope where it has one";
        key: [u8; 16] => "key", "account or security code where the scope has one, space padded";
        who: [u8; 32] => "who", "named person";
        why: [u8; 96] => "why", "reason, UTF-8, cut at a character";
        cancel_all: u8 => "cancel_all", "1: every open order of the scope is cancelled too";
        isolate: u8 => "isolate", "1: the client's sessions end and it is not let in";
        spare: [u8; 6] => "spare", "zero";
    }
}

impl Stop {
    /// Whether both are about the same part of the market.
    #[must_use]
    pub fn has_target_of(&self, other: &Self) -> bool {
        let target = |stop: &Self| (stop.scope, stop.market, stop.id, stop.key);
        target(self) == target(other)
    }

    /// What the latch says where a slot cannot be trusted: everything stands still until somebody has looked.
    fn of_a_damaged_slot() -> Self {
        Self {
            scope: Scope::Firm.number(),
            state: TradingState::Halted.number(),
            proof: Proof::Gate.number(),
            who: width::text("panshi"),
            why: width::text("a slot of the latch is damaged"),
            key: [b' '; 16],
            ..Self::default()
        }
    }
}

/// A stop that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its number; later ones have larger numbers.
    pub number: u64,
    /// Sequence of the journaled command; 0: no gate took it yet; [`REFUSED`].
    pub taken: u64,
    /// What was asked.
    pub stop: Stop,
}

enum Memory {
    Shared(SharedWords),
    Own(Vec<AtomicU64>),
}

/// The latch of a gate.
pub struct Latch {
    memory: Memory,
}

impl std::fmt::Debug for Latch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Latch").field(&self.changes()).finish()
    }
}

impl Latch {
    /// Open a latch's file, or make one in which nothing stands.
    ///
    /// # Errors
    /// When the file cannot be used or is no latch.
    pub fn open(path: &Path) -> Result<Self, String> {
        let failed = |reason: String| format!("latch {}: {reason}", path.display());
        let words = SharedWords::open(path, WORDS).map_err(|error| failed(error.to_string()))?;
        let latch = Self {
            memory: Memory::Shared(words),
        };
        let magic = &latch.words()[0];
        let relaxed = Ordering::Relaxed;
        match magic.compare_exchange(0, MAGIC, Ordering::AcqRel, relaxed) {
            Err(found) if found != MAGIC => Err(failed(format!(
                "must begin with {MAGIC:016x}, found {found:016x}"
            ))),
            _ => Ok(latch),
        }
    }

    /// A latch that ends with its process.
    #[must_use]
    pub fn in_memory() -> Self {
        let mut words = Vec::new();
        words.resize_with(WORDS, AtomicU64::default);
        Self {
            memory: Memory::Own(words),
        }
    }

    /// Take it for the one gate that obeys it; false when another process has it.
    #[must_use]
    pub fn lock(&self) -> bool {
        match &self.memory {
            Memory::Shared(words) => words.lock(),
            Memory::Own(_) => true,
        }
    }

    #[inline]
    fn words(&self) -> &[AtomicU64] {
        match &self.memory {
            Memory::Shared(words) => words.words(),
            Memory::Own(words) => words,
        }
    }

    /// How often something was stopped; the serving loop looks at this before each input.
    #[inline]
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.words()[CHANGES].load(Ordering::Acquire)
    }

    fn slots(&self) -> impl Iterator<Item = &[AtomicU64]> {
        self.words().chunks_exact(SLOT_WORDS).skip(1)
    }

    /// Let a stop stand and return its number. It holds for this process and for the next at once; [`Latch::sync`]
    /// brings it to the disk.
    ///
    /// # Errors
    /// When every slot is taken; the first is kept free for the whole firm.
    pub fn set(&self, stop: &Stop) -> Result<u64, String> {
        let kept = usize::from(stop.scope != Scope::Firm.number());
        let free = |slot: &&[AtomicU64]| {
            let claimed =
                slot[PHASE].compare_exchange(FREE, WRITING, Ordering::AcqRel, Ordering::Relaxed);
            claimed.is_ok()
        };
        let slot = self.slots().skip(kept).find(free).ok_or_else(|| {
            format!("latch: at most {SLOTS} stops may stand, one of them of the whole firm")
        })?;
        let number = self.words()[LAST].fetch_add(1, Ordering::AcqRel) + 1;
        let mut bytes = [0; (SLOT_WORDS - PAYLOAD) * 8];
        let _ = stop.write(&mut bytes);
        for (word, part) in slot[PAYLOAD..].iter().zip(bytes.as_chunks().0) {
            word.store(u64::from_le_bytes(*part), Ordering::Relaxed);
        }
        slot[NUMBER].store(number, Ordering::Relaxed);
        slot[TAKEN].store(0, Ordering::Relaxed);
        slot[DIGEST].store(digest(number, &bytes), Ordering::Relaxed);
        slot[PHASE].store(STANDS, Ordering::Release);
        self.words()[CHANGES].fetch_add(1, Ordering::AcqRel);
        Ok(number)
    }

    /// Everything that stands, in the order of its numbers.
    #[must_use]
    pub fn standing(&self) -> Vec<Standing> {
        let mut found: Vec<Standing> = self.slots().filter_map(read).collect();
        found.sort_unstable_by_key(|row| row.number);
        found
    }

    fn slot_of(&self, number: u64) -> Option<&[AtomicU64]> {
        self.slots().find(|slot| {
            slot[PHASE].load(Ordering::Acquire) == STANDS
                && slot[NUMBER].load(Ordering::Relaxed) == number
        })
    }

    /// What a gate wrote beside a stop: see [`Standing::taken`]; none: it does not stand any more.
    #[must_use]
    pub fn taken(&self, number: u64) -> Option<u64> {
        let slot = self.slot_of(number)?;
        Some(slot[TAKEN].load(Ordering::Acquire))
    }

    /// Write beside a stop that the gate has taken it.
    pub fn mark_taken(&self, number: u64, sequence: u64) {
        if let Some(slot) = self.slot_of(number) {
            slot[TAKEN].store(sequence, Ordering::Release);
        }
    }

    /// Let a stop stand no more.
    pub fn clear(&self, number: u64) {
        if let Some(slot) = self.slot_of(number) {
            slot[PHASE].store(FREE, Ordering::Release);
        }
    }

    /// Bring it to the disk.
    ///
    /// # Errors
    /// When the disk does not take it; the stop stands nevertheless.
    pub fn sync(&self) -> Result<(), String> {
        match &self.memory {
            Memory::Shared(words) => words.sync().map_err(|error| format!("latch: {error}")),
            Memory::Own(_) => Ok(()),
        }
    }
}

/// Read a slot; again when it was given to another stop meanwhile, so that only a damaged one looks damaged.
fn read(slot: &[AtomicU64]) -> Option<Standing> {
    loop {
        if slot[PHASE].load(Ordering::Acquire) != STANDS {
            return None;
        }
        let before = slot[NUMBER].load(Ordering::Relaxed);
        let found = read_once(slot);
        fence(Ordering::Acquire);
        let stands = slot[PHASE].load(Ordering::Acquire) == STANDS;
        if stands && slot[NUMBER].load(Ordering::Relaxed) == before && found.number == before {
            return Some(found);
        }
    }
}

fn read_once(slot: &[AtomicU64]) -> Standing {
    let mut bytes = [0; (SLOT_WORDS - PAYLOAD) * 8];
    for (word, part) in slot[PAYLOAD..].iter().zip(bytes.as_chunks_mut().0) {
        *part = word.load(Ordering::Relaxed).to_le_bytes();
    }
    let number = slot[NUMBER].load(Ordering::Relaxed);
    let whole = slot[DIGEST].load(Ordering::Relaxed) == digest(number, &bytes);
    let stop = Stop::read(&bytes).filter(|_| whole);
    Standing {
        number,
        taken: slot[TAKEN].load(Ordering::Acquire),
        stop: stop.unwrap_or_else(Stop::of_a_damaged_slot),
    }
}

fn digest(number: u64, payload: &[u8]) -> u64 {
    let mut digest = Digest::default();
    digest.add(&number.to_le_bytes());
    digest.add(payload);
    digest.finish()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::Ordering;

    use panshi_engine::kind::{Scope, TradingState};

    use super::{Latch, PAYLOAD, SLOT_WORDS, SLOTS, Stop};
    use crate::convert::width;

    fn stop(scope: Scope, id: u32) -> Stop {
        Stop {
            scope: scope.number(),
            state: TradingState::CancelOnly.number(),
            id,
            who: width::text("one"),
            ..Stop::default()
        }
    }

    #[test]
    fn a_stop_stands_in_every_process_until_it_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latch");
        let (writer, gate) = (Latch::open(&path).unwrap(), Latch::open(&path).unwrap());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!((gate.changes(), gate.standing()), (0, Vec::new()));
        let number = writer.set(&stop(Scope::Client, 7)).unwrap();
        assert_eq!(gate.changes(), 1);
        let found = gate.standing();
        assert_eq!(
            (found[0].number, found[0].taken, found[0].stop),
            (number, 0, stop(Scope::Client, 7))
        );
        gate.mark_taken(number, 42);
        assert_eq!(writer.taken(number), Some(42));
        drop((writer, gate));
        let next = Latch::open(&path).unwrap();
        assert_eq!(next.standing()[0].stop, stop(Scope::Client, 7));
        next.clear(number);
        assert_eq!((next.taken(number), next.standing()), (None, Vec::new()));
    }

    #[test]
    fn a_full_latch_still_takes_the_whole_firm() {
        let latch = Latch::in_memory();
        for id in 1..u32::try_from(SLOTS).unwrap() {
            latch.set(&stop(Scope::Client, id)).unwrap();
        }
        assert!(latch.set(&stop(Scope::Client, 99)).is_err());
        assert_eq!(latch.set(&stop(Scope::Firm, 0)), Ok(SLOTS as u64));
        assert!(latch.set(&stop(Scope::Firm, 0)).is_err());
    }

    #[test]
    fn a_damaged_slot_stops_the_firm() {
        let latch = Latch::in_memory();
        latch.set(&stop(Scope::Client, 7)).unwrap();
        let place = SLOT_WORDS * 2 + PAYLOAD;
        latch.words()[place].fetch_xor(1, Ordering::Relaxed);
        let found = latch.standing()[0].stop;
        assert_eq!(
            (found.scope, found.state),
            (Scope::Firm.number(), TradingState::Halted.number())
        );
    }

    #[test]
    fn a_file_that_is_no_latch_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latch");
        std::fs::write(&path, vec![1; super::WORDS * 8]).unwrap();
        let error = Latch::open(&path).unwrap_err();
        assert!(error.ends_with("found 0101010101010101"), "{error}");
    }

    #[test]
    fn only_one_gate_obeys_a_latch() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latch");
        let (one, two) = (Latch::open(&path).unwrap(), Latch::open(&path).unwrap());
        assert!(one.lock());
        assert!(!two.lock());
    }
}
