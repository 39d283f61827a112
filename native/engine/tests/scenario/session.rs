//! Codes of the session, the parties and what they may do.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::record::flow::GatewayState;
use panshi_engine::record::load::LoadSchedule;

use super::{Outputs, buy, buy_of, buy_without, sell_of, state, tiny, with_account, with_customer};
use crate::support::{World, YUAN, day, padded, small};

pub fn session(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    Some(match code {
        Code::DayNotOpen => {
            let mut world = World::closed(&small(), &day::rows(), day::at(10, 0));
            buy(&mut world, |_| {})
        }
        Code::StateHalted | Code::StateCancelOnly | Code::StateSellOnly => {
            let level = match code {
                Code::StateSellOnly => 1,
                Code::StateCancelOnly => 2,
                _ => 3,
            };
            state(world, 1, level);
            buy(world, |_| {})
        }
        Code::GatewayUnknown => buy(&mut World::with(&small(), &gatewayless()), |_| {}),
        Code::GatewayNotReady => {
            let time_ns = world.now_ns;
            world.load(GatewayState {
                time_ns,
                gateway: 1,
                state: 0,
                market: 1,
                ..GatewayState::default()
            });
            buy(world, |_| {})
        }
        Code::OrdersFull => buy(&mut tiny(|c| c.orders = 0), |_| {}),
        Code::EventsFull => buy(&mut tiny(|c| c.events = 0), |_| {}),
        Code::HoldingsFull => buy_of(&mut tiny(|c| c.holdings = 3), "600002", 2 * YUAN, 100),
        Code::FillsFull => buy(&mut tiny(|c| c.fills = 0), |_| {}),
        Code::StateScheduled => world.put(LoadSchedule {
            scope: 1,
            state: 3,
            to_ns: 86_400_000_000_000,
            ..LoadSchedule::default()
        }),
        Code::ClientUnknown => buy(world, |o| o.client = 9),
        Code::ClientOffline => {
            let mut world = World::closed(&small(), &day::rows(), day::at(10, 0));
            world.load(day::opening(world.now_ns)[0]);
            buy(&mut world, |_| {})
        }
        Code::MarketMismatch => buy(world, |o| o.client = 3),
        Code::ClOrdIdForm => buy(world, |o| o.cl_ord_id = *b"AA-0000001"),
        Code::ClOrdIdPrefix => buy(world, |o| o.cl_ord_id = *b"BB00000001"),
        Code::ClOrdIdDuplicate => {
            buy(world, |o| o.cl_ord_id = *b"AA00000077");
            buy(world, |o| o.cl_ord_id = *b"AA00000077")
        }
        Code::PbuUnknown => buy(world, |o| o.pbu = padded("29999")),
        Code::PbuNotOfClient => {
            let mut row = day::client(1, 1, "AA");
            row.pbu_mask = 2;
            world.load(row);
            buy(world, |_| {})
        }
        _ => return None,
    })
}

fn gatewayless() -> Vec<Input> {
    day::rows()
        .into_iter()
        .map(|row| match row {
            Input::LoadPbu(mut pbu) => {
                pbu.gateway = 0;
                pbu.into()
            }
            other => other,
        })
        .collect()
}

pub fn identity(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    Some(match code {
        Code::AccountUnknown => buy(world, |o| o.account = padded("A999999999")),
        Code::AccountNotOfClient => {
            with_account(world, |row| row.access = 5);
            buy(world, |_| {})
        }
        Code::AccountNotOfPbu => {
            with_account(world, |row| row.pbu = padded("20002"));
            buy(world, |_| {})
        }
        Code::CustomerUnknown => {
            buy_without(|row| matches!(row, Input::LoadCustomer(row) if row.customer == 1))
        }
        Code::BranchUnknown => buy(world, |o| o.branch_id = padded("09999")),
        Code::BranchNotOfAccount => buy(world, |o| o.branch_id = padded("0001")),
        Code::OwnerTypeWrong => {
            let mut order = world.szse_limit('1', "000001", 10 * YUAN, 100);
            order.owner_type = 103;
            world.put(order)
        }
        Code::TerminalMissing | Code::TerminalUnknown | Code::TerminalInvalid => {
            let mut row = day::client(1, 1, "AA");
            row.terminal_required = 1;
            row.terminal = match code {
                Code::TerminalMissing => 0,
                Code::TerminalUnknown => 9,
                _ => 2,
            };
            world.load(row);
            buy(world, |_| {})
        }
        Code::BusinessUnsupported => buy(world, |o| o.biz = 300_010),
        Code::FieldInvalid => buy(world, |o| o.side = b'G'),
        _ => return None,
    })
}

pub fn permission(code: Code) -> Option<Outputs> {
    let world = &mut World::new();
    let customer = |state: u8| {
        let mut world = World::new();
        with_customer(&mut world, |row| row.state = state);
        let mut out = buy(&mut world, |_| {});
        out.extend(sell_of(&mut world, "600000", 100));
        out
    };
    let account = |state: u8| {
        let mut world = World::new();
        with_account(&mut world, |row| row.state = state);
        let mut out = buy(&mut world, |_| {});
        out.extend(sell_of(&mut world, "600000", 100));
        out
    };
    Some(match code {
        Code::CustomerFrozen => customer(4),
        Code::CustomerClosed => customer(5),
        Code::CustomerBuyOnly => customer(2),
        Code::CustomerSellOnly => customer(3),
        Code::AccountFrozen => account(4),
        Code::AccountClosed => account(5),
        Code::AccountBuyOnly => account(2),
        Code::AccountSellOnly => account(3),
        Code::PermissionMissing => {
            with_customer(world, |row| row.permissions = 0);
            buy_of(world, "688001", 50 * YUAN, 200)
        }
        Code::DisclosureMissing => {
            with_customer(world, |row| row.disclosures = 0);
            buy_of(world, "688001", 50 * YUAN, 200)
        }
        Code::RiskGradeLow => {
            with_customer(world, |row| row.risk_grade = 1);
            buy_of(world, "688001", 50 * YUAN, 200)
        }
        Code::ProgramNotReported | Code::ProgramRate | Code::ProgramDay => {
            with_account(world, |row| row.program = 1);
            with_customer(world, |row| {
                row.program_state = if code == Code::ProgramNotReported {
                    0
                } else {
                    5
                };
                row.program_rate = u32::from(code != Code::ProgramRate);
                row.program_day = 0;
            });
            buy(world, |_| {})
        }
        Code::HighFrequency | Code::HighFrequencyNotReported => {
            world.param(5, 1);
            let mut out = buy(world, |_| {});
            out.extend(buy(world, |_| {}));
            out
        }
        Code::MarginNotAllowed => {
            with_customer(world, |row| row.margin = 0);
            buy(world, |o| o.credit_tag = *b"RZ")
        }
        Code::CreditTagWrong => buy(world, |o| o.credit_tag = *b"RZ"),
        _ => return None,
    })
}
