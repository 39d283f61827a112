//! The recorded market: orders and cancels of a real day that fill the book by market time.

use std::collections::HashMap;

use panshi_wire::layout::Layout;

use crate::cause::Market;
use crate::order::{Kind, NONE, Order, Side};
use crate::venue::{VenueCore, index};

panshi_wire::layout! {
    /// One order or cancel of the recorded market.
    little;
    pub struct Record = 1, "FlowRecord" {
        ns_of_day: u64 => "ns_of_day", "market time, ns of the Shanghai day; records are in its order";
        price_e5: i64 => "price_e5", "limit, yuan x 100000; 0 for a cancel";
        qty: i64 => "qty", "shares";
        order_no: u64 => "order_no", "names the order within its security";
        code: [u8; 6] => "code", "security code";
        market: u8 => "market", "1 SSE, 2 SZSE";
        event: Char => "event", "B buy, S sell, C cancel";
    }
}

/// Records that are still to come and the orders they named.
#[derive(Debug, Default)]
pub struct Flow {
    records: Vec<u8>,
    next: usize,
    orders: HashMap<(Market, u32, u64), u32>,
    /// Records that the market did not take.
    pub refused: u64,
}

impl Flow {
    /// Put records behind those already there; returns how many.
    ///
    /// # Errors
    /// When the bytes are no whole records in order of time.
    pub fn load(&mut self, bytes: &[u8]) -> Result<usize, String> {
        let whole = bytes.len() / Record::LEN;
        if whole * Record::LEN != bytes.len() {
            let (length, found) = (Record::LEN, bytes.len());
            return Err(format!(
                "flow: must be records of {length} bytes, found {found} bytes"
            ));
        }
        let mut before = self.records.chunks(Record::LEN).last().map_or(0, moment);
        for (number, record) in bytes.chunks(Record::LEN).enumerate() {
            let at = moment(record);
            if at < before {
                return Err(format!(
                    "flow: record {number} must not lie before the one ahead of it"
                ));
            }
            before = at;
        }
        self.records.extend_from_slice(bytes);
        Ok(whole)
    }

    /// Moment of the next record, ns of the day.
    #[must_use]
    pub fn next_ns(&self) -> Option<u64> {
        self.records
            .get(self.next..)
            .filter(|rest| !rest.is_empty())
            .map(moment)
    }

    fn take(&mut self) -> Option<Record> {
        let record = Record::read(self.records.get(self.next..)?)?;
        self.next += Record::LEN;
        Some(record)
    }
}

fn moment(record: &[u8]) -> u64 {
    record
        .first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn market_of(record: &Record) -> Market {
    if record.market == 1 {
        Market::Sse
    } else {
        Market::Szse
    }
}

impl VenueCore {
    pub(crate) fn replay_one(&mut self) {
        let Some(record) = self.flow.take() else {
            return;
        };
        let taken = if record.event == b'C' {
            self.flow_cancel(&record)
        } else {
            self.flow_new(&record)
        };
        self.flow.refused += u64::from(!taken);
        let market = market_of(&record);
        self.report_events(market);
    }

    pub(crate) fn flow_new(&mut self, record: &Record) -> bool {
        let market = market_of(record);
        let side = if record.event == b'B' {
            Side::Buy
        } else {
            Side::Sell
        };
        let exchange = &mut self.markets[index(market)];
        let Some(security) = exchange.find(&record.code) else {
            return false;
        };
        let order = Order::new(security, side, Kind::Limit, record.price_e5, record.qty);
        let Some(number) = exchange.submit_recorded(order) else {
            return false;
        };
        self.flow
            .orders
            .insert((market, security, record.order_no), number);
        true
    }

    pub(crate) fn flow_cancel(&mut self, record: &Record) -> bool {
        let market = market_of(record);
        let exchange = &mut self.markets[index(market)];
        let Some(security) = exchange.find(&record.code) else {
            return false;
        };
        let number = self.flow.orders.get(&(market, security, record.order_no));
        number.is_some_and(|number| exchange.cancel(*number, NONE).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use panshi_wire::layout::Layout;

    use super::{Flow, Record};

    fn record(ns_of_day: u64) -> Vec<u8> {
        let mut bytes = vec![0; Record::LEN];
        Record {
            ns_of_day,
            ..Record::default()
        }
        .write(&mut bytes)
        .unwrap();
        bytes
    }

    #[test]
    fn records_must_be_whole_and_in_order() {
        assert_eq!(Record::LEN, 40);
        let mut flow = Flow::default();
        assert_eq!(flow.load(&[record(1), record(2)].concat()), Ok(2));
        assert_eq!(flow.next_ns(), Some(1));
        assert!(flow.load(&record(1)).unwrap_err().contains("record 0"));
        assert!(flow.load(&[0; 39]).unwrap_err().contains("40 bytes"));
        flow.take().unwrap();
        flow.take().unwrap();
        assert_eq!((flow.next_ns(), flow.take()), (None, None));
    }
}
