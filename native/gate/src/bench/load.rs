//! The client of a measurement: logs in as a Shanghai order system and sends orders that pass.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use panshi_wire::sse::{
    ExecRptSync, Logon, Message, NewOrderSingle, NoHead, SyncEntry, encode, frame,
};

use crate::buffer::Inbox;
use crate::convert::width::text;

/// The PBU of every order.
pub const PBU: [u8; 8] = *b"20001   ";
/// The clients that may log in: number, id at logon, first character of the ids of its orders.
pub const PARTIES: [Party; 4] = [
    Party(1, "BENCH", 'B'),
    Party(3, "BENCH3", 'D'),
    Party(5, "BENCH5", 'F'),
    Party(7, "BENCH7", 'H'),
];
/// Longest wait for an answer; beyond it the measurement fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between two bursts of a client that offers a rate.
const BREATH: Duration = Duration::from_micros(200);
/// Room that an order needs at the most.
const ROOM: usize = 512;
const PRICE_E5: i64 = 1_000_000;
const TICK_E5: i64 = 1_000;

/// A client: its number, its id at logon, and the first character of the ids of its orders.
#[derive(Clone, Copy, Debug)]
pub struct Party(pub u16, pub &'static str, char);

/// A logged-in client.
pub struct Load {
    party: Party,
    stream: TcpStream,
    inbox: Inbox,
    out: Vec<u8>,
    seq: u64,
    orders: u64,
    accounts: u32,
    securities: u32,
    takes_refusals: bool,
}

/// Reads the answers of a client whose orders another thread sends.
pub struct Reader {
    load: Load,
}

impl Reader {
    /// Count the accepted orders until the session ends.
    pub fn count(mut self, accepted: &AtomicU64, refused: &AtomicU64) {
        while let Ok(answers) = self.load.read() {
            accepted.fetch_add(answers.accepted, Ordering::Relaxed);
            refused.fetch_add(answers.refused, Ordering::Relaxed);
        }
    }
}

/// What answers came.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    accepted: u64,
    refused: u64,
    open: bool,
    streams: bool,
}

impl Load {
    /// Connect, log in, ask for reports and wait until the platform is open.
    ///
    /// # Errors
    /// When the peer refuses or does not answer in time.
    pub fn login(address: SocketAddr, accounts: u32, securities: u32) -> io::Result<Self> {
        let [first, ..] = PARTIES;
        Self::login_as(first, address, accounts, securities)
    }

    /// As [`Self::login`], as one of several.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub fn login_as(
        party: Party,
        address: SocketAddr,
        accounts: u32,
        securities: u32,
    ) -> io::Result<Self> {
        let begin = Instant::now();
        let stream = loop {
            match TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(error) if begin.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (inbox, out) = (Inbox::new(256 << 10), vec![0; 64 << 10]);
        let mut load = Self {
            party,
            stream,
            inbox,
            out,
            seq: 0,
            orders: 0,
            accounts,
            securities,
            takes_refusals: false,
        };
        let logon = Logon {
            sender_comp_id: text(party.1),
            target_comp_id: text("TDGW"),
            heart_bt_int: 60,
            prtcl_version: text("0.57"),
            trade_date: super::TRADE_DATE,
            q_size: 0,
        };
        load.seq += 1;
        let len = encode(&logon, load.seq, &mut load.out).map_err(Error::other)?;
        load.stream.write_all(&load.out[..len])?;
        let (mut open, mut streams) = (false, false);
        while !(open && streams) {
            let answers = load.read()?;
            open |= answers.open;
            streams |= answers.streams;
        }
        let entry = SyncEntry {
            pbu: PBU,
            set_id: 1,
            begin_report_index: 1,
        };
        let entries = [entry];
        let sync = ExecRptSync {
            head: NoHead {},
            groups: entries.as_slice().into(),
        };
        load.seq += 1;
        let len = encode(&sync, load.seq, &mut load.out).map_err(Error::other)?;
        load.stream.write_all(&load.out[..len])?;
        Ok(load)
    }

    /// Send orders one at a time; nanoseconds from the write to the report, one per order.
    ///
    /// # Errors
    /// When an order is refused or an answer is missing.
    pub fn one_in_flight(&mut self, count: u64) -> io::Result<Vec<u64>> {
        self.paced(count, Duration::ZERO)
    }

    /// As [`Self::one_in_flight`], with a pause before each order.
    ///
    /// # Errors
    /// As [`Self::one_in_flight`].
    pub fn paced(&mut self, count: u64, pause: Duration) -> io::Result<Vec<u64>> {
        let mut times = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        for _ in 0..count {
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
            let len = self.write_order(0)?;
            let begin = Instant::now();
            self.stream.write_all(&self.out[..len])?;
            while self.read()?.accepted == 0 {}
            times.push(u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX));
        }
        Ok(times)
    }

    /// Keep `window` orders in flight until `count` were answered; the time it took.
    ///
    /// # Errors
    /// When an order is refused or an answer is missing.
    pub fn many_in_flight(&mut self, count: u64, window: u64) -> io::Result<Duration> {
        let begin = Instant::now();
        let (mut sent, mut answered) = (0, 0);
        while answered < count {
            let mut len = 0;
            while sent < count && sent - answered < window {
                len += self.write_order(len)?;
                sent += 1;
            }
            if len > 0 {
                self.stream.write_all(&self.out[..len])?;
            }
            answered += self.read()?.accepted;
        }
        Ok(begin.elapsed())
    }

    /// Keep `window` orders in flight until told to end, refused ones counted; how many were sent.
    ///
    /// # Errors
    /// When the session ends.
    pub fn flood(
        &mut self,
        window: u64,
        ends: &AtomicBool,
        refused: &AtomicU64,
    ) -> io::Result<u64> {
        self.takes_refusals = true;
        let (mut sent, mut answered) = (0, 0);
        while !ends.load(Ordering::Relaxed) {
            let mut len = 0;
            while sent - answered < window {
                len += self.write_order(len)?;
                sent += 1;
            }
            if len > 0 {
                self.stream.write_all(&self.out[..len])?;
            }
            let answers = self.read()?;
            answered += answers.accepted + answers.refused;
            refused.fetch_add(answers.refused, Ordering::Relaxed);
        }
        Ok(sent)
    }

    /// Offer so many orders a second, whatever is answered and however long it waits, until told to end; how many
    /// were offered, those that found no room in its own socket included.
    ///
    /// # Errors
    /// When the session ends.
    pub fn press(&mut self, per_second: u64, ends: &AtomicBool) -> io::Result<u64> {
        let begin = Instant::now();
        let mut sent = 0;
        while !ends.load(Ordering::Relaxed) {
            let due = begin.elapsed().as_micros() * u128::from(per_second) / 1_000_000;
            let due = u64::try_from(due).unwrap_or(u64::MAX);
            let mut len = 0;
            while sent < due && len + ROOM < self.out.len() {
                len += self.write_order(len)?;
                sent += 1;
            }
            if len > 0 {
                self.stream.write_all(&self.out[..len])?;
            }
            // It has a machine of its own in service; here it shares a core with those who are measured.
            std::thread::sleep(BREATH);
        }
        let due = begin.elapsed().as_micros() * u128::from(per_second) / 1_000_000;
        self.stream.shutdown(Shutdown::Write)?;
        Ok(u64::try_from(due).unwrap_or(u64::MAX))
    }

    /// Another handle of the session, which reads what the first is answered.
    ///
    /// # Errors
    /// When the socket cannot be shared.
    pub fn reader(&self) -> io::Result<Reader> {
        Ok(Reader {
            load: Self {
                party: self.party,
                stream: self.stream.try_clone()?,
                inbox: Inbox::new(256 << 10),
                out: Vec::new(),
                takes_refusals: true,
                ..*self
            },
        })
    }

    /// Write the next order at a place of the buffer.
    fn write_order(&mut self, at: usize) -> io::Result<usize> {
        let number = self.orders;
        self.orders += 1;
        self.seq += 1;
        let turn = u32::try_from(number % 1_000_003).unwrap_or(0);
        let account = turn % (self.accounts / 2) * 2;
        let security = turn.wrapping_mul(40_503) % (self.securities / 2) * 2;
        let step = i64::from(turn % 10);
        let order = NewOrderSingle {
            biz_id: 100_010,
            biz_pbu: PBU,
            cl_ord_id: text(&format_args!("{}{number:09}", self.party.2).to_string()),
            security_id: text(&format_args!("{}", 100_000 + security).to_string()),
            account: text(&format_args!("A{account:09}").to_string()),
            owner_type: 0,
            side: b'1',
            price: PRICE_E5 - step * TICK_E5,
            order_qty: 100_000 * (1 + i64::from(turn / 10 % 9)),
            ord_type: b'2',
            time_in_force: b'0',
            transact_time: 1_000_000_000_000,
            branch_id: *b"00001   ",
            ..NewOrderSingle::default()
        };
        encode(&order, self.seq, &mut self.out[at..]).map_err(Error::other)
    }

    fn read(&mut self) -> io::Result<Answers> {
        let count = self.stream.read(self.inbox.space())?;
        if count == 0 {
            return Err(Error::new(
                ErrorKind::UnexpectedEof,
                "the peer closed the session",
            ));
        }
        self.inbox.filled(count);
        let mut answers = Answers::default();
        while let Some(found) = frame(self.inbox.data()).map_err(Error::other)? {
            match Message::decode(&found).map_err(Error::other)? {
                Message::ExecutionReport(_) => answers.accepted += 1,
                Message::PlatformState(state) => answers.open |= state.platform_state == 2,
                Message::ExecRptInfo(_) => answers.streams = true,
                Message::OrderReject(_) if self.takes_refusals => answers.refused += 1,
                Message::OrderReject(reject) => {
                    let code = reject.ord_rej_reason;
                    return Err(Error::other(format!(
                        "an order of the flow was refused: {code}"
                    )));
                }
                Message::Logout(logout) => {
                    let code = logout.session_status;
                    return Err(Error::other(format!("the session was refused: {code}")));
                }
                _ => {}
            }
            let len = found.total_len;
            self.inbox.take(len);
        }
        Ok(answers)
    }
}
