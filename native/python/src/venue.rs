//! The simulated exchange gateways.

use std::io::Write;

use panshi_venue::config::Config;
use panshi_venue::server::{self, Told};
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::funnel::without_python;

/// Reports and orders of the day, and how often each scripted fault struck.
#[pyfunction]
#[pyo3(signature = (config, flow, /))]
fn venue_serve(python: Python<'_>, config: &str, flow: &[u8]) -> PyResult<(u64, usize, Vec<u64>)> {
    without_python(python, || {
        let config = Config::from_json(config).map_err(Failure::BadInput)?;
        let served = server::serve(&config, flow, announce).map_err(Failure::BadInput)?;
        Ok((served.reports, served.orders, served.faults))
    })
}

/// Tell on standard output what happens; whoever started the process reads it.
fn announce(told: &Told<'_>) {
    let mut out = std::io::stdout().lock();
    // A reader that has left is no reason not to serve.
    let _ = match told {
        Told::Listening(addresses) => addresses.iter().try_for_each(|(gateway, address)| {
            writeln!(
                out,
                r#"{{"event": "listening", "gateway": {gateway}, "address": "{address}"}}"#
            )
        }),
        Told::Fault(strike) => writeln!(
            out,
            r#"{{"event": "fault", "fault": {}, "gateway": {}, "ns_of_day": {}}}"#,
            strike.row, strike.gateway, strike.ns_of_day
        ),
        Told::Session {
            gateway,
            on,
            wall_ns,
        } => writeln!(
            out,
            r#"{{"event": "session", "gateway": {gateway}, "on": {on}, "wall_ns": {wall_ns}}}"#
        ),
    };
    let _ = out.flush();
}

/// Add the room's functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(venue_serve, module)?)
}
