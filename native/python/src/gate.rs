//! The gate: served to its end by one call, and replayed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use panshi_engine::capacity::Capacity;
use panshi_gate::bench::{Amount, fair, recovery, run, run_toward, stop};
use panshi_gate::config::CapacityConfig;
use panshi_gate::latch::Latch;
use panshi_gate::persons::Persons;
use panshi_gate::replay::Replay;
use panshi_gate::snapshot::{self, SnapshotHead};
use panshi_gate::{password, replay, sealing, serve, stop_socket};
use panshi_wire::layout::Layout;
use panshi_wire::saved::SavedField;
use panshi_wire::sections::Form;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::engine::kind_name;
use crate::failure::Failure;
use crate::funnel::without_python;
use crate::memory::take_at_once;

#[pyfunction]
#[pyo3(signature = (config, day, /))]
fn gate_serve(python: Python<'_>, config: &str, day: &[u8]) -> PyResult<(u64, u64)> {
    let stop = Arc::new(AtomicBool::new(false));
    take_at_once();
    without_python(python, || {
        let summary = serve::serve(config, day, &stop).map_err(Failure::BadInput)?;
        match summary.halted {
            None => Ok((summary.orders, summary.last_sequence)),
            Some(reason) => Err(Failure::Halted(reason)),
        }
    })
}

/// Write a stop into a latch, as the gate's own socket would; the answer as JSON.
#[pyfunction]
#[pyo3(signature = (latch, request, /))]
fn gate_stop(python: Python<'_>, latch: PathBuf, request: &str) -> PyResult<String> {
    without_python(python, move || {
        let latch = Latch::open(&latch).map_err(Failure::BadInput)?;
        // The file of persons is the gate's: here a name is only said.
        stop_socket::stop_at(&latch, &Persons::default(), request.as_bytes(), || ())
            .map(|answer| answer.to_string())
            .map_err(Failure::BadInput)
    })
}

/// Inputs, outputs, hashes, state hash, first difference.
type ReplayView = (u64, u64, u64, u64, Option<String>);
/// Sequence, bytes of the file, why it would be passed over.
type SnapshotView = (u64, u64, Option<String>);
/// Name, kind, bytes and meaning of one field, and how often it is repeated.
type FieldView = (String, &'static str, usize, usize, String);
/// Name, form, bytes of a row, fields.
type SectionView = (&'static str, &'static str, usize, Vec<FieldView>);

#[pyfunction]
#[pyo3(signature = (path, capacity, /))]
fn gate_replay(python: Python<'_>, path: PathBuf, capacity: &str) -> PyResult<ReplayView> {
    without_python(python, move || {
        let capacity = capacity_of(capacity)?;
        let found = replay::replay_fresh(&path, &capacity).map_err(Failure::BadInput)?;
        let missing = found.missing.len();
        let difference = found.difference.or_else(|| {
            (missing > 0)
                .then(|| format!("the journal ends before {missing} outputs of its last input"))
        });
        let Replay {
            inputs,
            outputs,
            hashes,
            state_hash,
            ..
        } = found;
        Ok((inputs, outputs, hashes, state_hash, difference))
    })
}

fn capacity_of(json: &str) -> Result<Capacity, Failure> {
    let config: CapacityConfig = serde_json::from_str(json)
        .map_err(|error| Failure::BadInput(format!("capacity: {error}")))?;
    Ok(config.capacity())
}

#[pyfunction]
#[pyo3(signature = (path, capacity, /))]
fn gate_snapshots(
    python: Python<'_>,
    path: PathBuf,
    capacity: &str,
) -> PyResult<Vec<SnapshotView>> {
    without_python(python, move || {
        let capacity = capacity_of(capacity)?;
        let rows = snapshot::list(&path).into_iter().map(|(sequence, file)| {
            let bytes = std::fs::metadata(&file).map_or(0, |found| found.len());
            let trouble = snapshot::read(&file, &path, &capacity).err();
            (sequence, bytes, trouble)
        });
        Ok(rows.collect())
    })
}

/// Describe the header of a snapshot and each of its sections.
#[pyfunction]
fn gate_snapshot_layout() -> Vec<SectionView> {
    let head = SectionView::from((
        "header",
        "one row",
        SnapshotHead::LEN,
        SnapshotHead::FIELDS
            .iter()
            .map(|it| {
                (
                    it.name.to_owned(),
                    kind_name(it.kind),
                    it.width,
                    1,
                    it.note.to_owned(),
                )
            })
            .collect(),
    ));
    let field = |it: SavedField| {
        let (kind, width) = (kind_name(it.kind), it.kind.width());
        (it.name, kind, width, it.times, it.note)
    };
    let sections = snapshot::layout().into_iter().map(|section| {
        let form = match section.form {
            Form::One => "one row",
            Form::List => "rows by place",
            Form::Numbered => "numbered rows",
        };
        let fields = section.fields.into_iter().map(field).collect();
        (section.name, form, section.row_bytes, fields)
    });
    std::iter::once(head).chain(sections).collect()
}

#[pyfunction]
#[pyo3(signature = (path, port, rounds, single, flood, /))]
fn gate_bench(
    python: Python<'_>,
    path: PathBuf,
    port: u16,
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
        let figures = run(&path, port, amount).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

#[pyfunction]
#[pyo3(signature = (path, port, far_end, mode, single, flood, /))]
fn gate_bench_toward(
    python: Python<'_>,
    path: PathBuf,
    port: u16,
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
        let figures = run_toward((port, far), &path, mode, amount).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

#[pyfunction]
#[pyo3(signature = (path, records, tail, rounds, /))]
fn gate_bench_recovery(
    python: Python<'_>,
    path: PathBuf,
    records: u64,
    tail: u64,
    rounds: usize,
) -> PyResult<String> {
    without_python(python, move || {
        let figures = recovery(&path, records, tail, rounds).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

#[pyfunction]
#[pyo3(signature = (path, port, rounds, orders, /))]
fn gate_bench_fair(
    python: Python<'_>,
    path: PathBuf,
    port: u16,
    rounds: usize,
    orders: u64,
) -> PyResult<String> {
    without_python(python, move || {
        let figures = fair(&path, port, rounds, orders).map_err(Failure::BadInput)?;
        Ok(figures.to_string())
    })
}

#[pyfunction]
#[pyo3(signature = (path, port, rounds, /))]
fn gate_bench_stop(
    python: Python<'_>,
    path: PathBuf,
    port: u16,
    rounds: usize,
) -> PyResult<String> {
    without_python(python, move || {
        let figures = stop(&path, port, rounds).map_err(Failure::BadInput)?;
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
    module.add_function(wrap_pyfunction!(gate_stop, module)?)?;
    module.add_function(wrap_pyfunction!(gate_replay, module)?)?;
    module.add_function(wrap_pyfunction!(gate_snapshots, module)?)?;
    module.add_function(wrap_pyfunction!(gate_snapshot_layout, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench_toward, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench_recovery, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench_fair, module)?)?;
    module.add_function(wrap_pyfunction!(gate_bench_stop, module)?)?;
    module.add_function(wrap_pyfunction!(gate_seal, module)?)?;
    module.add_function(wrap_pyfunction!(gate_unseal, module)?)?;
    module.add_function(wrap_pyfunction!(gate_password_hash, module)?)
}
