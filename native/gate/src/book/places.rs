//! Where records lie that may be told or sent again, and how many there can be on a day.

use panshi_engine::capacity::Capacity;
use panshi_journal::Position;

use super::Book;

impl Book {
    /// Take the memory of a day of this size, so that nothing is moved while orders wait.
    ///
    /// An order brings its acknowledgement and its end, a cancel its answer; what an exchange tells beyond that grows as
    /// it comes.
    pub fn take_room(&mut self, capacity: &Capacity) {
        let (orders, cancels) = (capacity.orders as usize, capacity.cancels as usize);
        let places = orders * 3 + cancels * 2 + capacity.fills as usize;
        self.places
            .reserve(places.saturating_sub(self.places.len()));
        self.fates.reserve(orders.saturating_sub(self.fates.len()));
    }

    /// Records whose places are kept, and reports in the streams toward clients.
    #[must_use]
    pub fn remembered(&self) -> (usize, usize) {
        let told = self.streams.iter().map(|stream| stream.entries.len());
        (self.places.len(), told.sum())
    }

    /// The place of an input that was refused at once: nobody asks for it any more.
    pub(super) fn forget(&mut self, seq: u64) {
        if self.places.last().is_some_and(|place| place.0 == seq) {
            self.places.pop();
        }
    }

    /// Keep the place of a report that is delivered.
    pub(super) fn keep_report(&mut self, seq: u64) {
        if self.report.is_some_and(|place| place.0 == seq)
            && let Some(place) = self.report.take()
        {
            self.places.push(place);
        }
        debug_assert!(
            self.place(seq).is_some(),
            "a delivered report has its place"
        );
    }

    /// Where the order, cancel or report with this sequence lies in the journal.
    #[must_use]
    pub fn place(&self, seq: u64) -> Option<Position> {
        let at = self
            .places
            .binary_search_by_key(&seq, |place| place.0)
            .ok()?;
        self.places.get(at).map(|place| place.1)
    }
}
