"""Mass cancels: paced, followed to each answer, and told order by order where they do not reach."""

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.rig.exchange import Exchange, accepted, cancelled
from panshi.rig.gate import gateway
from panshi.rig.messages import sse_cancel, sse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import SSE
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

CANCEL_ALL_RATE = 19
PENDING, NOT_READY = 30706, 30006
SHARED = ("BizID", "BizPbu", "ClOrdID", "SecurityID", "OrigClOrdID", "BranchID", "UserInfo")
COUNTS = ("asked", "sent", "confirmed", "failed", "missed", "left", "done")


def open_orders(served: Shanghai, oms: Peer, count: int) -> dict[str, Message]:
    """Have the exchange take orders; return them by their numbers."""
    found = {}
    for index in range(1, count + 1):
        oms.send(58, **sse_order(f"A00000000{index}", BranchID="00001"))
        order = served.session.expect(58)
        served.session.send(32, **accepted(order, index))
        oms.expect(32)
        found[order["ClOrdID"]] = order
    return found


def counts(row: Message) -> tuple[object, ...]:
    return tuple(row[name] for name in COUNTS)


def test_every_order_of_a_mass_cancel_is_accounted_for(new_gate: NewGate) -> None:
    exchange = Exchange()
    served = begin(new_gate(gateway(SSE, exchange.address)), exchange)
    gate, session, oms = served.gate, served.session, served.gate.sse()
    orders = open_orders(served, oms, 3)
    oms.send(61, **sse_cancel("A000000009", "A000000003"))
    session.expect(61)
    gate.command("cancel-all", scope="client", id=1)
    own = [session.expect(61), session.expect(61)]
    assert [cancel["OrigClOrdID"] for cancel in own] == ["A000000001", "A000000002"]
    gate.wait_for(lambda status: status["mass_cancels"][0]["done"])
    (row,) = gate.ask("mass-cancels")
    assert counts(row) == (3, 2, 0, 0, 1, 0, True)
    session.send(32, **cancelled(own[0], orders["A000000001"], 4))
    refused = {name: own[1][name] for name in SHARED} | {"Pbu": "20001", "SetID": 1}
    session.send(59, **refused, ReportIndex=5, CxlRejReason=1017, TradeDate=20230711)
    gate.wait_for(lambda status: status["mass_cancels"][0]["failed"] == 1)
    found = gate.ask("mass-cancels")
    assert counts(found[0]) == (3, 2, 1, 1, 1, 0, True)
    told = {one["cl_ord_id"]: (one["by"], one["code"]) for one in found[0]["not_cancelled"]}
    assert told == {"A000000003": ("gate", PENDING), "A000000002": ("exchange", 1017)}
    shown = CliRunner().invoke(app, ["mass-cancels", "--control", str(gate.control)])
    assert shown.exit_code == 0
    assert "重复撤单" in shown.output
    (done,) = gate.logged("mass cancel done")
    assert (done["asked"], done["sent"], done["missed"]) == (3, 2, 1)
    # Another process knows the same of the day.
    gate.kill()
    served.restart()
    assert gate.ask("mass-cancels") == found


def test_a_mass_cancel_keeps_to_the_rate_of_each_gateway(new_gate: NewGate) -> None:
    exchange = Exchange()
    rate = [("LoadParam", {"param": CANCEL_ALL_RATE, "value": 4})]
    served = begin(new_gate(gateway(SSE, exchange.address), rows=rate), exchange)
    gate, session = served.gate, served.session
    open_orders(served, gate.sse(), 6)
    gate.command("cancel-all", scope="firm")
    session.expect(61)
    (row,) = gate.status()["mass_cancels"]
    assert row["asked"] == 6
    assert 0 < row["left"] < 6
    for _ in range(5):
        session.expect(61)
    gate.wait_for(lambda status: status["mass_cancels"][0]["done"])
    times = [row["time_ns"] for row in gate.journaled("ForwardCancel")["ForwardCancel"]]
    assert all(last - first >= 10**9 for first, last in zip(times, times[4:], strict=False))


def test_what_a_gateway_cannot_take_is_named_with_the_reason(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    open_orders(shanghai, gate.sse(), 2)
    shanghai.session.close()
    gate.wait_for(lambda status: not status["gateways"][0]["connected"])
    gate.command("cancel-all", scope="market", id=SSE)
    gate.wait_for(lambda status: status["mass_cancels"][0]["done"])
    (row,) = gate.ask("mass-cancels")
    assert counts(row) == (2, 0, 0, 0, 2, 0, True)
    assert [one["code"] for one in row["not_cancelled"]] == [NOT_READY, NOT_READY]
    missed = gate.journaled("CancelMissed")["CancelMissed"]
    assert [(one["order"], one["code"], one["found"]) for one in missed] == [
        (0, NOT_READY, 0),
        (1, NOT_READY, 0),
    ]
