//! Which data centre a link uses: the order of attempts, their pace, and when the other one is tried.
//!
//! A link stays where it works. It leaves a centre when it failed there as often as the configuration allows for
//! the cause, or when a person says so; it does not go back by itself as long as the other one serves.

use std::net::SocketAddr;

use serde::Deserialize;

use crate::config::{Gateway, Reconnect};
use crate::conn::SECOND_NS;

const MS_NS: u64 = SECOND_NS / 1000;

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $item:ident = $number:literal => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$note])* $item = $number,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$item,)*];

            /// Its number in the journal.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// Its name for people and programs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$item => $text,)* }
            }
        }
    };
}

numbered! {
    /// A data centre of an exchange.
    Centre {
        /// The main one.
        Main = 0 => "main",
        /// The backup one.
        Backup = 1 => "backup",
    }
}

numbered! {
    /// Why a link is where it is, or why it left.
    Cause {
        /// The gate started.
        Start = 0 => "start",
        /// A person said so.
        Command = 1 => "command",
        /// No connection could be made, or nothing answered the logon.
        Connect = 2 => "connect",
        /// The connection broke, or what came over it could not be read.
        Loss = 3 => "loss",
        /// The exchange gateway has no session at its exchange: 5006 in Shanghai, status 7 in Shenzhen.
        NotReady = 4 => "not_ready",
        /// Nothing was heard for two heartbeat intervals.
        Heartbeat = 5 => "heartbeat",
        /// The logon was refused for another reason.
        Refused = 6 => "refused",
        /// A drill cut the centre off.
        Drill = 7 => "drill",
        /// The right to log the number in has ended.
        Claim = 8 => "claim",
        /// Reports were missing, and a new session asks for them.
        Gap = 9 => "gap",
        /// The session did not begin: no platform state, no streams, or no answer about one.
        Unwelcome = 10 => "unwelcome",
    }
}

impl Centre {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Main => Self::Backup,
            Self::Backup => Self::Main,
        }
    }
}

/// What a failure led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Nanoseconds until the next attempt.
    pub wait_ns: u64,
    /// The centre that was left for the other one.
    pub left: Option<Centre>,
}

/// The way of one link to its exchange.
#[derive(Clone, Debug)]
pub struct Route {
    main: SocketAddr,
    backup: Option<SocketAddr>,
    policy: Reconnect,
    /// The centre in use, or tried next.
    pub centre: Centre,
    /// Wall time since when.
    pub since_ns: u64,
    /// Why.
    pub why: Cause,
    /// Changes of the centre since the start.
    pub changes: u64,
    /// Failures in a row at this centre.
    here: u32,
    /// Failures in a row, wherever.
    failures: u32,
    /// When the session began, on the gate's monotonic clock.
    up_ns: Option<u64>,
    cut_off: Option<Centre>,
}

impl Route {
    /// The way of a gateway, at its first centre.
    #[must_use]
    pub fn new(config: &Gateway) -> Self {
        let policy = config.reconnect;
        let first = config.backup.map_or(Centre::Main, |_| policy.first);
        Self {
            main: config.main,
            backup: config.backup,
            policy,
            centre: first,
            since_ns: 0,
            why: Cause::Start,
            changes: 0,
            here: 0,
            failures: 0,
            up_ns: None,
            cut_off: None,
        }
    }

    /// The address in use, or tried next.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        match self.centre {
            Centre::Main => self.main,
            Centre::Backup => self.backup.unwrap_or(self.main),
        }
    }

    /// Whether there is an address in a centre.
    #[must_use]
    pub const fn reaches(&self, centre: Centre) -> bool {
        matches!(centre, Centre::Main) || self.backup.is_some()
    }

    /// Failures in a row.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Longest time that a connection may take to stand.
    #[must_use]
    pub const fn connect_timeout_ns(&self) -> u64 {
        self.policy.connect_timeout_ms * MS_NS
    }

    /// Longest time that each step at the beginning of a session may take.
    #[must_use]
    pub const fn welcome_timeout_ns(&self) -> u64 {
        self.policy.welcome_timeout_ms * MS_NS
    }

    /// Cut a centre off, or none: what is cut off cannot be reached.
    pub const fn cut_off(&mut self, centre: Option<Centre>) {
        self.cut_off = centre;
    }

    /// The centre that is cut off.
    #[must_use]
    pub const fn cut_off_centre(&self) -> Option<Centre> {
        self.cut_off
    }

    /// Whether the centre in use is cut off.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.cut_off == Some(self.centre)
    }

    /// The first attempt is made.
    pub const fn begun(&mut self, wall_ns: u64) {
        if self.since_ns == 0 {
            self.since_ns = wall_ns;
        }
    }

    /// A session began.
    pub const fn up(&mut self, now_ns: u64) {
        self.up_ns = Some(now_ns);
    }

    /// A session ended, or none came about.
    ///
    /// A session that was shorter than the longest wait does not count as a success: a gateway that takes every logon
    /// and closes would otherwise be tried again and again without a pause.
    pub fn failed(&mut self, cause: Cause, now_ns: u64, wall_ns: u64) -> Next {
        let longest_ns = self.policy.retry_max_ms * MS_NS;
        let lasted = self.up_ns.take().map(|since| now_ns.saturating_sub(since));
        if lasted.is_some_and(|lasted| lasted >= longest_ns) {
            (self.here, self.failures) = (0, 0);
        }
        self.here = self.here.saturating_add(1);
        self.failures = self.failures.saturating_add(1);
        let doublings = (self.failures - 1).min(32);
        let wait_ns = (self.policy.retry_min_ms * MS_NS)
            .saturating_mul(1 << doublings)
            .min(longest_ns);
        let after = self.policy.switch_after.of(cause);
        let other = self.centre.other();
        let leaves = after > 0 && self.here >= after && self.reaches(other);
        let left = (leaves && self.cut_off != Some(other)).then_some(self.centre);
        if left.is_some() {
            self.go(other, cause, wall_ns);
        }
        Next { wait_ns, left }
    }

    /// Use another centre from now on.
    pub const fn go(&mut self, centre: Centre, why: Cause, wall_ns: u64) {
        self.centre = centre;
        (self.since_ns, self.why) = (wall_ns, why);
        self.changes += 1;
        self.here = 0;
        self.up_ns = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Centre, MS_NS, Route};
    use crate::config::Gateway;

    fn route(reconnect: &str) -> Route {
        let text = format!(
            r#"{{"number": 1, "market": 1, "main": "127.0.0.1:1", "backup": "127.0.0.1:2",
                "comp_id": "A", "target_comp_id": "B", "reconnect": {reconnect}}}"#
        );
        let config: Gateway = serde_json::from_str(&text).unwrap();
        Route::new(&config)
    }

    #[test]
    fn waits_double_between_their_bounds() {
        let mut route =
            route(r#"{"retry_min_ms": 100, "retry_max_ms": 700, "switch_after": {"connect": 0}}"#);
        let waits: Vec<u64> = (0..5)
            .map(|_| route.failed(Cause::Connect, 0, 0).wait_ns / MS_NS)
            .collect();
        assert_eq!(waits, [100, 200, 400, 700, 700]);
        assert_eq!((route.centre, route.changes), (Centre::Main, 0));
    }

    #[test]
    fn a_short_session_is_no_success_and_a_long_one_is() {
        let mut route = route(r#"{"retry_min_ms": 100, "retry_max_ms": 700}"#);
        for (lasted_ms, wait_ms) in [(0, 100), (699, 200), (699, 400), (700, 100)] {
            route.up(1);
            let next = route.failed(Cause::Loss, 1 + lasted_ms * MS_NS, 0);
            assert_eq!(next.wait_ns / MS_NS, wait_ms);
        }
    }

    #[test]
    fn each_cause_has_its_own_patience_with_a_centre() {
        let mut route = route(r#"{"switch_after": {"connect": 3, "loss": 1, "refused": 0}}"#);
        assert_eq!(route.failed(Cause::Refused, 0, 1).left, None);
        assert_eq!(route.failed(Cause::Connect, 0, 2).left, None);
        assert_eq!(
            route.failed(Cause::Connect, 0, 3).left,
            Some(Centre::Main),
            "the third failure in a row here"
        );
        assert_eq!((route.centre, route.since_ns), (Centre::Backup, 3));
        assert_eq!(route.failed(Cause::Refused, 0, 4).left, None);
        assert_eq!(route.failed(Cause::Loss, 0, 5).left, Some(Centre::Backup));
        assert_eq!((route.why, route.changes), (Cause::Loss, 2));
    }

    #[test]
    fn what_is_cut_off_is_left_and_not_gone_to() {
        let mut route = route("{}");
        route.cut_off(Some(Centre::Main));
        assert!(route.is_cut_off());
        assert_eq!(route.failed(Cause::Drill, 0, 0).left, Some(Centre::Main));
        assert!(!route.is_cut_off());
        assert_eq!(route.failed(Cause::Loss, 0, 0).left, None);
        route.cut_off(None);
        assert_eq!(route.failed(Cause::Loss, 0, 0).left, Some(Centre::Backup));
    }

    #[test]
    fn the_first_centre_is_a_choice_where_there_are_two() {
        let route = route(r#"{"first": "backup"}"#);
        assert_eq!(route.address().port(), 2);
        let alone = r#"{"number": 1, "market": 1, "main": "127.0.0.1:1", "comp_id": "A",
            "target_comp_id": "B", "reconnect": {"first": "backup"}}"#;
        let mut alone = Route::new(&serde_json::from_str(alone).unwrap());
        assert_eq!((alone.address().port(), alone.centre), (1, Centre::Main));
        assert_eq!(alone.failed(Cause::Connect, 0, 0).left, None);
    }
}
