"""Price limits and cage bounds against oracles that do not share their arithmetic."""

import os
import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from panshi.domain.words import Side
from panshi.rulebook.cage import CageRule, cage_bound_e5
from panshi.rulebook.fees import fee_item_e5
from panshi.rulebook.prices import price_limits_e5

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "")
SAMPLES = {"nightly": 5_000_000, "ci": 300_000}.get(PROFILE, 100_000)
RATIOS_BP = (500, 1_000, 2_000, 3_000, 4_400, 5_730)


def oracle_limits(close_ticks: int, ratio_bp: int) -> tuple[int, int]:
    """Return both limits in ticks, by decimal digits and school rounding of positive numbers.

    The digits of close x (10000 ± ratio) / 10000 are looked at as text: the last four are the
    fraction, and the first of them decides.
    """

    def round_text(product: int) -> int:
        digits = str(product).rjust(5, "0")
        return int(digits[:-4]) + (digits[-4] >= "5")

    high = max(round_text(close_ticks * (10_000 + ratio_bp)), close_ticks + 1)
    low = min(round_text(close_ticks * (10_000 - ratio_bp)), close_ticks - 1)
    return max(low, 1), high


def test_millions_of_previous_closes_round_like_the_oracle() -> None:
    chosen = random.Random(20260706)
    for number in range(SAMPLES):
        # Every price to 1,000 yuan in the long run, and random ones beyond.
        close = number % 100_000 + 1 if number < SAMPLES // 2 else chosen.randrange(1, 10**7)
        ratio_bp = RATIOS_BP[number % len(RATIOS_BP)]
        limits = price_limits_e5(close * 1_000, ratio_bp, ratio_bp, 1_000)
        low, high = oracle_limits(close, ratio_bp)
        assert (limits.low_e5, limits.high_e5) == (low * 1_000, high * 1_000), (close, ratio_bp)


@given(
    close_e5=st.integers(1, 10**10),
    up_bp=st.integers(0, 10_000),
    down_bp=st.integers(0, 10_000),
    tick_e5=st.sampled_from([100, 500, 1_000]),
)
def test_limits_are_those_of_exact_fractions(
    close_e5: int, up_bp: int, down_bp: int, tick_e5: int
) -> None:
    limits = price_limits_e5(close_e5, up_bp, down_bp, tick_e5)
    half = Fraction(1, 2)
    high = int(Fraction(close_e5 * (10_000 + up_bp), 10_000 * tick_e5) + half) * tick_e5
    low = int(Fraction(close_e5 * (10_000 - down_bp), 10_000 * tick_e5) + half) * tick_e5
    if high - close_e5 < tick_e5:
        high = close_e5 + tick_e5
    if close_e5 - low < tick_e5:
        low = close_e5 - tick_e5
    assert (limits.low_e5, limits.high_e5) == (max(low, tick_e5), high)


@given(
    reference=st.integers(1, 10**7),
    ticks=st.sampled_from([0, 10]),
    side=st.sampled_from(list(Side)),
)
def test_the_cage_lets_no_worse_price_through_than_its_rule(
    reference: int, ticks: int, side: Side
) -> None:
    bound = cage_bound_e5(side, reference * 1_000, CageRule(10_200, 9_800, ticks, 1_000, "reject"))
    factor = Decimal("1.02") if side is Side.BUY else Decimal("0.98")
    by_ratio = int((reference * factor).quantize(Decimal(1), ROUND_HALF_UP))
    if side is Side.BUY:
        expected = max(by_ratio, reference + ticks)
    else:
        expected = min(by_ratio, reference - ticks) if ticks else by_ratio
    assert bound == max(expected, 1) * 1_000


@given(amount_e5=st.integers(0, 10**15), rate_e9=st.integers(0, 3_000_000))
def test_a_fee_is_the_nearest_fen_of_the_exact_product(amount_e5: int, rate_e9: int) -> None:
    exact_fen = Decimal(amount_e5) / 1_000 * rate_e9 / 10**9
    fen = int(exact_fen.quantize(Decimal(1), ROUND_HALF_UP))
    assert fee_item_e5(amount_e5, rate_e9) == fen * 1_000
