//! Reports that are missing in a stream of the exchange are asked for again before they count as lost.

use panshi_engine::record::flow::Report;
use serde_json::json;

use crate::centre::Cause;
use crate::exchange::Phase;
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;

/// No stream of a day comes near it: an index beyond is nonsense, and would make repeats of all that follows.
const INDEX_MAX: u64 = u32::MAX as u64;

/// Streams of one link whose next report was missing, and the last index that was there.
#[derive(Debug, Default)]
pub struct Gaps {
    asked: Vec<(ExchangeKey, u64)>,
    /// A session was left because of a gap, and the next one has not asked yet.
    again: bool,
}

impl Gaps {
    /// A session asks for its streams; true when it is there because of a gap, so that each gap which it shows was asked
    /// about.
    pub(crate) fn begin(&mut self) -> bool {
        std::mem::take(&mut self.again)
    }

    /// Whether to ask for what follows an index; once only, so that what the exchange does not have cannot hold the
    /// stream up for ever.
    pub(crate) fn ask(&mut self, key: ExchangeKey, last: u64) -> bool {
        let found = self.asked.iter_mut().find(|(stream, _)| *stream == key);
        match found {
            Some((_, asked)) if *asked == last => false,
            Some((_, asked)) => {
                *asked = last;
                true
            }
            None => {
                self.asked.push((key, last));
                true
            }
        }
    }
}

impl Gate {
    /// Take no report behind a gap: a new session asks for the stream from where it was whole.
    ///
    /// True when the report was left out. When the new session shows the same gap, the exchange has no such report; the
    /// engine then takes what follows as a `StreamGap`.
    pub(crate) fn leaves_gap(&mut self, id: usize, link: usize, report: &Report) -> bool {
        let key = ExchangeKey::of(report);
        let (last, found) = (self.book.last_index(key), report.report_index);
        if found <= last.saturating_add(1) {
            return false;
        }
        let set_id = report.set_id;
        if found > INDEX_MAX {
            let reason = format!(
                "report index must be at most {INDEX_MAX}, found {found}, in stream {set_id}"
            );
            self.link_broken(id, link, Cause::Loss, &reason);
            return true;
        }
        let row = &mut self.links[link];
        if row.phase != Phase::Up {
            // The session is on its way out, and the next one asks for this one too.
            return true;
        }
        if !row.gaps.ask(key, last) {
            return false;
        }
        row.gaps.again = true;
        let fields = json!({
            "gateway": row.config.number, "set_id": set_id, "expected": last + 1, "found": found,
        });
        self.note("error", "reports are missing and asked for again", fields);
        // With a goodbye, so that what the exchange still says counts, refusals without an index among it.
        self.leave_link(id, link, Cause::Gap);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{ExchangeKey, Gaps};

    #[test]
    fn each_gap_of_each_stream_is_asked_for_once() {
        let mut gaps = Gaps::default();
        let (one, two) = (ExchangeKey::szse(1, 1), ExchangeKey::szse(1, 2));
        assert!(gaps.ask(one, 5));
        assert!(!gaps.ask(one, 5));
        assert!(gaps.ask(two, 5));
        assert!(gaps.ask(one, 7));
        assert!(!gaps.ask(one, 7));
        assert!(!gaps.ask(two, 5));
    }
}
