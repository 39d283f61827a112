//! Doing what the engine said: orders and cancels to the exchange, refusals and reports to clients.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{CancelOrder, NewOrder, Report};
use panshi_engine::record::output::{Deliver, Refuse};
use panshi_wire::layout::Layout;
use panshi_wire::time::{NS_PER_DAY, ntime_from_ns, stamp_from_ns};
use serde_json::json;

use crate::convert::local::{self, Moment};
use crate::convert::platform::platform_of;
use crate::convert::{self, Place, Refusal, SSE};
use crate::gate::Gate;

impl Gate {
    /// Do what one output asks for. `stream` is the client stream of a numbered delivery.
    pub(crate) fn act(&mut self, seq: u64, input: &Input, output: &Output, stream: Option<usize>) {
        match output {
            Output::Forward(forward) => self.forward_order(seq, input, forward),
            Output::ForwardCancel(forward) => self.forward_cancel(seq, input, forward),
            Output::Refuse(refuse) => self.refuse(seq, input, refuse),
            Output::Deliver(deliver) => self.deliver(seq, input, deliver, stream),
            Output::Anomaly(row) => {
                let code = Code::from_number(row.code).map_or("?", Code::name);
                let fields = json!({
                    "code": row.code, "name": code, "limit": row.limit, "found": row.found,
                    "gateway": row.gateway, "input_seq": row.input_seq,
                });
                self.note("error", "anomaly", fields);
            }
            Output::StateChanged(row) => {
                let fields = json!({
                    "scope": row.scope, "id": row.id, "from": row.from, "to": row.to,
                    "cause": row.cause, "input_seq": row.input_seq,
                });
                self.note("warning", "trading state changed", fields);
            }
            Output::LoadRefused(row) => {
                let fields = json!({
                    "record_type": row.input_type, "code": row.code, "limit": row.limit,
                    "found": row.found, "input_seq": row.input_seq,
                });
                if row.input_type == NewOrder::TYPE {
                    self.note("error", "order cannot be made again", fields);
                } else {
                    self.refused_rows += 1;
                    self.first_refused.get_or_insert(*row);
                    self.note("error", "reference row not taken", fields);
                }
            }
            Output::CancelAllDone(row) => {
                let fields = json!({
                    "input_seq": row.input_seq, "asked": row.asked, "sent": row.sent,
                    "missed": row.missed,
                });
                self.note("info", "mass cancel done", fields);
            }
            _ => {}
        }
    }

    /// The present moment as the gate's own reports carry it.
    pub(crate) fn moment(&self, market: u8) -> Moment {
        self.moment_at(market, self.now.market_ns)
    }

    fn moment_at(&self, market: u8, time_ns: u64) -> Moment {
        let since = time_ns.saturating_sub(self.book.day_start_ns);
        let ns_of_day = since.min(NS_PER_DAY - 1);
        let trade_date = self.book.trade_date;
        let transact_time = if market == SSE {
            ntime_from_ns(ns_of_day).unwrap_or(0)
        } else {
            stamp_from_ns(trade_date, ns_of_day).map_or(0, i64::cast_unsigned)
        };
        Moment {
            time_ns,
            transact_time,
            trade_date,
        }
    }

    /// Nanoseconds of the market day.
    pub(crate) fn ns_of_day(&self) -> u64 {
        let since = self.now.market_ns.saturating_sub(self.book.day_start_ns);
        since.min(NS_PER_DAY - 1)
    }

    /// An input that was journaled earlier.
    pub(crate) fn earlier(&mut self, seq: u64) -> Option<Input> {
        let position = self.book.place(seq)?;
        let found = self.records.read(self.journal.0.dir(), position);
        match found {
            Ok((header, payload)) => Input::read(header.kind.into(), payload),
            Err(error) => {
                let reason = error.to_string();
                self.note(
                    "error",
                    "journal cannot be read",
                    json!({ "reason": reason }),
                );
                None
            }
        }
    }

    pub(crate) fn earlier_order(&mut self, seq: u64) -> Option<NewOrder> {
        match self.earlier(seq)? {
            Input::NewOrder(order) => Some(order),
            _ => None,
        }
    }

    fn refuse(&mut self, seq: u64, input: &Input, refuse: &Refuse) {
        let message = match input {
            Input::NewOrder(_) | Input::CancelOrder(_) if refuse.input_seq == seq => Some(*input),
            _ => self.earlier(refuse.input_seq),
        };
        let (order, cancel) = match message {
            Some(Input::NewOrder(order)) => (Some(order), None),
            Some(Input::CancelOrder(cancel)) => (None, Some(cancel)),
            _ => return,
        };
        let refusal = Refusal {
            code: refuse.code,
            trade_date: self.book.trade_date,
            ns_of_day: self.ns_of_day(),
            text: Code::from_number(refuse.code).map_or("", Code::name),
        };
        let hold = self.hold_for_client();
        if let Some(order) = order
            && let Some(conn) = self.session_of(refuse.client, order.market, order.biz)
        {
            self.send(conn, hold, |seq, out| {
                convert::encode_order_refusal(&order, &refusal, seq, out)
            });
        }
        if let Some(cancel) = cancel
            && let Some(conn) = self.session_of(refuse.client, cancel.market, cancel.biz)
        {
            self.send(conn, hold, |seq, out| {
                convert::encode_cancel_refusal(&cancel, &refusal, seq, out)
            });
        }
    }

    /// The session of a client that carries a business.
    fn session_of(&self, client: u16, market: u8, biz: u32) -> Option<usize> {
        let platform = if market == SSE {
            0
        } else {
            platform_of(biz).into()
        };
        self.sessions
            .get(usize::from(client))
            .and_then(|sessions| *sessions.get::<usize>(platform)?)
    }

    fn deliver(&mut self, seq: u64, input: &Input, deliver: &Deliver, stream: Option<usize>) {
        let answered = self.answered(deliver);
        let place = Place {
            pbu: deliver.pbu,
            set_id: deliver.set_id,
            index: deliver.report_index,
        };
        let Some(stream) = stream else {
            if let Input::Report(report) = input
                && let Some(conn) = self.session_of(deliver.client, report.market, report.biz)
            {
                self.deliver_report(conn, report, &place, answered);
            }
            return;
        };
        let row = &self.book.streams[stream];
        let Some(conn) = row.reader.filter(|_| row.cursor == deliver.report_index) else {
            self.complete_stamps(answered);
            return;
        };
        let report = match input {
            Input::Report(report) if deliver.input_seq == seq => Some(*report),
            _ => self.report_of(deliver.input_seq, deliver.order_seq),
        };
        if let Some(report) = report
            && self.deliver_report(conn, &report, &place, answered)
        {
            self.book.streams[stream].cursor += 1;
        }
    }

    fn deliver_report(
        &mut self,
        conn: usize,
        report: &Report,
        place: &Place,
        answered: Option<u32>,
    ) -> bool {
        let hold = self.hold_for_client();
        let sent = self.send(conn, hold, |seq, out| {
            convert::encode_report(report, place, seq, out)
        });
        match (sent, answered) {
            (Some(position), Some(order)) => {
                if let Some(conn) = self.conn(conn) {
                    conn.stamps.push_back((position, order));
                }
            }
            (None, answered) => self.complete_stamps(answered),
            (Some(_), None) => {}
        }
        sent.is_some()
    }

    /// Take the stamp of an order's first answer; the order, when this is it.
    fn answered(&mut self, deliver: &Deliver) -> Option<u32> {
        if deliver.order == u32::MAX {
            return None;
        }
        let now = self.now.mono_ns;
        let row = self.stamps.row(deliver.order);
        if row.answered_ns != 0 || row.received_ns == 0 {
            return None;
        }
        row.answered_ns = now;
        Some(deliver.order)
    }

    /// The report behind a delivery, from the journal or made again.
    pub(crate) fn report_of(&mut self, input_seq: u64, order_seq: u64) -> Option<Report> {
        // A report that is read again must say what it said the first time: its time is that of its cause.
        let (request, time_ns) = match self.earlier(input_seq)? {
            Input::Report(report) => return Some(report),
            Input::CancelOrder(cancel) => (Some(cancel), cancel.time_ns),
            Input::CancelAll(all) => (None, all.time_ns),
            _ => return None,
        };
        let order = self.earlier_order(order_seq)?;
        let moment = self.moment_at(order.market, time_ns);
        Some(local::cancelled(&order, request.as_ref(), &moment))
    }

    /// Bytes of a connection were handed to the kernel: take the stamps that lay in them.
    pub fn flushed(&mut self, id: usize) {
        let now = self.precise_ns();
        let Some(conn) = self.conns.get_mut(id).and_then(Option::as_mut) else {
            return;
        };
        let is_link = matches!(conn.role, crate::conn::Role::Link(_));
        let sent = conn.outbox.sent();
        while conn
            .cancels
            .front()
            .is_some_and(|(position, _)| *position <= sent)
        {
            conn.cancels.pop_front();
        }
        let mut done = std::mem::take(&mut self.done_stamps);
        while let Some((position, order)) = conn.stamps.front().copied()
            && position <= sent
        {
            conn.stamps.pop_front();
            if is_link {
                self.stamps.left(order);
            }
            let row = self.stamps.row(order);
            if is_link {
                row.sent_ns = now;
            } else {
                row.reported_ns = now;
                done.push(order);
            }
        }
        for order in done.drain(..) {
            self.complete_stamps(Some(order));
        }
        self.done_stamps = done;
        self.pump(id);
    }

    fn complete_stamps(&mut self, order: Option<u32>) {
        let Some(order) = order else { return };
        let row = *self.stamps.row(order);
        self.stamps.complete(&row);
        self.append_own(&row);
    }

    /// Send a client what its streams still hold for it, as far as its outbox has room and this turn lasts: each report
    /// is read from the journal again, and the others wait meanwhile.
    pub(crate) fn pump(&mut self, id: usize) {
        let Some(client) = self.client_of(id) else {
            return;
        };
        let mut left = self.config.bounds.turn_messages.max(1);
        for at in 0..self.book.streams_of(client).len() {
            let Some(stream) = self.book.streams_of(client).get(at).map(|at| *at as usize) else {
                return;
            };
            while self.pump_one(id, stream) {
                left -= 1;
                if left == 0 {
                    self.touch(id);
                    return;
                }
            }
        }
    }

    fn pump_one(&mut self, id: usize, stream: usize) -> bool {
        let row = &self.book.streams[stream];
        if row.reader != Some(id) || row.cursor == 0 {
            return false;
        }
        let (index, pbu, set_id) = (row.cursor, row.pbu, row.set_id);
        let entry = usize::try_from(index - 1)
            .ok()
            .and_then(|at| row.entries.get(at))
            .copied();
        let Some(entry) = entry else { return false };
        let limit = self.config.bounds.replay_bytes;
        if self
            .conn(id)
            .is_none_or(|conn| !conn.is_live() || conn.outbox.backlog() > limit)
        {
            return false;
        }
        let Some(report) = self.report_of(entry.input_seq, entry.order_seq) else {
            return false;
        };
        let place = Place { pbu, set_id, index };
        let hold = self.hold_for_client();
        let sent = self.send(id, hold, |seq, out| {
            convert::encode_report(&report, &place, seq, out)
        });
        if sent.is_some() {
            self.book.streams[stream].cursor += 1;
        }
        sent.is_some()
    }

    /// Take a client's cancel.
    pub(crate) fn take_cancel(&mut self, cancel: CancelOrder) {
        self.input(&Input::CancelOrder(cancel));
    }
}
