//! What the journal's files say, read beside the gate while it writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use panshi_engine::capacity::Capacity;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::NewOrder;
use panshi_journal::{Reader, Result};

use crate::said::{Key, NO_PBU, StreamKey};
use crate::trace::hash_of;
use crate::witness::Broken;
use crate::witness::halts::Halts;
use crate::witness::shadow::Shadow;

const OUTPUTS: u16 = 100;
const OWN: u16 = 200;

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Segment number.
    pub segment: u32,
    /// Its first byte.
    pub begin: u64,
    /// The byte behind its last one.
    pub end: u64,
}

impl Span {
    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.end - self.begin
    }
}

/// A record as it is remembered: where it lies, and a number that stands for it and all before it.
#[derive(Clone, Copy, Debug)]
struct Record {
    span: Span,
    hash: u64,
}

/// What the gate decided about an order or a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    None,
    /// It was refused with this code.
    Refused(u32),
    /// It was sent on.
    Forwarded,
    /// It waits for a window.
    Queued,
    /// It ended inside the gate.
    Ended,
}

/// An order or a cancel in the journal.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its sequence; that of the mass cancel for a cancel of the gate's own.
    pub seq: u64,
    /// The client that sent it, or whose order is cancelled.
    pub client: u16,
    /// Its name.
    pub key: Key,
    /// Whether it is a cancel.
    pub cancel: bool,
    /// The order, unless it is a cancel.
    pub order: Option<NewOrder>,
    /// The latest decision.
    pub decision: Decision,
    /// Sequence of the record of that decision.
    pub decided_seq: u64,
}

/// A refusal: its code and its record.
pub type Refusal = (u32, u64);

/// What the journal says.
pub struct Ledger {
    directory: PathBuf,
    reader: Option<Reader>,
    records: Vec<Record>,
    synced: BTreeMap<u32, u64>,
    durable: u64,
    /// Orders and cancels in order.
    pub requests: Vec<Request>,
    by_seq: BTreeMap<u64, usize>,
    by_key: BTreeMap<Key, Vec<usize>>,
    /// For each stream of a client the records that delivered its reports, index 1 first.
    pub deliveries: BTreeMap<(u16, StreamKey), Vec<u64>>,
    /// Refusals told outside the streams: client and id, code and record.
    pub refusals: BTreeMap<(u16, [u8; 10]), Vec<Refusal>>,
    /// Last journaled index of each stream of the exchange, by market.
    pub exchange: BTreeMap<(u8, StreamKey), u64>,
    /// Trading states as commands and suspensions set them.
    pub halts: Halts,
    /// A replay of the journal that goes on with it.
    pub shadow: Shadow,
    cause: (u64, Option<Input>),
}

impl Ledger {
    /// The ledger of a journal that may not exist yet.
    #[must_use]
    pub fn new(directory: &Path, pbus: &[(u8, [u8; 8])], capacity: &Capacity) -> Self {
        Self {
            directory: directory.to_path_buf(),
            reader: None,
            records: Vec::new(),
            synced: BTreeMap::new(),
            durable: 0,
            requests: Vec::new(),
            by_seq: BTreeMap::new(),
            by_key: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            refusals: BTreeMap::new(),
            exchange: BTreeMap::new(),
            halts: Halts::new(pbus),
            shadow: Shadow::new(capacity),
            cause: (0, None),
        }
    }

    /// Records read so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.records.len() as u64
    }

    /// Where the records behind the first so many lie.
    #[must_use]
    pub fn spans_from(&self, record: u64) -> Vec<Span> {
        let from = usize::try_from(record).unwrap_or(usize::MAX);
        let behind = self.records.get(from..).unwrap_or_default();
        behind.iter().map(|record| record.span).collect()
    }

    /// Segments that hold records.
    #[must_use]
    pub fn segments(&self) -> BTreeSet<u32> {
        self.records
            .iter()
            .map(|record| record.span.segment)
            .collect()
    }

    /// The last record that the disk has, together with all before it.
    #[must_use]
    pub const fn durable(&self) -> u64 {
        self.durable
    }

    /// Number that stands for all records up to one.
    #[must_use]
    pub fn hash_at(&self, record: u64) -> u64 {
        usize::try_from(record)
            .ok()
            .and_then(|at| self.records.get(at.checked_sub(1)?))
            .map_or(0, |record| record.hash)
    }

    /// How many records from the first on are the same in both.
    #[must_use]
    pub fn common(&self, other: &Self) -> u64 {
        let pairs = self.records.iter().zip(&other.records);
        pairs.take_while(|(a, b)| a.hash == b.hash).count() as u64
    }

    /// The disk has so many bytes of a segment.
    pub fn note_synced(&mut self, segment: u32, bytes: u64) {
        self.synced.insert(segment, bytes);
        while let Some(next) = usize::try_from(self.durable)
            .ok()
            .and_then(|at| self.records.get(at))
            && self
                .synced
                .get(&next.span.segment)
                .is_some_and(|bytes| *bytes >= next.span.end)
        {
            self.durable += 1;
        }
    }

    /// The request of a name that was decided upon last, if it was sent on.
    #[must_use]
    pub fn forwarded(&self, key: &Key) -> Option<&Request> {
        let mut of_key = self.by_key.get(key)?.iter().rev();
        let is_forwarded = |at: &&usize| self.requests[**at].decision == Decision::Forwarded;
        of_key.find(is_forwarded).map(|at| &self.requests[*at])
    }

    /// Whether an order of a client ended inside the gate: by this cancel, or by a mass cancel.
    #[must_use]
    pub fn ended_inside(&self, client: u16, id: &[u8; 10], orig: &[u8; 10]) -> bool {
        self.requests.iter().any(|row| {
            let named = row.key.2 == *orig || row.key.2 == *id;
            row.client == client && !row.cancel && named && row.decision == Decision::Ended
        })
    }

    /// Read on to the end of what is written.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn catch_up(&mut self) -> Result<Vec<Broken>> {
        let mut broken = Vec::new();
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => Reader::open(&self.directory, 1)?,
        };
        while let Some(entry) = reader.next()? {
            let (kind, seq) = (entry.header.kind, entry.header.sequence);
            let before = self.records.last().map_or(0, |record| record.hash);
            let hash = hash_of(entry.payload) ^ before.rotate_left(1) ^ u64::from(kind);
            let begin = u64::from(entry.position.offset);
            let span = Span {
                segment: entry.position.segment,
                begin,
                end: begin + entry.header.size() as u64,
            };
            self.records.push(Record { span, hash });
            if kind < OUTPUTS {
                match Input::read(kind.into(), entry.payload) {
                    Some(input) => {
                        broken.extend(self.shadow.input(seq, &input));
                        self.input(seq, &input);
                    }
                    None => broken.push(unknown(seq, kind)),
                }
            } else if kind < OWN {
                match Output::read(kind.into(), entry.payload) {
                    Some(output) => {
                        broken.extend(self.shadow.output(seq, &output));
                        broken.extend(self.output(seq, &output));
                    }
                    None => broken.push(unknown(seq, kind)),
                }
            }
        }
        self.reader = Some(reader);
        Ok(broken)
    }

    fn add(&mut self, request: Request) {
        let at = self.requests.len();
        self.by_key.entry(request.key).or_default().push(at);
        self.requests.push(request);
    }

    fn input(&mut self, seq: u64, input: &Input) {
        let (client, key, order) = match input {
            Input::NewOrder(row) => (row.client, (row.market, row.pbu, row.cl_ord_id), Some(*row)),
            Input::CancelOrder(row) => (row.client, (row.market, row.pbu, row.cl_ord_id), None),
            _ => {
                if let Input::Report(report) = input
                    && report.report_index > 0
                {
                    let pbu = if report.market == 1 {
                        report.stream_pbu
                    } else {
                        NO_PBU
                    };
                    let last = self
                        .exchange
                        .entry((report.market, (pbu, report.set_id)))
                        .or_default();
                    *last = (*last).max(report.report_index);
                }
                self.halts.input(seq, input);
                self.cause = (seq, Some(*input));
                return;
            }
        };
        self.by_seq.insert(seq, self.requests.len());
        self.add(Request {
            seq,
            client,
            key,
            cancel: order.is_none(),
            order,
            decision: Decision::None,
            decided_seq: seq,
        });
        self.cause = (seq, Some(*input));
    }

    /// One decision about a request; a request is decided once, or twice if it waited.
    fn decide(&mut self, input_seq: u64, decision: Decision, seq: u64) -> Option<Broken> {
        let row = self
            .by_seq
            .get(&input_seq)
            .map(|at| &mut self.requests[*at])?;
        let before = std::mem::replace(&mut row.decision, decision);
        row.decided_seq = seq;
        let allowed = match before {
            Decision::None => decision != Decision::Ended,
            Decision::Queued => decision != Decision::Queued,
            Decision::Forwarded => decision == Decision::Ended,
            Decision::Refused(_) | Decision::Ended => false,
        };
        (!allowed).then(|| Broken {
            law: "a request has one fate",
            text: format!("record {seq}: {before:?} must not become {decision:?}: {row:?}"),
        })
    }

    /// An order that is sent on although its state forbids it.
    fn forbidden(&self, input_seq: u64, seq: u64) -> Option<Broken> {
        let request = &self.requests[*self.by_seq.get(&input_seq)?];
        let state = self.halts.forbids(request.order.as_ref()?)?;
        Some(Broken {
            law: "nothing new leaves while halted",
            text: format!("record {seq} sends order {input_seq} on: {state}"),
        })
    }

    fn output(&mut self, seq: u64, output: &Output) -> Option<Broken> {
        self.halts.output(output);
        match output {
            Output::Forward(row) => {
                let decided = self.decide(row.input_seq, Decision::Forwarded, seq);
                decided.or_else(|| self.forbidden(row.input_seq, seq))
            }
            Output::ForwardCancel(row) if row.input_seq != 0 => {
                self.decide(row.input_seq, Decision::Forwarded, seq)
            }
            Output::ForwardCancel(row) => {
                let order = &self.requests[*self.by_seq.get(&row.order_seq)?];
                let key = (order.key.0, order.key.1, row.cl_ord_id);
                self.add(Request {
                    seq: self.cause.0,
                    client: row.client,
                    key,
                    cancel: true,
                    order: None,
                    decision: Decision::Forwarded,
                    decided_seq: seq,
                });
                None
            }
            Output::Queued(row) => self.decide(row.input_seq, Decision::Queued, seq),
            Output::Ended(row) => self.decide(row.order_seq, Decision::Ended, seq),
            Output::Refuse(row) => {
                let told = self
                    .refusals
                    .entry((row.client, row.cl_ord_id))
                    .or_default();
                told.push((row.code, seq));
                self.decide(row.input_seq, Decision::Refused(row.code), seq)
            }
            Output::Deliver(row) if row.report_index == 0 => {
                if let (_, Some(Input::Report(report))) = &self.cause {
                    let told = self
                        .refusals
                        .entry((row.client, report.cl_ord_id))
                        .or_default();
                    told.push((report.code, seq));
                }
                None
            }
            Output::Deliver(row) => {
                let stream = (row.client, (row.pbu, row.set_id));
                let told = self.deliveries.entry(stream).or_default();
                told.push(seq);
                (told.len() as u64 != row.report_index).then(|| Broken {
                    law: "a client's stream is contiguous",
                    text: format!("record {seq}: must be report {}, found {row:?}", told.len()),
                })
            }
            _ => None,
        }
    }
}

fn unknown(seq: u64, kind: u16) -> Broken {
    Broken {
        law: "the journal can be read",
        text: format!("record {seq}: must be a known record, found type {kind}"),
    }
}
