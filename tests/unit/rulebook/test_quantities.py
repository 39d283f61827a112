"""Lots, odd lots and maxima of one order."""

import datetime as dt

import pytest

from panshi.domain.words import Board, Market, OrderKind, Product, Scope, Side
from panshi.rulebook.book import Rulebook
from panshi.rulebook.quantities import (
    QuantityFault,
    QuantityRule,
    check_quantity,
    load_quantity_rule,
)

RULES = Rulebook.load().on(dt.date(2026, 11, 20))
MAIN = load_quantity_rule(RULES, Scope(Market.SSE, Board.MAIN, Product.STOCK))
STAR = load_quantity_rule(RULES, Scope(Market.SSE, Board.STAR, Product.STOCK))
CHINEXT = load_quantity_rule(RULES, Scope(Market.SZSE, Board.CHINEXT, Product.STOCK))
BOND = load_quantity_rule(RULES, Scope(Market.SSE, Board.BOND, Product.CONVERTIBLE))
LIMIT = OrderKind.LIMIT
FAULT = QuantityFault


@pytest.mark.parametrize(
    ("rule", "qty", "fault"),
    [
        (MAIN, 100, None), (MAIN, 1_000_000, None), (MAIN, 99, FAULT.BELOW_MINIMUM),
        (MAIN, 150, FAULT.OFF_STEP), (MAIN, 1_000_100, FAULT.ABOVE_MAXIMUM),
        (MAIN, 0, FAULT.NOT_POSITIVE), (MAIN, -100, FAULT.NOT_POSITIVE),
        (STAR, 200, None), (STAR, 201, None), (STAR, 199, FAULT.BELOW_MINIMUM),
        (STAR, 100_000, None), (STAR, 100_001, FAULT.ABOVE_MAXIMUM),
        (BOND, 10, None), (BOND, 15, FAULT.OFF_STEP),
    ],
)  # fmt: skip
def test_buys(rule: QuantityRule, qty: int, fault: QuantityFault | None) -> None:
    assert check_quantity(rule, LIMIT, Side.BUY, qty, 0) == fault


@pytest.mark.parametrize(
    ("rule", "qty", "sellable", "fault"),
    [
        (MAIN, 100, 100, None), (MAIN, 50, 50, None), (MAIN, 150, 150, None),
        (MAIN, 150, 250, None), (MAIN, 50, 150, None), (MAIN, 150, 200, FAULT.OFF_STEP),
        (MAIN, 30, 50, FAULT.ODD_LOT), (STAR, 199, 199, None), (STAR, 150, 199, FAULT.ODD_LOT),
        (STAR, 201, 900, None), (BOND, 7, 7, None), (BOND, 7, 17, None),
        (BOND, 6, 17, FAULT.ODD_LOT), (MAIN, 150, 50, FAULT.OFF_STEP),
    ],
)  # fmt: skip
def test_sells_may_hold_the_odd_remainder_in_one_order(
    rule: QuantityRule, qty: int, sellable: int, fault: QuantityFault | None
) -> None:
    found = check_quantity(rule, LIMIT, Side.SELL, qty, sellable)
    assert found == fault


@pytest.mark.parametrize(
    ("kind", "qty", "fault"),
    [
        (OrderKind.LIMIT, 300_000, None),
        (OrderKind.LIMIT, 300_100, FAULT.ABOVE_MAXIMUM),
        (OrderKind.OPPOSITE_BEST, 150_000, None),
        (OrderKind.OPPOSITE_BEST, 150_100, FAULT.ABOVE_MAXIMUM),
        (OrderKind.FIXED_PRICE, 1_000_000, None),
    ],
)
def test_each_kind_has_its_own_maximum(
    kind: OrderKind, qty: int, fault: QuantityFault | None
) -> None:
    assert check_quantity(CHINEXT, kind, Side.BUY, qty, 0) == fault
