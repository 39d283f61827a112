//! The streams of the exchange: their names, how far each has come, and whether it has ended.

use panshi_engine::kind::ReportKind;
use panshi_engine::record::flow::{GatewayStream, Report};

use crate::convert::{SSE, SZSE};

panshi_wire::saved! {
    /// What names a stream of the exchange: in Shanghai its PBU, in Shenzhen the gateway that numbers it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ExchangeKey {
        market: u8,
        gateway: u16,
        pbu: [u8; 8],
        set_id: u32,
    }
}

impl ExchangeKey {
    /// A Shanghai stream; the same through every gateway.
    #[must_use]
    pub const fn sse(pbu: [u8; 8], set_id: u32) -> Self {
        Self {
            market: SSE,
            gateway: 0,
            pbu,
            set_id,
        }
    }

    /// A Shenzhen partition of one gateway.
    #[must_use]
    pub const fn szse(gateway: u16, set_id: u32) -> Self {
        Self {
            market: SZSE,
            gateway,
            pbu: [b' '; 8],
            set_id,
        }
    }

    /// The stream that a gateway named.
    #[must_use]
    pub const fn carried(row: &GatewayStream) -> Self {
        if row.market == SSE {
            Self::sse(row.pbu, row.set_id)
        } else {
            Self::szse(row.gateway, row.set_id)
        }
    }

    /// The stream that a report stands in.
    #[must_use]
    pub const fn of(report: &Report) -> Self {
        if report.market == SSE {
            Self::sse(report.stream_pbu, report.set_id)
        } else {
            Self::szse(report.gateway, report.set_id)
        }
    }
}

panshi_wire::saved! {
    /// How far a stream of an exchange gateway has been journaled.
    #[derive(Clone, Copy, Debug)]
    pub struct ExchangeStream {
        /// Its name.
        pub key: ExchangeKey,
        /// Largest index seen; 0: nothing yet.
        pub last: u64,
        /// Indices seen, each once.
        pub count: u64,
        /// Index of its end; 0: it has not ended.
        pub end: u64,
    }
}

impl ExchangeStream {
    /// A stream of which nothing has come.
    #[must_use]
    pub const fn new(key: ExchangeKey) -> Self {
        Self {
            key,
            last: 0,
            count: 0,
            end: 0,
        }
    }

    /// Take note of a report with an index.
    pub fn note(&mut self, report: &Report) {
        let index = report.report_index;
        if index > self.last {
            self.last = index;
            self.count += 1;
        }
        if report.kind == ReportKind::EndOfStream.number() {
            self.end = index;
        }
    }

    /// Reports that are missing before the end that the exchange has told; nothing before there is one.
    ///
    /// The end of a stream has an index of its own, so a whole stream has as many indices as its end says.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.end.saturating_sub(self.count)
    }
}
