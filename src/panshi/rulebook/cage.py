"""The price cage (有效申报价格范围) of limit orders in continuous trading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.units import BP
from panshi.domain.words import Side
from panshi.rulebook.prices import round_to_tick_e5

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce


@dataclass(frozen=True, slots=True)
class CageRule:
    """The cage of a scope: ratios in 1/10000, the least distance in ticks, and the consequence.

    `ticks` 0 means a pure ratio. `hold` keeps an order until it comes within the cage, which
    ChiNext did before the registration reform; `reject` refuses it.
    """

    buy_bp: int
    sell_bp: int
    ticks: int
    tick_e5: int
    action: str


@dataclass(frozen=True, slots=True)
class Quotes:
    """Live prices of a security in 1/100000 yuan; 0 where there is none."""

    best_bid_e5: int
    best_ask_e5: int
    last_e5: int
    prev_close_e5: int


def load_cage(rules: RulesInForce, scope: Scope) -> CageRule | None:
    """Return the cage in force for a scope.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.

    Returns:
        The cage, or None where the scope has none.

    Raises:
        RuleMissingError: If a row that decides is not in force.

    Source:
        docs/rules/cage.md: cage.enabled, buy_ratio, sell_ratio, ticks, action.
    """
    if not rules.flag("cage.enabled", scope):
        return None
    return CageRule(
        buy_bp=rules.integer("cage.buy_ratio", scope),
        sell_bp=rules.integer("cage.sell_ratio", scope),
        ticks=rules.integer("cage.ticks", scope),
        tick_e5=rules.integer("price.tick", scope),
        action=rules.word("cage.action", scope),
    )


def cage_reference_e5(side: Side, quotes: Quotes) -> int:
    """Return the price from which the cage is measured.

    Args:
        side: Side of the order.
        quotes: Live prices of the security.

    Returns:
        For a buy the best ask, then best bid, last trade, previous close, whichever is first
        there; for a sell the best bid first. 0 if there is none at all.

    Source:
        docs/rules/cage.md: cage.reference_buy, cage.reference_sell.
    """
    best = (quotes.best_ask_e5, quotes.best_bid_e5)
    first, second = best if side is Side.BUY else reversed(best)
    return first or second or quotes.last_e5 or quotes.prev_close_e5


def cage_bound_e5(side: Side, reference_e5: int, cage: CageRule) -> int:
    """Compute the worst price that a limit order may have.

    >>> main = CageRule(10_200, 9_800, 10, 1_000, "reject")
    >>> cage_bound_e5(Side.BUY, 200_000, main)  # 2.00 yuan: 2 % is 4 ticks, ten ticks are more
    210000

    Args:
        side: Side of the order.
        reference_e5: Price from which the cage is measured, in 1/100000 yuan; positive.
        cage: The cage of the security's scope.

    Returns:
        Highest price for a buy, lowest price for a sell, in 1/100000 yuan.

    Raises:
        ValueError: If the reference price is not positive.

    Source:
        docs/rules/cage.md: buy <= max(102 %, + 10 ticks), sell >= min(98 %, - 10 ticks),
        half-up to the tick, never below one tick.
    """
    if reference_e5 <= 0:
        raise ValueError(f"reference price must be > 0, found {reference_e5}")
    distance_e5 = cage.ticks * cage.tick_e5
    if side is Side.BUY:
        bound_e5 = round_to_tick_e5(reference_e5 * cage.buy_bp, BP, cage.tick_e5)
        if distance_e5:
            bound_e5 = max(bound_e5, reference_e5 + distance_e5)
    else:
        bound_e5 = round_to_tick_e5(reference_e5 * cage.sell_bp, BP, cage.tick_e5)
        if distance_e5:
            bound_e5 = min(bound_e5, reference_e5 - distance_e5)
    return max(bound_e5, cage.tick_e5)
