//! What the gate remembers of the day beside the engine: where records lie, whose report streams
//! hold what, and which rows name clients and PBUs. All of it follows from the journal, so the
//! same code fills it while serving and after a restart.

use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelAll, GatewayStream};
use panshi_engine::record::load::{LoadClient, LoadPbu};
use panshi_journal::Position;
use panshi_wire::layout::Layout;
use panshi_wire::saved::{Saved, SavedField};
use panshi_wire::sections::{Loader, Sections, Unfit};

use crate::exchange_stream::{ExchangeKey, ExchangeStream};
use crate::journaled_stops::JournaledStops;
use crate::mass_cancels::MassCancels;

mod places;

/// A report stream toward a client.
#[derive(Debug, Default)]
pub struct Stream {
    /// Client number.
    pub client: u16,
    /// Stream key on SSE; spaces on SZSE.
    pub pbu: [u8; 8],
    /// Stream key.
    pub set_id: u32,
    /// What was delivered, index 1 first.
    pub entries: Vec<StreamEntry>,
    /// Connection that asked for the stream.
    pub reader: Option<usize>,
    /// Index that the reader gets next.
    pub cursor: u64,
}

panshi_wire::sections! {
    Stream {
        one "client" client;
        one "PBU" pbu;
        one "set" set_id;
        list "delivered" entries within usize::MAX;
        skip reader;
        skip cursor;
    }
}

panshi_wire::saved! {
    /// One delivered report: the input it came from and the order it is about.
    #[derive(Clone, Copy, Debug)]
    pub struct StreamEntry {
        /// Journal sequence of the report, cancel or mass cancel.
        pub input_seq: u64,
        /// Journal sequence of the order; 0: none.
        pub order_seq: u64,
    }
}

/// What an order waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    Queued,
    Known,
}

impl Fate {
    const ALL: [Self; 3] = [Self::Unknown, Self::Queued, Self::Known];
}

impl Saved for Fate {
    const LEN: usize = 1;

    fn put(&self, out: &mut [u8]) {
        (*self as u8).put(out);
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        Self::ALL.get(usize::from(*bytes.first()?)).copied()
    }

    fn describe(name: &str, _note: &str, into: &mut Vec<SavedField>) {
        let note = "0 unknown, 1 queued, 2 known";
        u8::describe(name, note, into);
    }
}

/// The day as far as the gate itself must know it.
#[derive(Debug, Default)]
pub struct Book {
    /// Where what may be told or sent again lies: orders and cancels that were not refused at once, mass cancels, and
    /// reports that were delivered.
    places: Vec<(u64, Position)>,
    /// The last report, whose place is kept when it is delivered.
    report: Option<(u64, Position)>,
    /// Streams toward clients.
    pub streams: Vec<Stream>,
    by_client: Vec<Vec<u32>>,
    exchange: Vec<ExchangeStream>,
    carried: Vec<GatewayStream>,
    /// Rows of clients, by client number.
    pub clients: Vec<Option<LoadClient>>,
    /// Rows of PBUs.
    pub pbus: Vec<LoadPbu>,
    /// Clients that the engine takes for logged in, by client number.
    pub online: Vec<bool>,
    /// Last state that the engine was told, by gateway number: market and state.
    pub gateways: Vec<Option<(u8, u8)>>,
    /// Trade date, 0 before the day is open.
    pub trade_date: u32,
    /// Midnight of the trade date in Shanghai.
    pub day_start_ns: u64,
    /// Whether the day was closed.
    pub closed: bool,
    /// Counts for status and metrics.
    pub counts: Counts,
    /// Refusals by code, in the order of the codes.
    pub refusals: Vec<(u32, u64)>,
    fates: Vec<Fate>,
    queued: u64,
    /// How far mass cancels have come.
    pub mass_cancels: MassCancels,
    /// Stops that stand.
    pub stops: JournaledStops,
}

panshi_wire::sections! {
    Book {
        list "places" places within usize::MAX;
        skip report;
        part streams;
        skip by_client;
        list "exchange indices" exchange within usize::MAX;
        list "carried streams" carried within usize::MAX;
        list "client rows" clients within usize::MAX;
        list "PBU rows" pbus within usize::MAX;
        list "clients online" online within usize::MAX;
        list "gateway states" gateways within usize::MAX;
        one "trade date" trade_date;
        one "start of the day" day_start_ns;
        one "closed" closed;
        one "counts" counts;
        list "refusals" refusals within usize::MAX;
        list "fates" fates within usize::MAX;
        one "queued" queued;
        part mass_cancels;
        part stops;
    }
}

panshi_wire::saved! {
    /// What happened today.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Counts {
        /// New orders received.
        pub orders: u64,
        /// Cancels received.
        pub cancels: u64,
        /// Orders passed on.
        pub forwarded: u64,
        /// Cancels passed on.
        pub forwarded_cancels: u64,
        /// Orders and cancels refused.
        pub refused: u64,
        /// Reports received.
        pub reports: u64,
        /// Reports handed to client streams.
        pub delivered: u64,
        /// Warnings.
        pub warnings: u64,
        /// Anomalies.
        pub anomalies: u64,
        /// Orders made again from reports.
        pub recovered: u64,
    }
}

fn slot<T: Default + Clone>(list: &mut Vec<T>, at: usize) -> &mut T {
    if list.len() <= at {
        list.resize(at + 1, T::default());
    }
    &mut list[at]
}

fn same_stream(old: &GatewayStream, row: &GatewayStream) -> bool {
    let key = |row: &GatewayStream| (row.market, row.gateway, row.pbu, row.set_id);
    key(old) == key(row)
}

impl Book {
    /// Market and state of an exchange gateway that the engine was told of.
    #[must_use]
    pub fn gateway(&self, number: u16) -> Option<(u8, u8)> {
        self.gateways.get(usize::from(number)).copied().flatten()
    }

    /// A book in a saved state.
    ///
    /// # Errors
    /// When the sections are not those of a book.
    pub fn restored(from: &mut Loader<'_>) -> Result<Self, Unfit> {
        let mut book = Self::default();
        book.load(from)?;
        for at in 0..book.streams.len() {
            let client = book.streams[at].client;
            let known = slot(&mut book.by_client, client.into());
            known.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        Ok(book)
    }

    /// Take note of an input that was journaled.
    pub fn note_input(&mut self, seq: u64, position: Position, input: &Input) {
        self.stops.note(seq, input);
        match input {
            Input::NewOrder(_) => {
                self.counts.orders += 1;
                self.places.push((seq, position));
            }
            Input::CancelOrder(_) => {
                self.counts.cancels += 1;
                self.places.push((seq, position));
            }
            Input::Report(report) => {
                self.counts.reports += 1;
                self.report = Some((seq, position));
                self.mass_cancels.note_report(report);
                if report.report_index > 0 {
                    self.exchange_stream(ExchangeKey::of(report)).note(report);
                }
            }
            Input::CancelAll(row) => {
                self.places.push((seq, position));
                self.mass_cancels.begin(seq, row);
            }
            Input::LoadClient(row) => *slot(&mut self.clients, row.client.into()) = Some(*row),
            Input::LoadPbu(row) => self.note_pbu(row),
            Input::ClientState(state) => {
                *slot(&mut self.online, state.client.into()) = state.online == 1;
            }
            Input::GatewayState(state) => {
                *slot(&mut self.gateways, state.gateway.into()) = Some((state.market, state.state));
            }
            Input::DayOpen(day) => {
                (self.trade_date, self.day_start_ns) = (day.trade_date, day.day_start_ns);
            }
            Input::GatewayStream(row) => self.note_carried(row),
            Input::DayClose(_) => self.closed = true,
            _ => {}
        }
    }

    fn note_pbu(&mut self, row: &LoadPbu) {
        let same = |old: &&mut LoadPbu| old.market == row.market && old.pbu == row.pbu;
        match self.pbus.iter_mut().find(same) {
            Some(old) => *old = *row,
            None => self.pbus.push(*row),
        }
    }

    /// Sets or partitions that a gateway has named today.
    pub fn carried_sets(&self, market: u8, gateway: u16) -> impl Iterator<Item = u32> {
        let rows = self.carried.iter();
        rows.filter(move |row| row.market == market && row.gateway == gateway)
            .map(|row| row.set_id)
    }

    fn note_carried(&mut self, row: &GatewayStream) {
        match self.carried.iter_mut().find(|old| same_stream(old, row)) {
            Some(old) => *old = *row,
            None => self.carried.push(*row),
        }
    }

    /// Whether the engine was told of a stream that a gateway carries, and of nothing else since.
    #[must_use]
    pub fn carries(&self, row: &GatewayStream) -> bool {
        let found = self.carried.iter().find(|old| same_stream(old, row));
        found.is_some_and(|old| old.own == row.own)
    }

    /// Take note of an output; `cause` is the sequence of its input. Returns the stream of a delivery.
    pub fn note_output(&mut self, cause: u64, output: &Output) -> Option<usize> {
        match output {
            Output::Forward(forward) => {
                self.counts.forwarded += 1;
                self.set_fate(forward.order, Fate::Known);
            }
            Output::ForwardCancel(forward) => {
                self.counts.forwarded_cancels += 1;
                if forward.input_seq == 0 {
                    self.mass_cancels.sent(forward);
                } else if forward.input_seq != cause {
                    self.queued = self.queued.saturating_sub(1);
                }
            }
            Output::Refuse(refuse) => {
                self.counts.refused += 1;
                self.count_refusal(refuse.code);
                if refuse.input_seq == cause {
                    self.forget(cause);
                }
                if refuse.cancel == 0 && refuse.order != u32::MAX {
                    self.set_fate(refuse.order, Fate::Known);
                } else if refuse.cancel == 1 && refuse.input_seq != cause {
                    self.queued = self.queued.saturating_sub(1);
                }
            }
            Output::Queued(queued) if queued.cancel == 1 => self.queued += 1,
            Output::Queued(queued) => self.set_fate(queued.order, Fate::Queued),
            Output::Recovered(row) => {
                self.counts.recovered += 1;
                self.set_fate(row.order, Fate::Known);
            }
            Output::Ended(ended) => {
                self.set_fate(ended.order, Fate::Known);
                self.mass_cancels.ended(ended.input_seq);
            }
            Output::CancelMissed(row) => self.mass_cancels.miss(row),
            Output::CancelAllDone(row) => self.mass_cancels.done(row),
            Output::LoadRefused(row) if row.input_type == CancelAll::TYPE => {
                self.mass_cancels.refuse(row.input_seq);
            }
            Output::LoadRefused(row) => self.stops.refuse(row),
            Output::Warning(_) => self.counts.warnings += 1,
            Output::Anomaly(_) => self.counts.anomalies += 1,
            Output::Deliver(deliver) => {
                self.counts.delivered += 1;
                if deliver.order != u32::MAX {
                    self.set_fate(deliver.order, Fate::Known);
                    self.mass_cancels.answered(deliver);
                }
                if deliver.report_index > 0 {
                    self.keep_report(deliver.input_seq);
                    let stream = self.stream(deliver.client, deliver.pbu, deliver.set_id);
                    let (input_seq, order_seq) = (deliver.input_seq, deliver.order_seq);
                    self.streams[stream].entries.push(StreamEntry {
                        input_seq,
                        order_seq,
                    });
                    return Some(stream);
                }
            }
            _ => {}
        }
        None
    }

    fn count_refusal(&mut self, code: u32) {
        match self.refusals.binary_search_by_key(&code, |row| row.0) {
            Ok(at) => self.refusals[at].1 += 1,
            Err(at) => self.refusals.insert(at, (code, 1)),
        }
    }

    fn set_fate(&mut self, order: u32, fate: Fate) {
        let at = order as usize;
        if self.fates.len() <= at {
            self.fates.resize(at + 1, Fate::Unknown);
        }
        match std::mem::replace(&mut self.fates[at], fate) {
            Fate::Queued => self.queued = self.queued.saturating_sub(1),
            Fate::Unknown | Fate::Known => {}
        }
        match fate {
            Fate::Queued => self.queued += 1,
            Fate::Unknown | Fate::Known => {}
        }
    }

    /// Whether something waits for time to pass, beside the orders sent without an answer.
    #[must_use]
    pub fn awaits_time(&self) -> bool {
        self.queued > 0 || self.mass_cancels.run()
    }

    /// Orders and cancels that wait for a window.
    #[must_use]
    pub const fn queued(&self) -> u64 {
        self.queued
    }

    /// The stream with this key, made when it is new.
    pub fn stream(&mut self, client: u16, pbu: [u8; 8], set_id: u32) -> usize {
        let streams = &self.streams;
        let known = slot(&mut self.by_client, client.into());
        let found = known.iter().find(|at| {
            let stream = &streams[**at as usize];
            stream.set_id == set_id && stream.pbu == pbu
        });
        if let Some(at) = found {
            return *at as usize;
        }
        let at = self.streams.len();
        known.push(u32::try_from(at).unwrap_or(u32::MAX));
        self.streams.push(Stream {
            client,
            pbu,
            set_id,
            ..Stream::default()
        });
        at
    }

    /// Numbers of the streams of a client.
    #[must_use]
    pub fn streams_of(&self, client: u16) -> &[u32] {
        self.by_client
            .get(usize::from(client))
            .map_or(&[], Vec::as_slice)
    }

    /// Largest journaled index of an exchange stream; 0: nothing yet.
    #[must_use]
    pub fn last_index(&self, key: ExchangeKey) -> u64 {
        let found = self.exchange.iter().find(|stream| stream.key == key);
        found.map_or(0, |stream| stream.last)
    }

    /// A stream of the exchange, as far as it has come.
    #[must_use]
    pub fn exchange_stream_of(&self, key: ExchangeKey) -> ExchangeStream {
        let found = self.exchange.iter().find(|stream| stream.key == key);
        found.copied().unwrap_or(ExchangeStream::new(key))
    }

    /// Streams that gateways have named today, in the order of their naming.
    #[must_use]
    pub fn carried(&self) -> &[GatewayStream] {
        &self.carried
    }

    fn exchange_stream(&mut self, key: ExchangeKey) -> &mut ExchangeStream {
        let found = self.exchange.iter().position(|stream| stream.key == key);
        let at = found.unwrap_or_else(|| {
            self.exchange.push(ExchangeStream::new(key));
            self.exchange.len() - 1
        });
        &mut self.exchange[at]
    }

    /// The client whose id at logon is this one.
    #[must_use]
    pub fn client_by_comp_id(&self, market: u8, comp_id: &[u8]) -> Option<&LoadClient> {
        let wanted = panshi_wire::text::trim(comp_id);
        self.clients
            .iter()
            .flatten()
            .find(|row| row.market == market && panshi_wire::text::trim(&row.comp_id) == wanted)
    }

    /// The PBUs that a client may use.
    pub fn pbus_of(&self, client: &LoadClient) -> impl Iterator<Item = &LoadPbu> {
        let (market, mask) = (client.market, client.pbu_mask);
        self.pbus.iter().filter(move |pbu| {
            pbu.market == market && pbu.pbu_no < 64 && mask >> pbu.pbu_no & 1 == 1
        })
    }
}
