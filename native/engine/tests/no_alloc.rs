//! Nothing is allocated while orders flow.
//!
//! The only test of its binary: the count is of the whole thread.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use panshi_engine::input::Input;
use support::World;
use support::chaos::Chaos;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on unchanged to the system's allocator; the count is a thread-local
// without a destructor, which may be touched while allocating.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn nothing_is_allocated_while_orders_flow() {
    let count = || ALLOCATIONS.with(Cell::get);
    let before = count();
    drop(black_box(vec![1; black_box(9)]));
    assert!(count() > before, "the count must be able to rise");
    let (mut world, mut chaos) = (World::new(), Chaos::new(5));
    world.param(10, 3);
    let mut out = Vec::with_capacity(10_000);
    for step in 0..3_000 {
        let input = chaos.next(&mut world);
        out.clear();
        world.seq += 1;
        let before = count();
        world.engine.apply(world.seq, &input, &mut out);
        // Switches and limits may take room when they are loaded; what flows may not.
        if !matches!(input, Input::LoadSwitch(_)) {
            assert_eq!(count(), before, "step {step}: {input:?}");
        }
        chaos.learn(&input, &out);
    }
    assert!(world.engine.totals().fills > 20);
}
