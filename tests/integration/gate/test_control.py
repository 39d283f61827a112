"""The control socket: who may open it, what it refuses, and how little it can be made to keep."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest

from panshi.rig.gate import BY, Gate, Line, gateway
from panshi.rig.small_day import SSE
from tests.integration.gate.conftest import NewGate, Shanghai

pytestmark = pytest.mark.integration


def test_only_the_owner_may_open_the_socket(shanghai: Shanghai) -> None:
    mode = shanghai.gate.control.stat().st_mode
    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)
    if os.geteuid() != 0:
        pytest.skip("needs root: it asks as another user")
    # Even where the path is open to all, the kernel tells who asks.
    for path in (shanghai.gate.control, *shanghai.gate.control.parents[:3]):
        path.chmod(0o777)
    ask = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "peer = socket.socket(socket.AF_UNIX)\n"
        "peer.connect(sys.argv[1])\n"
        'peer.sendall(b\'{"verb": "status"}\\n\')\n'
        "print(len(peer.recv(10)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", ask, str(shanghai.gate.control)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.strip() in {"", "0"}, "another user was answered"
    assert shanghai.gate.status()["counts"]["orders"] == 0


def test_a_second_gate_does_not_take_the_socket(shanghai: Shanghai, new_gate: NewGate) -> None:
    other = new_gate(gateway(SSE, shanghai.exchange.address), control=str(shanghai.gate.control))
    other.launch()
    assert other.ended() != 0
    assert "another gate serves it" in other.errors.read_text()
    assert shanghai.gate.status()
    plain = shanghai.gate.folder / "plain"
    plain.touch()
    other.configure(control=str(plain))
    other.launch()
    assert other.ended() != 0
    assert "must be a socket or nothing, found another file" in other.errors.read_text()
    assert plain.exists()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            {"verb": "fly", **BY},
            "verb: must be one of status, states, limits, unknown, codes, mass-cancels, day-end",
        ),
        ({"verb": "set-state", "scope": "firm"}, "who: must be given with set-state"),
        ({"verb": "set-state", "who": "a", "scope": "firm"}, "why: must be given with set-state"),
        ({"verb": "set-state", **BY, "state": "halted"}, "scope: must be one of Firm, Market, Pbu"),
        (
            {"verb": "set-state", **BY, "scope": "desk", "id": 1, "state": "halted"},
            "scope: must be one of Firm, Market, Pbu, Client, Account, OwnerGroup, Strategy, Sec",
        ),
        (
            {"verb": "set-state", **BY, "scope": "firm", "state": "shut"},
            'state: must be one of Normal, SellOnly, CancelOnly, Halted, found "shut"',
        ),
        (
            {"verb": "set-state", **BY, "scope": "firm", "key": "600000", "state": "halted"},
            'key: must be left out with scope Firm, found "600000"',
        ),
        (
            {"verb": "set-state", **BY, "scope": "pbu", "id": 63, "state": "halted"},
            "id: must be the number of a known Pbu, found 63",
        ),
        (
            {"verb": "set-state", **BY, "scope": "client", "id": 9, "state": "halted"},
            "id: must be the number of a known Client, found 9",
        ),
        (
            {
                "verb": "set-state",
                **BY,
                "scope": "account",
                "market": 1,
                "key": "A999999999",
                "state": "halted",
            },
            'key: must be a known Account of market 1 or 2, found "A999999999" of market 1',
        ),
        (
            {"verb": "cancel-all", **BY, "scope": "security", "key": "600000"},
            'key: must be a known Security of market 1 or 2, found "600000" of market 0',
        ),
        (
            {"verb": "cancel-all", **BY, "scope": "firm", "id": 7},
            "id: must be left out with scope Firm, found 7",
        ),
        (
            {"verb": "cancel-all", **BY, "scope": "firm", "state": "halted"},
            "state: is no key of cancel-all, which takes scope, id, market, key",
        ),
        ({"verb": "set-limit", **BY, "scope": "client", "metric": "Minute"}, "block: must be"),
        (
            {"verb": "set-limit", **BY, "scope": "client", "metric": "Speed", "block": 1},
            "metric: must be one of SlidingSecond, CalendarSecond, Minute, Day",
        ),
        (
            {"verb": "set-limit", **BY, "scope": "client", "metric": "Day", "block": "many"},
            'block: must be a whole number in its range, found "many"',
        ),
        (
            {"verb": "set-limit", **BY, "scope": "client", "metric": "Day", "block": -1},
            "block: warn and block must not be negative",
        ),
        (
            {
                "verb": "set-limit",
                **BY,
                "scope": "client",
                "metric": "Day",
                "block": 1,
                "market": 3,
            },
            "market: must be 1, 2 or 0 for both, found 3",
        ),
        (
            {"verb": "set-limit", **BY, "scope": "market", "metric": "Day", "block": 1},
            "scope: must be one that has limits, found Market",
        ),
        ({"verb": "reload", **BY, "path": "/nowhere"}, "path: /nowhere: No such file"),
        ({"verb": "kick", **BY, "client": 1}, "client: must be a client that is logged on"),
        ({"verb": "kick", **BY}, "client: must be a whole number in its range, found nothing"),
        ({"verb": "status", "id": 1}, "id: is no key of status"),
    ],
)
def test_a_bad_command_is_refused_with_a_reason(idle: Gate, request_: Line, reason: str) -> None:
    assert idle.refusal(request_).startswith(reason)


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """Serve without any exchange, for questions and refusals; nothing may be journaled."""
    folder = tmp_path_factory.mktemp("idle")
    served = Gate(folder / "gate", [gateway(SSE, ("127.0.0.1", 9))], {})
    served.changes["clock"] = None
    served.configure()
    served.launch()
    served.wait_for(lambda status: status["trade_date"] > 0)
    yield served
    assert served.stop() == 0
    assert served.journaled("commands") == {"Command": [], "SetState": [], "CancelAll": []}


def raw(gate: Gate, *parts: bytes) -> Iterator[Line]:
    """Send bytes as they are and yield the answers until the gate closes."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(10)
        peer.connect(str(gate.control))
        for part in parts:
            peer.sendall(part)
        peer.shutdown(socket.SHUT_WR)
        data = b""
        while part := peer.recv(65_536):
            data += part
    for line in data.splitlines():
        yield json.loads(line)


def test_lines_are_answered_one_by_one_whatever_they_hold(idle: Gate) -> None:
    answers = list(
        raw(idle, b'{"verb": "sta', b'tus"}\nnonsense\n\xff\xfe\n[1]\n', b'{"verb": "codes"}\nrest')
    )
    assert [answer["ok"] for answer in answers] == [True, False, False, False, True]
    assert all("request: must be one JSON object" in answer["error"] for answer in answers[1:4])


@pytest.mark.bound("one line of the control socket")
def test_a_line_without_end_is_cut_off(idle: Gate) -> None:
    (answer,) = raw(idle, b"x" * 65_536)
    assert answer["error"] == "request: must be a line of at most 65536 bytes, found more"


@pytest.mark.bound("answers that one control connection has not read")
def test_whoever_does_not_read_answers_is_not_read_either(idle: Gate) -> None:
    line = b'{"verb": "codes"}\n'
    lines = line * 200_000
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(idle.control))
        peer.settimeout(0.2)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < len(lines):
                sent += peer.send(lines[sent : sent + 1000])
        assert sent < len(lines), "the gate reads without end"
        # Others are served meanwhile, and what was asked is answered when it is read.
        assert idle.status()
        peer.settimeout(10)
        peer.shutdown(socket.SHUT_WR)
        answers = 0
        while part := peer.recv(1 << 20):
            answers += part.count(b"\n")
    assert answers == sent // len(line)


@pytest.mark.bound("control and metrics connections, each")
def test_idle_connections_do_not_lock_a_person_out(idle: Gate) -> None:
    held = []
    for _ in range(100):
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].connect(str(idle.control))
    assert idle.status()
    for peer in held:
        peer.close()
