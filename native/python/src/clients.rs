//! Simulated client order systems: one call plays a day of actions and returns what came back.

use panshi_venue::clients::{Action, Config, Event, run};
use panshi_wire::layout::{FieldDesc, Kind, Layout};
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::funnel::without_python;

#[pyfunction]
#[pyo3(signature = (config, actions, /))]
fn run_clients(python: Python<'_>, config: &str, actions: &[u8]) -> PyResult<Vec<u8>> {
    without_python(python, || {
        let config = Config::from_json(config).map_err(Failure::BadInput)?;
        run(&config, actions).map_err(Failure::BadInput)
    })
}

/// Name and format character (as Python's `struct` has it) of each field.
type Fields = Vec<(&'static str, String)>;

#[pyfunction]
fn client_records() -> (Fields, Fields) {
    (fields(Action::FIELDS), fields(Event::FIELDS))
}

fn fields(fields: &[FieldDesc]) -> Fields {
    let kind = |field: &FieldDesc| match field.kind {
        Kind::U8 => "B".to_owned(),
        Kind::U16 => "H".to_owned(),
        Kind::U32 => "I".to_owned(),
        Kind::U64 => "Q".to_owned(),
        Kind::I16 => "h".to_owned(),
        Kind::I32 => "i".to_owned(),
        Kind::I64 => "q".to_owned(),
        Kind::Char(width) => format!("{width}s"),
    };
    fields
        .iter()
        .map(|field| (field.name, kind(field)))
        .collect()
}

/// Add the room's functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_clients, module)?)?;
    module.add_function(wrap_pyfunction!(client_records, module)?)
}
