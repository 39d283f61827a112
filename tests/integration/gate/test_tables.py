"""Tables and messages of other sizes: what does not fit is refused, and nothing is lost."""

import json
import struct

import pytest

from panshi.domain.words import Market
from panshi.gate import journal, process
from panshi.opening.day import security_row
from panshi.rig.exchange import Exchange, accepted, cancelled, filled
from panshi.rig.gate import gateway
from panshi.rig.messages import shanghai_order, sse_cancel, sse_order, szse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE, customer, security
from panshi.rig.venue import from_now, serving
from panshi.wire.codec import encode_line
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

ORDERS_FULL, EVENTS_FULL, HOLDINGS_FULL, FILLS_FULL = 30007, 30008, 30009, 30011
RICH = customer(1, high_frequency=1, cash_e5=10**15)
ROOM = 20
OTHER = "600001"
FILLS_UP = "a table of the day fills up"


def sized(new_gate: NewGate, **capacity: int) -> Shanghai:
    """Serve with tables of these sizes."""
    exchange = Exchange()
    rows = [RICH, security_row(security(Market.SSE, OTHER))]
    gate = new_gate(gateway(SSE, exchange.address), rows=rows, capacity=capacity)
    return begin(gate, exchange)


def taken(served: Shanghai, oms: Peer, number: str, index: int, **changes: object) -> Message:
    """Take an order to the exchange and its report back; the order as the exchange has it."""
    oms.send(58, **sse_order(number, BranchID=BRANCHES[SSE], **changes))
    order = served.session.expect(58)
    served.session.send(32, **accepted(order, index))
    assert oms.expect(32)["ReportIndex"] == index
    return order


def refused(oms: Peer, number: str, **changes: object) -> int:
    """Send an order that is refused; the code."""
    oms.send(58, **sse_order(number, BranchID=BRANCHES[SSE], **changes))
    answer = oms.expect(204)
    assert answer["ClOrdID"] == number
    return int(answer["OrdRejReason"])


def ends_well(served: Shanghai, oms: Peer, capacity: dict[str, int]) -> None:
    """Hold that the journal of the day is whole and gives the same again with the same tables."""
    gate = served.gate
    gate.command("day-close")
    assert all(row["frozen_e5"] == 0 for row in gate.journaled("CashTotal")["CashTotal"])
    oms.close()
    served.session.close()
    assert gate.stop() == 0
    assert journal.verify(gate.journal).ok
    assert process.replay(gate.journal, capacity).difference is None


def table(served: Shanghai, name: str) -> dict[str, object]:
    """Return how full a table is."""
    (row,) = (row for row in served.gate.status()["tables"] if row["table"] == name)
    return dict(row)


def test_a_table_is_told_at_eighty_percent_and_when_it_is_full(new_gate: NewGate) -> None:
    served = sized(new_gate, orders=ROOM)
    oms, warned_at = served.gate.sse(), ROOM * 8 // 10
    for number in range(1, warned_at):
        taken(served, oms, f"A{number:09}", number)
    assert table(served, "orders")["level"] == "enough"
    assert served.gate.logged(FILLS_UP) == []
    taken(served, oms, f"A{warned_at:09}", warned_at)
    served.gate.wait_for(lambda _: len(served.gate.logged(FILLS_UP)) == 1)
    for number in range(warned_at + 1, ROOM + 1):
        taken(served, oms, f"A{number:09}", number)
    assert table(served, "orders") == {
        "table": "orders",
        "used": ROOM,
        "room": ROOM,
        "level": "full",
        "refused_with": ORDERS_FULL,
    }
    assert refused(oms, "B000000001") == ORDERS_FULL
    served.gate.wait_for(lambda _: len(served.gate.logged(FILLS_UP)) == 2)
    lines = served.gate.logged(FILLS_UP)
    told = [(line["level"], line["table"], line["used"], line["is"]) for line in lines]
    assert told == [("warning", "orders", warned_at, "low"), ("error", "orders", ROOM, "full")]


@pytest.mark.bound("what the gate remembers of the day")
def test_what_is_refused_at_once_takes_no_memory(new_gate: NewGate) -> None:
    served = sized(new_gate, orders=2)
    oms = served.gate.sse()
    orders = [taken(served, oms, f"A{number:09}", number) for number in (1, 2)]
    before = served.gate.status()["remembered"]
    assert before == {"records": 4, "told": 2}
    for number in range(100):
        assert refused(oms, f"B{number:09}") == ORDERS_FULL
    assert served.gate.status()["remembered"] == before
    # What came before is told again from where it lies.
    served.session.send(103, **filled(orders[0], 3, SetID=1))
    assert oms.expect(103)["ClOrdID"] == orders[0]["ClOrdID"]
    served.gate.kill()
    served.restart()
    again = served.gate.sse()
    assert [again.expect(kind)["ReportIndex"] for kind in (32, 32, 103)] == [1, 2, 3]
    assert served.gate.status()["remembered"] == {"records": 5, "told": 3}


@pytest.mark.bound("tables of the engine")
def test_a_full_table_of_orders_refuses_and_keeps_what_it_has(new_gate: NewGate) -> None:
    size = {"orders": ROOM}
    served = sized(new_gate, **size)
    oms = served.gate.sse()
    orders = [taken(served, oms, f"A{number:09}", number) for number in range(1, ROOM + 1)]
    assert refused(oms, "B000000001") == ORDERS_FULL
    # Those in the table are filled and cancelled as ever; the day's table does not get room by it.
    served.session.send(103, **filled(orders[0], ROOM + 1, SetID=1))
    assert oms.expect(103)["ClOrdID"] == orders[0]["ClOrdID"]
    oms.send(61, **sse_cancel("C000000001", orders[1]["ClOrdID"]))
    served.session.send(32, **cancelled(served.session.expect(61), orders[1], ROOM + 2))
    assert oms.expect(32)["OrigClOrdID"] == orders[1]["ClOrdID"]
    assert refused(oms, "B000000002") == ORDERS_FULL
    # A start with the same tables finds the day as it was, reports and refusals alike.
    served.gate.kill()
    served.restart()
    again = served.gate.sse()
    kinds = [32] * ROOM + [103, 32]
    assert [again.expect(kind)["ReportIndex"] for kind in kinds] == list(range(1, ROOM + 3))
    assert refused(again, "B000000003") == ORDERS_FULL
    counts = served.gate.status()["counts"]
    assert (counts["orders"], counts["forwarded"], counts["refused"]) == (ROOM + 3, ROOM, 3)
    ends_well(served, again, size)


@pytest.mark.bound("tables of the engine")
def test_a_full_table_of_holdings_refuses_buys_of_what_is_new_only(new_gate: NewGate) -> None:
    # Both accounts of the day have one holding each.
    size = {"holdings": 2}
    served = sized(new_gate, **size)
    oms = served.gate.sse()
    assert refused(oms, "A000000001", SecurityID=OTHER) == HOLDINGS_FULL
    taken(served, oms, "A000000002", 1)
    taken(served, oms, "A000000003", 2, Side="2", Price=1_100_000)
    ends_well(served, oms, size)


@pytest.mark.bound("tables of the engine")
def test_a_full_table_of_events_refuses_for_a_second_and_never_a_cancel(new_gate: NewGate) -> None:
    size = {"events": ROOM}
    served = sized(new_gate, **size)
    oms = served.gate.sse()
    sent = [f"A{number:09}" for number in range(10 * ROOM)]
    first = taken(served, oms, "B000000001", 1)
    oms.send_bytes(b"".join(map(shanghai_order, sent)))
    oms.send(61, **sse_cancel("C000000001", "B000000001"))
    arrived, index = [], 1
    while (message := served.session.read()) is not None and message["type"] == 58:
        index += 1
        served.session.send(32, **accepted(message["fields"], index))
        arrived.append(message["fields"]["ClOrdID"])
    assert message is not None
    served.session.send(32, **cancelled(message["fields"], first, index + 1))
    served.gate.wait_counts(orders=len(sent) + 1, reports=index + 1)
    told: dict[str, Message] = {}
    while "C000000001" not in told:
        answer = oms.read()
        assert answer is not None
        told[answer["fields"]["ClOrdID"]] = answer
    back = [number for number in sent if told.get(number, {}).get("type") == 204]
    assert {told[number]["fields"]["OrdRejReason"] for number in back} == {EVENTS_FULL}
    # Every order was either sent on or refused, none both and none neither.
    assert sorted([*arrived, *back]) == sent
    assert arrived
    assert back
    ends_well(served, oms, size)


@pytest.mark.bound("tables of the engine")
def test_a_full_table_of_fills_refuses_orders_and_takes_every_fill(new_gate: NewGate) -> None:
    size = {"fills": 2}
    served = sized(new_gate, **size)
    oms = served.gate.sse()
    orders = [taken(served, oms, f"A{number:09}", number) for number in (1, 2, 3)]
    for index, order in enumerate(orders[:2], start=4):
        served.session.send(103, **filled(order, index, SetID=1))
        assert oms.expect(103)["ClOrdID"] == order["ClOrdID"]
    assert refused(oms, "B000000001") == FILLS_FULL
    # What was traded is taken all the same.
    served.session.send(103, **filled(orders[2], 6, SetID=1))
    assert oms.expect(103)["ClOrdID"] == orders[2]["ClOrdID"]
    assert refused(oms, "B000000002") == FILLS_FULL
    ends_well(served, oms, size)


@pytest.mark.bound("one Shenzhen message")
@pytest.mark.parametrize("limit", [4096, 65_536])
def test_a_message_of_the_set_length_is_the_longest(new_gate: NewGate, limit: int) -> None:
    with serving(from_now("10:00:00")) as addresses:
        gate = new_gate(gateway(SZSE, addresses[2]), bounds={"message_bytes": limit})
        gate.start()
        longest = gate.szse()
        longest.send_bytes(padded(szse_order("C000000001", BranchID=BRANCHES[SZSE]), limit))
        assert longest.expect(200102)["ClOrdID"] == "C000000001"
        longest.send_bytes(padded(szse_order("C000000002", BranchID=BRANCHES[SZSE]), limit + 1))
        assert longest.expect(2)["SessionStatus"] == 102
        longest.close()
        gate.wait_offline()
        assert gate.status()["counts"]["orders"] == 1
        # Whoever comes back is told what it was told, and goes on.
        again = gate.szse()
        assert again.expect(200102)["ClOrdID"] == "C000000001"
        again.send(100101, **szse_order("C000000003", BranchID=BRANCHES[SZSE]))
        assert again.expect(200102)["ClOrdID"] == "C000000003"
        gate.stop()


def padded(fields: Message, length: int) -> bytes:
    """Return an order with bytes behind its known fields, as a later version may have them."""
    data = bytes.fromhex(encode_line("szse", json.dumps({"type": 100101, "fields": fields})))
    body = data[8:-4] + bytes(length - len(data))
    message = struct.pack(">II", 100101, len(body)) + body
    return message + struct.pack(">I", sum(message) % 256)
