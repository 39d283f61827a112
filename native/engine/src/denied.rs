//! A check that did not hold, as a value.

use crate::code::Code;

/// Why a check does not hold: the code and its two numbers (`docs/rules/engine.md`, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The reason.
    pub code: Code,
    /// What must hold.
    pub limit: i64,
    /// What was found.
    pub found: i64,
}

impl Denied {
    /// A refusal with both numbers.
    #[must_use]
    pub const fn new(code: Code, limit: i64, found: i64) -> Self {
        Self { code, limit, found }
    }

    /// A refusal that says all by its code.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self::new(code, 0, 0)
    }
}
