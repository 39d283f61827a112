"""Orders, refusals, cancels and reports through the gate, over real sockets."""

import pytest

from panshi.gate import journal, process
from panshi.rig.gate import Gate
from panshi.rig.messages import sse_cancel, sse_order, szse_cancel, szse_order
from panshi.rig.small_day import CASH_E5

pytestmark = pytest.mark.integration


def test_a_shanghai_order_is_acknowledged_and_cancelled(gate: Gate) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001", Price=990_000))
    accepted = client.expect(32)
    assert (accepted["ExecType"], accepted["ReportIndex"]) == ("0", 1)
    client.send(61, **sse_cancel("A000000002", "A000000001"))
    cancelled = client.expect(32)
    assert (cancelled["ExecType"], cancelled["OrigClOrdID"]) == ("4", "A000000001")
    assert cancelled["CxlQty"] == 100_000


def test_a_shenzhen_order_is_acknowledged_and_cancelled(gate: Gate) -> None:
    client = gate.szse()
    client.send(100101, **szse_order("C000000001", BranchID="0001", Price=99_000))
    accepted = client.expect(200102)
    assert (accepted["ExecType"], accepted["LeavesQty"]) == ("0", 10_000)
    client.send(190007, **szse_cancel("C000000002", "C000000001"))
    cancelled = client.expect(200102)
    assert (cancelled["ExecType"], cancelled["OrigClOrdID"]) == ("4", "C000000001")


def test_refusals_carry_the_code_and_no_index(gate: Gate) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="99999"))
    assert client.expect(204)["OrdRejReason"] == 30113
    client.send(58, **sse_order("A000000002", BranchID="00001", Side="2", OrderQty=5_000_000))
    assert client.expect(204)["OrdRejReason"] == 30604
    client.send(61, **sse_cancel("A000000003", "A999999999"))
    assert client.expect(204)["OrdRejReason"] == 30703
    szse = gate.szse()
    szse.send(100101, **szse_order("C000000001", BranchID="0001", AccountID="0999999999"))
    refused = szse.expect(4)
    assert (refused["BusinessRejectReason"], refused["BusinessRejectRefID"]) == (
        30109,
        "C000000001",
    )


@pytest.mark.parametrize("quantity", [2**62, -(2**63)])
def test_a_number_that_no_unit_of_ours_holds_is_refused(gate: Gate, quantity: int) -> None:
    szse = gate.szse()
    szse.send(100101, **szse_order("C000000001", OrderQty=quantity))
    refused = szse.expect(4)
    assert (refused["BusinessRejectReason"], refused["RefMsgType"]) == (33004, 100101)
    szse.send(100101, **szse_order("C000000002", BranchID="0001"))
    assert szse.expect(200102)["ClOrdID"] == "C000000002"


def test_own_orders_do_not_meet_and_a_trade_settles(gate: Gate) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001", Side="2"))
    assert client.expect(32)["ExecType"] == "0"
    client.send(58, **sse_order("A000000002", BranchID="00001"))
    assert client.expect(204)["OrdRejReason"] == 30701
    gate.command("day-close")
    totals = journal.read(gate.journal, ["CashTotal", "HoldingTotal"])
    (cash,) = totals["CashTotal"].to_pylist()
    assert (cash["available_e5"], cash["frozen_e5"]) == (CASH_E5, 0)
    assert all(row["frozen_qty"] == 0 for row in totals["HoldingTotal"].to_pylist())


def test_a_stopped_scope_refuses_orders_and_takes_cancels(gate: Gate) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001", Price=990_000))
    client.expect(32)
    gate.command("set-state", scope="firm", state="halted")
    client.send(58, **sse_order("A000000002", BranchID="00001"))
    assert client.expect(204)["OrdRejReason"] == 30002
    client.send(61, **sse_cancel("A000000003", "A000000001"))
    assert client.expect(32)["ExecType"] == "4"
    gate.rearm()
    client.send(58, **sse_order("A000000004", BranchID="00001", Price=990_000))
    assert client.expect(32)["ExecType"] == "0"


def test_cancel_all_cancels_what_is_open(gate: Gate) -> None:
    client = gate.sse()
    for number in range(3):
        price = 990_000 - 1000 * number
        client.send(58, **sse_order(f"A00000000{number}", BranchID="00001", Price=price))
        client.expect(32)
    gate.command("cancel-all", scope="client", id=1)
    cancelled = {client.expect(32)["OrigClOrdID"] for _ in range(3)}
    assert cancelled == {"A000000000", "A000000001", "A000000002"}


def test_the_journal_verifies_and_replays_to_the_same_outputs(gate: Gate) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001"))
    client.expect(32)
    gate.command("day-close")
    assert gate.stop() == 0
    assert journal.verify(gate.journal).ok
    found = process.replay(gate.journal)
    assert found.difference is None
    assert found.outputs > 3
