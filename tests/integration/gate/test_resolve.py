"""A person settles an order of which nobody knows what became: the exchange does not have it."""

import pytest

from panshi.gate import process
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import Gate
from panshi.rig.messages import sse_order
from tests.integration.gate.conftest import NewGate
from tests.integration.gate.test_recovery import OPEN, back, killed, made, recovery

pytestmark = pytest.mark.integration

NOT_CONNECTED, AFTER_END = 33001, 32010


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def refused(gate: Gate, order: int, number: str) -> str:
    words = {"verb": "resolve", "order": order, "cl_ord_id": number, "who": "w", "why": "y"}
    return gate.refusal(words)


def test_an_order_that_never_arrived_goes_back_to_its_client(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, activate="clear")
    sent = killed(gate, exchange, 2)
    session, _ = back(gate, exchange, 2)
    recovery(gate, "waiting", 6)
    (row,) = gate.ask("unknown")
    assert row["cl_ord_id"] == sent[2]["ClOrdID"]
    assert "must be that of order 2" in refused(gate, 2, "A000000009")
    assert "without an answer" in refused(gate, 0, "A000000001")
    assert "without an answer" in refused(gate, 99, "A000000099")
    oms = gate.logged_on_sse()
    gate.command("resolve", order=2, cl_ord_id=row["cl_ord_id"])
    told = oms.expect(204)
    assert (told["ClOrdID"], told["OrdRejReason"]) == (row["cl_ord_id"], NOT_CONNECTED)
    assert gate.ask("unknown") == []
    gate.command("activate")
    recovery(gate, "active", OPEN)
    # One that is on its way in this session is nobody's to give up.
    oms.send(58, **sse_order("A000000011", BranchID="00001"))
    assert session.expect(58)["ClOrdID"] == "A000000011"
    assert "from before the session" in refused(gate, 3, "A000000011")
    # Should it have been there after all, the exchange's word about it is an anomaly.
    session.send(32, **accepted(sent[2], 3))
    gate.wait_counts(anomalies=1)
    found = gate.journaled("Command", "Anomaly")
    assert [one["verb"].strip() for one in found["Command"]] == ["resolve", "activate"]
    assert [one["code"] for one in found["Anomaly"]] == [AFTER_END]
    assert process.replay(gate.journal).difference is None
