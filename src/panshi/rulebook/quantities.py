"""How many shares, units or bonds one order may have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from panshi.domain.words import OrderKind, Side

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce


class QuantityFault(StrEnum):
    """Why a quantity is not allowed."""

    NOT_POSITIVE = "not_positive"
    BELOW_MINIMUM = "below_minimum"
    OFF_STEP = "off_step"
    ODD_LOT = "odd_lot"
    ABOVE_MAXIMUM = "above_maximum"


@dataclass(frozen=True, slots=True)
class QuantityRule:
    """Lots and maxima of a scope, in shares (units of a fund, bonds of 100 yuan face)."""

    buy_min: int
    buy_step: int
    sell_min: int
    sell_step: int
    odd_lot_below: int
    limit_max: int
    market_max: int
    after_hours_max: int


def load_quantity_rule(rules: RulesInForce, scope: Scope) -> QuantityRule:
    """Return the lots and maxima in force for a scope.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.

    Returns:
        The rule.

    Raises:
        RuleMissingError: If a row is not in force.

    Source:
        docs/rules/quantity.md.
    """
    return QuantityRule(
        buy_min=rules.integer("quantity.buy_min", scope),
        buy_step=rules.integer("quantity.buy_step", scope),
        sell_min=rules.integer("quantity.sell_min", scope),
        sell_step=rules.integer("quantity.sell_step", scope),
        odd_lot_below=rules.integer("quantity.odd_lot_below", scope),
        limit_max=rules.integer("quantity.limit_max", scope),
        market_max=rules.integer("quantity.market_max", scope),
        after_hours_max=rules.integer("quantity.after_hours_max", scope),
    )


def quantity_max(rule: QuantityRule, kind: OrderKind) -> int:
    """Return the largest quantity of one order of a kind.

    Args:
        rule: Lots and maxima of the scope.
        kind: Kind of the order.

    Returns:
        The maximum in shares.

    Source:
        docs/rules/quantity.md: quantity.limit_max, market_max, after_hours_max.
    """
    if kind is OrderKind.LIMIT:
        return rule.limit_max
    return rule.after_hours_max if kind is OrderKind.FIXED_PRICE else rule.market_max


def check_quantity(
    rule: QuantityRule, kind: OrderKind, side: Side, qty: int, sellable_qty: int
) -> QuantityFault | None:
    """Check the quantity of one order.

    A sell that is no whole number of lots is right only if it takes the whole odd remainder
    (零股一次性卖出): what is left sellable afterwards must be whole lots. Where the step is one
    share, a sell below the least quantity must be all there is.

    Args:
        rule: Lots and maxima of the scope.
        kind: Kind of the order.
        side: Side of the order.
        qty: Shares of the order.
        sellable_qty: Shares that the account may still sell; read for sells only.

    Returns:
        What is wrong, or None.

    Source:
        docs/rules/quantity.md: quantity.buy_min, buy_step, sell_min, sell_step, odd_lot_below.
    """
    if qty <= 0:
        return QuantityFault.NOT_POSITIVE
    if qty > quantity_max(rule, kind):
        return QuantityFault.ABOVE_MAXIMUM
    if side is Side.BUY:
        if qty < rule.buy_min:
            return QuantityFault.BELOW_MINIMUM
        return None if (qty - rule.buy_min) % rule.buy_step == 0 else QuantityFault.OFF_STEP
    return _check_sell(rule, qty, sellable_qty)


def _check_sell(rule: QuantityRule, qty: int, sellable_qty: int) -> QuantityFault | None:
    if qty >= rule.sell_min and (qty - rule.sell_min) % rule.sell_step == 0:
        return None
    if rule.sell_step > 1:
        # The odd part of what is sellable goes with whole lots or alone, but never in pieces.
        takes_remainder = (
            qty <= sellable_qty and qty % rule.sell_step == sellable_qty % rule.sell_step
        )
    else:
        takes_remainder = qty == sellable_qty
    if takes_remainder:
        return None
    return QuantityFault.ODD_LOT if qty < rule.odd_lot_below else QuantityFault.OFF_STEP
