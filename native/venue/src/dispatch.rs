//! What both markets' gateways share: the way of a request to the host and of events back.

use crate::cause::{Cause, Market};
use crate::exchange::Event;
use crate::order::NONE;
use crate::session::Stage;
use crate::venue::{Request, VenueCore, index};

use panshi_wire::sse::code as sse_code;
use panshi_wire::szse::code as szse_code;

impl VenueCore {
    /// Whether a gateway has a session.
    #[must_use]
    pub fn is_logged_on(&self, gateway: usize) -> bool {
        self.gateways
            .get(gateway)
            .is_some_and(|known| known.session.is_some())
    }

    /// A request that was kept until the platform opened.
    pub(crate) fn admit(&mut self, at: usize, request: Request) {
        match request {
            Request::SseOrder(order) => self.sse_new(at, &order),
            Request::SseCancel(cancel) => self.sse_cancel(at, &cancel),
            Request::SzseOrder(order) => self.szse_new(at, &order),
            Request::SzseCancel(cancel) => self.szse_cancel(at, &cancel),
        }
    }

    /// Cancel the order behind an entry, if the original fits the request.
    pub(crate) fn cancel_target(
        &mut self,
        market: Market,
        target: Option<u32>,
        request: u32,
        fits: impl Fn(&Request) -> bool,
    ) -> Result<(), Cause> {
        let target = target.ok_or(Cause::CancelUnknown)?;
        let entry = &self.entries[target as usize];
        if matches!(
            entry.request,
            Request::SseCancel(_) | Request::SzseCancel(_)
        ) {
            return Err(Cause::CancelOfCancel);
        }
        if !fits(&entry.request) {
            return Err(Cause::CancelSecurity);
        }
        if entry.order == NONE {
            return Err(Cause::CancelOfRejected);
        }
        self.markets[index(market)].cancel(entry.order, request)
    }

    /// Turn what a market did into reports of the clients' orders.
    pub(crate) fn report_events(&mut self, market: Market) {
        if self.markets[index(market)].events.is_empty() {
            return;
        }
        let mut events = core::mem::take(&mut self.markets[index(market)].events);
        for event in &events {
            let (Event::Accepted { order: number, .. }
            | Event::Fill { order: number, .. }
            | Event::Cancelled { order: number, .. }) = *event;
            let order = *self.markets[index(market)].orders.get(number);
            if order.client == NONE {
                continue;
            }
            let entry = self.entries[order.client as usize];
            match market {
                Market::Sse => self.sse_event(&entry, &order, number, event),
                Market::Szse => self.szse_event(&entry, &order, number, event),
            }
        }
        events.clear();
        self.markets[index(market)].events = events;
    }

    pub(crate) fn send_state(&mut self, id: usize) {
        let Some((at, Stage::Active)) = self.session(id).map(|known| (known.gateway, known.stage))
        else {
            return;
        };
        let state = self.gateways[at].shown_state();
        match self.gateways[at].config.market {
            Market::Sse => self.sse_state(id, state),
            Market::Szse => self.szse_state(id, at, state),
        }
    }

    pub(crate) fn push_end(&mut self, at: usize, stream: usize) {
        match self.gateways[at].config.market {
            Market::Sse => self.sse_end(stream),
            Market::Szse => self.szse_end(at, stream),
        }
    }

    pub(crate) fn refuse_not_ready(&mut self, id: usize) {
        self.refuse(id, sse_code::NOT_READY, szse_code::SESSION_NOT_NOW);
    }

    pub(crate) fn login_timeout(&mut self, id: usize) {
        self.refuse(id, sse_code::LOGIN_TIMEOUT, szse_code::SESSION_OTHER);
        self.close_now(id);
    }

    pub(crate) fn heartbeat_timeout(&mut self, id: usize) {
        self.refuse(id, sse_code::HEARTBEAT_TIMEOUT, szse_code::SESSION_OTHER);
        self.close_now(id);
    }

    fn refuse(&mut self, id: usize, shanghai: u32, shenzhen: i32) {
        match self.session(id).map(|session| session.market) {
            Some(Market::Sse) => self.sse_refuse(id, shanghai),
            Some(Market::Szse) => self.szse_refuse(id, shenzhen, ""),
            None => {}
        }
    }

    pub(crate) fn close_now(&mut self, id: usize) {
        if let Some(session) = self.session_mut(id) {
            session.close = true;
        }
    }
}
