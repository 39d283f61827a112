//! Steps 5 to 7: account, customer, branch, terminal, strategy and their trading states.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Market, Scope};

const BLANK: [u8; 8] = [b' '; 8];

/// Run steps 5 to 7.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    check_owner(ctx)?;
    check_terminal(ctx)?;
    check_states(ctx)
}

fn check_owner(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (tables, order) = (ctx.tables, ctx.order);
    let unknown = Denied::plain(Code::AccountUnknown);
    let at = ctx.found.account.ok_or(unknown)?;
    let account = tables.accounts.get(at as usize).ok_or(unknown)?;
    (ctx.account, ctx.account_at) = (account, at);
    let allowed = ctx
        .client
        .row
        .access_mask
        .checked_shr(u32::from(account.access));
    if allowed.is_none_or(|mask| mask & 1 == 0) {
        ctx.fail(Code::AccountNotOfClient, 0, 0)?;
    }
    ctx.customer = tables
        .customers
        .get(account.customer as usize)
        .filter(|row| row.loaded)
        .ok_or(Denied::plain(Code::CustomerUnknown))?;
    if account.pbu != BLANK && account.pbu != order.pbu {
        ctx.fail(Code::AccountNotOfPbu, 0, 0)?;
    }
    if !tables.branches.is_open(&order.branch_id) {
        ctx.fail(Code::BranchUnknown, 0, 0)?;
    }
    if account.branch != order.branch_id {
        ctx.fail(Code::BranchNotOfAccount, 0, 0)?;
    }
    if order.market == Market::Szse.number() && order.owner_type != account.owner_type {
        let (own, sent) = (account.owner_type, order.owner_type);
        ctx.fail(Code::OwnerTypeWrong, i64::from(own), i64::from(sent))?;
    }
    Ok(())
}

fn check_terminal(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let row = &ctx.client.row;
    ctx.terminal =
        carried(&ctx.order.user_info, row.terminal_at, row.terminal_len).unwrap_or(row.terminal);
    if ctx.terminal == 0 {
        if row.terminal_required == 1 {
            ctx.fail(Code::TerminalMissing, 0, 0)?;
        }
        return Ok(());
    }
    let found = i64::from(ctx.terminal);
    match ctx.tables.terminals.get(ctx.terminal as usize) {
        None | Some(0) => ctx.fail(Code::TerminalUnknown, 0, found),
        Some(1) => ctx.fail(Code::TerminalInvalid, 0, found),
        Some(_) => Ok(()),
    }
}

fn check_states(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let tables = ctx.tables;
    let row = &ctx.client.row;
    let sent = carried(&ctx.order.user_info, row.strategy_at, row.strategy_len)
        .and_then(|number| u16::try_from(number).ok());
    ctx.strategy = [sent.unwrap_or(0), ctx.account.strategy, row.strategy]
        .into_iter()
        .find(|number| *number != 0)
        .unwrap_or(0);
    ctx.check_state(Scope::Account, ctx.account.trading)?;
    let group = ctx.customer.owner_group as usize;
    if let Some(state) = tables.owner_group_states.get(group) {
        ctx.check_state(Scope::OwnerGroup, *state)?;
    }
    if ctx.strategy != 0
        && let Some(state) = tables.strategy_states.get(usize::from(ctx.strategy))
    {
        ctx.check_state(Scope::Strategy, *state)?;
    }
    Ok(())
}

/// A decimal number at its place in `UserInfo`; nothing when it is not carried or not made of digits.
#[must_use]
pub fn carried(user_info: &[u8; 32], at: u8, length: u8) -> Option<u32> {
    if length == 0 {
        return None;
    }
    let (start, end) = (usize::from(at), usize::from(at) + usize::from(length));
    user_info
        .get(start..end)?
        .iter()
        .try_fold(0_u32, |number, digit| {
            let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        })
}

#[cfg(test)]
mod tests {
    use super::carried;

    #[test]
    fn numbers_are_read_where_the_mapping_says() {
        let mut info = [b' '; 32];
        info[..5].copy_from_slice(b"0427P");
        assert_eq!(carried(&info, 0, 2), Some(4));
        assert_eq!(carried(&info, 2, 2), Some(27));
        assert_eq!((carried(&info, 3, 2), carried(&info, 0, 0)), (None, None));
        assert_eq!(carried(&info, 31, 2), None);
    }
}
