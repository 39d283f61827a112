//! The gate process: sockets, sessions, timers; feeds the engine, writes the journal.
