//! The loop over all sessions.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use panshi_wire::layout::Layout;
use panshi_wire::market_clock::MarketClock;

use super::config::Config;
use super::lanes::Lanes;
use super::session::{Moment, Session};
use super::{Action, Event};

/// How long the loop sleeps when nothing came and nothing was due.
const PAUSE: Duration = Duration::from_micros(100);
/// Actions sent before the sessions are read again.
const BURST: usize = 64;
/// How long a session may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// Wall time that follows the monotonic clock, and market time from it.
struct Watch {
    started: Instant,
    wall_ns: u64,
    market: MarketClock,
    midnight_ns: u64,
    trade_date: u32,
}

impl Watch {
    fn start(config: &Config) -> Result<Self, String> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|error| format!("clients: the machine's clock: {error}"))?;
        let wall_ns = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        Ok(Self {
            started: Instant::now(),
            wall_ns,
            market: config.clock.market_clock(wall_ns)?,
            midnight_ns: config.midnight_ns()?,
            trade_date: config.trade_date,
        })
    }

    fn wall_ns(&self) -> u64 {
        let elapsed = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.wall_ns.saturating_add(elapsed)
    }

    fn now(&self) -> Moment {
        Moment {
            wall: Instant::now(),
            market_ns: self.market.market_ns(self.wall_ns()),
            midnight_ns: self.midnight_ns,
            trade_date: self.trade_date,
        }
    }

    fn is_over(&self) -> bool {
        self.market.is_over(self.wall_ns())
    }
}

/// Run every session until its streams have ended; the events as records in the order of arrival.
///
/// # Errors
/// When an action is none, a session cannot log on, or a connection ends before the goodbye.
pub fn run(config: &Config, actions: &[u8]) -> Result<Vec<u8>, String> {
    let actions = read_actions(config, actions)?;
    let watch = Watch::start(config)?;
    let patience = Duration::from_millis(config.logon_ms.max(1));
    let mut sessions = Vec::new();
    for (place, session) in config.sessions.iter().enumerate() {
        let place = u16::try_from(place).map_err(|_| "too many sessions".to_owned())?;
        sessions.push(Session::open(session, place, patience)?);
    }
    let mut events = Vec::new();
    log_on(&mut sessions, &watch, patience, &mut events)?;
    play(config, &actions, &mut sessions, &watch, &mut events)?;
    say_goodbye(&mut sessions, &watch, &mut events)?;
    let mut bytes = vec![0; events.len() * Event::LEN];
    for (event, room) in events.iter().zip(bytes.chunks_mut(Event::LEN)) {
        let _ = event.write(room);
    }
    Ok(bytes)
}

fn read_actions(config: &Config, bytes: &[u8]) -> Result<Vec<Action>, String> {
    if !bytes.len().is_multiple_of(Action::LEN) {
        let (length, found) = (Action::LEN, bytes.len());
        return Err(format!(
            "actions: must be records of {length} bytes, found {found} bytes"
        ));
    }
    let actions: Vec<Action> = bytes
        .chunks_exact(Action::LEN)
        .filter_map(Action::read)
        .collect();
    let mut before = 0;
    for (number, action) in actions.iter().enumerate() {
        if usize::from(action.session) >= config.sessions.len() || action.at_ns < before {
            return Err(format!(
                "actions, record {number}: must name one of {} sessions and not lie before the one \
                 ahead of it, found session {} at {}",
                config.sessions.len(),
                action.session,
                action.at_ns
            ));
        }
        before = action.at_ns;
    }
    Ok(actions)
}

fn log_on(
    sessions: &mut [Session],
    watch: &Watch,
    patience: Duration,
    events: &mut Vec<Event>,
) -> Result<(), String> {
    let until = Instant::now() + patience;
    while let Some(late) = sessions.iter().position(|session| !session.is_ready()) {
        if Instant::now() > until {
            return Err(sessions[late].failure(&"no report streams came in time"));
        }
        if !turn(sessions, &watch.now(), events)? {
            sleep(PAUSE);
        }
    }
    Ok(())
}

fn play(
    config: &Config,
    actions: &[Action],
    sessions: &mut [Session],
    watch: &Watch,
    events: &mut Vec<Event>,
) -> Result<(), String> {
    let mut lanes = Lanes::new(config, actions);
    let mut next = 0;
    let mut deadline = None;
    let mut ready = Vec::with_capacity(BURST);
    loop {
        let now = watch.now();
        let due = count_due(&actions[next..], now.ns_of_day());
        (next..next + due).for_each(|action| lanes.push(action, now.wall));
        next += due;
        lanes.take(actions, now.wall, &mut ready);
        let sent = ready.len();
        for (at, &place) in ready.iter().enumerate() {
            let action = &actions[place];
            let session = &mut sessions[usize::from(action.session)];
            session.act(action, lanes.of(place), &now)?;
            let next = ready.get(at + 1).map(|place| &actions[*place]);
            if !next.is_some_and(|next| is_one_write(action, next)) {
                session.flush()?;
            }
        }
        ready.clear();
        let busy = turn(sessions, &now, events)?;
        for session in &mut *sessions {
            let place = session.place;
            session
                .answered
                .drain(..)
                .for_each(|lane| lanes.answered(lane, place));
        }
        if next == actions.len() && lanes.is_empty() {
            let ended = sessions.iter().all(Session::is_ended);
            if deadline.is_none() && watch.is_over() {
                deadline = Some(now.wall + Duration::from_millis(config.linger_ms));
            }
            if ended || deadline.is_some_and(|deadline| now.wall > deadline) {
                return Ok(());
            }
        }
        if due == 0 && sent == 0 && !busy {
            sleep(PAUSE);
        }
    }
}

/// Actions that are due, up to a burst; what is written together is not parted.
fn count_due(actions: &[Action], ns_of_day: u64) -> usize {
    let ahead = core::iter::once(None).chain(actions.iter().map(Some));
    actions
        .iter()
        .zip(ahead)
        .enumerate()
        .take_while(|(number, (action, ahead))| {
            let room = *number < BURST || ahead.is_some_and(|ahead| is_one_write(ahead, action));
            action.at_ns <= ns_of_day && room
        })
        .count()
}

/// Whether an order system would write two messages at one stroke: what it does about a security at
/// one moment. So a cancel that is sent again at once is behind the first before any answer is.
fn is_one_write(action: &Action, next: &Action) -> bool {
    let key = |one: &Action| (one.session, one.at_ns, one.security_id);
    key(action) == key(next)
}

/// Write and read once in every session; whether anything moved.
fn turn(sessions: &mut [Session], now: &Moment, events: &mut Vec<Event>) -> Result<bool, String> {
    let mut busy = false;
    for session in sessions {
        session.beat(now)?;
        busy |= session.flush()?;
        busy |= session.read(now, events)?;
    }
    Ok(busy)
}

fn say_goodbye(
    sessions: &mut [Session],
    watch: &Watch,
    events: &mut Vec<Event>,
) -> Result<(), String> {
    for session in sessions.iter_mut() {
        session.leave()?;
    }
    let until = Instant::now() + GOODBYE;
    while sessions.iter().any(|session| !session.gone) && Instant::now() < until {
        if !turn(sessions, &watch.now(), events)? {
            sleep(PAUSE);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{BURST, Config, count_due, read_actions};
    use crate::clients::Action;
    use panshi_wire::layout::Layout;

    fn config() -> Config {
        Config::from_json(
            r#"{"trade_date": 20230711, "logon_ms": 10, "linger_ms": 10,
                "clock": {"trade_date": 20230711, "start_unix_ns": 0, "segments": []},
                "sessions": [{"protocol": "sse", "address": "127.0.0.1:1", "comp_id": "A",
                              "target_comp_id": "TDGW"}]}"#,
        )
        .unwrap()
    }

    fn bytes(actions: &[(u64, u16)]) -> Vec<u8> {
        let mut bytes = vec![0; actions.len() * Action::LEN];
        for ((at_ns, session), room) in actions.iter().zip(bytes.chunks_mut(Action::LEN)) {
            let action = Action {
                at_ns: *at_ns,
                session: *session,
                ..Action::default()
            };
            action.write(room).unwrap();
        }
        bytes
    }

    #[test]
    fn actions_are_in_the_order_of_time_and_name_a_session() {
        assert_eq!(
            read_actions(&config(), &bytes(&[(1, 0), (1, 0)]))
                .unwrap()
                .len(),
            2
        );
        assert!(read_actions(&config(), &bytes(&[(2, 0), (1, 0)])).is_err());
        assert!(read_actions(&config(), &bytes(&[(1, 1)])).is_err());
        assert!(read_actions(&config(), &bytes(&[(1, 0)])[1..]).is_err());
    }

    #[test]
    fn a_burst_does_not_part_what_is_written_together() {
        let action = |at_ns| Action {
            at_ns,
            ..Action::default()
        };
        let apart: Vec<Action> = (0..100).map(action).collect();
        assert_eq!(count_due(&apart, 9), 10);
        assert_eq!(count_due(&apart, 99), BURST);
        let mut together = apart;
        together[BURST - 1..BURST + 3].fill(action(63));
        assert_eq!(count_due(&together, 99), BURST + 3);
        assert_eq!(count_due(&together[..=BURST], 99), BURST + 1);
    }

    #[test]
    fn a_session_that_nobody_serves_is_an_error_that_names_it() {
        let error = super::run(&config(), &[]).unwrap_err();
        assert!(error.starts_with("session A: "), "{error}");
    }

    #[test]
    fn a_configuration_without_sessions_is_refused() {
        let text = r#"{"trade_date": 20230711, "sessions": [], "logon_ms": 1, "linger_ms": 1,
            "clock": {"trade_date": 20230711, "start_unix_ns": 0, "segments": []}}"#;
        assert!(Config::from_json(text).is_err());
    }
}
