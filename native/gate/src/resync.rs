//! Back after a recovery: a gateway takes cancels only, until the reports that the journal lacks have been applied,
//! what stays unconfirmed is listed, and somebody or the configuration lets it take orders again.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 3.3 (reports first, then what is unconfirmed); SZSE Binary v1.32, 3.15 (wait 3 s).

use panshi_engine::kind::{CancelState, OrderStatus};
use panshi_engine::table::order::OrderRow;
use panshi_wire::text::trim;
use serde_json::{Value, json};

use crate::command::Request;
use crate::config::Activate;
use crate::exchange::{Link, Phase};
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;
use crate::own::{GatewayActive, UnknownOrder};
use crate::resend::Resends;

/// State of a gateway that takes cancels only, in the engine's numbers.
pub const HELD: u8 = 6;
/// A stream that never falls silent is taken for complete after so many times of the usual wait.
const BUSY: u64 = 10;

/// How far a link is with what a recovery asks of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is asked, or it takes orders again.
    #[default]
    Active,
    /// Reports are asked for and applied.
    Asking,
    /// What the exchange had is applied; it waits to be let go on.
    Waiting,
}

impl Stage {
    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Asking => "asking",
            Self::Waiting => "waiting",
        }
    }
}

/// Who lets a gateway take orders again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The configuration.
    Configuration = 1,
    /// A person.
    Person = 2,
    /// A person, although its reports are not applied.
    PersonUnsynced = 3,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    key: ExchangeKey,
    /// Last index that the exchange had; none: not told.
    end: Option<u64>,
}

/// The way of one link back to taking orders.
#[derive(Debug, Default)]
pub struct Resync {
    /// How far it is.
    pub stage: Stage,
    streams: Vec<Asked>,
    /// Sum of the indices that are applied, and when it moved last.
    applied: (u64, u64),
    /// When every stream was there first.
    whole_ns: Option<u64>,
    /// Platform state that the gateway told last.
    pub(crate) told: u8,
    /// Unconfirmed orders that go again.
    pub(crate) resends: Resends,
    /// A person had it take orders although its reports did not come to an end: until the next start nobody knows
    /// whether all of them are applied.
    pub(crate) unsynced: bool,
}

impl Resync {
    /// The session has ended: what was asked must be asked again.
    pub(crate) fn lost(&mut self) {
        if self.stage != Stage::Active {
            *self = Self {
                stage: Stage::Asking,
                ..Self::default()
            };
        }
        // In another session reports come first again.
        self.resends = Resends::default();
    }

    /// A stream was asked for; Shenzhen never says how far it goes.
    pub(crate) fn ask(&mut self, key: ExchangeKey, end: Option<u64>) {
        let known = self.streams.iter().any(|stream| stream.key == key);
        if self.stage == Stage::Asking && !known {
            self.streams.push(Asked { key, end });
        }
    }

    /// The exchange said how far a stream goes.
    pub(crate) fn answered(&mut self, key: ExchangeKey, end: u64) {
        let asked = self.streams.iter_mut().find(|stream| stream.key == key);
        if let Some(stream) = asked {
            stream.end = Some(end);
        }
    }
}

impl Gate {
    /// Have every gateway take cancels only until its reports are applied, when the configuration wants it.
    pub(crate) fn hold_gateways(&mut self) {
        if self.config.recovery.activate != Activate::AtOnce {
            for link in &mut self.links {
                link.resync.stage = Stage::Asking;
            }
        }
    }

    /// The state of a gateway as the engine is told it: open ones are held while a link of theirs is on its way back.
    pub(crate) fn state_to_tell(&self, gateway: u16, state: u8) -> u8 {
        let held = |link: &crate::exchange::Link| {
            link.config.number == gateway && link.resync.stage != Stage::Active
        };
        if matches!(state, 2 | 3) && (self.halts_alone() || self.links.iter().any(held)) {
            HELD
        } else {
            state
        }
    }

    /// See whether what the exchange had is applied.
    pub(crate) fn tick_resync(&mut self, link: usize) {
        self.tick_resends(link);
        let (now, wait_ns) = (self.now.mono_ns, self.config.recovery.settle_ms * 1_000_000);
        let (row, book) = (&mut self.links[link], &self.book);
        let resync = &mut row.resync;
        if resync.stage != Stage::Asking || row.phase != Phase::Up || resync.streams.is_empty() {
            return;
        }
        let last = |stream: &Asked| book.last_index(stream.key);
        let applied = resync.streams.iter().map(last).sum();
        if applied != resync.applied.0 || resync.applied.1 == 0 {
            resync.applied = (applied, now.max(1));
        }
        let there = |stream: &Asked| stream.end.is_some_and(|end| last(stream) >= end);
        if !resync.streams.iter().all(there) {
            return;
        }
        let whole_ns = *resync.whole_ns.get_or_insert(now);
        let quiet = now.saturating_sub(resync.applied.1.max(whole_ns)) >= wait_ns;
        if quiet || now.saturating_sub(whole_ns) >= BUSY * wait_ns {
            self.resynced(link);
        }
    }

    /// What the exchange had is applied: list what stays unconfirmed.
    fn resynced(&mut self, link: usize) {
        self.links[link].resync.stage = Stage::Waiting;
        let gateway = self.links[link].config.number;
        if self.is_asking(gateway) {
            return;
        }
        let rows = self.list_unconfirmed(gateway);
        // The exchange has those that it told of; cancels are for their clients to send again.
        let lost = |row: &&UnknownOrder| {
            let order = self.engine.order(row.order);
            row.what == 1 && order.is_some_and(|order| !order.recovered)
        };
        let again: Vec<u32> = rows.iter().filter(lost).map(|row| row.order).collect();
        self.plan_resends(link, again.into_iter());
        let fields = json!({ "gateway": gateway, "unknown": rows.len() });
        let level = if rows.is_empty() { "info" } else { "warning" };
        self.note(level, "reports applied after the recovery", fields);
        let lets_go = match self.config.recovery.activate {
            Activate::AtOnce | Activate::Synced => true,
            Activate::Clear => rows.is_empty(),
            Activate::Command => false,
        };
        if lets_go {
            self.activate(gateway, By::Configuration);
        }
    }

    /// Journal what is unconfirmed at a gateway.
    fn list_unconfirmed(&mut self, gateway: u16) -> Vec<UnknownOrder> {
        let rows: Vec<UnknownOrder> = self.unconfirmed(Some(gateway)).map(record_of).collect();
        for row in &rows {
            self.append_own(row);
        }
        rows
    }

    fn is_asking(&self, gateway: u16) -> bool {
        let mut links = self.links.iter();
        links.any(|link| link.config.number == gateway && link.resync.stage == Stage::Asking)
    }

    /// Gateways that wait to be let go on.
    pub(crate) fn waiting_gateways(&self) -> Vec<u16> {
        let waits = self
            .links
            .iter()
            .filter(|link| link.resync.stage == Stage::Waiting);
        let mut numbers: Vec<u16> = waits.map(|link| link.config.number).collect();
        numbers.dedup();
        numbers.retain(|number| !self.is_asking(*number));
        numbers
    }

    /// The gateways that an `activate` names, all that wait for one without a number, and who lets them.
    ///
    /// # Errors
    /// When none waits for it.
    pub(crate) fn gateways_to_activate(&self, request: &Request) -> Result<(Vec<u16>, By), String> {
        let waiting = self.waiting_gateways();
        let wanted: u16 = request.number("gateway", Some(0))?;
        if request.flag("unsynced")? {
            return self.unsynced_to_activate(wanted);
        }
        let named: Vec<u16> = waiting
            .iter()
            .copied()
            .filter(|number| wanted == 0 || *number == wanted)
            .collect();
        if named.is_empty() {
            return Err(format!(
                "gateway: must be one whose reports are applied and that waits to take orders again, one of {waiting:?}, found {wanted}"
            ));
        }
        Ok((named, By::Person))
    }

    /// One gateway by its number whose reports never come to an end: a person has looked at the exchange's records.
    fn unsynced_to_activate(&self, wanted: u16) -> Result<(Vec<u16>, By), String> {
        let up = |link: &&Link| link.config.number == wanted && link.phase == Phase::Up;
        if self.is_asking(wanted) && self.links.iter().any(|link| up(&link)) {
            return Ok((vec![wanted], By::PersonUnsynced));
        }
        Err(format!(
            "gateway: must be the number of one that is logged in and whose reports are still asked for, found {wanted}"
        ))
    }

    /// Let a gateway take orders again.
    pub(crate) fn activate(&mut self, gateway: u16, by: By) {
        if by == By::PersonUnsynced {
            self.list_unconfirmed(gateway);
        }
        let unknown = self.unconfirmed(Some(gateway)).count();
        self.append_own(&GatewayActive {
            time_ns: self.now.market_ns,
            unknown: u32::try_from(unknown).unwrap_or(u32::MAX),
            gateway,
            by: by as u8,
            spare: 0,
        });
        let fields = json!({
            "gateway": gateway, "unknown": unknown, "by_person": by != By::Configuration,
            "unsynced": by == By::PersonUnsynced,
        });
        self.note("warning", "gateway takes orders again", fields);
        for link in 0..self.links.len() {
            let row = &mut self.links[link];
            if row.config.number == gateway {
                row.resync.stage = Stage::Active;
                row.resync.unsynced |= by == By::PersonUnsynced;
                let (phase, told) = (row.phase, row.resync.told);
                if phase == Phase::Up && told != 0 {
                    self.tell_gateway_state(link, told);
                }
            }
        }
    }

    /// Orders that were sent and have no answer, and open orders whose cancel has none, by number.
    pub(crate) fn unconfirmed(
        &self,
        gateway: Option<u16>,
    ) -> impl Iterator<Item = (u32, &OrderRow)> + '_ {
        (0..)
            .zip(self.engine.orders())
            .filter(move |(_, order)| gateway.is_none_or(|number| order.gateway == number))
            .filter(|(_, order)| order.status == OrderStatus::Sent || has_open_cancel(order))
    }

    /// Every unconfirmed order, for people.
    pub(crate) fn unknown_rows(&self) -> Value {
        let text = |bytes: &[u8]| String::from_utf8_lossy(trim(bytes)).into_owned();
        let rows = self.unconfirmed(None).map(|(number, order)| {
            let account = self.engine.account_row(order.account);
            let security = self.engine.security_row(order.security);
            let pbu = self.engine.pbus().get(usize::from(order.pbu));
            json!({
                "order": number, "sequence": order.seq, "client": order.client, "gateway": order.gateway,
                "market": account.map_or(0, |row| row.market), "pbu": pbu.map(|row| text(&row.pbu)),
                "cl_ord_id": text(&order.cl_ord_id), "account": account.map(|row| text(&row.account)),
                "security": security.map(|row| text(&row.code)), "buy": order.buy, "qty": order.qty,
                "open_qty": order.open_qty(), "price_e5": order.price_e5, "frozen_e5": order.frozen_e5,
                "sent_ns": order.sent_ns, "recovered": order.recovered,
                "unconfirmed": if order.status == OrderStatus::Sent { "order" } else { "cancel" },
            })
        });
        rows.collect()
    }
}

fn has_open_cancel(order: &OrderRow) -> bool {
    order.cancel != CancelState::None && order.is_open() && order.status != OrderStatus::Queued
}

fn record_of((number, order): (u32, &OrderRow)) -> UnknownOrder {
    UnknownOrder {
        order_seq: order.seq,
        frozen_e5: order.frozen_e5,
        order: number,
        gateway: order.gateway,
        what: if order.status == OrderStatus::Sent {
            1
        } else {
            2
        },
        spare: 0,
    }
}
