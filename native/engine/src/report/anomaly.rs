//! What must not come back, and the suspension that follows.

use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{Param, Scope, TradingState};
use crate::record::flow::Report;
use crate::record::output::{Anomaly, StateChanged};
use crate::table::order::NONE;
use crate::table::tables::Tables;

/// What an anomaly is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    /// Gateway number.
    pub gateway: u16,
    /// Order number.
    pub order: u32,
    /// Stream.
    pub set_id: u32,
    /// Stream.
    pub pbu: [u8; 8],
    /// As reported.
    pub cl_ord_id: [u8; 10],
}

impl Subject {
    /// A report, its order not found yet.
    pub(crate) const fn of(report: &Report) -> Self {
        Self {
            gateway: report.gateway,
            order: NONE,
            set_id: report.set_id,
            pbu: report.stream_pbu,
            cl_ord_id: report.cl_ord_id,
        }
    }

    /// A gateway as a whole.
    pub(crate) const fn of_gateway(gateway: u16) -> Self {
        Self {
            gateway,
            order: NONE,
            set_id: 0,
            pbu: [b' '; 8],
            cl_ord_id: [b' '; 10],
        }
    }
}

/// The parameter that says how far an anomaly suspends the gateway's PBUs.
const fn suspending(code: Code) -> Option<Param> {
    match code {
        Code::UnknownFill => Some(Param::SuspendUnknownFill),
        Code::OverFill => Some(Param::SuspendOverFill),
        Code::FillPrice => Some(Param::SuspendPrice),
        Code::StreamGap | Code::StreamEnded | Code::StreamsFull => Some(Param::SuspendGap),
        Code::StreamDuplicate => Some(Param::SuspendDuplicate),
        Code::RejectBurst => Some(Param::SuspendRejects),
        Code::AckOverdueCount | Code::AckOverdueAge => Some(Param::SuspendUnacked),
        Code::GatewaySilent => Some(Param::SuspendSilence),
        _ => None,
    }
}

impl Tables {
    /// Say what came back wrongly and suspend the PBUs of its gateway as far as the parameter says.
    pub(crate) fn anomaly(&mut self, subject: &Subject, denied: Denied, emit: &mut Emit<'_>) {
        emit.push(Anomaly {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            limit: denied.limit,
            found: denied.found,
            code: denied.code.number(),
            order: subject.order,
            set_id: subject.set_id,
            gateway: subject.gateway,
            spare: 0,
            pbu: subject.pbu,
            cl_ord_id: subject.cl_ord_id,
            spare2: [0; 6],
        });
        let Some(param) = suspending(denied.code) else {
            return;
        };
        for pbu in &mut self.pbus {
            let wanted = u8::try_from(self.params.get(param, pbu.market))
                .ok()
                .and_then(TradingState::from_number);
            let Some(state) = wanted else {
                continue;
            };
            if !pbu.leaves_by(subject.gateway) || state <= pbu.trading.set {
                continue;
            }
            let from = pbu.trading.now();
            pbu.trading.set = state;
            emit.push(StateChanged {
                time_ns: emit.now_ns,
                input_seq: emit.seq,
                limit: denied.limit,
                found: denied.found,
                cause: denied.code.number(),
                id: u32::from(pbu.pbu_no),
                scope: Scope::Pbu.number(),
                from: from.number(),
                to: pbu.trading.now().number(),
                market: pbu.market,
                ..StateChanged::default()
            });
        }
    }

    /// Say that a stream is not kept for want of room.
    pub(crate) fn no_room_for_stream(&mut self, subject: &Subject, emit: &mut Emit<'_>) {
        let room = i64::from(self.capacity.streams);
        let denied = Denied::new(Code::StreamsFull, room, room.saturating_add(1));
        self.anomaly(subject, denied, emit);
    }

    /// Count a reject of a gateway and report a burst.
    ///
    /// What the gate could not send says nothing about the exchange: it must not suspend whoever else trades there.
    pub(super) fn count_reject(&mut self, report: &Report, subject: &Subject, emit: &mut Emit<'_>) {
        let own = [Code::NotConnected.number(), Code::QueueFull.number()];
        if report.report_index == 0 && own.contains(&report.code) {
            return;
        }
        let most = self.params.get(Param::RejectBurstCount, report.market);
        let window = self.params.get(Param::RejectBurstNs, report.market);
        let Some(gateway) = self.gateways.get_mut(usize::from(report.gateway)) else {
            return;
        };
        let age = emit.now_ns.saturating_sub(gateway.burst_start_ns);
        if gateway.burst_count == 0 || i64::try_from(age).unwrap_or(i64::MAX) > window {
            gateway.burst_start_ns = emit.now_ns;
            gateway.burst_count = 0;
        }
        gateway.burst_count = gateway.burst_count.saturating_add(1);
        let count = i64::from(gateway.burst_count);
        if most != 0 && count == most {
            let denied = Denied::new(Code::RejectBurst, most, count);
            self.anomaly(subject, denied, emit);
        }
    }
}
