"""A gate and its standby in two network namespaces, as on two machines; their cable is cut."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from panshi.gate.journal import verify
from panshi.gate.process import replay
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import gateway
from panshi.rig.keeper import LeaseKeeper, lease
from panshi.rig.messages import sse_order
from panshi.rig.namespaces import BITS, WEST, Cable, lacking
from panshi.rig.peer import Address
from panshi.rig.ports import reserve_ports
from panshi.rig.small_day import SSE
from panshi.rig.takeover import write_secret
from tests.integration.gate.conftest import NewGate
from tests.integration.gate.test_standby import LEASE, SILENCE_MS, SILENT, Pair

pytestmark = pytest.mark.integration


class Apart(Pair):
    """Primary and exchange in the west, the standby in the east; each has locks of its own."""

    def __init__(self, new_gate: NewGate, folder: Path, cable: Cable, database: Address) -> None:
        self.cable = cable
        (port,) = reserve_ports(1)
        with cable.west():
            self.exchange = Exchange(host=WEST)
        link = gateway(SSE, self.exchange.address)
        secret = write_secret(folder)
        published = {"publish": f"{WEST}:{port}", "allow": [f"{WEST}/{BITS}"], "secret": secret}
        follows = {
            "follow": f"{WEST}:{port}",
            "automatic": True,
            "silence_ms": SILENCE_MS,
            "secret": secret,
        }
        claim = {"lease": lease(database, **LEASE)}
        self.primary = new_gate(link, claim=claim, standby=published)
        self.standby = new_gate(link, claim=claim, standby=follows)
        # The lease's database is on a third machine, which both reach by another way.
        self.keepers = [LeaseKeeper(gate) for gate in (self.primary, self.standby)]
        self.keepers[0].create_table()
        self.standby.clock = self.primary.clock

    @override
    def begin(self) -> None:
        """Start both, and let one order be accepted."""
        self.keepers[0].start()
        with self.cable.west():
            self.primary.launch()
            self.session = self.exchange.logged_on()
            self.primary.wait_open()
            self.oms = self.primary.sse()
        with self.cable.east():
            self.standby.launch()
        self.keepers[1].start()
        self.trade(1)
        self.wait_level()


@pytest.fixture(scope="module")
def possible() -> None:
    """Leave the tests out, with the reason, where there can be no namespaces."""
    if reason := lacking():
        pytest.skip(reason)


@pytest.fixture
def cable(possible: None) -> Iterator[Cable]:  # noqa: ARG001 - it must be possible first
    """Make two namespaces and the cable between them."""
    made = Cable()
    yield made
    made.remove()


@pytest.fixture
def apart(cable: Cable, new_gate: NewGate, tmp_path: Path, database: Address) -> Iterator[Apart]:
    """Make a gate and its standby, not started."""
    made = Apart(new_gate, tmp_path, cable, database)
    yield made
    for keeper in made.keepers:
        keeper.kill()


def test_a_cut_cable_leaves_the_number_where_it_is(apart: Apart) -> None:
    apart.begin()
    apart.cable.cut()
    # No end of the connection has come: only the silence tells.
    status = apart.standby.wait_for(lambda status: status["waits"] is not None)
    assert (status["waits"], "gateways" in status) == ("no lease", False)
    (lost,) = apart.standby.logged("primary lost")
    assert lost["reason"] == SILENT
    apart.trade(2)
    apart.trade(3)
    apart.cable.mend()
    apart.wait_level()
    status = apart.standby.wait_for(lambda status: status["connected"])
    assert "gateways" not in status
    assert apart.primary.status()["gateways"][0]["connected"] is True
    apart.trade(4)
    apart.wait_level()


def test_a_machine_lost_behind_a_cut_cable_is_taken_over_from_without_loss(apart: Apart) -> None:
    apart.begin()
    apart.trade(2)
    # One order is on its way without an answer.
    apart.oms.send(58, **sse_order("A000000003", BranchID="00001"))
    order = apart.session.expect(58)
    apart.wait_level()
    apart.cable.cut()
    apart.keepers[0].kill()
    apart.primary.kill()
    # The lease runs out and the number is free, but the exchange cannot be reached from here yet.
    apart.standby.wait_for(lambda status: "gateways" in status)
    assert apart.standby.status()["gateways"][0]["connected"] is False
    apart.cable.mend()
    session, logon = apart.exchange.expect_logon()
    apart.exchange.welcome(session, logon)
    assert apart.exchange.expect_sync(session)["20001", 1] == 3
    session.send(32, **accepted(order, 3))
    apart.session = session
    apart.standby.wait_open()
    with apart.cable.east():
        apart.oms = apart.standby.sse()
    told = [apart.oms.expect(32) for _ in range(3)]
    assert [(row["ClOrdID"], row["ReportIndex"]) for row in told] == [
        (f"A{number:09}", number) for number in (1, 2, 3)
    ]
    # The next that the exchange gets is the next order: none of the three comes again.
    apart.trade(4)
    apart.shared()
    assert apart.standby.stop() == 0
    assert verify(apart.standby.journal).ok
    assert replay(apart.standby.journal).difference is None
