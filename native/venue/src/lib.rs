//! Simulated exchange gateways with a matching engine.
