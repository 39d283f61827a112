//! The Python extension `panshi._native`.
//!
//! This crate converts values, releases the interpreter lock in one funnel
//! ([`funnel::without_python`]) and maps errors in one `match` ([`failure`]).
//! Each room of the workspace has one file here that registers its classes and functions.

mod clients;
mod engine;
mod failure;
mod funnel;
mod gate;
mod journal;
mod memory;
mod venue;
mod wire;

use pyo3::prelude::*;

/// Return the version of the native code, which is the version of the package.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(version, module)?)?;
    // Each room adds its line here: `room::register(module)?;`
    clients::register(module)?;
    engine::register(module)?;
    gate::register(module)?;
    journal::register(module)?;
    venue::register(module)?;
    wire::register(module)?;

    // What the module offers is written in one place, the stub file.
    module.delattr("__all__")
}
