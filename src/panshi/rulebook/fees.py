"""Fees of a trade: commission, stamp duty, transfer fee, handling fee, regulatory fee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.units import FEN_E5, RATE_E9, round_half_up
from panshi.domain.words import Side

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce

ITEMS = ("commission", "stamp", "transfer", "handling", "regulatory")
"""Fee items in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Rates of a scope for one side, in 1/1000000000 of the amount; 0 where the side is free.

    The commission of an order is at least `commission_min_e5` (1/100000 yuan).
    """

    commission_e9: int
    commission_min_e5: int
    stamp_e9: int
    transfer_e9: int
    handling_e9: int
    regulatory_e9: int


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees of one order, each a whole number of fen, in 1/100000 yuan."""

    commission_e5: int
    stamp_e5: int
    transfer_e5: int
    handling_e5: int
    regulatory_e5: int

    @property
    def total_e5(self) -> int:
        """Sum of all items."""
        return (
            self.commission_e5
            + self.stamp_e5
            + self.transfer_e5
            + self.handling_e5
            + self.regulatory_e5
        )


def load_fee_schedule(rules: RulesInForce, scope: Scope, side: Side) -> FeeSchedule:
    """Return the rates in force for a scope and a side.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.
        side: Side of the order.

    Returns:
        The schedule.

    Raises:
        RuleMissingError: If a row is not in force.

    Source:
        docs/rules/fees.md; none of the rates was compared with the tariff.
    """
    rate = {item: _rate_e9(rules, scope, side, item) for item in ITEMS}
    return FeeSchedule(
        commission_e9=rate["commission"],
        commission_min_e5=rules.integer("fee.commission.min", scope),
        stamp_e9=rate["stamp"],
        transfer_e9=rate["transfer"],
        handling_e9=rate["handling"],
        regulatory_e9=rate["regulatory"],
    )


def _rate_e9(rules: RulesInForce, scope: Scope, side: Side, item: str) -> int:
    pays = rules.word(f"fee.{item}.side", scope)
    if pays not in ("both", "sell" if side is Side.SELL else "buy"):
        return 0
    return rules.integer(f"fee.{item}.rate", scope)


def fee_item_e5(amount_e5: int, rate_e9: int) -> int:
    """Compute one fee item, rounded half-up to the fen.

    >>> fee_item_e5(1_234_567_000, 500_000)  # 12345.67 yuan at 0.05 % = 6.172835 yuan
    617000

    Args:
        amount_e5: Trade amount in 1/100000 yuan; not negative.
        rate_e9: Rate in 1/1000000000; not negative.

    Returns:
        The fee in 1/100000 yuan, a whole number of fen.

    Raises:
        ValueError: If the product is negative.

    Source:
        docs/rules/fees.md: fee.rounding.
    """
    return round_half_up(amount_e5 * rate_e9, RATE_E9 * FEN_E5) * FEN_E5


def compute_fees(schedule: FeeSchedule, amount_e5: int) -> Fees:
    """Compute every fee item of one order from its whole traded amount.

    The minimum commission holds for an order, so the caller gives the sum of its fills. An order
    without fills pays nothing.

    Args:
        schedule: Rates of the scope and side.
        amount_e5: Traded amount of the order in 1/100000 yuan; not negative.

    Returns:
        The fees.

    Raises:
        ValueError: If the amount is negative.

    Source:
        docs/rules/fees.md.
    """
    if amount_e5 == 0:
        return Fees(0, 0, 0, 0, 0)
    commission_e5 = fee_item_e5(amount_e5, schedule.commission_e9)
    return Fees(
        commission_e5=max(commission_e5, schedule.commission_min_e5),
        stamp_e5=fee_item_e5(amount_e5, schedule.stamp_e9),
        transfer_e5=fee_item_e5(amount_e5, schedule.transfer_e9),
        handling_e5=fee_item_e5(amount_e5, schedule.handling_e9),
        regulatory_e5=fee_item_e5(amount_e5, schedule.regulatory_e9),
    )
