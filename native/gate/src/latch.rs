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
const MAGIC: u64 = u64::from_le_bytes(*b"PSSTOP02");
/// Slots of each kind of scope, by its number. A name that nobody has can be stopped too, because the latch knows no names;
/// so each kind has its own, and what is invented in one takes nothing from another.
const ROOM: [usize; 12] = [0, 31, 64, 128, 256, 512, 256, 256, 128, 128, 256, 32];
const SLOTS: usize = first_of(ROOM.len());
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
/// What a gate writes there when a stop was taken back, until the disk has that.
pub const ENDING: u64 = u64::MAX - 1;

/// Slots of the kinds before one.
const fn first_of(scope: usize) -> usize {
    let (mut sum, mut at) = (0, 0);
    while at < scope {
        sum += ROOM[at];
        at += 1;
    }
    sum
}

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

    /// Whether it says all that another one says: the same person has stopped the same target at least as strictly.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let of = |stop: &Self| (stop.who, stop.proof, stop.cancel_all, stop.isolate);
        self.has_target_of(other) && self.state >= other.state && of(self) == of(other)
    }

    /// What still stands of it when its target is let trade in this state; none: nothing.
    #[must_use]
    pub fn rest_of(self, state: u8) -> Option<Self> {
        (state != TradingState::Normal.number()).then_some(Self {
            state: state.min(self.state),
            cancel_all: 0,
            isolate: 0,
            ..self
        })
    }

    /// What the gate says by itself where it does not know what stands: everything stands still until somebody has looked.
    #[must_use]
    pub fn of_the_gate(why: &str) -> Self {
        Self {
            scope: Scope::Firm.number(),
            state: TradingState::Halted.number(),
            proof: Proof::Gate.number(),
            who: width::text("panshi"),
            why: width::text(why),
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

/// What became of a stop that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Number under which it stands.
    pub number: u64,
    /// Whether it stood already; then it is not for who set it again to clear.
    pub shared: bool,
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

    /// Have a gate take a stop once more that covers another one; its number, where one stands.
    fn share(&self, stop: &Stop) -> Option<u64> {
        self.slots().find_map(|slot| {
            let row = read(slot).filter(|row| row.stop.covers(stop))?;
            if matches!(row.taken, REFUSED | ENDING) {
                return None;
            }
            // It fails when the gate is just taking it back: then it is no stop any more.
            let relaxed = Ordering::Relaxed;
            slot[TAKEN]
                .compare_exchange(row.taken, 0, Ordering::AcqRel, relaxed)
                .ok()?;
            let same = slot[NUMBER].load(Ordering::Acquire) == row.number;
            (same && slot[PHASE].load(Ordering::Acquire) == STANDS).then_some(row.number)
        })
    }

    /// Let a stop stand. It holds for this process and for the next at once; [`Latch::sync`] brings it to the disk.
    ///
    /// The same stop of the same person shares the slot of the one that stands: repetition must not use the slots up.
    ///
    /// # Errors
    /// When every slot of its kind of scope is taken, or there is no such kind.
    pub fn set(&self, stop: &Stop) -> Result<Placed, String> {
        let placed = match self.share(stop) {
            Some(number) => Placed {
                number,
                shared: true,
            },
            None => Placed {
                number: self.place(stop)?,
                shared: false,
            },
        };
        self.words()[CHANGES].fetch_add(1, Ordering::AcqRel);
        Ok(placed)
    }

    /// Write a stop into a free slot.
    fn place(&self, stop: &Stop) -> Result<u64, String> {
        let scope = usize::from(stop.scope);
        let room = ROOM.get(scope).copied().unwrap_or(0);
        let free = |slot: &&[AtomicU64]| {
            let claimed =
                slot[PHASE].compare_exchange(FREE, WRITING, Ordering::AcqRel, Ordering::Relaxed);
            claimed.is_ok()
        };
        let mut own = self
            .slots()
            .skip(first_of(scope.min(ROOM.len())))
            .take(room);
        let slot = own.find(free).ok_or_else(|| {
            format!(
                "latch: at most {room} stops of this kind of scope may stand, found no room: \
                 stop a wider scope, or have another person take back what is not needed"
            )
        })?;
        Ok(self.fill(slot, stop, 0))
    }

    /// Fill a slot that is being written and let it stand.
    fn fill(&self, slot: &[AtomicU64], stop: &Stop, taken: u64) -> u64 {
        let number = self.words()[LAST].fetch_add(1, Ordering::AcqRel) + 1;
        let mut bytes = [0; (SLOT_WORDS - PAYLOAD) * 8];
        let _ = stop.write(&mut bytes);
        for (word, part) in slot[PAYLOAD..].iter().zip(bytes.as_chunks().0) {
            word.store(u64::from_le_bytes(*part), Ordering::Relaxed);
        }
        slot[NUMBER].store(number, Ordering::Relaxed);
        slot[TAKEN].store(taken, Ordering::Relaxed);
        slot[DIGEST].store(digest(number, &bytes), Ordering::Relaxed);
        slot[PHASE].store(STANDS, Ordering::Release);
        number
    }

    /// Put what is left of a stop in its place, as taken: in the same slot, which nobody else can get in between.
    pub fn replace(&self, number: u64, rest: &Stop, taken: u64) {
        if let Some(slot) = self.slot_of(number) {
            slot[PHASE].store(WRITING, Ordering::Release);
            self.fill(slot, rest, taken);
        }
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

    /// What a gate wrote beside a stop, also when it stands no more: so that who shared one that was refused learns it.
    #[must_use]
    pub fn outcome(&self, number: u64) -> Option<u64> {
        let mut slots = self.slots();
        let slot = slots.find(|slot| slot[NUMBER].load(Ordering::Acquire) == number)?;
        Some(slot[TAKEN].load(Ordering::Acquire)).filter(|taken| *taken != ENDING)
    }

    /// Write beside a stop that it was taken back; false when somebody has stopped the same again meanwhile, or no gate
    /// has taken it yet.
    #[must_use]
    pub fn mark_ending(&self, row: &Standing) -> bool {
        if row.taken == 0 {
            return false;
        }
        let relaxed = Ordering::Relaxed;
        self.slot_of(row.number).is_some_and(|slot| {
            let taken = &slot[TAKEN];
            taken
                .compare_exchange(row.taken, ENDING, Ordering::AcqRel, relaxed)
                .is_ok()
        })
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
        stop: stop.unwrap_or_else(|| Stop::of_the_gate("a slot of the latch is damaged")),
    }
}

fn digest(number: u64, payload: &[u8]) -> u64 {
    let mut digest = Digest::default();
    digest.add(&number.to_le_bytes());
    digest.add(payload);
    digest.finish()
}

#[cfg(test)]
#[path = "latch_tests.rs"]
mod tests;
