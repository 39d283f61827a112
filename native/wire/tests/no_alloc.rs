//! Reading and writing messages does not allocate, whatever lengths the bytes announce.
//!
//! The only test of its binary: the count is of the whole process.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use panshi_wire::{sse, szse};

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
fn messages_are_read_and_written_without_allocation() {
    assert!(
        allocations(|| drop(black_box(vec![1; black_box(9)]))) > 0,
        "the count must be able to rise"
    );
    let groups = [sse::SyncEntry {
        pbu: *b"20001   ",
        set_id: 1,
        begin_report_index: 1,
    }; 200];
    let sync = sse::ExecRptSync {
        head: sse::NoHead {},
        groups: groups[..].into(),
    };
    let mut out = [0; 4096];
    let count = allocations(|| {
        let len = sse::encode(&sync, 1, &mut out).unwrap();
        let frame = sse::frame(&out[..len]).unwrap().unwrap();
        let sse::Message::ExecRptSync(read) = sse::Message::decode(&frame).unwrap() else {
            panic!("another message")
        };
        assert_eq!(read.groups.iter().count(), 200);
        assert_eq!(read, sync);
        let len = szse::encode(&szse::NewOrder::default(), &mut out).unwrap();
        let frame = szse::frame(&out[..len]).unwrap().unwrap();
        szse::Message::decode(&frame).unwrap();
    });
    assert_eq!(count, 0);
    // A count of four billion entries, and a length of four billion bytes.
    let huge_group = szse::Message::Unknown {
        msg_type: 5,
        body: &[0xff; 4],
    };
    let count = allocations(|| {
        let len = szse::encode(&huge_group, &mut out).unwrap();
        let frame = szse::frame(&out[..len]).unwrap().unwrap();
        szse::Message::decode(&frame).unwrap_err();
        szse::frame(&[0xff; 12]).unwrap_err();
        sse::frame(&[0xff; 20]).unwrap_err();
    });
    assert_eq!(count, 0);
}
