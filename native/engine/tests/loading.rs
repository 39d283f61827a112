//! Reference rows that cannot be taken change nothing; a reload keeps what runs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{ClientState, GatewayState, Quote, SetState};
use panshi_engine::record::load::{
    DayOpen, LoadBranch, LoadCustomer, LoadHolding, LoadLimit, LoadParam, LoadPbu, LoadPhase,
    LoadSwitch, LoadTerminal,
};
use support::Verdict::{Refused, Sent};
use support::{World, YUAN, day, fen, padded};

/// The refusal of a row: code, limit and found.
fn refused(world: &mut World, input: impl Into<Input>) -> (Code, i64, i64) {
    let input = input.into();
    let before = world.engine.state_hash();
    let out = world.put(input);
    let [Output::LoadRefused(row)] = out[..] else {
        panic!("{input:?} gave {out:?}")
    };
    assert_eq!(row.input_type, input.record_type());
    assert_eq!(world.engine.state_hash(), before, "{input:?}");
    (Code::from_number(row.code).unwrap(), row.limit, row.found)
}

/// A row after one change.
fn after<T: Copy + Into<Input>>(mut row: T, change: impl FnOnce(&mut T)) -> Input {
    change(&mut row);
    row.into()
}

/// Every row is refused with what must hold and what was found, and orders still pass.
fn all_refused(rows: &[(Input, i64, i64)]) {
    let mut world = World::new();
    for &(row, limit, found) in rows {
        let wanted = (Code::LoadInvalid, limit, found);
        assert_eq!(refused(&mut world, row), wanted, "{row:?}");
    }
    assert_eq!(world.trade('1', "600000", fen(1_000), 100), Sent(0));
}

#[test]
fn a_rule_or_security_outside_its_range_is_refused() {
    let rule = day::rule(day::MAIN, 1);
    let fee = day::fee(day::MAIN);
    let security = day::security(1, "600000", day::MAIN, 10 * YUAN);
    let quote = Quote {
        code: security.code,
        market: 1,
        ..Quote::default()
    };
    all_refused(&[
        (after(rule, |r| r.rule = 0), 1, 0),
        (after(rule, |r| r.rule = 999), 256, 999),
        (after(rule, |r| r.market = 3), 2, 3),
        (after(rule, |r| r.market = 2), 1, 2),
        (after(rule, |r| r.tick_e5 = 0), 1, 0),
        (after(rule, |r| r.buy_step_qty = 0), 1, 0),
        (after(rule, |r| r.odd_lot_qty = -1), 0, -1),
        (after(rule, |r| r.cage_bp = 10_001), 10_000, 10_001),
        (after(fee, |r| r.commission_e8 = -1), 0, -1),
        (after(fee, |r| r.fee_group = 0), 1, 0),
        (after(security, |r| r.rule = 2), 1, 2),
        (after(security, |r| r.upper_e5 = -1), 0, -1),
        (after(security, |r| r.state = 4), 3, 4),
        (after(quote, |r| r.bid_e5 = -5), 0, -5),
    ]);
}

#[test]
fn a_party_outside_its_range_is_refused() {
    let customer = day::customer(1, 1);
    let client = day::client(1, 1, "AA");
    let terminal = LoadTerminal {
        terminal: 1,
        ..LoadTerminal::default()
    };
    all_refused(&[
        (after(customer, |r| r.customer = 17), 16, 17),
        (after(customer, |r| r.owner_group = 2), 1, 2),
        (after(customer, |r| r.cash_e5 = -1), 0, -1),
        (after(day::account(1, 1), |r| r.access = 64), 63, 64),
        (after(day::account(1, 1), |r| r.customer = 2), 1, 2),
        (after(client, |r| r.market = 2), 1, 2),
        (after(client, |r| r.prefix_len = 5), 4, 5),
        (
            after(client, |r| (r.terminal_at, r.terminal_len) = (30, 3)),
            32,
            33,
        ),
        (after(terminal, |r| r.terminal = 17), 16, 17),
        (after(terminal, |r| r.valid = 2), 1, 2),
        (after(LoadBranch::default(), |r| r.state = 2), 1, 2),
    ]);
}

#[test]
fn a_number_outside_its_range_is_refused() {
    let switch = LoadSwitch {
        code: 30_402,
        ..LoadSwitch::default()
    };
    let param = LoadParam {
        param: 1,
        ..LoadParam::default()
    };
    let state = SetState {
        scope: 1,
        ..SetState::default()
    };
    let opening = DayOpen {
        trade_date: 20_260_721,
        ..DayOpen::default()
    };
    all_refused(&[
        (after(switch, |r| r.code = 1), 0, 1),
        (after(switch, |r| r.mode = 3), 0, 3),
        (after(switch, |r| r.market = 3), 2, 3),
        (after(param, |r| r.param = 99), 0, 99),
        (after(param, |r| r.value = -1), 0, -1),
        (day::limit(99, 1, 0, 1, 1).into(), 0, 99),
        (day::limit(1, 99, 0, 1, 1).into(), 0, 99),
        (after(state, |r| r.state = 4), 3, 4),
        (after(state, |r| (r.scope, r.id) = (6, 1)), 6, 1),
        (after(state, |r| (r.scope, r.id) = (4, 9)), 4, 9),
        (opening.into(), 20_260_720, 20_260_721),
    ]);
}

#[test]
fn a_row_about_something_unknown_is_refused_by_its_code() {
    let mut world = World::new();
    let holding = day::holding(1, "600000", 100);
    let unknown_account = LoadHolding {
        account: padded("A999999999"),
        ..holding
    };
    let (code, ..) = refused(&mut world, unknown_account);
    assert_eq!(code, Code::AccountUnknown);
    let (code, ..) = refused(
        &mut world,
        LoadHolding {
            code: padded("9"),
            ..holding
        },
    );
    assert_eq!(code, Code::SecurityUnknown);
    let (code, ..) = refused(
        &mut world,
        Quote {
            market: 1,
            ..Quote::default()
        },
    );
    assert_eq!(code, Code::SecurityUnknown);
    let gone = ClientState {
        client: 9,
        ..ClientState::default()
    };
    assert_eq!(refused(&mut world, gone), (Code::ClientUnknown, 0, 9));
    let gateway = GatewayState {
        gateway: 999,
        ..GatewayState::default()
    };
    assert_eq!(refused(&mut world, gateway), (Code::GatewayUnknown, 0, 999));
}

#[test]
fn windows_do_not_overlap_and_pbu_numbers_are_given_once() {
    let mut world = World::new();
    let overlapping = LoadPhase {
        market: 1,
        phase: 4,
        start_ns: 10 * 3_600_000_000_000,
        end_ns: 12 * 3_600_000_000_000,
        ..LoadPhase::default()
    };
    let (code, ..) = refused(&mut world, overlapping);
    assert_eq!(code, Code::LoadInvalid);
    let (_, limit, found) = refused(
        &mut world,
        LoadPhase {
            phase: 9,
            ..overlapping
        },
    );
    assert_eq!((limit, found), (8, 9));
    let again = LoadPbu {
        pbu: padded("20005"),
        market: 1,
        pbu_no: 1,
        gateway: 1,
        ..LoadPbu::default()
    };
    assert_eq!(refused(&mut world, again), (Code::LoadInvalid, 1, 1));
}

#[test]
fn a_full_table_takes_no_more_rows() {
    let capacity = Capacity {
        accounts: 6,
        securities: 7,
        holdings: 3,
        branches: 2,
        phases: 18,
        switches: 1,
        limit_sets: 1,
        ..support::small()
    };
    let mut world = World::with(&capacity, &day::rows());
    world.switch(Code::PriceTick, 1);
    world.set_limit(6, 9, 1, 1, i64::MAX);
    let branch = LoadBranch {
        branch: padded("00009"),
        ..LoadBranch::default()
    };
    let phase = LoadPhase {
        market: 1,
        rule: 9,
        end_ns: 1,
        ..LoadPhase::default()
    };
    let switch = LoadSwitch {
        code: Code::PriceCage.number(),
        ..LoadSwitch::default()
    };
    let of_market = LoadLimit {
        market: 3,
        ..day::limit(6, 9, 1, 1, 1)
    };
    let wanted = (Code::LoadInvalid, 2, 3);
    assert_eq!(refused(&mut world, of_market), wanted);
    let rows: [(Input, i64); 7] = [
        (day::account(1, 9).into(), 6),
        (day::security(1, "600009", day::MAIN, YUAN).into(), 7),
        (day::holding(1, "600002", 100).into(), 3),
        (branch.into(), 2),
        (phase.into(), 18),
        (switch.into(), 1),
        (day::limit(6, 9, 2, 1, 1).into(), 1),
    ];
    for (row, room) in rows {
        let wanted = (Code::LoadInvalid, room, room + 1);
        assert_eq!(refused(&mut world, row), wanted, "{row:?}");
    }
}

#[test]
fn a_reload_keeps_cash_that_runs_and_moves_holdings_by_the_difference() {
    let mut world = World::new();
    let sale = world.limit('2', "600000", fen(1_000), 200);
    assert_eq!(world.send(&sale), Sent(0));
    world.accept(&sale);
    world.fill(&sale, fen(1_000), 100);
    let before = *world.engine.customer(1).unwrap();
    world.load(LoadCustomer {
        cash_e5: 1,
        ..day::customer(1, 1)
    });
    let after = world.engine.customer(1).unwrap();
    assert_eq!(after.available_e5, before.available_e5);
    // 1,250 became 1,150 by the fill; 250 more at the open are 1,400, of which 100 are frozen.
    world.load(day::holding(1, "600000", 1_500));
    assert_eq!(
        world.trade('2', "600000", fen(1_000), 1_400),
        Refused(Code::HoldingShort, 1_300, 1_400)
    );
    assert_eq!(world.engine.broken_invariants(), Vec::<String>::new());
    // Less than what was sold and is frozen cannot have been there.
    let (code, ..) = refused(&mut world, day::holding(1, "600000", 199));
    assert_eq!(code, Code::LoadInvalid);
    world.load(day::holding(1, "600000", 200));
    assert_eq!(world.engine.broken_invariants(), Vec::<String>::new());
}

#[test]
fn the_day_opens_again_only_with_another_run_number() {
    let mut world = World::new();
    world.load(DayOpen {
        trade_date: 20_260_720,
        epoch: 2,
        ..DayOpen::default()
    });
    assert_eq!(world.engine.day().epoch, 2);
    assert_eq!(world.trade('1', "600000", fen(1_000), 100), Sent(0));
}
