"""The plain replay: price, then time; call auctions at one price."""

import pytest

from panshi.demo.replay import Book, compare, replay
from panshi.market.flow import CANCEL, EXACT, NEW, FlowEvent, TradePrint

OPEN, CALL = 34_200_000, 33_300_000


def order(ms: int, side: str, price_e5: int, qty: int, order_no: int) -> FlowEvent:
    return FlowEvent("sse", "x", ms, order_no, NEW, side, price_e5, qty, order_no, EXACT, "d")


def test_the_older_order_trades_first_and_sets_the_price() -> None:
    events = [
        order(OPEN, "S", 1_000, 100, 1),
        order(OPEN, "S", 1_000, 100, 2),
        order(OPEN, "S", 900, 100, 3),
        order(OPEN, "B", 1_100, 250, 4),
    ]
    matches = replay(events, OPEN + 1)["x"]
    assert matches == [(4, 3, 900, 100), (4, 1, 1_000, 100), (4, 2, 1_000, 50)]


def test_a_cancelled_order_does_not_trade() -> None:
    events = [
        order(OPEN, "S", 1_000, 100, 1),
        order(OPEN, "S", 1_000, 100, 1)._replace(event=CANCEL, price_e5=0),
        order(OPEN, "B", 1_100, 100, 2),
    ]
    assert replay(events, OPEN + 1)["x"] == []


def test_a_call_auction_matches_once_at_the_price_of_most_volume() -> None:
    events = [
        order(CALL, "B", 1_200, 100, 1),
        order(CALL, "B", 1_000, 300, 2),
        order(CALL, "S", 900, 200, 3),
        order(CALL, "S", 1_100, 500, 4),
        order(OPEN, "S", 1_000, 1_000, 5),
    ]
    matches = replay(events, OPEN + 1)["x"]
    assert matches == [(1, 3, 1_000, 100), (2, 3, 1_000, 100), (2, 5, 1_000, 200)]


def test_an_auction_without_crossing_orders_has_no_price() -> None:
    book = Book()
    book.add(order(CALL, "B", 900, 100, 1))
    book.add(order(CALL, "S", 1_000, 100, 2))
    assert book.auction_price_e5() is None


@pytest.mark.parametrize(
    ("matches", "trades_bp", "qty_bp"),
    [([(1, 2, 5, 100)], 10_000, 10_000), ([(1, 2, 6, 100)], 0, 10_000), ([(1, 3, 5, 100)], 0, 0),
     ([], 0, 0)],
)  # fmt: skip
def test_shares_count_only_what_is_the_same(
    matches: list[tuple[int, int, int, int]], trades_bp: int, qty_bp: int
) -> None:
    share = compare([TradePrint("x", OPEN, 5, 100, 1, 2)], matches)
    assert (share.trades_bp, share.qty_bp) == (trades_bp, qty_bp)
