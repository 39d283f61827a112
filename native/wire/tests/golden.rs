//! The reference messages, field by field where their description says so, and back to bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use panshi_wire::text::{pad, trim};
use panshi_wire::{sse, szse};

const SSE: &str = include_str!("../../../tests/golden/wire/sse.txt");
const SZSE: &str = include_str!("../../../tests/golden/wire/szse.txt");

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn vectors(text: &str) -> impl Iterator<Item = (&str, Vec<u8>)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            line.split_once(' ')
                .map(|(name, hex)| (name, unhex(hex)))
                .unwrap()
        })
}

fn vector(text: &str, name: &str) -> Vec<u8> {
    vectors(text).find(|(found, _)| *found == name).unwrap().1
}

fn sse_message(bytes: &[u8]) -> (u64, sse::Message<'_>) {
    let frame = sse::frame(bytes).unwrap().unwrap();
    assert_eq!(frame.total_len, bytes.len());
    (frame.seq, sse::Message::decode(&frame).unwrap())
}

fn szse_message(bytes: &[u8]) -> szse::Message<'_> {
    let frame = szse::frame(bytes).unwrap().unwrap();
    assert_eq!(frame.total_len, bytes.len());
    szse::Message::decode(&frame).unwrap()
}

#[test]
fn each_message_comes_back_to_the_same_bytes() {
    assert_eq!((vectors(SSE).count(), vectors(SZSE).count()), (14, 12));
    for (name, bytes) in vectors(SSE) {
        let (seq, message) = sse_message(&bytes);
        assert!(!matches!(message, sse::Message::Unknown { .. }), "{name}");
        let mut out = [0; sse::MESSAGE_LEN_MAX];
        let len = sse::encode(&message, seq, &mut out).unwrap();
        assert_eq!(out[..len], bytes, "{name}");
        let mut again = bytes.clone();
        sse::reseal(&mut again, seq + 1).unwrap();
        assert_eq!(sse_message(&again), (seq + 1, message), "{name}");
        sse::reseal(&mut again, seq).unwrap();
        assert_eq!(again, bytes, "{name}");
    }
    for (name, bytes) in vectors(SZSE) {
        let message = szse_message(&bytes);
        assert!(!matches!(message, szse::Message::Unknown { .. }), "{name}");
        let mut out = [0; 4096];
        let len = szse::encode(&message, &mut out).unwrap();
        assert_eq!(out[..len], bytes, "{name}");
        out[len - 1] ^= 1;
        szse::reseal(&mut out[..len]).unwrap();
        assert_eq!(out[..len], bytes, "{name}");
    }
}

#[test]
fn captured_stream_list_has_two_flat_lists() {
    let bytes = vector(SSE, "captured-208");
    let (seq, sse::Message::ExecRptInfo(info)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!((seq, info.head.platform_id), (76, 0));
    let pbus: Vec<_> = info.pbus.iter().map(|entry| entry.pbu).collect();
    assert_eq!(pbus, [*b"37167   "]);
    let sets: Vec<_> = info.set_ids.iter().map(|entry| entry.set_id).collect();
    assert_eq!(sets, [1, 2, 3, 4, 5, 6, 20, 991, 992]);
}

#[test]
fn captured_sync_answer_says_success() {
    let bytes = vector(SSE, "captured-207");
    let (seq, sse::Message::ExecRptSyncRsp(answer)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!((seq, answer.groups.len()), (77, 1));
    let expected = sse::SyncRspEntry {
        pbu: pad(b"37167").unwrap(),
        set_id: 1,
        begin_report_index: 1,
        end_report_index: 0,
        rej_reason: 0,
        text: pad(b"Success").unwrap(),
    };
    assert_eq!(answer.groups.get(0), Some(expected));
    assert_eq!(answer.groups.get(1), None);
}

#[test]
fn shanghai_session_messages_read_as_described() {
    let bytes = vector(SSE, "SSE-01");
    let (_, sse::Message::Logon(logon)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (logon.heart_bt_int, logon.trade_date, logon.q_size),
        (10, 20_260_720, 0)
    );
    assert_eq!(trim(&logon.prtcl_version), b"0.57");
    assert_eq!(trim(&logon.target_comp_id), b"TDGW");
    let bytes = vector(SSE, "SSE-02");
    assert_eq!(
        sse_message(&bytes),
        (2, sse::Message::Heartbeat(sse::Heartbeat {}))
    );
    let bytes = vector(SSE, "SSE-03");
    let open = sse::PlatformState {
        platform_id: 0,
        platform_state: 2,
    };
    assert_eq!(sse_message(&bytes).1, sse::Message::PlatformState(open));
    let bytes = vector(SSE, "SSE-04");
    let groups = [sse::SyncEntry {
        pbu: *b"20001   ",
        set_id: 1,
        begin_report_index: 1,
    }];
    let sync = sse::ExecRptSync {
        head: sse::NoHead {},
        groups: groups[..].into(),
    };
    assert_eq!(sse_message(&bytes), (2, sse::Message::ExecRptSync(sync)));
    let bytes = vector(SSE, "SSE-11");
    let end = sse::ExecRptEndOfStream {
        pbu: *b"20001   ",
        set_id: 1,
        end_report_index: 4,
    };
    assert_eq!(sse_message(&bytes).1, sse::Message::ExecRptEndOfStream(end));
    let bytes = vector(SSE, "SSE-12");
    let (_, sse::Message::Logout(logout)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (logout.session_status, trim(&logout.text)),
        (5003, &b"Already Login, try again"[..])
    );
}

#[test]
fn shanghai_order_reads_as_described() {
    let bytes = vector(SSE, "SSE-05");
    let (seq, sse::Message::NewOrderSingle(order)) = sse_message(&bytes) else {
        panic!()
    };
    let expected = sse::NewOrderSingle {
        biz_id: 100_010,
        biz_pbu: *b"20001   ",
        cl_ord_id: *b"A000000001",
        security_id: *b"600000      ",
        account: *b"A123456789   ",
        owner_type: 0,
        side: b'1',
        price: 1_234_000,
        order_qty: 100_000,
        ord_type: b'2',
        time_in_force: b'0',
        transact_time: 930_001_234_567,
        credit_tag: *b"  ",
        clearing_firm: [b' '; 8],
        branch_id: *b"00001   ",
        user_info: pad(b"USER00000001").unwrap(),
    };
    assert_eq!((seq, order), (3, expected));
}

#[test]
fn shanghai_reports_read_as_described() {
    let bytes = vector(SSE, "SSE-06");
    let (_, sse::Message::ExecutionReport(report)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!((report.set_id, report.report_index), (1, 1));
    assert_eq!((report.exec_type, report.ord_status), (b'0', b'0'));
    assert_eq!(&report.ord_cnfm_id, b"0000000000000001");
    assert_eq!((report.price, report.order_qty), (1_234_000, 100_000));
    let bytes = vector(SSE, "SSE-07");
    let (_, sse::Message::TradeReport(trade)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (trade.report_index, trade.exec_type, trade.ord_status),
        (2, b'F', b'2')
    );
    assert_eq!((trade.last_px, trade.last_qty), (1_234_000, 100_000));
    let amount = sse::Profile::V0_57.gross_trade_amt_e5(trade.last_px, trade.last_qty);
    assert_eq!((trade.gross_trade_amt, amount), (123_400_000, 123_400_000));
    assert_eq!(trade.order_entry_time, 930_001_234_567);
    let bytes = vector(SSE, "SSE-08");
    let (_, sse::Message::OrderCancel(cancel)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!(&cancel.cl_ord_id, b"A000000002");
    assert_eq!(&cancel.orig_cl_ord_id, b"A000000001");
    let bytes = vector(SSE, "SSE-09");
    let (_, sse::Message::CancelReject(reject)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!((reject.cxl_rej_reason, reject.report_index), (13_430, 3));
    let bytes = vector(SSE, "SSE-10");
    let (_, sse::Message::OrderReject(reject)) = sse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (reject.ord_rej_reason, &reject.cl_ord_id),
        (11_270, b"A000000001")
    );
}

#[test]
fn shenzhen_session_messages_read_as_described() {
    let bytes = vector(SZSE, "SZ-01");
    let szse::Message::Logon(logon) = szse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (logon.heart_bt_int, trim(&logon.default_appl_ver_id)),
        (10, &b"1.18"[..])
    );
    assert_eq!(
        szse::APPL_VERSION.as_bytes(),
        trim(&logon.default_appl_ver_id)
    );
    let bytes = vector(SZSE, "SZ-02");
    assert_eq!(
        szse_message(&bytes),
        szse::Message::Heartbeat(szse::Heartbeat {})
    );
    let bytes = vector(SZSE, "SZ-03");
    let state = szse::PlatformStateInfo {
        platform_id: 1,
        platform_state: 2,
    };
    assert_eq!(
        szse_message(&bytes),
        szse::Message::PlatformStateInfo(state)
    );
    let bytes = vector(SZSE, "SZ-04");
    let partitions = [1, 2].map(|partition_no| szse::PartitionEntry { partition_no });
    let head = szse::PlatformInfoHead { platform_id: 1 };
    let info = szse::PlatformInfo {
        head,
        partitions: partitions[..].into(),
    };
    assert_eq!(szse_message(&bytes), szse::Message::PlatformInfo(info));
    let bytes = vector(SZSE, "SZ-05");
    let wanted = [1, 2].map(|partition_no| szse::SyncEntry {
        partition_no,
        report_index: 1,
    });
    let partitions = wanted[..].into();
    let sync = szse::ReportSynchronization {
        head: szse::NoHead {},
        partitions,
    };
    assert_eq!(
        szse_message(&bytes),
        szse::Message::ReportSynchronization(sync)
    );
    let bytes = vector(SZSE, "SZ-11");
    let szse::Message::BusinessReject(reject) = szse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (reject.business_reject_reason, reject.ref_msg_type),
        (20_007, 100_101)
    );
    let bytes = vector(SZSE, "SZ-12");
    let end = szse::ReportFinished {
        partition_no: 1,
        report_index: 4,
        platform_id: 1,
    };
    assert_eq!(szse_message(&bytes), szse::Message::ReportFinished(end));
}

#[test]
fn shenzhen_order_reads_as_described() {
    let bytes = vector(SZSE, "SZ-06");
    let szse::Message::NewOrder(order) = szse_message(&bytes) else {
        panic!()
    };
    let expected = szse::NewOrder {
        appl_id: *b"010",
        submitting_pbu_id: *b"100001",
        security_id: *b"000001  ",
        security_id_source: *b"102 ",
        owner_type: 1,
        clearing_firm: *b"01",
        transact_time: 20_260_720_093_000_123,
        user_info: *b"U0000001",
        cl_ord_id: *b"0000000001",
        account_id: *b"0123456789  ",
        branch_id: *b"0001",
        order_restrictions: *b"    ",
        side: b'1',
        ord_type: b'2',
        order_qty: 10_000,
        price: 123_400,
        stop_px: 0,
        min_qty: 0,
        max_price_levels: 0,
        time_in_force: b'0',
        cash_margin: b'1',
    };
    assert_eq!(order, expected);
    // The base record reads the common part of any new order.
    let base = <szse::OrderBase as panshi_wire::layout::Layout>::read(&bytes[8..]).unwrap();
    assert_eq!((base.cl_ord_id, base.price), (order.cl_ord_id, order.price));
}

#[test]
fn shenzhen_reports_read_as_described() {
    let bytes = vector(SZSE, "SZ-07");
    let szse::Message::Confirm(confirm) = szse_message(&bytes) else {
        panic!()
    };
    assert_eq!((confirm.partition_no, confirm.report_index), (1, 1));
    assert_eq!((confirm.exec_type, confirm.ord_status), (b'0', b'0'));
    assert_eq!((confirm.leaves_qty, confirm.cum_qty), (10_000, 0));
    let bytes = vector(SZSE, "SZ-08");
    let szse::Message::Fill(fill) = szse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (fill.report_index, fill.exec_type, fill.ord_status),
        (2, b'F', b'2')
    );
    assert_eq!(
        (fill.last_px, fill.last_qty, fill.leaves_qty),
        (123_400, 10_000, 0)
    );
    let bytes = vector(SZSE, "SZ-09");
    let szse::Message::CancelRequest(cancel) = szse_message(&bytes) else {
        panic!()
    };
    assert_eq!(
        (&cancel.cl_ord_id, &cancel.orig_cl_ord_id),
        (b"0000000002", b"0000000001")
    );
    let bytes = vector(SZSE, "SZ-10");
    let szse::Message::CancelReject(reject) = szse_message(&bytes) else {
        panic!()
    };
    assert_eq!((reject.ord_status, reject.cxl_rej_reason), (b'2', 0));
}
