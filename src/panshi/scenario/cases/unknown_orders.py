"""The gate dies with orders under way: the exchange has some, others are lost with line or disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from panshi.gate import journal
from panshi.gate.journal_files import records
from panshi.rig.journal_files import lose_behind
from panshi.rig.relay import Condition
from panshi.scenario.invariants import JOURNALED_FIRST
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from panshi.scenario.trial import Trial

UNDER_WAY: Final = 20
"""Orders that are sent while nothing comes back."""
TOLD: Final = frozenset(("Report", "Deliver", "Refuse", "Ended"))
"""Records behind which a client or the exchange has said or heard something."""
FEW_RECORDS: Final = 1500
LISTED = Invariant(
    "unknown_listed",
    Words(
        "未确认的委托逐笔列出，资金和证券继续冻结",
        "what is unconfirmed is listed, its cash and shares stay frozen",
    ),
)
REBUILT = Invariant(
    "lost_orders_rebuilt",
    Words(
        "日志丢失而交易所已有的委托由回报重建",
        "orders that the journal lost and the exchange has are made again from their reports",
    ),
)
PASSED_OVER = Invariant(
    "half_snapshot_passed_over",
    Words(
        "残缺的快照写明原因后跳过，改用上一份",
        "a half-written snapshot is passed over with its reason for the one before",
    ),
)


def _let_send(day: LoadedDay) -> None:
    """Let the order systems send while the lines are as they are."""
    begun: dict[str, int] = day.gate.status()["counts"]
    wanted = begun["forwarded"] + UNDER_WAY
    day.gate.wait_for(lambda status: status["counts"]["forwarded"] >= wanted)


def _kill(day: LoadedDay) -> None:
    day.trial.inject("强制杀死网关（kill -9）", "kill -9 of the gate")
    day.gate.kill()
    for client in day.clients.values():
        client.wait_offline()
    for relay in day.relays.values():
        relay.cut()
        relay.set(None, Condition())


def _all(stage: str) -> Callable[[dict[str, Any]], bool]:
    """Return whether every gateway has come to a stage of its recovery."""
    return lambda status: all(row["recovery"] == stage for row in status["gateways"])


def _unknown(trial: Trial) -> None:
    day = LoadedDay(trial, Setup(gate={"recovery": {"activate": "command", "settle_ms": 500}}))
    day.start()
    for _ in range(1 if trial.short else 3):
        trial.inject("交易所的回报不再到达", "the exchange's reports arrive no more")
        for relay in day.relays.values():
            relay.set("back", Condition(held=True))
        _let_send(day)
        trial.inject("申报也不再到达交易所", "orders do not reach the exchange any more either")
        for relay in day.relays.values():
            relay.set("forth", Condition(held=True))
        _let_send(day)
        _kill(day)
        day.gate.launch()
        day.gate.wait_for(_all("waiting"))
        rows = day.gate.ask("unknown")
        lost = [row for row in rows if row["unconfirmed"] == "order"]
        trial.observe(listed=len(rows))
        trial.expect(LISTED, len(lost), day.gate.status()["pending"]["unacknowledged"])
        trial.check(LISTED, [] if lost else ["orders that never arrived must be listed"])
        buys = [row for row in lost if row["buy"]]
        trial.check(
            LISTED,
            [f"{row['cl_ord_id']}: nothing is frozen" for row in buys if row["frozen_e5"] <= 0],
        )
        trial.inject("值班员恢复报单", "a person lets orders pass again")
        day.gate.command("activate")
        day.run()
    day.finish()


def _lost_tail(trial: Trial) -> None:
    recovery = {"activate": "synced", "settle_ms": 500}
    day = LoadedDay(trial, Setup(gate={"recovery": recovery}))
    day.start()
    lost = 0
    for _ in range(1 if trial.short else 3):
        trial.inject("交易所的回报不再到达", "the exchange's reports arrive no more")
        for relay in day.relays.values():
            relay.set("back", Condition(held=True))
        _let_send(day)
        _kill(day)
        trial.inject(
            "断电：最后的委托没有落盘，交易所却已收到",
            "a power cut: the last orders are not on the disk, and the exchange has them",
        )
        lost += _lose_what_nobody_answered(day)
        day.gate.launch()
        day.gate.wait_for(_all("active"))
        day.run()
    status = day.gate.status()
    trial.observe(orders_lost=lost, recovered=status["counts"]["recovered"])
    trial.expect(REBUILT, status["counts"]["recovered"], lost)
    trial.check(REBUILT, [] if lost else ["the power cut must take orders"])
    # What left had been in the journal; the disk has lost it since.
    day.finish(leave_out=[JOURNALED_FIRST])


def _lose_what_nobody_answered(day: LoadedDay) -> int:
    """Cut the journal behind the last thing that was said; the orders that go with it."""
    kinds = {layout.number: name for name, layout in journal.layouts().items()}
    rows = [(record.sequence, kinds[record.kind]) for record in records(day.gate.journal)]
    last = max(sequence for sequence, kind in rows if kind in TOLD)
    lose_behind(day.gate.journal, last)
    return sum(kind == "Forward" and sequence > last for sequence, kind in rows)


def _snapshots(day: LoadedDay) -> list[Path]:
    """Return the snapshots of the day, oldest first."""
    return sorted((day.gate.journal / "snapshots").glob("*.snapshot"))


def _half_snapshot(trial: Trial) -> None:
    recovery = {"snapshot_records": FEW_RECORDS, "snapshots_kept": 3}
    day = LoadedDay(trial, Setup(gate={"recovery": recovery}))
    day.start()
    while len(_snapshots(day)) < 2:  # noqa: PLR2004 - one to break and one to go on from
        day.run()
    _kill(day)
    trial.inject("最新快照只写了一半", "the newest snapshot is written by half only")
    newest = _snapshots(day)[-1]
    data = newest.read_bytes()
    newest.write_bytes(data[: len(data) // 2])
    day.gate.start()
    said = [row for row in day.gate.logged("snapshot passed over") if newest.name in str(row)]
    trial.observe(half_snapshot=newest.name, said=said[:1])
    trial.check(PASSED_OVER, [] if said else [f"the log must say why {newest.name} is passed over"])
    day.run()
    day.finish()


SCENARIOS = (
    Scenario(
        "unknown-orders-after-kill",
        Words(
            "杀死网关时在途委托：交易所有一部分、没有一部分",
            "kill -9 with orders under way: the exchange has some of them and lost some",
        ),
        _unknown,
    ),
    Scenario(
        "lost-tail-rebuilt",
        Words(
            "断电丢失日志尾部，委托由交易所的回报重建",
            "a power cut takes the journal's end, its orders come back from the exchange's reports",
        ),
        _lost_tail,
    ),
    Scenario(
        "snapshot-half-written",
        Words(
            "写快照时断电：残缺的快照被跳过",
            "a power cut in the middle of a snapshot: the one before is used",
        ),
        _half_snapshot,
    ),
)
