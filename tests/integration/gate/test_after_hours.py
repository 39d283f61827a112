"""After-hours fixed-price trading: Shenzhen's second platform, end to end; Shanghai's is elsewhere.

Source: SZSE Binary trading interface v1.32, table 3-1 and 4.5 (platform 2, business 370); trading
rules of both exchanges for the hours. TDGW Binary v0.57 has no message for it.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from panshi.domain.words import Board, Market
from panshi.gate import journal, process
from panshi.market.securities import SecurityFlags
from panshi.opening.day import security_row
from panshi.opening.rules import Row
from panshi.rig import venue
from panshi.rig.gate import TGW, Gate, gateway, listen
from panshi.rig.messages import sse_order, szse_cancel, szse_logon, szse_order, szse_streams
from panshi.rig.peer import Message, Peer, connect
from panshi.rig.ports import reserve_ports
from panshi.rig.small_day import (
    ACCOUNTS,
    BRANCHES,
    PBUS,
    SSE,
    SZSE,
    account,
    customer,
    day_records,
    pbu,
    row,
    security,
)
from panshi.rig.venue import from_now, serving
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

CHINEXT = "300001"
FIXED_GATEWAY = 3
FIXED = "370"
BUYER = "0000000002"
CLOSE_E5 = 1_000_000
EVERY_BIT = 2**32 - 1
ALLOWED = {"permissions": EVERY_BIT, "disclosures": EVERY_BIT}
LISTED = {
    "market": "szse",
    "code": CHINEXT,
    "set_id": 1,
    "prev_close_e5": 1_000_000,
    "limit_up_e5": 1_200_000,
    "limit_down_e5": 800_000,
    "fixed_price": True,
}


def fixed_order(number: str, **changes: object) -> Message:
    """Return the fields of a 103701: 100 shares of the growth board at the close of 10 yuan."""
    wanted = szse_order(
        number, ApplID=FIXED, SecurityID=CHINEXT, BranchID=BRANCHES[SZSE], **changes
    )
    del wanted["TimeInForce"]
    return wanted


def fixed_cancel(number: str, original: str) -> Message:
    return szse_cancel(number, original, ApplID=FIXED, SecurityID=CHINEXT)


def share(close_e5: int = 0) -> Row:
    """Return a share that trades after hours, and its close where it is known."""
    known = replace(
        security(Market.SZSE, CHINEXT),
        board=Board.CHINEXT,
        limit_up_e5=1_200_000,
        limit_down_e5=800_000,
        flags=SecurityFlags(after_hours=True),
    )
    name, fields = security_row(known)
    return name, {**fields, "close_e5": close_e5}


def rows() -> list[Row]:
    """Return the share, what customer 1 has of it, a second customer, and the PBU's gateways."""
    own: dict[str, int | str] = {"account": ACCOUNTS[SZSE], "code": CHINEXT, "total_qty": 1000}
    name, pbu_row = pbu(SZSE, PBUS[SZSE], 1, SZSE)
    return [
        share(),
        customer(1, **ALLOWED),
        customer(2, **ALLOWED),
        *account(SZSE, ACCOUNTS[SZSE], 1, BRANCHES[SZSE], permissions=EVERY_BIT),
        *account(SZSE, BUYER, 2, BRANCHES[SZSE], permissions=EVERY_BIT),
        row("LoadHolding", **own, market=SZSE, sellable_qty=1000),
        (name, {**pbu_row, "fixed_gateway": FIXED_GATEWAY}),
    ]


@pytest.fixture
def start() -> str:
    return "15:10:00"


@pytest.fixture
def gate(new_gate: NewGate, start: str) -> Iterator[Gate]:
    """Serve both platforms of Shenzhen and Shanghai from a moment on, the venue behind them."""
    # Both platforms number their partitions from 1.
    second = {**venue.SZSE, "platform": 2}
    clock = from_now(start)
    behind = {
        "gateways": [venue.SSE, venue.SZSE, second],
        "securities": [*venue.LISTED, LISTED],
    }
    with serving(clock, **behind) as addresses:
        links = [
            gateway(SSE, addresses[0]),
            gateway(SZSE, addresses[2]),
            gateway(SZSE, addresses[3], number=FIXED_GATEWAY, platform=2),
        ]
        served = new_gate(*links, rows=rows(), start=start)
        (port,) = reserve_ports(1)
        ports = [listen(SSE, served.ports[0]), listen(SZSE, served.ports[1])]
        served.configure(listen=[*ports, listen(SZSE, port, platform=2)])
        served.launch()
        served.wait_for(lambda status: all(link["state"] > 0 for link in status["gateways"]))
        yield served
        served.stop()


def connected(gate: Gate, platform: int) -> Peer:
    """Connect to the port of a platform."""
    host, port = gate.changes["listen"][platform]["address"].split(":")
    return connect("szse", (host, int(port)))


def logged_on(gate: Gate, platform: int) -> tuple[Peer, int]:
    """Log on to a platform and ask for its partitions; the session and the platform's state."""
    peer = connected(gate, platform)
    szse_logon(peer)
    assert peer.expect(1)["SenderCompID"] == TGW
    state = peer.expect(6)
    listed = peer.expect(9)
    assert (state["PlatformID"], listed["PlatformID"]) == (platform, platform)
    assert listed["PartitionNo"] == [1, 2]
    peer.send(5, NoPartitions=szse_streams())
    return peer, state["PlatformState"]


def tell_close(gate: Gate) -> None:
    """Give the gate the close, as the day's operator does at 15:00."""
    path = gate.folder / "close"
    path.write_bytes(day_records([*rows(), share(CLOSE_E5)]))
    gate.command("reload", path=str(path))


def test_orders_match_at_the_close_though_the_auction_is_over(gate: Gate) -> None:
    oms, state = logged_on(gate, 2)
    auction, closed = logged_on(gate, 1)
    assert (state, closed) == (2, 4)
    ends = [auction.expect(7) for _ in range(2)]
    assert [(end["PartitionNo"], end["PlatformID"]) for end in ends] == [(1, 1), (2, 1)]
    oms.send(103701, **fixed_order("C000000001", Side="2"))
    refused = oms.expect(4)
    assert (refused["BusinessRejectReason"], refused["RefMsgType"]) == (30412, 103701)
    tell_close(gate)
    oms.send(103701, **fixed_order("C000000002", Side="2", Price=101_000))
    assert oms.expect(4)["BusinessRejectReason"] == 30409
    oms.send(103701, **fixed_order("C000000003", Side="2", Price=99_000, OrderQty=30_000))
    taken = oms.expect(203702)
    assert (taken["ExecType"], taken["LeavesQty"], taken["ReportIndex"]) == ("0", 30_000, 1)
    oms.send(103701, **fixed_order("C000000004", AccountID=BUYER, Price=101_000))
    assert oms.expect(203702)["ReportIndex"] == 2
    fills = [oms.expect(203715), oms.expect(203715)]
    assert {fill["ClOrdID"] for fill in fills} == {"C000000003", "C000000004"}
    assert [(fill["LastPx"], fill["LastQty"]) for fill in fills] == [(100_000, 10_000)] * 2
    oms.send(190007, **fixed_cancel("C000000005", "C000000003"))
    gone = oms.expect(203702)
    assert (gone["ExecType"], gone["OrigClOrdID"]) == ("4", "C000000003")
    assert (gone["CumQty"], gone["LeavesQty"], gone["ReportIndex"]) == (10_000, 0, 5)
    # The auction's session, whose partition has the same number, is told of nothing here.
    auction.send(100101, **szse_order("C000000006", BranchID=BRANCHES[SZSE]))
    assert auction.expect(4)["BusinessRejectReason"] == 30310
    auction.expect_silence(0.1)
    gate.command("day-close")
    totals = gate.journaled("CashTotal")["CashTotal"]
    assert all(total["frozen_e5"] == 0 for total in totals)
    assert sum(total["available_e5"] - total["opening_e5"] for total in totals) < 0
    oms.close()
    auction.close()
    assert gate.stop() == 0
    assert journal.verify(gate.journal).ok
    assert process.replay(gate.journal).difference is None


def test_reports_of_the_platform_are_sent_again_from_any_index(gate: Gate) -> None:
    oms, _ = logged_on(gate, 2)
    tell_close(gate)
    for number in (1, 2, 3):
        oms.send(103701, **fixed_order(f"C00000000{number}", Side="2"))
    reports = [oms.expect(203702) for _ in range(3)]
    oms.close()
    gate.wait_offline()
    gate.kill()
    gate.launch()
    gate.wait_for(lambda status: all(link["state"] > 0 for link in status["gateways"]))
    again = connected(gate, 2)
    szse_logon(again)
    for kind in (1, 6, 9):
        again.expect(kind)
    again.send(5, NoPartitions=szse_streams(2))
    assert [again.expect(203702), again.expect(203702)] == reports[1:]
    again.expect_silence(0.1)


@pytest.mark.parametrize("start", ["15:02:00"])
def test_orders_wait_for_the_matching_from_1505_on(gate: Gate) -> None:
    oms, state = logged_on(gate, 2)
    assert state == 2
    tell_close(gate)
    oms.send(103701, **fixed_order("C000000001", Side="2"))
    oms.send(103701, **fixed_order("C000000002", AccountID=BUYER))
    assert [oms.expect(203702)["ClOrdID"] for _ in range(2)] == ["C000000001", "C000000002"]
    oms.expect_silence(0.1)


@pytest.mark.parametrize("start", ["15:31:00"])
def test_the_platform_takes_nothing_after_its_hours(gate: Gate) -> None:
    oms, state = logged_on(gate, 2)
    assert state == 4
    assert [oms.expect(7)["PlatformID"] for _ in range(2)] == [2, 2]
    oms.send(103701, **fixed_order("C000000001", Side="2"))
    assert oms.expect(4)["BusinessRejectReason"] == 30310


def test_shanghai_takes_nothing_after_its_close(gate: Gate) -> None:
    oms = gate.logged_on_sse()
    oms.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    assert oms.expect(204)["OrdRejReason"] == 30310
