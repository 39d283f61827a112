"""The price cage: reference price, who has one, bounds at their edges."""

import datetime as dt

import pytest

from panshi.domain.words import Board, Market, Product, Scope, Side
from panshi.rulebook.book import Rulebook
from panshi.rulebook.cage import CageRule, Quotes, cage_bound_e5, cage_reference_e5, load_cage

BOOK = Rulebook.load()
MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
STAR = Scope(Market.SSE, Board.STAR, Product.STOCK)
CHINEXT = Scope(Market.SZSE, Board.CHINEXT, Product.STOCK)
FUND = Scope(Market.SSE, Board.FUND, Product.FUND)
BID, ASK, LAST, CLOSE = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("side", "quotes", "reference"),
    [
        (Side.BUY, Quotes(BID, ASK, LAST, CLOSE), ASK),
        (Side.BUY, Quotes(BID, 0, LAST, CLOSE), BID),
        (Side.BUY, Quotes(0, 0, LAST, CLOSE), LAST),
        (Side.BUY, Quotes(0, 0, 0, CLOSE), CLOSE),
        (Side.SELL, Quotes(BID, ASK, LAST, CLOSE), BID),
        (Side.SELL, Quotes(0, ASK, LAST, CLOSE), ASK),
        (Side.SELL, Quotes(0, 0, LAST, CLOSE), LAST),
        (Side.SELL, Quotes(0, 0, 0, 0), 0),
    ],
)
def test_the_reference_is_the_first_price_there_is(
    side: Side, quotes: Quotes, reference: int
) -> None:
    assert cage_reference_e5(side, quotes) == reference


def test_the_main_board_has_a_cage_from_its_date_and_funds_have_none() -> None:
    assert load_cage(BOOK.on(dt.date(2023, 2, 1)), MAIN) is None
    assert load_cage(BOOK.on(dt.date(2023, 7, 11)), MAIN) is not None
    assert load_cage(BOOK.on(dt.date(2026, 11, 20)), FUND) is None


def test_star_has_no_ten_ticks_and_old_chinext_held_orders() -> None:
    star = load_cage(BOOK.on(dt.date(2026, 11, 20)), STAR)
    chinext = load_cage(BOOK.on(dt.date(2023, 2, 1)), CHINEXT)
    assert star is not None
    assert (star.ticks, star.action) == (0, "reject")
    assert chinext is not None
    assert (chinext.ticks, chinext.action) == (0, "hold")


def test_a_bound_is_never_below_one_tick() -> None:
    assert cage_bound_e5(Side.SELL, 3_000, CageRule(10_200, 9_800, 10, 1_000, "reject")) == 1_000


def test_without_a_reference_there_is_no_bound() -> None:
    with pytest.raises(ValueError, match="reference price"):
        cage_bound_e5(Side.BUY, 0, CageRule(10_200, 9_800, 10, 1_000, "reject"))
