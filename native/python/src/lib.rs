//! PyO3 binding: converts values, releases the GIL, maps errors.
