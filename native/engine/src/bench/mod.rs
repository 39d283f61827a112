//! How long one input takes, on a small hot state and on a large cold one.
//!
//! Inputs are made in chunks from what the engine answered to the chunk before. Odd chunks are timed input by input,
//! even chunks as a whole: the single times give median and 99th percentile after the cost of reading the clock (the
//! median of empty readings) is taken off; the whole chunks give the rate without any clock in between.

pub mod orders;
mod spread;

use std::time::Instant;

use panshi_wire::layout::Layout;

use crate::capacity::Capacity;
use crate::engine::Engine;
use crate::input::Input;
use crate::output::Output;
use crate::record::flow::ClientState;
use crate::synthetic::{Size, Synthetic};
use spread::Spread;

/// Inputs made at a time.
const CHUNK: usize = 256;
/// Inputs that bring caches and branch predictors to their usual state before anything is measured.
const WARM_UP: usize = 50_000;

/// Times of one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Half of the inputs took at most this.
    pub median_ns: u64,
    /// 99 of 100 inputs took at most this.
    pub p99_ns: u64,
    /// Half of the new orders took at most this.
    pub order_median_ns: u64,
    /// Half of the reports took at most this.
    pub report_median_ns: u64,
    /// Inputs in a second, one after the other.
    pub inputs_per_s: u64,
    /// New orders among the measured inputs.
    pub orders: u64,
    /// New orders that were refused.
    pub refused: u64,
    /// Inputs measured.
    pub inputs: u64,
    /// Open orders at the end.
    pub open_orders: u64,
    /// Memory that the engine and its rows took; 0 where it cannot be read.
    pub memory_bytes: u64,
}

/// The figures of both states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// 1,000 accounts, 200 securities.
    pub hot: Figure,
    /// 100,000 accounts, 8,000 securities, 200,000 open orders.
    pub cold: Figure,
    /// Median of an order that is refused at the session.
    pub refused_early_ns: u64,
    /// What a clock reading costs; taken off every single time.
    pub clock_ns: u64,
}

/// Measure both states with so many inputs each; without cold inputs the cold state is left out.
#[must_use]
pub fn run(hot_inputs: usize, cold_inputs: usize, seed: u64) -> Figures {
    let clock_ns = clock_cost();
    let hot = Size {
        accounts: 1_000,
        securities: 200,
        open_orders: 2_000,
        orders: rows(hot_inputs, 2_000),
        step_ns: 8_000,
    };
    let (hot_figure, refused_early_ns) = measure(hot, hot_inputs, seed, clock_ns);
    let (cold_figure, _) = if cold_inputs == 0 {
        (Figure::default(), 0)
    } else {
        measure(cold(cold_inputs), cold_inputs, seed, clock_ns)
    };
    Figures {
        hot: hot_figure,
        cold: cold_figure,
        refused_early_ns,
        clock_ns,
    }
}

/// The large state, with room for so many inputs more.
fn cold(inputs: usize) -> Size {
    Size {
        accounts: 100_000,
        securities: 8_000,
        open_orders: 200_000,
        orders: rows(inputs, 200_000),
        step_ns: 8_000,
    }
}

fn rows(inputs: usize, open_orders: u32) -> u32 {
    let measured = u32::try_from(inputs + WARM_UP).unwrap_or(u32::MAX / 2);
    measured.saturating_add(open_orders.saturating_mul(2))
}

/// The median cost of reading the clock twice.
fn clock_cost() -> u64 {
    let mut times: Vec<u64> = (0..10_000)
        .map(|_| {
            let start = Instant::now();
            nanoseconds(start)
        })
        .collect();
    percentile(&mut times, 50)
}

fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn percentile(times: &mut [u64], percent: usize) -> u64 {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let at = (times.len() * percent / 100).min(last);
    times.get(at).copied().unwrap_or(0)
}

/// Single times.
#[derive(Default)]
struct Times {
    all: Vec<u64>,
    orders: Vec<u64>,
    reports: Vec<u64>,
}

impl Times {
    fn note(&mut self, input: &Input, time: u64) {
        self.all.push(time);
        match input {
            Input::NewOrder(_) => self.orders.push(time),
            Input::Report(_) => self.reports.push(time),
            _ => {}
        }
    }

    /// The figure of the single times, and of so many inputs that took a time as a whole.
    fn figure(mut self, whole: usize, whole_ns: u64) -> Figure {
        let whole = u64::try_from(whole).unwrap_or(0);
        Figure {
            median_ns: percentile(&mut self.all, 50),
            p99_ns: percentile(&mut self.all, 99),
            order_median_ns: percentile(&mut self.orders, 50),
            report_median_ns: percentile(&mut self.reports, 50),
            inputs_per_s: whole.saturating_mul(1_000_000_000) / whole_ns.max(1),
            ..Figure::default()
        }
    }
}

/// One engine with the flow that feeds it.
struct Run<'a> {
    engine: Engine,
    flow: Synthetic,
    /// A recorded day that comes instead of the flow's own inputs.
    recorded: Option<Spread<'a>>,
    seq: u64,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
}

impl<'a> Run<'a> {
    /// An engine that has its reference rows and, from the flow, its open orders.
    fn prepare(size: Size, seed: u64) -> Self {
        let mut flow = Synthetic::new(size, seed);
        let opening = flow.opening();
        let mut run = Self {
            engine: Engine::new(&size.capacity()),
            flow,
            recorded: None,
            seq: 1,
            inputs: Vec::with_capacity(CHUNK),
            outputs: Vec::with_capacity(CHUNK * 8),
        };
        for input in &opening {
            run.engine.apply(run.seq, input, &mut run.outputs);
            run.seq += 1;
        }
        drop(opening);
        let mut warm = 0;
        while warm < WARM_UP || run.flow.open_orders() < size.open_orders as usize {
            run.chunk();
            run.apply();
            warm += CHUNK;
            if warm > WARM_UP + 20 * size.open_orders as usize {
                break;
            }
        }
        run
    }

    /// Go on with a recorded day.
    fn go_on_with(mut self, recorded: Spread<'a>) -> Self {
        self.recorded = Some(recorded);
        self
    }

    /// Make the next inputs; false when a recorded day is over.
    fn chunk(&mut self) -> bool {
        self.inputs.clear();
        self.outputs.clear();
        if let Some(recorded) = &mut self.recorded {
            let next = std::iter::from_fn(|| recorded.next(&mut self.flow));
            self.inputs.extend(next.take(CHUNK));
            return !self.inputs.is_empty();
        }
        for at in 0..CHUNK {
            let seq = self.seq + u64::try_from(at).unwrap_or(0);
            let input = self.flow.next(seq);
            self.inputs.push(input);
        }
        true
    }

    /// Apply the chunk and return its time.
    fn apply(&mut self) -> u64 {
        let start = Instant::now();
        for input in &self.inputs {
            self.engine.apply(self.seq, input, &mut self.outputs);
            self.seq += 1;
        }
        let time = nanoseconds(start);
        self.flow.observe(&self.outputs);
        time
    }

    /// Apply the chunk and note the time of each input.
    fn apply_timed(&mut self, clock_ns: u64, times: &mut Times) {
        for input in &self.inputs {
            let start = Instant::now();
            self.engine.apply(self.seq, input, &mut self.outputs);
            times.note(input, nanoseconds(start).saturating_sub(clock_ns));
            self.seq += 1;
        }
        self.flow.observe(&self.outputs);
    }

    /// Measure so many inputs, in turns one by one and as a whole.
    fn measure(&mut self, inputs: usize, clock_ns: u64) -> Figure {
        let totals = *self.engine.totals();
        let mut times = Times::default();
        let (mut whole_ns, mut whole) = (0_u64, 0_usize);
        while times.all.len() < inputs / 2 && self.chunk() {
            self.apply_timed(clock_ns, &mut times);
            if self.chunk() {
                whole += self.inputs.len();
                whole_ns = whole_ns.saturating_add(self.apply());
            }
        }
        let after = *self.engine.totals();
        Figure {
            orders: after.orders - totals.orders,
            refused: after.refused - totals.refused,
            inputs: u64::try_from(times.all.len() + whole).unwrap_or(0),
            open_orders: u64::try_from(self.engine.fill().open_orders).unwrap_or(0),
            ..times.figure(whole, whole_ns)
        }
    }
}

fn measure(size: Size, inputs: usize, seed: u64, clock_ns: u64) -> (Figure, u64) {
    let before = resident_bytes();
    let mut run = Run::prepare(size, seed);
    let figure = run.measure(inputs, clock_ns);
    let memory_bytes = resident_bytes().saturating_sub(before);
    let figure = Figure {
        memory_bytes,
        ..figure
    };
    (figure, refused_early(&mut run))
}

/// Measure the inputs of a real day on the large state, spread over its accounts and securities.
#[must_use]
pub fn replay_spread(inputs: &[(u64, Input)], seed: u64) -> Figure {
    let clock_ns = clock_cost();
    let before = resident_bytes();
    let mut run = Run::prepare(cold(inputs.len()), seed).go_on_with(Spread::new(inputs));
    let figure = run.measure(inputs.len(), clock_ns);
    Figure {
        memory_bytes: resident_bytes().saturating_sub(before),
        ..figure
    }
}

/// Measure the inputs of a real day, as a journal holds them, on a fresh engine.
///
/// Rows of the reference data are applied and not measured.
#[must_use]
pub fn replay(inputs: &[(u64, Input)]) -> Figure {
    let clock_ns = clock_cost();
    let before = resident_bytes();
    let mut engine = Engine::new(&capacity_of(inputs));
    let mut outputs = Vec::with_capacity(CHUNK * 8);
    let flows = |input: &Input| input.record_type() >= ClientState::TYPE;
    let start = inputs.partition_point(|(_, input)| !flows(input));
    let (rows, flow) = inputs.split_at(start);
    for (seq, input) in rows {
        engine.apply(*seq, input, &mut outputs);
    }
    let mut times = Times::default();
    let (mut whole_ns, mut whole) = (0_u64, 0_usize);
    for (number, chunk) in flow.chunks(CHUNK).enumerate() {
        outputs.clear();
        if number % 2 == 0 {
            for (seq, input) in chunk {
                let start = Instant::now();
                engine.apply(*seq, input, &mut outputs);
                times.note(input, nanoseconds(start).saturating_sub(clock_ns));
            }
        } else {
            let start = Instant::now();
            for (seq, input) in chunk {
                engine.apply(*seq, input, &mut outputs);
            }
            whole_ns = whole_ns.saturating_add(nanoseconds(start));
            whole += chunk.len();
        }
    }
    let totals = engine.totals();
    Figure {
        orders: totals.orders,
        refused: totals.refused,
        inputs: u64::try_from(flow.len()).unwrap_or(0),
        open_orders: u64::try_from(engine.fill().open_orders).unwrap_or(0),
        memory_bytes: resident_bytes().saturating_sub(before),
        ..times.figure(whole, whole_ns)
    }
}

/// Tables that hold a day, at least of the usual size.
fn capacity_of(inputs: &[(u64, Input)]) -> Capacity {
    let mut capacity = Capacity::default();
    let count = |wanted: fn(&Input) -> bool| {
        let found = inputs.iter().filter(|(_, input)| wanted(input)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let orders = count(|input| matches!(input, Input::NewOrder(_)));
    let cancels = count(|input| matches!(input, Input::CancelOrder(_)));
    let holdings = count(|input| matches!(input, Input::LoadHolding(_)));
    let accounts = count(|input| matches!(input, Input::LoadAccount(_)));
    capacity.orders = capacity.orders.max(orders);
    capacity.cancels = capacity.cancels.max(cancels.saturating_add(orders));
    capacity.events = capacity.events.max(orders.saturating_add(cancels));
    capacity.holdings = capacity.holdings.max(holdings.saturating_add(orders));
    capacity.accounts = capacity.accounts.max(accounts);
    for (_, input) in inputs {
        if let Input::LoadCustomer(row) = input {
            capacity.customers = capacity.customers.max(row.customer);
            capacity.owner_groups = capacity.owner_groups.max(row.owner_group);
        }
    }
    capacity
}

/// Median over batches of an order from a client that is not known.
fn refused_early(run: &mut Run) -> u64 {
    const BATCH: u64 = 256;
    let order = run.flow.refused_early();
    let mut times: Vec<u64> = (0..400)
        .map(|_| {
            run.outputs.clear();
            let start = Instant::now();
            for _ in 0..BATCH {
                run.engine
                    .apply_new_order(run.seq, &order, &mut run.outputs);
                run.seq += 1;
            }
            nanoseconds(start) / BATCH
        })
        .collect();
    percentile(&mut times, 50)
}

/// Memory of the process that is in use, from the kernel's own counts.
fn resident_bytes() -> u64 {
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok())
        .map_or(0, |pages| pages.saturating_mul(4_096))
}

#[cfg(test)]
mod tests {
    use super::{replay, run};
    use crate::synthetic::{Size, Synthetic};

    #[test]
    fn a_recorded_day_is_measured_without_its_rows() {
        let size = Size {
            accounts: 10,
            securities: 4,
            open_orders: 10,
            orders: 1_000,
            step_ns: 1,
        };
        let mut flow = Synthetic::new(size, 1);
        let mut inputs: Vec<_> = (1..).zip(flow.opening()).collect();
        let rows = inputs.len();
        for seq in 1_000..1_600 {
            inputs.push((seq, flow.next(seq)));
        }
        let figure = replay(&inputs);
        // The opening ends with eight sessions and two gateways, which are flow already.
        assert_eq!(figure.inputs, 610);
        assert_eq!((figure.orders, figure.refused), (600, 0));
        assert!(rows > 100 && figure.inputs_per_s > 0);
    }

    #[test]
    fn the_flow_is_mostly_accepted_and_every_input_is_measured() {
        let figures = run(20_000, 0, 1);
        assert!(figures.hot.inputs >= 20_000);
        assert!(figures.hot.orders * 4 > figures.hot.inputs);
        assert!(figures.hot.refused * 10 < figures.hot.orders);
    }
}
