//! The one place where native failures become Python exceptions.

use pyo3::PyErr;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};

/// What a native call can fail with, as Python tells it apart.
///
/// Every room maps its own error type to one of these kinds; the text is the room's own and says
/// what must hold, what was found and where.
#[derive(Debug)]
pub enum Failure {
    /// The caller's bytes, configuration or arguments do not hold what they must.
    BadInput(String),
    /// A file, socket or device refused.
    Surroundings(std::io::Error, String),
    /// A check that the caller asked for did not hold, for example a journal that does not verify.
    NotHeld(String),
}

/// Turn a failure into the exception that the stub file documents.
pub fn into_python(failure: Failure) -> PyErr {
    match failure {
        Failure::BadInput(text) => PyValueError::new_err(text),
        Failure::Surroundings(error, place) => match error.raw_os_error() {
            Some(number) => PyOSError::new_err((number, format!("{error}: {place}"))),
            None => PyOSError::new_err(format!("{error}: {place}")),
        },
        Failure::NotHeld(text) => PyRuntimeError::new_err(text),
    }
}
