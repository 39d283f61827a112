"""Fees and price arithmetic with exact fractions, on purpose unlike the native integers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.twin.state import Row

FEN_E5 = 1000


def half_up(value: Fraction, unit: int) -> int:
    """Round to a multiple of the unit, halves up."""
    return math.floor(value / unit + Fraction(1, 2)) * unit


def fee_e5(fee: Row, *, buy: bool, amount: int) -> int:
    """Return all fees of an order that has traded this value."""
    if amount == 0:
        return 0
    stamp = fee["stamp_buy_e8"] if buy else fee["stamp_sell_e8"]
    commission = max(
        half_up(Fraction(amount * fee["commission_e8"], 10**8), FEN_E5), fee["commission_min_e5"]
    )
    total = commission + sum(
        half_up(Fraction(amount * rate, 10**8), FEN_E5)
        for rate in (stamp, fee["transfer_e8"], fee["handling_e8"], fee["regulatory_e8"])
    )
    return int(total if buy else min(total, amount))


def cage_bound(reference: int, rule: Row, *, buy: bool) -> int:
    """Return the worst price that the cage lets through."""
    tick = int(rule["tick_e5"])
    sign = 1 if buy else -1
    ratio = half_up(Fraction(reference * (10_000 + sign * rule["cage_bp"]), 10_000), tick)
    ticks = int(reference + sign * rule["cage_ticks"] * tick)
    if buy:
        return max(ratio, ticks) if rule["cage_ticks"] else ratio
    return max(tick, min(ratio, ticks) if rule["cage_ticks"] else ratio)


def bp_of(price: int, bp: int, tick: int) -> int:
    """Return a share of a price, rounded half up to the tick."""
    return half_up(Fraction(price * bp, 10_000), tick)
