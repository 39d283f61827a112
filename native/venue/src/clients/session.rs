//! One session: its connection, its streams, and what it waits for.

use std::collections::{BTreeSet, HashMap};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use panshi_wire::error::WireError;

use super::config::{Protocol, SessionConfig};
use super::request::When;
use super::{Action, CANCELLED, Event};

const READ_BYTES: usize = 64 << 10;
const MESSAGE_BYTES: usize = 4096;

/// The moment at which a session does something.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Of the process.
    pub wall: Instant,
    /// Market time, ns since the Unix epoch.
    pub market_ns: u64,
    /// Midnight of the trade date, ns since the Unix epoch.
    pub midnight_ns: u64,
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
}

impl Moment {
    /// Market time, ns of the day.
    pub fn ns_of_day(&self) -> u64 {
        self.market_ns.saturating_sub(self.midnight_ns)
    }

    /// The moment as a request carries it.
    pub fn when(&self) -> When {
        When {
            trade_date: self.trade_date,
            ns_of_day: self.ns_of_day(),
        }
    }
}

/// A report stream: PBU (spaces in Shenzhen) and partition.
pub type StreamKey = ([u8; 8], u32);

/// One session.
#[derive(Debug)]
pub struct Session {
    pub(super) config: SessionConfig,
    pub(super) place: u16,
    stream: TcpStream,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    pub(super) seq: u64,
    pub(super) asked: BTreeSet<StreamKey>,
    pub(super) open: BTreeSet<StreamKey>,
    pub(super) ended: BTreeSet<StreamKey>,
    /// When a request without an answer was sent, and its lane.
    sent: HashMap<[u8; 10], (Instant, u32)>,
    /// Lanes of the requests that were answered since the loop last looked.
    pub(super) answered: Vec<u32>,
    spoke: Instant,
    pub(super) gone: bool,
    pub(super) leaving: bool,
}

impl Session {
    /// Connect and ask for a logon.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(config: &SessionConfig, place: u16, wait: Duration) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("session {}: {error}", config.comp_id);
        let stream = TcpStream::connect_timeout(&config.address, wait).map_err(failed)?;
        stream.set_nonblocking(true).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let mut session = Self {
            config: config.clone(),
            place,
            stream,
            inbox: Vec::new(),
            outbox: Vec::new(),
            seq: 0,
            asked: BTreeSet::new(),
            open: BTreeSet::new(),
            ended: BTreeSet::new(),
            sent: HashMap::new(),
            answered: Vec::new(),
            spoke: Instant::now(),
            gone: false,
            leaving: false,
        };
        match config.protocol {
            Protocol::Sse => session.sse_logon()?,
            Protocol::Szse => session.szse_logon()?,
        }
        Ok(session)
    }

    /// Whether every stream that was asked for is open, and there is one.
    pub fn is_ready(&self) -> bool {
        !self.asked.is_empty() && self.asked == self.open
    }

    /// Whether every stream has ended.
    pub fn is_ended(&self) -> bool {
        self.gone || (self.is_ready() && self.open.is_subset(&self.ended))
    }

    /// Append a message to what is to be sent.
    pub(super) fn put(
        &mut self,
        encode: impl FnOnce(u64, &mut [u8]) -> Result<usize, WireError>,
    ) -> Result<(), String> {
        self.seq += 1;
        let mut room = [0; MESSAGE_BYTES];
        let length = encode(self.seq, &mut room).map_err(|error| self.failure(&error))?;
        self.outbox.extend_from_slice(&room[..length]);
        Ok(())
    }

    /// Say in whose session something went wrong.
    pub(super) fn failure(&self, what: &impl std::fmt::Display) -> String {
        format!("session {}: {what}", self.config.comp_id)
    }

    /// Put an order or cancel of a lane into the session; `flush` writes it.
    ///
    /// # Errors
    /// When a value does not fit the protocol.
    pub fn act(&mut self, action: &Action, lane: u32, now: &Moment) -> Result<(), String> {
        match self.config.protocol {
            Protocol::Sse => self.sse_act(action, now)?,
            Protocol::Szse => self.szse_act(action, now)?,
        }
        self.sent.insert(action.cl_ord_id, (Instant::now(), lane));
        Ok(())
    }

    /// Write an event down, with the time since its request.
    pub(super) fn note(&mut self, events: &mut Vec<Event>, now: &Moment, event: Event) {
        let latency_ns = self.answer(&event.cl_ord_id);
        if event.kind == CANCELLED {
            // The cancel of an order that the gate still held back ends it unacknowledged.
            self.answer(&event.orig_cl_ord_id);
        }
        events.push(Event {
            market_ns: now.market_ns,
            session: self.place,
            latency_ns,
            ..event
        });
    }

    /// Nanoseconds since a request was sent, when this is its first answer; else 0.
    fn answer(&mut self, cl_ord_id: &[u8; 10]) -> u64 {
        let Some((sent, lane)) = self.sent.remove(cl_ord_id) else {
            return 0;
        };
        self.answered.push(lane);
        u64::try_from(sent.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Send a heartbeat when the session has been silent for long enough.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn beat(&mut self, now: &Moment) -> Result<(), String> {
        let silence = now.wall.duration_since(self.spoke);
        if silence < Duration::from_secs(self.config.heartbeat_s.into()) / 2 || self.gone {
            return Ok(());
        }
        match self.config.protocol {
            Protocol::Sse => self.sse_heartbeat(),
            Protocol::Szse => self.szse_heartbeat(),
        }
    }

    /// Say goodbye.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn leave(&mut self) -> Result<(), String> {
        if self.gone || self.leaving {
            return Ok(());
        }
        self.leaving = true;
        match self.config.protocol {
            Protocol::Sse => self.sse_logout(),
            Protocol::Szse => self.szse_logout(),
        }
    }

    /// Write what can be written; whether anything was.
    ///
    /// # Errors
    /// When the connection broke before the goodbye.
    pub fn flush(&mut self) -> Result<bool, String> {
        let mut any = false;
        while !self.outbox.is_empty() && !self.gone {
            match self.stream.write(&self.outbox) {
                Ok(count) => {
                    self.outbox.drain(..count);
                    self.spoke = Instant::now();
                    any = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.lost(&error.to_string()).map(|()| any),
            }
        }
        Ok(any)
    }

    /// Read what there is; whether there was anything.
    ///
    /// # Errors
    /// When the connection broke before the goodbye, or the gateway sent no message.
    pub fn read(&mut self, now: &Moment, events: &mut Vec<Event>) -> Result<bool, String> {
        if self.gone {
            return Ok(false);
        }
        let before = self.inbox.len();
        self.inbox.resize(before + READ_BYTES, 0);
        let outcome = self.stream.read(&mut self.inbox[before..]);
        let count = outcome.as_ref().map_or(0, |count| *count);
        self.inbox.truncate(before + count);
        match outcome {
            Ok(0) => {
                return self
                    .lost("the gateway closed the connection")
                    .map(|()| false);
            }
            Ok(_) => {}
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                return Ok(false);
            }
            Err(error) => return self.lost(&error.to_string()).map(|()| false),
        }
        let bytes = std::mem::take(&mut self.inbox);
        let mut at = 0;
        loop {
            let taken = match self.config.protocol {
                Protocol::Sse => self.sse_take(&bytes[at..], now, events)?,
                Protocol::Szse => self.szse_take(&bytes[at..], now, events)?,
            };
            if taken == 0 {
                break;
            }
            at += taken;
        }
        self.inbox = bytes[at..].to_vec();
        Ok(true)
    }

    /// The gateway said goodbye.
    pub(super) fn bidden(
        &mut self,
        status: &impl std::fmt::Display,
        text: &[u8],
    ) -> Result<(), String> {
        self.gone = true;
        if self.leaving {
            return Ok(());
        }
        let text = String::from_utf8_lossy(text);
        Err(self.failure(&format!("logged out with {status}: {}", text.trim_end())))
    }

    fn lost(&mut self, reason: &str) -> Result<(), String> {
        self.gone = true;
        if self.leaving {
            Ok(())
        } else {
            Err(self.failure(&reason))
        }
    }
}
