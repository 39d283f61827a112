//! The gate: served to its end by one call, and replayed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use panshi_gate::bench::{Amount, run, run_toward};
use panshi_gate::config::CapacityConfig;
use panshi_gate::{password, sealing, serve, start};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::failure::Failure;
use crate::funnel::without_python;

#[pyfunction]
#[pyo3(signature = (config, day, /))]
fn gate_serve(python: Python<'_>, config: &str, day: &[u8]) -> PyResult<(u64, u64)> {
    let stop = Arc::new(AtomicBool::new(false));
    without_python(python, || {
        let summary = serve::serve(config, day, &stop).map_err(Failure::BadInput)?;
        match summary.halted {
            None => Ok((summary.orders, summary.last_sequence)),
            Some(reason) => Err(Failure::Halted(reason)),
        }
    })
}

/// Inputs, outputs, state hash, first difference.
type ReplayView = (u64, u64, u64, Option<String>);

#[pyfunction]
#[pyo3(signature = (path, capacity, /))]
fn gate_replay(python: Python<'_>, path: PathBuf, capacity: &str) -> PyResult<ReplayView> {
    without_python(python, move || {
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
#[pyo3(signature = (path, rounds, single, flood, /))]
fn gate_bench(
    python: Python<'_>,
    path: PathBuf,
    rounds: usize,
    single: u64,
    flood: u64,
) -> PyResult<String> {
    without_python(python, move || {
        let amount = Amount {
            rounds,
            single,
            flood,
        };
        let figures = run(&path, amount).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

#[pyfunction]
#[pyo3(signature = (path, far_end, mode, single, flood, /))]
fn gate_bench_toward(
    python: Python<'_>,
    path: PathBuf,
    far_end: &str,
    mode: &str,
    single: u64,
    flood: u64,
) -> PyResult<String> {
    without_python(python, move || {
        let far = far_end.parse().map_err(|_| {
            Failure::BadInput(format!("far end: must be an address, found {far_end}"))
        })?;
        let amount = Amount {
            rounds: 1,
            single,
            flood,
        };
        let figures = run_toward(far, &path, mode, amount).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

fn key_and_nonce(
    key: &[u8],
    nonce: &[u8],
) -> Result<([u8; sealing::KEY_BYTES], [u8; sealing::NONCE_BYTES]), Failure> {
    let wrong = |what, must, found: usize| {
        Failure::BadInput(format!("{what}: must have {must} bytes, found {found}"))
    };
    let fits = key
        .try_into()
        .map_err(|_| wrong("key", sealing::KEY_BYTES, key.len()))?;
    let once = nonce
        .try_into()
        .map_err(|_| wrong("nonce", sealing::NONCE_BYTES, nonce.len()))?;
    Ok((fits, once))
}

#[pyfunction]
#[pyo3(signature = (key, nonce, bound, text, /))]
fn gate_seal<'py>(
    python: Python<'py>,
    key: &[u8],
    nonce: &[u8],
    bound: &[u8],
    text: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let sealed = without_python(python, || {
        let (key, nonce) = key_and_nonce(key, nonce)?;
        sealing::seal(key, nonce, bound, text).map_err(Failure::BadInput)
    })?;
    Ok(PyBytes::new(python, &sealed))
}

#[pyfunction]
#[pyo3(signature = (key, nonce, bound, sealed, /))]
fn gate_unseal<'py>(
    python: Python<'py>,
    key: &[u8],
    nonce: &[u8],
    bound: &[u8],
    sealed: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let text = without_python(python, || {
        let (key, nonce) = key_and_nonce(key, nonce)?;
        sealing::open(key, nonce, bound, sealed).map_err(Failure::BadInput)
    })?;
    Ok(PyBytes::new(python, &text))
}

#[pyfunction]
#[pyo3(signature = (salt, password, /))]
fn gate_password_hash<'py>(
    python: Python<'py>,
    salt: &[u8],
    password: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let hash = without_python(python, || {
        let salt = salt.try_into().map_err(|_| {
            let (must, found) = (password::SALT_BYTES, salt.len());
            Failure::BadInput(format!("salt: must have {must} bytes, found {found}"))
        })?;
        Ok(password::hash(salt, password))
    })?;
    Ok(PyBytes::new(python, &hash))
}

/// Add the room's functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(gate_serve, module)?)?;
    module.add_function(wrap_pyfunction!(gate_replay, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench_toward, module)?)?;
    module.add_function(wrap_pyfunction!(gate_seal, module)?)?;
    module.add_function(wrap_pyfunction!(gate_unseal, module)?)?;
    module.add_function(wrap_pyfunction!(gate_password_hash, module)?)
}
