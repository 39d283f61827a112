//! The simulated exchange gateways.

use std::io::Write;
use std::net::SocketAddr;

use panshi_venue::config::Config;
use panshi_venue::server;
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::funnel::without_python;

/// Reports and orders of the day.
#[pyfunction]
#[pyo3(signature = (config, flow, /))]
fn venue_serve(python: Python<'_>, config: &str, flow: &[u8]) -> PyResult<(u64, usize)> {
    without_python(python, || {
        let config = Config::from_json(config).map_err(Failure::BadInput)?;
        let served = server::serve(&config, flow, announce).map_err(Failure::BadInput)?;
        Ok((served.reports, served.orders))
    })
}

/// Tell on standard output where each gateway listens; whoever started the process reads it.
fn announce(addresses: &[(usize, SocketAddr)]) {
    let mut out = std::io::stdout().lock();
    for (gateway, address) in addresses {
        // A reader that has left is no reason not to serve.
        let _ = writeln!(
            out,
            r#"{{"event": "listening", "gateway": {gateway}, "address": "{address}"}}"#
        );
    }
    let _ = out.flush();
}

/// Add the room's functions to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(venue_serve, module)?)
}
