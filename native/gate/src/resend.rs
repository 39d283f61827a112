//! Orders that are unconfirmed after a recovery are sent once more under their own ids, where the configuration says so.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 3.3: reports first, a while of waiting, then what was sent and is not confirmed
//! goes again under the same `ClOrdID`; a 204 with 11270 tells that it had arrived.

use std::collections::VecDeque;

use panshi_engine::kind::{OrderStatus, ReportKind};
use panshi_engine::record::flow::Report;
use serde::Deserialize;
use serde_json::json;

use crate::config::Activate;
use crate::convert::{self, SSE};
use crate::gate::Gate;
use crate::own::{OrderResent, ResendKnown};
use crate::resync::{By, Stage};

/// Reason of a 204 for an order that the exchange has already.
const ARRIVED: u32 = 11_270;
/// What is done about orders that are unconfirmed after a recovery.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPolicy {
    /// Nothing: a person finds out.
    #[default]
    Hold,
    /// They go once more under their own ids.
    ResendSameId,
}

/// Orders that go again at one look at the timers.
const BATCH: usize = 50;

/// What is sent again over one link.
#[derive(Debug, Default)]
pub struct Resends {
    waiting: VecDeque<u32>,
    /// Sent again in this session.
    pub(crate) sent: Vec<u32>,
    /// Nobody looks any more whether all of them are confirmed.
    settled: bool,
}

impl Gate {
    /// Have these orders of a link sent again, when that is what its configuration says.
    pub(crate) fn plan_resends(&mut self, link: usize, orders: impl Iterator<Item = u32>) {
        let row = &mut self.links[link];
        if row.config.unknown == UnknownPolicy::ResendSameId {
            row.resync.resends.waiting = orders.collect();
        }
    }

    /// Send the next ones, and let the gateway go on when the last of them is confirmed.
    pub(crate) fn tick_resends(&mut self, link: usize) {
        for _ in 0..BATCH {
            let Some(number) = self.links[link].resync.resends.waiting.front().copied() else {
                break;
            };
            if !self.resend(link, number) {
                return;
            }
            self.links[link].resync.resends.waiting.pop_front();
        }
        self.settle_resends(link);
    }

    /// Send one order again; false when it must wait for room.
    fn resend(&mut self, link: usize, number: u32) -> bool {
        // Whoever stops must not be overtaken.
        if self.stops.has_news() {
            self.heed();
        }
        let found = self.engine.order(number).copied();
        let Some(order) = found.filter(|order| order.status == OrderStatus::Sent) else {
            return true;
        };
        let kept = self.engine.may_leave(&order).err();
        let row = OrderResent {
            time_ns: self.now.market_ns,
            order_seq: order.seq,
            order: number,
            code: kept.map_or(0, panshi_engine::code::Code::number),
            gateway: order.gateway,
            spare: [0; 6],
        };
        if kept.is_some() {
            self.append_own(&row);
            return true;
        }
        let Some(message) = self.earlier_order(order.seq) else {
            return true;
        };
        if !self.has_room_for_orders(order.gateway) || self.append_own(&row).is_none() {
            return false;
        }
        self.links[link].resync.resends.sent.push(number);
        // What was handed over before may have arrived: a break now says nothing of the order, so it is not given back.
        let sent = self.send_to_gateway(order.gateway, usize::MAX, |seq, out| {
            convert::encode_order(&message, seq, out)
        });
        sent.is_ok()
    }

    fn settle_resends(&mut self, link: usize) {
        let row = &self.links[link];
        let resends = &row.resync.resends;
        let is_sent = |number: &u32| {
            let order = self.engine.order(*number);
            order.is_some_and(|order| order.status == OrderStatus::Sent)
        };
        if resends.settled || resends.sent.is_empty() || resends.sent.iter().any(is_sent) {
            return;
        }
        let (gateway, stage) = (row.config.number, row.resync.stage);
        let is_clear = self.unconfirmed(Some(gateway)).next().is_none();
        self.links[link].resync.resends.settled = true;
        if stage == Stage::Waiting && self.config.recovery.activate == Activate::Clear && is_clear {
            self.activate(gateway, By::Configuration);
        }
    }

    /// Whether a report only says that an order which went again had arrived the first time.
    ///
    /// It is no refusal: what became of the order is in the streams, or will be.
    pub(crate) fn had_arrived(&mut self, link: usize, report: &Report) -> bool {
        let says_so = report.market == SSE
            && report.kind == ReportKind::PreRejected.number()
            && report.code == ARRIVED;
        if !says_so {
            return false;
        }
        let found = self
            .engine
            .id(report.market, &report.pbu, &report.cl_ord_id);
        let Some((number, false)) = found else {
            return false;
        };
        let row = &self.links[link];
        if !row.resync.resends.sent.contains(&number) {
            return false;
        }
        let gateway = row.config.number;
        self.append_own(&ResendKnown {
            time_ns: self.now.market_ns,
            order: number,
            gateway,
            spare: [0; 2],
        });
        let fields = json!({ "gateway": gateway, "order": number });
        self.note("info", "order sent again had arrived", fields);
        true
    }
}
