"""Codes that only the gate around its engine gives: each is caused over real sockets.

Those below are the engine's; native/engine/tests/codes.rs causes every one of them, the family of
`LoadInvalid` included, and has no list of exceptions either.
"""

import json
from collections.abc import Callable
from typing import Final

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.gate.engine import load_reasons
from panshi.rig.exchange import Exchange
from panshi.rig.gate import BY, gateway
from panshi.rig.messages import sse_cancel, sse_order, szse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE, customer, day_records, row
from tests.integration.gate.conftest import NewGate, Shanghai, begin
from tests.integration.gate.test_exchange_sessions import send_until_refused
from tests.integration.gate.test_sessions import whole_szse

pytestmark = pytest.mark.integration

FIRST: Final = 33_001
UNKNOWN_TYPE: Final = 100_501
BEYOND_UNITS: Final = 2**62


def not_connected(new_gate: NewGate) -> int:
    """Lose the connection to the exchange with a cancel that was not handed over yet."""
    served = unread(new_gate, 65_536)
    client = served.gate.sse()
    taken, _ = send_until_refused(served.gate, client)
    client.send(61, **sse_cancel("C000000001", taken[-1]))
    served.gate.wait_counts(forwarded_cancels=1)
    served.session.close()
    client.expect(209)
    return int(client.expect(204)["OrdRejReason"])


def queue_full(new_gate: NewGate) -> int:
    """Send orders to an exchange that does not read."""
    served = unread(new_gate, 4096)
    client = served.gate.sse()
    number = 0
    while True:
        number += 1
        client.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
        counts = served.gate.wait_counts(orders=number)
        if counts["reports"]:
            return int(client.expect(204)["OrdRejReason"])


def unread(new_gate: NewGate, backlog: int) -> Shanghai:
    """Serve toward an exchange that does not read."""
    exchange = Exchange(window=4096)
    bounds = {"gateway_backlog_bytes": backlog, "gateway_socket_bytes": 4096}
    rich = customer(1, high_frequency=1, cash_e5=10**15)
    return begin(new_gate(gateway(SSE, exchange.address), rows=[rich], bounds=bounds), exchange)


def message_invalid(new_gate: NewGate) -> int:
    """Order a quantity that no whole number of shares has room for."""
    client = shenzhen(new_gate)
    client.send(100101, **szse_order("C000000001", OrderQty=BEYOND_UNITS))
    return int(client.expect(4)["BusinessRejectReason"])


def type_unsupported(new_gate: NewGate) -> int:
    """Send a message of a business that the gate does not carry."""
    client = shenzhen(new_gate)
    client.send_bytes(whole_szse(UNKNOWN_TYPE, bytes(98)))
    return int(client.expect(4)["BusinessRejectReason"])


def load_invalid(new_gate: NewGate) -> int:
    """Load a row of a schedule with a state that there is none of."""
    exchange = Exchange()
    gate = begin(new_gate(gateway(SSE, exchange.address)), exchange).gate
    path = gate.folder / "wrong"
    path.write_bytes(day_records([row("LoadSchedule", scope=1, state=4, to_ns=1)]))
    assert "33006 LoadInvalid" in gate.refusal({"verb": "reload", **BY, "path": str(path)})
    (line,) = gate.logged("reference row not taken")
    return int(line["code"])


def shenzhen(new_gate: NewGate) -> Peer:
    exchange = Exchange("szse", platform=1)
    return begin(new_gate(gateway(SZSE, exchange.address)), exchange).gate.szse()


CAUSES: Final[dict[str, Callable[[NewGate], int]]] = {
    "NotConnected": not_connected,
    "QueueFull": queue_full,
    "MessageInvalid": message_invalid,
    "TypeUnsupported": type_unsupported,
    "LoadInvalid": load_invalid,
}


@pytest.mark.parametrize("name", [reason.name for reason in load_reasons() if reason.code >= FIRST])
def test_each_code_of_the_gate_occurs(new_gate: NewGate, name: str) -> None:
    numbers = {reason.name: reason.code for reason in load_reasons()}
    assert CAUSES[name](new_gate) == numbers[name]


def test_the_command_lists_every_code_in_both_languages() -> None:
    told = json.loads(CliRunner().invoke(app, ["codes", "--json"]).stdout)
    assert [row["code"] for row in told] == [reason.code for reason in load_reasons()]
    assert len({row["code"] for row in told}) == len(told)
    assert all(row["zh"] and row["en"] for row in told)
