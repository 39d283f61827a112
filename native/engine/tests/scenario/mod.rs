//! One scenario for every code.

mod checks;
mod session;

use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{NewOrder, Report, SetState, Timer};
use panshi_engine::record::load::{LoadAccount, LoadCustomer, LoadSecurity};

use crate::support::{World, YUAN, day, small};

type Outputs = Vec<Output>;

/// A buy of a hundred shares, changed.
fn buy(world: &mut World, change: impl Fn(&mut NewOrder)) -> Outputs {
    let mut order = world.limit('1', "600000", 10 * YUAN, 100);
    change(&mut order);
    world.put(order)
}

/// A buy of a hundred shares of a security.
fn buy_of(world: &mut World, code: &str, price_e5: i64, qty: i64) -> Outputs {
    let order = world.limit('1', code, price_e5, qty);
    world.put(order)
}

/// A sale of the first customer's shares.
fn sell_of(world: &mut World, code: &str, qty: i64) -> Outputs {
    let order = world.limit('2', code, 10 * YUAN, qty);
    world.put(order)
}

/// A buy in a standard day without the rows that fit, or with one changed.
fn buy_without(drop: impl Fn(&Input) -> bool) -> Outputs {
    let rows: Vec<Input> = day::rows().into_iter().filter(|row| !drop(row)).collect();
    buy(&mut World::with(&small(), &rows), |_| {})
}

fn with_customer(world: &mut World, change: impl Fn(&mut LoadCustomer)) {
    let mut row = day::customer(1, 1);
    change(&mut row);
    world.load(row);
}

fn with_account(world: &mut World, change: impl Fn(&mut LoadAccount)) {
    let mut row = day::account(1, 1);
    change(&mut row);
    world.load(row);
}

fn with_security(world: &mut World, change: impl Fn(&mut LoadSecurity)) {
    let mut row = day::security(1, "600000", day::MAIN, 10 * YUAN);
    change(&mut row);
    world.load(row);
}

fn state(world: &mut World, scope: u8, level: u8) -> Outputs {
    let time_ns = world.now_ns;
    world.put(SetState {
        time_ns,
        scope,
        state: level,
        ..SetState::default()
    })
}

/// A limit of block 0 on one metric, then a buy.
fn buy_at_limit(scope: u8, metric: u8, block: i64) -> Outputs {
    let mut world = World::new();
    world.set_limit(scope, metric, 0, i64::MAX, block);
    buy(&mut world, |_| {})
}

fn tiny(change: impl Fn(&mut Capacity)) -> World {
    let mut capacity = small();
    change(&mut capacity);
    World::with(&capacity, &day::rows())
}

/// An order that the exchange has acknowledged.
fn working(world: &mut World) -> NewOrder {
    let order = world.limit('1', "600000", 10 * YUAN, 200);
    world.put(order);
    world.accept(&order);
    order
}

/// A report about a working order, changed.
fn report(kind: u8, change: impl Fn(&mut Report)) -> Outputs {
    let mut world = World::new();
    let order = working(&mut world);
    let mut report = world.report_of(&order, kind);
    report.last_px_e5 = order.price_e5;
    report.last_qty_e3 = 100_000;
    change(&mut report);
    world.put(report)
}

fn cancel(change: impl Fn(&mut World, &NewOrder)) -> Outputs {
    let mut world = World::new();
    let order = working(&mut world);
    change(&mut world, &order);
    let cancel = world.cancel_of(&order);
    world.put(cancel)
}

/// Orders 1 s apart without acknowledgement, then a timer.
fn late(param: u16, value: i64) -> Outputs {
    let mut world = World::new();
    world.param(param, value);
    buy(&mut world, |_| {});
    world.now_ns += 1_000_000_000;
    buy(&mut world, |_| {});
    let time_ns = world.now_ns;
    world.put(Timer { time_ns })
}

/// Outputs in which the code occurs; nothing for a code without a scenario.
pub fn scenario(code: Code) -> Option<Outputs> {
    session::session(code)
        .or_else(|| session::identity(code))
        .or_else(|| session::permission(code))
        .or_else(|| checks::security(code))
        .or_else(|| checks::price(code))
        .or_else(|| checks::quantity(code))
        .or_else(|| checks::front(code))
        .or_else(|| checks::threshold(code))
        .or_else(|| checks::anomaly(code))
}
