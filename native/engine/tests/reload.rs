//! Rows that arrive again, rows that cannot be taken, and states of things that are not there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::Param;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{
    CancelAll, ClientState, DayClose, GatewayState, Quote, SetState,
};
use panshi_engine::record::load::{
    DayOpen, LoadBranch, LoadClient, LoadFee, LoadParam, LoadPbu, LoadPhase, LoadRule, LoadSwitch,
    LoadTerminal,
};
use support::Verdict::{Refused, Sent};
use support::{World, YUAN, day, fen, padded, small};

/// Code, limit and found of the refusal of a row.
fn refusal(world: &mut World, input: impl Into<Input>) -> (Code, i64, i64) {
    let input = input.into();
    let out = world.put(input);
    let [Output::LoadRefused(row)] = out[..] else {
        panic!("{input:?} gave {out:?}");
    };
    assert_eq!(row.input_type, input.record_type());
    (Code::from_number(row.code).unwrap(), row.limit, row.found)
}

#[test]
fn a_customers_reload_keeps_the_running_cash() {
    let mut world = World::new();
    assert_eq!(world.trade('1', "600000", 10 * YUAN, 100), Sent(0));
    let before = *world.engine.customer(1).unwrap();
    let mut row = day::customer(1, 1);
    row.cash_e5 = 5;
    row.risk_grade = 2;
    world.load(row);
    let after = *world.engine.customer(1).unwrap();
    assert_eq!(after.available_e5, before.available_e5);
    assert_eq!(
        (after.frozen_e5, after.opening_e5),
        (before.frozen_e5, before.opening_e5)
    );
    assert_eq!(after.risk_grade, 2);
    row.owner_group = 2;
    assert_eq!(refusal(&mut world, row), (Code::LoadInvalid, 1, 2));
    row.owner_group = 1;
    row.desk = 3;
    assert_eq!(refusal(&mut world, row), (Code::LoadInvalid, 1, 3));
    assert!(world.engine.broken_invariants().is_empty());
}

#[test]
fn a_holdings_reload_adds_the_difference_and_never_makes_it_negative() {
    let mut world = World::new();
    let sale = world.limit('2', "600000", 10 * YUAN, 800);
    assert_eq!(world.send(&sale), Sent(0));
    world.fill(&sale, 10 * YUAN, 300);
    let held = |world: &World| {
        let row = *world
            .engine
            .holding(1, &day::account(1, 1).account, &padded("600000"))
            .unwrap();
        (row.total_qty(), row.sellable_qty, row.frozen_qty)
    };
    assert_eq!(held(&world), (950, 950, 500));
    world.load(day::holding(1, "600000", 1_350));
    assert_eq!(held(&world), (1_050, 1_050, 500));
    // 500 shares are frozen and 300 are gone, so fewer than 800 cannot have been there.
    let refused = refusal(&mut world, day::holding(1, "600000", 790));
    assert_eq!(refused, (Code::LoadInvalid, 500, 490));
    assert_eq!(held(&world), (1_050, 1_050, 500));
    let mut more = day::holding(1, "600000", 100);
    more.sellable_qty = 101;
    assert_eq!(refusal(&mut world, more), (Code::LoadInvalid, 100, 101));
    more.code = padded("999999");
    more.sellable_qty = 1;
    assert_eq!(refusal(&mut world, more).0, Code::SecurityUnknown);
    more.account = padded("A999999999");
    assert_eq!(refusal(&mut world, more).0, Code::AccountUnknown);
}

#[test]
fn a_securitys_reload_keeps_quotes_and_values_but_not_another_rule() {
    let mut world = World::new();
    world.quote("600000", fen(999), fen(1_001), fen(1_000));
    assert_eq!(world.trade('1', "600000", 10 * YUAN, 100), Sent(0));
    let mut row = day::security(1, "600000", day::MAIN, 10 * YUAN);
    row.close_e5 = fen(1_002);
    world.load(row);
    let found = *world.engine.security(1, &padded("600000")).unwrap();
    assert_eq!((found.bid_e5, found.close_e5), (fen(999), fen(1_002)));
    assert_eq!(found.open_buy_e5, 1_000 * YUAN);
    row.rule = day::STAR;
    assert_eq!(refusal(&mut world, row), (Code::LoadInvalid, 1, 2));
}

#[test]
fn a_day_opens_once_and_again_only_as_another_run() {
    let mut world = World::new();
    let again = DayOpen {
        time_ns: world.now_ns,
        day_start_ns: day::START_NS,
        trade_date: 20_260_720,
        epoch: 2,
    };
    world.load(again);
    assert_eq!(world.engine.day().epoch, 2);
    let other = DayOpen {
        trade_date: 20_260_721,
        ..again
    };
    let refused = (Code::LoadInvalid, 20_260_720, 20_260_721);
    assert_eq!(refusal(&mut world, other), refused);
}

#[test]
fn after_the_close_nothing_is_open_and_nothing_passes() {
    let mut world = World::new();
    let order = world.limit('1', "600000", 10 * YUAN, 200);
    world.put(order);
    world.accept(&order);
    world.fill(&order, 10 * YUAN, 100);
    let time_ns = world.now_ns;
    let out = world.put(DayClose { time_ns });
    let Output::Ended(ended) = out[0] else {
        panic!("{out:?}");
    };
    assert_eq!((ended.rest_qty, ended.status, ended.order), (100, 8, 0));
    let cash: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::CashTotal(row) => Some((row.customer, row.frozen_e5, row.bought_e5)),
            _ => None,
        })
        .collect();
    assert_eq!(cash, [(1, 0, 1_000 * YUAN), (2, 0, 0), (3, 0, 0)]);
    let shares = out
        .iter()
        .filter(|output| matches!(output, Output::HoldingTotal(_)))
        .count();
    assert_eq!(shares, world.engine.holdings().len());
    let Some(Output::DayTotal(total)) = out.last() else {
        panic!("{out:?}");
    };
    assert_eq!((total.orders, total.fills, total.expired), (1, 1, 1));
    assert_ne!(total.state_hash, 0);
    let later = world.limit('1', "600000", 10 * YUAN, 100);
    assert_eq!(world.send(&later), Refused(Code::DayNotOpen, 0, 0));
}

/// Every row is refused as invalid and nothing changes.
fn all_refused(rows: &[Input]) {
    let mut world = World::new();
    let before = world.engine.state_hash();
    for input in rows {
        assert_eq!(
            refusal(&mut world, *input).0,
            Code::LoadInvalid,
            "{input:?}"
        );
    }
    assert_eq!(world.engine.state_hash(), before);
    assert_eq!(world.trade('1', "600000", 10 * YUAN, 100), Sent(0));
}

#[test]
fn rules_windows_and_fees_out_of_range_are_refused() {
    let rule = |change: fn(&mut LoadRule)| {
        let mut row = day::rule(day::MAIN, 1);
        change(&mut row);
        Input::from(row)
    };
    let phase = |change: fn(&mut LoadPhase)| {
        let mut row = LoadPhase {
            market: 1,
            phase: 4,
            start_ns: 1,
            end_ns: 2,
            ..LoadPhase::default()
        };
        change(&mut row);
        Input::from(row)
    };
    let fee = |change: fn(&mut LoadFee)| {
        let mut row = day::fee(1);
        change(&mut row);
        Input::from(row)
    };
    all_refused(&[
        rule(|row| row.tick_e5 = 0),
        rule(|row| row.rule = 0),
        rule(|row| row.market = 2),
        rule(|row| row.cage_bp = 10_001),
        phase(|row| row.end_ns = 1),
        phase(|row| row.phase = 9),
        phase(|row| row.cancel_policy = 3),
        phase(|row| row.end_ns = day::at(9, 16) - day::START_NS),
        fee(|row| row.commission_e8 = -1),
        fee(|row| row.fee_group = 0),
    ]);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let limit = |scope, metric| Input::from(day::limit(scope, metric, 0, 1, 1));
    let switch = |code, mode| {
        Input::from(LoadSwitch {
            code,
            mode,
            ..LoadSwitch::default()
        })
    };
    let param = |param, value| {
        Input::from(LoadParam {
            param,
            value,
            ..LoadParam::default()
        })
    };
    all_refused(&[
        limit(12, 1),
        limit(5, 16),
        switch(1, 1),
        switch(Code::PriceTick.number(), 3),
        param(99, 1),
        param(1, -1),
        param(Param::CancelAllBatch.number(), 0),
        param(Param::CancelAllRate.number(), 0),
        param(Param::CancelAllRate.number(), 1_000_001),
        param(Param::SuspendGap.number(), 4),
        param(Param::GatewayPreOpen.number(), 3),
    ]);
}

#[test]
fn parties_out_of_range_or_in_contradiction_are_refused() {
    let pbu = |code, pbu_no| {
        Input::from(LoadPbu {
            pbu: padded(code),
            market: 1,
            pbu_no,
            gateway: 1,
            ..LoadPbu::default()
        })
    };
    let client = |change: fn(&mut LoadClient)| {
        let mut row = day::client(1, 1, "AA");
        change(&mut row);
        Input::from(row)
    };
    let branch = LoadBranch {
        state: 2,
        ..LoadBranch::default()
    };
    let terminal = LoadTerminal {
        terminal: 17,
        ..LoadTerminal::default()
    };
    all_refused(&[
        pbu("20001", 5),
        pbu("29999", 0),
        pbu("20001", 64),
        branch.into(),
        terminal.into(),
        client(|row| row.prefix_len = 5),
        client(|row| row.market = 2),
        client(|row| (row.terminal_at, row.terminal_len) = (30, 3)),
    ]);
}

#[test]
fn tables_that_are_full_say_so() {
    let mut capacity = small();
    capacity.securities = 7;
    capacity.accounts = 6;
    capacity.holdings = 3;
    capacity.branches = 2;
    capacity.phases = 18;
    capacity.switches = 0;
    capacity.limit_sets = 0;
    let mut world = World::with(&capacity, &day::rows());
    let rows: Vec<Input> = vec![
        day::security(1, "600999", day::MAIN, YUAN).into(),
        day::account(1, 9).into(),
        day::holding(3, "600000", 1).into(),
        LoadBranch {
            branch: padded("7"),
            ..LoadBranch::default()
        }
        .into(),
        LoadPhase {
            market: 1,
            end_ns: 1,
            ..LoadPhase::default()
        }
        .into(),
        LoadSwitch {
            code: Code::PriceTick.number(),
            ..LoadSwitch::default()
        }
        .into(),
        day::limit(5, 1, 1, 1, 1).into(),
    ];
    for row in rows {
        assert_eq!(refusal(&mut world, row).0, Code::LoadInvalid, "{row:?}");
    }
}

#[test]
fn states_of_things_that_are_not_there_are_refused() {
    let mut world = World::new();
    let time_ns = world.now_ns;
    let client = ClientState {
        time_ns,
        client: 99,
        ..ClientState::default()
    };
    assert_eq!(refusal(&mut world, client), (Code::ClientUnknown, 0, 99));
    let gateway = GatewayState {
        time_ns,
        gateway: 0,
        ..GatewayState::default()
    };
    assert_eq!(refusal(&mut world, gateway).0, Code::GatewayUnknown);
    let quote = Quote {
        time_ns,
        code: padded("999999"),
        market: 1,
        ..Quote::default()
    };
    assert_eq!(refusal(&mut world, quote).0, Code::SecurityUnknown);
    let quote = Quote {
        bid_e5: -1,
        code: padded("600000"),
        ..quote
    };
    assert_eq!(refusal(&mut world, quote), (Code::LoadInvalid, 0, -1));
}

#[test]
fn states_and_mass_cancels_of_unknown_scopes_are_refused() {
    let mut world = World::new();
    let time_ns = world.now_ns;
    let state = SetState {
        time_ns,
        scope: 5,
        market: 1,
        key: padded("A999999999"),
        ..SetState::default()
    };
    assert_eq!(refusal(&mut world, state).0, Code::LoadInvalid);
    for (scope, id) in [
        (0, 0),
        (2, 0),
        (3, 9),
        (4, 9),
        (6, 1),
        (7, 99),
        (8, 1),
        (9, 0),
        (11, 1),
    ] {
        let state = SetState {
            time_ns,
            scope,
            id,
            ..SetState::default()
        };
        assert_eq!(
            refusal(&mut world, state).0,
            Code::LoadInvalid,
            "{scope} {id}"
        );
    }
    let state = SetState {
        state: 4,
        scope: 1,
        ..state
    };
    assert_eq!(refusal(&mut world, state), (Code::LoadInvalid, 3, 4));
    let all = CancelAll {
        time_ns,
        scope: 1,
        ..CancelAll::default()
    };
    assert_eq!(refusal(&mut world, all), (Code::ParamMissing, 0, 10));
    world.param(10, 5);
    let all = CancelAll { scope: 12, ..all };
    assert_eq!(refusal(&mut world, all).0, Code::LoadInvalid);
}

#[test]
fn a_cancel_without_room_for_its_id_is_refused() {
    let mut capacity = small();
    capacity.orders = 1;
    capacity.cancels = 0;
    let mut world = World::with(&capacity, &day::rows());
    let order = world.limit('1', "600000", 10 * YUAN, 100);
    assert_eq!(world.send(&order), Sent(0));
    assert_eq!(world.cancel(&order), Refused(Code::OrdersFull, 1, 1));
    let second = world.limit('1', "600000", 10 * YUAN, 100);
    assert_eq!(world.send(&second), Refused(Code::OrdersFull, 1, 1));
}
