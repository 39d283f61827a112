//! The venue: gateways, sessions, streams and markets as one state machine without I/O.

use std::collections::{HashMap, VecDeque};

use panshi_wire::time::{date_and_ns, unix_ns};
use panshi_wire::{sse, szse};

use crate::cause::{Codes, Market};
use crate::config::{Config, Gateway as GatewayConfig};
use crate::exchange::Exchange;
use crate::fault::{Action, Place, Script, Strike};
use crate::flow::Flow;
use crate::order::NONE;
use crate::phase::{SSE_DAY, SZSE_DAY, Schedule, Step};
use crate::quote::Quotes;
use crate::session::Session;
use crate::stream::Stream;

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1000 * MS;

/// One moment on both clocks of the venue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Nanoseconds of a clock that never runs backwards; sessions are timed by it.
    pub mono_ns: u64,
    /// Market time, ns since the Unix epoch; the day goes by it.
    pub market_ns: u64,
}

/// A client's order or cancel as it came.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::large_enum_variant, reason = "kept in one table of the day")]
pub(crate) enum Request {
    /// Shanghai order.
    SseOrder(sse::NewOrderSingle),
    /// Shanghai cancel.
    SseCancel(sse::OrderCancel),
    /// Shenzhen order; after-hours orders are kept in the same form.
    SzseOrder(szse::NewOrder),
    /// Shenzhen cancel.
    SzseCancel(szse::CancelRequest),
}

/// A request that reached the host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub request: Request,
    /// Stream of its reports.
    pub stream: usize,
    /// Number of the order, or [`NONE`] when it was refused or is a cancel.
    pub order: u32,
    pub gateway: usize,
}

/// A gateway on its day.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub config: GatewayConfig,
    /// Index of the first of its own streams, one for each set.
    pub streams: usize,
    /// Session that is logged on.
    pub session: Option<usize>,
    /// State by the clock.
    pub state: u16,
    /// Script: another state until then.
    pub flap: Option<(u16, u64)>,
    /// Script: not ready until then.
    pub not_ready_ns: u64,
    /// Script: orders still to be refused.
    pub reject_burst: u32,
    /// Requests kept until the platform opens.
    pub held: VecDeque<Request>,
    /// Second and requests in it.
    pub rate: (u64, u32),
}

impl Gateway {
    pub fn shown_state(&self) -> u16 {
        self.flap.map_or(self.state, |(state, _)| state)
    }
}

/// The simulated gateways of both exchanges.
#[derive(Debug)]
pub struct VenueCore {
    pub(crate) config: Config,
    pub(crate) codes: Codes,
    pub(crate) profile: sse::Profile,
    pub(crate) markets: [Exchange; 2],
    pub(crate) schedules: [Schedule; 2],
    pub(crate) gateways: Vec<Gateway>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) sessions: Vec<Option<Session>>,
    pub(crate) entries: Vec<Entry>,
    /// (market, PBU, `ClOrdID`) to the entry.
    pub(crate) ids: HashMap<(Market, [u8; 8], [u8; 10]), u32>,
    pub(crate) script: Script,
    pub(crate) quotes: Quotes,
    pub(crate) flow: Flow,
    pub(crate) now: Now,
    midnight_ns: u64,
    report_number: u64,
}

/// Index of a market in tables of two.
#[must_use]
pub(crate) fn index(market: Market) -> usize {
    usize::from(market == Market::Szse)
}

impl VenueCore {
    /// A venue before its day.
    ///
    /// # Errors
    /// When the configuration does not hold; the sentence names the key.
    pub fn new(config: Config) -> Result<Self, String> {
        let midnight_ns = unix_ns(config.trade_date, 0)
            .map_err(|error| format!("venue configuration, trade_date: {error}"))?;
        let profile = sse::Profile::by_version(&config.sse.profile).ok_or_else(|| {
            let found = &config.sse.profile;
            format!("venue configuration, sse.profile: must be 0.57 or 0.58, found {found}")
        })?;
        let mut codes = Codes::default();
        for choice in &config.codes {
            codes.replace(choice.market, choice.cause, choice.code);
        }
        let (mut gateways, mut streams) = (Vec::new(), Vec::new());
        for gateway in &config.gateways {
            gateways.push(open_gateway(gateway, &mut streams, !config.ack_only)?);
        }
        let market = |market: Market, tie| {
            let listed = config
                .securities
                .iter()
                .filter(|security| security.market == market);
            let mut exchange = Exchange::new(market, listed.cloned().collect(), tie);
            exchange.open_listing = config.open_listing;
            exchange
        };
        let markets = [
            market(Market::Sse, config.sse.tie),
            market(Market::Szse, config.szse.tie),
        ];
        let day = |own: &Option<Vec<Step>>, table: &[Step]| {
            Schedule::new(own.as_deref().unwrap_or(table), midnight_ns)
        };
        Ok(Self {
            schedules: [
                day(&config.sse.day, SSE_DAY),
                day(&config.szse.day, SZSE_DAY),
            ],
            script: Script::new(&config.faults),
            quotes: Quotes::new(config.quotes.is_some()),
            codes,
            profile,
            markets,
            gateways,
            streams,
            sessions: Vec::new(),
            entries: Vec::new(),
            ids: HashMap::new(),
            flow: Flow::default(),
            now: Now::default(),
            midnight_ns,
            report_number: 0,
            config,
        })
    }

    /// A connection to a gateway was made; returns the number of its session.
    pub fn on_connect(&mut self, gateway: usize, now: Now) -> usize {
        self.advance(now);
        let market = self.gateways[gateway].config.market;
        self.sessions
            .push(Some(Session::new(market, gateway, now.mono_ns)));
        self.sessions.len() - 1
    }

    /// Bytes came from a session.
    pub fn on_bytes(&mut self, id: usize, bytes: &[u8], now: Now) {
        self.advance(now);
        let Some(session) = self.session_mut(id) else {
            return;
        };
        if session.half_open {
            return;
        }
        session.received_ns = now.mono_ns;
        let mut input = core::mem::take(&mut session.input);
        input.extend_from_slice(bytes);
        let market = session.market;
        let used = match market {
            Market::Sse => self.sse_bytes(id, &input),
            Market::Szse => self.szse_bytes(id, &input),
        };
        input.drain(..used);
        if let Some(session) = self.session_mut(id) {
            session.input = input;
        }
        self.settle();
    }

    /// A connection is gone.
    pub fn on_disconnect(&mut self, id: usize) {
        for gateway in &mut self.gateways {
            if gateway.session == Some(id) {
                gateway.session = None;
            }
        }
        if let Some(slot) = self.sessions.get_mut(id) {
            *slot = None;
        }
    }

    /// Time has passed: the clocks' phases, the recorded flow, timers and script run up to now.
    pub fn advance(&mut self, now: Now) {
        self.now.mono_ns = now.mono_ns;
        while let Some((market_ns, what)) = self.next_due(now.market_ns) {
            self.now.market_ns = self.now.market_ns.max(market_ns);
            match what {
                Due::Step(market) => self.step(market),
                Due::Flow => self.replay_one(),
            }
        }
        self.now.market_ns = self.now.market_ns.max(now.market_ns);
        self.run_script();
        self.run_timers();
        self.settle();
    }

    fn next_due(&self, until_ns: u64) -> Option<(u64, Due)> {
        let step = |market| Some((self.schedules[index(market)].next_ns()?, Due::Step(market)));
        let flow = self
            .flow
            .next_ns()
            .map(|at| (self.midnight_ns + at, Due::Flow));
        [step(Market::Sse), step(Market::Szse), flow]
            .into_iter()
            .flatten()
            .filter(|due| due.0 <= until_ns)
            .min_by_key(|due| due.0)
    }

    fn step(&mut self, market: Market) {
        let Some(step) = self.schedules[index(market)].take(self.now.market_ns) else {
            return;
        };
        self.markets[index(market)].enter_phase(step.phase);
        // Fills of an auction go out before the news that its platform closed.
        self.settle();
        for at in 0..self.gateways.len() {
            let gateway = &mut self.gateways[at];
            if gateway.config.market != market {
                continue;
            }
            let fixed = market == Market::Szse && gateway.config.platform == 2;
            let state = if fixed { step.state_fixed } else { step.state };
            if core::mem::replace(&mut gateway.state, state) != state {
                self.state_changed(at);
            }
        }
    }

    /// The platform of a gateway has another state: tell it, and do what the state asks for.
    pub(crate) fn state_changed(&mut self, at: usize) {
        let market = self.gateways[at].config.market;
        if let Some(id) = self.gateways[at].session {
            self.send_state(id);
        }
        match self.gateways[at].shown_state() {
            2 => {
                while let Some(request) = self.gateways[at].held.pop_front() {
                    self.admit(at, request);
                }
            }
            4 if self.gateways[at].flap.is_none() => self.finish_streams(at),
            _ => {}
        }
        self.report_events(market);
    }

    fn finish_streams(&mut self, at: usize) {
        let first = self.gateways[at].streams;
        for stream in first..first + self.gateways[at].config.sets.len() {
            if !core::mem::replace(&mut self.streams[stream].finished, true) {
                self.push_end(at, stream);
            }
        }
    }

    /// An order of the replayed market; false when the market does not take it.
    pub fn external_new(&mut self, order: &crate::flow::Record) -> bool {
        let taken = self.flow_new(order);
        self.settle();
        taken
    }

    /// A cancel of the replayed market; false when there is nothing to cancel.
    pub fn external_cancel(&mut self, cancel: &crate::flow::Record) -> bool {
        let taken = self.flow_cancel(cancel);
        self.settle();
        taken
    }

    /// Bytes of a session that may be written now.
    #[must_use]
    pub fn pending(&self, id: usize) -> &[u8] {
        self.session(id)
            .map_or(&[], |session| session.pending(self.now.mono_ns))
    }

    /// Count bytes of a session that were written.
    pub fn wrote(&mut self, id: usize, count: usize) {
        let now_ns = self.now.mono_ns;
        if let Some(session) = self.session_mut(id) {
            session.wrote(count, now_ns);
        }
        self.pump(id);
    }

    /// Whether the venue wants the connection of a session closed.
    #[must_use]
    pub fn wants_close(&self, id: usize) -> bool {
        self.session(id).is_some_and(Session::is_over)
    }

    /// Whether the venue does not read from a session.
    #[must_use]
    pub fn is_half_open(&self, id: usize) -> bool {
        self.session(id).is_some_and(|session| session.half_open)
    }

    /// Take the best prices that changed, as frames of the quote channel.
    pub fn take_quotes(&mut self) -> Vec<u8> {
        self.quotes.take()
    }

    /// Best prices of every security as frames, for a new reader.
    #[must_use]
    pub fn all_quotes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for exchange in &self.markets {
            for security in 0..exchange.listed() {
                Quotes::frame(exchange, security, self.now.market_ns, &mut out);
            }
        }
        out
    }

    /// Put records of the market's flow behind those already there.
    ///
    /// # Errors
    /// When the bytes are no whole records in order of time.
    pub fn load_flow(&mut self, bytes: &[u8]) -> Result<usize, String> {
        self.flow.load(bytes)
    }

    /// Reports of the day, all streams together, ends included.
    #[must_use]
    pub fn reports(&self) -> u64 {
        self.streams.iter().map(Stream::max).sum()
    }

    /// Take the scripted faults that struck for the first time since this was last asked.
    pub fn take_strikes(&mut self) -> Vec<Strike> {
        self.script.take_first()
    }

    /// How often each scripted fault struck.
    #[must_use]
    pub fn fault_counts(&self) -> Vec<u64> {
        self.script.counts()
    }

    /// Every report stream of the day.
    #[must_use]
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// The exchange behind the gateways of a market.
    #[must_use]
    pub fn exchange(&self, market: Market) -> &Exchange {
        &self.markets[index(market)]
    }

    pub(crate) fn session(&self, id: usize) -> Option<&Session> {
        self.sessions.get(id)?.as_ref()
    }

    pub(crate) fn session_mut(&mut self, id: usize) -> Option<&mut Session> {
        self.sessions.get_mut(id)?.as_mut()
    }

    /// Market time as date and nanoseconds of the day.
    pub(crate) fn date_ns(&self) -> (u32, u64) {
        date_and_ns(self.now.market_ns)
    }

    pub(crate) fn next_report_number(&mut self) -> u64 {
        self.report_number += 1;
        self.report_number
    }

    /// Keep a request under its id.
    pub(crate) fn enter(&mut self, key: (Market, [u8; 8], [u8; 10]), entry: Entry) -> u32 {
        let number = u32::try_from(self.entries.len()).unwrap_or(NONE);
        self.entries.push(entry);
        self.ids.insert(key, number);
        number
    }

    /// Append a report to a stream, with the faults that strike reports.
    pub(crate) fn push_report(&mut self, gateway: usize, stream: usize, report: &[u8]) {
        self.streams[stream].push(report);
        if self.script.is_empty() {
            return;
        }
        let kind = kind_of(report);
        let ns_of_day = self.date_ns().1;
        if self.script.strike(Place::Report(kind), gateway, ns_of_day) == Some(Action::IndexGap) {
            self.streams[stream].push(&[]);
        }
    }

    /// Whether a gateway takes one more request in this second.
    pub(crate) fn take_rate(&mut self, at: usize) -> bool {
        let Some(limit) = self.config.orders_per_second else {
            return true;
        };
        let second = self.now.mono_ns / SECOND;
        let rate = &mut self.gateways[at].rate;
        if rate.0 != second {
            *rate = (second, 0);
        }
        rate.1 += 1;
        rate.1 <= limit
    }
}

/// What comes next in market time.
enum Due {
    Step(Market),
    Flow,
}

pub(crate) fn kind_of(message: &[u8]) -> u32 {
    message
        .first_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn open_gateway(
    config: &GatewayConfig,
    streams: &mut Vec<Stream>,
    retain: bool,
) -> Result<Gateway, String> {
    let comp_id = &config.comp_id;
    let login = config.pbus.first().map_or("", String::as_str);
    let login_pbu = panshi_wire::text::pad(login.as_bytes()).ok_or_else(|| {
        format!("venue configuration, gateway {comp_id}, pbus: at most 8 characters, found {login}")
    })?;
    if config.sets.is_empty() || login.is_empty() {
        return Err(format!(
            "venue configuration, gateway {comp_id}: pbus and sets must each name at least one"
        ));
    }
    let first = streams.len();
    let pbu = if config.market == Market::Sse {
        login_pbu
    } else {
        [b' '; 8]
    };
    streams.extend(config.sets.iter().map(|set| Stream::new(pbu, *set, retain)));
    Ok(Gateway {
        config: config.clone(),
        streams: first,
        session: None,
        state: 0,
        flap: None,
        not_ready_ns: 0,
        reject_burst: 0,
        held: VecDeque::new(),
        rate: (0, 0),
    })
}
