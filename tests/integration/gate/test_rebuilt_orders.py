"""Orders that a power cut took out of the journal come back from the first report of them.

Source: SSE IS122 TDGW Binary v0.57, message 32; SZSE Binary v1.32, message 200102 (both repeat the
order).
"""

from typing import Any

import pytest

from panshi.gate import journal, process
from panshi.gate.journal_files import records
from panshi.rig.exchange import Exchange, accepted, filled
from panshi.rig.gate import Gate, gateway
from panshi.rig.journal_files import lose_behind
from panshi.rig.messages import sse_cancel, sse_order, szse_cancel, szse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import BRANCHES, SSE, SZSE, client
from tests.integration.gate.conftest import NewGate
from tests.integration.gate.test_gaps import taken

pytestmark = pytest.mark.integration

DUPLICATE, UNKNOWN_REPORT = 30106, 32001


def without_tail(gate: Gate, kept_orders: int) -> None:
    """Take the journal's end away, from behind the first orders on, as a power cut does."""
    kind = {layout.number: name for name, layout in journal.layouts().items()}
    orders = [row.sequence for row in records(gate.journal) if kind[row.kind] == "NewOrder"]
    assert lose_behind(gate.journal, orders[kept_orders] - 1) > 0


def recovered(gate: Gate, count: int) -> dict[str, Any]:
    """Wait until so many orders are there again and the gateway has all its reports."""
    return gate.wait_for(
        lambda status: (
            status["counts"]["recovered"] == count and status["gateways"][0]["recovery"] != "asking"
        )
    )


class Shanghai:
    """Three orders at the exchange; the journal knows the first only."""

    def __init__(self, new_gate: NewGate, **changes: object) -> None:
        self.exchange = Exchange()
        settings = {"recovery": {"settle_ms": 0, "activate": "clear"}, **changes}
        self.gate = new_gate(gateway(SSE, self.exchange.address), **settings)
        self.gate.launch()
        self.session = self.exchange.logged_on()
        self.gate.wait_open()
        oms = self.gate.sse()
        self.orders = [self.sent(oms, number) for number in (1, 2, 3)]
        self.session.send(32, **accepted(self.orders[0], 1))
        oms.expect(32)
        self.gate.kill()
        without_tail(self.gate, 1)

    def sent(self, oms: Peer, number: int) -> Message:
        # The second one sells, above the others, so that they do not meet.
        changes = {"Side": "2", "Price": 1_050_000} if number == 2 else {}
        oms.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE], **changes))
        return self.session.expect(58)

    def back(self, reports: list[tuple[int, Message]]) -> None:
        """Start again; the exchange has these reports of its first set."""
        self.gate.launch()
        self.session, logon = self.exchange.expect_logon()
        self.exchange.welcome(self.session, logon)
        rows = self.session.expect(206)["NoGroups"]
        ends = {1: len(reports), 2: 0}
        answers = [{**row, "EndReportIndex": ends[row["SetID"]], "RejReason": 0} for row in rows]
        self.session.send(207, NoGroups=answers)
        for kind, report in reports[rows[0]["BeginReportIndex"] - 1 :]:
            self.session.send(kind, **report)


def test_lost_orders_are_booked_again_delivered_and_can_be_cancelled(new_gate: NewGate) -> None:
    day = Shanghai(new_gate)
    first, second, third = day.orders
    half = {"LastQty": second["OrderQty"] // 2, "LeavesQty": second["OrderQty"] // 2}
    reports = [
        (32, accepted(first, 1)),
        (32, accepted(second, 2)),
        (103, filled(second, 3, **half, OrdStatus="1")),
        (32, accepted(third, 4, ExecType="8", OrdStatus="8", OrdRejReason=203)),
    ]
    day.back(reports)
    recovered(day.gate, 2)
    day.gate.wait_open()
    status = day.gate.status()
    assert (status["counts"]["anomalies"], status["counts"]["forwarded"]) == (0, 1)
    # Its client hears of them where the numbering of its stream goes on.
    oms = day.gate.sse()
    told = [oms.expect(32), oms.expect(32), oms.expect(103), oms.expect(32)]
    assert [row["ClOrdID"] for row in told] == [
        *(first["ClOrdID"], second["ClOrdID"], second["ClOrdID"], third["ClOrdID"]),
    ]
    assert [row["ReportIndex"] for row in told] == [1, 2, 3, 4]
    # The id is taken, and the order is one like any other.
    oms.send(58, **sse_order(second["ClOrdID"], BranchID=BRANCHES[SSE]))
    assert oms.expect(204)["OrdRejReason"] == DUPLICATE
    oms.send(61, **sse_cancel("A000000010", second["ClOrdID"]))
    assert day.session.expect(61)["OrigClOrdID"] == second["ClOrdID"]
    found = day.gate.journaled("NewOrder", "Recovered", "LoadRefused")
    assert [row["recovered"] for row in found["NewOrder"]][:3] == [0, 1, 1]
    assert [(row["order"], row["client"]) for row in found["Recovered"]] == [(1, 1), (2, 1)]
    assert (found["Recovered"][0]["frozen_e5"], found["LoadRefused"]) == (0, [])
    assert found["Recovered"][1]["frozen_e5"] >= third["Price"] * third["OrderQty"] // 1000
    assert len(day.gate.logged("order made again from its report")) == 2
    assert process.replay(day.gate.journal).difference is None


def test_a_rebuilt_order_survives_the_next_death(new_gate: NewGate) -> None:
    day = Shanghai(new_gate)
    reports = [(32, accepted(order, index)) for index, order in enumerate(day.orders, 1)]
    day.back(reports)
    recovered(day.gate, 2)
    day.gate.kill()
    day.back(reports)
    recovered(day.gate, 2)
    assert day.gate.ask("unknown") == []
    assert day.gate.status()["counts"]["reports"] == len(reports)


def test_an_order_of_nobody_is_an_anomaly_with_its_reason(new_gate: NewGate) -> None:
    # Two order systems may use the account and the PBU, and no prefix tells them apart.
    day = Shanghai(new_gate, rows=[client(SSE, 3, "OMS03")])
    strange = accepted(day.orders[2], 3, Account="A999999999")
    day.back([(32, accepted(day.orders[0], 1)), (32, accepted(day.orders[1], 2)), (32, strange)])
    day.gate.wait_counts(reports=3, anomalies=2)
    assert day.gate.status()["counts"]["recovered"] == 0
    assert len(day.gate.logged("order of no client or of several")) == 2
    codes = [row["code"] for row in day.gate.journaled("Anomaly")["Anomaly"]]
    assert codes == [UNKNOWN_REPORT] * 2


def test_what_cannot_be_booked_says_why(new_gate: NewGate) -> None:
    day = Shanghai(new_gate)
    much = accepted(day.orders[1], 2, OrderQty=day.orders[1]["OrderQty"] * 1000)
    day.back([(32, accepted(day.orders[0], 1)), (32, much)])
    day.gate.wait_counts(reports=2, anomalies=1)
    (row,) = day.gate.journaled("LoadRefused")["LoadRefused"]
    assert row["code"] == 30604
    assert len(day.gate.logged("order cannot be made again")) == 1


def test_a_gateway_that_takes_orders_rebuilds_nothing(new_gate: NewGate) -> None:
    day = Shanghai(new_gate, recovery={"activate": "at_once"})
    day.back([(32, accepted(order, index)) for index, order in enumerate(day.orders, 1)])
    day.gate.wait_counts(reports=3, anomalies=2)
    assert day.gate.status()["counts"]["recovered"] == 0


def test_shenzhen_orders_come_back_too(new_gate: NewGate) -> None:
    exchange = Exchange("szse", platform=1)
    recovery = {"settle_ms": 200, "activate": "clear"}
    gate = new_gate(gateway(SZSE, exchange.address), recovery=recovery)
    gate.launch()
    session = exchange.logged_on()
    gate.wait_open()
    oms = gate.szse()
    orders = []
    for number in (1, 2):
        oms.send(100101, **szse_order(f"C{number:09}", BranchID=BRANCHES[SZSE]))
        orders.append(session.expect(100101))
    session.send(200102, **taken(orders[0], 1))
    oms.expect(200102)
    gate.kill()
    without_tail(gate, 1)
    gate.launch()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon)
    # The report of the first one went the same way: it was behind the second order.
    assert exchange.expect_sync(session)["", 1] == 1
    for index, order in enumerate(orders, 1):
        session.send(200102, **taken(order, index))
    recovered(gate, 1)
    gate.wait_open()
    assert gate.status()["counts"]["anomalies"] == 0
    oms = gate.szse()
    assert [oms.expect(200102)["ClOrdID"] for _ in orders] == [row["ClOrdID"] for row in orders]
    oms.send(190007, **szse_cancel("C000000010", orders[1]["ClOrdID"]))
    assert session.expect(190007)["OrigClOrdID"] == orders[1]["ClOrdID"]
    (row,) = gate.journaled("Recovered")["Recovered"]
    assert row["frozen_e5"] > 0
    assert process.replay(gate.journal).difference is None
