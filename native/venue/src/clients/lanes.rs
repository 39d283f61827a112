//! The sequence of each security, kept across sessions.
//!
//! Two connections have no order between them: what is written to one and then to the other may be
//! read the other way round. So an action waits until every earlier one of its security that went
//! over another session was answered. Actions of one session need not wait for each other.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::Action;
use super::config::{Config, Protocol};

/// What waits and what is on its way, of one security.
#[derive(Debug, Default)]
struct Lane {
    /// Actions and when they were due.
    waiting: VecDeque<(usize, Instant)>,
    /// Requests without an answer, by session.
    unanswered: Vec<u32>,
}

impl Lane {
    fn may_send(&self, session: usize) -> bool {
        self.unanswered
            .iter()
            .enumerate()
            .all(|(place, count)| *count == 0 || place == session)
    }
}

/// The lanes of all securities.
#[derive(Debug)]
pub struct Lanes {
    by_number: Vec<Lane>,
    of_action: Vec<u32>,
    waiting: usize,
    patience: Duration,
}

impl Lanes {
    /// Lanes for a day's actions, which are known to name sessions of the configuration.
    pub fn new(config: &Config, actions: &[Action]) -> Self {
        let mut known: HashMap<(Protocol, [u8; 12]), u32> = HashMap::new();
        let mut of_action = Vec::with_capacity(actions.len());
        for action in actions {
            let protocol = config.sessions[usize::from(action.session)].protocol;
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            of_action.push(*known.entry((protocol, action.security_id)).or_insert(next));
        }
        let lane = || Lane {
            unanswered: vec![0; config.sessions.len()],
            ..Lane::default()
        };
        Self {
            by_number: (0..known.len()).map(|_| lane()).collect(),
            of_action,
            waiting: 0,
            patience: Duration::from_millis(config.sequence_wait_ms),
        }
    }

    /// The lane of an action.
    pub fn of(&self, action: usize) -> u32 {
        self.of_action[action]
    }

    /// An action is due.
    pub fn push(&mut self, action: usize, now: Instant) {
        let lane = self.of_action[action] as usize;
        self.by_number[lane].waiting.push_back((action, now));
        self.waiting += 1;
    }

    /// Whether nothing is due that was not sent.
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Take the actions that may be sent now, each lane's in its order.
    ///
    /// An action that was due longer ago than the patience goes all the same: neither a slow machine
    /// nor an answer that was lost may hold up the day.
    pub fn take(&mut self, actions: &[Action], now: Instant, out: &mut Vec<usize>) {
        if self.waiting == 0 {
            return;
        }
        for lane in &mut self.by_number {
            while let Some((front, due)) = lane.waiting.front().copied() {
                let session = usize::from(actions[front].session);
                if !lane.may_send(session) && now.duration_since(due) < self.patience {
                    break;
                }
                lane.waiting.pop_front();
                lane.unanswered[session] += 1;
                self.waiting -= 1;
                out.push(front);
            }
        }
        // Lanes do not change places: what was due first is sent first.
        out.sort_unstable();
    }

    /// A request was answered for the first time.
    pub fn answered(&mut self, lane: u32, session: u16) {
        let count = &mut self.by_number[lane as usize].unanswered[usize::from(session)];
        *count = count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Lanes;
    use crate::clients::{Action, Config};

    /// Actions of the given sessions and securities, the first two sessions being Shanghai's.
    fn actions(of: &[(u16, &[u8; 12])]) -> (Lanes, Vec<Action>) {
        let actions: Vec<Action> = of
            .iter()
            .map(|(session, security_id)| Action {
                session: *session,
                security_id: **security_id,
                ..Action::default()
            })
            .collect();
        let session = |protocol: &str| {
            format!(
                r#"{{"protocol": "{protocol}", "address": "127.0.0.1:1", "comp_id": "A",
                     "target_comp_id": "B"}}"#
            )
        };
        let sessions = [session("sse"), session("sse"), session("szse")].join(",");
        let config = Config::from_json(&format!(
            r#"{{"trade_date": 20230711, "logon_ms": 10, "linger_ms": 10, "sequence_wait_ms": 50,
                "clock": {{"trade_date": 20230711, "start_unix_ns": 0, "segments": []}},
                "sessions": [{sessions}]}}"#
        ));
        (Lanes::new(&config.unwrap(), &actions), actions)
    }

    fn sent(lanes: &mut Lanes, actions: &[Action], now: Instant) -> Vec<usize> {
        let mut out = Vec::new();
        lanes.take(actions, now, &mut out);
        out
    }

    const FIRST: &[u8; 12] = b"600000      ";
    const OTHER: &[u8; 12] = b"600001      ";

    #[test]
    fn an_action_waits_for_the_answers_of_its_security_over_another_session() {
        let (mut lanes, actions) = actions(&[
            (0, FIRST),
            (0, FIRST),
            (1, FIRST),
            (0, FIRST),
            (1, OTHER),
            (2, FIRST),
        ]);
        let now = Instant::now();
        (0..actions.len()).for_each(|action| lanes.push(action, now));
        // Neither another security nor the other market waits.
        assert_eq!(sent(&mut lanes, &actions, now), [0, 1, 4, 5]);
        lanes.answered(lanes.of(0), 0);
        assert!(
            sent(&mut lanes, &actions, now).is_empty(),
            "one is still on its way"
        );
        lanes.answered(lanes.of(1), 0);
        assert_eq!(sent(&mut lanes, &actions, now), [2]);
        assert!(!lanes.is_empty());
        lanes.answered(lanes.of(2), 1);
        assert_eq!(sent(&mut lanes, &actions, now), [3]);
        assert!(lanes.is_empty());
    }

    #[test]
    fn patience_ends_with_the_time_since_an_action_was_due() {
        let (mut lanes, actions) = actions(&[(0, FIRST), (1, FIRST), (0, FIRST)]);
        let now = Instant::now();
        (0..actions.len()).for_each(|action| lanes.push(action, now));
        assert_eq!(sent(&mut lanes, &actions, now), [0]);
        let soon = now + Duration::from_millis(49);
        assert!(sent(&mut lanes, &actions, soon).is_empty());
        let late = now + Duration::from_millis(50);
        assert_eq!(sent(&mut lanes, &actions, late), [1, 2]);
    }
}
