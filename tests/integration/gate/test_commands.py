"""What a person does through the control socket, and what of it the journal keeps."""

from pathlib import Path
from typing import Any

import pytest

from panshi.rig.exchange import Exchange, accepted, cancelled
from panshi.rig.gate import BY, Gate, Line, gateway
from panshi.rig.messages import sse_cancel, sse_order
from panshi.rig.small_day import SSE, SZSE, account, customer, day_records, row
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration


def test_each_command_is_journaled_with_who_and_why(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    answer = gate.command("set-state", **BY, scope="firm", state="halted")
    gate.refusal({"verb": "set-state", **BY, "scope": "firm", "state": "shut"})
    rows = gate.journaled("commands")
    (command,), (state,) = rows["Command"], rows["SetState"]
    assert command["journal_sequence"] == answer["sequence"]
    assert (command["verb"], command["who"], command["why"]) == ("stop", BY["who"], BY["why"])
    assert (command["stop"], command["proof"]) == (answer["stop"], 0)
    assert (state["scope"], state["state"]) == (1, 3)
    # The log has the same words.
    (told,) = gate.logged("stop")
    assert (told["who"], told["why"], told["state"]) == (BY["who"], BY["why"], "Halted")


@pytest.mark.parametrize(
    "target",
    [
        {"scope": "firm"},
        {"scope": "market", "id": SSE},
        {"scope": "market", "market": SSE},
        {"scope": "pbu", "id": 0},
        {"scope": "client", "id": 1},
        {"scope": "account", "market": 1, "key": "A000000001"},
        {"scope": "owner-group", "id": 1},
        {"scope": "security", "market": 1, "key": "600000"},
    ],
)
def test_a_halted_scope_refuses_its_orders_and_lets_cancels_pass(
    shanghai: Shanghai, target: Line
) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    order = session.expect(58)
    session.send(32, **accepted(order, 1))
    oms.expect(32)
    gate.command("set-state", state="halted", **target)
    (state,) = gate.ask("states")
    assert (state["state"], state["key"]) == ("Halted", target.get("key", ""))
    oms.send(58, **sse_order("A000000002", BranchID="00001"))
    assert oms.expect(204)["OrdRejReason"] == 30002
    oms.send(61, **sse_cancel("A000000003", "A000000001"))
    session.send(32, **cancelled(session.expect(61), order, 2))
    assert oms.expect(32)["OrigClOrdID"] == "A000000001"
    gate.rearm(**target)
    assert gate.ask("states") == []
    oms.send(58, **sse_order("A000000004", BranchID="00001"))
    assert session.expect(58)["ClOrdID"] == "A000000004"
    # Whatever the engine keeps in a scope can be limited there.
    gate.command("set-limit", scope="pbu", id=1, metric="QuickCancels", block=9)
    gate.command("set-limit", scope="account", market=1, metric="OpenValue", block=10**12)
    gate.command("set-limit", scope="gateway", id=1, metric="Minute", block=1)
    oms.send(58, **sse_order("A000000005", BranchID="00001"))
    assert oms.expect(204)["OrdRejReason"] == 30803


@pytest.mark.parametrize(
    "target",
    [
        {"scope": "market", "id": SZSE},
        {"scope": "pbu", "id": 1},
        {"scope": "client", "id": 2},
        {"scope": "account", "market": 2, "key": "0000000001"},
        {"scope": "security", "market": 2, "key": "000001"},
    ],
)
def test_a_halt_elsewhere_does_not_touch_an_order(shanghai: Shanghai, target: Line) -> None:
    oms = shanghai.gate.sse()
    shanghai.gate.command("set-state", state="halted", **target)
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    assert shanghai.session.expect(58)["ClOrdID"] == "A000000001"


def test_sell_only_and_cancel_only(shanghai: Shanghai) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    gate.command("set-state", scope="firm", state="sell-only")
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    assert oms.expect(204)["OrdRejReason"] == 30004
    oms.send(58, **sse_order("A000000002", BranchID="00001", Side="2"))
    assert session.expect(58)["Side"] == "2"
    gate.command("set-state", scope="firm", state="cancel-only")
    oms.send(58, **sse_order("A000000003", BranchID="00001", Side="2"))
    assert oms.expect(204)["OrdRejReason"] == 30003


def test_cancel_all_takes_its_scope_only(new_gate: NewGate) -> None:
    exchange = Exchange()
    rows = [customer(2), *account(SSE, "A000000002", 2, "00001")]
    served = begin(new_gate(gateway(SSE, exchange.address), rows=rows), exchange)
    oms = served.gate.sse()
    orders = {}
    for index, code in enumerate(["A000000001", "A000000002", "A000000001"], start=1):
        oms.send(58, **sse_order(f"A00000000{index}", BranchID="00001", Account=code))
        order = served.session.expect(58)
        orders[order["ClOrdID"]] = order
        served.session.send(32, **accepted(order, index))
        oms.expect(32)
    served.gate.command("cancel-all", scope="account", market=1, key="A000000001")
    for index in (4, 5):
        cancel = served.session.expect(61)
        order = orders[cancel["OrigClOrdID"]]
        assert order["Account"] == "A000000001"
        assert cancel["ClOrdID"].startswith("Z9")
        served.session.send(32, **cancelled(cancel, order, index))
        # The client did not ask, but it is told.
        assert oms.expect(32)["OrigClOrdID"] == order["ClOrdID"]
    served.session.expect_silence(0.1)
    log = served.gate.wait_for(lambda _: "mass cancel done" in served.gate.log_text())
    assert log["counts"]["forwarded_cancels"] == 2


def test_limits_change_without_a_restart(shanghai: Shanghai) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    gate.command("set-limit", scope="client", id=1, metric="Day", warn=1, block=2)
    gate.command("set-limit", scope="client", id=1, market=2, metric="Day", block=0)
    gate.command("set-limit", scope="account", market=1, metric="Minute", block=9)
    limits = gate.ask("limits")
    day = {"scope": "Client", "id": 1, "market": 0, "metric": "Day", "warn": 1, "block": 2}
    assert day in limits
    assert day | {"market": 2, "warn": 2**63 - 1, "block": 0} in limits
    assert {(row["market"], row["block"]) for row in limits if row["metric"] == "Minute"} >= {
        (1, 9)
    }
    for number in (1, 2):
        oms.send(58, **sse_order(f"A00000000{number}", BranchID="00001"))
        session.expect(58)
    oms.send(58, **sse_order("A000000003", BranchID="00001"))
    assert oms.expect(204)["OrdRejReason"] == 30804
    gate.command("set-limit", scope="client", id=1, metric="Day", block=3)
    oms.send(58, **sse_order("A000000004", BranchID="00001"))
    assert session.expect(58)["ClOrdID"] == "A000000004"


def write_day(gate: Gate, name: str, *rows: Any) -> Path:  # noqa: ANN401 - rows of many kinds
    path = gate.folder / name
    path.write_bytes(day_records(rows))
    return path


def test_accounts_are_reloaded_without_a_restart(shanghai: Shanghai) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001", Account="A000000007"))
    assert oms.expect(204)["OrdRejReason"] == 30109
    more = [customer(7), *account(SSE, "A000000007", 7, "00001")]
    answer = gate.command("reload", path=str(write_day(gate, "more", *more)))
    assert answer["inputs"] > len(more)
    oms.send(58, **sse_order("A000000002", BranchID="00001", Account="A000000007"))
    assert session.expect(58)["Account"] == "A000000007"
    # The money of a customer who was there stays what it was.
    gate.command("day-close")
    rows = gate.journaled("CashTotal", "Command")
    assert [line["verb"] for line in rows["Command"]] == ["reload", "day-close"]
    assert {line["opening_e5"] for line in rows["CashTotal"]} == {10**12}


def test_a_reload_of_another_day_or_of_nonsense_changes_nothing(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    before = gate.status()["journal"]["appended"]
    tomorrow = write_day(gate, "tomorrow", row("DayOpen", trade_date=20230712, epoch=1))
    data = tomorrow.read_bytes()
    cases = [
        (data, "must be of trade date 20230711, found 20230712"),
        (data[:-3], "day records, row"),
        (b"nonsense" * 4, "day records, row 1 at byte 0: must be"),
    ]
    for content, reason in cases:
        path = gate.folder / "bad"
        path.write_bytes(content)
        assert reason in gate.refusal({"verb": "reload", **BY, "path": str(path)})
    assert gate.journaled("Command") == {"Command": []}
    assert gate.status()["journal"]["appended"] - before < 10


@pytest.mark.bound("tables of the engine")
def test_rows_that_the_engine_does_not_take_are_told(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    wrong = row("LoadHolding", account="A999999999", market=1, code="600000", total_qty=1)
    reason = gate.refusal({"verb": "reload", **BY, "path": str(write_day(gate, "wrong", wrong))})
    assert reason.startswith("reload: 1 of ")
    assert "LoadHolding, 30109 AccountUnknown (" in reason
    assert [line["code"] for line in gate.logged("reference row not taken")] == [30109]


def test_a_kicked_client_is_logged_out_and_may_come_again(shanghai: Shanghai) -> None:
    oms = shanghai.gate.sse()
    shanghai.gate.command("kick", client=1)
    assert oms.expect(41)["SessionStatus"] == 5006
    oms.close()
    shanghai.gate.wait_offline()
    shanghai.gate.sse().expect_silence(0.05)


def test_a_closed_day_takes_no_orders_and_no_second_close(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    shanghai.session.expect(58)
    gate.command("day-close")
    oms.send(58, **sse_order("A000000002", BranchID="00001"))
    assert oms.expect(204)["OrdRejReason"] == 30001
    assert gate.refusal({"verb": "day-close", **BY}).startswith("day-close: the day must be open")
    (ended,) = gate.journaled("Ended")["Ended"]
    assert ended["rest_qty"] == 100


def test_an_ordered_stop_leaves_no_socket_behind(shanghai: Shanghai) -> None:
    shanghai.session.close()
    shanghai.gate.command("shutdown")
    assert shanghai.gate.ended() == 0
    assert not shanghai.gate.control.exists()
