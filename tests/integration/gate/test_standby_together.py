"""Durability D: clients are told only what a standby has too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panshi.rig.exchange import accepted
from panshi.rig.messages import sse_order
from panshi.rig.relay import Condition
from tests.integration.gate.conftest import NewGate
from tests.integration.gate.test_standby import Pair

pytestmark = pytest.mark.integration

HELD, OPEN = 6, 3


@pytest.fixture
def pair(new_gate: NewGate, tmp_path: Path) -> Iterator[Pair]:
    """Make a gate in mode D and its standby in mode B, not started."""
    made = Pair(new_gate, tmp_path)
    made.primary.configure(journal={"durability": "D"})
    made.publish(lag_ms=300)
    yield made
    made.line.stop()


def test_what_a_client_was_told_is_never_lost_with_the_primary(pair: Pair) -> None:
    pair.publish(lag_ms=10_000)
    pair.primary.launch()
    pair.session = pair.exchange.logged_on()
    pair.standby.launch()
    pair.primary.wait_open()
    pair.oms = pair.primary.sse()
    # A line slow enough that in another mode the last reports would be told long before.
    pair.line.set(None, Condition(delay_s=0.05))
    for number in range(1, 6):
        pair.trade(number)
    pair.primary.kill()
    pair.take_over()
    pair.oms = pair.standby.sse()
    told = [pair.oms.expect(32)["ClOrdID"] for _ in range(5)]
    assert told == [f"A{number:09}" for number in range(1, 6)]
    pair.shared()


def test_without_a_standby_it_halts(pair: Pair) -> None:
    pair.primary.launch()
    pair.session = pair.exchange.logged_on()
    pair.primary.wait_for(lambda status: status["gateways"][0]["state"] == HELD)
    oms = pair.primary.logged_on_sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    pair.primary.wait_counts(refused=1)
    assert pair.primary.status()["standbys"]["alone"] is True
    pair.standby.launch()
    pair.primary.wait_open()
    assert oms.expect(204)["OrdRejReason"] == 30006
    oms.close()
    pair.oms = pair.primary.sse()
    pair.trade(2, 1)
    # The line is dead: the order's report stays here until a standby has it.
    pair.line.set(None, Condition(held=True))
    pair.oms.send(58, **sse_order("A000000003", BranchID="00001"))
    order = pair.session.expect(58)
    pair.session.send(32, **accepted(order, 2))
    pair.primary.wait_for(lambda status: status["gateways"][0]["state"] == HELD)
    status = pair.primary.wait_counts(reports=2)
    assert pair.primary.status()["clients"][0]["backlog_bytes"] > 0, status
    pair.line.set(None, Condition())
    assert pair.oms.expect(32)["ClOrdID"] == "A000000003"
    pair.primary.wait_open()
    assert pair.primary.logged("no standby has what is decided")[0]["without"] == "halt"


def test_without_a_standby_it_continues_when_it_is_told_to(pair: Pair) -> None:
    pair.publish(without="continue")
    pair.begin()
    pair.standby.kill()
    pair.trade(2)
    pair.primary.wait_for(lambda status: status["standbys"]["alone"])
    pair.trade(3)
    assert pair.primary.status()["gateways"][0]["state"] == OPEN
    pair.standby.launch()
    pair.wait_level()
    pair.primary.wait_for(lambda status: not status["standbys"]["alone"])
    # One that stands and says nothing holds reports up for lag_ms, not longer.
    pair.line.set(None, Condition(held=True))
    pair.trade(4)
    assert pair.primary.status()["standbys"]["alone"] is True
