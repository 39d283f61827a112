"""Orders in the sliding second and in the clock second: both are counted, and both reported."""

from typing import Any, Final

import pytest

from panshi.rig.exchange import Exchange
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import sse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import BRANCHES, SSE
from panshi.rig.venue import from_now
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

SLIDING, CALENDAR = 30801, 30802
HOUR_MS: Final = 3_600_000
MANY: Final = 1000


@pytest.fixture
def standing(new_gate: NewGate) -> Shanghai:
    """Serve in one second of the market's clock, which lasts an hour."""
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address))
    gate.clock = from_now("10:00:00", "10:00:01", HOUR_MS)
    gate.configure()
    return begin(gate, exchange)


def limit(gate: Gate, metric: str, warn: int, block: int) -> None:
    gate.command("set-limit", scope="client", id=1, metric=metric, warn=warn, block=block)


def goes(served: Shanghai, client: Peer, number: int) -> None:
    client.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
    served.session.expect(58)


def refused(client: Peer, number: int) -> int:
    client.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
    return int(client.expect(204)["OrdRejReason"])


def rows(gate: Gate, kind: str) -> list[tuple[Any, ...]]:
    """Return code, limit and count of warnings or refusals for the two seconds, as journaled."""
    found = gate.journaled(kind)[kind]
    return [
        (row["code"], row["limit"], row["found"])
        for row in found
        if row["code"] in {SLIDING, CALENDAR}
    ]


def test_both_seconds_warn_and_refuse_by_their_own_limits(standing: Shanghai) -> None:
    gate, client = standing.gate, standing.gate.sse()
    limit(gate, "SlidingSecond", 2, 4)
    limit(gate, "CalendarSecond", 3, MANY)
    for number in range(1, 5):
        goes(standing, client, number)
    assert refused(client, 5) == SLIDING
    limit(gate, "SlidingSecond", 2, MANY)
    limit(gate, "CalendarSecond", 3, 4)
    assert refused(client, 6) == CALENDAR
    assert rows(gate, "Warning") == [(SLIDING, 2, 2), (CALENDAR, 3, 3)]
    assert rows(gate, "Refuse") == [(SLIDING, 4, 5), (CALENDAR, 4, 5)]
    # What was refused is in neither count.
    limit(gate, "CalendarSecond", 3, MANY)
    goes(standing, client, 7)


def test_both_levels_that_one_order_reaches_are_reported(standing: Shanghai) -> None:
    gate, client = standing.gate, standing.gate.sse()
    limit(gate, "SlidingSecond", 2, MANY)
    limit(gate, "CalendarSecond", 2, MANY)
    goes(standing, client, 1)
    assert rows(gate, "Warning") == []
    goes(standing, client, 2)
    assert rows(gate, "Warning") == [(SLIDING, 2, 2), (CALENDAR, 2, 2)]
    (first, second) = (row["input_seq"] for row in gate.journaled("Warning")["Warning"])
    assert first == second
