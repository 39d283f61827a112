"""When each order passed which place of the gate: journaled, in order, in nanoseconds."""

import time

import pytest

from panshi.rig.exchange import accepted
from panshi.rig.gate import Gate, Line
from panshi.rig.messages import shanghai_order, sse_order, szse_order
from panshi.rig.small_day import BRANCHES, SSE, SZSE
from tests.integration.gate.conftest import Shanghai

pytestmark = pytest.mark.integration

PLACES = ("received_ns", "checked_ns", "sent_ns", "answered_ns", "reported_ns")
ORDERS = 200


def stamps(gate: Gate, count: int) -> list[Line]:
    """Return the journaled stamps, once there are so many; they follow the last report."""
    gate.wait_for(lambda status: status["latency"]["forward"]["count"] == count)
    return gate.journaled("Stamps")["Stamps"]


def orders_by_sequence(gate: Gate) -> dict[int, str]:
    rows = gate.journaled("NewOrder")["NewOrder"]
    return {row["journal_sequence"]: row["cl_ord_id"] for row in rows}


def test_every_order_of_both_markets_has_its_times(gate: Gate) -> None:
    shanghai, shenzhen = gate.sse(), gate.szse()
    before = gate.status()["uptime_ns"]
    shanghai.send_bytes(b"".join(shanghai_order(f"A{number:09}") for number in range(ORDERS)))
    told = [shanghai.expect(32)["ClOrdID"] for _ in range(ORDERS)]
    for number in range(ORDERS):
        shenzhen.send(100101, **szse_order(f"C{number:09}", BranchID=BRANCHES[SZSE]))
        told.append(shenzhen.expect(200102)["ClOrdID"])
    # A refused one goes nowhere and has no times.
    shanghai.send(58, **sse_order("A999999999", BranchID="99999"))
    shanghai.expect(204)
    rows = stamps(gate, 2 * ORDERS)
    after = gate.status()["uptime_ns"]
    orders = orders_by_sequence(gate)
    assert len(orders) == 2 * ORDERS + 1
    assert [orders[row["order_seq"]] for row in rows] == told
    for row in rows:
        times = [row[place] for place in PLACES]
        assert times == sorted(times)
        assert before <= times[0] < times[-1] <= after
    assert {(row["client"], row["gateway"]) for row in rows} == {(SSE, SSE), (SZSE, SZSE)}
    assert len({row["order"] for row in rows}) == len(rows)
    # Orders of one client are received one after the other.
    received = [row["received_ns"] for row in rows[:ORDERS]]
    assert received == sorted(received)


def test_the_times_are_nanoseconds_of_what_happened_outside(shanghai: Shanghai) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    begun = time.monotonic_ns()
    oms.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    order = session.expect(58)
    # The gate says what its clock shows while the exchange has the order and does not answer.
    first = gate.status()["uptime_ns"]
    asked = time.monotonic_ns()
    last = first
    while time.monotonic_ns() - asked < 20_000_000:
        last = gate.status()["uptime_ns"]
    session.send(32, **accepted(order, 1))
    oms.expect(32)
    (row,) = stamps(gate, 1)
    whole = time.monotonic_ns() - begun
    assert row["received_ns"] <= row["checked_ns"] <= row["sent_ns"] <= first
    assert last <= row["answered_ns"] <= row["reported_ns"]
    waited = row["answered_ns"] - row["sent_ns"]
    assert 10_000_000 < waited < row["reported_ns"] - row["received_ns"] < whole


def test_an_order_whose_client_is_gone_has_no_time_of_its_report(
    shanghai: Shanghai,
) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    order = session.expect(58)
    oms.close()
    gate.wait_offline()
    session.send(32, **accepted(order, 1))
    (row,) = stamps(gate, 1)
    assert 0 < row["received_ns"] <= row["checked_ns"] <= row["sent_ns"] <= row["answered_ns"]
    assert row["reported_ns"] == 0
    assert gate.status()["latency"]["report"]["count"] == 0
