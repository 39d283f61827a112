//! Steps 8 and 10 to 12: states of customer and account, what the buyer may buy, program trading, credit.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::kind::{Market, OrderType, ProgramState, security_flag};

/// Codes of the four states of one party: frozen, closed, buy only, sell only.
type StateCodes = [Code; 4];

const CUSTOMER: StateCodes = [
    Code::CustomerFrozen,
    Code::CustomerClosed,
    Code::CustomerBuyOnly,
    Code::CustomerSellOnly,
];
const ACCOUNT: StateCodes = [
    Code::AccountFrozen,
    Code::AccountClosed,
    Code::AccountBuyOnly,
    Code::AccountSellOnly,
];

/// Run step 8.
///
/// # Errors
/// The first failing check.
pub fn check_states(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    check_state(ctx, ctx.customer.state, CUSTOMER)?;
    check_state(ctx, ctx.account.state, ACCOUNT)
}

fn check_state(ctx: &mut Ctx<'_>, state: u8, codes: StateCodes) -> Result<(), Denied> {
    let [frozen, closed, buy_only, sell_only] = codes;
    let code = match state {
        1 => return Ok(()),
        2 if ctx.buy => return Ok(()),
        3 if !ctx.buy => return Ok(()),
        2 => buy_only,
        3 => sell_only,
        5 => closed,
        _ => frozen,
    };
    ctx.fail(code, 0, 0)
}

/// Run step 10.
///
/// # Errors
/// The first failing check.
pub fn check_buyer(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    if !ctx.buy {
        return Ok(());
    }
    let (rule, customer) = (ctx.rule, ctx.customer);
    let granted = customer.permissions & ctx.account.permissions;
    if rule.permissions & !granted != 0 {
        let needed = i64::from(rule.permissions);
        ctx.fail(Code::PermissionMissing, needed, i64::from(granted))?;
    }
    let signed = customer.disclosures;
    if rule.disclosures & !signed != 0 {
        let needed = i64::from(rule.disclosures);
        ctx.fail(Code::DisclosureMissing, needed, i64::from(signed))?;
    }
    if u32::from(customer.risk_grade) < rule.risk_grade {
        let (needed, found) = (i64::from(rule.risk_grade), i64::from(customer.risk_grade));
        ctx.fail(Code::RiskGradeLow, needed, found)?;
    }
    Ok(())
}

/// Run step 11.
///
/// # Errors
/// The first failing check.
pub fn check_program(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (order, client, customer) = (ctx.order, &ctx.client.row, ctx.customer);
    let carried = client.program_len == 1
        && order.user_info.get(usize::from(client.program_at)) == Some(&b'P');
    let flagged = order.market == Market::Szse.number()
        && order
            .restrictions
            .iter()
            .any(|flag| matches!(flag, b'1' | b'E'));
    ctx.program = client.program == 1 || ctx.account.program == 1 || carried || flagged;
    if ctx.program {
        let state = ProgramState::from_number(customer.program_state);
        let confirmed = match state {
            Some(ProgramState::ExchangeConfirmed) => true,
            Some(ProgramState::BrokerConfirmed | ProgramState::ExchangeReported) => {
                customer.program_confirm == 1
            }
            _ => false,
        };
        if !confirmed {
            let found = i64::from(customer.program_state);
            ctx.fail(Code::ProgramNotReported, 0, found)?;
        }
    }
    if ctx.account.high_frequency && customer.high_frequency == 0 {
        ctx.fail(Code::HighFrequencyNotReported, 0, 0)?;
    }
    Ok(())
}

/// Run step 12.
///
/// # Errors
/// The first failing check.
pub fn check_credit(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let order = ctx.order;
    let (tagged, financed, lent) = if order.market == Market::Sse.number() {
        let tag = &order.credit_tag;
        (tag != b"  ", tag == b"RZ", tag == b"RQ")
    } else {
        let open = order.cash_margin == b'2';
        (matches!(order.cash_margin, b'2' | b'3'), open, open)
    };
    if !tagged {
        return Ok(());
    }
    if ctx.customer.margin == 0 {
        ctx.fail(Code::MarginNotAllowed, 0, 0)?;
    }
    ctx.short_sale = lent && !ctx.buy;
    let flags = ctx.security.flags;
    let no_financing = financed && ctx.buy && flags & security_flag::MARGIN_BUY == 0;
    let no_lending = ctx.short_sale
        && (flags & security_flag::SHORT_SELL == 0
            || order.order_type != OrderType::Limit.number());
    if no_financing || no_lending {
        ctx.fail(Code::CreditTagWrong, 0, 0)?;
    }
    Ok(())
}
