//! The one place where native failures become Python exceptions.

use pyo3::exceptions::PyOSError;
use pyo3::{PyErr, import_exception};

import_exception!(panshi.domain.errors, BadInputError);
import_exception!(panshi.domain.errors, HaltedError);

/// What a native call can fail with, as Python tells it apart.
///
/// Every room maps its own error type to one of these kinds with a `From` in its file here. The
/// text is the room's own and says what must hold, what was found and where. A check that did not
/// hold is no failure but a value that the call returns.
#[derive(Debug)]
pub enum Failure {
    /// Bytes, configuration or arguments do not hold what they must.
    BadInput(String),
    /// Something that served had to end because it could not do its work any more.
    Halted(String),
    /// A file, socket or device refused; the text says which and during what.
    Surroundings(std::io::Error, String),
}

/// Turn a failure into the exception that the stub file documents.
pub fn into_python(failure: Failure) -> PyErr {
    match failure {
        Failure::BadInput(text) => BadInputError::new_err(text),
        Failure::Halted(text) => HaltedError::new_err(text),
        Failure::Surroundings(error, place) => match error.raw_os_error() {
            Some(number) => PyOSError::new_err((number, format!("{place}: {error}"))),
            None => PyOSError::new_err(format!("{place}: {error}")),
        },
    }
}
