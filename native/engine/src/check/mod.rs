//! The checks of new orders and cancels, one family per file, in the order of `docs/rules/engine.md`.

pub mod aggregate;
pub mod cancel;
pub mod front;
pub mod funds;
pub mod identity;
pub mod permission;
pub mod price;
pub mod quantity;
pub mod security;
pub mod session;
pub mod threshold;

use crate::context::Ctx;
use crate::denied::Denied;

/// Run every check of a new order; the first that refuses ends it.
///
/// # Errors
/// The first failing check that is switched on.
pub fn check_order(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    session::check(ctx)?;
    identity::check(ctx)?;
    permission::check_states(ctx)?;
    security::check_security(ctx)?;
    permission::check_buyer(ctx)?;
    permission::check_program(ctx)?;
    permission::check_credit(ctx)?;
    security::check_window(ctx)?;
    security::check_gateway(ctx)?;
    price::check(ctx)?;
    quantity::check(ctx)?;
    funds::check(ctx)?;
    front::check(ctx)?;
    threshold::check(ctx)?;
    aggregate::check(ctx)?;
    aggregate::check_capacity(ctx)
}
