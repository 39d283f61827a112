"""Main and backup data centre of an exchange gateway, both of which are the test itself."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import BY, Gate, at, gateway
from panshi.rig.messages import sse_order, szse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import SSE, SZSE
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

QUICK = {"retry_min_ms": 1, "retry_max_ms": 50}
CENTRES = {0: "main", 1: "backup"}
CAUSES = {1: "command", 2: "connect", 3: "loss", 4: "not_ready", 5: "heartbeat", 6: "refused"}


@dataclass
class Centres:
    """A gate whose gateway has an address in two centres."""

    gate: Gate
    main: Exchange
    backup: Exchange

    def row(self) -> dict[str, object]:
        return dict(self.gate.status()["gateways"][0])

    def wait_at(self, centre: str, why: str) -> None:
        """Wait until the gateway is open in a centre."""
        row = self.gate.wait_for(lambda status: status["gateways"][0]["state"] == 3)["gateways"][0]
        assert (row["centre"], row["centre_why"]) == (centre, why)
        assert row["address"] == at((self.main if centre == "main" else self.backup).address)

    def changes(self) -> list[tuple[str, str, str]]:
        """Return what the journal says of the changes: from, to, cause."""
        rows = self.gate.journaled("centres")["CentreChange"]
        return [
            (CENTRES[row["from"]], CENTRES[row["to"]], CAUSES[row["cause"]])
            for row in rows
            if row["gateway"] in {SSE, SZSE}
        ]


@pytest.fixture
def centres(new_gate: NewGate) -> Centres:
    """Make a Shanghai gateway with two centres, not started."""
    main, backup = Exchange(), Exchange()
    link = gateway(SSE, main.address, backup=at(backup.address), reconnect=dict(QUICK))
    return Centres(new_gate(link), main, backup)


def start(centres: Centres, **reconnect: object) -> Peer:
    """Start the gate and take its logon in the main centre."""
    centres.gate.gateways[0]["reconnect"] |= reconnect
    centres.gate.configure()
    centres.gate.launch()
    session = centres.main.logged_on()
    centres.wait_at("main", "start")
    return session


def test_a_gateway_stays_where_it_works(centres: Centres) -> None:
    start(centres).close()
    second = centres.backup.logged_on()
    centres.wait_at("backup", "loss")
    # The main centre listens again, and nobody comes until this one fails too.
    centres.main.listener.settimeout(0.3)
    with pytest.raises(TimeoutError):
        centres.main.accept()
    centres.main.listener.settimeout(10)
    second.close()
    centres.main.logged_on()
    centres.wait_at("main", "loss")
    assert centres.changes() == [("main", "backup", "loss"), ("backup", "main", "loss")]
    assert centres.row()["centre_changes"] == 2


def test_a_person_leads_it_back_in_order(centres: Centres) -> None:
    session = start(centres)
    oms = centres.gate.sse()
    for number in range(3):
        oms.send(58, **sse_order(f"A00000000{number}", BranchID="00001"))
    orders = [session.expect(58) for _ in range(3)]
    session.send(32, **accepted(orders[0], 1))
    oms.expect(32)
    answer = centres.gate.command("switch", gateway=SSE, centre="backup")
    assert answer["changed"] is True
    assert oms.expect(209)["PlatformState"] == 0
    oms.send(58, **sse_order("A000000009", BranchID="00001"))
    assert oms.expect(204)["OrdRejReason"] == 30006
    # The goodbye is on its way, and what the exchange still says counts.
    assert session.expect(41)["SessionStatus"] == 0
    session.send(32, **accepted(orders[1], 2))
    session.send(209, PlatformID=0, PlatformState=2)
    assert oms.expect(32)["ClOrdID"] == "A000000001"
    session.send(41, SessionStatus=0, Text="")
    session.expect_end()
    second, logon = centres.backup.expect_logon()
    centres.backup.welcome(second, logon)
    assert centres.backup.expect_sync(second)["20001", 1] == 3
    assert oms.expect(209)["PlatformState"] == 2
    second.send(32, **accepted(orders[2], 3))
    assert oms.expect(32)["ReportIndex"] == 3
    centres.wait_at("backup", "command")
    (command,) = centres.gate.journaled("commands")["Command"]
    assert (command["verb"], command["who"]) == ("switch", BY["who"])
    # Asked for once more it is there already; back it goes the same way.
    assert centres.gate.command("switch", gateway=SSE, centre="backup")["changed"] is False
    centres.gate.command("switch", gateway=SSE, centre="main")
    second.expect(41)
    second.send(41, SessionStatus=0, Text="")
    third, logon = centres.main.expect_logon()
    centres.main.welcome(third, logon)
    assert centres.main.expect_sync(third)["20001", 1] == 4
    centres.wait_at("main", "command")
    assert centres.changes() == [("main", "backup", "command"), ("backup", "main", "command")]


def test_a_goodbye_that_is_not_answered_holds_nobody_up_for_long(centres: Centres) -> None:
    session = start(centres)
    centres.gate.command("switch", gateway=SSE, centre="backup")
    session.expect(41)
    # Nothing comes back: five seconds are what the protocol grants.
    session.expect_end()
    centres.backup.logged_on()
    centres.wait_at("backup", "command")


@pytest.mark.parametrize("moment", ["down", "connecting", "logging on"])
def test_a_command_reaches_a_gateway_that_is_not_up(centres: Centres, moment: str) -> None:
    gate = centres.gate
    gate.gateways[0]["reconnect"] |= {"switch_after": {"connect": 0, "loss": 0}}
    with contextlib.ExitStack() as stack:
        if moment == "down":
            gate.gateways[0]["reconnect"] |= {"retry_min_ms": 60_000, "retry_max_ms": 60_000}
            centres.main.listener.close()
        elif moment == "connecting":
            gate.gateways[0]["main"] = at(stack.enter_context(no_answer()))
        gate.configure()
        gate.launch()
        if moment == "logging on":
            centres.main.expect_logon()
        gate.wait_for(lambda status: status["gateways"][0]["session"] == moment)
        gate.command("switch", gateway=SSE, centre="backup")
        centres.backup.logged_on()
    centres.wait_at("backup", "command")
    assert centres.changes() == [("main", "backup", "command")]


@contextlib.contextmanager
def no_answer() -> Iterator[tuple[str, int]]:
    """Give an address whose queue of connections is full: the kernel drops what asks for one."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = ("127.0.0.1", int(listener.getsockname()[1]))
        while True:
            one = waiting.enter_context(socket.socket())
            one.settimeout(0.2)
            try:
                one.connect(address)
            except TimeoutError:
                break
        yield address


def test_a_connection_that_does_not_stand_in_time(centres: Centres) -> None:
    with no_answer() as address:
        centres.gate.gateways[0]["main"] = at(address)
        centres.gate.gateways[0]["reconnect"] |= {"connect_timeout_ms": 50}
        centres.gate.configure()
        centres.gate.launch()
        centres.backup.logged_on()
    centres.wait_at("backup", "connect")
    assert "no connection in time" in centres.gate.log_text()


def test_a_gateway_that_is_not_ready(centres: Centres) -> None:
    session = start(centres)
    session.send(41, SessionStatus=5006, Text="Not Ready")
    session.expect(41)
    # The other centre's gateway is not ready either; then the first one is.
    second, _ = centres.backup.expect_logon()
    second.send(41, SessionStatus=5006, Text="Not Ready")
    centres.main.logged_on()
    centres.wait_at("main", "not_ready")
    changes = [("main", "backup", "not_ready"), ("backup", "main", "not_ready")]
    assert centres.changes() == changes


def test_a_silent_gateway(centres: Centres) -> None:
    centres.gate.launch()
    session, logon = centres.main.expect_logon()
    centres.main.welcome(session, logon | {"HeartBtInt": 1})
    centres.backup.logged_on()
    centres.wait_at("backup", "heartbeat")


def test_a_refused_logon_is_no_reason_to_go_elsewhere(centres: Centres) -> None:
    centres.gate.launch()
    for code in (5003, 5005):
        session, _ = centres.main.expect_logon()
        session.send(41, SessionStatus=code, Text="")
        session.expect_end()
    centres.main.logged_on()
    centres.wait_at("main", "start")


def test_each_cause_can_be_given_more_patience(centres: Centres) -> None:
    session = start(centres, switch_after={"not_ready": 0, "loss": 3})
    session.send(41, SessionStatus=5006, Text="Not Ready")
    session.expect(41)
    # One failure is counted, two losses follow: the third failure in a row leads away.
    for _ in range(2):
        centres.main.accept().close()
    centres.backup.logged_on()
    centres.wait_at("backup", "loss")


def test_the_first_centre_is_a_choice(centres: Centres) -> None:
    centres.gate.gateways[0]["reconnect"] |= {"first": "backup"}
    centres.gate.configure()
    centres.gate.launch()
    centres.backup.logged_on()
    centres.wait_at("backup", "start")


def test_shenzhen_goes_to_the_other_centre_too(new_gate: NewGate) -> None:
    main, backup = (Exchange("szse", platform=1) for _ in range(2))
    link = gateway(SZSE, main.address, backup=at(backup.address), reconnect=QUICK)
    centres = Centres(new_gate(link), main, backup)
    centres.gate.launch()
    session = main.logged_on()
    oms = centres.gate.szse()
    centres.gate.command("switch", gateway=SZSE, centre="backup")
    session.expect(2)
    session.send(2, SessionStatus=4, Text="")
    second = backup.logged_on()
    centres.wait_at("backup", "command")
    oms.send(100101, **szse_order("C000000001", BranchID="0001"))
    assert second.expect(100101)["ClOrdID"] == "C000000001"
    # Status 7: no logon at this time.
    second.send(2, SessionStatus=7, Text="")
    main.logged_on()
    centres.wait_at("main", "not_ready")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"centre": "backup"}, "gateway: must be a whole number in its range, found nothing"),
        ({"gateway": 1}, "centre: must be one of main, backup, found nothing"),
        ({"gateway": 1, "centre": "moon"}, 'centre: must be one of main, backup, found "moon"'),
        (
            {"gateway": 7, "centre": "main"},
            "gateway: must be the number of a configured gateway, found 7",
        ),
        (
            {"gateway": 2, "centre": "backup"},
            "centre: gateway 2 must have an address in the backup centre, found none",
        ),
    ],
)
def test_a_switch_that_cannot_be_is_refused(
    centres: Centres, words: dict[str, object], reason: str
) -> None:
    centres.gate.gateways.append(gateway(SZSE, ("127.0.0.1", 1)))
    session = start(centres)
    assert centres.gate.refusal({"verb": "switch", **BY, **words}) == reason
    assert centres.gate.journaled("commands")["Command"] == []
    session.send(33)
    assert centres.row()["centre"] == "main"
