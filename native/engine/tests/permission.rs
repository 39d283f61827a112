//! Steps 9 to 14: the security, who may buy it, program trading, credit, the time of day, the gateway.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::record::flow::{GatewayState, NewOrder};
use panshi_engine::record::load::{
    LoadAccount, LoadClient, LoadCustomer, LoadPbu, LoadPhase, LoadRule, LoadSecurity,
};
use support::Verdict::{self, Queued, Refused, Sent};
use support::{World, YUAN, day, fen, padded};

fn plain(code: Code) -> Verdict {
    Refused(code, 0, 0)
}

fn buy(world: &mut World) -> Verdict {
    world.trade('1', "600000", fen(1_000), 100)
}

fn sell(world: &mut World) -> Verdict {
    world.trade('2', "600000", fen(1_001), 100)
}

/// A world whose 600000 has been changed.
fn with_security(change: impl Fn(&mut LoadSecurity)) -> World {
    let mut world = World::new();
    let mut row = day::security(1, "600000", day::MAIN, 10 * YUAN);
    change(&mut row);
    world.load(row);
    world
}

#[test]
fn a_security_is_known_listed_and_not_suspended() {
    let mut world = World::new();
    for code in ["999999", "", "600000  1"] {
        let order = NewOrder {
            security_id: padded(code),
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        assert_eq!(world.send(&order), plain(Code::SecurityUnknown), "{code}");
    }
    let mut world = with_security(|row| row.state = 0);
    let refused = |listed| Refused(Code::SecurityNotListed, 20_260_720, listed);
    assert_eq!(buy(&mut world), refused(20_200_101));
    for (list_date, expected) in [
        (20_260_720, Sent(0)),
        (20_260_721, refused(20_260_721)),
        (0, refused(0)),
    ] {
        let mut world = with_security(|row| row.list_date = list_date);
        assert_eq!(buy(&mut world), expected);
    }
    let mut world = with_security(|row| row.state = 3);
    assert_eq!(buy(&mut world), plain(Code::SecuritySuspended));
    let mut world = with_security(|row| row.state = 2);
    assert_eq!(buy(&mut world), Sent(0));
}

#[test]
fn a_security_without_its_rule_is_refused() {
    let mut world = World::new();
    world.load(day::security(1, "600099", 77, 10 * YUAN));
    let without = world.trade('1', "600099", fen(1_000), 100);
    assert_eq!(without, plain(Code::RuleMissing));
    // A rule of the other market is none.
    world.load(day::security(1, "600098", day::SZSE, 10 * YUAN));
    let other = world.trade('1', "600098", fen(1_000), 100);
    assert_eq!(other, plain(Code::RuleMissing));
}

#[test]
fn a_closed_side_is_refused_and_the_other_passes() {
    let mut world = with_security(|row| row.flags = 64);
    assert_eq!(buy(&mut world), plain(Code::SideNotAllowed));
    assert_eq!(sell(&mut world), Sent(0));
    let mut world = with_security(|row| row.flags = 128);
    assert_eq!(sell(&mut world), plain(Code::SideNotAllowed));
    assert_eq!(buy(&mut world), Sent(0));
}

#[test]
fn a_buyer_needs_permission_disclosure_and_grade_and_a_seller_none() {
    let star = |world: &mut World, side| world.trade(side, "688001", 50 * YUAN, 200);
    let mut world = World::new();
    let poor = LoadCustomer {
        permissions: 6,
        disclosures: 2,
        risk_grade: 2,
        ..day::customer(1, 1)
    };
    world.load(poor);
    assert_eq!(
        star(&mut world, '1'),
        Refused(Code::PermissionMissing, 1, 6)
    );
    assert_eq!(star(&mut world, '2'), Sent(0));
    world.load(LoadCustomer {
        permissions: 7,
        ..poor
    });
    world.load(LoadAccount {
        permissions: 10,
        ..day::account(1, 1)
    });
    assert_eq!(
        star(&mut world, '1'),
        Refused(Code::PermissionMissing, 1, 2)
    );
    world.load(day::account(1, 1));
    assert_eq!(
        star(&mut world, '1'),
        Refused(Code::DisclosureMissing, 1, 2)
    );
    world.load(LoadCustomer {
        permissions: 7,
        disclosures: 3,
        ..poor
    });
    assert_eq!(star(&mut world, '1'), Refused(Code::RiskGradeLow, 3, 2));
}

#[test]
fn a_program_order_needs_a_confirmed_report() {
    // Confirmation 1 takes the broker's word, 2 needs the exchange's.
    for (confirm, good) in [(1, &[3, 4, 5][..]), (2, &[5][..])] {
        for state in 0..=8 {
            let mut world = World::new();
            world.load(LoadCustomer {
                program_state: state,
                program_confirm: confirm,
                ..day::customer(1, 1)
            });
            assert_eq!(buy(&mut world), Sent(0), "no program order");
            world.load(LoadAccount {
                program: 1,
                ..day::account(1, 1)
            });
            let wanted = if good.contains(&state) {
                Sent(1)
            } else {
                Refused(Code::ProgramNotReported, 0, i64::from(state))
            };
            assert_eq!(buy(&mut world), wanted, "{confirm} {state}");
        }
    }
}

#[test]
fn an_order_is_a_program_order_by_its_session_its_account_or_its_own_mark() {
    let mut world = World::new();
    let unreported = LoadCustomer {
        program_state: 0,
        ..day::customer(1, 1)
    };
    world.load(unreported);
    let refused = Refused(Code::ProgramNotReported, 0, 0);
    world.load(LoadClient {
        program_at: 5,
        program_len: 1,
        ..day::client(1, 1, "AA")
    });
    for (info, wanted) in [("     P", refused), ("    P", Sent(0)), ("P", Sent(1))] {
        let order = NewOrder {
            user_info: padded(info),
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        assert_eq!(world.send(&order), wanted, "{info:?}");
    }
    for (restrictions, wanted) in [("1", refused), ("  E", refused), ("2", Sent(2))] {
        let order = NewOrder {
            restrictions: padded(restrictions),
            ..world.szse_limit('1', "000001", fen(1_000), 100)
        };
        assert_eq!(world.send(&order), wanted, "{restrictions}");
    }
    // Shanghai's field does not exist; what stands there means nothing.
    let order = NewOrder {
        restrictions: padded("1"),
        ..world.limit('1', "600000", fen(1_000), 100)
    };
    assert_eq!(world.send(&order), Sent(3));
}

#[test]
fn credit_tags_need_a_margin_customer_and_a_security_that_allows_them() {
    let tagged = |world: &mut World, side, tag: [u8; 2], order_type| {
        let order = NewOrder {
            credit_tag: tag,
            order_type,
            ..world.limit(
                side,
                "600000",
                fen(if side == '1' { 999 } else { 1_001 }),
                100,
            )
        };
        world.send(&order)
    };
    let wrong = plain(Code::CreditTagWrong);
    let mut world = World::new();
    assert_eq!(tagged(&mut world, '1', *b"RZ", 1), wrong);
    assert_eq!(tagged(&mut world, '2', *b"RQ", 1), wrong);
    assert_eq!(tagged(&mut world, '2', *b"RZ", 1), Sent(0));
    let mut world = with_security(|row| row.flags = 16 | 32);
    assert_eq!(tagged(&mut world, '1', *b"RZ", 1), Sent(0));
    assert_eq!(tagged(&mut world, '2', *b"RQ", 1), Sent(1));
    assert_eq!(tagged(&mut world, '2', *b"RQ", 2), wrong);
    world.load(LoadCustomer {
        margin: 0,
        ..day::customer(1, 1)
    });
    assert_eq!(
        tagged(&mut world, '1', *b"XY", 1),
        plain(Code::MarginNotAllowed)
    );
    let szse = NewOrder {
        cash_margin: b'3',
        ..world.szse_limit('1', "000001", fen(1_000), 100)
    };
    assert_eq!(world.send(&szse), plain(Code::MarginNotAllowed));
    world.load(day::customer(1, 1));
    let szse = NewOrder {
        cash_margin: b'2',
        ..world.szse_limit('1', "000001", fen(1_000), 100)
    };
    assert_eq!(world.send(&szse), wrong);
}

#[test]
fn the_window_takes_refuses_or_keeps() {
    for (hour, minute, wanted) in [
        (9, 14, plain(Code::PhaseMissing)),
        (9, 15, Sent(0)),
        (9, 24, Sent(0)),
        (9, 26, Queued(0)),
        (9, 30, Sent(0)),
        (11, 30, Refused(Code::OutsideWindow, 0, 5)),
        (13, 0, Sent(0)),
        (14, 59, Sent(0)),
        (15, 0, Refused(Code::OutsideWindow, 0, 7)),
        (15, 30, plain(Code::PhaseMissing)),
    ] {
        let mut world = early(hour, minute);
        assert_eq!(buy(&mut world), wanted, "{hour}:{minute}");
    }
}

/// A world that opened at this time.
fn early(hour: u64, minute: u64) -> World {
    World::opened(&support::small(), &day::rows(), day::at(hour, minute))
}

#[test]
fn the_windows_of_a_rule_class_stand_before_those_of_its_market() {
    let mut world = World::new();
    world.load(LoadPhase {
        market: 1,
        phase: 5,
        order_policy: 0,
        rule: day::MAIN,
        start_ns: 9 * 3_600 * 1_000_000_000,
        end_ns: 11 * 3_600 * 1_000_000_000,
        ..LoadPhase::default()
    });
    assert_eq!(buy(&mut world), Refused(Code::OutsideWindow, 0, 5));
    assert_eq!(world.trade('1', "510300", 400_000, 100), Sent(0));
}

#[test]
fn order_types_belong_to_phases() {
    let of_type = |world: &mut World, order_type, code: &str| {
        let order = NewOrder {
            order_type,
            ..world.limit('1', code, fen(1_000), 100)
        };
        world.send(&order)
    };
    let mut world = World::new();
    for unknown in [0, 9, 255] {
        assert_eq!(
            of_type(&mut world, unknown, "600000"),
            plain(Code::TypeUnknown)
        );
    }
    assert_eq!(
        of_type(&mut world, 8, "600000"),
        Refused(Code::FixedNotAllowed, 0, 1)
    );
    // A market order in a security without limits needs the rule's leave.
    assert_eq!(
        of_type(&mut world, 2, "601000"),
        Refused(Code::TypeNotAllowed, 0, 2)
    );
    world.load(LoadRule {
        market_no_limit: 1,
        cage_bp: 0,
        ..day::rule(day::MAIN, 1)
    });
    assert_eq!(of_type(&mut world, 2, "601000"), Sent(0));
    world.load(LoadRule {
        types_continuous: 1 << 1,
        ..day::rule(day::MAIN, 1)
    });
    assert_eq!(
        of_type(&mut world, 2, "600000"),
        Refused(Code::TypeNotAllowed, 0, 2)
    );
    world.now_ns = day::at(14, 58);
    assert_eq!(
        of_type(&mut world, 4, "600000"),
        Refused(Code::TypeNotAllowed, 0, 4)
    );
    assert_eq!(of_type(&mut world, 1, "600000"), Sent(1));
}

#[test]
fn a_security_still_halted_at_the_close_has_no_after_hours_trading() {
    let mut world = World::new();
    let halted = |state| LoadSecurity {
        state,
        flags: 8,
        close_e5: fen(1_000),
        ..day::security(1, "600000", day::MAIN, fen(1_000))
    };
    let fixed = |world: &mut World| {
        let order = NewOrder {
            order_type: 8,
            ..world.limit('1', "600000", fen(1_000), 100)
        };
        world.send(&order)
    };
    world.load(halted(2));
    assert_eq!(fixed(&mut world), Sent(0));
    world.now_ns = day::at(15, 1);
    assert_eq!(fixed(&mut world), Refused(Code::FixedNotAllowed, 0, 2));
    world.load(halted(1));
    assert_eq!(fixed(&mut world), Sent(1));
}

#[test]
fn a_gateway_takes_orders_when_it_is_open() {
    let set = |world: &mut World, state| {
        world.load(GatewayState {
            gateway: 1,
            state,
            market: 1,
            ..GatewayState::default()
        });
    };
    let mut world = World::new();
    for state in [0, 1, 4, 5] {
        set(&mut world, state);
        let wanted = Refused(Code::GatewayNotReady, 0, i64::from(state));
        assert_eq!(buy(&mut world), wanted);
    }
    // Before the opening the parameter decides: refuse, take or keep.
    set(&mut world, 2);
    for (param, wanted) in [
        (0, Refused(Code::GatewayNotReady, 0, 2)),
        (1, Sent(0)),
        (2, Queued(1)),
    ] {
        world.param(18, param);
        assert_eq!(buy(&mut world), wanted);
    }
    let mut world = early(9, 26);
    set(&mut world, 4);
    assert_eq!(buy(&mut world), Queued(0));
    set(&mut world, 0);
    assert_eq!(buy(&mut world), Refused(Code::GatewayNotReady, 0, 0));
}

#[test]
fn a_pbu_without_a_gateway_carries_nothing() {
    let mut world = World::new();
    world.load(LoadPbu {
        pbu: padded("20001"),
        market: 1,
        pbu_no: 0,
        gateway: 0,
        ..LoadPbu::default()
    });
    assert_eq!(buy(&mut world), plain(Code::GatewayUnknown));
}
