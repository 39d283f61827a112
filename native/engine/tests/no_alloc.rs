//! Nothing is allocated while orders, cancels, reports and timers flow.
//!
//! The only test of its binary: the count is of the whole thread.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::synthetic::{Size, Synthetic};

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

fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.with(Cell::get);
    work();
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn no_input_of_the_flow_allocates() {
    assert!(
        allocations(|| drop(black_box(vec![1; black_box(9)]))) > 0,
        "the count must be able to rise"
    );
    let size = Size {
        accounts: 50,
        securities: 20,
        open_orders: 300,
        orders: 20_000,
        step_ns: 1_000_000,
    };
    let mut engine = Engine::new(&size.capacity());
    let mut flow = Synthetic::new(size, 5);
    let mut out = Vec::with_capacity(4_096);
    let mut seq = 1;
    for input in flow.opening() {
        engine.apply(seq, &input, &mut out);
        seq += 1;
    }
    assert!(out.is_empty(), "{out:?}");
    for round in 0..20_000 {
        let input = if round % 100 == 0 {
            Input::from(flow.timer())
        } else {
            flow.next(seq)
        };
        out.clear();
        let count = allocations(|| engine.apply(seq, &input, &mut out));
        assert_eq!(count, 0, "input {seq} {input:?}");
        flow.observe(&out);
        seq += 1;
    }
    assert!(engine.totals().fills > 500 && engine.totals().cancels > 500);
}
