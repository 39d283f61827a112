"""What recorded orders tell about the day's price limits when no snapshot gives them.

Orders outside the limits are refused by the exchange and are not in the feed. Where the lowest
and the highest price of the feed are the two limits, exactly one previous close explains both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.rulebook.prices import price_limits_e5

if TYPE_CHECKING:
    from collections.abc import Iterable


def infer_prev_closes_e5(prices_e5: Iterable[int], ratio_bp: int, tick_e5: int) -> list[int]:
    """Return every previous close whose limits are the lowest and the highest price seen.

    Args:
        prices_e5: Prices of a day's orders in 1/100000 yuan.
        ratio_bp: Price limit of the security in 1/10000.
        tick_e5: Price step in 1/100000 yuan.

    Returns:
        Previous closes, rising; none if the extremes are no pair of limits, one if they decide.
    """
    seen = set(prices_e5)
    if not seen:
        return []
    low_e5, high_e5 = min(seen), max(seen)
    middle = (low_e5 + high_e5) // 2 // tick_e5 * tick_e5
    candidates = range(middle - 5 * tick_e5, middle + 6 * tick_e5, tick_e5)
    return [
        close_e5
        for close_e5 in candidates
        if close_e5 > 0
        and (limits := price_limits_e5(close_e5, ratio_bp, ratio_bp, tick_e5)).low_e5 == low_e5
        and limits.high_e5 == high_e5
    ]
