//! The journal as Python sees it: columns, verification, measurement.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::time::Duration;

use panshi_engine::input::Input;
use panshi_engine::output::Output;
use panshi_engine::record::catalogue::RecordDesc;
use panshi_gate::own;
use panshi_journal::bench::{Figures, Percentiles, Plan};
use panshi_journal::columns::{ColumnType, KindDesc, KindTable, read_columns};
use panshi_journal::{Error, Journal, Options, bench, read_seal, verify};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::funnel::without_python;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io {
                action,
                path,
                source,
            } => Self::Surroundings(source, format!("cannot {action} {}", path.display())),
            other => Self::BadInput(other.to_string()),
        }
    }
}

/// Bytes of one column, lent to Python without a copy.
#[pyclass(frozen)]
struct JournalBuffer(Vec<u8>);

#[pymethods]
impl JournalBuffer {
    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// Lend the bytes for reading.
    #[allow(unsafe_code, reason = "the buffer protocol is a C interface")]
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("a view must be given, found none"));
        }
        let bytes = &slf.get().0;
        let length = ffi::Py_ssize_t::try_from(bytes.len()).unwrap_or(ffi::Py_ssize_t::MAX);
        let start = bytes.as_ptr().cast_mut().cast();
        // SAFETY: the class is frozen, so the vector never moves or changes while an instance
        // lives; the view holds a reference on the instance; it is marked read-only, so that
        // nothing is written through the pointer that lost its `const` here.
        let done = unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start, length, 1, flags) };
        if done == 0 {
            Ok(())
        } else {
            Err(PyErr::fetch(slf.py()))
        }
    }
}

/// Name, note, bytes of a value (0 for text), signed, UTF-8, values, offsets of text.
type ColumnView = (
    &'static str,
    &'static str,
    usize,
    bool,
    bool,
    JournalBuffer,
    Option<JournalBuffer>,
);
/// Type number, name, rows, columns.
type TableView = (u16, &'static str, usize, Vec<ColumnView>);
/// Type number, name, bytes, and for each field its name, bytes and note.
type LayoutView = (
    u32,
    &'static str,
    usize,
    Vec<(&'static str, usize, &'static str)>,
);
/// Number, first sequence, records, trade date, epoch, digest.
type SegmentView = (u32, u64, u64, u32, u32, Option<String>);
/// File, segment, offset, sequence, reason.
type FindingView = (PathBuf, u32, u64, u64, String);
/// Median and 99th percentile in nanoseconds.
type PercentileView = (u64, u64);

/// Every record type that a gate's journal holds.
fn catalogue() -> Vec<RecordDesc> {
    [Input::CATALOGUE, Output::CATALOGUE, own::CATALOGUE].concat()
}

fn kinds(names: Option<&[String]>) -> Result<Vec<KindDesc>, Failure> {
    let known = catalogue();
    let unknown = names.and_then(|list| {
        list.iter()
            .find(|name| !known.iter().any(|record| record.name == **name))
    });
    if let Some(name) = unknown {
        let text = format!("a kind must be one of the journal's records, found {name}");
        return Err(Failure::BadInput(text));
    }
    let wanted =
        |record: &&RecordDesc| names.is_none_or(|list| list.iter().any(|name| name == record.name));
    let describe = |record: &RecordDesc| KindDesc {
        number: u16::try_from(record.number).unwrap_or_default(),
        name: record.name,
        len: record.len,
        fields: record.fields,
    };
    Ok(known.iter().filter(wanted).map(describe).collect())
}

#[pyfunction]
fn journal_layouts() -> Vec<LayoutView> {
    let fields = |record: &RecordDesc| {
        record
            .fields
            .iter()
            .map(|field| (field.rust_name, field.width, field.note))
            .collect()
    };
    catalogue()
        .iter()
        .map(|it| (it.number, it.name, it.len, fields(it)))
        .collect()
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (path, names, from_sequence, /))]
fn journal_columns(
    python: Python<'_>,
    path: PathBuf,
    names: Option<Vec<String>>,
    from_sequence: u64,
) -> PyResult<Vec<TableView>> {
    let tables = without_python(python, || {
        Ok(read_columns(
            &path,
            &kinds(names.as_deref())?,
            from_sequence,
        )?)
    })?;
    Ok(tables.into_iter().map(table_view).collect())
}

fn table_view(table: KindTable) -> TableView {
    let columns = table.columns.into_iter().map(|column| {
        let (width, signed) = match column.column_type {
            ColumnType::Integer { width, signed } => (width, signed),
            ColumnType::Text | ColumnType::Bytes => (0, false),
        };
        let utf8 = column.column_type == ColumnType::Text;
        let offsets = (width == 0).then_some(JournalBuffer(column.offsets));
        (
            column.name,
            column.note,
            width,
            signed,
            utf8,
            JournalBuffer(column.values),
            offsets,
        )
    });
    (table.number, table.name, table.rows, columns.collect())
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (path, /))]
fn journal_verify(
    python: Python<'_>,
    path: PathBuf,
) -> PyResult<(u64, bool, Vec<SegmentView>, Vec<FindingView>)> {
    let report = without_python(python, || Ok(verify(&path)?))?;
    let segments = report.segments.into_iter().map(|it| {
        (
            it.number,
            it.first_sequence,
            it.records,
            it.trade_date,
            it.epoch,
            it.digest,
        )
    });
    let findings = report
        .findings
        .into_iter()
        .map(|it| (it.path, it.segment, it.offset, it.sequence, it.reason));
    Ok((
        report.records,
        report.live,
        segments.collect(),
        findings.collect(),
    ))
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (path, /))]
fn journal_read_seal(python: Python<'_>, path: PathBuf) -> PyResult<Option<(u64, String)>> {
    let seal = without_python(python, || Ok(read_seal(&path)?))?;
    Ok(seal.map(|seal| (seal.sequence, seal.digest)))
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (path, /))]
fn journal_seal(python: Python<'_>, path: PathBuf) -> PyResult<()> {
    without_python(python, || {
        let options = Options {
            holder: "panshi tool".to_owned(),
            ..Options::default()
        };
        Ok(Journal::open(&path, options)?.0.seal()?)
    })
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (path, segment_bytes, trade_date, rows, /))]
fn journal_append(
    python: Python<'_>,
    path: PathBuf,
    segment_bytes: u64,
    trade_date: u32,
    rows: Vec<(u16, Vec<u8>)>,
) -> PyResult<(u64, String)> {
    without_python(python, || {
        let holder = "panshi tool".to_owned();
        let options = Options {
            segment_bytes,
            trade_date,
            holder,
            ..Options::default()
        };
        let (mut journal, report) = Journal::open(&path, options)?;
        for (kind, payload) in &rows {
            journal.append(*kind, payload)?;
        }
        let last = journal.appended_seq();
        journal.close()?;
        Ok((last, report.to_string()))
    })
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (path, records, /))]
fn journal_write_mix(python: Python<'_>, path: PathBuf, records: usize) -> PyResult<()> {
    without_python(python, || {
        Ok(bench::write_mix(&path, &kinds(None)?, records)?)
    })
}

/// Named percentiles, group commits, steady rates, records read per second.
type FiguresView = (
    Vec<(&'static str, PercentileView)>,
    Vec<(usize, u64)>,
    Vec<(u64, u64, PercentileView, u64)>,
    u64,
);

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "values come from Python by value"
)]
#[pyo3(signature = (directory, appends, syncs, live_ms, rates, /))]
fn journal_bench(
    python: Python<'_>,
    directory: PathBuf,
    appends: usize,
    syncs: usize,
    live_ms: u64,
    rates: Vec<u64>,
) -> PyResult<FiguresView> {
    let plan = Plan {
        appends,
        syncs,
        rates,
        live: Duration::from_millis(live_ms),
    };
    let figures = without_python(python, || Ok(bench::run(Path::new(&directory), &plan)?))?;
    Ok(figures_view(&figures))
}

fn figures_view(figures: &Figures) -> FiguresView {
    let pair = |it: Percentiles| (it.median_ns, it.p99_ns);
    let single = vec![
        ("timer", pair(figures.timer)),
        ("append", pair(figures.append)),
        ("append_batched", pair(figures.append_batched)),
        ("memcpy", pair(figures.memcpy)),
        ("memcpy_batched", pair(figures.memcpy_batched)),
        ("raw_fdatasync", pair(figures.raw_sync)),
    ];
    let group = figures
        .group
        .iter()
        .map(|it| (it.records, it.records_per_s))
        .collect();
    let live = figures
        .live
        .iter()
        .map(|it| (it.rate, it.reached, pair(it.durable), it.syncs));
    (single, group, live.collect(), figures.read_per_s)
}

/// Add the room's class and functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JournalBuffer>()?;
    module.add_function(wrap_pyfunction!(journal_layouts, module)?)?;
    module.add_function(wrap_pyfunction!(journal_columns, module)?)?;
    module.add_function(wrap_pyfunction!(journal_verify, module)?)?;
    module.add_function(wrap_pyfunction!(journal_read_seal, module)?)?;
    module.add_function(wrap_pyfunction!(journal_seal, module)?)?;
    module.add_function(wrap_pyfunction!(journal_append, module)?)?;
    module.add_function(wrap_pyfunction!(journal_write_mix, module)?)?;
    module.add_function(wrap_pyfunction!(journal_bench, module)?)
}
