//! Trading states by the time of the day, and how they combine with what a person or the engine set.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::{Scope, TradingState};
use panshi_engine::output::Output;
use panshi_engine::record::flow::{DayClose, SetState, Timer};
use panshi_engine::record::load::LoadSchedule;
use support::{Verdict, World, day, fen, padded, small};

const SELL_ONLY: u8 = 1;
const CANCEL_ONLY: u8 = 2;
const HALTED: u8 = 3;

fn of_day(hour: u64, minute: u64) -> u64 {
    day::at(hour, minute) - day::START_NS
}

fn row(scope: Scope, id: u32, state: u8, from: (u64, u64), to: (u64, u64)) -> LoadSchedule {
    LoadSchedule {
        scope: scope.number(),
        state,
        id,
        key: padded(""),
        from_ns: of_day(from.0, from.1),
        to_ns: of_day(to.0, to.1),
        ..LoadSchedule::default()
    }
}

/// The standard day with a schedule, open at 10:00.
fn world(schedule: &[LoadSchedule]) -> World {
    world_at(10, 0, schedule).0
}

/// The same at another time, with what its opening gave.
fn world_at(hour: u64, minute: u64, schedule: &[LoadSchedule]) -> (World, Vec<Output>) {
    let mut rows = day::rows();
    rows.extend(schedule.iter().map(|row| Input::from(*row)));
    let now_ns = day::at(hour, minute);
    let mut world = World::closed(&small(), &rows, now_ns);
    let opening = day::opening(now_ns).into_iter();
    let out = opening.flat_map(|input| world.put(input)).collect();
    (world, out)
}

fn timer(world: &mut World, hour: u64, minute: u64) -> Vec<Output> {
    world.go(hour, minute);
    let time_ns = world.now_ns;
    world.put(Timer { time_ns })
}

/// From, to and cause of the changes, with the numbers beside them.
fn changes(out: &[Output]) -> Vec<(u8, u8, u32, i64, i64)> {
    out.iter()
        .filter_map(|output| match output {
            Output::StateChanged(row) => Some((row.from, row.to, row.cause, row.limit, row.found)),
            _ => None,
        })
        .collect()
}

fn scheduled(from: u8, to: u8, start: (u64, u64), end: (u64, u64)) -> (u8, u8, u32, i64, i64) {
    let ns = |time: (u64, u64)| i64::try_from(of_day(time.0, time.1)).unwrap();
    let cause = Code::StateScheduled.number();
    (from, to, cause, ns(start), ns(end))
}

const fn lifted(from: u8, to: u8) -> (u8, u8, u32, i64, i64) {
    (from, to, 30_010, 0, 0)
}

fn set(world: &mut World, scope: Scope, id: u32, state: u8) -> Vec<Output> {
    let time_ns = world.now_ns;
    world.put(SetState {
        time_ns,
        scope: scope.number(),
        state,
        id,
        key: padded(""),
        ..SetState::default()
    })
}

fn buy(world: &mut World) -> Verdict {
    world.trade('1', "600000", fen(1_000), 100)
}

#[test]
fn a_state_begins_and_ends_with_its_row() {
    let mut world = world(&[row(Scope::Firm, 0, HALTED, (10, 30), (11, 0))]);
    assert!(matches!(buy(&mut world), Verdict::Sent(_)));
    assert_eq!(
        changes(&timer(&mut world, 10, 30)),
        [scheduled(0, HALTED, (10, 30), (11, 0))]
    );
    assert_eq!(buy(&mut world), Verdict::Refused(Code::StateHalted, 1, 3));
    assert_eq!(changes(&timer(&mut world, 10, 59)), []);
    assert_eq!(changes(&timer(&mut world, 11, 0)), [lifted(HALTED, 0)]);
    assert!(matches!(buy(&mut world), Verdict::Sent(_)));
}

#[test]
fn any_input_of_that_time_is_judged_by_the_schedule() {
    let mut world = world(&[row(Scope::Client, 1, CANCEL_ONLY, (10, 30), (11, 0))]);
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert!(matches!(world.send(&order), Verdict::Sent(_)));
    world.go(10, 30);
    let refused = world.limit('1', "600000", fen(1_000), 100);
    let out = world.put(refused);
    assert!(
        matches!(out[0], Output::StateChanged(row) if row.to == CANCEL_ONLY && row.input_seq == world.seq)
    );
    assert!(matches!(out[1], Output::Refuse(row) if row.code == Code::StateCancelOnly.number()));
    // A cancel passes in every state.
    assert!(matches!(world.cancel(&order), Verdict::Sent(_)));
}

#[test]
fn the_opening_follows_the_rows_that_already_hold() {
    let rows = [row(Scope::Market, 2, SELL_ONLY, (9, 0), (15, 0))];
    let (_, out) = world_at(10, 0, &rows);
    assert_eq!(changes(&out), [scheduled(0, SELL_ONLY, (9, 0), (15, 0))]);
}

#[test]
fn the_end_of_a_row_lifts_no_stop_of_a_person() {
    let mut world = world(&[row(Scope::Pbu, 0, HALTED, (10, 30), (11, 0))]);
    set(&mut world, Scope::Pbu, 0, CANCEL_ONLY);
    assert_eq!(
        changes(&timer(&mut world, 10, 30)),
        [scheduled(CANCEL_ONLY, HALTED, (10, 30), (11, 0))]
    );
    assert_eq!(
        changes(&timer(&mut world, 11, 0)),
        [lifted(HALTED, CANCEL_ONLY)]
    );
    assert_eq!(
        buy(&mut world),
        Verdict::Refused(Code::StateCancelOnly, 3, 2)
    );
}

#[test]
fn a_person_does_not_lift_what_the_schedule_sets() {
    let mut world = world(&[row(Scope::Strategy, 7, CANCEL_ONLY, (9, 30), (11, 0))]);
    // What a person sets is kept beside it and shows when the row ends.
    assert_eq!(
        changes(&set(&mut world, Scope::Strategy, 7, SELL_ONLY)),
        [(CANCEL_ONLY, CANCEL_ONLY, 0, 0, 0)]
    );
    assert_eq!(
        changes(&timer(&mut world, 11, 0)),
        [lifted(CANCEL_ONLY, SELL_ONLY)]
    );
    assert_eq!(
        changes(&set(&mut world, Scope::Strategy, 7, 0)),
        [(SELL_ONLY, 0, 0, 0, 0)]
    );
}

#[test]
fn a_suspension_of_the_engine_outlives_the_row() {
    let mut world = world(&[row(Scope::Pbu, 0, HALTED, (9, 30), (11, 0))]);
    // A gap in a report stream suspends the gateway's PBUs to cancel-only.
    world.param(14, i64::from(CANCEL_ONLY));
    let order = world.limit('1', "600000", fen(1_000), 100);
    let mut gap = world.report_of(&order, 1);
    gap.report_index = 5;
    let gaps: Vec<_> = changes(&world.put(gap))
        .into_iter()
        .map(|(from, to, cause, ..)| (from, to, cause))
        .collect();
    let cause = Code::StreamGap.number();
    assert_eq!(gaps, [(HALTED, HALTED, cause), (0, CANCEL_ONLY, cause)]);
    assert_eq!(
        changes(&timer(&mut world, 11, 0)),
        [lifted(HALTED, CANCEL_ONLY)]
    );
}

#[test]
fn of_rows_that_overlap_the_severest_counts_and_a_jump_shows_only_where_it_ends() {
    let mut world = world(&[
        row(Scope::OwnerGroup, 1, SELL_ONLY, (10, 10), (14, 0)),
        row(Scope::OwnerGroup, 1, HALTED, (10, 20), (10, 40)),
    ]);
    assert_eq!(
        changes(&timer(&mut world, 10, 15)),
        [scheduled(0, SELL_ONLY, (10, 10), (14, 0))]
    );
    assert_eq!(
        changes(&timer(&mut world, 10, 20)),
        [scheduled(SELL_ONLY, HALTED, (10, 20), (10, 40))]
    );
    assert_eq!(
        changes(&timer(&mut world, 13, 0)),
        [scheduled(HALTED, SELL_ONLY, (10, 10), (14, 0))]
    );
    let halt = row(Scope::Firm, 0, HALTED, (10, 10), (14, 0));
    let (mut jump, _) = world_at(9, 0, &[halt]);
    assert_eq!(changes(&timer(&mut jump, 14, 0)), []);
}

#[test]
fn accounts_and_securities_are_named_by_code() {
    let mut account = row(Scope::Account, 9, HALTED, (9, 30), (11, 0));
    (account.market, account.key) = (1, padded("A000000001"));
    // Bytes of zero and spaces name the same account.
    let mut again = account;
    again.key[13..].fill(0);
    (again.id, again.from_ns, again.state) = (0, of_day(9, 45), SELL_ONLY);
    let mut security = row(Scope::Security, 0, CANCEL_ONLY, (10, 30), (11, 0));
    (security.market, security.key) = (1, padded("600000"));
    let (mut world, out) = world_at(10, 0, &[account, again, security]);
    assert_eq!(changes(&out), [scheduled(0, HALTED, (9, 30), (11, 0))]);
    assert_eq!(buy(&mut world), Verdict::Refused(Code::StateHalted, 5, 3));
    assert_eq!(changes(&timer(&mut world, 10, 30)).len(), 1);
    let restricted = world.engine.restricted();
    assert_eq!(
        restricted,
        [
            (Scope::Account, 0, TradingState::Halted),
            (Scope::Security, 0, TradingState::CancelOnly)
        ]
    );
}

#[test]
fn a_row_that_comes_while_the_day_runs_holds_at_once_and_can_be_taken_back() {
    let mut world = world(&[]);
    let halt = row(Scope::Firm, 3, HALTED, (9, 30), (11, 0));
    assert_eq!(
        changes(&world.put(halt)),
        [scheduled(0, HALTED, (9, 30), (11, 0))]
    );
    let back = LoadSchedule { state: 0, ..halt };
    assert_eq!(changes(&world.put(back)), [lifted(HALTED, 0)]);
    assert!(matches!(buy(&mut world), Verdict::Sent(_)));
}

#[test]
fn waiting_orders_meet_the_schedule_when_they_would_leave() {
    let rows = [row(Scope::Firm, 0, CANCEL_ONLY, (9, 30), (10, 0))];
    let (mut world, _) = world_at(9, 26, &rows);
    assert!(matches!(buy(&mut world), Verdict::Queued(_)));
    let out = timer(&mut world, 9, 30);
    assert_eq!(changes(&out), [scheduled(0, CANCEL_ONLY, (9, 30), (10, 0))]);
    assert!(matches!(out[1], Output::Refuse(row) if row.code == Code::StateCancelOnly.number()));
}

#[test]
fn nothing_follows_the_schedule_after_the_close() {
    let mut world = world(&[row(Scope::Firm, 0, HALTED, (10, 30), (11, 0))]);
    let time_ns = world.now_ns;
    world.put(DayClose { time_ns });
    assert_eq!(timer(&mut world, 10, 30), []);
    assert_eq!(
        world.put(row(Scope::Firm, 0, SELL_ONLY, (10, 0), (15, 0))),
        []
    );
}

#[test]
fn rows_that_name_nothing_or_no_time_are_refused() {
    let good = row(Scope::Firm, 0, HALTED, (10, 30), (11, 0));
    let mut world = world(&[]);
    let wrong = [
        LoadSchedule { state: 4, ..good },
        LoadSchedule {
            to_ns: good.from_ns,
            ..good
        },
        LoadSchedule {
            to_ns: of_day(24, 0) + 1,
            ..good
        },
        LoadSchedule {
            from_ns: u64::MAX,
            ..good
        },
        row(Scope::Market, 3, HALTED, (10, 30), (11, 0)),
        row(Scope::Pbu, 63, HALTED, (10, 30), (11, 0)),
        row(Scope::Client, 77, HALTED, (10, 30), (11, 0)),
        row(Scope::Account, 1, HALTED, (10, 30), (11, 0)),
        row(Scope::Desk, 1, HALTED, (10, 30), (11, 0)),
        row(Scope::Gateway, 1, HALTED, (10, 30), (11, 0)),
        LoadSchedule { scope: 99, ..good },
    ];
    for row in wrong {
        let out = world.put(row);
        assert!(
            matches!(out[..], [Output::LoadRefused(row)] if row.code == Code::LoadInvalid.number()),
            "{row:?} gave {out:?}"
        );
    }
    let full = panshi_engine::capacity::Capacity {
        schedules: 0,
        ..small()
    };
    let mut world = World::with(&full, &day::rows());
    assert!(matches!(world.put(good)[..], [Output::LoadRefused(row)] if row.limit == 0));
}
