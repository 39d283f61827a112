"""A gap in a report stream is asked for in a new session; only one that stays there is a gap.

Source: SSE IS122 TDGW Binary v0.57, 3.2.5; SZSE Binary v1.32, 3.15 (indices are contiguous).
"""

import pytest

from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import sse_order, szse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

KINDS = {"sse": (58, 32), "szse": (100101, 200102)}


def taken(order: Message, index: int) -> Message:
    """Return the fields of a 200102 that takes a Shenzhen order.

    Args:
        order: Fields of the order.
        index: Its report index.

    Returns:
        The fields.
    """
    names = [
        "ApplID",
        "SubmittingPBUID",
        "SecurityID",
        "SecurityIDSource",
        "OwnerType",
        "ClearingFirm",
        "UserInfo",
        "ClOrdID",
        "OrdType",
        "TimeInForce",
        "Price",
        "OrderQty",
        "Side",
        "AccountID",
        "CashMargin",
        "BranchID",
    ]
    return {name: order[name] for name in names} | {
        "PartitionNo": 1,
        "ReportIndex": index,
        "ReportingPBUID": order["SubmittingPBUID"],
        "ExecType": "0",
        "OrdStatus": "0",
        "LeavesQty": order["OrderQty"],
    }


class Day:
    """One exchange gateway, which is the test, and three orders that it has."""

    def __init__(self, new_gate: NewGate, market: str) -> None:
        self.exchange = Exchange() if market == "sse" else Exchange("szse", platform=1)
        number = SSE if market == "sse" else SZSE
        self.gate: Gate = new_gate(gateway(number, self.exchange.address))
        self.gate.launch()
        self.session: Peer = self.exchange.logged_on()
        self.gate.wait_open()
        new = self.gate.sse if market == "sse" else self.gate.szse
        form = sse_order if market == "sse" else szse_order
        self.client = new()
        order, self.kind = KINDS[market]
        self.orders = []
        prefix = "A" if market == "sse" else "C"
        for place in range(3):
            row = form(f"{prefix}{place:09}", BranchID=BRANCHES[number])
            self.client.send(order, **row)
            self.orders.append(self.session.expect(order))
        self.pbu = "20001" if market == "sse" else ""

    def report(self, place: int, index: int) -> None:
        order = self.orders[place]
        row = accepted(order, index) if self.kind == KINDS["sse"][1] else taken(order, index)
        self.session.send(self.kind, **row)

    def asked_again(self) -> int:
        """Begin the session that follows a gap, and give the index that the gate asks for."""
        self.exchange.answer_goodbye(self.session)
        self.session, logon = self.exchange.expect_logon()
        self.exchange.welcome(self.session, logon)
        found: int = self.exchange.expect_sync(self.session)[self.pbu, 1]
        return found

    def told(self) -> list[str]:
        """Give the orders that the client is told of; platform states come between."""
        found: list[str] = []
        while len(found) < len(self.orders):
            message = self.client.read()
            assert message is not None
            if message["type"] == self.kind:
                found.append(message["fields"]["ClOrdID"])
        return found

    def anomalies(self) -> int:
        found: int = self.gate.status()["counts"]["anomalies"]
        return found


@pytest.fixture(params=["sse", "szse"])
def day(request: pytest.FixtureRequest, new_gate: NewGate) -> Day:
    return Day(new_gate, request.param)


def test_missing_reports_are_asked_for_again_and_none_is_lost(day: Day) -> None:
    day.report(0, 1)
    day.report(2, 3)
    assert day.asked_again() == 2
    day.report(1, 2)
    day.report(2, 3)
    assert day.told() == [order["ClOrdID"] for order in day.orders]
    assert day.anomalies() == 0
    assert day.gate.status()["pending"]["unacknowledged"] == 0


def test_reports_that_change_places_are_all_applied(day: Day) -> None:
    day.report(1, 2)
    assert day.asked_again() == 1
    for place in range(3):
        day.report(place, place + 1)
    assert day.told() == [order["ClOrdID"] for order in day.orders]
    assert day.anomalies() == 0


def test_a_gap_that_stays_is_taken_as_one(day: Day) -> None:
    day.report(0, 1)
    day.report(1, 3)
    assert day.asked_again() == 2
    day.report(1, 3)
    # It is asked for once: the session goes on.
    day.report(2, 4)
    assert day.told() == [order["ClOrdID"] for order in day.orders]
    assert day.anomalies() == 1
