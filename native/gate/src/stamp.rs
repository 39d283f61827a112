//! When each order passed which place of the gate.

use crate::histogram::Histogram;

panshi_wire::layout! {
    /// Times of one order on the gate's monotonic clock.
    little;
    pub struct Stamps = 200, "Stamps" {
        order_seq: u64 => "order_seq", "journal sequence of the NewOrder";
        received_ns: u64 => "received_ns", "its bytes were read";
        checked_ns: u64 => "checked_ns", "every check had passed and the order was journaled";
        sent_ns: u64 => "sent_ns", "its bytes were handed to the kernel toward the exchange";
        answered_ns: u64 => "answered_ns", "the first report's bytes were read";
        reported_ns: u64 => "reported_ns", "that report's bytes were handed to the kernel toward the client; 0: the client was not there";
        order: u32 => "order", "order number in the engine";
        client: u16 => "client", "client number";
        gateway: u16 => "gateway", "exchange gateway number";
    }
}

/// Where time goes, for status and metrics.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    /// Bytes read to checked and journaled.
    pub check: Histogram,
    /// Bytes read to bytes sent on.
    pub forward: Histogram,
    /// Sent on to first report read.
    pub exchange: Histogram,
    /// First report read to its bytes sent to the client.
    pub report: Histogram,
}

impl Latencies {
    /// Each histogram with its name.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &Histogram); 4] {
        [
            ("check", &self.check),
            ("forward", &self.forward),
            ("exchange", &self.exchange),
            ("report", &self.report),
        ]
    }
}

/// Bytes that an order takes at the most in the queue of its gateway.
const ORDER_BYTES: usize = 256;

/// Stamps of orders that are under way, by order number.
#[derive(Debug, Default)]
pub struct StampTable {
    rows: Vec<Stamps>,
    /// Orders that wait in a gateway's queue, by client number.
    waiting: Vec<usize>,
    /// Distributions of what was completed.
    pub latencies: Latencies,
}

impl StampTable {
    /// Rows for this many orders.
    #[must_use]
    pub fn new(orders: u32) -> Self {
        Self {
            rows: vec![Stamps::default(); orders as usize],
            ..Self::default()
        }
    }

    /// The stamps of an order.
    #[inline]
    pub fn row(&mut self, order: u32) -> &mut Stamps {
        let at = order as usize;
        if self.rows.len() <= at {
            self.rows
                .resize((at + 1).next_power_of_two(), Stamps::default());
        }
        &mut self.rows[at]
    }

    /// An order waits in the queue of its gateway.
    #[inline]
    pub fn waits(&mut self, order: u32) {
        let client = usize::from(self.row(order).client);
        if self.waiting.len() <= client {
            self.waiting.resize(client + 1, 0);
        }
        self.waiting[client] += 1;
    }

    /// It waits no more: its bytes were handed over, or the queue is gone.
    #[inline]
    pub fn left(&mut self, order: u32) {
        let client = usize::from(self.row(order).client);
        if let Some(waiting) = self.waiting.get_mut(client) {
            *waiting = waiting.saturating_sub(1);
        }
    }

    /// Bytes of a client's orders that wait in the queues of gateways, rather too many than too few.
    #[inline]
    #[must_use]
    pub fn waiting_bytes(&self, client: u16) -> usize {
        let waiting = self.waiting.get(usize::from(client)).copied();
        waiting.unwrap_or(0).saturating_mul(ORDER_BYTES)
    }

    /// Count the completed stamps of an order.
    #[inline]
    pub fn complete(&mut self, stamps: &Stamps) {
        let latencies = &mut self.latencies;
        latencies
            .check
            .record(stamps.checked_ns.saturating_sub(stamps.received_ns));
        latencies
            .forward
            .record(stamps.sent_ns.saturating_sub(stamps.received_ns));
        latencies
            .exchange
            .record(stamps.answered_ns.saturating_sub(stamps.sent_ns));
        if stamps.reported_ns > 0 {
            latencies
                .report
                .record(stamps.reported_ns - stamps.answered_ns);
        }
    }
}
