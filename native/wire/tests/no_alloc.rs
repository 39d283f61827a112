//! Reading and writing messages does not allocate, whatever lengths the bytes announce.
//!
//! The count is kept by thread, and each test runs in one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use panshi_wire::view::Protocol;
use panshi_wire::{sse, szse};
use support::{Random, body};

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

#[test]
fn every_message_of_both_gateways_is_read_and_written_without_allocation() {
    let mut wire = vec![0; szse::MESSAGE_LEN_MAX_DEFAULT];
    let mut again = wire.clone();
    for round in 0..20 {
        let random = &mut Random(round);
        for desc in Protocol::Sse.catalogue() {
            let (msg_type, body) = (desc.msg_type, &body(random, desc)[..]);
            let count = allocations(|| {
                let sent = sse::Message::Unknown { msg_type, body };
                let len = sse::encode(&sent, round, &mut wire).unwrap();
                let frame = sse::frame(&wire[..len]).unwrap().unwrap();
                let message = sse::Message::decode(&frame).unwrap();
                assert!(!matches!(message, sse::Message::Unknown { .. }));
                assert_eq!(sse::encode(&message, round, &mut again), Ok(len));
                assert_eq!(again[..len], wire[..len]);
                sse::reseal(&mut again[..len], round + 1).unwrap();
            });
            assert_eq!(count, 0, "{} {}", desc.msg_type, desc.name);
        }
        for desc in Protocol::Szse.catalogue() {
            let (msg_type, body) = (desc.msg_type, &body(random, desc)[..]);
            let count = allocations(|| {
                let sent = szse::Message::Unknown { msg_type, body };
                let len = szse::encode(&sent, &mut wire).unwrap();
                let frame = szse::frame(&wire[..len]).unwrap().unwrap();
                let message = szse::Message::decode(&frame).unwrap();
                assert!(!matches!(message, szse::Message::Unknown { .. }));
                assert_eq!(szse::encode(&message, &mut again), Ok(len));
                assert_eq!(again[..len], wire[..len]);
                szse::reseal(&mut again[..len]).unwrap();
            });
            assert_eq!(count, 0, "{} {}", desc.msg_type, desc.name);
        }
    }
}
