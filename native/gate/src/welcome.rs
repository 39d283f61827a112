//! What an exchange gateway must say once it took the logon: its platform's state, the streams it carries, and in
//! Shanghai an answer about each stream that was asked for. A session without it looks alive and brings no report.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 3.2.3 and 3.2.5 (209, 208, then 206 and 207); SZSE Binary v1.32, 5.2 to 5.6
//! (6 and 9, then 5, which has no answer of its own).

use serde_json::json;

use crate::centre::Cause;
use crate::exchange::Phase;
use crate::exchange_stream::ExchangeKey;
use crate::gate::Gate;

/// Platform that is not open yet, in the engine's numbers: its streams may come later.
const NOT_OPEN: u8 = 1;

/// How much of its welcome a session has got.
#[derive(Debug, Default)]
pub struct Welcome {
    /// When it got ahead last, on the gate's monotonic clock.
    since_ns: u64,
    /// Platform state that was told last; 0: none.
    state: u8,
    streams: bool,
    unanswered: Vec<ExchangeKey>,
}

impl Welcome {
    /// The logon was taken.
    pub(crate) fn begin(&mut self, now_ns: u64) {
        *self = Self {
            since_ns: now_ns,
            ..Self::default()
        };
    }

    /// The platform's state was told.
    pub(crate) const fn told_state(&mut self, now_ns: u64, state: u8) {
        if matches!(self.state, 0 | NOT_OPEN) {
            self.since_ns = now_ns;
        }
        self.state = state;
    }

    /// The streams were told, and these were asked for and must be answered about.
    pub(crate) fn told_streams(&mut self, now_ns: u64, asked: impl Iterator<Item = ExchangeKey>) {
        self.since_ns = now_ns;
        self.streams = true;
        self.unanswered.clear();
        self.unanswered.extend(asked);
    }

    /// There was an answer about a stream, given or refused.
    pub(crate) fn answered(&mut self, key: ExchangeKey) {
        self.unanswered.retain(|asked| *asked != key);
    }

    /// What is missing although there was time for it.
    fn lacks(&self, now_ns: u64, timeout_ns: u64) -> Option<&'static str> {
        if now_ns.saturating_sub(self.since_ns) < timeout_ns {
            return None;
        }
        match self.state {
            0 => Some("state of the platform"),
            NOT_OPEN => None,
            _ if !self.streams => Some("list of streams"),
            _ if !self.unanswered.is_empty() => Some("answer about a stream"),
            _ => None,
        }
    }
}

impl Gate {
    /// Leave a session that has not got its welcome in time; true when it is left.
    pub(crate) fn leaves_unwelcome(&mut self, id: usize, link: usize) -> bool {
        let now = self.now.mono_ns;
        let row = &self.links[link];
        let timeout_ns = row.route.welcome_timeout_ns();
        let Some(what) = row.welcome.lacks(now, timeout_ns) else {
            return false;
        };
        debug_assert_eq!(row.phase, Phase::Up);
        let fields = json!({
            "gateway": row.config.number, "missing": what, "waited_ms": timeout_ns / 1_000_000,
        });
        self.note(
            "error",
            "exchange gateway does not begin its session",
            fields,
        );
        self.leave_link(id, link, Cause::Unwelcome);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Welcome;
    use crate::exchange_stream::ExchangeKey;

    const OPEN: u8 = 3;

    #[test]
    fn each_step_has_the_whole_time() {
        let key = ExchangeKey::szse(1, 1);
        let mut welcome = Welcome::default();
        welcome.begin(100);
        assert_eq!(welcome.lacks(149, 50), None);
        assert_eq!(welcome.lacks(150, 50), Some("state of the platform"));
        welcome.told_state(140, OPEN);
        assert_eq!(welcome.lacks(189, 50), None);
        assert_eq!(welcome.lacks(190, 50), Some("list of streams"));
        welcome.told_streams(180, [key].into_iter());
        assert_eq!(welcome.lacks(229, 50), None);
        assert_eq!(welcome.lacks(230, 50), Some("answer about a stream"));
        welcome.answered(key);
        assert_eq!(welcome.lacks(9_999, 50), None);
    }

    #[test]
    fn a_platform_that_is_not_open_may_name_its_streams_later() {
        let mut welcome = Welcome::default();
        welcome.begin(0);
        welcome.told_state(10, 1);
        assert_eq!(welcome.lacks(10_000, 50), None);
        welcome.told_state(10_000, OPEN);
        assert_eq!(welcome.lacks(10_049, 50), None);
        assert_eq!(welcome.lacks(10_050, 50), Some("list of streams"));
    }

    #[test]
    fn a_later_state_gives_no_more_time() {
        let mut welcome = Welcome::default();
        welcome.begin(0);
        welcome.told_state(10, OPEN);
        welcome.told_state(40, 4);
        assert_eq!(welcome.lacks(60, 50), Some("list of streams"));
    }
}
