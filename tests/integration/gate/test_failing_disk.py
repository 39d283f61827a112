"""Disks that fail under a running gate: a sync that fails, and no room for the next segment."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from panshi.gate import journal, process
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import shanghai_order, sse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import SSE, customer
from panshi.rig.surroundings import build_preload, fill_disk, lacks_mount, small_disk
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

SEGMENT = 256 << 10
RICH = customer(1, high_frequency=1, cash_e5=10**15)


@pytest.fixture(scope="session")
def failing_sync(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the library that stands before the kernel's sync."""
    return build_preload("failing_sync", tmp_path_factory.mktemp("preload"))


@pytest.mark.parametrize("durability", ["A", "B", "C"])
def test_a_failed_sync_halts_the_gate(
    new_gate: NewGate, failing_sync: Path, tmp_path: Path, durability: str
) -> None:
    exchange, broken = Exchange(), tmp_path / "broken"
    gate = new_gate(gateway(SSE, exchange.address), journal={"durability": durability})
    gate.environment = os.environ | {
        "LD_PRELOAD": str(failing_sync),
        "PANSHI_BROKEN_DISK": str(broken),
    }
    session = begin(gate, exchange).session
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001", Price=950_000))
    session.send(32, **accepted(session.expect(58), 1))
    oms.expect(32)
    broken.touch()
    oms.send(58, **sse_order("A000000002", BranchID="00001", Price=950_000))
    # The client is told that it is over, and never what the disk does not have.
    said = oms.read()
    while said is not None and said["type"] == 32 and durability == "A":
        said = oms.read()
    assert said is not None
    assert (said["type"], said["fields"]["SessionStatus"]) == (41, 5007)
    # Toward the exchange nothing leaves any more: at most the order that was on its way.
    arrived = []
    while (message := session.read()) is not None:
        arrived.append(message["type"])
    assert arrived in ([[]] if durability == "C" else [[], [58]])
    assert gate.ended() != 0
    words = gate.errors.read_text()
    assert "sync of segment 1 failed" in words
    assert "the gate must halt" in words
    # With a sound disk the same command goes on.
    broken.unlink()
    again = begin(gate, exchange)
    client = gate.sse()
    assert client.expect(32)["ClOrdID"] == "A000000001"
    client.send(58, **sse_order("A000000003", BranchID="00001"))
    assert again.session.expect(58)["ClOrdID"] == "A000000003"


def has_begun(segment: Path) -> bool:
    """Say whether a segment has a record behind the page of its header."""
    with segment.open("rb") as file:
        file.seek(4096)
        return any(file.read(8))


def fill(served: Shanghai, oms: Peer, segment: Path) -> int:
    """Send orders, each acknowledged, until a segment is begun and the disk ahead is full."""
    number = 0
    while not has_begun(segment):
        number += 1
        oms.send_bytes(shanghai_order(f"A{number:09}"))
        served.session.send(32, **accepted(served.session.expect(58), number))
        oms.expect(32)
    served.gate.wait_for(lambda status: status["journal"]["full"] is not None)
    return number


def go_on_until_the_end(served: Shanghai, oms: Peer, number: int) -> int:
    """Send orders until the gate halts; the last order that was acknowledged."""
    while True:
        number += 1
        try:
            oms.send_bytes(shanghai_order(f"A{number:09}"))
            message = served.session.read()
            if message is None:
                break
            served.session.send(32, **accepted(message["fields"], number))
            answer = oms.read()
        except OSError:
            break
        if answer is None or answer["type"] == 41:
            break
    return number - 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of two megabytes."""
    lacking = lacks_mount()
    if lacking is not None:
        pytest.skip(lacking)
    with small_disk(tmp_path / "disk", 2) as folder:
        yield folder


def test_a_full_disk_halts_the_gate_when_the_segment_is_used_up(
    new_gate: NewGate, disk: Path
) -> None:
    exchange = Exchange()
    folder = disk / "journal"
    gate: Gate = new_gate(
        gateway(SSE, exchange.address),
        rows=[RICH],
        journal={"segment_bytes": SEGMENT, "dir": str(folder)},
        room={"warn_bytes": 0, "cancel_only_bytes": 0},
    )
    gate.journal = folder
    served = begin(gate, exchange)
    ballast = fill_disk(disk, 65_536)
    oms = gate.sse()
    number = fill(served, oms, folder / "00000002.pjl")
    assert "journal disk is full, the gate halts when the segment is" in gate.log_text()
    # It goes on while the segment has room.
    last = go_on_until_the_end(served, oms, number)
    assert last > number
    assert gate.ended() != 0
    words = gate.errors.read_text()
    assert "cannot be preallocated: No space left on device" in words
    assert "free room on its disk" in words
    ballast.unlink()
    served.restart()
    again = gate.sse()
    told = [again.expect(32)["ClOrdID"] for _ in range(last)]
    assert told == [f"A{number:09}" for number in range(1, last + 1)]
    again.close()
    served.session.close()
    assert gate.stop() == 0
    assert journal.verify(gate.journal).ok
    assert process.replay(gate.journal).difference is None
