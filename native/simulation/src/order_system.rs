//! A client order system: its session at the gate, what it has sent, what it has been told.
//!
//! It knows no sockets: bytes come in, bytes and wishes come out. How it misbehaves is for the plan.

use std::collections::{BTreeMap, BTreeSet};

use panshi_venue::clients::Action;
use panshi_venue::clients::request::{When, sse_cancel, sse_order, szse_cancel, szse_order};
use panshi_wire::error::WireError;
use panshi_wire::{sse, szse};

use crate::chance::Chance;
use crate::clock::market_ns;
use crate::day::{
    ClientRow, MIDNIGHT_NS, PRICE_E5, TICK_E5, TRADE_DATE, account_code, branch_code,
    security_code, text,
};
use crate::plan::{Begin, Garbage, OrderAct};
use crate::queue::{MS, SECOND};
use crate::said::{Heard, NO_PBU, Said, StreamKey, take};

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No connection; the next attempt comes at this moment.
    Down(u64),
    /// A connection is on its way.
    Connecting,
    /// Logon sent.
    LoggingOn,
    /// Logged on.
    Up,
    /// Saying goodbye.
    Leaving,
}

const HEARTBEAT_S: u16 = 5;
const MESSAGE_BYTES: usize = 4_096;

/// An order system.
#[derive(Debug)]
pub struct OrderSystem {
    /// What it is.
    pub row: ClientRow,
    /// How far it is.
    pub stage: Stage,
    /// Its line.
    pub line: Option<usize>,
    /// Number of its latest attempt to connect.
    pub attempt: u64,
    /// Bytes that wait to be written.
    pub outbox: Vec<u8>,
    /// Orders that it has sent, in order.
    pub sent: Vec<Action>,
    /// Ids about which it was told something.
    pub answered: BTreeSet<[u8; 10]>,
    /// Next index that it wants of each stream.
    pub next: BTreeMap<StreamKey, u64>,
    /// Streams that the gate named.
    streams: Vec<StreamKey>,
    inbox: Vec<u8>,
    seq: u64,
    ids: u32,
    heard_ns: u64,
    spoke_ns: u64,
    /// It does nothing at all until this moment.
    pub frozen_until_ns: u64,
}

impl OrderSystem {
    /// An order system that connects at a moment.
    #[must_use]
    pub const fn new(row: ClientRow, at_ns: u64) -> Self {
        Self {
            row,
            stage: Stage::Down(at_ns),
            line: None,
            attempt: 0,
            outbox: Vec::new(),
            sent: Vec::new(),
            answered: BTreeSet::new(),
            next: BTreeMap::new(),
            streams: Vec::new(),
            inbox: Vec::new(),
            seq: 0,
            ids: 0,
            heard_ns: 0,
            spoke_ns: 0,
            frozen_until_ns: 0,
        }
    }

    /// The connection stands: log on.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn connected(&mut self, line: usize, now_ns: u64) -> Result<(), WireError> {
        self.line = Some(line);
        self.stage = Stage::LoggingOn;
        (self.seq, self.heard_ns, self.spoke_ns) = (0, now_ns, now_ns);
        self.inbox.clear();
        self.outbox.clear();
        self.logon(now_ns)
    }

    fn logon(&mut self, now_ns: u64) -> Result<(), WireError> {
        if self.row.market == 1 {
            let logon = sse::Logon {
                sender_comp_id: text(&self.row.comp_id()),
                target_comp_id: text("TDGW"),
                heart_bt_int: HEARTBEAT_S,
                prtcl_version: *b"0.57    ",
                ..sse::Logon::default()
            };
            return self.put(now_ns, |seq, out| sse::encode(&logon, seq, out));
        }
        let logon = szse::Logon {
            sender_comp_id: text(&self.row.comp_id()),
            target_comp_id: text("TGW"),
            heart_bt_int: HEARTBEAT_S.into(),
            password: text(""),
            default_appl_ver_id: text(szse::APPL_VERSION),
        };
        self.put(now_ns, |_, out| szse::encode(&logon, out))
    }

    /// The connection is gone: try again after a while.
    pub fn gone(&mut self, now_ns: u64, wait_ns: u64) {
        self.line = None;
        self.stage = Stage::Down(now_ns + wait_ns);
    }

    /// Whether it is logged on.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.stage == Stage::Up
    }

    /// Put a message behind what waits to be written.
    fn put(
        &mut self,
        now_ns: u64,
        write: impl FnOnce(u64, &mut [u8]) -> Result<usize, WireError>,
    ) -> Result<(), WireError> {
        self.seq += 1;
        let mut room = [0; MESSAGE_BYTES];
        let length = write(self.seq, &mut room)?;
        self.outbox.extend_from_slice(&room[..length]);
        self.spoke_ns = now_ns;
        Ok(())
    }

    /// Take received bytes in; the whole messages among them.
    ///
    /// # Errors
    /// When the gate sent bytes that are no message.
    pub fn received(&mut self, bytes: &[u8], now_ns: u64) -> Result<Vec<Heard>, WireError> {
        self.heard_ns = now_ns;
        self.inbox.extend_from_slice(bytes);
        let mut messages = Vec::new();
        let mut at = 0;
        while let Some((heard, length)) = take(self.row.market, &self.inbox[at..])? {
            at += length;
            messages.push(heard);
        }
        self.inbox.drain(..at);
        Ok(messages)
    }

    /// Do what a message asks for.
    ///
    /// # Errors
    /// When an answer cannot be written.
    pub fn answer(&mut self, heard: &Heard, now_ns: u64) -> Result<(), WireError> {
        match &heard.said {
            Said::Logon if self.stage == Stage::LoggingOn => self.stage = Stage::Up,
            Said::Streams(streams) => {
                self.streams.clone_from(streams);
                let wanted: Vec<_> = streams
                    .iter()
                    .map(|stream| (*stream, self.next.get(stream).copied().unwrap_or(1)))
                    .collect();
                self.ask(&wanted, now_ns)?;
            }
            Said::Logout(_) => self.stage = Stage::Leaving,
            Said::Report(event) => {
                self.answered.insert(event.cl_ord_id);
                if event.report_index == 0 {
                    return Ok(());
                }
                let pbu = if self.row.market == 1 {
                    event.stream_pbu
                } else {
                    NO_PBU
                };
                self.next
                    .insert((pbu, event.set_id), event.report_index + 1);
            }
            Said::End(stream, index) => {
                self.next.insert(*stream, index + 1);
            }
            _ => {}
        }
        Ok(())
    }

    /// Ask for streams from these indices on.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn ask(&mut self, wanted: &[(StreamKey, u64)], now_ns: u64) -> Result<(), WireError> {
        if wanted.is_empty() {
            return Ok(());
        }
        if self.row.market == 1 {
            let groups: Vec<_> = wanted
                .iter()
                .map(|((pbu, set_id), begin)| sse::SyncEntry {
                    pbu: *pbu,
                    set_id: *set_id,
                    begin_report_index: *begin,
                })
                .collect();
            let message = sse::ExecRptSync {
                head: sse::NoHead {},
                groups: groups[..].into(),
            };
            return self.put(now_ns, |seq, out| sse::encode(&message, seq, out));
        }
        let partitions: Vec<_> = wanted
            .iter()
            .map(|((_, set_id), begin)| szse::SyncEntry {
                partition_no: set_id.cast_signed(),
                report_index: begin.cast_signed(),
            })
            .collect();
        let message = szse::ReportSynchronization {
            head: szse::NoHead {},
            partitions: partitions[..].into(),
        };
        self.put(now_ns, |_, out| szse::encode(&message, out))
    }

    /// Keep the session alive; false when nothing was heard for too long.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn tick(&mut self, now_ns: u64) -> Result<bool, WireError> {
        let interval = u64::from(HEARTBEAT_S) * SECOND;
        if matches!(self.stage, Stage::Down(_) | Stage::Connecting) {
            return Ok(true);
        }
        if now_ns - self.heard_ns > 2 * interval + 500 * MS {
            return Ok(false);
        }
        if self.is_up() && now_ns - self.spoke_ns >= interval / 2 {
            self.heartbeat(now_ns)?;
        }
        Ok(true)
    }

    fn heartbeat(&mut self, now_ns: u64) -> Result<(), WireError> {
        if self.row.market == 1 {
            return self.put(now_ns, |seq, out| sse::encode(&sse::Heartbeat {}, seq, out));
        }
        self.put(now_ns, |_, out| szse::encode(&szse::Heartbeat {}, out))
    }

    fn new_id(&mut self) -> [u8; 10] {
        self.ids += 1;
        text(&format!("{}{:08}", self.row.prefix, self.ids))
    }

    /// Send an order.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn order(&mut self, act: &OrderAct, now_ns: u64) -> Result<(), WireError> {
        let market = self.row.market;
        let action = Action {
            price_e5: PRICE_E5 + act.ticks * TICK_E5,
            qty_e3: act.qty * 1_000,
            owner_type: 1,
            kind: 1,
            side: if act.buy { b'1' } else { b'2' },
            ord_type: b'2',
            cl_ord_id: self.new_id(),
            orig_cl_ord_id: [b' '; 10],
            security_id: text(&security_code(market, act.security)),
            account: text(&account_code(market, act.customer)),
            pbu: text(self.row.pbus[act.pbu % self.row.pbus.len()]),
            branch_id: text(branch_code(market)),
            user_info: [b' '; 32],
            restrictions: [b' '; 4],
            ..Action::default()
        };
        self.sent.push(action);
        self.send(&action, now_ns)
    }

    /// Cancel the order that was sent so many orders ago.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn cancel(&mut self, back: usize, now_ns: u64) -> Result<(), WireError> {
        let Some(order) = self
            .sent
            .len()
            .checked_sub(back + 1)
            .map(|at| self.sent[at])
        else {
            return Ok(());
        };
        let action = Action {
            kind: 2,
            cl_ord_id: self.new_id(),
            orig_cl_ord_id: order.cl_ord_id,
            ..order
        };
        self.send(&action, now_ns)
    }

    /// Send an order again under its id.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn repeat(&mut self, back: usize, changed: bool, now_ns: u64) -> Result<(), WireError> {
        let Some(order) = self
            .sent
            .len()
            .checked_sub(back + 1)
            .map(|at| self.sent[at])
        else {
            return Ok(());
        };
        let again = if changed {
            Action {
                qty_e3: order.qty_e3 + 100_000,
                price_e5: order.price_e5 + TICK_E5,
                ..order
            }
        } else {
            order
        };
        self.send(&again, now_ns)
    }

    /// Send bytes that no order system should send.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn garbage(
        &mut self,
        kind: Garbage,
        chance: &mut Chance,
        now_ns: u64,
    ) -> Result<(), WireError> {
        let before = self.outbox.len();
        match kind {
            Garbage::Noise => {
                let count = chance.from(1, 200);
                self.outbox
                    .extend((0..count).map(|_| chance.word().to_le_bytes()[0]));
                return Ok(());
            }
            Garbage::Oversize => {
                let length = chance.of(&[5_000_u32, 1 << 20, u32::MAX]).to_be_bytes();
                let kind = 58_u32.to_be_bytes();
                self.outbox.extend_from_slice(&kind);
                if self.row.market == 1 {
                    self.outbox.extend_from_slice(&[0; 8]);
                }
                self.outbox.extend_from_slice(&length);
                return Ok(());
            }
            Garbage::Downlink if self.row.market == 1 => {
                let report = sse::ExecutionReport::default();
                return self.put(now_ns, |seq, out| sse::encode(&report, seq, out));
            }
            Garbage::Downlink => {
                let report = szse::ReportFinished::default();
                return self.put(now_ns, |_, out| szse::encode(&report, out));
            }
            Garbage::Logon => return self.logon(now_ns),
            Garbage::Checksum | Garbage::Half | Garbage::Unknown => self.heartbeat(now_ns)?,
        }
        let message = &mut self.outbox[before..];
        match kind {
            Garbage::Checksum => {
                let last = message.len() - 1;
                message[last] ^= 1;
            }
            Garbage::Unknown => {
                message[3] = 250;
                let last = message.len() - 1;
                let sum: u32 = message[..last - 3]
                    .iter()
                    .map(|byte| u32::from(*byte))
                    .sum();
                message[last] = sum.to_le_bytes()[0];
            }
            _ => self.outbox.truncate(before + chance.place(10) + 1),
        }
        Ok(())
    }

    /// Ask for every stream again.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn resync(&mut self, from: Begin, now_ns: u64) -> Result<(), WireError> {
        let begin = |next: u64| match from {
            Begin::First => 1,
            Begin::Next => next,
            Begin::Part(percent) => 1 + (next - 1) * percent / 100,
            Begin::Beyond(more) => next + more,
            Begin::Zero => 0,
        };
        let wanted: Vec<_> = self
            .streams
            .iter()
            .map(|stream| (*stream, begin(self.next.get(stream).copied().unwrap_or(1))))
            .collect();
        self.ask(&wanted, now_ns)
    }

    /// Say goodbye.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn leave(&mut self, now_ns: u64) -> Result<(), WireError> {
        self.stage = Stage::Leaving;
        if self.row.market == 1 {
            let logout = sse::Logout::default();
            return self.put(now_ns, |seq, out| sse::encode(&logout, seq, out));
        }
        let logout = szse::Logout::default();
        self.put(now_ns, |_, out| szse::encode(&logout, out))
    }

    /// Send an order or a cancel as it stands.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn send(&mut self, action: &Action, now_ns: u64) -> Result<(), WireError> {
        let when = When {
            trade_date: TRADE_DATE,
            ns_of_day: market_ns(now_ns) - MIDNIGHT_NS,
        };
        match (self.row.market, action.kind) {
            (1, 1) => {
                let order = sse_order(action, when)?;
                self.put(now_ns, |seq, out| sse::encode(&order, seq, out))
            }
            (1, _) => {
                let cancel = sse_cancel(action, when)?;
                self.put(now_ns, |seq, out| sse::encode(&cancel, seq, out))
            }
            (_, 1) => {
                let order = szse_order(action, when)?;
                self.put(now_ns, |_, out| szse::encode(&order, out))
            }
            _ => {
                let cancel = szse_cancel(action, when)?;
                self.put(now_ns, |_, out| szse::encode(&cancel, out))
            }
        }
    }
}
