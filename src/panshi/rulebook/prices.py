"""Price limits (涨跌幅限制), the price cage (有效申报价格范围) and the tick, in integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.units import BP, round_half_up

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Lowest and highest price that is allowed, both included, in 1/100000 yuan.

    None means no bound on that side.
    """

    low_e5: int | None
    high_e5: int | None

    def __contains__(self, price_e5: int) -> bool:
        """Return whether a price lies within the range."""
        if self.low_e5 is not None and price_e5 < self.low_e5:
            return False
        return self.high_e5 is None or price_e5 <= self.high_e5


def round_to_tick_e5(numerator_e5: int, denominator: int, tick_e5: int) -> int:
    """Round a fraction of a price to the nearest tick, halves up.

    >>> round_to_tick_e5(1_005_000 * 11_000, 10_000, 1_000)  # 10.05 yuan x 1.1 = 11.055
    1106000

    Args:
        numerator_e5: Non-negative price in 1/100000 yuan, times the denominator.
        denominator: Positive.
        tick_e5: Price step in 1/100000 yuan, positive.

    Returns:
        A multiple of the tick, in 1/100000 yuan.

    Raises:
        ValueError: If an argument is outside its range.

    Source:
        Trading rules of SSE and SZSE, price limit computed half-up to the tick;
        docs/rules/prices.md.
    """
    return round_half_up(numerator_e5, denominator * tick_e5) * tick_e5


def price_limits_e5(
    prev_close_e5: int,
    up_bp: int,
    down_bp: int,
    tick_e5: int,
    *,
    move_min_ticks: int = 1,
) -> PriceRange:
    """Compute the day's limit prices (涨停价、跌停价).

    A move that rounds to less than the least move becomes the least move; the lower limit is
    never below one tick.

    >>> price_limits_e5(1_005_000, 1_000, 1_000, 1_000)  # 10.05 yuan, 10 %
    PriceRange(low_e5=905000, high_e5=1106000)

    Args:
        prev_close_e5: Previous close, ex-right adjusted, in 1/100000 yuan; positive.
        up_bp: Ratio upwards in 1/10000; not negative.
        down_bp: Ratio downwards in 1/10000; 0 to 10000.
        tick_e5: Price step in 1/100000 yuan; positive.
        move_min_ticks: Least distance of a limit from the previous close, in ticks.

    Returns:
        Both limit prices.

    Raises:
        ValueError: If an argument is outside its range.

    Source:
        SSE and SZSE trading rules, price limit = previous close x (1 ± ratio), half-up to the
        tick, at least one tick; docs/rules/prices.md (price_limit.*).
    """
    if prev_close_e5 <= 0 or tick_e5 <= 0 or up_bp < 0 or not 0 <= down_bp <= BP:
        raise ValueError(
            "previous close and tick must be > 0, ratios must be >= 0 and down <= 10000 bp, found "
            f"{prev_close_e5}, {tick_e5}, {up_bp}, {down_bp}"
        )
    least_e5 = move_min_ticks * tick_e5
    high_e5 = round_to_tick_e5(prev_close_e5 * (BP + up_bp), BP, tick_e5)
    low_e5 = round_to_tick_e5(prev_close_e5 * (BP - down_bp), BP, tick_e5)
    if high_e5 - prev_close_e5 < least_e5:
        high_e5 = prev_close_e5 + least_e5
    if prev_close_e5 - low_e5 < least_e5:
        low_e5 = prev_close_e5 - least_e5
    return PriceRange(max(low_e5, tick_e5), high_e5)


@dataclass(frozen=True, slots=True)
class LimitState:
    """What decides which price limit holds for a security on a day.

    `listed_day` counts trading days from the listing day, which is 1; `delisting_day` counts
    the days of a delisting-arrangement period (退市整理期) and is 0 outside it.
    """

    listed_day: int
    st: bool = False
    wide: bool = False
    delisting_day: int = 0


def limit_ratio_bp(rules: RulesInForce, scope: Scope, state: LimitState) -> tuple[int, int] | None:
    """Return the ratios that hold for a security.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.
        state: Listing day, risk warning (ST), wide list of funds, delisting period.

    Returns:
        Ratio up and ratio down in 1/10000; None on a day without limit.

    Raises:
        RuleMissingError: If a row that decides is not in force.

    Source:
        docs/rules/prices.md: price_limit.ratio, ratio_st, ratio_wide, ipo_free_days,
        first_day_up, first_day_down, delisting_free_days, delisting_ratio.
    """
    if state.delisting_day:
        if state.delisting_day <= rules.integer("price_limit.delisting_free_days", scope):
            return None
        ratio = rules.integer("price_limit.delisting_ratio", scope)
        return ratio, ratio
    if state.listed_day <= rules.integer("price_limit.ipo_free_days", scope):
        return None
    if state.listed_day == 1:
        up = rules.optional_integer("price_limit.first_day_up", scope)
        down = rules.optional_integer("price_limit.first_day_down", scope)
        if up is not None and down is not None:
            return up, down
    name = "ratio_st" if state.st else "ratio_wide" if state.wide else "ratio"
    ratio = rules.integer(f"price_limit.{name}", scope)
    return ratio, ratio


def compute_price_limits(
    rules: RulesInForce, scope: Scope, prev_close_e5: int, state: LimitState
) -> PriceRange | None:
    """Compute the limit prices of a security on the trade date of the rules.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.
        prev_close_e5: Previous close, ex-right adjusted, in 1/100000 yuan.
        state: Listing day, risk warning (ST), wide list of funds, delisting period.

    Returns:
        Both limit prices; None on a day without limit.

    Raises:
        RuleMissingError: If a row that decides is not in force.
        ValueError: If the previous close is not positive.

    Source:
        docs/rules/prices.md; for a risk-warning share at 0.10 yuan or below the limit is 0.01
        yuan away (price_limit.st_low_close, st_low_move).
    """
    ratios = limit_ratio_bp(rules, scope, state)
    if ratios is None:
        return None
    tick_e5 = rules.integer("price.tick", scope)
    least = rules.integer("price_limit.move_min_ticks", scope)
    if state.st and prev_close_e5 <= rules.integer("price_limit.st_low_close", scope):
        move_e5 = rules.integer("price_limit.st_low_move", scope)
        return PriceRange(max(prev_close_e5 - move_e5, tick_e5), prev_close_e5 + move_e5)
    return price_limits_e5(prev_close_e5, *ratios, tick_e5, move_min_ticks=least)


def no_limit_call_range(rules: RulesInForce, scope: Scope, prev_close_e5: int) -> PriceRange:
    """Compute the range of the opening call auction for a share without price limit.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.
        prev_close_e5: Previous close or issue price, in 1/100000 yuan.

    Returns:
        The range; a side is None where the market sets no bound.

    Raises:
        RuleMissingError: If a row that decides is not in force.

    Source:
        docs/rules/prices.md: no_limit.opening_call_up, no_limit.opening_call_down.
    """
    tick_e5 = rules.integer("price.tick", scope)
    bounds: list[int | None] = []
    for rule_id in ("no_limit.opening_call_down", "no_limit.opening_call_up"):
        ratio_bp = rules.optional_integer(rule_id, scope)
        if ratio_bp is None:
            bounds.append(None)
        else:
            bounds.append(round_to_tick_e5(prev_close_e5 * ratio_bp, BP, tick_e5))
    return PriceRange(bounds[0], bounds[1])


def is_on_tick(price_e5: int, tick_e5: int) -> bool:
    """Return whether a price is a positive multiple of the tick.

    Args:
        price_e5: Price in 1/100000 yuan.
        tick_e5: Price step in 1/100000 yuan; positive.

    Returns:
        True if it is.

    Source:
        docs/rules/prices.md: price.tick.
    """
    return price_e5 > 0 and price_e5 % tick_e5 == 0
