//! A seeded synthetic day: reference rows, then orders, reports, fills and cancels that fit together.
//!
//! For measurements and tests. It learns from the engine's outputs which orders were sent, so that its reports and
//! cancels are about living orders.

mod rows;

use crate::capacity::Capacity;
use crate::input::Input;
use crate::kind::{OrderType, ReportKind};
use crate::output::Output;
use crate::record::flow::{CancelOrder, ClientState, GatewayState, NewOrder, Report, Timer};
use crate::record::load::DayOpen;
use rows::{
    account, account_code, client_of, code, customer, held, holding, limit_rows, market_of,
    market_rows, order_id, pbu, security, wide,
};

/// 2026-07-20 00:00 Asia/Shanghai.
const DAY_START_NS: u64 = 1_784_476_800_000_000_000;
const HOUR_NS: u64 = 3_600_000_000_000;
/// Previous close of every security.
pub(crate) const PRICE_E5: i64 = 1_000_000;
/// Price step of every security.
pub(crate) const TICK_E5: i64 = 1_000;
const CLIENTS: u16 = 8;
/// Holdings of each account at the open.
pub const HELD: u32 = 6;

/// How large the day is and how it flows.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Customers with one account each, markets in turn.
    pub accounts: u32,
    /// Securities, markets in turn.
    pub securities: u32,
    /// Open orders that the flow keeps once it has reached them.
    pub open_orders: u32,
    /// Orders and cancels of the day at most.
    pub orders: u32,
    /// Market time between two inputs.
    pub step_ns: u64,
}

/// A small seeded generator (xorshift with a multiply).
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// A generator that gives the same numbers for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            state: seed ^ 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// A number below `limit` (0 for no limit at all).
    pub fn below(&mut self, limit: u32) -> u32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let word = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        let part = word.wrapping_mul(u64::from(limit)) >> 32;
        u32::try_from(part).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// An order that the exchange has.
#[derive(Clone, Copy, Debug)]
struct Live {
    order: NewOrder,
    left_e3: i64,
}

/// The flow of one day.
#[derive(Debug)]
pub struct Synthetic {
    size: Size,
    chance: Chance,
    now_ns: u64,
    /// Ids used by each client.
    ids: [u64; 16],
    /// Orders made and not yet answered by the engine, by input sequence.
    made: Vec<(u64, NewOrder)>,
    unacked: Vec<Live>,
    live: Vec<Live>,
    cancelling: Vec<(Live, [u8; 10])>,
    indices: Vec<u64>,
}

impl Size {
    /// Tables that hold this day.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        Capacity {
            customers: self.accounts,
            owner_groups: self.accounts,
            accounts: self.accounts,
            securities: self.securities,
            holdings: self.accounts * (HELD + 4),
            orders: self.orders,
            cancels: self.orders,
            fills: self.orders.saturating_mul(2),
            events: self.orders,
            ..Capacity::default()
        }
    }
}

impl Synthetic {
    /// A day that gives the same inputs for the same seed and the same outputs observed.
    #[must_use]
    pub fn new(size: Size, seed: u64) -> Self {
        Self {
            size,
            chance: Chance::new(seed),
            now_ns: DAY_START_NS + 10 * HOUR_NS,
            ids: [0; 16],
            made: Vec::new(),
            unacked: Vec::new(),
            live: Vec::new(),
            cancelling: Vec::new(),
            indices: vec![0; 64],
        }
    }

    /// Market time of the next input.
    #[must_use]
    pub const fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// The reference rows, the opening of the day, every session logged in and every gateway open.
    #[must_use]
    pub fn opening(&mut self) -> Vec<Input> {
        let mut rows = market_rows();
        for number in 0..self.size.securities {
            rows.push(security(number).into());
        }
        for number in 0..self.size.accounts {
            rows.push(customer(number).into());
            rows.push(account(number).into());
            for place in 0..HELD {
                rows.push(holding(&self.size, number, place).into());
            }
        }
        rows.extend(limit_rows());
        rows.push(
            DayOpen {
                time_ns: self.now_ns,
                day_start_ns: DAY_START_NS,
                trade_date: 20_260_720,
                epoch: 1,
            }
            .into(),
        );
        for client in 1..=CLIENTS {
            rows.push(
                ClientState {
                    time_ns: self.now_ns,
                    client,
                    online: 1,
                    spare: [0; 5],
                }
                .into(),
            );
        }
        for gateway in [1, 2] {
            rows.push(
                GatewayState {
                    time_ns: self.now_ns,
                    gateway,
                    state: 3,
                    market: u8::try_from(gateway).unwrap_or(1),
                    ..GatewayState::default()
                }
                .into(),
            );
        }
        rows
    }

    /// The next input; `seq` is the sequence it will be applied with.
    pub fn next(&mut self, seq: u64) -> Input {
        self.now_ns += self.size.step_ns;
        if !self.unacked.is_empty() && self.chance.percent(45) {
            return self.acknowledge();
        }
        if !self.cancelling.is_empty() && self.chance.percent(20) {
            return self.cancelled();
        }
        let full = self.live.len() + self.unacked.len() >= self.size.open_orders as usize;
        let (cancels, fills) = if full { (25, 35) } else { (8, 8) };
        let dice = self.chance.below(100);
        if dice < cancels && !self.live.is_empty() {
            return self.cancel();
        }
        if dice < cancels + fills && !self.live.is_empty() {
            return self.fill();
        }
        let order = self.order();
        self.made.push((seq, order));
        order.into()
    }

    /// So many new orders and nothing else.
    pub fn orders(&mut self, count: u32) -> Vec<NewOrder> {
        (0..count)
            .map(|_| {
                self.now_ns += self.size.step_ns;
                self.order()
            })
            .collect()
    }

    /// An order that is refused at the session: its client is not known.
    pub fn refused_early(&mut self) -> NewOrder {
        NewOrder {
            client: CLIENTS + 1,
            ..self.order()
        }
    }

    /// Time passes.
    #[must_use]
    pub const fn timer(&self) -> Timer {
        Timer {
            time_ns: self.now_ns,
        }
    }

    /// Learn what the engine made of the inputs.
    pub fn observe(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Forward(row) => {
                    let place = self.made.iter().position(|made| made.0 == row.input_seq);
                    if let Some(place) = place {
                        let (_, order) = self.made.swap_remove(place);
                        let left_e3 = order.qty_e3;
                        self.unacked.push(Live { order, left_e3 });
                    }
                }
                Output::Refuse(row) if row.cancel == 1 => {
                    self.cancelling.retain(|entry| entry.1 != row.cl_ord_id);
                }
                Output::Refuse(row) => self.made.retain(|made| made.0 != row.input_seq),
                _ => {}
            }
        }
    }

    /// Orders that the exchange has.
    #[must_use]
    pub fn open_orders(&self) -> usize {
        self.live.len() + self.unacked.len() + self.cancelling.len()
    }

    fn order(&mut self) -> NewOrder {
        let number = self.chance.below(self.size.accounts);
        let buy = self.chance.percent(55);
        self.order_of(number, buy)
    }

    /// An order of one of a market's accounts.
    pub(crate) fn order_on(&mut self, market: u8, buy: bool) -> NewOrder {
        let pairs = self.size.accounts / 2;
        let number = self.chance.below(pairs) * 2 + u32::from(market == 2);
        self.order_of(number, buy)
    }

    fn order_of(&mut self, number: u32, buy: bool) -> NewOrder {
        let market = market_of(number);
        let place = self.chance.below(if buy { HELD + 2 } else { HELD });
        let security = held(&self.size, number, place);
        let lots = i64::from(self.chance.below(9)) + 1;
        let ticks = i64::from(self.chance.below(8)) + 1;
        let client = client_of(number);
        let cl_ord_id = self.next_id(client);
        let sse = market == 1;
        NewOrder {
            time_ns: self.now_ns,
            price_e5: PRICE_E5 + if buy { -ticks } else { ticks } * TICK_E5,
            qty_e3: lots * 100_000,
            biz: if sse { 100_010 } else { 10 },
            owner_type: 1,
            client,
            market,
            order_type: OrderType::Limit.number(),
            side: if buy { b'1' } else { b'2' },
            ord_type: b'2',
            time_in_force: b'0',
            cash_margin: if sse { b' ' } else { b'1' },
            pbu: pbu(market),
            cl_ord_id,
            security_id: wide(code(security)),
            account: account_code(number),
            credit_tag: *b"  ",
            clearing_firm: [b' '; 8],
            branch_id: *b"00001   ",
            restrictions: [b' '; 4],
            user_info: [b' '; 32],
            ..NewOrder::default()
        }
    }

    /// One of a market's securities.
    pub(crate) fn security_on(&mut self, market: u8) -> [u8; 8] {
        let pairs = self.size.securities / 2;
        code(self.chance.below(pairs) * 2 + u32::from(market == 2))
    }

    /// Let market time pass.
    pub(crate) const fn advance(&mut self, step_ns: u64) {
        self.now_ns += step_ns;
    }

    /// The next index of a market's report stream.
    pub(crate) fn next_index(&mut self, market: u8) -> u64 {
        self.indices
            .get_mut(usize::from(market))
            .map_or(0, |index| {
                *index += 1;
                *index
            })
    }

    pub(crate) fn next_id(&mut self, client: u16) -> [u8; 10] {
        let number = self.ids.get_mut(usize::from(client)).map_or(0, |number| {
            *number += 1;
            *number
        });
        order_id(client, number)
    }

    fn report(&mut self, live: &Live, kind: ReportKind) -> Report {
        let order = &live.order;
        let set = 1;
        let report_index = self.next_index(order.market);
        Report {
            time_ns: self.now_ns,
            report_index,
            set_id: set,
            price_e5: order.price_e5,
            qty_e3: order.qty_e3,
            biz: order.biz,
            gateway: u16::from(order.market),
            market: order.market,
            kind: kind.number(),
            side: order.side,
            stream_pbu: order.pbu,
            pbu: order.pbu,
            cl_ord_id: order.cl_ord_id,
            orig_cl_ord_id: [b' '; 10],
            security_id: order.security_id,
            account: order.account,
            ..Report::default()
        }
    }

    fn acknowledge(&mut self) -> Input {
        let live = self.unacked.swap_remove(0);
        let report = self.report(&live, ReportKind::Accepted);
        self.live.push(live);
        report.into()
    }

    fn take_live(&mut self) -> Option<Live> {
        let many = u32::try_from(self.live.len()).unwrap_or(u32::MAX);
        let place = self.chance.below(many) as usize;
        (place < self.live.len()).then(|| self.live.swap_remove(place))
    }

    fn cancel(&mut self) -> Input {
        let Some(live) = self.take_live() else {
            return self.timer().into();
        };
        let order = live.order;
        let cl_ord_id = self.next_id(order.client);
        self.cancelling.push((live, cl_ord_id));
        CancelOrder {
            time_ns: self.now_ns,
            biz: order.biz,
            client: order.client,
            market: order.market,
            side: order.side,
            pbu: order.pbu,
            cl_ord_id,
            orig_cl_ord_id: order.cl_ord_id,
            security_id: order.security_id,
            account: order.account,
            ..CancelOrder::default()
        }
        .into()
    }

    fn cancelled(&mut self) -> Input {
        let (live, cl_ord_id) = self.cancelling.swap_remove(0);
        let report = self.report(&live, ReportKind::Cancelled);
        Report {
            cl_ord_id,
            orig_cl_ord_id: live.order.cl_ord_id,
            cancelled_e3: live.left_e3,
            ..report
        }
        .into()
    }

    fn fill(&mut self) -> Input {
        let Some(mut live) = self.take_live() else {
            return self.timer().into();
        };
        let part = self.chance.percent(30) && live.left_e3 > 100_000;
        let last_qty_e3 = if part { 100_000 } else { live.left_e3 };
        let report = self.report(&live, ReportKind::Fill);
        let exec_id = exec_id(report.report_index);
        live.left_e3 -= last_qty_e3;
        let last_px_e5 = live.order.price_e5;
        if live.left_e3 > 0 {
            self.live.push(live);
        }
        Report {
            last_px_e5,
            last_qty_e3,
            exec_id,
            ..report
        }
        .into()
    }
}

/// The exchange's number of the fill that has this index in its stream.
pub(crate) fn exec_id(report_index: u64) -> [u8; 16] {
    let mut exec_id = [b'0'; 16];
    if let Some((head, _)) = exec_id.split_first_chunk_mut::<8>() {
        *head = report_index.to_le_bytes();
    }
    exec_id
}
