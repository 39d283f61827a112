"""Reference rows of the twin: what a row must hold, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import state as s
from tests.twin import trading
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.twin.state import Row, State

MOST = 2**63 - 1
DAY_NS = 86_400 * 10**9
PBUS = 64
RATES = (1, 2, 3, 4)
CONDUCT = (5, 6, 7)

METRICS_OF = {
    s.FIRM: (8, 9, 10),
    s.MARKET: (),
    s.PBU: (*RATES, *CONDUCT),
    s.CLIENT: (*RATES, *CONDUCT, 15),
    s.ACCOUNT: (*RATES, *CONDUCT, 8, 9, 10, 12, 14),
    s.CUSTOMER: (9, 10),
    s.GROUP: (9, 10),
    s.DESK: (9, 10),
    s.STRATEGY: (*RATES, *CONDUCT),
    s.SECURITY: (11, 13),
    s.GATEWAY: (*RATES, *CONDUCT),
}
"""Metrics whose limits mean something in a scope."""

RULE_ABOVE_ZERO = ("tick_e5", "buy_step_qty", "sell_step_qty")
RULE_FROM_ZERO = (
    *("buy_min_qty", "sell_min_qty", "odd_lot_qty", "max_limit_qty", "max_market_qty"),
    *("max_fixed_qty", "day_buy_cap_qty"),
)
RATES_OF_FEE = (
    *("commission_e8", "commission_min_e5", "stamp_buy_e8", "stamp_sell_e8", "transfer_e8"),
    *("handling_e8", "regulatory_e8"),
)
PARAM_BOUNDS = {
    s.CANCEL_ALL_BATCH: (1, MOST),
    **dict.fromkeys((*range(11, 18), 20), (s.NORMAL, s.HALTED)),
    s.GATEWAY_PRE_OPEN: (s.REJECT, s.QUEUE),
    s.CANCEL_ALL_RATE: (1, 10**6),
}
"""Values of parameters that are a word or that must not be 0."""
PRICES = ("prev_close_e5", "upper_e5", "lower_e5", "close_e5")
POLICIES = ("order_policy", "cancel_policy", "fixed_policy", "fixed_cancel")


def within(found: int, least: int, most: int) -> None:
    """Refuse a number outside its range."""
    if found < least:
        raise DeniedError(33006, least, found)
    if found > most:
        raise DeniedError(33006, most, found)


def kept(before: int, found: int) -> None:
    """Refuse a change of what a reload cannot change."""
    if before != found:
        raise DeniedError(33006, before, found)


def all_within(row: Row, names: Iterable[str], least: int, most: int = MOST) -> None:
    """Refuse the first of these fields that is outside the range."""
    for name in names:
        within(row[name], least, most)


def signed(word: int) -> int:
    """Read an unsigned word as the engine's comparisons do."""
    return word - 2**64 if word >= 2**63 else word


def load(state: State, name: str, row: Row) -> None:
    """Take one reference row."""
    handler = {
        "DayOpen": open_day,
        "LoadRule": load_rule,
        "LoadPhase": load_phase,
        "LoadFee": load_fee,
        "LoadSecurity": load_security,
        "LoadCustomer": load_customer,
        "LoadAccount": load_account,
        "LoadHolding": load_holding,
        "LoadClient": load_client,
        "LoadPbu": load_pbu,
        "LoadBranch": load_branch,
        "LoadTerminal": load_terminal,
        "LoadLimit": load_limit,
        "LoadSwitch": load_switch,
        "LoadParam": load_param,
        "LoadSchedule": load_schedule,
    }[name]
    handler(state, row)


def full(state: State, table: str, held: int) -> None:
    """Refuse one more row than a table has room for."""
    room = state.capacity[table]
    if held >= room:
        raise DeniedError(33006, room, room + 1)


def open_day(state: State, row: Row) -> None:
    """Open the day; again only for the same date."""
    within(row["trade_date"], 1, 2**32 - 1)
    if state.day is not None:
        kept(state.day["trade_date"], row["trade_date"])
        return
    state.day, state.is_open = row, True


def load_rule(state: State, row: Row) -> None:
    """Take a rule class."""
    within(row["rule"], 1, state.capacity["rules"])
    within(row["market"], 1, 2)
    all_within(row, RULE_ABOVE_ZERO, 1)
    all_within(row, RULE_FROM_ZERO, 0)
    within(row["cage_bp"], 0, 10_000)
    if row["rule"] in state.rules:
        kept(state.rules[row["rule"]]["market"], row["market"])
    state.rules[row["rule"]] = row


def load_phase(state: State, row: Row) -> None:
    """Take a window of the clock; one with the same start is replaced."""
    within(row["market"], 1, 2)
    within(row["rule"], 0, state.capacity["rules"])
    if row["phase"] > 8:
        raise DeniedError(33006, 8, row["phase"])
    all_within(row, POLICIES, 0, 2)
    start, end = signed(row["start_ns"]), signed(row["end_ns"])
    within(end, min(start + 1, MOST), MOST)
    mine = [p for p in state.phases if (p["market"], p["rule"]) == (row["market"], row["rule"])]
    others = [p for p in mine if p["start_ns"] != row["start_ns"]]
    if any(p["start_ns"] < row["end_ns"] and row["start_ns"] < p["end_ns"] for p in others):
        raise DeniedError(33006, 0, start)
    if len(others) == len(mine):
        full(state, "phases", len(state.phases))
    state.phases = [p for p in state.phases if p not in mine or p in others] + [row]


def load_fee(state: State, row: Row) -> None:
    """Take the fees of a rule class and fee group."""
    within(row["rule"], 1, state.capacity["rules"])
    within(row["fee_group"], 1, state.capacity["fee_groups"])
    all_within(row, RATES_OF_FEE, 0)
    state.fees[(row["rule"], row["fee_group"])] = row


def load_security(state: State, row: Row) -> None:
    """Take a security; a reload keeps its rule class and its live prices."""
    within(row["market"], 1, 2)
    within(row["state"], 0, 3)
    within(row["rule"], 1, state.capacity["rules"])
    all_within(row, PRICES, 0)
    key = (row["market"], row["code"])
    if key in state.securities:
        kept(state.securities[key].row["rule"], row["rule"])
        state.securities[key].row = row
        return
    full(state, "securities", len(state.securities))
    state.securities[key] = s.Security(row, len(state.securities))


def load_customer(state: State, row: Row) -> None:
    """Take a customer; a reload keeps the running cash."""
    within(row["customer"], 1, state.capacity["customers"])
    within(row["owner_group"], 1, state.capacity["owner_groups"])
    within(row["desk"], 1, state.capacity["desks"])
    within(row["cash_e5"], 0, MOST)
    known = state.customers.get(row["customer"])
    if known is None:
        state.customers[row["customer"]] = s.Customer(row, row["cash_e5"], row["cash_e5"])
        return
    kept(known.row["owner_group"], row["owner_group"])
    kept(known.row["desk"], row["desk"])
    known.row = row


def load_account(state: State, row: Row) -> None:
    """Take a securities account."""
    within(row["market"], 1, 2)
    within(row["access"], 0, 63)
    within(row["customer"], 1, state.capacity["customers"])
    key = (row["market"], row["account"])
    if key in state.accounts:
        kept(state.accounts[key].row["customer"], row["customer"])
        state.accounts[key].row = row
        return
    full(state, "accounts", len(state.accounts))
    state.accounts[key] = s.Account(row, len(state.accounts))


def load_holding(state: State, row: Row) -> None:
    """Take an opening holding; a reload adds the difference."""
    within(row["total_qty"], 0, MOST)
    within(row["sellable_qty"], 0, row["total_qty"])
    if (row["market"], row["account"]) not in state.accounts:
        raise DeniedError(30109)
    if (row["market"], row["code"]) not in state.securities:
        raise DeniedError(30303)
    key = (row["market"], row["account"], row["code"])
    holding = state.holdings.get(key)
    if holding is None:
        full(state, "holdings", len(state.holdings))
        holding = state.holdings[key] = s.Holding()
    total = holding.total + row["total_qty"] - holding.opening
    sellable = holding.sellable + row["sellable_qty"] - holding.opening_sellable
    within(total, 0, MOST)
    within(sellable, holding.frozen, MOST)
    holding.total, holding.sellable = total, sellable
    holding.opening, holding.opening_sellable = row["total_qty"], row["sellable_qty"]


def load_client(state: State, row: Row) -> None:
    """Take a client session."""
    within(row["client"], 1, state.capacity["clients"])
    within(row["market"], 1, 2)
    within(row["prefix_len"], 0, 4)
    for what in ("terminal", "strategy", "program"):
        within(row[f"{what}_at"] + row[f"{what}_len"], 0, 32)
    all_within(row, ("terminal_len", "strategy_len"), 0, 9)
    client = state.clients.get(row["client"])
    if client is None:
        client = state.clients[row["client"]] = s.Client(row)
    kept(client.row["market"], row["market"])
    client.row = row
    client.pbus |= row["pbu_mask"]


def load_pbu(state: State, row: Row) -> None:
    """Take a PBU and the gateway that carries it."""
    within(row["market"], 1, 2)
    within(row["pbu_no"], 0, PBUS - 1)
    gateways = (row["gateway"], row["fixed_gateway"])
    for gateway in gateways:
        within(gateway, 0, state.capacity["gateways"])
    known = state.pbus.get((row["market"], row["pbu"]))
    if known is not None:
        kept(known.row["pbu_no"], row["pbu_no"])
        known.row = row
    else:
        if any(pbu.row["pbu_no"] == row["pbu_no"] for pbu in state.pbus.values()):
            raise DeniedError(33006, row["pbu_no"], row["pbu_no"])
        state.pbus[(row["market"], row["pbu"])] = s.Pbu(row)
    for gateway in filter(None, gateways):
        state.gateways[gateway].pbus.add(row["pbu_no"])


def load_branch(state: State, row: Row) -> None:
    """Take a branch."""
    within(row["state"], 0, 1)
    if row["branch"] not in state.branches:
        full(state, "branches", len(state.branches))
    state.branches[row["branch"]] = row


def load_terminal(state: State, row: Row) -> None:
    """Take a terminal's number and whether it is valid."""
    within(row["terminal"], 1, state.capacity["terminals"])
    within(row["valid"], 0, 1)
    state.terminals[row["terminal"]] = row


def load_limit(state: State, row: Row) -> None:
    """Take a limit row."""
    if not 1 <= row["scope"] <= 11:
        raise DeniedError(33006, 0, row["scope"])
    if not 1 <= row["metric"] <= 15:
        raise DeniedError(33006, 0, row["metric"])
    if row["metric"] not in METRICS_OF[row["scope"]]:
        raise DeniedError(33006, row["scope"], row["metric"])
    within(row["market"], 0, 2)
    all_within(row, ("warn", "block"), 0)
    own = {
        (scope, number, market)
        for scope, _, number, named in state.limits
        for market in markets_of(named)
        if number
    }
    mine = {(row["scope"], row["id"], market) for market in markets_of(row["market"])}
    room = state.capacity["limit_sets"]
    if row["id"] and len(own | mine) > 2 * room and not mine <= own:
        raise DeniedError(33006, room, room + 1)
    state.limits[(row["scope"], row["metric"], row["id"], row["market"])] = row


def markets_of(market: int) -> tuple[int, ...]:
    """Return the markets that a row stands for."""
    return (market,) if market else (1, 2)


def load_switch(state: State, row: Row) -> None:
    """Take a switch row."""
    if row["code"] not in state.codes:
        raise DeniedError(33006, 0, row["code"])
    within(row["market"], 0, 2)
    if row["mode"] > 2:
        raise DeniedError(33006, 0, row["mode"])
    key = (row["code"], row["market"], row["group"])
    if key not in state.switches:
        full(state, "switches", len(state.switches))
    state.switches[key] = row["mode"]


def load_param(state: State, row: Row) -> None:
    """Take a scalar parameter."""
    if not 1 <= row["param"] <= s.PARAMS:
        raise DeniedError(33006, 0, row["param"])
    within(row["market"], 0, 2)
    within(row["value"], *PARAM_BOUNDS.get(row["param"], (0, MOST)))
    key = (row["param"], row["market"], row["group"])
    if row["group"] and row["param"] not in s.GROUP_PARAMS:
        raise DeniedError(33006, 0, row["group"])
    if row["group"] and key not in state.params:
        full(state, "switches", sum(1 for *_, group in state.params if group))
    state.params[key] = row["value"]


def load_schedule(state: State, row: Row) -> None:
    """Take a row of the schedule; one with the same start is replaced."""
    within(row["state"], 0, s.HALTED)
    start, end = signed(row["from_ns"]), signed(row["to_ns"])
    within(start, 0, DAY_NS)
    within(end, start + 1, DAY_NS)
    target = trading.target_of(state, row)
    if target is None:
        # Where a key or nothing names the part, the number says nothing.
        by_number = row["scope"] not in (s.FIRM, s.ACCOUNT, s.SECURITY)
        raise DeniedError(33006, row["scope"], row["id"] if by_number else 0)
    rows = state.schedule.get(target, [])
    for at, known in enumerate(rows):
        if known["from_ns"] == row["from_ns"]:
            rows[at] = row
            return
    full(state, "schedules", sum(len(known) for known in state.schedule.values()))
    state.schedule.setdefault(target, []).append(row)
