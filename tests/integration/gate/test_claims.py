"""A gateway number is logged in once: by a lock on one machine, by a lease among several."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from panshi.domain.clock import WallClock
from panshi.rig.gate import Gate, gateway
from panshi.rig.keeper import LeaseKeeper, lease
from panshi.rig.messages import sse_order
from panshi.rig.peer import Address
from panshi.rig.relay import Condition, Relay
from panshi.rig.small_day import SSE
from panshi.rig.venue import SSE as SSE_GATEWAY
from panshi.rig.venue import Venue, from_now
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

TTL_MS = 1500
MARGIN_MS, GOODBYE_MS, PERIOD_MS = 200, 300, 50
LEASE = {
    "ttl_ms": TTL_MS,
    "margin_ms": MARGIN_MS,
    "goodbye_ms": GOODBYE_MS,
    "period_ms": PERIOD_MS,
}
MS_NS = 1_000_000


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    """Serve one number at two gateways of the exchange, which do not know of each other.

    So nobody but the gates keeps it from being logged in twice.
    """
    folder = tmp_path / "venue"
    folder.mkdir()
    twice = [{**SSE_GATEWAY, "addresses": ["127.0.0.1:0"]} for _ in range(2)]
    served = Venue(folder, from_now("10:00:00"), {"gateways": twice}, alone=True)
    served.start()
    yield served
    served.stop()


def sessions(venue: Venue) -> list[dict[str, Any]]:
    """Return what the venue has told of its sessions."""
    assert venue.child is not None
    lines = venue.child.output.read_text(encoding="utf-8").splitlines()
    return [row for line in lines if (row := json.loads(line))["event"] == "session"]


def holders(venue: Venue) -> list[int]:
    """Return which gateways had the session, one after the other; never two at once."""
    on: set[int] = set()
    order = []
    for row in sessions(venue):
        if row["on"]:
            on.add(row["gateway"])
            order.append(row["gateway"])
        else:
            on.discard(row["gateway"])
        assert len(on) <= 1, f"logged in twice: {sessions(venue)}"
    return order


def pause_ms(venue: Venue) -> float:
    """Return the time between the end of the first session and the beginning of the second."""
    rows = sessions(venue)
    ended = next(row["wall_ns"] for row in rows if not row["on"])
    begun = [row["wall_ns"] for row in rows if row["on"]][1]
    return float(begun - ended) / MS_NS


def two_gates(new_gate: NewGate, venue: Venue, locks: list[Path], **claim: object) -> list[Gate]:
    """Make two gates with one number, each at a gateway of its own, not started."""
    return [
        new_gate(gateway(SSE, venue.addresses[at]), claim={"locks": str(locks[at]), **claim})
        for at in range(2)
    ]


def is_up(status: dict[str, Any]) -> bool:
    return bool(status["gateways"][0]["session"] == "up")


def test_a_number_is_locked_on_one_machine(new_gate: NewGate, venue: Venue, tmp_path: Path) -> None:
    one, two = two_gates(new_gate, venue, [tmp_path / "locks"] * 2)
    one.launch()
    one.wait_for(is_up)
    two.launch()
    row = two.wait_for(lambda status: status["gateways"][0]["waits"] is not None)["gateways"][0]
    assert one.child is not None
    assert row["waits"].endswith(f"held by process {one.child.process.pid}")
    assert (row["session"], row["claimed"]) == ("down", False)
    # Only the death of the first lets the second in; nothing has to be cleaned up.
    one.kill()
    two.wait_for(is_up)
    assert holders(venue) == [0, 1]
    assert len(two.logged("gateway number not claimed")) == 1
    one.launch()
    one.wait_for(lambda status: status["gateways"][0]["waits"] is not None)
    two.stop()
    one.wait_for(is_up)
    assert holders(venue) == [0, 1, 0]


class Pair:
    """Two gates as on two machines, each with its keeper and its own way to the database."""

    def __init__(
        self, new_gate: NewGate, venue: Venue, config: dict[str, int], opened: ExitStack
    ) -> None:
        self.venue = venue
        database = ("127.0.0.1", config.pop("port"))
        self.relays = [Relay(database) for _ in range(2)]
        self.lines = [Relay(address) for address in venue.addresses]
        self.gates = []
        self.keepers = []
        for relay in (*self.relays, *self.lines):
            relay.start()
            opened.callback(relay.stop)
        for relay, line in zip(self.relays, self.lines, strict=True):
            claim = {"lease": lease(relay.address, **config)}
            gate = new_gate(gateway(SSE, line.address), claim=claim)
            self.gates.append(gate)
            self.keepers.append(LeaseKeeper(gate))
        self.keepers[0].create_table()

    def begin(self) -> None:
        """Start both; the first gets the lease."""
        for at in range(2):
            self.gates[at].launch()
            self.gates[at].wait_for(lambda status: status["gateways"][0]["session"] == "down")
            self.keepers[at].start()
            if at == 0:
                self.gates[0].wait_for(is_up)
        two = self.gates[1]
        two.wait_for(lambda status: status["gateways"][0]["waits"] == "no lease")


@pytest.fixture
def pair(
    request: pytest.FixtureRequest, new_gate: NewGate, venue: Venue, database: Address
) -> Iterator[Pair]:
    """Make two gates that share a lease, and end their keepers behind."""
    config = {**LEASE, **getattr(request, "param", {}), "port": database[1]}
    with ExitStack() as opened:
        made = Pair(new_gate, venue, config, opened)
        yield made
        for keeper in made.keepers:
            keeper.kill()


def test_a_killed_gate_gives_its_lease_to_the_other(pair: Pair) -> None:
    pair.begin()
    one, two = pair.gates
    one.kill()
    two.wait_for(is_up)
    assert holders(pair.venue) == [0, 1]
    # The kernel has let the lock go, so nobody waits for the lease to run out.
    assert [row for row in pair.keepers[0].told() if row["event"] == "lease given back"]
    claims = [row["held"] for row in two.journaled("claims")["NumberClaim"]]
    assert claims == [0, 1]


def test_a_lock_whose_file_is_gone_is_not_taken_for_free(pair: Pair) -> None:
    pair.begin()
    (lock,) = (pair.gates[0].folder / "locks").glob("*.lock")
    lock.unlink()
    pair.gates[0].kill()
    pair.gates[1].wait_for(is_up)
    # Nobody could tell whether the one who had it was dead, so the lease had to run out.
    assert not [row for row in pair.keepers[0].told() if row["event"] == "lease given back"]
    assert pause_ms(pair.venue) > TTL_MS / 2
    # The keeper is there for a gate that comes again.
    pair.gates[0].launch()
    pair.gates[1].kill()
    pair.gates[0].wait_for(is_up)


def test_a_machine_that_dies_with_its_keeper_is_waited_for(pair: Pair) -> None:
    pair.begin()
    pair.keepers[0].kill()
    pair.gates[0].kill()
    pair.gates[1].wait_for(is_up)
    assert holders(pair.venue) == [0, 1]
    # Nobody could say that it was dead, so the lease had to run out.
    assert pause_ms(pair.venue) > TTL_MS / 2


def test_a_split_never_logs_a_number_in_twice(pair: Pair) -> None:
    pair.begin()
    # Both live and reach the exchange. The first one's way to the database is dead, and nobody
    # says so.
    pair.relays[0].freeze()
    pair.relays[0].set(None, Condition(held=True))
    pair.gates[1].wait_for(is_up)
    assert holders(pair.venue) == [0, 1]
    row = pair.gates[0].wait_for(lambda status: status["gateways"][0]["session"] == "down")
    assert row["gateways"][0]["waits"] == "no lease"
    # The first said goodbye before its time was over, and the margin lay between the sessions.
    assert pair.gates[0].logged("exchange gateway lost")[0]["cause"] == "claim"
    assert pause_ms(pair.venue) > MARGIN_MS
    # Healed, the number stays where it is; and it goes back when the second one ends.
    for direction in ("forth", "back"):
        pair.relays[0].set(direction, Condition())
    pair.keepers[1].stop()
    pair.gates[0].wait_for(is_up)
    assert holders(pair.venue) == [0, 1, 0]


def test_a_dead_keeper_ends_the_session_in_time(pair: Pair) -> None:
    pair.begin()
    pair.keepers[0].kill()
    pair.gates[1].wait_for(is_up)
    assert holders(pair.venue) == [0, 1]
    # A new keeper of the same gate is the same holder, and waits like everybody else.
    pair.keepers[0].start()
    pair.gates[0].wait_for(lambda status: status["gateways"][0]["session"] == "down")
    assert holders(pair.venue) == [0, 1]


@pytest.mark.parametrize("pair", [{"ttl_ms": 30_000}], indirect=True)
def test_a_keeper_that_comes_again_interrupts_nothing(pair: Pair) -> None:
    pair.begin()
    gate, keeper = pair.gates[0], pair.keepers[0]
    for _ in range(2):
        keeper.kill()
        keeper.start()
        gate.wait_for(lambda _: any(row["event"] == "lease held" for row in keeper.told()))
    row = gate.status()["gateways"][0]
    assert (row["session"], row["claimed"]) == ("up", True)
    assert holders(pair.venue) == [0]


def test_a_gate_that_slept_sends_nothing_more(pair: Pair) -> None:
    pair.begin()
    one, two = pair.gates
    oms = one.sse()
    assert one.child is not None
    os.kill(one.child.process.pid, signal.SIGSTOP)
    try:
        # Its keeper renews nothing for a gate that does not answer.
        two.wait_for(lambda status: status["gateways"][0]["claimed"])
        sent = pair.lines[0].lines[0].forth
        oms.send(58, **sse_order("A000000001", BranchID="00001"))
    finally:
        os.kill(one.child.process.pid, signal.SIGCONT)
    # The order came while it slept; before it takes anything it looks at its lease.
    assert oms.expect(209)["PlatformState"] == 0
    assert oms.expect(204)["OrdRejReason"] == 30006
    assert pair.lines[0].lines[0].forth == sent
    assert len(pair.lines[0].lines) == 1


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"name": "1-0-1-PANSHI-TDGW"}, "grants: must be a list of name, until_ns and token"),
        ({"name": "x", "until_ns": 1, "token": 1}, "grants: must name gateway numbers"),
        (
            {"name": "1-0-1-PANSHI-TDGW", "until_ns": WallClock().now_ns(), "token": 1},
            "grants: until_ns of 1-0-1-PANSHI-TDGW must be at most",
        ),
    ],
)
def test_grants_that_do_not_hold(
    new_gate: NewGate, venue: Venue, grant: dict[str, Any], reason: str
) -> None:
    claim = {"lease": lease(("127.0.0.1", 1), **LEASE)}
    gate = new_gate(gateway(SSE, venue.addresses[0]), claim=claim)
    gate.launch()
    gate.wait_for(lambda status: status["gateways"][0]["waits"] == "no lease")
    assert gate.refusal({"verb": "grant", "grants": [grant]}).startswith(reason)
