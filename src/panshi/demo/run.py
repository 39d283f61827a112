"""One run of the demo, from the recorded flow to the reconciled day."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.demo.assignment import Assignment, IdSeries
from panshi.demo.evidence import gate_latency_us, percentiles_us, read_events, read_journal
from panshi.demo.excerpt import TRADE_DATE, load_demo_securities, load_excerpt
from panshi.demo.misbehaviour import HELD, Misbehaving, judge
from panshi.demo.opening_rows import NAMED_CASH_E5, build_party_rows, opening_cash_e5
from panshi.demo.parties import CUSTOMERS, NAMED, SHORT_SELLER, SSE, build_account
from panshi.demo.processes import Children, require_room
from panshi.demo.realism import count_overtaken, share_as_recorded
from panshi.demo.reconciliation import (
    FeeTable,
    compare_books,
    compare_fills,
    compare_sides,
    compute_books,
)
from panshi.demo.stage import ClientRun, build_stage, clients_config, start_processes
from panshi.domain.errors import BadInputError
from panshi.gate import journal as gate_journal
from panshi.gate.process import ask, replay
from panshi.market.flow import table_events
from panshi.market.recorded import load_flow
from panshi.opening.day import build_day
from panshi.rulebook.book import Rulebook
from panshi.venue.clients import ACCEPTED, ORDER, pack_actions, unpack_events

if TYPE_CHECKING:
    from collections.abc import Callable

    from panshi.demo.evidence import ClientEvidence, JournalEvidence
    from panshi.demo.misbehaviour import Misbehaviour
    from panshi.demo.playing import Plan
    from panshi.demo.reconciliation import HoldingKey
    from panshi.demo.stage import Stage
    from panshi.market.flow import FlowEvent
    from panshi.market.securities import Security
    from panshi.rulebook.book import RulesInForce
    from panshi.venue.clients import Action

TRADE_DAY: Final = int(TRADE_DATE.strftime("%Y%m%d"))
REFRESH_S: Final = 0.5
DIFFERENCES_SHOWN: Final = 50
SETS: Final = {"sse": 2, "szse": 1}
ROOM: Final = 1_000
DEFAULT_ROWS: Final = {"orders": 200_000, "cancels": 100_000}


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked to do."""

    plan: Plan
    seed: int = 1
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that is known before the day begins."""

    actions: list[Action]
    misbehaviours: list[Misbehaviour]
    cash_e5: dict[int, int]
    holdings: dict[HoldingKey, int]
    securities: list[Security]
    rules: RulesInForce
    day: bytes
    capacity: dict[str, int]
    recorded: list[FlowEvent]
    order_nos: dict[str, tuple[str, int]]


def run(options: Options, tell: Callable[[str, Any], None]) -> dict[str, Any]:
    """Play the day and reconcile it.

    Args:
        options: What is played.
        tell: Is told what happens: a word and what belongs to it.

    Returns:
        The summary, as the last line of the command prints it.

    Raises:
        BadInputError: If a process dies, takes too long or refuses its configuration.
        OSError: If a file or socket cannot be used.
    """
    tell("stage", "读取委托流 · loading the recorded flow")
    script = write_script(options)
    with tempfile.TemporaryDirectory(prefix="panshi-demo-") as name:
        folder = Path(name)
        require_room(folder)
        packed = pack_actions(script.actions)
        tell("stage", "启动交易所与网关 · starting venue and gate")
        stage = build_stage(folder, options.plan, TRADE_DAY)
        begun = time.monotonic()
        events, served, status = play(stage, script, packed, tell)
        wall_s = time.monotonic() - begun
        tell("stage", "对账 · reconciling")
        found = read_journal(stage.journal)
        clients = read_events(unpack_events(events))
        differences = reconcile(script, found, clients, served)
        verified = gate_journal.verify(stage.journal)
        again = replay(stage.journal, script.capacity)
    differences += [str(finding) for finding in verified.findings]
    if again.difference is not None:
        differences.append(f"replay: {again.difference}")
    return summarize(options.plan, script, found, clients, status) | {
        "reconciled": not differences,
        "difference_count": len(differences),
        "differences": differences[:DIFFERENCES_SHOWN],
        "journal_verified": verified.ok,
        "journal_records": verified.records,
        "replay_equal": again.difference is None,
        "played": {
            "from": options.plan.played[0],
            "to": options.plan.played[1],
            "wall_s": round(wall_s, 1),
        },
    }


def write_script(options: Options) -> Script:
    """Assign the flow and prepare the day.

    Args:
        options: What is played.

    Returns:
        Actions, opening values and reference records.
    """
    table = load_excerpt() if options.data is None else load_flow(options.data)
    ids = IdSeries()
    played = [row for row in table_events(table) if options.plan.covers(row.ms)]
    assigned = Assignment(options.seed, ids).assign(played)
    wrong = Misbehaving(assigned.accounts, ids).build(options.plan)
    actions = sorted(
        [*assigned.actions, *(action for one in wrong for action in one.actions)],
        key=lambda action: action.at_ns,
    )
    cash_e5 = {
        customer: opening_cash_e5(
            assigned.buys_e5.get(customer, 0), assigned.buy_count.get(customer, 0)
        )
        for customer in CUSTOMERS
    } | dict.fromkeys(NAMED, NAMED_CASH_E5)
    shares = dict(assigned.sells)
    shares[SSE, SHORT_SELLER, HELD[0]] = HELD[1]
    securities = [_with_set(one) for one in load_demo_securities()]
    rules = Rulebook.load().on(TRADE_DATE)
    rows = build_party_rows(assigned.accounts, cash_e5, shares)
    holdings = {
        (market, build_account(market, customer).code, code): qty
        for (market, customer, code), qty in shares.items()
    }
    orders = sum(action.kind == ORDER for action in actions)
    needed = {"orders": orders + ROOM, "cancels": len(actions) - orders + ROOM}
    return Script(
        actions=actions,
        misbehaviours=wrong,
        cash_e5=cash_e5,
        holdings=holdings,
        securities=securities,
        rules=rules,
        day=build_day(TRADE_DATE, rules, securities, rows),
        capacity={name: max(rows, DEFAULT_ROWS[name]) for name, rows in needed.items()},
        recorded=played,
        order_nos=assigned.order_nos,
    )


def _with_set(security: Security) -> Security:
    """Give a security a partition: the recorded day does not tell it."""
    sets = SETS[security.market]
    return dataclasses.replace(security, set_id=1 + int(security.code) % sets)


def play(
    stage: Stage, script: Script, packed: bytes, tell: Callable[[str, Any], None]
) -> tuple[bytes, int, dict[str, Any]]:
    """Play the day on its stage and close it.

    Args:
        stage: The stage.
        script: What is played.
        packed: The actions as records.
        tell: As for `run`.

    Returns:
        The clients' events, the reports of the venue's streams, the gate's last status.

    Raises:
        BadInputError: As `run`.
    """
    with Children(stage.folder) as children:
        venue, gate = start_processes(
            stage, children, script.securities, script.day, script.capacity
        )
        clients = ClientRun(clients_config(stage), packed)
        clients.start()
        tell("stage", "交易 · trading")
        while clients.running(REFRESH_S):
            children.require_alive()
            tell("status", ask(stage.control, {"verb": "status"}))
        ask(stage.control, {"verb": "day-close", "who": "demo", "why": "the day is over"}, 60)
        status: dict[str, Any] = ask(stage.control, {"verb": "status"})
        tell("status", status)
        if children.end(gate) != 0:
            raise BadInputError(f"gate: 未能正常结束 · must end in order: {gate.last_words()}")
        if children.end(venue) != 0:
            raise BadInputError(f"venue: 未能正常结束 · must end in order: {venue.last_words()}")
        lines = venue.output.read_text(encoding="utf-8").splitlines()
        served: dict[str, Any] = next(
            (json.loads(line) for line in lines if '"served"' in line), {}
        )
    return clients.events, int(served.get("reports", -1)), status


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
    status: dict[str, Any],
) -> dict[str, Any]:
    """Return the counts of a run.

    Args:
        plan: The part of the day that was played.
        script: What was played.
        found: What the journal says.
        clients: What the clients were told.
        status: The gate's last status.

    Returns:
        Keys and values of the summary.
    """
    orders = found.totals.get("orders", 0)
    return {
        "orders": orders,
        "accepted": found.totals.get("forwarded", 0),
        "accepted_by_exchange": clients.kinds[ACCEPTED],
        "refused": {str(code): count for code, count in sorted(found.refused.items())},
        "anomalies": {str(code): count for code, count in sorted(found.anomalies.items())},
        "cancels": found.totals.get("cancels", 0),
        "fills": found.totals.get("fills", 0),
        "expired": found.totals.get("expired", 0),
        "latency_us": percentiles_us(clients.latencies_ns),
        "gate_latency_us": gate_latency_us(status),
        "misbehaviours": judge(script.misbehaviours, clients.refused),
        "trades_as_in_reality": share_as_recorded(
            script.recorded, plan.windows[-1][1], found.fills, found.orders, script.order_nos
        ),
        "overtaken_requests": count_overtaken(script.actions, found.arrived),
        "customers": len(script.cash_e5),
        "speed": round(sum(last - first for first, last in plan.windows) / max(plan.wall_ms, 1), 1),
    }
