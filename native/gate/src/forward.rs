//! Orders and cancels on their way to the exchange, and those that could not go.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::record::flow::CancelOrder;
use panshi_engine::record::output::{Forward, ForwardCancel};

use crate::conn::Conn;
use crate::convert::{self, local};
use crate::exchange::Link;
use crate::gate::Gate;

impl Gate {
    /// Send an order that passed every check.
    pub(crate) fn forward_order(&mut self, seq: u64, input: &Input, forward: &Forward) {
        let order = match input {
            Input::NewOrder(order) if forward.input_seq == seq => *order,
            _ => match self.earlier_order(forward.input_seq) {
                Some(order) => order,
                None => return,
            },
        };
        let checked_ns = self.precise_ns();
        let received_ns = self.now.mono_ns;
        let row = self.stamps.row(forward.order);
        row.order_seq = forward.input_seq;
        row.received_ns = received_ns;
        row.checked_ns = checked_ns;
        row.order = forward.order;
        row.client = forward.client;
        row.gateway = forward.gateway;
        let bound = self.config.bounds.gateway_backlog_bytes;
        // Whoever fills the queue gets less of its room, and leaves some to the others.
        let bound = bound.saturating_sub(self.stamps.waiting_bytes(forward.client));
        let sent = self.send_to_gateway(forward.gateway, bound, |seq, out| {
            convert::encode_order(&order, seq, out)
        });
        match sent {
            Ok((conn, position)) => {
                if let Some(conn) = self.conn(conn) {
                    conn.stamps.push_back((position, forward.order));
                }
                self.stamps.waits(forward.order);
            }
            Err(code) => {
                let moment = self.moment(order.market);
                let report = local::unsent_order(&order, forward.gateway, code, &moment);
                self.followups.push_back(Input::Report(report));
            }
        }
    }

    /// Send a cancel that passed, or one that the gate makes itself.
    pub(crate) fn forward_cancel(&mut self, seq: u64, input: &Input, forward: &ForwardCancel) {
        let cancel = match input {
            Input::CancelOrder(cancel) if forward.input_seq == seq => Some(*cancel),
            _ => self.cancel_of(forward),
        };
        let Some(cancel) = cancel else { return };
        // A cancel reduces risk: it may use the room that the outbox keeps beyond the bound of orders.
        let sent = self.send_to_gateway(forward.gateway, usize::MAX, |seq, out| {
            convert::encode_cancel(&cancel, seq, out)
        });
        match sent {
            Ok((conn, position)) => {
                if let Some(conn) = self.conn(conn) {
                    conn.cancels.push_back((position, *forward));
                }
            }
            Err(code) => {
                let moment = self.moment(cancel.market);
                let report = local::unsent_cancel(&cancel, forward.gateway, code, &moment);
                self.followups.push_back(Input::Report(report));
            }
        }
    }

    /// The cancel that was forwarded: a client's, or one that the gate made.
    fn cancel_of(&mut self, forward: &ForwardCancel) -> Option<CancelOrder> {
        if forward.input_seq != 0 {
            return match self.earlier(forward.input_seq)? {
                Input::CancelOrder(cancel) => Some(cancel),
                _ => None,
            };
        }
        let order = self.earlier_order(forward.order_seq)?;
        let moment = self.moment(order.market);
        Some(local::own_cancel(&order, forward.cl_ord_id, &moment))
    }

    /// A connection to the exchange ended: what was not wholly handed to the kernel has surely not arrived, so orders
    /// and cancels come back refused. What was handed over stays open until a report or a person says what became of it.
    pub(crate) fn give_back(&mut self, gateway: u16, conn: &Conn) {
        for (_, order) in &conn.stamps {
            self.stamps.left(*order);
        }
        let sent = conn.outbox.sent();
        let code = Code::NotConnected.number();
        for (_, order) in conn.stamps.iter().filter(|(position, _)| *position > sent) {
            let seq = self.stamps.row(*order).order_seq;
            if let Some(order) = self.earlier_order(seq) {
                let moment = self.moment(order.market);
                let report = local::unsent_order(&order, gateway, code, &moment);
                self.input(&Input::Report(report));
            }
        }
        for (_, forward) in conn.cancels.iter().filter(|(position, _)| *position > sent) {
            if let Some(cancel) = self.cancel_of(forward) {
                let moment = self.moment(cancel.market);
                let report = local::unsent_cancel(&cancel, gateway, code, &moment);
                self.input(&Input::Report(report));
            }
        }
    }

    /// Whether a gateway is there and its outbox below the bound of orders.
    pub(crate) fn has_room_for_orders(&self, gateway: u16) -> bool {
        let bound = self.config.bounds.gateway_backlog_bytes;
        let mut links = self.links.iter();
        let found = links.find(|link| link.config.number == gateway);
        let conn = found.and_then(Link::ready_conn);
        let conn = conn.and_then(|id| self.conns.get(id)?.as_ref());
        conn.is_some_and(|conn| conn.outbox.backlog() < bound)
    }

    /// Queue a message for an exchange gateway, or say with which code it cannot go.
    pub(crate) fn send_to_gateway(
        &mut self,
        gateway: u16,
        bound: usize,
        write: impl FnOnce(u64, &mut [u8]) -> Result<usize, panshi_wire::error::WireError>,
    ) -> Result<(usize, u64), u32> {
        let mut links = self.links.iter();
        let found = links.find(|link| link.config.number == gateway);
        let Some(conn) = found.and_then(Link::ready_conn) else {
            return Err(Code::NotConnected.number());
        };
        if self
            .conn(conn)
            .is_none_or(|conn| conn.outbox.backlog() >= bound)
        {
            return Err(Code::QueueFull.number());
        }
        let hold = self.hold_for_exchange();
        self.send(conn, hold, write)
            .map(|position| (conn, position))
            .ok_or(Code::QueueFull.number())
    }
}
