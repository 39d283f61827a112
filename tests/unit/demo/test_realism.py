"""The share of recorded trades that came about again."""

from __future__ import annotations

from panshi.demo.assignment import IdSeries, build_order
from panshi.demo.parties import SSE, SZSE, build_account
from panshi.demo.realism import count_overtaken, share_as_recorded
from panshi.domain.clock import parse_day_ms
from panshi.market.flow import NEW, FlowEvent
from panshi.rig.reconciliation import Fill, Order

START = parse_day_ms("09:30:00")


def _row(place: int, side: str, qty: int) -> FlowEvent:
    return FlowEvent(
        "sse",
        "600536",
        START + place,
        place,
        NEW,
        side,
        5_120_000,
        qty,
        place,
        "exact",
        "2023-07-11",
    )


EVENTS = [_row(1, "S", 200), _row(2, "B", 100), _row(3, "B", 100)]
ORDERS = {
    (1, f"A00000000{place}"): Order(f"A00000000{place}", place, "600536", side)
    for place, side in ((1, "2"), (2, "1"), (3, "1"))
}
NUMBERS = {f"A00000000{place}": ("600536", place) for place in (1, 2, 3)}


def _fills(trade: int, buyer: int, price_e5: int = 5_120_000) -> list[Fill]:
    exec_id = f"{trade:016d}"
    return [
        Fill(1, f"A00000000{buyer}", exec_id, price_e5, 100),
        Fill(1, "A000000001", exec_id, price_e5, 100),
    ]


def _share(fills: list[Fill]) -> float | None:
    return share_as_recorded(EVENTS, START + 1000, fills, ORDERS, NUMBERS)


def test_the_same_trades_are_the_whole() -> None:
    assert _share([*_fills(1, 2), *_fills(2, 3)]) == 1.0


def test_a_trade_at_another_price_is_not_the_same() -> None:
    assert _share([*_fills(1, 2), *_fills(2, 3, 5_119_000)]) == 0.5


def test_without_recorded_trades_there_is_no_share() -> None:
    assert share_as_recorded(EVENTS[:1], START + 1000, [], ORDERS, NUMBERS) is None


def test_requests_that_a_later_one_of_their_security_overtook_are_counted() -> None:
    ids = IdSeries()
    actions = [
        build_order(build_account(market, customer), ids, 0, ("000001", "B", 1_000, 100))
        for market, customer in ((SSE, 1), (SSE, 2), (SZSE, 1), (SSE, 1))
    ]
    first, second, other, last = (one.cl_ord_id for one in actions)
    assert count_overtaken(actions, [first, second, other, last]) == 0
    assert count_overtaken(actions, [other, first, second, last]) == 0, "another market"
    assert count_overtaken(actions, [last, first, second, other]) == 2
