"""What a run plays: every action and every opening value, known before the day begins."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from panshi.demo.assignment import Assignment, IdSeries
from panshi.demo.excerpt import TRADE_DATE, load_demo_securities, load_excerpt
from panshi.demo.misbehaviour import HELD, Misbehaving
from panshi.demo.opening_rows import NAMED_CASH_E5, build_party_rows, opening_cash_e5
from panshi.demo.parties import (
    CUSTOMERS,
    GATEWAYS,
    MARKETS,
    NAMED,
    SHORT_SELLER,
    SSE,
    build_account,
)
from panshi.market.flow import table_events
from panshi.market.recorded import load_flow
from panshi.opening.day import build_day
from panshi.rulebook.book import Rulebook
from panshi.venue.clients import ORDER
from panshi.venue.scenario import gateway_faults, load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from panshi.demo.misbehaviour import Misbehaviour
    from panshi.demo.playing import Plan
    from panshi.market.flow import FlowEvent
    from panshi.market.securities import Security
    from panshi.rig.reconciliation import HoldingKey
    from panshi.rulebook.book import RulesInForce
    from panshi.venue.clients import Action
    from panshi.venue.config import Fault, MarketName

SETS: Final = {"sse": 2, "szse": 1}
ROOM: Final = 1_000
DEFAULT_ROWS: Final = {"orders": 200_000, "cancels": 100_000}


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked to do."""

    plan: Plan
    seed: int = 1
    data: Path | None = None
    keep: Path | None = None
    scenario: str | None = None


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
    faults: list[Fault]


def write_script(options: Options) -> Script:
    """Assign the flow and prepare the day.

    Args:
        options: What is played.

    Returns:
        Actions, opening values and reference records.

    Raises:
        BadInputError: If the data is not whole or there is no such scenario.
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
        faults=[] if options.scenario is None else _faults(options.scenario),
    )


def _faults(name: str) -> list[Fault]:
    """Return a scenario's faults for the demo's gateways; clock and orders are the demo's own."""
    markets = {number: cast("MarketName", name) for name, number in MARKETS.items()}
    return gateway_faults(load_scenario(name), [markets[one.market] for one in GATEWAYS])


def _with_set(security: Security) -> Security:
    """Give a security a partition: the recorded day does not tell it."""
    sets = SETS[security.market]
    return dataclasses.replace(security, set_id=1 + int(security.code) % sets)
