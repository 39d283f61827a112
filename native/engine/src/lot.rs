//! Lots: which quantities may be bought and sold (`docs/rules/engine.md`, section 2, step 16).

use crate::code::Code;
use crate::denied::Denied;
use crate::record::load::LoadRule;

/// Check the quantity of a buy against minimum and step.
///
/// # Errors
/// `QtyBelowMin` or `QtyStep`.
#[inline]
pub fn check_buy(rule: &LoadRule, qty: i64) -> Result<(), Denied> {
    if qty < rule.buy_min_qty {
        return Err(Denied::new(Code::QtyBelowMin, rule.buy_min_qty, qty));
    }
    if divides(qty.saturating_sub(rule.buy_min_qty), rule.buy_step_qty) {
        Ok(())
    } else {
        Err(Denied::new(Code::QtyStep, rule.buy_step_qty, qty))
    }
}

/// Check the quantity of a sale: whole lots, or the odd lot as a whole.
///
/// # Errors
/// `QtyOddLot` or `QtyStep`.
#[inline]
pub fn check_sale(rule: &LoadRule, qty: i64, sellable: i64) -> Result<(), Denied> {
    let (min, step) = (rule.sell_min_qty, rule.sell_step_qty);
    if qty >= min && divides(qty.saturating_sub(min), step) {
        return Ok(());
    }
    let whole = if step > 1 {
        let odd = sellable.checked_rem(step).unwrap_or(0);
        qty <= sellable && odd > 0 && qty.checked_rem(step) == Some(odd)
    } else {
        qty == sellable && sellable < rule.odd_lot_qty
    };
    if whole {
        Ok(())
    } else if qty < rule.odd_lot_qty {
        Err(Denied::new(Code::QtyOddLot, sellable, qty))
    } else {
        Err(Denied::new(Code::QtyStep, step, qty))
    }
}

fn divides(qty: i64, step: i64) -> bool {
    step == 1 || qty.checked_rem(step) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::{check_buy, check_sale};
    use crate::code::Code;
    use crate::record::load::LoadRule;

    fn main_board() -> LoadRule {
        LoadRule {
            buy_min_qty: 100,
            buy_step_qty: 100,
            sell_min_qty: 100,
            sell_step_qty: 100,
            odd_lot_qty: 100,
            ..LoadRule::default()
        }
    }

    fn star() -> LoadRule {
        LoadRule {
            buy_min_qty: 200,
            buy_step_qty: 1,
            sell_min_qty: 200,
            sell_step_qty: 1,
            odd_lot_qty: 200,
            ..LoadRule::default()
        }
    }

    #[test]
    fn the_main_board_buys_whole_lots() {
        let code = |qty| check_buy(&main_board(), qty).map_err(|denied| denied.code);
        assert_eq!((code(100), code(1_200)), (Ok(()), Ok(())));
        assert_eq!(
            (code(50), code(150)),
            (Err(Code::QtyBelowMin), Err(Code::QtyStep))
        );
    }

    #[test]
    fn star_buys_from_two_hundred_in_single_shares() {
        let code = |qty| check_buy(&star(), qty).map_err(|denied| denied.code);
        assert_eq!(
            (code(200), code(201), code(199)),
            (Ok(()), Ok(()), Err(Code::QtyBelowMin))
        );
    }

    #[test]
    fn an_odd_lot_is_sold_whole() {
        let code = |qty, held| check_sale(&main_board(), qty, held).map_err(|denied| denied.code);
        assert_eq!(
            (
                code(100, 250),
                code(250, 250),
                code(150, 250),
                code(50, 250)
            ),
            (Ok(()), Ok(()), Ok(()), Ok(()))
        );
        assert_eq!(code(30, 250), Err(Code::QtyOddLot));
        assert_eq!(code(130, 250), Err(Code::QtyStep));
        assert_eq!(code(50, 200), Err(Code::QtyOddLot));
    }

    #[test]
    fn a_star_rest_below_two_hundred_is_sold_whole() {
        let code = |qty, held| check_sale(&star(), qty, held).map_err(|denied| denied.code);
        assert_eq!((code(150, 150), code(201, 500)), (Ok(()), Ok(())));
        assert_eq!(
            (code(100, 150), code(150, 350)),
            (Err(Code::QtyOddLot), Err(Code::QtyOddLot))
        );
    }
}
