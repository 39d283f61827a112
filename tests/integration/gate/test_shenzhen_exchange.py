"""A Shenzhen gateway, which is the test, that is not ready, does not read, or talks nonsense.

Source: SZSE Binary trading interface v1.32, 4.3 (session messages); what Shanghai's gateway may do
is in test_exchange_sessions.py.
"""

import struct

import pytest

from panshi.rig.exchange import Exchange
from panshi.rig.gate import TGW, Gate, gateway
from panshi.rig.messages import szse_cancel, szse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import BRANCHES, SZSE, customer
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

NOT_READY, QUEUE_FULL = 30006, 33002
BATCH = 100
OPEN_STATE = 3


@pytest.fixture
def exchange() -> Exchange:
    return Exchange("szse", platform=1)


@pytest.fixture
def gate(new_gate: NewGate, exchange: Exchange) -> Gate:
    return new_gate(gateway(SZSE, exchange.address))


def state_of(gate: Gate, wanted: int) -> None:
    gate.wait_for(lambda status: status["gateways"][0]["state"] == wanted)


def begun(gate: Gate, exchange: Exchange) -> Peer:
    """Start a gate and give the exchange's side of its session."""
    gate.launch()
    session = exchange.logged_on()
    gate.wait_open()
    return session


def passes(client: Peer, session: Peer, number: str) -> None:
    """Hold that an order of a session goes its way."""
    client.send(100101, **szse_order(number, BranchID=BRANCHES[SZSE]))
    assert session.expect(100101)["ClOrdID"] == number


def test_a_refused_logon_is_tried_again(gate: Gate, exchange: Exchange) -> None:
    gate.launch()
    for status, text in [(101, "already logged in"), (5, "wrong password"), (6, "not ready")]:
        session, logon = exchange.expect_logon()
        assert logon["TargetCompID"] == TGW
        session.send(2, SessionStatus=status, Text=text)
        # A refused order system closes; it says nothing more.
        session.expect_end()
        assert f'"status":{status}' in gate.log_text()
        assert gate.status()["gateways"][0]["state"] == 0
    exchange.logged_on()
    state_of(gate, OPEN_STATE)


def test_a_logout_takes_the_session_down_and_its_orders_are_refused(
    gate: Gate, exchange: Exchange
) -> None:
    session = begun(gate, exchange)
    client = gate.szse()
    session.send(2, SessionStatus=101, Text="not ready")
    session.expect(2)
    session.expect_end()
    assert client.expect(6)["PlatformState"] == 0
    client.send(100101, **szse_order("C000000001", BranchID=BRANCHES[SZSE]))
    assert client.expect(4)["BusinessRejectReason"] == NOT_READY
    again = exchange.logged_on()
    assert client.expect(6)["PlatformState"] == 2
    passes(client, again, "C000000002")


def test_platform_states_are_passed_on(gate: Gate, exchange: Exchange) -> None:
    session = begun(gate, exchange)
    client = gate.szse()
    for state in (3, 1, 2, 4, 0):
        session.send(6, PlatformID=1, PlatformState=state)
        assert client.expect(6) == {"PlatformID": 1, "PlatformState": state}
    # A state at which no orders are taken refuses them, and does not end the session.
    client.send(100101, **szse_order("C000000001", BranchID=BRANCHES[SZSE]))
    assert client.expect(4)["BusinessRejectReason"] == NOT_READY
    session.send(6, PlatformID=1, PlatformState=2)
    client.expect(6)
    passes(client, session, "C000000002")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (struct.pack(">III", 3, 0, 1), "checksum"),
        (struct.pack(">II", 200115, 2**32 - 1), "65536"),
        (
            struct.pack(">II", 200115, 0) + struct.pack(">I", sum((200115).to_bytes(4, "big"))),
            "body",
        ),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "65536"),
    ],
    ids=["checksum", "oversize", "no body", "another protocol"],
)
def test_what_is_no_message_ends_the_session_with_a_reason(
    gate: Gate, exchange: Exchange, data: bytes, reason: str
) -> None:
    session = begun(gate, exchange)
    client = gate.szse()
    passes(client, session, "C000000001")
    session.send_bytes(data)
    session.expect_end()
    log = gate.log_text()
    assert "bad message from the exchange gateway" in log
    assert reason in log
    assert client.expect(6)["PlatformState"] == 0
    again = exchange.logged_on()
    assert client.expect(6)["PlatformState"] == 2
    # The order that it had is not sent a second time.
    passes(client, again, "C000000002")
    assert gate.status()["pending"]["unacknowledged"] == 2


def test_unknown_message_types_are_passed_over(gate: Gate, exchange: Exchange) -> None:
    session = begun(gate, exchange)
    message = struct.pack(">II", 777, 0)
    session.send_bytes(message + struct.pack(">I", sum(message) % 256))
    passes(gate.szse(), session, "C000000001")


@pytest.mark.bound("bytes waiting for one gateway", "bytes that the kernel holds for one gateway")
def test_a_gateway_that_does_not_read_gets_no_more_orders_but_cancels(new_gate: NewGate) -> None:
    exchange = Exchange("szse", platform=1, window=4096)
    gate = new_gate(
        gateway(SZSE, exchange.address),
        rows=[customer(1, high_frequency=1, cash_e5=10**15)],
        bounds={"gateway_backlog_bytes": 131_072, "gateway_socket_bytes": 4096},
    )
    session = begun(gate, exchange)
    client = gate.szse()
    taken, refused = send_until_refused(gate, client)
    assert (len(taken) > BATCH, len(refused) > 0) == (True, True)
    client.send(190007, **szse_cancel("D000000001", taken[-1]))
    gate.wait_counts(forwarded_cancels=1)
    # Read again: every order that was not refused is there, in its order, then the cancel.
    assert [session.expect(100101)["ClOrdID"] for _ in taken] == taken
    assert session.expect(190007)["OrigClOrdID"] == taken[-1]
    assert gate.status()["pending"]["unacknowledged"] == len(taken)


def send_until_refused(gate: Gate, client: Peer) -> tuple[list[str], list[str]]:
    """Send orders that nobody reads until some are refused; ids of those taken, and of these."""
    sent: list[str] = []
    refused = 0
    while not refused:
        for _ in range(BATCH):
            sent.append(f"C{len(sent):09}")
            client.send(100101, **szse_order(sent[-1], BranchID=BRANCHES[SZSE]))
        refused = gate.wait_counts(orders=len(sent))["reports"]
    answers = [client.expect(4) for _ in range(refused)]
    assert {row["BusinessRejectReason"] for row in answers} == {QUEUE_FULL}
    back = [row["BusinessRejectRefID"] for row in answers]
    return [number for number in sent if number not in back], back
