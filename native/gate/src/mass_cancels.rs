//! How far every mass cancel has come: what was asked, sent, confirmed and refused, and what could not be cancelled and why.

use panshi_engine::code::Code;
use panshi_engine::kind::{ReportKind, Scope};
use panshi_engine::record::flow::{CancelAll, Report};
use panshi_engine::record::output::{CancelAllDone, CancelMissed, Deliver, ForwardCancel};
use panshi_wire::text::trim;
use serde_json::{Map, Value, json};

use crate::gate::Gate;

/// Orders that were not cancelled and are kept to be shown; the journal has all.
const LISTED: usize = 1_000;
/// Mass cancels that the status shows; the last ones.
const SHOWN: usize = 8;

panshi_wire::saved! {
    /// One mass cancel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MassCancel {
        /// What was asked.
        pub row: CancelAll,
        /// Journal sequence of the command.
        pub seq: u64,
        /// Open orders that it means; known when all are counted.
        pub asked: u32,
        /// Orders that ended in the gate, and cancels that were sent.
        pub sent: u32,
        /// Orders of these that are known to be cancelled.
        pub confirmed: u32,
        /// Cancels that came back refused.
        pub failed: u32,
        /// Orders whose cancel could not be sent.
        pub missed: u32,
        /// Everything is sent or missed.
        pub done: bool,
    }
}

panshi_wire::saved! {
    /// An order that a mass cancel has not cancelled.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Missed {
        /// Journal sequence of the mass cancel.
        pub seq: u64,
        /// What must hold.
        pub limit: i64,
        /// What was found.
        pub found: i64,
        /// Order number.
        pub order: u32,
        /// The gate's reason, or the exchange's.
        pub code: u32,
    }
}

/// The day's mass cancels.
#[derive(Debug, Default)]
pub struct MassCancels {
    rows: Vec<MassCancel>,
    /// By order number, the place from 1 of the mass cancel whose cancel of it has no answer; 0: none.
    running: Vec<u32>,
    missed: Vec<Missed>,
    /// The report that is under way refuses a cancel of the gate's own, for this reason.
    refused: Option<u32>,
}

panshi_wire::sections! {
    MassCancels {
        list "mass cancels" rows within usize::MAX;
        list "orders of cancels" running within usize::MAX;
        list "not cancelled" missed within LISTED;
        skip refused;
    }
}

impl MassCancels {
    /// Whether one of them has not come to its end.
    pub(crate) fn run(&self) -> bool {
        self.rows.iter().any(|mass| !mass.done)
    }

    /// A mass cancel was asked for.
    pub(crate) fn begin(&mut self, seq: u64, row: &CancelAll) {
        self.rows.push(MassCancel {
            row: *row,
            seq,
            asked: 0,
            sent: 0,
            confirmed: 0,
            failed: 0,
            missed: 0,
            done: false,
        });
    }

    /// The engine has not taken it.
    pub(crate) fn refuse(&mut self, seq: u64) {
        self.rows.retain(|mass| mass.seq != seq);
    }

    /// Remember a report that refuses a cancel, until its order is told.
    pub(crate) fn note_report(&mut self, report: &Report) {
        let kind = ReportKind::from_number(report.kind);
        let refuses = matches!(
            kind,
            Some(ReportKind::CancelRejected | ReportKind::PreRejected)
        );
        let own = |mass: &MassCancel| report.cl_ord_id.starts_with(&mass.row.prefix);
        self.refused = (refuses && self.rows.iter().any(own)).then_some(report.code);
    }

    fn find(&mut self, seq: u64) -> Option<&mut MassCancel> {
        self.rows.iter_mut().rev().find(|mass| mass.seq == seq)
    }

    /// An order that waited in the gate ended.
    pub(crate) fn ended(&mut self, seq: u64) {
        if let Some(mass) = self.find(seq) {
            mass.sent += 1;
            mass.confirmed += 1;
        }
    }

    /// A cancel of the gate's own was sent; its number says whose it is.
    pub(crate) fn sent(&mut self, forward: &ForwardCancel) {
        let number = number_of(&forward.cl_ord_id);
        let later = |mass: &MassCancel| mass.row.first_id <= number;
        let place = self.rows.partition_point(later);
        let Some(mass) = place.checked_sub(1).and_then(|at| self.rows.get_mut(at)) else {
            return;
        };
        mass.sent += 1;
        let at = forward.order as usize;
        if self.running.len() <= at {
            self.running.resize(at + 1, 0);
        }
        self.running[at] = u32::try_from(place).unwrap_or(0);
    }

    /// An order could not be cancelled.
    pub(crate) fn miss(&mut self, row: &CancelMissed) {
        if let Some(mass) = self.find(row.input_seq) {
            mass.missed += 1;
        }
        self.list(Missed {
            seq: row.input_seq,
            limit: row.limit,
            found: row.found,
            order: row.order,
            code: row.code,
        });
    }

    /// A report about an order: the answer to its cancel, if it has one under way.
    pub(crate) fn answered(&mut self, deliver: &Deliver) {
        let Some(place) = self.running.get_mut(deliver.order as usize) else {
            return;
        };
        let mass = (*place as usize).checked_sub(1);
        let Some(mass) = mass.and_then(|at| self.rows.get_mut(at)) else {
            return;
        };
        if let Some(code) = self.refused.take() {
            mass.failed += 1;
            *place = 0;
            let seq = mass.seq;
            self.list(Missed {
                seq,
                limit: 0,
                found: 0,
                order: deliver.order,
                code,
            });
        } else if deliver.kind == ReportKind::Cancelled.number() {
            mass.confirmed += 1;
            *place = 0;
        }
    }

    /// A mass cancel came to its end.
    pub(crate) fn done(&mut self, row: &CancelAllDone) {
        if let Some(mass) = self.find(row.input_seq) {
            mass.asked = row.asked;
            mass.done = true;
        }
    }

    fn list(&mut self, row: Missed) {
        if self.missed.len() >= LISTED {
            self.missed.remove(0);
        }
        self.missed.push(row);
    }
}

/// The number in an id of the gate's own: eight base-36 digits behind the prefix.
fn number_of(id: &[u8; 10]) -> u64 {
    id[2..].iter().fold(0, |number, digit| {
        let value = char::from(*digit).to_digit(36).unwrap_or(0);
        number * 36 + u64::from(value)
    })
}

impl Gate {
    /// The last mass cancels and how far they have come.
    pub(crate) fn mass_cancel_rows(&self) -> Vec<Value> {
        let rows = &self.book.mass_cancels.rows;
        let last = rows.get(rows.len().saturating_sub(SHOWN)..);
        last.unwrap_or_default()
            .iter()
            .map(|mass| Value::from(self.mass_cancel_row(mass)))
            .collect()
    }

    /// Every mass cancel of the day with what it has not cancelled, for people.
    pub(crate) fn mass_cancels(&self) -> Value {
        let day = &self.book.mass_cancels;
        let rows = day.rows.iter().map(|mass| {
            let mut row = self.mass_cancel_row(mass);
            let missed = day.missed.iter().filter(|one| one.seq == mass.seq);
            let missed: Vec<Value> = missed.map(|one| self.missed_row(one)).collect();
            row.insert("not_cancelled".to_owned(), missed.into());
            Value::from(row)
        });
        rows.collect()
    }

    fn mass_cancel_row(&self, mass: &MassCancel) -> Map<String, Value> {
        let running = self.engine.mass_cancels();
        let running = running.iter().find(|row| row.seq == mass.seq);
        let asked = running.map_or(mass.asked, |row| row.asked);
        let seen = mass.sent + mass.missed;
        let left = if mass.done {
            0
        } else {
            asked.saturating_sub(seen)
        };
        let row = json!({
            "sequence": mass.seq, "scope": Scope::from_number(mass.row.scope).map_or("?", Scope::name),
            "id": mass.row.id, "market": mass.row.market,
            "key": String::from_utf8_lossy(trim(&mass.row.key)),
            "counted": running.is_none_or(|row| row.counted == row.end),
            "asked": asked, "sent": mass.sent, "confirmed": mass.confirmed, "failed": mass.failed,
            "missed": mass.missed, "left": left, "done": mass.done,
        });
        match row {
            Value::Object(row) => row,
            _ => Map::new(),
        }
    }

    fn missed_row(&self, missed: &Missed) -> Value {
        let order = self.engine.order(missed.order);
        let text = |bytes: &[u8]| String::from_utf8_lossy(trim(bytes)).into_owned();
        let code = Code::from_number(missed.code);
        json!({
            "order": missed.order, "cl_ord_id": order.map(|order| text(&order.cl_ord_id)),
            "client": order.map(|order| order.client), "gateway": order.map(|order| order.gateway),
            "code": missed.code, "by": if code.is_some() { "gate" } else { "exchange" },
            "zh": code.map(Code::zh), "en": code.map(Code::en),
            "limit": missed.limit, "found": missed.found,
        })
    }
}

#[cfg(test)]
mod tests {
    use panshi_engine::kind::ReportKind;
    use panshi_engine::record::flow::{CancelAll, Report};
    use panshi_engine::record::output::{CancelAllDone, CancelMissed, Deliver, ForwardCancel};

    use super::{LISTED, MassCancels, number_of};

    fn begun() -> MassCancels {
        let mut day = MassCancels::default();
        for (seq, first_id) in [(7, 36), (9, 72)] {
            let row = CancelAll {
                first_id,
                prefix: *b"PG",
                ..CancelAll::default()
            };
            day.begin(seq, &row);
        }
        day
    }

    fn send(day: &mut MassCancels, order: u32, id: &[u8; 10]) {
        day.sent(&ForwardCancel {
            order,
            cl_ord_id: *id,
            ..ForwardCancel::default()
        });
    }

    fn tell(day: &mut MassCancels, order: u32, kind: ReportKind, code: u32) {
        let kind = kind.number();
        day.note_report(&Report {
            kind,
            code,
            cl_ord_id: *b"PG00000011",
            ..Report::default()
        });
        day.answered(&Deliver {
            order,
            kind,
            ..Deliver::default()
        });
    }

    #[test]
    fn the_number_of_an_own_id_is_read_again() {
        assert_eq!(number_of(b"PG00000000"), 0);
        assert_eq!(number_of(b"PG0000010Z"), 36 * 36 + 35);
    }

    #[test]
    fn each_answer_counts_for_the_mass_cancel_that_asked() {
        let mut day = begun();
        send(&mut day, 3, b"PG00000011");
        send(&mut day, 4, b"PG00000020");
        send(&mut day, 5, b"PG00000021");
        tell(&mut day, 3, ReportKind::Fill, 0);
        tell(&mut day, 3, ReportKind::Cancelled, 0);
        tell(&mut day, 3, ReportKind::Cancelled, 0);
        tell(&mut day, 4, ReportKind::CancelRejected, 2009);
        tell(&mut day, 5, ReportKind::PreRejected, 33001);
        day.ended(9);
        let counts = |at: usize| {
            let row = day.rows[at];
            (row.sent, row.confirmed, row.failed)
        };
        assert_eq!((counts(0), counts(1)), ((1, 1, 0), (3, 1, 2)));
        let listed = day.missed.iter().map(|row| (row.seq, row.order, row.code));
        assert_eq!(listed.collect::<Vec<_>>(), [(9, 4, 2009), (9, 5, 33001)]);
        assert!(day.run());
        for input_seq in [7, 9] {
            day.done(&CancelAllDone {
                input_seq,
                ..CancelAllDone::default()
            });
        }
        assert!(!day.run());
    }

    #[test]
    fn what_is_listed_is_bounded_and_the_last_stays() {
        let mut day = begun();
        for order in 0..=u32::try_from(LISTED).unwrap() {
            day.miss(&CancelMissed {
                input_seq: 7,
                order,
                ..CancelMissed::default()
            });
        }
        assert_eq!((day.missed.len(), day.missed[0].order), (LISTED, 1));
        assert_eq!(day.rows[0].missed as usize, LISTED + 1);
    }
}
