"""Snapshots of running gates: a start uses the newest good one, and says which it passed over."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from panshi.gate import process
from panshi.rig.exchange import Exchange
from panshi.rig.gate import Gate, gateway
from panshi.rig.peer import close_opened
from panshi.rig.small_day import SSE, customer
from panshi.rig.surroundings import lacks_mount, small_disk
from tests.integration.gate.conftest import NewGate, begin
from tests.integration.gate.load import Load

pytestmark = pytest.mark.integration

RICH = customer(1, high_frequency=1, cash_e5=10**15)
EVERY = 1_000
TOLD = 600


def started(gate: Gate, exchange: Exchange) -> Load:
    """Start a gate and a load on it."""
    session = begin(gate, exchange).session
    load = Load(gate.sse(), session)
    load.begin()
    return load


def loaded(gate: Gate, exchange: Exchange, count: int = 1) -> Load:
    """Run a load until so many snapshots were taken, then kill."""
    load = started(gate, exchange)
    while len(snapshots(gate)) < count:
        load.read(len(load.told) + 20)
    # What is told of a snapshot comes behind the hash of its state, which is journaled by then.
    gate.wait_for(lambda status: status["snapshots"]["snapshot"] is not None)
    gate.kill()
    load.join()
    return load


def taken_up(gate: Gate, exchange: Exchange) -> dict[str, int | str | None]:
    """Start again and give what the log says of the day that was found."""
    gate.launch()
    session = exchange.logged_on()
    gate.wait_open()
    session.close()
    (*_, line) = gate.logged("day recovered")
    return line


def snapshots(gate: Gate) -> list[Path]:
    return sorted((gate.journal / "snapshots").glob("*.snapshot"), reverse=True)


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def gate(new_gate: NewGate, exchange: Exchange) -> Gate:
    """A gate that takes snapshots often."""
    return new_gate(
        gateway(SSE, exchange.address),
        rows=[RICH],
        recovery={"snapshot_records": EVERY, "snapshots_kept": 5},
    )


@pytest.mark.parametrize("durability", ["A", "B", "C"])
def test_a_killed_gate_goes_on_from_its_newest_snapshot(
    new_gate: NewGate, exchange: Exchange, durability: str
) -> None:
    gate = new_gate(
        gateway(SSE, exchange.address),
        rows=[RICH],
        journal={"durability": durability},
        recovery={"snapshot_records": EVERY},
    )
    loaded(gate, exchange)
    newest = process.list_snapshots(gate.journal)[0]
    assert newest.trouble is None
    found = taken_up(gate, exchange)
    assert found["snapshot"] == newest.sequence
    assert not gate.logged("snapshot passed over")
    # An auditor who takes the journal from its first record finds the same state.
    assert gate.stop() == 0
    whole = process.replay(gate.journal)
    assert whole.difference is None
    hashes = gate.journaled("StateHash")["StateHash"]
    assert whole.hashes == len(hashes) > 3
    assert {row["by"] for row in hashes} == {1, 2}


def test_a_stop_in_order_leaves_the_hash_of_the_state_that_the_next_start_must_find(
    gate: Gate, exchange: Exchange
) -> None:
    begin(gate, exchange).session.close()
    assert gate.stop() == 0
    (mark, stopped) = gate.journaled("StateHash")["StateHash"]
    assert [row["reason"] for row in gate.journaled("StateMark")["StateMark"]] == [2, 3]
    assert (mark["by"], stopped["by"]) == (1, 1)
    found = taken_up(gate, exchange)
    # Both were hashed by the engine that served, and by an engine that only read the journal.
    assert found["hashes"] == 2


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("spoil", [flip, cut, lambda path: path.write_bytes(b"")])
def test_a_spoilt_snapshot_is_passed_over_for_the_one_before(
    gate: Gate, exchange: Exchange, spoil: object
) -> None:
    loaded(gate, exchange, 2)
    gate.launch()
    exchange.logged_on().close()
    first, second, *_ = snapshots(gate)
    gate.kill()
    assert callable(spoil)
    spoil(first)
    found = taken_up(gate, exchange)
    (line, *_) = gate.logged("snapshot passed over")
    assert first.name in line["reason"]
    assert found["snapshot"] == int(second.stem)


def test_a_snapshot_of_another_day_or_one_behind_the_journal_is_passed_over(
    new_gate: NewGate, gate: Gate, exchange: Exchange
) -> None:
    loaded(gate, exchange)
    other_exchange = Exchange()
    other = new_gate(
        gateway(SSE, other_exchange.address),
        rows=[RICH],
        recovery={"snapshot_records": EVERY},
    )
    loaded(other, other_exchange)
    theirs = snapshots(other)[0]
    folder = gate.journal / "snapshots"
    for path in snapshots(gate):
        path.unlink()
    shutil.copy(theirs, folder / f"{int(theirs.stem):020}.snapshot")
    shutil.copy(theirs, folder / f"{10**12:020}.snapshot")
    found = taken_up(gate, exchange)
    assert found["snapshot"] is None
    reasons = [line["reason"] for line in gate.logged("snapshot passed over")]
    assert len(reasons) == 2
    assert all("the journal must hold its mark" in reason for reason in reasons)


@pytest.fixture
def no_room(gate: Gate) -> Iterator[Path]:
    """Give snapshots a disk of their own that is far too small."""
    reason = lacks_mount()
    if reason:
        pytest.skip(reason)
    folder = gate.journal / "snapshots"
    gate.journal.mkdir()
    with ExitStack() as stack:
        stack.enter_context(small_disk(folder, 1))
        yield folder
        close_opened()
        gate.stop()


def test_a_full_disk_costs_the_snapshot_and_a_warning(
    gate: Gate, exchange: Exchange, no_room: Path
) -> None:
    load = started(gate, exchange)
    load.read(TOLD)
    while (trouble := gate.status()["snapshots"]["trouble"]) is None:
        load.read(len(load.told) + 20)
    assert "bytes free" in trouble
    assert gate.logged("snapshot not written")
    # Orders go on as if nothing were.
    load.read(len(load.told) + TOLD)
    assert not snapshots(gate)
    gate.kill()
    load.join()
    assert no_room.exists()
    assert taken_up(gate, exchange)["snapshot"] is None
