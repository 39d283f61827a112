//! The one place where the interpreter lock is released.

use pyo3::marker::Ungil;
use pyo3::prelude::*;

use crate::failure::{Failure, into_python};

/// Run native work with the interpreter lock released and map its failure.
///
/// While `work` runs, Python threads of the process go on; nothing inside it can touch Python.
pub fn without_python<T, F>(python: Python<'_>, work: F) -> PyResult<T>
where
    T: Send + Ungil,
    F: Send + Ungil + FnOnce() -> Result<T, Failure>,
{
    python.detach(work).map_err(into_python)
}
