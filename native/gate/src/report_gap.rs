//! Reports that are missing in a stream of the exchange are asked for again before they count as lost.

use panshi_engine::record::flow::Report;

use crate::centre::Cause;
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;

/// Streams of one link whose next report was missing, and the last index that was there.
#[derive(Debug, Default)]
pub struct Gaps {
    asked: Vec<(ExchangeKey, u64)>,
}

impl Gaps {
    /// Whether to ask for what follows an index; once only, so that what the exchange does not have cannot hold the
    /// stream up for ever.
    fn ask(&mut self, key: ExchangeKey, last: u64) -> bool {
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
        if found <= last + 1 || !self.links[link].gaps.ask(key, last) {
            return false;
        }
        let reason = format!(
            "report index must be {}, found {found}, in stream {}: the missing ones are asked for again",
            last + 1,
            report.set_id,
        );
        self.link_broken(id, link, Cause::Loss, &reason);
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
