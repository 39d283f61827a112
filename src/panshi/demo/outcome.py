"""What a run came to: the journal read again, everything reconciled, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from panshi.demo.evidence import read_events
from panshi.demo.misbehaviour import judge
from panshi.demo.realism import count_overtaken, share_as_recorded
from panshi.domain.errors import BadInputError
from panshi.gate import journal as gate_journal
from panshi.gate.process import replay
from panshi.rig.evidence import JournalEvidence, read_journal
from panshi.rig.latency import gate_latency_us, percentiles_us
from panshi.rig.reconciliation import (
    FeeTable,
    compare_books,
    compare_fills,
    compare_sides,
    compute_books,
)
from panshi.venue.clients import ACCEPTED, ORDER, unpack_events

if TYPE_CHECKING:
    from pathlib import Path

    from panshi.demo.evidence import ClientEvidence
    from panshi.demo.playing import Plan
    from panshi.demo.script import Script
    from panshi.demo.trading_day import Played

DIFFERENCES_SHOWN: Final = 50


def conclude(plan: Plan, script: Script, played: Played) -> dict[str, Any]:
    """Reconcile a day and sum it up.

    A journal that is not as it was written is itself the difference; nothing is compared with it.

    Args:
        plan: The part of the day that was played.
        script: What was played.
        played: What the day left behind.

    Returns:
        Keys and values of the summary.
    """
    clients = read_events(unpack_events(played.events))
    verified = gate_journal.verify(played.journal)
    differences = [f"journal: {finding}" for finding in verified.findings]
    found, again = JournalEvidence(), False
    if verified.ok:
        found = read_journal(played.journal)
        differences += reconcile(script, found, clients, played.served)
        difference = _replay(played.journal, script.capacity)
        again = difference is None
        differences += [] if again else [f"replay: {difference}"]
    return summarize(plan, script, found, clients, played) | {
        "reconciled": not differences,
        "difference_count": len(differences),
        "differences": differences[:DIFFERENCES_SHOWN],
        "journal_verified": verified.ok,
        "journal_records": verified.records,
        "replay_equal": again,
        "played": {
            "from": plan.played[0],
            "to": plan.played[1],
            "wall_s": round(played.wall_s, 1),
        },
    }


def _replay(journal: Path, capacity: dict[str, int]) -> str | None:
    try:
        return replay(journal, capacity).difference
    except BadInputError as error:
        return str(error)


def reconcile(
    script: Script, found: JournalEvidence, clients: ClientEvidence, served: int
) -> list[str]:
    """List every difference between journal, gate, clients, venue and the computation here.

    Args:
        script: What was played.
        found: What the journal says.
        clients: What the clients were told.
        served: Reports in the venue's streams.

    Returns:
        One text for each difference; empty when all agree.
    """
    books, differences = compute_books(
        script.cash_e5, script.holdings, found.orders, found.fills, FeeTable(script.rules)
    )
    differences += compare_books(books, found.books)
    differences += compare_fills(found.fills, clients.fills)
    differences += compare_sides(found.fills, found.orders)
    if not found.totals:
        differences.append("the journal holds no totals of the day")
    checks = {
        "orders": (sum(action.kind == ORDER for action in script.actions), "orders sent"),
        "cancels": (sum(action.kind != ORDER for action in script.actions), "cancels sent"),
        "fills": (len(found.fills), "fills in the journal"),
        "refused": (sum(found.refused.values()), "refusals in the journal"),
    }
    for name, (count, what) in checks.items():
        total = found.totals.get(name, -1)
        if total != count:
            differences.append(f"{what}: {count}, gate's total {total}")
    if found.totals.get("frozen_holdings"):
        differences.append(f"holdings still frozen: {found.totals['frozen_holdings']}")
    silent = [
        action.cl_ord_id for action in script.actions if action.cl_ord_id not in clients.answered
    ]
    differences += [f"request {one}: sent by the client, never answered" for one in silent]
    if served != found.stream_reports:
        differences.append(
            f"reports in the venue's streams: {served}, in the journal {found.stream_reports}"
        )
    return differences


def summarize(
    plan: Plan,
    script: Script,
    found: JournalEvidence,
    clients: ClientEvidence,
    played: Played,
) -> dict[str, Any]:
    """Return the counts of a run.

    Args:
        plan: The part of the day that was played.
        script: What was played.
        found: What the journal says.
        clients: What the clients were told.
        played: What the day left behind.

    Returns:
        Keys and values of the summary.
    """
    totals = found.totals or played.status["counts"]
    judged = judge(script.misbehaviours, clients.refused)
    return {
        "orders": totals.get("orders", 0),
        "accepted": totals.get("forwarded", 0),
        "accepted_by_exchange": clients.kinds[ACCEPTED],
        "refused": {str(code): count for code, count in sorted(found.refused.items())},
        "anomalies": {str(code): count for code, count in sorted(found.anomalies.items())},
        "cancels": totals.get("cancels", 0),
        "fills": totals.get("fills", 0),
        "expired": totals.get("expired", 0),
        "latency_us": percentiles_us(clients.latencies_ns),
        "gate_latency_us": gate_latency_us(played.status),
        "misbehaviours": judged,
        "misbehaviours_caught": {
            name: one["code"] for name, one in judged.items() if one["caught"]
        },
        "trades_as_in_reality": share_as_recorded(
            script.recorded, plan.windows[-1][1], found.fills, found.orders, script.order_nos
        ),
        "overtaken_requests": count_overtaken(script.actions, found.arrived),
        "customers": len(script.cash_e5),
        "speed": round(sum(last - first for first, last in plan.windows) / max(plan.wall_ms, 1), 1),
    }
