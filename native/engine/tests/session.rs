//! Steps 1 to 8: the day, trading states, session, ids, fields, account, branch, terminal, strategy.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod support;

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{ClientState, NewOrder, SetState, Timer};
use panshi_engine::record::load::{LoadAccount, LoadBranch, LoadClient, LoadCustomer, LoadPbu};
use support::Verdict::{self, Refused, Sent};
use support::{World, day, fen, padded, small, verdict};

type Change = fn(&mut NewOrder);

fn sse(world: &mut World) -> NewOrder {
    world.limit('1', "600000", fen(1_000), 100)
}

/// What becomes of a sound Shanghai buy after one change.
fn after(world: &mut World, change: Change) -> Verdict {
    let mut order = sse(world);
    change(&mut order);
    world.send(&order)
}

fn plain(code: Code) -> Verdict {
    Refused(code, 0, 0)
}

#[test]
fn nothing_passes_before_the_day_is_open() {
    let mut world = World::new();
    let mut fresh = World::closed(&support::small(), &day::rows(), world.now_ns);
    let order = sse(&mut world);
    assert_eq!(fresh.send(&order), plain(Code::DayNotOpen));
    assert_eq!(fresh.cancel(&order), plain(Code::DayNotOpen));
}

/// A world with a PBU, a branch and accounts that are not the client's.
fn with_strangers() -> World {
    let mut world = World::new();
    world.load(LoadPbu {
        pbu: padded("20007"),
        market: 1,
        pbu_no: 7,
        gateway: 1,
        ..LoadPbu::default()
    });
    world.load(LoadBranch {
        branch: padded("00002"),
        ..LoadBranch::default()
    });
    world.load(LoadAccount {
        account: padded("A000000004"),
        access: 2,
        ..day::account(1, 1)
    });
    world.load(LoadAccount {
        account: padded("A000000005"),
        ..day::account(1, 9)
    });
    world.load(LoadAccount {
        account: padded("A000000006"),
        pbu: padded("20002"),
        ..day::account(1, 1)
    });
    world
}

#[test]
fn one_wrong_field_gives_its_own_code() {
    let cases: &[(Change, Verdict)] = &[
        (|o| o.client = 9, plain(Code::ClientUnknown)),
        (|o| o.client = 0, plain(Code::ClientUnknown)),
        (|o| o.client = u16::MAX, plain(Code::ClientUnknown)),
        (|o| o.market = 2, plain(Code::MarketMismatch)),
        (|o| o.cl_ord_id = *b"AA0000000 ", plain(Code::ClOrdIdForm)),
        (|o| o.cl_ord_id = *b"AA-0000001", plain(Code::ClOrdIdForm)),
        (|o| o.cl_ord_id = *b"BB00000001", plain(Code::ClOrdIdPrefix)),
        (|o| o.pbu = padded("29999"), plain(Code::PbuUnknown)),
        (|o| o.pbu = padded("20007"), plain(Code::PbuNotOfClient)),
        (
            |o| o.biz = 100_011,
            Refused(Code::BusinessUnsupported, 0, 100_011),
        ),
        (|o| o.side = b'3', plain(Code::FieldInvalid)),
        (|o| o.time_in_force = b'3', plain(Code::FieldInvalid)),
        (|o| o.stop_px_e5 = 1, plain(Code::FieldInvalid)),
        (|o| o.credit_tag = *b"ZZ", plain(Code::FieldInvalid)),
        (
            |o| o.account = padded("A999999999"),
            plain(Code::AccountUnknown),
        ),
        (
            |o| o.account = padded("A000000004"),
            plain(Code::AccountNotOfClient),
        ),
        (
            |o| o.account = padded("A000000005"),
            plain(Code::CustomerUnknown),
        ),
        (
            |o| o.account = padded("A000000006"),
            plain(Code::AccountNotOfPbu),
        ),
        (|o| o.branch_id = padded(""), plain(Code::BranchUnknown)),
        (
            |o| o.branch_id = padded("00002"),
            plain(Code::BranchUnknown),
        ),
        (
            |o| o.branch_id = padded("0001"),
            plain(Code::BranchNotOfAccount),
        ),
    ];
    let mut world = with_strangers();
    for (number, (change, wanted)) in cases.iter().enumerate() {
        assert_eq!(after(&mut world, *change), *wanted, "case {number}");
    }
    assert_eq!(after(&mut world, |_| {}), Sent(0));
}

#[test]
fn shenzhen_has_fields_of_its_own() {
    let cases: &[(Change, Verdict)] = &[
        (|o| o.biz = 11, Refused(Code::BusinessUnsupported, 0, 11)),
        (|o| o.cash_margin = b' ', plain(Code::FieldInvalid)),
        (|o| o.biz = 370, plain(Code::FieldInvalid)),
        (
            |o| o.owner_type = 103,
            Refused(Code::OwnerTypeWrong, 1, 103),
        ),
    ];
    let mut world = World::new();
    for (number, (change, wanted)) in cases.iter().enumerate() {
        let mut order = world.szse_limit('1', "000001", fen(1_000), 100);
        change(&mut order);
        assert_eq!(world.send(&order), *wanted, "case {number}");
    }
    // Shanghai has no owner type to compare.
    assert_eq!(after(&mut world, |o| o.owner_type = 103), Sent(0));
}

#[test]
fn an_id_is_taken_once_per_pbu_and_only_by_what_passed() {
    let mut world = World::new();
    let mut order = sse(&mut world);
    order.price_e5 = fen(2_000);
    assert!(matches!(
        world.send(&order),
        Refused(Code::PriceAboveLimit, ..)
    ));
    order.price_e5 = fen(1_000);
    assert_eq!(world.send(&order), Sent(0));
    assert_eq!(world.send(&order), plain(Code::ClOrdIdDuplicate));
    order.pbu = padded("20002");
    assert_eq!(world.send(&order), Sent(1));
    // A cancel shares the space of the orders.
    let mut cancel = world.cancel_of(&order);
    cancel.cl_ord_id = order.cl_ord_id;
    assert_eq!(verdict(&world.put(cancel)), plain(Code::ClOrdIdDuplicate));
}

#[test]
fn a_client_that_is_gone_is_refused_until_it_comes_back() {
    let mut world = World::new();
    for (online, wanted) in [(0, plain(Code::ClientOffline)), (1, Sent(0))] {
        world.load(ClientState {
            client: 1,
            online,
            ..ClientState::default()
        });
        assert_eq!(after(&mut world, |_| {}), wanted);
    }
}

#[test]
fn terminal_information_comes_from_the_order_else_from_the_session() {
    let mut world = World::new();
    world.load(LoadClient {
        terminal_required: 1,
        terminal_len: 4,
        ..day::client(1, 1, "AA")
    });
    let cases: &[(Change, Verdict)] = &[
        (|_| {}, plain(Code::TerminalMissing)),
        (
            |o| o.user_info = padded("0000"),
            plain(Code::TerminalMissing),
        ),
        (
            |o| o.user_info = padded("0003"),
            Refused(Code::TerminalUnknown, 0, 3),
        ),
        (
            |o| o.user_info = padded("0002"),
            Refused(Code::TerminalInvalid, 0, 2),
        ),
        (|o| o.user_info = padded("0001"), Sent(0)),
    ];
    for (number, (change, wanted)) in cases.iter().enumerate() {
        assert_eq!(after(&mut world, *change), *wanted, "case {number}");
    }
    world.load(LoadClient {
        terminal_required: 1,
        terminal: 1,
        terminal_len: 4,
        ..day::client(1, 1, "AA")
    });
    assert_eq!(after(&mut world, |_| {}), Sent(1));
    assert_eq!(
        after(&mut world, |o| o.user_info = padded("0002")),
        Refused(Code::TerminalInvalid, 0, 2)
    );
}

#[test]
fn a_sent_order_says_its_terminal_its_strategy_and_whether_a_program_made_it() {
    let mut world = World::opened(&small(), &day::rows(), day::at(9, 26));
    world.load(LoadClient {
        terminal: 1,
        terminal_required: 1,
        strategy: 9,
        program: 1,
        ..day::client(1, 1, "AA")
    });
    let order = world.limit('1', "600000", fen(1_000), 100);
    assert!(matches!(world.send(&order), Verdict::Queued(0)));
    // What held when the order came is what counts, whatever is loaded while it waits.
    world.load(day::client(1, 1, "AA"));
    world.go(9, 30);
    let time_ns = world.now_ns;
    let out = world.put(Timer { time_ns });
    let Output::Forward(forward) = out[0] else {
        panic!("{out:?}")
    };
    assert_eq!(
        (forward.terminal, forward.strategy, forward.program),
        (1, 9, 1)
    );
    let plain = world.limit('1', "600000", fen(1_000), 100);
    let out = world.put(plain);
    assert!(matches!(out[0], Output::Forward(row)
        if (row.terminal, row.strategy, row.program) == (0, 0, 0)));
}

#[test]
fn every_scope_has_a_trading_state_in_three_degrees() {
    let key = |text: &str| padded::<16>(text);
    let scopes = [
        (1, 0, key("")),
        (2, 1, key("")),
        (3, 0, key("")),
        (4, 1, key("")),
        (5, 0, key("A000000001")),
        (7, 1, key("")),
        (9, 6, key("")),
        (10, 0, key("600000")),
    ];
    for (scope, id, key) in scopes {
        let mut world = World::new();
        world.load(LoadAccount {
            strategy: 6,
            ..day::account(1, 1)
        });
        let mut sent = 0;
        for (state, code) in [
            (1, Code::StateSellOnly),
            (2, Code::StateCancelOnly),
            (3, Code::StateHalted),
        ] {
            let change = SetState {
                scope,
                state,
                market: 1,
                id,
                key,
                ..SetState::default()
            };
            assert_eq!(world.put(change).len(), 1);
            let refused = Refused(code, i64::from(scope), i64::from(state));
            assert_eq!(after(&mut world, |_| {}), refused, "scope {scope}");
            let sale = world.trade('2', "600000", fen(1_001), 100);
            if state == 1 {
                assert_eq!(sale, Sent(sent), "scope {scope}");
                sent += 1;
            } else {
                assert_eq!(sale, refused, "scope {scope}");
            }
        }
    }
}

#[test]
fn a_state_does_not_reach_another_number_of_its_scope() {
    let mut world = World::new();
    for (scope, id, key) in [
        (2, 2, ""),
        (3, 1, ""),
        (4, 2, ""),
        (5, 0, "A000000002"),
        (7, 2, ""),
        (9, 7, ""),
        (10, 0, "600002"),
    ] {
        world.put(SetState {
            scope,
            state: 3,
            market: 1,
            id,
            key: padded(key),
            ..SetState::default()
        });
    }
    assert_eq!(after(&mut world, |_| {}), Sent(0));
}

#[test]
fn customers_and_accounts_have_five_states() {
    let codes = [
        (2, Sent(0), Code::CustomerBuyOnly, Code::AccountBuyOnly),
        (
            4,
            plain(Code::CustomerFrozen),
            Code::CustomerFrozen,
            Code::AccountFrozen,
        ),
        (
            5,
            plain(Code::CustomerClosed),
            Code::CustomerClosed,
            Code::AccountClosed,
        ),
        (
            9,
            plain(Code::CustomerFrozen),
            Code::CustomerFrozen,
            Code::AccountFrozen,
        ),
    ];
    for (state, buy, of_customer, of_account) in codes {
        let mut world = World::new();
        world.load(LoadCustomer {
            state,
            ..day::customer(1, 1)
        });
        assert_eq!(after(&mut world, |_| {}), buy);
        assert_eq!(after(&mut world, |o| o.side = b'2'), plain(of_customer));
        let mut world = World::new();
        world.load(LoadAccount {
            state,
            ..day::account(1, 1)
        });
        assert_eq!(after(&mut world, |o| o.side = b'2'), plain(of_account));
    }
    let mut world = World::new();
    let row = day::customer(1, 1);
    world.load(LoadCustomer { state: 3, ..row });
    assert_eq!(after(&mut world, |_| {}), plain(Code::CustomerSellOnly));
    assert_eq!(after(&mut world, |o| o.side = b'2'), Sent(0));
    world.load(row);
    world.load(LoadAccount {
        state: 3,
        ..day::account(1, 1)
    });
    assert_eq!(after(&mut world, |_| {}), plain(Code::AccountSellOnly));
}

#[test]
fn a_structural_check_cannot_be_switched_off() {
    let mut world = World::new();
    for code in Code::ALL {
        world.switch(*code, 0);
    }
    assert_eq!(
        after(&mut world, |o| o.client = 9),
        plain(Code::ClientUnknown)
    );
    assert_eq!(
        after(&mut world, |o| o.branch_id = padded("")),
        Sent(0),
        "a check that may be off is off"
    );
}

#[test]
fn the_more_exact_switch_wins() {
    let mut world = World::new();
    world.switch(Code::BranchUnknown, 0);
    world.switch(Code::BranchNotOfAccount, 0);
    let blank: Change = |o| o.branch_id = padded("");
    assert_eq!(after(&mut world, blank), Sent(0));
    let mut row = panshi_engine::record::load::LoadSwitch {
        code: Code::BranchUnknown.number(),
        group: 1,
        mode: 1,
        ..Default::default()
    };
    world.load(row);
    assert_eq!(after(&mut world, blank), plain(Code::BranchUnknown));
    (row.market, row.mode) = (1, 0);
    let input: Input = row.into();
    world.load(input);
    assert_eq!(after(&mut world, blank), Sent(1));
}
