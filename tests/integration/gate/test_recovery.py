"""A killed gate comes back: reports first, what stays unconfirmed listed, then orders again."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from panshi.gate import process
from panshi.gate.config import GateConfig
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import BY, Gate, gateway
from panshi.rig.messages import sse_cancel, sse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import SSE
from tests.integration.gate.conftest import NewGate, begin

pytestmark = pytest.mark.integration

HELD = 6
OPEN = 3


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def order(session: Peer, oms: Peer, number: str) -> Message:
    """Send an order through; its fields as the exchange got them."""
    oms.send(58, **sse_order(number, BranchID="00001"))
    return session.expect(58)


def killed(gate: Gate, exchange: Exchange, confirmed: int) -> list[Message]:
    """Trade a little and kill the gate; of three orders the first ones were answered."""
    session = begin(gate, exchange).session
    oms = gate.sse()
    sent = [order(session, oms, f"A{number:09}") for number in range(1, 4)]
    for index in range(1, confirmed + 1):
        session.send(32, **accepted(sent[index - 1], index))
        oms.expect(32)
    gate.kill()
    return sent


def back(gate: Gate, exchange: Exchange, end: int) -> tuple[Peer, dict[tuple[str, int], int]]:
    """Start again; the exchange has reports up to an index of its first set."""
    gate.launch()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon)
    rows = session.expect(206)["NoGroups"]
    ends = {1: end, 2: 0}
    session.send(
        207,
        NoGroups=[{**row, "EndReportIndex": ends[row["SetID"]], "RejReason": 0} for row in rows],
    )
    return session, {(row["Pbu"], row["SetID"]): row["BeginReportIndex"] for row in rows}


def recovery(gate: Gate, stage: str, state: int) -> None:
    def holds(status: dict[str, Any]) -> bool:
        (row,) = status["gateways"]
        return (row["recovery"], row["state"]) == (stage, state)

    gate.wait_for(holds)


def made(new_gate: NewGate, exchange: Exchange, **recovery: object) -> Gate:
    return new_gate(gateway(SSE, exchange.address), recovery={"settle_ms": 0, **recovery})


def test_orders_wait_until_reports_are_applied_and_a_person_has_seen_what_is_unknown(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, activate="clear")
    sent = killed(gate, exchange, 1)
    session, asked = back(gate, exchange, 2)
    assert asked == {("20001", 1): 2, ("20001", 2): 1}
    recovery(gate, "asking", HELD)
    assert "waits to take orders again" in gate.refusal(
        {"verb": "activate", "who": "w", "why": "y"}
    )
    oms = gate.logged_on_sse()
    oms.send(58, **sse_order("A000000009", BranchID="00001"))
    refused = oms.expect(204)
    assert (refused["ClOrdID"], refused["OrdRejReason"]) == ("A000000009", 30006)
    # Cancels pass all the time.
    oms.send(61, **sse_cancel("A000000010", "A000000001"))
    assert session.expect(61)["OrigClOrdID"] == "A000000001"
    # The report that the gate had not seen comes, for the third order.
    session.send(32, **accepted(sent[2], 2))
    recovery(gate, "waiting", HELD)
    rows = {row["cl_ord_id"]: row for row in gate.ask("unknown")}
    assert {number: row["unconfirmed"] for number, row in rows.items()} == {
        "A000000001": "cancel",
        "A000000002": "order",
    }
    assert rows["A000000002"]["frozen_e5"] > 100 * 10 * 100_000
    assert "A000000002" in shown(gate, "unknown")
    assert "恢复中 held" in shown(gate, "status")
    gate.command("activate")
    recovery(gate, "active", OPEN)
    order(session, oms, "A000000011")
    # Its fate becomes known in the end, and with it the frozen cash.
    session.send(204, **rejected(sent[1]))
    gate.wait_for(lambda status: status["pending"]["unacknowledged"] == 1)
    assert "A000000002" not in {row["cl_ord_id"] for row in gate.ask("unknown")}
    found = gate.journaled("UnknownOrder", "GatewayActive", "Command")
    assert [(row["order"], row["what"]) for row in found["UnknownOrder"]] == [(0, 2), (1, 1)]
    assert [(row["unknown"], row["by"]) for row in found["GatewayActive"]] == [(2, 2)]
    assert [row["verb"].strip() for row in found["Command"]] == ["activate"]
    assert json.dumps(gate.logged("reports applied after the recovery")).count('"unknown": 2') == 1


def test_a_person_lets_a_gateway_go_on_whose_reports_never_end(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, activate="synced")
    sent = killed(gate, exchange, 1)
    unsynced = {"verb": "activate", **BY, "unsynced": True}
    session, _ = back(gate, exchange, 2**63)
    recovery(gate, "asking", HELD)
    session.send(32, **accepted(sent[1], 2))
    gate.wait_counts(reports=2)
    # Nothing but the person's own word for this one gateway does it.
    assert "waits to take orders again" in gate.refusal({"verb": "activate", **BY, "gateway": 1})
    for number in (0, 2):
        reason = "logged in and whose reports are still asked for"
        assert reason in gate.refusal({**unsynced, "gateway": number})
    recovery(gate, "asking", HELD)
    gate.command("activate", gateway=1, unsynced=True)
    recovery(gate, "active", OPEN)
    oms = gate.logged_on_sse()
    order(session, oms, "A000000011")
    # Nobody can say of an order that it never arrived while its report may be among the missing.
    lost = {"verb": "resolve", **BY, "order": 2, "cl_ord_id": sent[2]["ClOrdID"]}
    assert "whose reports must be applied" in gate.refusal(lost)
    # What was missing is taken all the same when it comes.
    session.send(32, **accepted(sent[2], 3))
    gate.wait_for(lambda status: status["pending"]["unacknowledged"] == 1)
    found = gate.journaled("UnknownOrder", "GatewayActive")
    assert [row["what"] for row in found["UnknownOrder"]] == [1]
    assert [(row["unknown"], row["by"]) for row in found["GatewayActive"]] == [(1, 3)]
    assert "still asked for" in gate.refusal({**unsynced, "gateway": 1})


def shown(gate: Gate, command: str) -> str:
    """Return what a command shows to people."""
    words = [
        sys.executable,
        "-m",
        "panshi.cli.main",
        "gate",
        command,
        "--control",
        str(gate.control),
    ]
    wide = os.environ | {"COLUMNS": "400"}
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=wide)
    return done.stdout


def rejected(sent: Message) -> Message:
    """Return the fields of a 204 for an order."""
    names = ("BizID", "BizPbu", "ClOrdID", "SecurityID", "TransactTime", "UserInfo")
    return {**{name: sent[name] for name in names}, "OrdRejReason": 5009, "TradeDate": 20230711}


def test_a_stop_with_all_orders_cancelled_reaches_a_gateway_that_is_held(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, activate="clear")
    killed(gate, exchange, 1)
    config = GateConfig.model_validate_json(gate.config.read_text())
    halt = {"verb": "set-state", "scope": "firm", "state": "halted", "cancel_all": True, **BY}
    process.stop(config, halt)
    # Nobody lets a halted firm trade again; its orders are to be cancelled all the same.
    session, _ = back(gate, exchange, 1)
    found = {session.expect(61)["OrigClOrdID"] for _ in range(3)}
    assert found == {"A000000001", "A000000002", "A000000003"}
    recovery(gate, "waiting", HELD)


def test_with_nothing_unknown_orders_pass_again_by_themselves(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, activate="clear")
    sent = killed(gate, exchange, 2)
    session, _ = back(gate, exchange, 3)
    recovery(gate, "asking", HELD)
    session.send(32, **accepted(sent[2], 3))
    recovery(gate, "active", OPEN)
    order(session, gate.logged_on_sse(), "A000000009")
    found = gate.journaled("UnknownOrder", "GatewayActive")
    assert found["UnknownOrder"] == []
    assert [row["by"] for row in found["GatewayActive"]] == [1]


@pytest.mark.parametrize(("activate", "stage"), [("synced", "active"), ("command", "waiting")])
def test_the_configuration_says_who_lets_orders_pass(
    new_gate: NewGate, exchange: Exchange, activate: str, stage: str
) -> None:
    gate = made(new_gate, exchange, activate=activate)
    killed(gate, exchange, 1)
    back(gate, exchange, 1)
    recovery(gate, stage, OPEN if stage == "active" else HELD)
    assert len(gate.ask("unknown")) == 2


def test_a_session_that_ends_before_everything_was_applied_is_asked_again(
    new_gate: NewGate, exchange: Exchange
) -> None:
    gate = made(new_gate, exchange, activate="synced")
    sent = killed(gate, exchange, 1)
    session, _ = back(gate, exchange, 3)
    session.send(32, **accepted(sent[1], 2))
    gate.wait_counts(reports=2)
    session.close()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon)
    (first, second) = session.expect(206)["NoGroups"]
    assert (first["BeginReportIndex"], second["BeginReportIndex"]) == (3, 1)
    recovery(gate, "asking", HELD)
    session.send(
        207,
        NoGroups=[
            {**first, "EndReportIndex": 3, "RejReason": 0},
            {**second, "EndReportIndex": 0, "RejReason": 0},
        ],
    )
    session.send(32, **accepted(sent[2], 3))
    recovery(gate, "active", OPEN)
    assert gate.ask("unknown") == []
