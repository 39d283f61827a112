//! Exchange messages as text, and their measurement.

use panshi_wire::view::{self, Protocol};
use panshi_wire::{bench, error::WireError};
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::funnel::without_python;

impl From<view::ViewError> for Failure {
    fn from(error: view::ViewError) -> Self {
        Self::BadInput(error.to_string())
    }
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        Self::BadInput(error.to_string())
    }
}

/// Median and 99th percentile in picoseconds, and the number of orders.
type Figure = (u64, u64, u64);

#[pyfunction]
#[pyo3(signature = (protocol, line, /))]
fn wire_decode_line(protocol: &str, line: &str) -> String {
    view::decode_line(protocol, line)
}

#[pyfunction]
#[pyo3(signature = (protocol, line, seq, /))]
fn wire_encode_line(python: Python<'_>, protocol: &str, line: &str, seq: u64) -> PyResult<String> {
    without_python(python, || {
        view::encode_line(protocol, line, seq).map_err(Failure::BadInput)
    })
}

#[pyfunction]
#[pyo3(signature = (protocol, /))]
fn wire_markdown(python: Python<'_>, protocol: &str) -> PyResult<String> {
    without_python(python, || Ok(view::markdown(protocol.parse::<Protocol>()?)))
}

#[pyfunction]
#[pyo3(signature = (orders, /))]
fn wire_bench(python: Python<'_>, orders: u64) -> PyResult<(Figure, Figure)> {
    let figure = |it: bench::Figure| (it.median_ps, it.p99_ps, it.orders);
    let figures = without_python(python, || Ok(bench::run(orders)?))?;
    Ok((figure(figures.sse), figure(figures.szse)))
}

/// Add the room's functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(wire_decode_line, module)?)?;
    module.add_function(wrap_pyfunction!(wire_encode_line, module)?)?;
    module.add_function(wrap_pyfunction!(wire_markdown, module)?)?;
    module.add_function(wrap_pyfunction!(wire_bench, module)?)
}
