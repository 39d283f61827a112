//! Memory of the native code: large tables on large pages.
//!
//! The engine's tables are allocated once, tens of megabytes at a time, and read at random places. On pages of
//! 4 KiB nearly every such read also misses the processor's page table cache; on pages of 2 MiB it does not. The
//! kernel gives large pages to memory that asks for them. Small allocations are the system's own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::mm::{Advice, madvise};

/// Allocations from this size on ask for large pages.
const LARGE: usize = 4 << 20;
const PAGE: usize = 4096;
/// Memory asked for in one call. The kernel holds the lock of the address space meanwhile, and whoever else maps a
/// segment or ends the process waits for it: on a busy machine for long, if it is a thread that gives way which asks.
const PIECE: usize = 2 << 20;

/// The system's allocator, with large pages for large allocations.
pub struct LargePages;

#[global_allocator]
static ALLOCATOR: LargePages = LargePages;

/// Whether large allocations are brought into memory at once.
static AT_ONCE: AtomicBool = AtomicBool::new(false);

/// From now on, bring large allocations into memory as they are made: a process that serves has its tables for the whole
/// day from the start, so that its memory does not grow with the orders and none of them waits for a page.
pub fn take_at_once() {
    AT_ONCE.store(true, Ordering::Relaxed);
}

/// Ask for large pages; a kernel that has none leaves the memory as it is.
fn ask(place: *mut u8, size: usize, at_once: bool) {
    if size < LARGE || place.is_null() {
        return;
    }
    let before = place.align_offset(PAGE);
    let inner = size.saturating_sub(before) / PAGE * PAGE;
    let inside = place.wrapping_add(before);
    // SAFETY: the range lies inside the allocation just made, and the advice changes no content.
    let _ = unsafe { madvise(inside.cast(), inner, Advice::LinuxHugepage) };
    if at_once {
        for from in (0..inner).step_by(PIECE) {
            let piece = PIECE.min(inner - from);
            // SAFETY: as above.
            let _ = unsafe {
                madvise(
                    inside.wrapping_add(from).cast(),
                    piece,
                    Advice::LinuxPopulateWrite,
                )
            };
        }
    }
}

// SAFETY: every call is passed on unchanged to the system's allocator; the advice given for its result changes neither
// address nor content.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let place = unsafe { System.alloc(layout) };
        ask(place, layout.size(), AT_ONCE.load(Ordering::Relaxed));
        place
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let place = unsafe { System.alloc_zeroed(layout) };
        ask(place, layout.size(), AT_ONCE.load(Ordering::Relaxed));
        place
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let moved = unsafe { System.realloc(place, layout, size) };
        // What grows while it is in use must not hold up whoever uses it.
        ask(moved, size, false);
        moved
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}
