//! The end of a trading day: every stream has told its end and is whole, nobody waits for an answer.
//!
//! Source: SSE IS122 v0.57, 4.4.6: one 210 a stream, with an index of its own; SZSE Binary v1.32, 4.2.7: one
//! `ReportFinished` a partition.

use panshi_engine::input::Input;
use panshi_engine::kind::OrderStatus;
use panshi_engine::kind::Proof;
use panshi_engine::record::flow::{Command, DayClose, GatewayStream};
use panshi_wire::text::trim;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::convert::width;
use crate::exchange_stream::{ExchangeKey, ExchangeStream};
use crate::gate::Gate;

/// Orders without an answer that are named one by one.
const NAMED_MAX: usize = 100;

/// What is done at the end of the day without being asked.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DayEndConfig {
    /// Close the day, seal the journal and end when nothing is missing any more.
    pub automatic: bool,
}

/// Something that is missing before the day is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// An exchange gateway has named no stream today.
    Gateway(u16),
    /// A stream has not told its end.
    End(GatewayStream),
    /// A stream has ended, and reports before its end are missing.
    Reports(GatewayStream, ExchangeStreamCount),
    /// An order was sent and nobody knows what became of it.
    Unknown {
        /// Market.
        market: u8,
        /// PBU.
        pbu: String,
        /// `ClOrdID`.
        cl_ord_id: String,
        /// Client number.
        client: u16,
    },
}

/// Reports that came and the index of the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeStreamCount {
    /// Indices seen.
    pub count: u64,
    /// Index of the end.
    pub end: u64,
}

impl Lack {
    /// As JSON.
    #[must_use]
    pub fn row(&self) -> Value {
        match self {
            Self::Gateway(gateway) => json!({ "kind": "gateway", "gateway": gateway }),
            Self::End(row) => stream_row("end", row, None),
            Self::Reports(row, count) => stream_row("reports", row, Some(*count)),
            Self::Unknown {
                market,
                pbu,
                cl_ord_id,
                client,
            } => json!({
                "kind": "unknown", "market": market, "pbu": pbu, "cl_ord_id": cl_ord_id,
                "client": client,
            }),
        }
    }

    /// In words.
    #[must_use]
    pub fn text(&self) -> String {
        let of = |row: &GatewayStream| {
            let (gateway, pbu, set) = (row.gateway, text(&row.pbu), row.set_id);
            format!("stream {set} {pbu} of gateway {gateway}")
        };
        match self {
            Self::Gateway(gateway) => format!("gateway {gateway} has named no stream"),
            Self::End(row) => format!("{} has not ended", of(row)),
            Self::Reports(row, ExchangeStreamCount { count, end }) => {
                format!("{} has {count} of {end} reports", of(row))
            }
            Self::Unknown { cl_ord_id, pbu, .. } => {
                format!("order {cl_ord_id} of PBU {pbu} has no answer")
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(trim(bytes)).into_owned()
}

fn stream_row(kind: &str, row: &GatewayStream, count: Option<ExchangeStreamCount>) -> Value {
    json!({
        "kind": kind, "market": row.market, "gateway": row.gateway, "pbu": text(&row.pbu),
        "set_id": row.set_id, "count": count.map(|it| it.count), "end": count.map(|it| it.end),
    })
}

impl Gate {
    fn stream_of(&self, row: &GatewayStream) -> ExchangeStream {
        self.book.exchange_stream_of(ExchangeKey::carried(row))
    }

    /// The streams whose ends are waited for. A copy is of orders that other gateways have sent; it is not.
    fn own_streams(&self) -> impl Iterator<Item = &GatewayStream> {
        self.book.carried().iter().filter(|row| row.own == 1)
    }

    /// Whether nothing can be missing; cheap enough to be asked all the time.
    fn seems_over(&self) -> bool {
        self.own_streams().next().is_some()
            && self.engine.unacknowledged() == 0
            && self.own_streams().all(|row| self.stream_of(row).end > 0)
    }

    /// What is missing before the day is over, at most so many unanswered orders by name; nothing: it is over.
    #[must_use]
    pub fn lacks(&self) -> Vec<Lack> {
        let carried = self.book.carried();
        let silent = self.links.iter().map(|link| link.config.number);
        let silent = silent.filter(|number| carried.iter().all(|row| row.gateway != *number));
        let streams = self.own_streams().filter_map(|row| {
            let stream = self.stream_of(row);
            let (count, end) = (stream.count, stream.end);
            if end == 0 {
                Some(Lack::End(*row))
            } else if stream.missing() > 0 {
                Some(Lack::Reports(*row, ExchangeStreamCount { count, end }))
            } else {
                None
            }
        });
        silent
            .map(Lack::Gateway)
            .chain(streams)
            .chain(self.unknown_orders().take(NAMED_MAX))
            .collect()
    }

    fn unknown_orders(&self) -> impl Iterator<Item = Lack> + '_ {
        let sent = self.engine.orders().iter();
        let sent = sent.filter(|order| order.status == OrderStatus::Sent);
        sent.map(|order| {
            let pbu = self.engine.pbus().get(usize::from(order.pbu));
            Lack::Unknown {
                market: pbu.map_or(0, |row| row.market),
                pbu: pbu.map_or_else(String::new, |row| text(&row.pbu)),
                cl_ord_id: text(&order.cl_ord_id),
                client: order.client,
            }
        })
    }

    /// How far the end of the day is: every stream, and what is missing.
    #[must_use]
    pub fn day_end(&self) -> Value {
        let streams = self.book.carried().iter().map(|row| {
            let stream = self.stream_of(row);
            json!({
                "market": row.market, "gateway": row.gateway, "pbu": text(&row.pbu),
                "set_id": row.set_id, "own": row.own == 1, "last": stream.last,
                "count": stream.count, "end": (stream.end > 0).then_some(stream.end),
            })
        });
        let lacks = self.lacks();
        json!({
            "over": lacks.is_empty(), "closed": self.book.closed,
            "unacknowledged": self.engine.unacknowledged(),
            "automatic": self.config.day_end.automatic,
            "streams": streams.collect::<Vec<_>>(),
            "lacks": lacks.iter().map(Lack::row).collect::<Vec<_>>(),
        })
    }

    /// The inputs that close the day, when nothing is missing or it is closed all the same.
    pub(crate) fn closing(&self, force: bool) -> Result<Vec<Input>, String> {
        let lacks = self.lacks();
        if !lacks.is_empty() && !force {
            let words: Vec<String> = lacks.iter().map(Lack::text).collect();
            let words = words.join("; ");
            return Err(format!("close: the day must be over, found: {words}"));
        }
        Ok(self.day_close().into_iter().collect())
    }

    /// The input that closes the day and lets the gate serve on.
    pub(crate) fn day_close(&self) -> Result<Input, String> {
        if self.book.closed {
            return Err("day-close: the day must be open, it is closed already".to_owned());
        }
        let time_ns = self.now.market_ns;
        Ok(Input::DayClose(DayClose { time_ns }))
    }

    /// End in order, and let the shell seal the journal behind the last record.
    pub(crate) fn stop_and_seal(&mut self) {
        self.sealing = true;
        self.stop();
    }

    /// Whether the journal is to be sealed when the gate has ended.
    #[must_use]
    pub const fn seals(&self) -> bool {
        self.sealing
    }

    /// Close the day by itself when that was configured and nothing is missing.
    pub(crate) fn tick_day_end(&mut self) {
        let wanted = self.config.day_end.automatic && !self.stopping && self.book.trade_date != 0;
        if !wanted || !self.seems_over() {
            return;
        }
        let Ok(inputs) = self.closing(false) else {
            return;
        };
        let time_ns = self.now.market_ns;
        let command = Command {
            time_ns,
            verb: width::text("close"),
            who: width::text("panshi"),
            why: width::text("every stream has ended"),
            stop: 0,
            proof: Proof::Gate.number(),
            ..Command::default()
        };
        self.note(
            "info",
            "day is over",
            json!({ "why": "every stream has ended" }),
        );
        if self.input(&Input::Command(command)).is_some()
            && inputs.iter().all(|input| self.input(input).is_some())
        {
            self.stop_and_seal();
        }
    }
}
