//! Streams of reports: their indices, who carries them, and their ends (`docs/rules/engine.md`, section 4).

use panshi_wire::layout::Layout;

use super::{Subject, is_blank};
use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{Market, ReportKind};
use crate::load;
use crate::record::flow::{GatewayStream, Report};
use crate::record::output::Deliver;
use crate::table::order::NONE;
use crate::table::stream::Carrier;
use crate::table::tables::Tables;

const BLANK: [u8; 8] = [b' '; 8];

/// Key of an exchange stream: its PBU on SSE, its gateway on SZSE, where every gateway counts for itself.
const fn owner_of(market: u8, gateway: u16, pbu: [u8; 8]) -> (u16, [u8; 8]) {
    if market == Market::Sse.number() {
        (0, pbu)
    } else {
        (gateway, BLANK)
    }
}

impl Tables {
    /// A gateway carries a stream.
    pub(crate) fn take_stream(&mut self, row: &GatewayStream, emit: &mut Emit<'_>) {
        if let Err(denied) = self.carry(row) {
            load::refuse(emit, GatewayStream::TYPE, denied);
        }
    }

    fn carry(&mut self, row: &GatewayStream) -> Result<(), Denied> {
        load::within(row.market, 1, 2)?;
        load::within(row.own, 0, 1)?;
        load::within(row.gateway, 1, i64::from(self.capacity.gateways))?;
        if row.market == Market::Sse.number() && is_blank(&row.pbu) {
            return Err(Denied::plain(Code::PbuUnknown));
        }
        let (owner, pbu) = owner_of(row.market, row.gateway, row.pbu);
        let known = self.exchange_streams.find(owner, &pbu, row.set_id);
        if !self.carriers.has_room(row.gateway, known) {
            return Err(load::full(self.capacity.streams));
        }
        let found = self.exchange_streams.find_or_add(owner, &pbu, row.set_id);
        let (stream, _) = found.ok_or_else(|| load::full(self.capacity.streams))?;
        self.carriers.put(Carrier {
            gateway: row.gateway,
            stream,
            own: row.own == 1,
        });
        Ok(())
    }

    /// Take the index of a report in its stream; false for one that was seen before.
    #[inline]
    pub(super) fn take_index(
        &mut self,
        report: &Report,
        subject: &Subject,
        emit: &mut Emit<'_>,
    ) -> bool {
        let (owner, pbu) = owner_of(report.market, report.gateway, report.stream_pbu);
        let streams = &mut self.exchange_streams;
        let Some((at, begins)) = streams.find_or_add(owner, &pbu, report.set_id) else {
            self.no_room_for_stream(subject, emit);
            return true;
        };
        let Some(row) = streams.get_mut(at) else {
            return true;
        };
        let (index, last, ended) = (report.report_index, row.last, row.ended);
        if index <= last {
            self.totals.duplicates += 1;
            return false;
        }
        row.last = index;
        // Nobody named the stream: it counts as the own one of the gateway that brings it.
        let carrier = Carrier {
            gateway: report.gateway,
            stream: at,
            own: true,
        };
        if begins && !self.carriers.put(carrier) {
            self.no_room_for_stream(subject, emit);
        }
        if ended {
            let denied = Denied::new(Code::StreamEnded, last.cast_signed(), index.cast_signed());
            self.anomaly(subject, denied, emit);
        } else if index > last + 1 {
            let expected = (last + 1).cast_signed();
            let denied = Denied::new(Code::StreamGap, expected, index.cast_signed());
            self.anomaly(subject, denied, emit);
        }
        true
    }

    /// Whether the index of a report is not a new one.
    pub(super) fn is_seen(&self, report: &Report) -> bool {
        let (owner, pbu) = owner_of(report.market, report.gateway, report.stream_pbu);
        let streams = &self.exchange_streams;
        let row = streams
            .find(owner, &pbu, report.set_id)
            .and_then(|at| streams.rows().get(at as usize));
        report.report_index != 0 && row.is_some_and(|row| report.report_index <= row.last)
    }

    /// Whether a report comes in a stream that gateways copy and none has as its own: what is unknown there is not ours.
    pub(super) fn is_foreign(&self, report: &Report) -> bool {
        if report.report_index == 0 {
            return false;
        }
        let (owner, pbu) = owner_of(report.market, report.gateway, report.stream_pbu);
        let Some(at) = self.exchange_streams.find(owner, &pbu, report.set_id) else {
            return false;
        };
        let mut carriers = self.carriers.rows().iter().filter(|row| row.stream == at);
        carriers.clone().next().is_some() && carriers.all(|row| !row.own)
    }

    /// An exchange stream ended: tell every client whose stream nothing can feed any more.
    pub(super) fn end_stream(&mut self, report: &Report, emit: &mut Emit<'_>) {
        let (owner, pbu) = owner_of(report.market, report.gateway, report.stream_pbu);
        let found = self.exchange_streams.find(owner, &pbu, report.set_id);
        let Some(row) = found.and_then(|at| self.exchange_streams.get_mut(at)) else {
            return;
        };
        if core::mem::replace(&mut row.ended, true) {
            return;
        }
        let sse = report.market == Market::Sse.number();
        let (of_market, ending) = self.ending_pbus(report.market, report.set_id);
        for place in 0..self.client_order.len() {
            let Some(&client) = self.client_order.get(place) else {
                return;
            };
            let row = self.clients.get(usize::from(client));
            let Some(row) = row.filter(|row| row.row.market == report.market) else {
                continue;
            };
            let mask = row.pbus & of_market;
            if !sse {
                if self.numbers_end(mask, report.set_id) {
                    self.deliver_end(client, BLANK, report.set_id, emit);
                }
                continue;
            }
            for at in 0..self.pbus.len() {
                let Some(pbu) = self.pbus.get(at).copied() else {
                    break;
                };
                let bit = 1_u64 << (pbu.pbu_no & 63);
                if mask & ending & bit != 0 {
                    self.deliver_end(client, pbu.pbu, report.set_id, emit);
                }
            }
        }
    }

    /// Numbers of a market's PBUs, and of those whose gateways have no living own stream of a set.
    fn ending_pbus(&self, market: u8, set_id: u32) -> (u64, u64) {
        let (mut all, mut ending) = (0, 0);
        for pbu in self.pbus.iter().filter(|pbu| pbu.market == market) {
            let bit = 1 << (pbu.pbu_no & 63);
            all |= bit;
            if self.numbers_end(bit, set_id) {
                ending |= bit;
            }
        }
        (all, ending)
    }

    /// Whether the gateways of these PBU numbers have named own streams, and those of this set have all ended.
    fn numbers_end(&self, pbus: u64, set_id: u32) -> bool {
        let streams = self.exchange_streams.rows();
        let mut own = self.carriers.rows().iter().filter(|row| {
            let gateway = self.gateways.get(usize::from(row.gateway));
            row.own && gateway.is_some_and(|gateway| gateway.pbus & pbus != 0)
        });
        own.clone().next().is_some()
            && own.all(|row| {
                streams
                    .get(row.stream as usize)
                    .is_none_or(|stream| stream.set_id != set_id || stream.ended)
            })
    }

    /// End a client's stream, once.
    fn deliver_end(&mut self, client: u16, pbu: [u8; 8], set_id: u32, emit: &mut Emit<'_>) {
        let found = self.client_streams.find_or_add(client, &pbu, set_id);
        let mut report_index = 0;
        if let Some(row) = found.and_then(|(at, _)| self.client_streams.get_mut(at)) {
            if row.ended {
                return;
            }
            row.last = row.last.saturating_add(1);
            row.ended = true;
            report_index = row.last;
        }
        emit.push(Deliver {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            report_index,
            order_seq: 0,
            set_id,
            order: NONE,
            pbu,
            client,
            kind: ReportKind::EndOfStream.number(),
            spare: [0; 5],
        });
    }
}
