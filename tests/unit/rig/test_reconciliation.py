"""The independent computation of cash and shares finds what does not fit."""

from __future__ import annotations

import datetime as dt

import pytest

from panshi.rig.reconciliation import (
    Books,
    Cash,
    FeeTable,
    Fill,
    Order,
    compare_books,
    compare_fills,
    compare_sides,
    compute_books,
)
from panshi.rulebook.book import Rulebook

BUY = Order("A000000001", 1, "600536", "1")
SELL = Order("A000000002", 2, "600536", "2")
ORDERS = {(1, "A000000001"): BUY, (1, "B000000001"): SELL}
FILLS = [
    Fill(1, "A000000001", "0000000000000001", 5_120_000, 100),
    Fill(1, "B000000001", "0000000000000001", 5_120_000, 100),
    Fill(1, "A000000001", "0000000000000002", 5_121_000, 200),
    Fill(1, "B000000001", "0000000000000002", 5_121_000, 200),
]
OPENING_CASH = {1: 10_000_000_000, 2: 0}
OPENING_QTY = {(1, "A000000002", "600536"): 1000}


@pytest.fixture(scope="module")
def fees() -> FeeTable:
    return FeeTable(Rulebook.load().on(dt.date(2023, 7, 11)))


def _books(fees: FeeTable, fills: list[Fill] | None = None) -> Books:
    books, wrong = compute_books(
        OPENING_CASH, OPENING_QTY, ORDERS, FILLS if fills is None else fills, fees
    )
    assert not wrong
    return books


def test_books_move_by_what_was_traded_and_its_fees(fees: FeeTable) -> None:
    books = _books(fees)
    traded = 5_120_000 * 100 + 5_121_000 * 200
    buyer, seller = books.cash[1], books.cash[2]
    assert buyer.bought_e5 == seller.sold_e5 == traded
    assert buyer.fees_e5 == fees.fee_e5(1, "1", traded) >= 500_000
    assert seller.fees_e5 == fees.fee_e5(1, "2", traded) > buyer.fees_e5
    assert buyer.available_e5 == 10_000_000_000 - traded - buyer.fees_e5
    assert seller.available_e5 == traded - seller.fees_e5
    assert books.holdings == {(1, "A000000001", "600536"): 300, (1, "A000000002", "600536"): 700}


def test_fees_are_of_the_order_and_not_of_each_fill(fees: FeeTable) -> None:
    one = Fill(1, "A000000001", "0000000000000001", 5_120_000, 200)
    halves = [one._replace(qty=100), one._replace(qty=100, exec_id="0000000000000002")]
    assert _books(fees, [one]).cash == _books(fees, halves).cash


def test_equal_books_have_no_difference(fees: FeeTable) -> None:
    assert compare_books(_books(fees), _books(fees)) == []


def test_one_fen_too_much_is_found(fees: FeeTable) -> None:
    found = _books(fees)
    found.cash[1] = found.cash[1]._replace(available_e5=found.cash[1].available_e5 + 1000)
    differences = compare_books(_books(fees), found)
    assert len(differences) == 1
    assert "customer 1, available_e5" in differences[0]


def test_one_share_too_few_is_found(fees: FeeTable) -> None:
    found = _books(fees)
    found.holdings[1, "A000000002", "600536"] -= 1
    assert compare_books(_books(fees), found) == [
        "A000000002 600536: computed 700 shares, gate 699"
    ]


def test_a_customer_that_only_one_side_knows_is_found(fees: FeeTable) -> None:
    found = _books(fees)
    found.cash[3] = Cash(0, 0, 0, 0, 0)
    assert compare_books(_books(fees), found) == [
        (
            "customer 3: computed None, gate Cash(available_e5=0, frozen_e5=0, bought_e5=0, "
            "sold_e5=0, fees_e5=0)"
        )
    ]


def test_a_fill_of_no_order_is_found(fees: FeeTable) -> None:
    stray = Fill(1, "C000000001", "0000000000000009", 1, 1)
    _, wrong = compute_books(OPENING_CASH, OPENING_QTY, ORDERS, [*FILLS, stray], fees)
    assert wrong == ["fill 0000000000000009: must name an order, found C000000001"]


def test_a_fill_that_the_client_was_not_told_or_told_twice_is_found() -> None:
    assert compare_fills(FILLS, FILLS) == []
    (missing,) = compare_fills(FILLS, FILLS[1:])
    assert "not told to the client" in missing
    (twice,) = compare_fills(FILLS, [*FILLS, FILLS[0]])
    assert "not in the journal" in twice


def test_a_trade_without_a_seller_is_found() -> None:
    assert compare_sides(FILLS, ORDERS) == []
    (lonely,) = compare_sides(FILLS[:3], ORDERS)
    assert "600536 0000000000000002" in lonely
    moved = [*FILLS[:3], FILLS[3]._replace(price_e5=5_122_000)]
    assert len(compare_sides(moved, ORDERS)) == 1
