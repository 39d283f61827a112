"""Who stopped is known by the journal too: to a standby, and to a gate whose latch was lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from panshi.rig.gate import BY, SECOND, Gate
from panshi.rig.messages import sse_logon, sse_order
from panshi.rig.small_day import SSE
from tests.integration.gate.conftest import NewGate, Shanghai
from tests.integration.gate.test_standby import Pair
from tests.integration.gate.test_stopping import ONLY_CANCELS, open_order, refusal

pytestmark = pytest.mark.integration

HALTED = 30002
SAID = ("scope", "id", "state", "who", "why", "cancel_all", "isolate", "proof")


@pytest.fixture
def pair(new_gate: NewGate, tmp_path: Path) -> Iterator[Pair]:
    """Make a gate and its standby, not started."""
    made = Pair(new_gate, tmp_path)
    yield made
    made.line.stop()


def said(gate: Gate) -> list[dict[str, Any]]:
    """Return what a gate says of its stops, but for their numbers and times."""
    rows = [{key: row[key] for key in SAID} for row in gate.status()["stops"]]
    return sorted(rows, key=str)


def test_a_standby_that_takes_over_knows_who_stopped(pair: Pair) -> None:
    pair.begin()
    # One is taken back, one is let trade in part by another person, two persons stop one account.
    pair.primary.stop_trading(scope="strategy", id=1)
    pair.primary.rearm(scope="strategy", id=1)
    account = {"scope": "account", "market": SSE, "key": "A000000001"}
    pair.primary.stop_trading(**account)
    pair.primary.stop_trading(state="sell-only", **account, **SECOND)
    pair.primary.stop_trading(scope="pbu", id=0, cancel_all=True)
    pair.primary.rearm(scope="pbu", id=0, state="cancel-only")
    pair.primary.wait_for(lambda status: len(status["stops"]) == 3)
    stood = said(pair.primary)
    pair.wait_level()
    pair.primary.kill()
    pair.take_over()
    assert said(pair.standby) == stood
    assert len(pair.standby.logged("stops put back from the journal")) == 1
    oms = pair.standby.sse()
    oms.expect(32)
    pbu = {"scope": "pbu", "id": 0}
    normal = {"verb": "set-state", "state": "normal"}
    assert refusal(oms, 2) == ONLY_CANCELS
    assert pair.standby.refusal({**normal, **pbu, **BY}).startswith("who: must be another person")
    pair.standby.rearm(**pbu)
    assert refusal(oms, 3) == HALTED
    for who in (BY, SECOND):
        found = pair.standby.refusal({**normal, **account, **who})
        assert found.startswith("who: must be another person")
    assert pair.standby.rearm(**account, who="值班员丙")["stops"] == 2
    pair.standby.wait_for(lambda status: status["stops"] == [])
    oms.send(58, **sse_order("A000000004", BranchID="00001"))
    assert pair.session.expect(58)["ClOrdID"] == "A000000004"


def test_a_gate_that_takes_over_keeps_an_isolated_client_out(pair: Pair) -> None:
    pair.begin()
    pair.primary.command("isolate", client=1)
    pair.wait_level()
    pair.primary.kill()
    pair.take_over()
    peer = pair.standby.connect(SSE)
    sse_logon(peer)
    assert peer.expect(41)
    (source,) = pair.standby.logged("client sent away")
    assert source["type"] == "isolated by a stop"
    # Its orders are cancelled here too, as far as they are open by the standby's own book.
    assert pair.session.expect(61)["OrigClOrdID"] == "A000000001"


def test_a_lost_latch_is_made_again_from_the_journal(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    open_order(shanghai, gate.sse(), 1)
    gate.stop_trading()
    stood = said(gate)
    gate.kill()
    (gate.folder / "stop.latch").unlink()
    shanghai.restart()
    assert said(gate) == stood
    assert refusal(gate.sse(begin=2), 2) == HALTED
    again = {"verb": "set-state", "scope": "firm", "state": "normal"}
    assert gate.refusal({**again, **BY}).startswith("who: must be another person")
    gate.rearm()
    gate.wait_for(lambda status: status["stops"] == [])
    gate.kill()
    (gate.folder / "stop.latch").unlink()
    shanghai.restart()
    # What was taken back before the latch was lost is not put back.
    assert said(gate) == []
