//! The gate: served to its end by one call, and replayed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use panshi_gate::bench::{Amount, run};
use panshi_gate::config::CapacityConfig;
use panshi_gate::{serve, start};
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::funnel::without_python;

#[pyfunction]
#[pyo3(signature = (config, day, /))]
fn gate_serve(python: Python<'_>, config: &str, day: &[u8]) -> PyResult<(u64, u64)> {
    let stop = Arc::new(AtomicBool::new(false));
    without_python(python, || {
        let summary = serve::serve(config, day, &stop).map_err(Failure::BadInput)?;
        Ok((summary.orders, summary.last_sequence))
    })
}

/// Inputs, outputs, state hash, first difference.
type ReplayView = (u64, u64, u64, Option<String>);

#[pyfunction]
#[pyo3(signature = (path, capacity, /))]
fn gate_replay(python: Python<'_>, path: PathBuf, capacity: &str) -> PyResult<ReplayView> {
    without_python(python, || {
        let capacity: CapacityConfig = serde_json::from_str(capacity)
            .map_err(|error| Failure::BadInput(format!("capacity: {error}")))?;
        let found = start::replay_fresh(&path, &capacity.capacity()).map_err(Failure::BadInput)?;
        let missing = found.missing.len();
        let difference = found.difference.or_else(|| {
            (missing > 0)
                .then(|| format!("the journal ends before {missing} outputs of its last input"))
        });
        Ok((found.inputs, found.outputs, found.state_hash, difference))
    })
}

#[pyfunction]
#[pyo3(signature = (path, single, flood, /))]
fn gate_bench(python: Python<'_>, path: PathBuf, single: u64, flood: u64) -> PyResult<String> {
    without_python(python, || {
        let amount = Amount { single, flood };
        let figures = run(&path, amount).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

/// Add the room's functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(gate_serve, module)?)?;
    module.add_function(wrap_pyfunction!(gate_replay, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench, module)?)
}
