"""The journal's disk: no day begins that it cannot hold, orders stop before it is full."""

import pytest

from panshi.rig.exchange import Exchange
from panshi.rig.gate import Gate
from panshi.rig.messages import sse_cancel, sse_order
from panshi.rig.small_day import BRANCHES, SSE
from tests.integration.gate.conftest import Shanghai

pytestmark = pytest.mark.integration

VAST = 1 << 60
"""More bytes than any disk has."""


def test_a_day_that_the_disk_cannot_hold_does_not_begin(unstarted: tuple[Gate, Exchange]) -> None:
    gate, _ = unstarted
    gate.configure(room={"expected_orders": 4_000_000_000, "bytes_per_order": 1 << 28})
    gate.launch()
    assert gate.ended() != 0
    words = gate.errors.read_text(encoding="utf-8")
    assert "must have room for 4000000000 orders" in words
    assert "found" in words


def test_a_day_that_fits_begins_and_tells_what_it_needs(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.stop()
    gate.configure(room={"expected_orders": 10, "bytes_per_order": 1000, "cancel_only_bytes": 4096})
    shanghai.restart()
    room = gate.status()["room"]
    assert room["needed_bytes"] == 10 * 1000 + 4096
    assert room["free_bytes"] > room["needed_bytes"]
    assert room["level"] == "enough"


def test_low_room_is_told_and_stops_nothing(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.stop()
    gate.configure(room={"warn_bytes": VAST, "cancel_only_bytes": 0})
    shanghai.restart()
    gate.wait_for(lambda status: status["room"]["level"] == "low")
    (line,) = gate.logged("room of the journal disk")
    assert (line["level"], line["was"], line["is"]) == ("warning", "enough", "low")
    gate.sse().send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    shanghai.session.expect(58)


def test_very_low_room_lets_only_cancels_through(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    shanghai.session.expect(58)
    gate.stop()
    gate.configure(room={"warn_bytes": VAST, "cancel_only_bytes": VAST})
    shanghai.restart()
    gate.wait_for(lambda status: status["room"]["level"] == "cancel-only")
    client = gate.sse()
    client.send(58, **sse_order("A000000002", BranchID=BRANCHES[SSE]))
    assert client.expect(204)["OrdRejReason"] == 30003
    client.send(61, **sse_cancel("A000000003", "A000000001", BranchID=BRANCHES[SSE]))
    assert shanghai.session.expect(61)["OrigClOrdID"] == "A000000001"
    (row,) = gate.journaled("RoomChange")["RoomChange"]
    assert (row["from"], row["to"]) == (0, 2)
    # A person who knows better lets orders pass again; the gate does not stop them anew.
    gate.command("set-state", scope="firm", state="normal")
    client.send(58, **sse_order("A000000004", BranchID=BRANCHES[SSE]))
    assert shanghai.session.expect(58)["ClOrdID"] == "A000000004"


def test_a_halt_of_a_person_stays_a_halt(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.command("set-state", scope="firm", state="halted")
    gate.stop()
    gate.configure(room={"warn_bytes": VAST, "cancel_only_bytes": VAST})
    shanghai.restart()
    gate.wait_for(lambda status: status["room"]["level"] == "cancel-only")
    (row,) = gate.ask("states")
    assert (row["scope"], row["state"]) == ("Firm", "Halted")
