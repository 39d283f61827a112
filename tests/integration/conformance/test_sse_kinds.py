"""Cards of the Shanghai host: what each kind of order does, and which cancel is taken when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panshi.rig.venue import LISTED, play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import logged_on
from tests.integration.conformance.shanghai import TEXT, send_cancel, send_order, sync, trade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.rig.peer import Message, Peer

pytestmark = pytest.mark.integration

RULES = "SSE trading rules"


@pytest.fixture
def desk() -> Iterator[Peer]:
    """Log on to a venue whose book is empty."""
    with serving(play("10:00:00")) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        yield client
        client.close()


def rest(client: Peer, side: str, *levels: tuple[int, int]) -> None:
    """Let orders rest: price in fen, shares."""
    for price, shares in levels:
        trade(client, Side=side, Price=price * 1000, OrderQty=shares * 1000)


def buy(client: Peer, kind: str, shares: int, protection: int = 1100) -> Message:
    return trade(client, OrdType=kind, OrderQty=shares * 1000, Price=protection * 1000)


def fills(client: Peer, count: int) -> list[tuple[int, int]]:
    """Return price in fen and shares of the next trades; each is told to both sides."""
    told = [client.expect(103) for _ in range(2 * count)]
    pairs = [(one["LastPx"] // 1000, one["LastQty"] // 1000) for one in told]
    assert pairs[0::2] == pairs[1::2]
    return pairs[0::2]


@card("SSE-301", "type 1: the best five levels, the rest cancelled", f"{TEXT} 3.2.2, 5.5")
def test_best_five_or_cancel(desk: Peer) -> None:
    rest(desk, "2", *[(1000 + level, 100) for level in range(6)])
    ack = buy(desk, "1", 1000)
    assert (ack["CxlQty"], ack["LeavesQty"]) == (500_000, 0)
    assert fills(desk, 5) == [(1000 + level, 100) for level in range(5)]


@card("SSE-302", "type 3: the best five levels, the rest to a limit order", f"{TEXT} 3.2.2, 5.5")
def test_best_five_to_limit(desk: Peer) -> None:
    rest(desk, "2", *[(1000 + level, 100) for level in range(6)])
    ack = buy(desk, "3", 1000)
    assert (ack["CxlQty"], ack["LeavesQty"]) == (0, 500_000)
    assert fills(desk, 5)[-1] == (1004, 100)
    trade(desk, Side="2", Price=1_000_000)
    assert fills(desk, 1) == [(1004, 100)], "the rest waits at its last price"


@card("SSE-303", "type 4: a limit order at the best price of its own side", f"{TEXT} 3.2.2, 5.5")
def test_own_side_best(desk: Peer) -> None:
    rest(desk, "1", (990, 100), (980, 100))
    ack = buy(desk, "4", 300)
    assert (ack["CxlQty"], ack["LeavesQty"]) == (0, 300_000)
    trade(desk, Side="2", Price=900_000, OrderQty=500_000)
    assert fills(desk, 3) == [(990, 100), (990, 300), (980, 100)]


@card("SSE-304", "type 5: a limit order at the best price of the other side", f"{TEXT} 3.2.2, 5.5")
def test_counter_side_best(desk: Peer) -> None:
    rest(desk, "2", (1010, 100), (1020, 100))
    ack = buy(desk, "5", 300)
    assert (ack["CxlQty"], ack["LeavesQty"]) == (0, 200_000)
    assert fills(desk, 1) == [(1010, 100)]
    trade(desk, Side="2", Price=1_000_000)
    assert fills(desk, 1) == [(1010, 100)]


@card("SSE-305", "a protection price bounds what a market order may trade: 13598", "SSE IS111 3.28")
def test_protection(desk: Peer) -> None:
    rest(desk, "2", (1010, 100), (1020, 100))
    ack = buy(desk, "1", 200, protection=1015)
    assert ack["CxlQty"] == 100_000
    assert fills(desk, 1) == [(1010, 100)]
    send_order(desk, OrdType="1", Price=1_015_000)
    assert desk.expect(32)["OrdRejReason"] == 13598


@card(
    "SSE-306", "better prices first, earlier orders first at one price", f"{RULES}, price then time"
)
@card("SSE-307", "a trade has the price of the order that waited", f"{RULES}, prices of trades")
def test_price_then_time(desk: Peer) -> None:
    rest(desk, "2", (1010, 100), (1000, 200), (1000, 300))
    second = trade(desk, Price=1_020_000, OrderQty=500_000)
    told = [desk.expect(103) for _ in range(4)]
    mine = [one for one in told if one["ClOrdID"] == second["ClOrdID"]]
    assert [(one["LastPx"], one["LastQty"]) for one in mine] == [
        (1_000_000, 200_000),
        (1_000_000, 300_000),
    ]
    assert [one["OrdStatus"] for one in mine] == ["1", "2"]


@card("SSE-308", "a partly filled order is cancelled for its rest", f"{TEXT} 5.5")
@card("SSE-309", "a filled order cannot be cancelled: 59 with 13430", "SSE IS111 3.28")
@card("SSE-310", "59 stands in the stream, on the next index", f"{TEXT} 3.2.5")
def test_cancels_of_traded_orders(desk: Peer) -> None:
    sale = trade(desk, Side="2", OrderQty=300_000)
    taken = trade(desk)
    fills(desk, 1)
    send_cancel(desk, sale["ClOrdID"])
    report = desk.expect(32)
    assert (report["CxlQty"], report["OrderQty"]) == (200_000, 300_000)
    for original in (sale, taken):
        send_cancel(desk, original["ClOrdID"])
        refused = desk.expect(59)
        assert refused["CxlRejReason"] == 13430
        assert refused["ReportIndex"] == report["ReportIndex"] + 1
        report = refused


@card("SSE-311", "a cancel must name BizID, BizPbu and security of its order", f"{TEXT} 4.3.2")
def test_a_cancel_must_fit_its_order(desk: Peer) -> None:
    order = trade(desk, Price=950_000)["ClOrdID"]
    send_cancel(desk, order, BizID=300_010)
    assert desk.expect(204)["OrdRejReason"] == 4012
    send_cancel(desk, order, BizPbu="20002")
    assert desk.expect(59)["CxlRejReason"] == 13426
    send_cancel(desk, order, SecurityID="600001")
    assert desk.expect(59)["CxlRejReason"] == 13434
    send_cancel(desk, order)
    assert desk.expect(32)["ExecType"] == "4"


@card("SSE-312", "cancels are taken from 09:15 to 09:20", f"{RULES}, cancels")
def test_cancel_before_0920() -> None:
    with serving(play("09:19:00", "09:19:10", 3_600_000)) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        order = trade(client)["ClOrdID"]
        send_cancel(client, order)
        assert client.expect(32)["ExecType"] == "4"
        client.close()


@card("SSE-313", "from 14:57 neither cancels (412) nor market orders (263)", "SSE IS111 3.28")
@card("SSE-314", "the closing auction trades at one price at 15:00", f"{RULES}, call auction")
def test_closing_call() -> None:
    with serving(play("14:59:57", "15:00:10", 13_000)) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        order = trade(client, Price=1_030_000, OrderQty=200_000)["ClOrdID"]
        send_cancel(client, order)
        assert client.expect(59)["CxlRejReason"] == 412
        send_order(client, OrdType="1")
        assert client.expect(32)["OrdRejReason"] == 263
        trade(client, Side="2", Price=1_010_000, OrderQty=200_000)
        assert fills(client, 1) == [(1020, 200)], "the middle of two equal prices"
        client.close()


@card("SSE-315", "a suspended security takes no orders: 213", "SSE IS111 3.28")
def test_suspended() -> None:
    halted = {**LISTED[0], "halted": True}
    with serving(play("10:00:00"), securities=[halted]) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        send_order(client)
        assert client.expect(32)["OrdRejReason"] == 213
        client.close()
