//! What a client sends leaves the gate byte for byte; what the exchange reports arrives likewise.
#![allow(clippy::unwrap_used)]

use panshi_engine::kind::{OrderType, ReportKind};
use panshi_gate::convert::{Origin, Place, encode_cancel, encode_order, encode_report, sse, szse};
use panshi_wire::layout::Layout;
use panshi_wire::sse::{
    CancelReject, ExecRptEndOfStream, ExecutionReport, NewOrderSingle, OrderCancel, OrderReject,
    TradeReport,
};
use panshi_wire::szse::{
    BusinessReject, CancelReject as SzseCancelReject, CancelRequest, Confirm, ConfirmBase, Fill,
    FillBase, NewOrder, NewOrder103701, OrderBase, ReportFinished,
};

const ORIGIN: Origin = Origin {
    time_ns: 7,
    number: 3,
};

/// A body whose bytes all differ from padding, so that a field that is lost is seen.
fn body(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| b'A' + u8::try_from(at % 26).unwrap())
        .collect()
}

/// The body of a Shanghai message as the gate writes it.
fn sse_body(encoded: &[u8], len: usize) -> &[u8] {
    &encoded[16..len - 4]
}

fn szse_body(encoded: &[u8], len: usize) -> &[u8] {
    &encoded[8..len - 4]
}

#[test]
fn a_shanghai_order_and_its_cancel_pass_unchanged() {
    let mut wire = NewOrderSingle::read(&body(NewOrderSingle::LEN)).unwrap();
    wire.owner_type = 1;
    let mut out = [0; 512];
    let len = encode_order(&sse::order_from_wire(&wire, ORIGIN), 9, &mut out).unwrap();
    assert_eq!(NewOrderSingle::read(sse_body(&out, len)), Some(wire));

    let wire = OrderCancel::read(&body(OrderCancel::LEN)).unwrap();
    let len = encode_cancel(&sse::cancel_from_wire(&wire, ORIGIN), 9, &mut out).unwrap();
    assert_eq!(OrderCancel::read(sse_body(&out, len)), Some(wire));
}

#[test]
fn shanghai_order_types_are_the_protocols() {
    for (ord_type, kind) in [
        (b'1', OrderType::BestFiveCancel.number()),
        (b'2', OrderType::Limit.number()),
        (b'3', OrderType::BestFiveLimit.number()),
        (b'4', OrderType::OwnBest.number()),
        (b'5', OrderType::CounterBest.number()),
        (b'6', 0),
        (b' ', 0),
    ] {
        let wire = NewOrderSingle {
            ord_type,
            ..NewOrderSingle::default()
        };
        assert_eq!(
            sse::order_from_wire(&wire, ORIGIN).order_type,
            kind,
            "{ord_type}"
        );
    }
}

/// Read a body as a report, write it for a client, and expect the same but for the stream's key.
macro_rules! sse_report {
    ($message:ident, $kind:expr, $read:expr, $($place:tt)*) => {{
        let mut wire = $message::read(&body($message::LEN)).unwrap();
        #[allow(clippy::redundant_closure_call)]
        ($($place)*)(&mut wire);
        #[allow(clippy::redundant_closure_call)]
        let report = $read(&wire);
        assert_eq!(report.kind, $kind.number());
        assert_eq!((report.gateway, report.time_ns, report.market), (3, 7, 1));
        let place = Place { pbu: report.stream_pbu, set_id: report.set_id, index: report.report_index };
        let mut out = [0; 512];
        let len = encode_report(&report, &place, 1, &mut out).unwrap();
        assert_eq!($message::read(sse_body(&out, len)), Some(wire));
    }};
}

#[test]
fn shanghai_reports_pass_unchanged() {
    for (exec_type, kind) in [
        (b'0', ReportKind::Accepted),
        (b'4', ReportKind::Cancelled),
        (b'8', ReportKind::Rejected),
    ] {
        sse_report!(
            ExecutionReport,
            kind,
            |wire| sse::response_from_wire(wire, ORIGIN).unwrap(),
            |wire: &mut ExecutionReport| wire.exec_type = exec_type
        );
    }
    sse_report!(
        TradeReport,
        ReportKind::Fill,
        |wire| sse::fill_from_wire(wire, ORIGIN),
        |_| ()
    );
    sse_report!(
        CancelReject,
        ReportKind::CancelRejected,
        |wire| sse::cancel_reject_from_wire(wire, ORIGIN),
        |_| ()
    );
    sse_report!(
        OrderReject,
        ReportKind::PreRejected,
        |wire| sse::order_reject_from_wire(wire, ORIGIN),
        |_| ()
    );
    sse_report!(
        ExecRptEndOfStream,
        ReportKind::EndOfStream,
        |wire| sse::end_from_wire(wire, ORIGIN),
        |_| ()
    );
    let unknown = ExecutionReport {
        exec_type: b'F',
        ..ExecutionReport::default()
    };
    assert_eq!(sse::response_from_wire(&unknown, ORIGIN), None);
}

/// Numbers small enough that ten times as much fits.
fn szse_order() -> NewOrder {
    let mut wire = NewOrder::read(&body(NewOrder::LEN)).unwrap();
    wire.appl_id = *b"010";
    wire.security_id_source = *b"102 ";
    (wire.order_qty, wire.price, wire.stop_px, wire.min_qty) = (10_000, 123_400, 7, 300);
    wire
}

#[test]
fn a_shenzhen_order_and_its_cancel_pass_unchanged() {
    let wire = szse_order();
    let mut bytes = [0; NewOrder::LEN];
    wire.write(&mut bytes).unwrap();
    let order = szse::order_from_wire(&OrderBase::read(&bytes).unwrap(), &wire, ORIGIN).unwrap();
    assert_eq!(
        (order.price_e5, order.qty_e3, order.biz),
        (1_234_000, 100_000, 10)
    );
    let mut out = [0; 512];
    let len = encode_order(&order, 1, &mut out).unwrap();
    assert_eq!(NewOrder::read(szse_body(&out, len)), Some(wire));

    let mut wire = CancelRequest::read(&body(CancelRequest::LEN)).unwrap();
    wire.appl_id = *b"010";
    wire.security_id_source = *b"102 ";
    wire.order_qty = 10_000;
    let cancel = szse::cancel_from_wire(&wire, ORIGIN).unwrap();
    let len = encode_cancel(&cancel, 1, &mut out).unwrap();
    assert_eq!(CancelRequest::read(szse_body(&out, len)), Some(wire));
}

#[test]
fn an_after_hours_order_passes_unchanged() {
    let mut wire = NewOrder103701::read(&body(NewOrder103701::LEN)).unwrap();
    wire.appl_id = *b"370";
    wire.security_id_source = *b"102 ";
    (wire.order_qty, wire.price, wire.ord_type) = (10_000, 123_400, b'2');
    let mut bytes = [0; NewOrder103701::LEN];
    wire.write(&mut bytes).unwrap();
    let order = szse::fixed_from_wire(&OrderBase::read(&bytes).unwrap(), &wire, ORIGIN).unwrap();
    assert_eq!(
        (order.biz, order.order_type),
        (370, OrderType::Fixed.number())
    );
    let mut out = [0; 512];
    let len = encode_order(&order, 1, &mut out).unwrap();
    assert_eq!(NewOrder103701::read(szse_body(&out, len)), Some(wire));
}

#[test]
fn shenzhen_order_types_are_the_protocols_table() {
    // TimeInForce, OrdType, MaxPriceLevels, MinQty; the quantity is 500.
    for (time_in_force, ord_type, max_price_levels, min_qty, kind) in [
        (b'0', b'2', 0, 0, OrderType::Limit.number()),
        (b'0', b'U', 0, 0, OrderType::OwnBest.number()),
        (b'0', b'1', 1, 0, OrderType::CounterBest.number()),
        (b'3', b'1', 0, 0, OrderType::Immediate.number()),
        (b'3', b'1', 0, 500, OrderType::FillOrKill.number()),
        (b'3', b'1', 5, 0, OrderType::BestFiveCancel.number()),
        (b'3', b'2', 0, 500, 0),
        (b'0', b'1', 0, 0, 0),
        (b'0', b'2', 1, 0, 0),
        (b'3', b'1', 0, 400, 0),
        (b'9', b'2', 0, 0, 0),
    ] {
        let wire = NewOrder {
            time_in_force,
            ord_type,
            max_price_levels,
            min_qty,
            order_qty: 500,
            ..szse_order()
        };
        let mut bytes = [0; NewOrder::LEN];
        wire.write(&mut bytes).unwrap();
        let base = OrderBase::read(&bytes).unwrap();
        let order = szse::order_from_wire(&base, &wire, ORIGIN).unwrap();
        assert_eq!(
            order.order_type, kind,
            "{time_in_force} {ord_type} {max_price_levels} {min_qty}"
        );
    }
}

#[test]
fn a_shenzhen_number_beyond_the_scale_is_an_error() {
    let wire = NewOrder {
        price: i64::MAX,
        ..szse_order()
    };
    let mut bytes = [0; NewOrder::LEN];
    wire.write(&mut bytes).unwrap();
    assert!(szse::order_from_wire(&OrderBase::read(&bytes).unwrap(), &wire, ORIGIN).is_err());
    let mut order = sse::order_from_wire(&NewOrderSingle::default(), ORIGIN);
    (order.market, order.biz, order.price_e5) = (2, 10, 1_234_005);
    assert!(
        encode_order(&order, 1, &mut [0; 512]).is_err(),
        "finer than 1/10000 yuan"
    );
}

#[test]
fn shenzhen_reports_pass_unchanged() {
    let mut wire = Confirm::read(&body(Confirm::LEN)).unwrap();
    wire.appl_id = *b"010";
    wire.security_id_source = *b"102 ";
    (wire.order_qty, wire.cum_qty, wire.leaves_qty) = (10_000, 4_000, 0);
    (wire.price, wire.stop_px, wire.min_qty, wire.exec_type) = (123_400, 0, 0, b'4');
    let mut bytes = [0; Confirm::LEN];
    wire.write(&mut bytes).unwrap();
    let tail = szse::ConfirmTail {
        min_qty: wire.min_qty,
        max_levels: wire.max_price_levels,
        time_in_force: wire.time_in_force,
        cash_margin: wire.cash_margin,
    };
    let base = ConfirmBase::read(&bytes).unwrap();
    let report = szse::confirm_from_wire(&base, &tail, ORIGIN)
        .unwrap()
        .unwrap();
    assert_eq!(
        report.cancelled_e3, 60_000,
        "what was ordered and did not trade"
    );
    let place = |set_id, index| Place {
        pbu: [b' '; 8],
        set_id,
        index,
    };
    let at = place(report.set_id, report.report_index);
    let mut out = [0; 512];
    let len = encode_report(&report, &at, 1, &mut out).unwrap();
    assert_eq!(Confirm::read(szse_body(&out, len)), Some(wire));

    let mut wire = Fill::read(&body(Fill::LEN)).unwrap();
    wire.appl_id = *b"010";
    wire.security_id_source = *b"102 ";
    (wire.last_px, wire.last_qty, wire.leaves_qty, wire.cum_qty) = (123_400, 100, 0, 100);
    let mut bytes = [0; Fill::LEN];
    wire.write(&mut bytes).unwrap();
    let base = FillBase::read(&bytes).unwrap();
    let report = szse::fill_from_wire(&base, wire.cash_margin, ORIGIN).unwrap();
    let len = encode_report(
        &report,
        &place(report.set_id, report.report_index),
        1,
        &mut out,
    )
    .unwrap();
    assert_eq!(Fill::read(szse_body(&out, len)), Some(wire));

    let mut wire = SzseCancelReject::read(&body(SzseCancelReject::LEN)).unwrap();
    wire.appl_id = *b"010";
    wire.security_id_source = *b"102 ";
    let report = szse::cancel_reject_from_wire(&wire, ORIGIN);
    let len = encode_report(
        &report,
        &place(report.set_id, report.report_index),
        1,
        &mut out,
    )
    .unwrap();
    assert_eq!(SzseCancelReject::read(szse_body(&out, len)), Some(wire));

    let wire = ReportFinished {
        partition_no: 4,
        report_index: 99,
        platform_id: 1,
    };
    let report = szse::end_from_wire(&wire, ORIGIN);
    let len = encode_report(&report, &place(4, 99), 1, &mut out).unwrap();
    assert_eq!(ReportFinished::read(szse_body(&out, len)), Some(wire));
}

#[test]
fn a_shenzhen_refusal_keeps_its_reason_and_the_refused_type() {
    let wire = BusinessReject {
        appl_id: *b"010",
        ref_msg_type: 190_007,
        business_reject_ref_id: *b"C000000001",
        business_reject_reason: 20_104,
        ..BusinessReject::default()
    };
    let report = szse::business_reject_from_wire(&wire, ORIGIN);
    assert_eq!(
        (report.kind, report.report_index),
        (ReportKind::PreRejected.number(), 0)
    );
    let mut out = [0; 512];
    let place = Place {
        pbu: [b' '; 8],
        set_id: 0,
        index: 0,
    };
    let len = encode_report(&report, &place, 1, &mut out).unwrap();
    let passed = BusinessReject::read(szse_body(&out, len)).unwrap();
    assert_eq!(passed.business_reject_reason, 20_104);
    assert_eq!(passed.business_reject_ref_id, *b"C000000001");
    assert_eq!(passed.ref_msg_type, 190_007);
}
