"""Orders that stay unconfirmed after a recovery go again under their ids, where configured.

Source: SSE IS122 TDGW Binary v0.57, 3.3 (reports first, then the same ClOrdID; 11270 had arrived).
"""

import pytest

from panshi.gate import process
from panshi.gate.config import GateConfig
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import BY, Gate, gateway
from panshi.rig.messages import sse_order
from panshi.rig.small_day import SSE
from tests.integration.gate.conftest import NewGate
from tests.integration.gate.test_recovery import back, killed, recovery, rejected

pytestmark = pytest.mark.integration

ARRIVED, HALTED_CODE = 11270, 30002
OPEN, HELD = 3, 6


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def made(new_gate: NewGate, exchange: Exchange, unknown: str, **settings: object) -> Gate:
    link = gateway(SSE, exchange.address) | {"unknown": unknown}
    return new_gate(link, recovery={"settle_ms": 0, "activate": "clear", **settings})


def test_what_is_unconfirmed_goes_again_and_the_gateway_goes_on_when_all_is_known(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, "resend_same_id")
    sent = killed(gate, exchange, 1)
    session, _ = back(gate, exchange, 1)
    again = [session.expect(58), session.expect(58)]
    assert again == sent[1:]
    recovery(gate, "waiting", HELD)
    assert gate.status()["gateways"][0]["resent"] == 2
    # The first one had arrived: what became of it comes in the stream, so the 204 is no refusal.
    session.send(204, **{**rejected(sent[1]), "OrdRejReason": ARRIVED})
    gate.wait_for(lambda _: bool(gate.logged("order sent again had arrived")))
    assert [row["cl_ord_id"] for row in gate.ask("unknown")] == [row["ClOrdID"] for row in sent[1:]]
    session.send(32, **accepted(sent[1], 2))
    session.send(32, **accepted(sent[2], 3))
    recovery(gate, "active", OPEN)
    assert gate.ask("unknown") == []
    oms = gate.sse()
    assert [oms.expect(32)["ClOrdID"] for _ in sent] == [row["ClOrdID"] for row in sent]
    found = gate.journaled("OrderResent", "ResendKnown", "Report", "GatewayActive", "Forward")
    assert [(row["order"], row["code"]) for row in found["OrderResent"]] == [(1, 0), (2, 0)]
    assert [row["order"] for row in found["ResendKnown"]] == [1]
    assert [row["by"] for row in found["GatewayActive"]] == [1]
    assert (len(found["Report"]), len(found["Forward"])) == (3, 3)
    assert process.replay(gate.journal).difference is None


def test_a_refusal_of_what_went_again_is_its_fate(new_gate: NewGate, exchange: Exchange) -> None:
    gate = made(new_gate, exchange, "resend_same_id")
    sent = killed(gate, exchange, 2)
    session, _ = back(gate, exchange, 2)
    assert session.expect(58) == sent[2]
    oms = gate.logged_on_sse()
    # Its 204 had been lost with the session; the exchange says the same once more.
    session.send(204, **rejected(sent[2]))
    assert oms.expect(204)["ClOrdID"] == sent[2]["ClOrdID"]
    recovery(gate, "active", OPEN)
    assert gate.ask("unknown") == []


def test_nothing_goes_again_while_trading_is_stopped(new_gate: NewGate, exchange: Exchange) -> None:
    gate = made(new_gate, exchange, "resend_same_id")
    killed(gate, exchange, 1)
    config = GateConfig.model_validate_json(gate.config.read_text())
    process.stop(config, {"verb": "set-state", "scope": "firm", "state": "halted", **BY})
    session, _ = back(gate, exchange, 1)
    recovery(gate, "waiting", HELD)
    gate.wait_for(lambda _: len(gate.journaled("OrderResent")["OrderResent"]) == 2)
    found = gate.journaled("OrderResent")["OrderResent"]
    assert [row["code"] for row in found] == [HALTED_CODE] * 2
    assert len(gate.ask("unknown")) == 2
    gate.stop()
    exchange.answer_goodbye(session)


def test_by_default_nothing_goes_again(new_gate: NewGate, exchange: Exchange) -> None:
    gate = made(new_gate, exchange, "hold")
    killed(gate, exchange, 1)
    session, _ = back(gate, exchange, 1)
    recovery(gate, "waiting", HELD)
    gate.command("activate")
    recovery(gate, "active", OPEN)
    oms = gate.logged_on_sse()
    oms.send(58, **sse_order("A000000009", BranchID="00001"))
    # The first order that comes is the new one.
    assert session.expect(58)["ClOrdID"] == "A000000009"
    assert gate.journaled("OrderResent")["OrderResent"] == []


def test_a_session_that_ends_before_the_answers_has_it_all_again(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, "resend_same_id")
    sent = killed(gate, exchange, 2)
    session, _ = back(gate, exchange, 2)
    assert session.expect(58) == sent[2]
    session.close()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon)
    exchange.expect_sync(session)
    assert session.expect(58) == sent[2]
    session.send(32, **accepted(sent[2], 3))
    recovery(gate, "active", OPEN)
