//! Where outputs of one input go, with what every one of them carries.

use crate::code::Code;
use crate::denied::Denied;
use crate::kind::{Metric, Scope};
use crate::output::Output;
use crate::record::output::{Refuse, Warning};
use crate::table::order::NONE;

/// The outputs of one input.
#[derive(Debug)]
pub struct Emit<'a> {
    /// The caller's list.
    pub out: &'a mut Vec<Output>,
    /// Market time of the input, never earlier than the latest seen.
    pub now_ns: u64,
    /// Journal sequence of the input.
    pub seq: u64,
}

/// What a metric warning is about.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// Scope of the limit row.
    pub scope: Scope,
    /// Number shown for it.
    pub id: u32,
    /// Metric.
    pub metric: Metric,
    /// Warn level.
    pub warn: i64,
    /// Value that reached it.
    pub found: i64,
}

impl Emit<'_> {
    /// Append an output.
    #[inline]
    pub fn push(&mut self, output: impl Into<Output>) {
        self.out.push(output.into());
    }

    /// Refuse an order or a cancel.
    pub fn refuse(&mut self, denied: Denied, order: u32, client: u16, cancel: bool, id: [u8; 10]) {
        self.push(Refuse {
            time_ns: self.now_ns,
            input_seq: self.seq,
            limit: denied.limit,
            found: denied.found,
            code: denied.code.number(),
            order,
            client,
            cancel: u8::from(cancel),
            spare: 0,
            cl_ord_id: id,
            spare2: [0; 2],
        });
    }

    /// Refuse an order that has no number.
    pub fn refuse_new(&mut self, denied: Denied, client: u16, id: [u8; 10]) {
        self.refuse(denied, NONE, client, false, id);
    }

    /// A check that only warns has failed.
    pub fn warn_only(&mut self, denied: Denied, client: u16) {
        self.push(Warning {
            time_ns: self.now_ns,
            input_seq: self.seq,
            limit: denied.limit,
            found: denied.found,
            code: denied.code.number(),
            client,
            ..Warning::default()
        });
    }

    /// A metric has reached its warn level.
    pub fn reached(&mut self, reached: Reached, client: u16) {
        self.push(Warning {
            time_ns: self.now_ns,
            input_seq: self.seq,
            limit: reached.warn,
            found: reached.found,
            code: metric_code(reached.metric).number(),
            id: reached.id,
            scope: reached.scope.number(),
            metric: reached.metric.number(),
            client,
            spare: 0,
        });
    }
}

/// The refusal of a metric, which is also the code of its warning.
#[must_use]
pub const fn metric_code(metric: Metric) -> Code {
    match metric {
        Metric::SlidingSecond => Code::RateSlidingSecond,
        Metric::CalendarSecond => Code::RateCalendarSecond,
        Metric::Minute => Code::RateMinute,
        Metric::Day => Code::RateDay,
        Metric::QuickCancels => Code::QuickCancels,
        Metric::CancelCountRatio => Code::CancelCountRatio,
        Metric::CancelValueRatio => Code::CancelValueRatio,
        Metric::OrderValue => Code::OrderValueMax,
        Metric::OpenValue => Code::OpenValue,
        Metric::ExecutedValue => Code::ExecutedValue,
        Metric::SecurityValue => Code::SecurityValue,
        Metric::IdenticalOrders => Code::IdenticalStorm,
        Metric::CollarBp => Code::Collar,
        Metric::OpenOrders => Code::OpenOrders,
        Metric::RepeatedCancels => Code::RepeatedCancels,
    }
}
