//! Orders a second and round trip of the stub that acknowledges, over loopback TCP.
//!
//! Usage: `cargo run --release -p panshi-venue --example ack_rate -- ADDRESS IN_FLIGHT ORDERS`
//! against `panshi venue serve --sse-port N --ack-only --spin`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use panshi_wire::sse;
use panshi_wire::text::pad;

/// Log on and ask for the first stream.
fn log_on(socket: &mut TcpStream) {
    let mut bytes = [0; 4096];
    let logon = sse::Logon {
        sender_comp_id: pad(b"OMS").unwrap(),
        target_comp_id: pad(b"TDGW").unwrap(),
        heart_bt_int: 60,
        prtcl_version: pad(b"0.57").unwrap(),
        trade_date: 20_230_711,
        q_size: 0,
    };
    let len = sse::encode(&logon, 1, &mut bytes).unwrap();
    socket.write_all(&bytes[..len]).unwrap();
    let groups = [sse::SyncEntry {
        pbu: pad(b"20001").unwrap(),
        set_id: 1,
        begin_report_index: 1,
    }];
    let sync = sse::ExecRptSync {
        head: sse::NoHead {},
        groups: groups[..].into(),
    };
    let len = sse::encode(&sync, 2, &mut bytes).unwrap();
    socket.write_all(&bytes[..len]).unwrap();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let in_flight: usize = arguments[1].parse().unwrap();
    let orders: usize = arguments[2].parse().unwrap();
    let mut socket = TcpStream::connect(&arguments[0]).unwrap();
    socket.set_nodelay(true).unwrap();
    log_on(&mut socket);
    let mut bytes = [0; 4096];
    let mut template = sse::NewOrderSingle {
        biz_id: 100_010,
        biz_pbu: pad(b"20001").unwrap(),
        security_id: pad(b"600005").unwrap(),
        side: b'1',
        price: 1_000_000,
        order_qty: 100_000,
        ord_type: b'2',
        time_in_force: b'0',
        ..sse::NewOrderSingle::default()
    };
    let (mut sent, mut input, mut used) = (0, Vec::new(), 0);
    let mut times: VecDeque<Instant> = VecDeque::new();
    let mut trips: Vec<Duration> = Vec::with_capacity(orders);
    let start = Instant::now();
    while trips.len() < orders {
        let mut batch = Vec::new();
        while sent < orders && times.len() < in_flight {
            template.cl_ord_id = pad(format!("{sent:010}").as_bytes()).unwrap();
            let len = sse::encode(&template, 3 + sent as u64, &mut bytes).unwrap();
            batch.extend_from_slice(&bytes[..len]);
            times.push_back(Instant::now());
            sent += 1;
        }
        socket.write_all(&batch).unwrap();
        let mut chunk = [0; 16384];
        let count = socket.read(&mut chunk).unwrap();
        assert!(count > 0, "the venue closed the connection");
        input.extend_from_slice(&chunk[..count]);
        while let Some(frame) = sse::frame(&input[used..]).unwrap() {
            used += frame.total_len;
            if frame.msg_type == 32 {
                trips.push(times.pop_front().unwrap().elapsed());
            }
        }
        input.drain(..used);
        used = 0;
    }
    let total = start.elapsed();
    trips.sort_unstable();
    println!(
        "{} orders/s, round trip p50 {:?} p99 {:?}",
        orders as u128 * 1_000_000 / total.as_micros(),
        trips[orders / 2],
        trips[orders * 99 / 100]
    );
}
