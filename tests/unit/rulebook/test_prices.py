"""Price limits: which ratio holds, and bad arguments. Worked figures are golden tests."""

import datetime as dt

import pytest

from panshi.domain.words import Board, Market, Product, Scope
from panshi.rulebook.book import Rulebook
from panshi.rulebook.prices import (
    LimitState,
    PriceRange,
    compute_price_limits,
    is_on_tick,
    limit_ratio_bp,
    no_limit_call_range,
    price_limits_e5,
)

BOOK = Rulebook.load()
RULES = BOOK.on(dt.date(2026, 11, 20))
MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
STAR = Scope(Market.SSE, Board.STAR, Product.STOCK)
SZSE_MAIN = Scope(Market.SZSE, Board.MAIN, Product.STOCK)
FUND = Scope(Market.SZSE, Board.FUND, Product.FUND)
BOND = Scope(Market.SZSE, Board.BOND, Product.CONVERTIBLE)


@pytest.mark.parametrize(
    ("scope", "state", "ratios"),
    [
        (MAIN, LimitState(listed_day=1), None),
        (MAIN, LimitState(listed_day=5), None),
        (MAIN, LimitState(listed_day=6), (1_000, 1_000)),
        (STAR, LimitState(listed_day=6, st=True), (2_000, 2_000)),
        (MAIN, LimitState(listed_day=900, delisting_day=1), None),
        (STAR, LimitState(listed_day=900, delisting_day=2), (2_000, 2_000)),
        (FUND, LimitState(listed_day=1), (1_000, 1_000)),
        (FUND, LimitState(listed_day=90, wide=True), (2_000, 2_000)),
        (BOND, LimitState(listed_day=1), (5_730, 4_330)),
        (BOND, LimitState(listed_day=2), (2_000, 2_000)),
    ],
)
def test_the_ratio_follows_board_product_and_state(
    scope: Scope, state: LimitState, ratios: tuple[int, int] | None
) -> None:
    assert limit_ratio_bp(RULES, scope, state) == ratios


def test_before_the_reform_a_new_main_board_share_had_a_wide_first_day() -> None:
    rules = BOOK.on(dt.date(2023, 2, 1))
    assert limit_ratio_bp(rules, MAIN, LimitState(listed_day=1)) == (4_400, 3_600)
    assert limit_ratio_bp(rules, MAIN, LimitState(listed_day=2)) == (1_000, 1_000)


def test_a_day_without_limit_has_no_range() -> None:
    assert compute_price_limits(RULES, MAIN, 1_000_000, LimitState(listed_day=1)) is None


def test_a_risk_warning_share_at_ten_fen_moves_by_one_fen() -> None:
    state = LimitState(listed_day=900, st=True)
    assert compute_price_limits(RULES, MAIN, 10_000, state) == PriceRange(9_000, 11_000)
    assert compute_price_limits(RULES, MAIN, 1_000, state) == PriceRange(1_000, 2_000)


def test_the_opening_call_of_a_share_without_limit_is_bounded() -> None:
    assert no_limit_call_range(RULES, MAIN, 1_000_000) == PriceRange(500_000, 9_000_000)
    assert no_limit_call_range(RULES, SZSE_MAIN, 1_000_000) == PriceRange(None, 9_000_000)


def test_a_range_holds_its_bounds_and_nothing_beyond() -> None:
    limits = PriceRange(905_000, 1_106_000)
    assert [price in limits for price in (904_999, 905_000, 1_106_000, 1_106_001)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert 1 in PriceRange(None, None)


@pytest.mark.parametrize(
    "arguments",
    [(0, 1_000, 1_000, 1_000), (-5, 1_000, 1_000, 1_000), (1_000, 1, 1, 0), (1_000, -1, 1, 1),
     (1_000, 1, 10_001, 1)],
)  # fmt: skip
def test_arguments_out_of_range_are_refused(arguments: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        price_limits_e5(*arguments)


@pytest.mark.parametrize(("price_e5", "fits"), [(1_000, True), (1_500, False), (0, False)])
def test_a_price_is_on_tick_or_not(price_e5: int, fits: bool) -> None:  # noqa: FBT001 - a table
    assert is_on_tick(price_e5, 1_000) is fits
