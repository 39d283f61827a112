//! A seeded flow of sound and unsound inputs, for what must hold after any of them.

use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::flow::{
    CancelAll, CancelOrder, GatewayState, NewOrder, Quote, Report, SetState, Timer,
};
use panshi_engine::record::load::{LoadHolding, LoadLimit, LoadParam, LoadSwitch};

use super::{World, YUAN, day, fen, padded, small};

/// Numbers by chance, the same for the same seed.
#[derive(Clone, Copy, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Start from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1))
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// One of the values.
    pub fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }
}

/// Makes inputs for a world and learns what was sent.
#[derive(Debug)]
pub struct Chaos {
    pub chance: Chance,
    pub sent: Vec<NewOrder>,
    pub cancels: Vec<CancelOrder>,
    /// Scopes that are not in their normal state.
    suspended: Vec<(u8, u32)>,
    index: u64,
}

impl Chaos {
    /// Start from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            sent: Vec::new(),
            cancels: Vec::new(),
            suspended: Vec::new(),
            index: 0,
        }
    }

    /// The next input.
    pub fn next(&mut self, world: &mut World) -> Input {
        world.now_ns += self
            .chance
            .of(&[0, 1, 1_000_000, 300_000_000, 2_000_000_000]);
        // Someone looks after what was suspended, sooner or later.
        if self.chance.below(10) == 0
            && let Some((scope, id)) = self.suspended.pop()
        {
            return SetState {
                time_ns: world.now_ns,
                scope,
                id,
                ..SetState::default()
            }
            .into();
        }
        match self.chance.below(100) {
            0..45 => self.order(world).into(),
            45..58 => self.cancel(world).into(),
            58..90 => self.report(world).into(),
            90..93 => Timer {
                time_ns: world.now_ns,
            }
            .into(),
            _ => self.rare(world),
        }
    }

    /// Learn from the outputs of an input.
    pub fn learn(&mut self, input: &Input, out: &[Output]) {
        let passed = out.iter().any(|o| {
            matches!(
                o,
                Output::Forward(_) | Output::Queued(_) | Output::ForwardCancel(_)
            )
        });
        for output in out {
            if let Output::StateChanged(row) = output
                && row.to != 0
            {
                self.suspended.push((row.scope, row.id));
            }
        }
        match input {
            Input::NewOrder(order) if passed => self.sent.push(*order),
            Input::CancelOrder(cancel) if passed => self.cancels.push(*cancel),
            _ => {}
        }
    }

    fn order(&mut self, world: &mut World) -> NewOrder {
        let side = self.chance.of(&['1', '1', '2']);
        let bought = [
            ("600000", 1_000),
            ("600002", 200),
            ("601000", 1_000),
            ("600001", 200),
        ];
        let held = [("600000", 1_000), ("600000", 1_000), ("688001", 5_000)];
        let (code, base) = if side == '1' {
            self.chance.of(&bought)
        } else {
            self.chance.of(&held)
        };
        let step = i64::try_from(self.chance.below(24)).unwrap() - 12;
        let qty = self
            .chance
            .of(&[100, 200, 50, 300, 1_000, 1_250, 350, 7, 1_000_000]);
        let mut order = world.limit(side, code, fen(base + step), qty);
        if self.chance.below(6) == 0 {
            let price = fen(990 + step);
            order = world.szse_limit(side, "000001", price, qty);
            order.order_type = self.chance.of(&[1, 1, 6, 4]);
        } else {
            let customer = self.chance.of(&[1, 2, 3]);
            order.account = day::account(1, customer).account;
            order.order_type = self.chance.of(&[1, 1, 1, 1, 1, 1, 2, 3, 8, 0]);
        }
        if self.chance.below(20) == 0
            && let Some(used) = self.sent.last()
        {
            order.cl_ord_id = used.cl_ord_id;
        }
        order
    }

    fn cancel(&mut self, world: &mut World) -> CancelOrder {
        let order = self.any_order(world);
        let mut cancel = world.cancel_of(&order);
        if self.chance.below(10) == 0 {
            cancel.security_id = padded("600002");
        }
        cancel
    }

    fn any_order(&mut self, world: &mut World) -> NewOrder {
        // Mostly one of the latest, which is more likely to be open.
        let last = self.sent.len();
        if last == 0 || self.chance.below(20) == 0 {
            return world.limit('1', "600000", fen(1_000), 100);
        }
        let back = usize::try_from(self.chance.below(12))
            .unwrap()
            .min(last - 1);
        self.sent[last - 1 - back]
    }

    fn report(&mut self, world: &mut World) -> Report {
        let order = self.any_order(world);
        let usual = [1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4, 5, 6, 0];
        let kind = if self.chance.below(300) == 0 {
            7
        } else {
            self.chance.of(&usual)
        };
        let mut report = world.report_of(&order, kind);
        self.index += self.chance.of(&[1, 1, 1, 1, 1, 0, 3]);
        report.report_index = self.chance.of(&[self.index, self.index, 0]);
        report.last_qty_e3 =
            self.chance
                .of(&[100_000, 100_000, 200_000, order.qty_e3, 0, -1_000, i64::MAX]);
        report.last_px_e5 = self.chance.of(&[order.price_e5; 8])
            + self
                .chance
                .of(&[0, 0, 0, 0, 0, -fen(1), fen(1), -order.price_e5]);
        report.cancelled_e3 = match kind {
            1 => self.chance.of(&[0, 0, 0, 100_000]),
            _ => self
                .chance
                .of(&[order.qty_e3, order.qty_e3, 100_000, 0, -1_000, i64::MAX]),
        };
        if kind == 3
            && let Some(cancel) = self.cancels.last()
        {
            report.orig_cl_ord_id = order.cl_ord_id;
            report.cl_ord_id = cancel.cl_ord_id;
        }
        if kind >= 5
            && self.chance.below(2) == 0
            && let Some(cancel) = self.cancels.last()
        {
            (report.cl_ord_id, report.pbu) = (cancel.cl_ord_id, cancel.pbu);
        }
        report
    }

    fn rare(&mut self, world: &mut World) -> Input {
        let time_ns = world.now_ns;
        match self.chance.below(9) {
            0 => {
                world.now_ns += self.chance.of(&[1_000_000_000, 60_000_000_000]);
                Timer { time_ns }.into()
            }
            1 => Quote {
                time_ns,
                bid_e5: fen(995),
                ask_e5: self.chance.of(&[fen(1_000), fen(1_005), 0]),
                last_e5: fen(1_000),
                code: padded(self.chance.of(&["600000", "601000"])),
                market: 1,
                ..Quote::default()
            }
            .into(),
            2 => GatewayState {
                time_ns,
                gateway: 1,
                state: self.chance.of(&[3, 3, 3, 3, 3, 2, 4, 0]),
                market: 1,
                ..GatewayState::default()
            }
            .into(),
            3 => SetState {
                time_ns,
                scope: self.chance.of(&[1, 2, 3, 3, 3, 4, 7]),
                state: self.chance.of(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]),
                id: self.chance.of(&[0, 1]),
                ..SetState::default()
            }
            .into(),
            4 => CancelAll {
                time_ns,
                scope: self.chance.of(&[1, 4, 6, 7, 8]),
                id: 1,
                first_id: world.seq,
                prefix: *b"PG",
                ..CancelAll::default()
            }
            .into(),
            5 => LoadHolding {
                total_qty: self.chance.of(&[0, 1_250, 5_000]),
                sellable_qty: 0,
                ..day::holding(1, "600000", 0)
            }
            .into(),
            6 => LoadParam {
                param: self.chance.of(&[11, 12, 13, 14, 15, 16]),
                value: self.chance.of(&[0, 0, 0, 1]),
                ..LoadParam::default()
            }
            .into(),
            7 => LoadSwitch {
                code: self.chance.of(&[30_701, 30_407, 30_310, 30_706, 30_707]),
                mode: self.chance.of(&[0, 1, 1, 2]),
                ..LoadSwitch::default()
            }
            .into(),
            _ => day::customer(1, 1).into(),
        }
    }
}

pub const FIRM_OPEN: i64 = 100_000 * YUAN;
pub const OPEN_ORDERS: i64 = 9;
pub const IN_A_SECOND: i64 = 6;

/// A world that opens in the auction, with limits that the flow reaches.
#[must_use]
pub fn chaotic() -> World {
    let mut world = World::opened(&small(), &day::rows(), day::at(9, 28));
    world.set_limit(1, 9, 0, FIRM_OPEN / 2, FIRM_OPEN);
    world.set_limit(5, 14, 0, 5, OPEN_ORDERS);
    world.set_limit(4, 1, 0, 3, IN_A_SECOND);
    world.param(10, 3);
    world.param(8, 20);
    world.param(9, 60_000_000_000);
    world.param(18, 2);
    // Group 1 is everybody's: less at once in Shenzhen, and identical orders are few and far between.
    world.load(LoadLimit {
        market: 2,
        ..day::limit(5, 14, 1, 2, OPEN_ORDERS - 2)
    });
    world.set_limit(5, 12, 0, 2, 3);
    world.load(LoadParam {
        param: 2,
        group: 1,
        value: 20_000_000_000,
        ..LoadParam::default()
    });
    world
}
