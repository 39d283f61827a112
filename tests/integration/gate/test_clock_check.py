"""The own clock beside the exchange's: how far they are apart is told, whoever is wrong."""

import datetime as dt
from typing import Any

import pytest

from panshi.rig.exchange import accepted
from panshi.rig.messages import sse_order
from panshi.rig.small_day import BRANCHES, SSE
from tests.integration.gate.conftest import Shanghai

pytestmark = pytest.mark.integration

DIFFERS = "own clock differs from the exchange's"
TICKS_S = 10_000_000
"""Parts of a second in a Shanghai time."""


def ntime(ns_of_day: int, seconds: int = 0) -> int:
    """Return a time of the day as Shanghai writes it, moved by some seconds."""
    ticks = ns_of_day // 100 + seconds * TICKS_S
    at = dt.timedelta(seconds=ticks // TICKS_S)
    hours, rest = divmod(at.seconds, 3600)
    return (hours * 10_000 + rest // 60 * 100 + rest % 60) * TICKS_S + ticks % TICKS_S


def answered(shanghai: Shanghai, number: str, seconds: int) -> dict[str, Any]:
    """Have an order answered by an exchange whose clock is moved, and return what the gate saw."""
    gate = shanghai.gate
    client = gate.sse()
    client.send(58, **sse_order(number, BranchID=BRANCHES[SSE]))
    order = shanghai.session.expect(58)
    # The moment of the answer on the gate's own clock: a time between sending and reading.
    at = ntime(gate.status()["ns_of_day"], seconds)
    shanghai.session.send(32, **accepted(order, 1, TransactTime=at))
    client.expect(32)
    clock = gate.status()["clock"]
    assert len(clock["gateways"]) == 1
    return dict(clock["gateways"][0])


def test_clocks_that_agree_show_nothing(shanghai: Shanghai) -> None:
    row = answered(shanghai, "A000000001", 0)
    assert (row["gateway"], row["offset_ns"], row["over"]) == (1, 0, False)
    assert row["within_ns"] > 0
    assert shanghai.gate.logged(DIFFERS) == []


@pytest.mark.parametrize(("seconds", "sign"), [(-5, 1), (5, -1)])
def test_a_clock_that_is_wrong_is_told(shanghai: Shanghai, seconds: int, sign: int) -> None:
    row = answered(shanghai, "A000000001", seconds)
    assert row["over"]
    # At least so far apart as can be seen: no more than the five seconds that they are.
    assert 0 < sign * row["offset_ns"] <= 5 * 10**9
    (line,) = shanghai.gate.logged(DIFFERS)
    assert (line["level"], line["gateway"], line["over"]) == ("warning", 1, True)


def test_the_threshold_is_a_parameter(shanghai: Shanghai) -> None:
    shanghai.gate.stop()
    shanghai.gate.configure(clock_check={"warn_ms": 3_600_000})
    shanghai.restart()
    row = answered(shanghai, "A000000001", 5)
    assert row["offset_ns"] < 0
    assert not row["over"]
