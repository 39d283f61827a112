//! The order engine as Python sees it: framed records in, framed records out, and its lists of words.

use std::collections::BTreeMap;
use std::path::PathBuf;

use panshi_engine::bench::{self, Figure};
use panshi_engine::capacity::Capacity;
use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::{self, Metric, Scope};
use panshi_engine::output::Output;
use panshi_engine::query::Fill;
use panshi_engine::record::catalogue::RecordDesc;
use panshi_engine::record::flow::NewOrder;
use panshi_journal::Reader;
use panshi_wire::layout::{FieldDesc, Kind};
use panshi_wire::text;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::failure::Failure;
use crate::funnel::without_python;

/// Type, length and sequence before each framed record.
const FRAME: usize = 16;

/// The order engine; see `docs/rules/engine.md`.
#[pyclass]
struct Engine {
    engine: panshi_engine::engine::Engine,
    outputs: Vec<Output>,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (capacity, /))]
    fn new(python: Python<'_>, capacity: BTreeMap<String, u32>) -> PyResult<Self> {
        let mut sizes = Capacity::default();
        without_python(python, move || {
            for (name, rows) in &capacity {
                if !sizes.set(name, *rows) {
                    let known = Capacity::NAMES.join(", ");
                    return Err(Failure::BadInput(format!(
                        "capacity: a size must be one of {known}, found {name}"
                    )));
                }
            }
            Ok(Self {
                engine: panshi_engine::engine::Engine::new(&sizes),
                outputs: Vec::with_capacity(1024),
            })
        })
    }

    /// Apply framed inputs in order and return the framed outputs.
    #[pyo3(signature = (records, /))]
    fn apply_many<'py>(
        &mut self,
        python: Python<'py>,
        records: &[u8],
    ) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = without_python(python, || self.run(records))?;
        Ok(PyBytes::new(python, &bytes))
    }

    /// Return the hash of the whole state.
    fn state_hash(&self) -> u64 {
        self.engine.state_hash()
    }

    /// Return what does not hold although it must; empty when all holds.
    fn broken_invariants(&self) -> Vec<String> {
        self.engine.broken_invariants()
    }

    /// Return the counts of the day and how full the tables are.
    fn counts<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (totals, fill) = (self.engine.totals(), self.engine.fill());
        let Fill {
            customers,
            accounts,
            securities,
            holdings,
            orders,
            open_orders,
            ids,
            queued,
            events,
        } = fill;
        let dict = PyDict::new(python);
        for (name, count) in [
            ("orders", totals.orders),
            ("cancels", totals.cancels),
            ("forwarded", totals.forwarded),
            ("refused", totals.refused),
            ("reports", totals.reports),
            ("duplicates", totals.duplicates),
            ("fills", totals.fills),
            ("expired", totals.expired),
        ] {
            dict.set_item(name, count)?;
        }
        for (name, count) in [
            ("customer_rows", customers),
            ("account_rows", accounts),
            ("security_rows", securities),
            ("holding_rows", holdings),
            ("order_rows", orders),
            ("open_orders", open_orders),
            ("ids", ids),
            ("queued", queued),
            ("events", events),
        ] {
            dict.set_item(name, count)?;
        }
        Ok(dict)
    }

    /// Return the cash of a customer, or None.
    #[pyo3(signature = (customer, /))]
    fn cash<'py>(
        &self,
        python: Python<'py>,
        customer: u32,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(row) = self.engine.customer(customer) else {
            return Ok(None);
        };
        let dict = PyDict::new(python);
        for (name, amount) in [
            ("opening_e5", row.opening_e5),
            ("available_e5", row.available_e5),
            ("frozen_e5", row.frozen_e5),
            ("bought_e5", row.bought_e5),
            ("sold_e5", row.sold_e5),
            ("fees_e5", row.fees_e5),
        ] {
            dict.set_item(name, amount)?;
        }
        Ok(Some(dict))
    }

    /// Return the holding of an account in a security, or None.
    #[pyo3(signature = (market, account, code, /))]
    fn holding<'py>(
        &self,
        python: Python<'py>,
        market: u8,
        account: &str,
        code: &str,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let found = text::pad(account.as_bytes())
            .zip(text::pad(code.as_bytes()))
            .and_then(|(account, code)| self.engine.holding(market, &account, &code));
        let Some(row) = found else {
            return Ok(None);
        };
        let dict = PyDict::new(python);
        for (name, qty) in [
            ("opening_qty", row.opening_qty),
            ("total_qty", row.total_qty()),
            ("sellable_qty", row.sellable_qty),
            ("frozen_qty", row.frozen_qty),
            ("bought_qty", row.bought_qty),
            ("sold_qty", row.sold_qty),
            ("open_buy_qty", row.open_buy_qty),
        ] {
            dict.set_item(name, qty)?;
        }
        Ok(Some(dict))
    }

    /// Return an order by its number, or None.
    #[pyo3(signature = (number, /))]
    fn order<'py>(&self, python: Python<'py>, number: u32) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(row) = self.engine.order(number) else {
            return Ok(None);
        };
        let dict = PyDict::new(python);
        dict.set_item("seq", row.seq)?;
        dict.set_item("status", row.status.name())?;
        dict.set_item("buy", row.buy)?;
        dict.set_item("client", row.client)?;
        dict.set_item("gateway", row.gateway)?;
        dict.set_item("cl_ord_id", String::from_utf8_lossy(&row.cl_ord_id))?;
        for (name, value) in [
            ("price_e5", row.price_e5),
            ("qty", row.qty),
            ("traded_qty", row.traded_qty),
            ("cancelled_qty", row.cancelled_qty),
            ("amount_e5", row.amount_e5),
            ("charged_e5", row.charged_e5),
            ("frozen_e5", row.frozen_e5),
        ] {
            dict.set_item(name, value)?;
        }
        Ok(Some(dict))
    }
}

impl Engine {
    fn run(&mut self, records: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let mut rest = records;
        while !rest.is_empty() {
            let at = records.len() - rest.len();
            let (input, seq, after) = next_record(rest)
                .map_err(|what| Failure::BadInput(format!("records, byte {at}: {what}")))?;
            rest = after;
            self.outputs.clear();
            self.engine.apply(seq, &input, &mut self.outputs);
            for output in &self.outputs {
                let length = output.record_len();
                bytes.extend(output.record_type().to_le_bytes());
                bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend(seq.to_le_bytes());
                let start = bytes.len();
                bytes.resize(start + length, 0);
                let _ = output.write(bytes.get_mut(start..).unwrap_or_default());
            }
        }
        Ok(bytes)
    }
}

/// Split one framed input off.
fn next_record(bytes: &[u8]) -> Result<(Input, u64, &[u8]), String> {
    let needed = || {
        format!(
            "a frame is {FRAME} bytes and its record, found {} bytes",
            bytes.len()
        )
    };
    let (head, rest) = bytes.split_first_chunk::<FRAME>().ok_or_else(needed)?;
    let [t0, t1, t2, t3, l0, l1, l2, l3, seq @ ..] = *head;
    let record_type = u32::from_le_bytes([t0, t1, t2, t3]);
    let length = u32::from_le_bytes([l0, l1, l2, l3]);
    let (payload, rest) = rest.split_at_checked(length as usize).ok_or_else(needed)?;
    let input = Input::read(record_type, payload).ok_or_else(|| {
        format!("type must be an input with all its bytes, found type {record_type} with {length}")
    })?;
    Ok((input, u64::from_le_bytes(seq), rest))
}

/// Name, kind, bytes and meaning of one field.
type FieldRow = (&'static str, &'static str, usize, &'static str);
/// Type, name and fields of one record.
type RecordRow = (u32, &'static str, Vec<FieldRow>);

/// List every record of the engine with its fields.
#[pyfunction]
fn engine_records() -> Vec<RecordRow> {
    let field = |it: &FieldDesc| (it.name, kind_name(it.kind), it.width, it.note);
    let record = |it: &RecordDesc| (it.number, it.name, it.fields.iter().map(field).collect());
    let all = Input::CATALOGUE.iter().chain(Output::CATALOGUE);
    all.map(record).collect()
}

pub const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::U8 => "u8",
        Kind::U16 => "u16",
        Kind::U32 => "u32",
        Kind::U64 => "u64",
        Kind::I16 => "i16",
        Kind::I32 => "i32",
        Kind::I64 => "i64",
        Kind::Char(_) => "char",
    }
}

/// List every code: number, name, Chinese text, English text.
#[pyfunction]
fn engine_codes() -> Vec<(u32, &'static str, &'static str, &'static str)> {
    let row = |code: &Code| (code.number(), code.name(), code.zh(), code.en());
    Code::ALL.iter().map(row).collect()
}

/// Number, name and meaning of one numbered word.
type Word = (i64, &'static str, &'static str);

/// List the numbered words of the records' columns, by the name of their list.
#[pyfunction]
fn engine_words() -> Vec<(&'static str, Vec<Word>)> {
    macro_rules! words {
        ($($list:ident)*) => {
            vec![$((
                stringify!($list),
                kind::$list::ALL
                    .iter()
                    .map(|word| (i64::from(word.number()), word.name(), word.meaning()))
                    .collect(),
            ),)*]
        };
    }
    words!(Market OrderType Phase Policy Scope TradingState Metric Param ReportKind OrderStatus ProgramState)
}

/// List the metrics of each scope that limits may be set for: scope, metric, whether orders need the level.
#[pyfunction]
fn engine_levels() -> Vec<(u8, u8, bool)> {
    let pairs = Scope::ALL
        .iter()
        .flat_map(|scope| Metric::ALL.iter().map(move |metric| (*scope, *metric)));
    pairs
        .filter(|(scope, metric)| metric.is_kept_for(*scope))
        .map(|(scope, metric)| (scope.number(), metric.number(), metric.is_needed_for(scope)))
        .collect()
}

/// One figure: median, 99th percentile, medians of new orders and of reports, inputs a second, inputs, new orders,
/// refused ones, open orders, bytes of memory.
type FigureRow = [u64; 10];

const fn figure_row(it: &Figure) -> FigureRow {
    [
        it.median_ns,
        it.p99_ns,
        it.order_median_ns,
        it.report_median_ns,
        it.inputs_per_s,
        it.inputs,
        it.orders,
        it.refused,
        it.open_orders,
        it.memory_bytes,
    ]
}

/// Measure the engine on a synthetic flow: hot, cold, an early refusal, the clock.
#[pyfunction]
#[pyo3(signature = (hot_inputs, cold_inputs, seed, /))]
fn engine_bench(
    python: Python<'_>,
    hot_inputs: usize,
    cold_inputs: usize,
    seed: u64,
) -> PyResult<(FigureRow, FigureRow, u64, u64)> {
    without_python(python, || {
        let figures = bench::run(hot_inputs, cold_inputs, seed);
        Ok((
            figure_row(&figures.hot),
            figure_row(&figures.cold),
            figures.refused_early_ns,
            figures.clock_ns,
        ))
    })
}

/// Measure the engine on the inputs that a journal holds: as they were, and spread over the large state.
#[pyfunction]
#[pyo3(signature = (path, seed, /))]
fn engine_bench_journal(
    python: Python<'_>,
    path: PathBuf,
    seed: u64,
) -> PyResult<(FigureRow, FigureRow)> {
    without_python(python, move || {
        let mut reader = Reader::open(&path, 1)?;
        let mut inputs = Vec::new();
        while let Some(entry) = reader.next()? {
            if let Some(input) = Input::read(entry.header.kind.into(), entry.payload) {
                inputs.push((entry.header.sequence, input));
            }
        }
        if inputs.is_empty() {
            let place = path.display();
            return Err(Failure::BadInput(format!(
                "{place}: a journal to be measured must hold inputs, found none"
            )));
        }
        let hot = bench::replay(&inputs);
        Ok((
            figure_row(&hot),
            figure_row(&bench::replay_spread(&inputs, seed)),
        ))
    })
}

/// Security, side, price in e5 and quantity in shares of an order.
type OrderRow = (String, String, i64, i64);

/// Measure new orders by themselves; the orders, then rate, median, 99th percentile, refused.
#[pyfunction]
#[pyo3(signature = (count, seed, /))]
fn engine_bench_orders(
    python: Python<'_>,
    count: u32,
    seed: u64,
) -> PyResult<(Vec<OrderRow>, [u64; 4])> {
    without_python(python, || {
        let flow = bench::orders::OrderFlow::new(count, seed);
        let row = |order: &NewOrder| {
            let code = String::from_utf8_lossy(text::trim(&order.security_id)).into_owned();
            let side = char::from(order.side).to_string();
            (code, side, order.price_e5, order.qty_e3 / 1_000)
        };
        let it = flow.measure();
        let figures = [it.orders_per_s, it.p50_ns, it.p99_ns, it.refused];
        Ok((flow.orders().iter().map(row).collect(), figures))
    })
}

/// Add the room's classes and functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Engine>()?;
    module.add_function(wrap_pyfunction!(engine_records, module)?)?;
    module.add_function(wrap_pyfunction!(engine_codes, module)?)?;
    module.add_function(wrap_pyfunction!(engine_words, module)?)?;
    module.add_function(wrap_pyfunction!(engine_levels, module)?)?;
    module.add_function(wrap_pyfunction!(engine_bench, module)?)?;
    module.add_function(wrap_pyfunction!(engine_bench_journal, module)?)?;
    module.add_function(wrap_pyfunction!(engine_bench_orders, module)?)
}
