"""Every kind of order of both markets through the gate, the venue behind it: how each one ends.

Source: SSE IS122 TDGW Binary v0.57, 3.2.2 and 5.5; SZSE Binary trading interface v1.32, table 4-7.
"""

from collections.abc import Iterator

import pytest

from panshi.gate import journal, process
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import sse_cancel, sse_order, szse_cancel, szse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE, account, customer
from panshi.rig.venue import from_now, serving
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

OTHER = {SSE: "A000000002", SZSE: "0000000002"}
"""Accounts of customer 2, who stands on the other side."""


@pytest.fixture
def gate(new_gate: NewGate) -> Iterator[Gate]:
    """Serve both markets in continuous trading for two customers."""
    other = [customer(2), *(r for m in OTHER for r in account(m, OTHER[m], 2, BRANCHES[m]))]
    with serving(from_now("10:00:00")) as addresses:
        served = new_gate(gateway(SSE, addresses[0]), gateway(SZSE, addresses[2]), rows=other)
        served.start()
        yield served
        served.stop()


def shanghai(oms: Peer, number: str, **changes: object) -> Message:
    """Send an order and return its first answer."""
    oms.send(58, **sse_order(number, BranchID=BRANCHES[SSE], **changes))
    return oms.expect(32)


def shenzhen(oms: Peer, number: str, **changes: object) -> Message:
    """Send an order and return its first answer."""
    oms.send(100101, **szse_order(number, BranchID=BRANCHES[SZSE], **changes))
    return oms.expect(200102)


def check_end(gate: Gate, *peers: Peer) -> None:
    """Close the day and hold that nothing is frozen any more and that the journal replays."""
    gate.command("day-close")
    rows = gate.journaled("CashTotal", "HoldingTotal")
    assert all(total["frozen_e5"] == 0 for total in rows["CashTotal"])
    assert all(total["frozen_qty"] == 0 for total in rows["HoldingTotal"])
    for peer in peers:
        peer.close()
    assert gate.stop() == 0
    assert journal.verify(gate.journal).ok
    assert process.replay(gate.journal).difference is None


@pytest.mark.parametrize(
    ("kind", "cancelled", "left"),
    [
        pytest.param("1", 200_000, 0, id="best five, rest cancelled"),
        pytest.param("3", 0, 200_000, id="best five, rest becomes a limit order"),
        pytest.param("5", 0, 200_000, id="best of the other side"),
        pytest.param("2", 0, 200_000, id="limit"),
    ],
)
def test_shanghai_kinds_take_what_is_there(
    gate: Gate, kind: str, cancelled: int, left: int
) -> None:
    oms = gate.sse()
    shanghai(oms, "A000000001", Side="2", Account=OTHER[SSE])
    # Three hundred wanted, one hundred offered at 10 yuan; the price protects the market kinds.
    ack = shanghai(oms, "A000000002", OrdType=kind, OrderQty=300_000, Price=1_010_000)
    assert (ack["ExecType"], ack["OrdType"], ack["CxlQty"]) == ("0", kind, cancelled)
    fills = [oms.expect(103), oms.expect(103)]
    assert {fill["ClOrdID"] for fill in fills} == {"A000000001", "A000000002"}
    assert [(fill["LastPx"], fill["LastQty"]) for fill in fills] == [(1_000_000, 100_000)] * 2
    oms.send(61, **sse_cancel("A000000003", "A000000002"))
    if left:
        assert oms.expect(32)["CxlQty"] == left
    else:
        assert oms.expect(204)["OrdRejReason"] == 30705
    check_end(gate, oms)


def test_a_shanghai_order_at_the_own_best_price_joins_it(gate: Gate) -> None:
    oms = gate.sse()
    shanghai(oms, "A000000001", Price=990_000, Account=OTHER[SSE])
    ack = shanghai(oms, "A000000002", OrdType="4", Price=1_010_000)
    assert (ack["ExecType"], ack["OrdType"], ack["CxlQty"]) == ("0", "4", 0)
    oms.send(61, **sse_cancel("A000000003", "A000000002"))
    gone = oms.expect(32)
    assert (gone["OrigClOrdID"], gone["CxlQty"]) == ("A000000002", 100_000)
    check_end(gate, oms)


SZSE_KINDS = [
    pytest.param({"OrdType": "2"}, 10_000, 20_000, id="limit"),
    pytest.param({"OrdType": "1", "MaxPriceLevels": 1}, 10_000, 20_000, id="other side's best"),
    pytest.param({"OrdType": "1", "TimeInForce": "3"}, 10_000, 0, id="at once, rest cancelled"),
    pytest.param(
        {"OrdType": "1", "TimeInForce": "3", "MaxPriceLevels": 5}, 10_000, 0, id="best five"
    ),
    pytest.param({"OrdType": "1", "TimeInForce": "3", "MinQty": 30_000}, 0, 0, id="all or nothing"),
]


@pytest.mark.parametrize(("fields", "traded", "left"), SZSE_KINDS)
def test_shenzhen_kinds_take_what_is_there(
    gate: Gate, fields: Message, traded: int, left: int
) -> None:
    oms = gate.szse()
    shenzhen(oms, "C000000001", Side="2", AccountID=OTHER[SZSE])
    ack = shenzhen(oms, "C000000002", OrderQty=30_000, **fields)
    assert (ack["ExecType"], ack["OrdType"]) == ("0", fields["OrdType"])
    if traded:
        fills = [oms.expect(200115), oms.expect(200115)]
        assert {fill["ClOrdID"] for fill in fills} == {"C000000001", "C000000002"}
        assert [(fill["LastPx"], fill["LastQty"]) for fill in fills] == [(100_000, traded)] * 2
    if left:
        oms.send(190007, **szse_cancel("C000000003", "C000000002"))
    end = oms.expect(200102)
    assert (end["ExecType"], end["CumQty"], end["LeavesQty"]) == ("4", traded, 0)
    assert end["OrigClOrdID" if left else "ClOrdID"] == "C000000002"
    check_end(gate, oms)


def test_a_shenzhen_order_at_the_own_best_price_joins_it(gate: Gate) -> None:
    oms = gate.szse()
    shenzhen(oms, "C000000001", Price=99_000, AccountID=OTHER[SZSE])
    ack = shenzhen(oms, "C000000002", OrdType="U")
    assert (ack["ExecType"], ack["OrdType"], ack["LeavesQty"]) == ("0", "U", 10_000)
    oms.send(190007, **szse_cancel("C000000003", "C000000002"))
    assert oms.expect(200102)["OrigClOrdID"] == "C000000002"
    check_end(gate, oms)


@pytest.mark.parametrize(
    "fields",
    [
        {"OrdType": "1", "MaxPriceLevels": 3},
        {"OrdType": "2", "TimeInForce": "3"},
        {"OrdType": "1", "TimeInForce": "3", "MinQty": 5_000},
        {"OrdType": "Z"},
    ],
)
def test_fields_that_form_no_kind_are_refused(gate: Gate, fields: Message) -> None:
    oms = gate.szse()
    oms.send(100101, **szse_order("C000000001", BranchID=BRANCHES[SZSE], **fields))
    assert oms.expect(4)["BusinessRejectReason"] == 30307
    shanghai_oms = gate.sse()
    shanghai_oms.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE], OrdType="9"))
    assert shanghai_oms.expect(204)["OrdRejReason"] == 30307
