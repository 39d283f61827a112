//! The order engine: a deterministic state machine. No I/O, no clock.
