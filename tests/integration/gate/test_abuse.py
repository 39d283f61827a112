"""Strangers, liars and floods at the gate's ports: sent away, remembered, no harm to others."""

import itertools
import socket
import struct
from collections import Counter
from typing import Any

import pytest

from panshi.rig.gate import Gate, listen
from panshi.rig.messages import shanghai_order, sse_logon, sse_order, szse_logon, szse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE

pytestmark = pytest.mark.integration


def sent_away(gate: Gate) -> list[dict[str, Any]]:
    """Return the log's lines of those who were sent away."""
    return gate.logged("client sent away")


def passes(client: Peer, number: str) -> None:
    """Hold that an order of a session goes its way."""
    client.send(58, **sse_order(number, BranchID=BRANCHES[SSE]))
    assert client.expect(32)["ExecType"] == "0"


def test_a_port_lets_in_only_the_addresses_of_its_list(gate: Gate) -> None:
    gate.stop()
    first, second = gate.ports
    gate.configure(
        listen=[listen(SSE, first, allow=["10.0.0.0/8"]), listen(SZSE, second, allow=["127.0.0.1"])]
    )
    gate.start()
    stranger = gate.connect(SSE)
    stranger.expect_end()
    gate.szse()
    (row,) = sent_away(gate)
    assert row["type"] == "address not allowed"
    assert row["source"].startswith("127.0.0.1:")
    assert row["target"] == f"127.0.0.1:{first}"
    assert row["time_ns"] > 0


def test_a_client_logs_on_only_from_its_addresses(gate: Gate) -> None:
    gate.stop()
    gate.configure(
        access=[
            {"market": SSE, "comp_id": "OMS01", "addresses": ["10.1.2.3"]},
            {"market": SZSE, "comp_id": "OMS01", "addresses": ["127.0.0.0/8"]},
        ]
    )
    gate.start()
    client = gate.connect(SSE)
    sse_logon(client)
    assert client.expect(41)["SessionStatus"] == 5005
    gate.szse()
    (row,) = sent_away(gate)
    assert (row["type"], row["detail"]) == (
        "client may not log on from the address",
        "OMS01",
    )


@pytest.mark.bound("client connections from one address")
def test_an_address_has_so_many_connections(gate: Gate) -> None:
    gate.stop()
    gate.configure(bounds={"connections_per_address": 3})
    gate.start()
    client = gate.sse()
    others = [gate.connect(SSE) for _ in range(2)]
    gate.connect(SSE).expect_end()
    assert sent_away(gate)[0]["type"] == "too many connections from the address"
    others[0].close()
    gate.wait_for(lambda status: status["connections"] == 4)
    gate.connect(SZSE)
    passes(client, "A000000001")


def test_thousands_of_connections_leave_the_sessions_alone(gate: Gate) -> None:
    client = gate.sse()
    # The second engine that follows the journal has its memory by then.
    gate.wait_for(lambda status: status["snapshots"]["caught_up"])
    before = gate.memory_kib()
    address = ("127.0.0.1", gate.ports[0])
    for _ in range(20):
        storm = [socket.create_connection(address) for _ in range(150)]
        for one in storm:
            one.close()
    passes(client, "A000000001")
    gate.wait_for(lambda status: status["connections"] == 3)
    # The bound is on connections: what a closed one held is given back.
    assert gate.memory_kib() - before < 64 * 1024
    rows = sent_away(gate)
    assert {row["type"] for row in rows} <= {"too many connections from the address"}
    assert len(rows) < 100


def bad(kind: str) -> tuple[bytes, str]:
    """Return bytes that no client sends, and how they are named."""
    message = struct.pack(">IQI", 58, 1, 125) + bytes(125)
    match kind:
        case "garbage":
            return bytes(
                itertools.islice(itertools.cycle(b"GET / HTTP/1.1\r\n"), 4096)
            ), "message too long"
        case "oversize":
            return struct.pack(">IQI", 58, 1, 2**32 - 1), "message too long"
        case "checksum":
            return message + struct.pack(">I", 255), "bad message"
        case _:
            return message + struct.pack(">I", sum(message) % 256), "first message is no logon"


@pytest.mark.parametrize("kind", ["garbage", "oversize", "checksum", "order"])
def test_bad_bytes_of_a_stranger_are_remembered(gate: Gate, kind: str) -> None:
    client = gate.sse()
    data, name = bad(kind)
    stranger = gate.connect(SSE)
    stranger.send_bytes(data)
    stranger.expect(41)
    stranger.expect_end()
    # One client, two gateways and the stranger: its end came at once, it may still read.
    assert gate.status()["connections"] == 4
    (row,) = sent_away(gate)
    assert row["type"] == name
    passes(client, "A000000001")


def test_wrong_logons_are_answered_and_remembered(gate: Gate) -> None:
    for changes, name in (
        ({"SenderCompID": "NOBODY"}, "wrong CompID"),
        ({"TargetCompID": "OTHER"}, "wrong CompID"),
    ):
        client = gate.connect(SSE)
        sse_logon(client, **changes)
        assert client.expect(41)["SessionStatus"] == 5005
        assert sent_away(gate)[-1]["type"] == name
    session = gate.sse()
    second = gate.connect(SSE)
    sse_logon(second)
    assert second.expect(41)["SessionStatus"] == 5003
    assert sent_away(gate)[-1]["type"] == "already logged in"
    stranger = gate.connect(SZSE)
    szse_logon(stranger, SenderCompID="evil\n\x1b[31m")
    assert stranger.expect(2)["SessionStatus"] == 5
    # What a stranger names itself cannot write into the log or onto a terminal.
    assert sent_away(gate)[-1]["detail"] == "evil\\n\\u{1b}[31m"
    passes(session, "A000000001")


def test_a_flood_of_wrong_logons_fills_no_log(gate: Gate) -> None:
    for _ in range(60):
        client = gate.connect(SSE)
        sse_logon(client, SenderCompID="NOBODY")
        client.expect(41)
        client.close()
    assert len(sent_away(gate)) == 20
    offences = gate.status()["door"]["offences"]
    assert offences["wrong CompID"] == 60
    (source,) = gate.status()["door"]["sources"]
    assert (source["address"], source["count"]) == ("127.0.0.1", 60)


def test_slow_bytes_buy_no_time(gate: Gate) -> None:
    client = gate.sse()
    slow = gate.connect(SSE)
    ended = False
    # One byte now and then: a connection without a logon ends five seconds after it was made.
    for byte in struct.pack(">IQI", 40, 1, 82):
        try:
            slow.send_bytes(bytes([byte]))
            ended = slow.read(0.5) is not None
        except TimeoutError:
            continue
        if ended:
            break
    assert ended
    assert sent_away(gate)[-1]["type"] == "no logon in time"
    passes(client, "A000000001")


def test_orders_of_one_burst_are_taken_though_their_sender_is_gone(gate: Gate) -> None:
    client = gate.sse()
    orders = b"".join(shanghai_order(f"A{number:09}") for number in range(1000))
    client.send_bytes(orders)
    client.socket.shutdown(socket.SHUT_WR)
    gate.wait_counts(orders=1000)
    # The end of the connection is seen behind the last order, not at the next silence.
    gate.wait_offline()


def test_every_order_of_a_greedy_client_is_answered_beside_a_polite_one(gate: Gate) -> None:
    polite = gate.szse()
    greedy = gate.sse()
    orders = b"".join(shanghai_order(f"A{number:09}") for number in range(3000))
    greedy.send_bytes(orders)
    stranger = gate.connect(SZSE)
    szse_logon(stranger)
    assert stranger.expect(2)["Text"] == "already logged in"
    answers = Counter(answer(greedy) for _ in range(3000))
    # What passes the numbers of a high-frequency account is refused with its code, not dropped.
    assert set(answers) == {32, 30215}
    polite.send(100101, **szse_order("C000000001", BranchID=BRANCHES[SZSE]))
    assert polite.expect(200102)["ExecType"] == "0"


def answer(client: Peer) -> int:
    """Return how an order was answered: 32, or the code of its refusal."""
    message = client.read()
    assert message is not None
    return int(message["fields"]["OrdRejReason"] if message["type"] == 204 else message["type"])
