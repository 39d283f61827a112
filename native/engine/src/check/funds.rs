//! Step 17: cash for a buy with all its fees, shares for a sale (验资验券).

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::fee::fee_e5;
use crate::kind::security_flag;
use crate::table::order::NONE;

/// Run step 17.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    ctx.fee = ctx
        .tables
        .fee(ctx.security.rule, ctx.customer.fee_group)
        .ok_or(Denied::plain(Code::FeeMissing))?;
    if !ctx.buy {
        return check_shares(ctx);
    }
    if ctx.price_e5 == 0 && ctx.security.flags & security_flag::NO_LIMIT != 0 {
        return Err(Denied::plain(Code::LimitMissing));
    }
    let needed = fee_e5(ctx.fee, true, ctx.value_e5)
        .and_then(|fee| ctx.value_e5.checked_add(fee))
        .ok_or(Denied::plain(Code::AmountOverflow))?;
    let available = ctx.customer.available_e5;
    // The exchange does not ask what is left: a recovered buy may leave less than nothing, which stops further ones.
    if needed > available && !ctx.is_recovered() {
        return Err(Denied::new(Code::CashShort, available, needed));
    }
    ctx.freeze_e5 = needed;
    Ok(())
}

fn check_shares(ctx: &Ctx<'_>) -> Result<(), Denied> {
    if ctx.holding_at == NONE {
        return Err(Denied::new(Code::HoldingMissing, 0, ctx.qty));
    }
    let sellable = ctx
        .holding
        .sellable_qty
        .saturating_sub(ctx.holding.frozen_qty);
    if ctx.qty > sellable {
        return Err(Denied::new(Code::HoldingShort, sellable, ctx.qty));
    }
    Ok(())
}
