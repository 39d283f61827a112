//! A cancel: run its checks, then end, queue or forward it (`docs/rules/engine.md`, section 3).

use crate::check::cancel::{CancelCtx, CancelFate};
use crate::code::Code;
use crate::conduct::Conduct;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{CancelState, OrderStatus, Param, ReportKind};
use crate::record::flow::CancelOrder;
use crate::record::output::{Deliver, Ended, ForwardCancel, Queued};
use crate::report::Subject;
use crate::table::day::QueueRow;
use crate::table::order::NONE;
use crate::table::tables::Tables;

/// Take a cancel.
pub(crate) fn apply(
    tables: &mut Tables,
    warnings: &mut Vec<Denied>,
    cancel: &CancelOrder,
    emit: &mut Emit<'_>,
) {
    tables.totals.cancels += 1;
    warnings.clear();
    let (fate, pbu, target) = {
        let mut ctx = CancelCtx {
            tables,
            cancel,
            warnings,
            pbu_at: u8::MAX,
            target: NONE,
            group: 0,
        };
        let fate = ctx.check().and_then(|fate| {
            if tables.ids.is_full() {
                let room = i64::from(tables.capacity.orders);
                Err(Denied::new(Code::OrdersFull, room, room))
            } else {
                Ok(fate)
            }
        });
        (fate, ctx.pbu_at, ctx.target)
    };
    for &denied in warnings.iter() {
        emit.warn_only(denied, cancel.client);
    }
    let fate = match fate {
        Ok(fate) => fate,
        Err(denied) => {
            tables.totals.refused += 1;
            emit.refuse(denied, target, cancel.client, true, cancel.cl_ord_id);
            tables.count_refused_cancel(cancel.client, emit);
            return;
        }
    };
    let _ = tables.ids.take_cancel(pbu, &cancel.cl_ord_id, target);
    match fate {
        CancelFate::EndQueued => tables.end_queued(target, emit),
        CancelFate::Queue => tables.queue_cancel(target, cancel, emit),
        CancelFate::Forward => {
            tables.forward_cancel(target, cancel.cl_ord_id, emit);
            tables.after_cancel(target, emit);
        }
    }
}

impl Tables {
    /// Let a cancel wait for its window.
    fn queue_cancel(&mut self, number: u32, cancel: &CancelOrder, emit: &mut Emit<'_>) {
        let Some(order) = self.orders.get_mut(number as usize) else {
            return;
        };
        order.cancel = CancelState::Pending;
        order.cancel_seq = emit.seq;
        order.cancel_id = cancel.cl_ord_id;
        emit.push(Queued {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            order: number,
            client: order.client,
            cancel: 1,
            spare: 0,
        });
        self.queue.push(QueueRow {
            order: number,
            cancel: true,
        });
    }

    /// Send a cancel to the gateway of its order and count it. `emit.seq` 0 is the gate's own cancel.
    pub(crate) fn forward_cancel(&mut self, number: u32, id: [u8; 10], emit: &mut Emit<'_>) {
        let Some(order) = self.orders.get_mut(number as usize) else {
            return;
        };
        order.cancel = CancelState::Pending;
        emit.push(ForwardCancel {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            order_seq: order.seq,
            order: number,
            gateway: order.gateway,
            client: order.client,
            cl_ord_id: id,
            spare: [0; 6],
        });
        self.count_event(number);
    }

    /// The session of a gateway ended: a cancel that is on its way may never have arrived, so another one may follow it.
    ///
    /// One that waits for its window has not left and waits on.
    pub(crate) fn lose_cancels(&mut self, gateway: u16) {
        let mut from = 0;
        while let Some(number) = self.open.next(from) {
            from = number.saturating_add(1);
            let Some(order) = self.orders.get_mut(number as usize) else {
                return;
            };
            let sent = order.is_cancel_pending() && order.gateway == gateway;
            let waits = |row: &QueueRow| row.cancel && row.order == number;
            if sent && !self.queue.iter().any(waits) {
                order.cancel = CancelState::Lost;
            }
        }
    }

    /// What follows a client's cancel that was forwarded: warnings and the quick-cancel count.
    pub(crate) fn after_cancel(&mut self, number: u32, emit: &mut Emit<'_>) {
        let order = self.order(number);
        let time_ns = order.time_ns;
        let (market, group) = (self.market_of(order), self.group_of(number));
        let quick = self.params.get_for(Param::QuickCancelNs, market, group);
        self.warn_rates(number, group, emit);
        let age = i64::try_from(emit.now_ns.saturating_sub(time_ns)).unwrap_or(i64::MAX);
        if age < quick {
            self.change_conduct(number, Conduct::take_quick_cancel);
            self.warn_quick_cancels(number, group, emit);
        }
        self.mark_high_frequency(number, emit);
    }

    /// Parameter group of the customer of an order.
    pub(crate) fn group_of(&self, number: u32) -> u16 {
        self.customers
            .get(self.order(number).customer as usize)
            .map_or(0, |row| row.group)
    }

    /// End an order that never left, and tell its client.
    pub(crate) fn end_queued(&mut self, number: u32, emit: &mut Emit<'_>) {
        self.end(number, OrderStatus::Cancelled, emit);
        let set_id = self
            .securities
            .get(self.order(number).security as usize)
            .map_or(0, |row| row.set_id);
        self.deliver(number, ReportKind::Cancelled, set_id, true, emit);
    }

    /// End an order without a message of the exchange.
    pub(crate) fn end(&mut self, number: u32, status: OrderStatus, emit: &mut Emit<'_>) {
        let rest_qty = self.order(number).open_qty();
        self.finish(number, status);
        let order = self.order(number);
        emit.push(Ended {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            order_seq: order.seq,
            rest_qty,
            order: number,
            client: order.client,
            status: order.status.number(),
            spare: 0,
        });
    }

    /// Pass a report on in the client's own stream.
    pub(crate) fn deliver(
        &mut self,
        number: u32,
        kind: ReportKind,
        set_id: u32,
        numbered: bool,
        emit: &mut Emit<'_>,
    ) {
        let order = self.order(number);
        let (client, order_seq) = (order.client, order.seq);
        let pbu = self
            .pbus
            .get(usize::from(order.pbu))
            .filter(|pbu| pbu.market == 1)
            .map_or([b' '; 8], |pbu| pbu.pbu);
        let report_index = if numbered {
            self.next_index(number, pbu, set_id, emit)
        } else {
            0
        };
        emit.push(Deliver {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            report_index,
            order_seq,
            set_id,
            order: number,
            pbu,
            client,
            kind: kind.number(),
            spare: [0; 5],
        });
    }

    /// Take the next index of a client's stream; 0, said as an anomaly, when there is no room for it.
    #[inline]
    fn next_index(&mut self, number: u32, pbu: [u8; 8], set_id: u32, emit: &mut Emit<'_>) -> u64 {
        let client = self.order(number).client;
        if let Some(index) = self.client_streams.take_next(client, &pbu, set_id) {
            return index;
        }
        let order = self.order(number);
        let subject = Subject {
            order: number,
            set_id,
            pbu,
            cl_ord_id: order.cl_ord_id,
            ..Subject::of_gateway(order.gateway)
        };
        self.no_room_for_stream(&subject, emit);
        0
    }
}
