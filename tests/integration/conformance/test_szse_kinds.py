"""Cards of the Shenzhen host: what each kind of order does, and which cancel is taken when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from panshi.rig.venue import LISTED, play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import logged_on
from tests.integration.conformance.shenzhen import TEXT, send_cancel, send_order, sync, trade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.rig.peer import Peer

pytestmark = pytest.mark.integration

RULES = "SZSE trading rules"
TABLE = f"{TEXT} table 4-7"
OWN_BEST = {"OrdType": "U"}
COUNTER_BEST = {"OrdType": "1", "MaxPriceLevels": 1}
IMMEDIATE = {"OrdType": "1", "TimeInForce": "3"}
BEST_FIVE = {"OrdType": "1", "TimeInForce": "3", "MaxPriceLevels": 5}
Fields = dict[str, Any]


@pytest.fixture
def desk() -> Iterator[Peer]:
    """Log on to a venue whose book is empty."""
    with serving(play("10:00:00")) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        yield client
        client.close()


def rest(client: Peer, side: str, *levels: tuple[int, int]) -> None:
    """Let orders rest: price in fen, shares."""
    for price, shares in levels:
        trade(client, Side=side, Price=price * 100, OrderQty=shares * 100)


def buy(client: Peer, kind: Fields, shares: int) -> str:
    """Send a market order, which has no price, and return its ClOrdID once it is accepted."""
    number: str = trade(client, Price=0, OrderQty=shares * 100, **kind)["ClOrdID"]
    return number


def fills(client: Peer, count: int) -> list[tuple[int, int]]:
    """Return price in fen and shares of the next trades; each is told to both sides."""
    told = [client.expect(200115) for _ in range(2 * count)]
    pairs = [(one["LastPx"] // 100, one["LastQty"] // 100) for one in told]
    assert pairs[0::2] == pairs[1::2]
    return pairs[0::2]


def cancelled_by_itself(client: Peer, order: str) -> int:
    """Return the shares that had traded when the rest was cancelled."""
    report = client.expect(200102)
    assert (report["ExecType"], report["ClOrdID"], report["OrigClOrdID"]) == ("4", order, "")
    assert report["LeavesQty"] == 0
    return int(report["CumQty"]) // 100


@card("SZSE-301", "own-side best: a limit order at the best price of its side", TABLE)
def test_own_side_best(desk: Peer) -> None:
    rest(desk, "1", (990, 100), (980, 100))
    buy(desk, OWN_BEST, 300)
    trade(desk, Side="2", Price=90_000, OrderQty=50_000)
    assert fills(desk, 3) == [(990, 100), (990, 300), (980, 100)]


@card("SZSE-302", "counter-side best: trades one level, the rest to limit", TABLE)
def test_counter_side_best(desk: Peer) -> None:
    rest(desk, "2", (1010, 100), (1020, 100))
    buy(desk, COUNTER_BEST, 300)
    assert fills(desk, 1) == [(1010, 100)]
    trade(desk, Side="2", Price=100_000)
    assert fills(desk, 1) == [(1010, 100)], "the rest waits at the level that it has taken"


@card("SZSE-303", "immediate: trades every level, the rest is cancelled", TABLE)
def test_immediate_or_cancel(desk: Peer) -> None:
    rest(desk, "2", *[(1000 + level, 100) for level in range(7)])
    order = buy(desk, IMMEDIATE, 1000)
    assert fills(desk, 7)[-1] == (1006, 100)
    assert cancelled_by_itself(desk, order) == 700


@card("SZSE-304", "best five: trades five levels, the rest is cancelled", TABLE)
def test_best_five_or_cancel(desk: Peer) -> None:
    rest(desk, "2", *[(1000 + level, 100) for level in range(7)])
    order = buy(desk, BEST_FIVE, 1000)
    assert fills(desk, 5)[-1] == (1004, 100)
    assert cancelled_by_itself(desk, order) == 500


@card("SZSE-305", "fill or kill: whole at once, or nothing at all", TABLE)
def test_fill_or_kill(desk: Peer) -> None:
    rest(desk, "2", (1000, 100), (1010, 100))
    order = buy(desk, {**IMMEDIATE, "MinQty": 300 * 100}, 300)
    assert cancelled_by_itself(desk, order) == 0
    buy(desk, {**IMMEDIATE, "MinQty": 200 * 100}, 200)
    assert fills(desk, 2) == [(1000, 100), (1010, 100)]


@card("SZSE-306", "a market order that finds nothing is cancelled", f"{TEXT} 3.4; our choice")
@pytest.mark.parametrize("kind", [OWN_BEST, COUNTER_BEST, IMMEDIATE, BEST_FIVE])
def test_market_orders_without_a_side(desk: Peer, kind: Fields) -> None:
    order = buy(desk, kind, 100)
    assert cancelled_by_itself(desk, order) == 0


@card(
    "SZSE-307",
    "better prices first, earlier orders first at one price",
    f"{RULES}, price then time",
)
@card("SZSE-308", "a trade has the price of the order that waited", f"{RULES}, prices of trades")
def test_price_then_time(desk: Peer) -> None:
    rest(desk, "2", (1010, 100), (1000, 200), (1000, 300))
    trade(desk, Price=102_000, OrderQty=50_000)
    assert fills(desk, 2) == [(1000, 200), (1000, 300)]


@card("SZSE-309", "a partly filled order is cancelled for its rest", f"{TEXT} 7.1.3")
@card("SZSE-310", "a refused cancel shows the target's status: 2 when filled", f"{TEXT} 4.5.3")
def test_cancels_of_traded_orders(desk: Peer) -> None:
    sale = trade(desk, Side="2", OrderQty=30_000)["ClOrdID"]
    taken = trade(desk)["ClOrdID"]
    fills(desk, 1)
    request = send_cancel(desk, sale)
    report = desk.expect(200102)
    assert (report["ClOrdID"], report["OrigClOrdID"]) == (request, sale)
    assert (report["CumQty"], report["LeavesQty"]) == (10_000, 0)
    send_cancel(desk, taken)
    refused = desk.expect(290008)
    assert (refused["OrdStatus"], refused["OrigClOrdID"]) == ("2", taken)
    assert refused["ReportIndex"] == report["ReportIndex"] + 1


@card("SZSE-311", "a cancel must name the security of its order: 20095", "SZSE reject codes")
def test_a_cancel_must_fit_its_order() -> None:
    second = {**LISTED[2], "code": "000002"}
    with serving(play("10:00:00"), securities=[LISTED[2], second]) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        order = trade(client, Price=95_000)["ClOrdID"]
        send_cancel(client, order, SecurityID="000002")
        assert client.expect(290008)["CxlRejReason"] == 20095
        client.close()


@card("SZSE-312", "cancels are taken before 09:20, not until 09:25", f"{RULES}, cancels")
@card("SZSE-313", "the opening call takes limit orders only", f"{RULES}, order types")
@card("SZSE-314", "the opening auction trades at one price at 09:25", f"{RULES}, call auction")
def test_opening_call() -> None:
    with serving(play("09:19:00", "09:19:10", 3_600_000)) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        send_cancel(client, trade(client)["ClOrdID"])
        assert client.expect(200102)["ExecType"] == "4"
        client.close()
    with serving(play("09:24:57", "09:25:10", 13_000)) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        order = trade(client, Price=103_000, OrderQty=20_000)["ClOrdID"]
        send_cancel(client, order)
        assert client.expect(290008)["CxlRejReason"] == 20006
        send_order(client, Price=0, **IMMEDIATE)
        assert client.expect(200102)["OrdRejReason"] == 20006
        trade(client, Side="2", Price=101_000, OrderQty=20_000)
        assert fills(client, 1) == [(1010, 200)], "of equal prices the nearest to 10.00"
        client.close()


@card("SZSE-315", "from 14:57 no cancels; one price at 15:00", f"{RULES}, closing auction")
def test_closing_call() -> None:
    with serving(play("14:59:57", "15:00:10", 13_000)) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        order = trade(client, Price=99_000)["ClOrdID"]
        send_cancel(client, order)
        assert client.expect(290008)["CxlRejReason"] == 20006
        trade(client, Side="2", Price=97_000)
        assert fills(client, 1) == [(990, 100)], "of equal prices the nearest to 10.00"
        client.close()


@card("SZSE-316", "a suspended security takes no orders: 20007", "SZSE reject codes")
def test_suspended() -> None:
    with serving(play("10:00:00"), securities=[{**LISTED[2], "halted": True}]) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        send_order(client)
        assert client.expect(200102)["OrdRejReason"] == 20007
        client.close()
