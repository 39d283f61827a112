//! Exchange messages: bytes to typed structs and back. No I/O, no clock.
