//! A venue and an order system in one thread, on a clock that the test turns.
#![allow(dead_code, reason = "each test file uses its part")]

use panshi_venue::config::Config;
use panshi_venue::venue::{Now, VenueCore};
use panshi_wire::sse::{self, Message, SseMessage};
use panshi_wire::text::pad;
use panshi_wire::time::unix_ns;

pub const SECOND: u64 = 1_000_000_000;
pub const DATE: u32 = 20_230_711;

/// Nanoseconds of the day.
pub const fn at(hour: u64, minute: u64, second: u64) -> u64 {
    ((hour * 60 + minute) * 60 + second) * SECOND
}

/// A venue with one Shanghai gateway and a session that is logged on.
pub struct World {
    pub venue: VenueCore,
    pub id: usize,
    pub ns_of_day: u64,
    seq: u64,
    received: Vec<u8>,
}

/// A message as the tests compare it: type and the number that matters in it.
pub type Seen = (u32, u64);

impl World {
    /// Begin at a moment of the day with a fault script in JSON.
    pub fn new(ns_of_day: u64, faults: &str) -> Self {
        Self::with(ns_of_day, &format!(r#""faults": {faults}"#))
    }

    /// Begin at a moment of the day with further keys of the configuration.
    pub fn with(ns_of_day: u64, keys: &str) -> Self {
        let text = format!(
            r#"{{"trade_date": {DATE}, "open_listing": true, {keys},
                "gateways": [{{"market": "sse", "addresses": [], "comp_id": "TDGW",
                               "pbus": ["20001"], "sets": [1]}}]}}"#
        );
        let venue = VenueCore::new(Config::from_json(&text).unwrap()).unwrap();
        let mut world = Self {
            venue,
            id: 0,
            ns_of_day,
            seq: 0,
            received: Vec::new(),
        };
        world.connect();
        world
    }

    pub fn now(&self) -> Now {
        Now {
            mono_ns: self.ns_of_day,
            market_ns: unix_ns(DATE, self.ns_of_day).unwrap(),
        }
    }

    pub fn connect(&mut self) {
        self.id = self.venue.on_connect(0, self.now());
        self.seq = 0;
        self.received.clear();
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let now = self.now();
        self.venue.on_bytes(self.id, bytes, now);
    }

    pub fn send<M: SseMessage>(&mut self, message: &M) {
        let mut bytes = [0; 4096];
        self.seq += 1;
        let len = sse::encode(message, self.seq, &mut bytes).unwrap();
        let now = self.now();
        self.venue.on_bytes(self.id, &bytes[..len], now);
    }

    pub fn logon(&mut self) {
        self.send(&sse::Logon {
            sender_comp_id: pad(b"OMS").unwrap(),
            target_comp_id: pad(b"TDGW").unwrap(),
            heart_bt_int: 60,
            prtcl_version: pad(b"0.57").unwrap(),
            trade_date: DATE,
            q_size: 0,
        });
    }

    pub fn sync(&mut self, begin_report_index: u64) {
        let groups = [sse::SyncEntry {
            pbu: pad(b"20001").unwrap(),
            set_id: 1,
            begin_report_index,
        }];
        self.send(&sse::ExecRptSync {
            head: sse::NoHead {},
            groups: groups[..].into(),
        });
    }

    /// Log on, ask for reports, and forget what was answered.
    pub fn ready(&mut self) {
        self.logon();
        self.sync(1);
        self.read();
    }

    /// Orders that rest, in one piece.
    pub fn burst(&mut self, count: u32) {
        let mut bytes = Vec::new();
        for number in 1..=count {
            let mut room = [0; 4096];
            self.seq += 1;
            let order = Self::new_order(number, b'1', 10 * 100_000);
            let len = sse::encode(&order, self.seq, &mut room).unwrap();
            bytes.extend_from_slice(&room[..len]);
        }
        self.send_bytes(&bytes);
    }

    pub fn order(&mut self, number: u32, side: u8, price: i64) {
        self.send(&Self::new_order(number, side, price));
    }

    fn new_order(number: u32, side: u8, price: i64) -> sse::NewOrderSingle {
        sse::NewOrderSingle {
            biz_id: 100_010,
            biz_pbu: pad(b"20001").unwrap(),
            cl_ord_id: pad(format!("F{number:09}").as_bytes()).unwrap(),
            security_id: pad(b"600000").unwrap(),
            side,
            price,
            order_qty: 100_000,
            ord_type: b'2',
            time_in_force: b'0',
            ..sse::NewOrderSingle::default()
        }
    }

    /// Let time pass.
    pub fn pass(&mut self, ns: u64) {
        self.ns_of_day += ns;
        let now = self.now();
        self.venue.advance(now);
    }

    /// Take the bytes that the venue would write now.
    pub fn take(&mut self) -> usize {
        let pending = self.venue.pending(self.id).to_vec();
        self.venue.wrote(self.id, pending.len());
        self.received.extend_from_slice(&pending);
        pending.len()
    }

    /// The whole messages that came.
    pub fn read(&mut self) -> Vec<Seen> {
        self.take();
        let bytes = core::mem::take(&mut self.received);
        let mut used = 0;
        let mut seen = Vec::new();
        while let Some(frame) = sse::frame(&bytes[used..]).unwrap() {
            used += frame.total_len;
            let number = match Message::decode(&frame).unwrap() {
                Message::ExecutionReport(report) => report.report_index,
                Message::TradeReport(report) => report.report_index,
                Message::PlatformState(state) => state.platform_state.into(),
                Message::Logout(logout) => logout.session_status.into(),
                Message::OrderReject(reject) => reject.ord_rej_reason.into(),
                _ => 0,
            };
            seen.push((frame.msg_type, number));
        }
        self.received = bytes[used..].to_vec();
        seen
    }
}
