//! A small trading day for the engine's tests: one of each board, two customers of one owner, one of another.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod chaos;
pub mod day;
mod recording;

use std::cell::Cell;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::engine::Engine;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelOrder, NewOrder, Quote, Report};
use panshi_engine::record::load::{LoadParam, LoadSwitch};
use recording::Recording;

/// What became of an order or a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Sent on, with its order number.
    Sent(u32),
    /// Kept for a later window.
    Queued(u32),
    /// A queued order ended at once.
    Ended(u32),
    /// Refused: code, limit, found.
    Refused(Code, i64, i64),
}

/// Room for a test's day.
#[must_use]
pub fn small() -> Capacity {
    Capacity {
        customers: 16,
        owner_groups: 16,
        accounts: 32,
        securities: 32,
        holdings: 64,
        orders: 5_000,
        cancels: 5_000,
        events: 5_000,
        streams: 64,
        terminals: 16,
        ..Capacity::default()
    }
}

/// One yuan in e5.
pub const YUAN: i64 = 100_000;

/// A price or amount given in fen.
#[must_use]
pub const fn fen(fen: i64) -> i64 {
    fen * 1_000
}

/// Text padded with spaces.
#[must_use]
pub fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut out = [b' '; N];
    out[..text.len()].copy_from_slice(text.as_bytes());
    out
}

/// The engine with a clock and a counter of ids.
#[derive(Debug)]
pub struct World {
    pub engine: Engine,
    pub seq: u64,
    pub now_ns: u64,
    pub ids: u32,
    pub report_index: u64,
    recording: Recording,
}

thread_local! {
    static SWITCH: Cell<Option<LoadSwitch>> = const { Cell::new(None) };
}

/// Do something in which every new world begins with this switch.
pub fn switched<T>(code: Code, mode: u8, run: impl FnOnce() -> T) -> T {
    SWITCH.set(Some(LoadSwitch {
        code: code.number(),
        mode,
        ..LoadSwitch::default()
    }));
    let done = run();
    SWITCH.set(None);
    done
}

impl World {
    /// The standard day at 10:00 with every session and gateway open.
    #[must_use]
    pub fn new() -> Self {
        Self::with(&small(), &day::rows())
    }

    /// A day of these rows at 10:00 with every session and gateway open.
    #[must_use]
    pub fn with(capacity: &Capacity, rows: &[Input]) -> Self {
        Self::opened(capacity, rows, day::at(10, 0))
    }

    /// A day of these rows that opens at this market time.
    #[must_use]
    pub fn opened(capacity: &Capacity, rows: &[Input], now_ns: u64) -> Self {
        let mut world = Self::closed(capacity, rows, now_ns);
        for row in day::opening(now_ns) {
            world.load(row);
        }
        world
    }

    /// A day of these rows that is not open yet.
    #[must_use]
    pub fn closed(capacity: &Capacity, rows: &[Input], now_ns: u64) -> Self {
        let mut world = Self {
            engine: Engine::new(capacity),
            seq: 0,
            now_ns,
            ids: 0,
            report_index: 0,
            recording: Recording::begin(capacity),
        };
        for row in rows {
            world.load(*row);
        }
        if let Some(switch) = SWITCH.get() {
            world.load(switch);
        }
        world
    }

    /// Give an input and take its outputs.
    pub fn put(&mut self, input: impl Into<Input>) -> Vec<Output> {
        self.seq += 1;
        let mut out = Vec::new();
        let input = input.into();
        self.recording.note(self.seq, &input);
        self.engine.apply(self.seq, &input, &mut out);
        out
    }

    /// Give an input that must have no outputs.
    pub fn load(&mut self, input: impl Into<Input>) {
        let input = input.into();
        let out = self.put(input);
        assert!(out.is_empty(), "{input:?} gave {out:?}");
    }

    /// Go to a time of the day.
    pub fn go(&mut self, hour: u64, minute: u64) {
        self.now_ns = day::at(hour, minute);
    }

    /// A fresh id of the client's.
    pub fn next_id(&mut self, prefix: &str) -> [u8; 10] {
        self.ids += 1;
        padded(&format!("{prefix}{:08}", self.ids))
    }

    /// A limit order of account `A1` in a Shanghai security: side, code, price in e5, shares.
    pub fn limit(&mut self, side: char, code: &str, price_e5: i64, qty: i64) -> NewOrder {
        NewOrder {
            time_ns: self.now_ns,
            price_e5,
            qty_e3: qty * 1_000,
            biz: 100_010,
            owner_type: 1,
            client: 1,
            market: 1,
            order_type: 1,
            side: side as u8,
            ord_type: b'2',
            time_in_force: b'0',
            cash_margin: b' ',
            pbu: padded("20001"),
            cl_ord_id: self.next_id("AA"),
            security_id: padded(code),
            account: padded("A000000001"),
            credit_tag: *b"  ",
            clearing_firm: padded(""),
            branch_id: padded("00001"),
            restrictions: padded(""),
            user_info: padded(""),
            ..NewOrder::default()
        }
    }

    /// A limit order of the first customer's account in a Shenzhen security.
    pub fn szse_limit(&mut self, side: char, code: &str, price_e5: i64, qty: i64) -> NewOrder {
        let id = self.next_id("CC");
        NewOrder {
            biz: 10,
            client: 3,
            market: 2,
            cash_margin: b'1',
            time_in_force: b'0',
            pbu: padded("001000"),
            cl_ord_id: id,
            account: padded("0100000001"),
            branch_id: padded("0001"),
            ..self.limit(side, code, price_e5, qty)
        }
    }

    /// Send an order; warnings are left out.
    pub fn send(&mut self, order: &NewOrder) -> Verdict {
        verdict(&self.put(*order))
    }

    /// Send a limit order of account `A1`.
    pub fn trade(&mut self, side: char, code: &str, price_e5: i64, qty: i64) -> Verdict {
        let order = self.limit(side, code, price_e5, qty);
        self.send(&order)
    }

    /// The cancel of an order by its own client.
    pub fn cancel_of(&mut self, order: &NewOrder) -> CancelOrder {
        let prefix = if order.market == 2 { "CC" } else { "AA" };
        CancelOrder {
            time_ns: self.now_ns,
            biz: order.biz,
            owner_type: order.owner_type,
            client: order.client,
            market: order.market,
            side: order.side,
            pbu: order.pbu,
            cl_ord_id: self.next_id(prefix),
            orig_cl_ord_id: order.cl_ord_id,
            security_id: order.security_id,
            account: order.account,
            branch_id: order.branch_id,
            order_id: padded(""),
            ..CancelOrder::default()
        }
    }

    /// Send a cancel.
    pub fn cancel(&mut self, order: &NewOrder) -> Verdict {
        let cancel = self.cancel_of(order);
        verdict(&self.put(cancel))
    }

    /// A report about an order in its stream: kind 1 accepted, 2 rejected, 3 cancelled, 4 fill.
    pub fn report_of(&mut self, order: &NewOrder, kind: u8) -> Report {
        self.report_index += 1;
        Report {
            time_ns: self.now_ns,
            report_index: self.report_index,
            price_e5: order.price_e5,
            qty_e3: order.qty_e3,
            set_id: 1,
            gateway: if order.market == 2 { 2 } else { 1 },
            market: order.market,
            kind,
            side: order.side,
            stream_pbu: order.pbu,
            pbu: order.pbu,
            cl_ord_id: order.cl_ord_id,
            orig_cl_ord_id: padded(""),
            security_id: order.security_id,
            account: order.account,
            exec_id: padded(&format!("E{}", self.report_index)),
            ..Report::default()
        }
    }

    /// The exchange takes an order.
    pub fn accept(&mut self, order: &NewOrder) -> Vec<Output> {
        let report = self.report_of(order, 1);
        self.put(report)
    }

    /// The client cancels an order of which nothing traded, and the exchange does so.
    pub fn cancel_through(&mut self, order: &NewOrder) -> Vec<Output> {
        let cancel = self.cancel_of(order);
        let mut out = self.put(cancel);
        let mut report = self.report_of(order, 3);
        (report.orig_cl_ord_id, report.cancelled_e3) = (order.cl_ord_id, order.qty_e3);
        report.cl_ord_id = cancel.cl_ord_id;
        out.extend(self.put(report));
        out
    }

    /// The exchange fills shares of an order.
    pub fn fill(&mut self, order: &NewOrder, price_e5: i64, qty: i64) -> Vec<Output> {
        let mut report = self.report_of(order, 4);
        report.last_px_e5 = price_e5;
        report.last_qty_e3 = qty * 1_000;
        self.put(report)
    }

    /// Best prices of a Shanghai security.
    pub fn quote(&mut self, code: &str, bid_e5: i64, ask_e5: i64, last_e5: i64) {
        let quote = Quote {
            time_ns: self.now_ns,
            bid_e5,
            ask_e5,
            last_e5,
            code: padded(code),
            market: 1,
            ..Quote::default()
        };
        self.load(quote);
    }

    /// Set a parameter of both markets.
    pub fn param(&mut self, param: u16, value: i64) {
        self.load(LoadParam {
            param,
            value,
            ..LoadParam::default()
        });
    }

    /// Switch a check for everyone: 0 off, 1 on, 2 warn only.
    pub fn switch(&mut self, code: Code, mode: u8) {
        self.load(LoadSwitch {
            code: code.number(),
            mode,
            ..LoadSwitch::default()
        });
    }

    /// Set one limit row.
    pub fn set_limit(&mut self, scope: u8, metric: u8, id: u32, warn: i64, block: i64) {
        self.load(day::limit(scope, metric, id, warn, block));
    }
}

/// What the outputs of an order or a cancel say about it.
#[must_use]
pub fn verdict(out: &[Output]) -> Verdict {
    let found: Vec<Verdict> = out
        .iter()
        .filter_map(|output| match output {
            Output::Forward(row) => Some(Verdict::Sent(row.order)),
            Output::ForwardCancel(row) => Some(Verdict::Sent(row.order)),
            Output::Queued(row) => Some(Verdict::Queued(row.order)),
            Output::Ended(row) => Some(Verdict::Ended(row.order)),
            Output::Refuse(row) => {
                let code = Code::from_number(row.code).unwrap();
                Some(Verdict::Refused(code, row.limit, row.found))
            }
            _ => None,
        })
        .collect();
    assert_eq!(found.len(), 1, "one verdict in {out:?}");
    found[0]
}

/// Codes of the warnings, with metric, limit and found.
#[must_use]
pub fn warnings(out: &[Output]) -> Vec<(Code, u8, i64, i64)> {
    out.iter()
        .filter_map(|output| match output {
            Output::Warning(row) => Some((
                Code::from_number(row.code).unwrap(),
                row.metric,
                row.limit,
                row.found,
            )),
            _ => None,
        })
        .collect()
}

/// Codes of the anomalies.
#[must_use]
pub fn anomalies(out: &[Output]) -> Vec<Code> {
    out.iter()
        .filter_map(|output| match output {
            Output::Anomaly(row) => Code::from_number(row.code),
            _ => None,
        })
        .collect()
}
