"""Every limit that the runbook states is reached in a test, and does there what is stated."""

import importlib
import json
import os
import re
import signal
import socket
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from panshi.gate.config import BoundsConfig
from panshi.rig.exchange import Exchange
from panshi.rig.gate import BY, Gate, gateway, listen
from panshi.rig.messages import shanghai_order, sse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE
from panshi.rig.takeover import publish
from tests.integration.gate.conftest import NewGate, Shanghai, begin
from tests.integration.gate.test_abuse import passes, sent_away
from tests.integration.gate.test_stopping import HALT
from tests.integration.gate.test_streams import two_clients

pytestmark = pytest.mark.integration

HERE: Final = Path(__file__).parent
RUNBOOK: Final = HERE.parents[2] / "docs" / "operations" / "gate.md"
CELLS: Final = re.compile(r"\| (?P<what>[^|]+) \| (?P<key>[^|]+) \| (?P<bound>[^|]+) \| [^|]+ \|")
UNITS: Final = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
STOP_PEERS, STOP_LINE_BYTES = 16, 4096
STANDBY_PEERS = 16
SOURCES, LINES_A_MINUTE = 1024, 20


def stated() -> dict[str, tuple[str, str]]:
    """Return the rows of the runbook's table of limits: key and bound by what they limit."""
    section = RUNBOOK.read_text(encoding="utf-8").split("\n## 5. ")[1].split("\n## 6. ")[0]
    rows = [CELLS.fullmatch(line) for line in section.splitlines() if line.startswith("| ")]
    cells = [row.groupdict() for row in rows if row is not None][1:]
    # What stands in English is the end of the cell.
    return {
        str(re.sub(r"^.*[^\x00-\x7f] *", "", one["what"])): (one["key"].strip("` "), one["bound"])
        for one in cells
    }


def marked() -> dict[str, list[str]]:
    """Return which tests of this folder reach which limit."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(f"tests.integration.gate.{path.stem}")
        for name, test in functions_of(module):
            for mark in getattr(test, "pytestmark", []):
                for what in mark.args if mark.name == "bound" else ():
                    found.setdefault(what, []).append(f"{path.name}::{name}")
    return found


def functions_of(module: ModuleType) -> list[tuple[str, Callable[..., None]]]:
    return [(name, one) for name, one in vars(module).items() if name.startswith("test_")]


def test_each_stated_limit_is_reached_by_a_test() -> None:
    assert marked().keys() == stated().keys()


def test_the_stated_defaults_are_those_of_the_configuration() -> None:
    keys = {key: bound for key, bound in stated().values() if key.startswith("bounds.")}
    assert {key.removeprefix("bounds.") for key in keys} == BoundsConfig.model_fields.keys()
    for key, bound in keys.items():
        number, _, unit = bound.partition(" ")
        default = getattr(BoundsConfig(), key.removeprefix("bounds."))
        assert int(number) * UNITS[unit] == default, key


@pytest.mark.bound("client connections")
def test_all_ports_together_have_so_many_connections(gate: Gate) -> None:
    gate.stop()
    gate.configure(bounds={"connections": 3})
    gate.start()
    # The two connections to the exchange are not counted.
    client = gate.sse()
    others = [gate.connect(market) for market in (SSE, SZSE)]
    gate.wait_for(lambda status: status["connections"] == 3 + 2)
    for market in (SSE, SZSE):
        gate.connect(market).expect_end()
    kinds = [row["type"] for row in sent_away(gate)]
    assert kinds == ["too many connections"] * 2
    passes(client, "A000000001")
    # Whoever leaves makes room for one.
    others[0].close()
    gate.wait_for(lambda status: status["connections"] == 4)
    gate.szse()
    gate.connect(SSE).expect_end()


@pytest.mark.bound("messages of one client in one turn")
@pytest.mark.parametrize("turn", [1, 7, 64])
def test_a_client_with_many_messages_lets_the_others_go_first(new_gate: NewGate, turn: int) -> None:
    exchange = Exchange()
    gate = new_gate(
        gateway(SSE, exchange.address), rows=two_clients(), bounds={"turn_messages": turn}
    )
    served = begin(gate, exchange)
    many, one = gate.sse(), gate.sse(SenderCompID="OMS02")
    sent = [f"A{number:09}" for number in range(300)]
    # Both have sent before the gate looks again.
    assert gate.child is not None
    process = gate.child.process.pid
    os.kill(process, signal.SIGSTOP)
    many.send_bytes(b"".join(map(shanghai_order, sent)))
    one.send(58, **sse_order("B000000001", BranchID=BRANCHES[SSE], Account="A000000002"))
    os.kill(process, signal.SIGCONT)
    arrived = [served.session.expect(58)["ClOrdID"] for _ in range(len(sent) + 1)]
    place = arrived.index("B000000001")
    assert place <= turn
    assert arrived[:place] + arrived[place + 1 :] == sent


@pytest.mark.bound("connections and one line of the stop socket")
def test_the_stop_socket_has_so_many_connections(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    silent = [stopper(gate) for _ in range(STOP_PEERS)]
    with stopper(gate) as further:
        assert further.recv(1) == b""
    # One that leaves makes room, and the stop of another one is taken.
    silent.pop().close()
    while b'"ok":true' not in stopped(gate):
        pass
    (stop,) = gate.status()["stops"]
    assert stop["who"] == BY["who"]
    for one in silent:
        one.close()


def stopped(gate: Gate) -> bytes:
    """Return what the stop socket says to one more who stops; nothing when it has no room."""
    with stopper(gate) as peer:
        try:
            peer.sendall(json.dumps(HALT).encode() + b"\n")
            return peer.recv(4096)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def stopper(gate: Gate) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(10)
    peer.connect(str(gate.stop_socket))
    return peer


@pytest.mark.bound("connections and one line of the stop socket")
def test_the_stop_socket_takes_lines_of_so_many_bytes(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    with stopper(gate) as peer:
        # A line of the longest is read whole, with those before and behind it.
        longest = b"{" + b" " * (STOP_LINE_BYTES - 3) + b"}\n"
        peer.sendall(b"{}\n" + longest + b"{}\n")
        answers = [line(peer) for _ in range(3)]
        assert len(set(answers)) == 1
        assert b"request: " not in answers[0]
        # Of a longer one not even the beginning is looked at, and the connection ends.
        peer.sendall(b"{}" + b" " * (STOP_LINE_BYTES - 1) + b"\n")
        assert b"must be a line of at most 4096 bytes" in line(peer)
        assert peer.recv(1) == b""
    assert gate.status()["stops"] == []


def line(peer: socket.socket) -> bytes:
    found = b""
    while not found.endswith(b"\n"):
        part = peer.recv(1)
        assert part, found
        found += part
    return found


@pytest.mark.bound("connections of standbys")
def test_so_many_connect_to_follow(new_gate: NewGate, tmp_path: Path) -> None:
    exchange = Exchange()
    standby = publish(tmp_path)
    served = begin(new_gate(gateway(SSE, exchange.address), standby=standby), exchange)
    host, _, port = standby["publish"].partition(":")
    silent = [socket.create_connection((host, int(port)), 10) for _ in range(STANDBY_PEERS)]
    with socket.create_connection((host, int(port)), 10) as further:
        assert ended(further)
    # They hold up nobody, and one that leaves makes room.
    passes_through(served, served.gate.sse())
    silent.pop().close()
    while True:
        with socket.create_connection((host, int(port)), 10) as further:
            if not ended(further):
                break
    for one in silent:
        one.close()


def passes_through(served: Shanghai, client: Peer) -> None:
    client.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    assert served.session.expect(58)["ClOrdID"] == "A000000001"


def ended(peer: socket.socket) -> bool:
    """Return whether a connection is over and nothing was said."""
    try:
        return peer.recv(1) == b""
    except (BrokenPipeError, ConnectionResetError):
        return True


@pytest.mark.bound(
    "sources that are told apart among those sent away", "log lines of one source in a minute"
)
def test_sources_are_told_apart_up_to_so_many(gate: Gate) -> None:
    gate.stop()
    first, second = gate.ports
    allow = {"allow": ["127.0.0.1/32"]}
    gate.configure(listen=[listen(SSE, first, **allow), listen(SZSE, second, **allow)])
    gate.start()
    # Every address of 127/8 is this machine's.
    sources = [f"127.9.{number // 200}.{number % 200 + 1}" for number in range(SOURCES + 10)]
    for source in [sources[0]] * (LINES_A_MINUTE + 5) + sources[1:]:
        with socket.create_connection(("127.0.0.1", first), 10, (source, 0)) as stranger:
            assert ended(stranger)
    client = gate.sse()
    passes(client, "A000000001")
    rows = sent_away(gate)
    lines = [row["source"].rpartition(":")[0] for row in rows]
    assert lines.count(sources[0]) == LINES_A_MINUTE
    worst = gate.status()["door"]["sources"][:2]
    assert (worst[0]["address"], worst[0]["count"]) == (sources[0], LINES_A_MINUTE + 5)
    # Ten came when the table was full.
    assert (worst[1]["address"], worst[1]["count"]) == (str(IPv4Address(0)), 10)
