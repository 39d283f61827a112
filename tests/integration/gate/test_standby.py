"""A standby follows a gate's journal and goes on in its place."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from panshi.gate.journal import verify
from panshi.gate.journal_files import digest_range, records
from panshi.gate.process import replay
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import BY, at, gateway
from panshi.rig.held_thread import held_main_thread
from panshi.rig.keeper import LeaseKeeper, lease
from panshi.rig.messages import sse_order
from panshi.rig.peer import Address, Peer
from panshi.rig.ports import reserve_ports
from panshi.rig.relay import Condition, Relay
from panshi.rig.small_day import SSE
from panshi.rig.takeover import write_secret
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

SILENCE_MS = 600
STUCK = "serving loop is stuck, the gate ends itself for its standby"
SILENT = f"nothing heard for {SILENCE_MS} ms"
LEASE = {"ttl_ms": 1500, "margin_ms": 200, "goodbye_ms": 200, "period_ms": 50}


class Pair:
    """A gate and its standby, whose exchange is the test itself, on one machine."""

    def __init__(self, new_gate: NewGate, folder: Path) -> None:
        (port,) = reserve_ports(1)
        self.exchange = Exchange()
        self.line = Relay(("127.0.0.1", port))
        self.line.start()
        locks = {"locks": str(folder / "locks")}
        link = gateway(SSE, self.exchange.address)
        self.secret = write_secret(folder)
        published = {"publish": f"127.0.0.1:{port}", "secret": self.secret}
        self.primary = new_gate(link, claim=locks, standby=published)
        self.standby = new_gate(link, claim=locks)
        self.standby.clock = self.primary.clock
        self.follow(automatic=True)

    def follow(self, *, automatic: bool, **changes: object) -> None:
        """Write the standby's configuration."""
        standby = {
            "follow": at(self.line.address),
            "automatic": automatic,
            "silence_ms": SILENCE_MS,
            "secret": self.secret,
        }
        self.standby.configure(standby={**standby, **changes})

    def publish(self, **changes: object) -> None:
        """Change how the primary sends its journal."""
        self.primary.configure(standby={**self.primary.changes["standby"], **changes})

    def pid(self) -> int:
        """Return the primary's process id."""
        assert self.primary.child is not None
        return self.primary.child.process.pid

    def begin(self) -> None:
        """Start both, and let one order be accepted."""
        self.primary.launch()
        self.session: Peer = self.exchange.logged_on()
        self.primary.wait_open()
        self.standby.launch()
        self.oms: Peer = self.primary.sse()
        self.trade(1)
        self.wait_level()

    def trade(self, number: int, index: int | None = None) -> None:
        """Let an order be accepted."""
        self.oms.send(58, **sse_order(f"A{number:09}", BranchID="00001"))
        order = self.session.expect(58)
        self.session.send(32, **accepted(order, index or number))
        assert self.oms.expect(32)["ClOrdID"] == f"A{number:09}"

    def wait_level(self) -> None:
        """Wait until the standby has every record of the primary."""
        last = self.primary.status()["journal"]["appended"]
        self.standby.wait_for(
            lambda status: status["synced"] and status["journal"]["appended"] >= last
        )

    def take_over(self) -> None:
        """Take the standby's logon and wait until it is open."""
        self.session = self.exchange.logged_on()
        self.standby.wait_for(lambda status: "gateways" in status)
        self.standby.wait_open()

    def shared(self) -> int:
        """Return the last sequence of the primary that the standby has; all up to it are equal."""
        first = {record.sequence for record in records(self.primary.journal)}
        rows = self.standby.journaled("commands")["Command"]
        taken = next(row["journal_sequence"] for row in rows if row["verb"] == "promote")
        epochs = self.standby.journaled("DayOpen")["DayOpen"]
        last: int = min(max(first), epochs[-1]["journal_sequence"] - 1, taken - 1)
        ours, theirs = (
            digest_range(gate.journal, 1, last) for gate in (self.standby, self.primary)
        )
        assert ours == theirs
        return last


@pytest.fixture
def pair(new_gate: NewGate, tmp_path: Path) -> Iterator[Pair]:
    """Make a gate and its standby, not started."""
    made = Pair(new_gate, tmp_path)
    yield made
    made.line.stop()


def test_a_standby_goes_on_after_kill_9(pair: Pair) -> None:
    pair.begin()
    assert pair.primary.status()["standbys"]["count"] == 1
    # One order more is on its way without an answer.
    pair.oms.send(58, **sse_order("A000000002", BranchID="00001"))
    order = pair.session.expect(58)
    pair.wait_level()
    pair.primary.kill()
    session, logon = pair.exchange.expect_logon()
    pair.exchange.welcome(session, logon)
    assert pair.exchange.expect_sync(session)["20001", 1] == 2
    pair.session = session
    pair.standby.wait_for(lambda status: "gateways" in status)
    assert pair.standby.status()["pending"]["unacknowledged"] == 1
    pair.session.send(32, **accepted(order, 2))
    pair.standby.wait_open()
    # Its clients find every report, the one that nobody was told of included.
    pair.oms = pair.standby.sse()
    told = [pair.oms.expect(32) for _ in range(2)]
    assert [(row["ClOrdID"], row["ReportIndex"]) for row in told] == [
        ("A000000001", 1),
        ("A000000002", 2),
    ]
    assert pair.standby.status()["pending"]["unacknowledged"] == 0
    pair.trade(3)
    (taken,) = pair.standby.logged("standby has taken over")
    assert taken["behind"] == pair.shared()
    assert pair.standby.stop() == 0
    found = verify(pair.standby.journal)
    assert found.ok, found.findings
    assert replay(pair.standby.journal).difference is None


def test_a_standby_that_was_away_resumes(pair: Pair) -> None:
    pair.begin()
    for number in (2, 3):
        assert pair.standby.stop() == 0
        pair.trade(number)
        pair.standby.launch()
        pair.wait_level()
        status = pair.standby.status()
        assert 0 < status["received"] < status["journal"]["appended"]
    pair.standby.kill()
    pair.trade(4)
    pair.standby.launch()
    pair.wait_level()
    pair.primary.kill()
    pair.take_over()
    pair.shared()


def test_a_line_that_breaks_loses_nothing(pair: Pair) -> None:
    pair.follow(automatic=False)
    pair.begin()
    pair.line.set(None, Condition(delay_s=0.01, loss=0.05))
    for number in range(2, 6):
        pair.line.set("back", Condition(delay_s=0.01, cut_after=150))
        pair.trade(number)
        pair.wait_level()
    pair.line.freeze()
    pair.trade(6)
    pair.wait_level()
    reasons = {line["reason"] for line in pair.standby.logged("primary lost")}
    assert SILENT in reasons
    assert pair.standby.status()["ordered"] is False


def test_nobody_takes_over_from_a_primary_that_lives(pair: Pair) -> None:
    pair.begin()
    promote = {"verb": "promote", **BY}
    reason = "promote: the primary must be gone, found it connected: stop it first"
    assert pair.standby.refusal(promote) == reason
    # The line is dead and the primary lives: its lock keeps the standby from logging in.
    pair.line.set(None, Condition(held=True))
    status = pair.standby.wait_for(lambda status: status.get("waits") is not None)
    assert "held by process" in status["waits"]
    pair.trade(2)
    pair.line.set(None, Condition())
    pair.line.cut()
    pair.wait_level()
    assert pair.standby.status()["connected"] is True


def test_a_primary_whose_loop_is_stuck_is_lost_and_ends_itself(pair: Pair) -> None:
    pair.publish(stuck_ms=2 * SILENCE_MS)
    pair.begin()
    with held_main_thread(pair.pid()):
        # Its other threads run: the publisher says nothing on behalf of a loop that does not turn.
        status = pair.standby.wait_for(lambda status: status.get("waits") is not None)
        assert "held by process" in status["waits"]
        assert pair.standby.logged("primary lost")[0]["reason"] == SILENT
        assert pair.primary.ended() == -signal.SIGKILL
    pair.take_over()
    pair.oms = pair.standby.sse()
    assert pair.oms.expect(32)["ClOrdID"] == "A000000001"
    pair.trade(2)
    pair.shared()
    assert pair.primary.logged(STUCK)[0]["still_ms"] >= 2 * SILENCE_MS


def test_a_primary_whose_loop_goes_on_is_followed_again(pair: Pair) -> None:
    pair.publish(stuck_ms=0)
    pair.begin()
    with held_main_thread(pair.pid()):
        pair.standby.wait_for(lambda status: status.get("waits") is not None)
        # A line that stands, and even a hello that is read, do not make it one that serves.
        assert pair.standby.status()["connected"] is False
    pair.wait_level()
    assert pair.standby.status()["connected"] is True
    pair.trade(2)
    pair.wait_level()


def test_nobody_is_ended_for_a_standby_that_is_not_there(pair: Pair) -> None:
    pair.publish(stuck_ms=200)
    pair.begin()
    assert pair.standby.stop() == 0
    pair.primary.wait_for(lambda status: status["standbys"]["count"] == 0)
    with held_main_thread(pair.pid()):
        # Half a second of the publisher's own time: a standby that comes now gets no answer.
        pair.standby.launch()
        pair.standby.wait_for(lambda status: SILENT in str(status["trouble"]))
    pair.trade(2)
    pair.wait_level()


def test_a_frozen_primary_on_the_same_machine_has_to_be_killed(pair: Pair) -> None:
    pair.begin()
    os.kill(pair.pid(), signal.SIGSTOP)
    status = pair.standby.wait_for(lambda status: status.get("waits") is not None)
    assert f"held by process {pair.pid()}" in status["waits"]
    pair.primary.kill()
    pair.take_over()
    pair.shared()


def test_a_primary_that_ends_in_order_keeps_nothing_to_itself(pair: Pair) -> None:
    pair.follow(automatic=False)
    pair.begin()
    pair.line.set(None, Condition(delay_s=0.05))
    for number in range(2, 8):
        pair.trade(number)
    assert pair.primary.stop() == 0
    last = max(record.sequence for record in records(pair.primary.journal))
    pair.standby.wait_for(lambda status: not status["connected"])
    assert pair.standby.status()["journal"]["appended"] == last


def test_a_person_has_it_take_over(pair: Pair) -> None:
    pair.follow(automatic=False)
    pair.begin()
    assert pair.primary.child is not None
    pair.session.close()
    pair.exchange.listener.close()
    pair.primary.kill()
    pair.standby.wait_for(lambda status: not status["connected"])
    assert pair.standby.refusal({"verb": "promote"}).startswith("who: must be given")
    assert pair.standby.refusal({"verb": "kick", **BY}).startswith("verb: must be one of status")
    pair.standby.command("promote")
    pair.standby.wait_for(lambda status: "gateways" in status)
    rows = pair.standby.journaled("commands")["Command"]
    assert (rows[-1]["verb"], rows[-1]["who"]) == ("promote", BY["who"])


def test_journals_that_have_parted_are_not_mixed(pair: Pair) -> None:
    pair.begin()
    pair.primary.kill()
    pair.take_over()
    pair.oms = pair.standby.sse()
    pair.oms.expect(32)
    pair.trade(2)
    assert pair.standby.stop() == 0
    # It has records of its own now, and is to stand by again for the first gate, which has others.
    pair.primary.launch()
    pair.session = pair.exchange.logged_on()
    pair.primary.wait_open()
    pair.standby.launch()
    assert pair.standby.ended() != 0
    assert "the two have parted" in pair.standby.last_words() or (
        "must be one that the journal has" in pair.standby.last_words()
    )


def test_among_machines_the_lease_decides(
    new_gate: NewGate, tmp_path: Path, database: Address
) -> None:
    pair = Pair(new_gate, tmp_path)
    keepers = []
    for gate in (pair.primary, pair.standby):
        # Each machine has locks of its own, so that they keep nobody apart.
        locks = gate.folder / "locks"
        gate.configure(claim={"locks": str(locks), "lease": lease(database, **LEASE)})
        keepers.append(LeaseKeeper(gate))
    keepers[0].create_table()
    try:
        keepers[0].start()
        pair.begin()
        keepers[1].start()
        # The standby's keeper wants nothing while the primary serves.
        pair.standby.wait_for(lambda _: any(row["event"] == "trouble" for row in keepers[1].told()))
        # The line dies and the primary lives: it has the lease, and nobody takes over.
        pair.line.refuse()
        pair.line.cut()
        status = pair.standby.wait_for(lambda status: status["waits"] is not None)
        assert status["waits"] == "no lease"
        pair.trade(2)
        pair.line.accept()
        pair.wait_level()
        # The whole machine dies, with its keeper: the lease has to run out.
        keepers[0].kill()
        pair.primary.kill()
        pair.take_over()
        pair.shared()
        assert any(row["event"] == "lease held" for row in keepers[1].told())
        assert pair.standby.status()["gateways"][0]["claimed"] is True
    finally:
        pair.line.stop()
        for keeper in keepers:
            keeper.kill()


def test_a_frozen_machine_is_taken_over_from_and_sends_nothing_when_it_wakes(
    new_gate: NewGate, tmp_path: Path, database: Address
) -> None:
    pair = Pair(new_gate, tmp_path)
    way = Relay(pair.exchange.address)
    way.start()
    keepers = []
    for gate in (pair.primary, pair.standby):
        gate.configure(
            claim={"locks": str(gate.folder / "locks"), "lease": lease(database, **LEASE)}
        )
        keepers.append(LeaseKeeper(gate))
    pair.primary.gateways[0] = {**pair.primary.gateways[0], "main": at(way.address)}
    pair.publish(stuck_ms=200)
    keepers[0].create_table()
    try:
        keepers[0].start()
        pair.begin()
        keepers[1].start()
        # The machine stands still in the middle of its work: nobody closes anything.
        for number in range(2, 50):
            pair.oms.send(58, **sse_order(f"A{number:09}", BranchID="00001"))
        os.kill(pair.pid(), signal.SIGSTOP)
        (line,) = way.lines
        pair.take_over()
        assert pair.standby.status()["gateways"][0]["claimed"] is True
        for number in range(50, 80):
            pair.oms.send(58, **sse_order(f"A{number:09}", BranchID="00001"))
        sent = line.forth
        os.kill(pair.pid(), signal.SIGCONT)
        # It has its time to do whatever it would: it loses its session and says so.
        pair.primary.wait_for(lambda status: status["gateways"][0]["session"] == "down")
        pair.primary.wait_counts(orders=79)
        assert line.forth == sent
        assert len(way.lines) == 1
        # Its loop is not blamed for the time in which nothing of it ran.
        assert pair.primary.logged(STUCK) == []
    finally:
        way.stop()
        pair.line.stop()
        for keeper in keepers:
            keeper.kill()
