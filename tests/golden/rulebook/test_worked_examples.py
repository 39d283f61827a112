"""Worked examples in trading words; each figure says where it comes from.

Snapshots of the exchange carry previous close and limit prices of real days: those are the
strongest examples. The others are computed by hand from the rule text of docs/rules.
"""

import datetime as dt

import pytest

from panshi.domain.units import format_yuan, parse_e5
from panshi.domain.words import Board, Market, Product, Scope, Side
from panshi.rulebook.book import Rulebook
from panshi.rulebook.cage import cage_bound_e5, load_cage
from panshi.rulebook.fees import compute_fees, load_fee_schedule
from panshi.rulebook.prices import LimitState, compute_price_limits

BOOK = Rulebook.load()
SSE_MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
SZSE_MAIN = Scope(Market.SZSE, Board.MAIN, Product.STOCK)
CHINEXT = Scope(Market.SZSE, Board.CHINEXT, Product.STOCK)
STAR = Scope(Market.SSE, Board.STAR, Product.STOCK)
FUND = Scope(Market.SSE, Board.FUND, Product.FUND)
BOND = Scope(Market.SSE, Board.BOND, Product.CONVERTIBLE)
OLD = LimitState(listed_day=1_000)
ST = LimitState(listed_day=1_000, st=True)
NEW_BOND = LimitState(listed_day=1)


@pytest.mark.parametrize(
    ("date", "scope", "state", "close", "down", "up", "source"),
    [
        ("2023-02-01", SZSE_MAIN, OLD, "55.20", "49.68", "60.72", "000333 snapshot 2023-02-01"),
        ("2022-06-01", CHINEXT, OLD, "8.18", "6.54", "9.82", "300918 snapshot 2022-06-01"),
        ("2023-07-11", SSE_MAIN, OLD, "9.09", "8.18", "10.00", "600961, extremes of its orders"),
        ("2023-07-11", SSE_MAIN, OLD, "5.46", "4.91", "6.01", "601825, extremes of its orders"),
        ("2026-07-03", SSE_MAIN, ST, "3.50", "3.33", "3.68", "ST 5 %: 3.325 and 3.675 round up"),
        ("2026-07-06", SSE_MAIN, ST, "3.50", "3.15", "3.85", "ST 10 % from 2026-07-06"),
        ("2026-11-20", STAR, ST, "3.50", "2.80", "4.20", "STAR keeps 20 % for ST"),
        ("2026-11-20", SSE_MAIN, OLD, "0.04", "0.03", "0.05", "a move below a tick is one tick"),
        ("2026-11-20", FUND, OLD, "1.005", "0.905", "1.106", "1.1055 rounds up, 0.9045 rounds up"),
        ("2026-11-20", BOND, NEW_BOND, "100", "56.70", "157.30", "first day +57.3 % / -43.3 %"),
        ("2026-11-20", BOND, OLD, "123.456", "98.765", "148.147", "20 % at a tick of 0.001"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_limit_prices(  # noqa: PLR0913, PLR0917 - the columns of the example
    date: str, scope: Scope, state: LimitState, close: str, down: str, up: str, source: str
) -> None:
    rules = BOOK.on(dt.date.fromisoformat(date))
    limits = compute_price_limits(rules, scope, parse_e5(close), state)
    assert limits is not None, source
    assert (limits.low_e5, limits.high_e5) == (parse_e5(down), parse_e5(up)), source


@pytest.mark.parametrize(
    ("scope", "side", "reference", "bound", "why"),
    [
        (SSE_MAIN, Side.BUY, "20.00", "20.40", "102 % of the best ask"),
        (SSE_MAIN, Side.BUY, "2.00", "2.10", "10 ticks are more than 2 %"),
        (SSE_MAIN, Side.SELL, "2.00", "1.90", "10 ticks are more than 2 %"),
        (SSE_MAIN, Side.SELL, "20.00", "19.60", "98 % of the best bid"),
        (CHINEXT, Side.BUY, "10.25", "10.46", "10.455 rounds up"),
        (STAR, Side.BUY, "2.00", "2.04", "STAR knows no ten ticks"),
        (STAR, Side.SELL, "2.25", "2.21", "2.205 rounds up"),
    ],
)
def test_cage_bounds(scope: Scope, side: Side, reference: str, bound: str, why: str) -> None:
    cage = load_cage(BOOK.on(dt.date(2026, 11, 20)), scope)
    assert cage is not None
    assert format_yuan(cage_bound_e5(side, parse_e5(reference), cage)) == bound, why


@pytest.mark.parametrize(
    ("date", "side", "amount", "items"),
    [
        # 20,000 yuan: commission 0.025 % = 5.00, transfer 0.001 % = 0.20, regulatory 0.002 % =
        # 0.40, handling 0.00341 % = 0.682 -> 0.68; the seller pays 0.05 % = 10.00 besides.
        ("2026-11-20", Side.BUY, "20000", ("5.00", "0.00", "0.20", "0.68", "0.40")),
        ("2026-11-20", Side.SELL, "20000", ("5.00", "10.00", "0.20", "0.68", "0.40")),
        # Before 2023-08-28: stamp duty 0.1 %, handling 0.00487 % = 0.974 -> 0.97.
        ("2023-07-11", Side.SELL, "20000", ("5.00", "20.00", "0.20", "0.97", "0.40")),
        # One lot of a cheap share: the least commission is all there is.
        ("2026-11-20", Side.BUY, "200", ("5.00", "0.00", "0.00", "0.01", "0.00")),
    ],
)
def test_fees_of_a_share(date: str, side: Side, amount: str, items: tuple[str, ...]) -> None:
    rules = BOOK.on(dt.date.fromisoformat(date))
    fees = compute_fees(load_fee_schedule(rules, SSE_MAIN, side), parse_e5(amount))
    found = (
        fees.commission_e5, fees.stamp_e5, fees.transfer_e5, fees.handling_e5, fees.regulatory_e5,
    )  # fmt: skip
    assert tuple(format_yuan(item) for item in found) == items
