"""Steps 1 to 14 of a new order: who, whether, what, when, where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tests.twin import state as s
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from tests.twin.state import Account, Client, Customer, Pbu, Row, Security, State

BUSINESSES = {1: (100010,), 2: (10, 370)}
CREDIT_TAGS = ("", "XY", "RZ", "RQ", "PC")


class Report(Protocol):
    """Asks the decider whether a failed check refuses; returns when it does not."""

    def __call__(self, code: int, limit: int = 0, found: int = 0) -> None:
        """Report one failed check."""


@dataclass
class Subject:
    """Who and what an order is about, filled step by step."""

    row: Row
    client: Client
    pbu: Pbu
    account: Account
    customer: Customer
    terminal: int = 0
    strategy: int = 0
    program: bool = False
    short_sale: bool = False
    security: Security | None = None
    rule: Row | None = None
    window: Row | None = None
    policy: int = s.ACCEPT
    price: int | None = None
    reference: int = 0
    qty: int = 0
    value_price: int = 0
    value: int = 0

    @property
    def buy(self) -> bool:
        """Whether the order buys."""
        return bool(self.row["side"] == "1")


def check_state(level: int, scope: int, *, buy: bool, fail: Report) -> None:
    """Compare one scope's trading state with the side."""
    if level == s.HALTED:
        fail(30002, scope, level)
    elif level == s.CANCEL_ONLY:
        fail(30003, scope, level)
    elif level == s.SELL_ONLY and buy:
        fail(30004, scope, level)


def is_recovered(row: Row) -> bool:
    """Return whether an input is an order that the exchange has already."""
    return bool(row.get("recovered") == 1)


def find_session(state: State, row: Row, fail: Report, *, cancel: bool) -> tuple[Client, Pbu]:
    """Run steps 1 to 3."""
    if not state.is_open:
        raise DeniedError(30001)
    buy = row["side"] == "1"
    if not cancel:
        check_state(state.level_of(s.FIRM, 0), s.FIRM, buy=buy, fail=fail)
        check_state(state.level_of(s.MARKET, row["market"]), s.MARKET, buy=buy, fail=fail)
    client = state.clients.get(row["client"])
    if client is None:
        raise DeniedError(30101)
    if not client.online and not is_recovered(row):
        raise DeniedError(30102)
    if not cancel:
        check_state(state.level_of(s.CLIENT, row["client"]), s.CLIENT, buy=buy, fail=fail)
    if client.row["market"] != row["market"]:
        raise DeniedError(30103)
    if not cancel:
        check_params(state, row["market"])
    order_id = row["cl_ord_id"]
    if not (len(order_id) == 10 and order_id.isascii() and order_id.isalnum()):
        fail(30104)
    if not order_id.startswith(client.row["prefix"].ljust(4)[: client.row["prefix_len"]]):
        fail(30105)
    pbu = state.pbus.get((row["market"], row["pbu"]))
    if pbu is None:
        raise DeniedError(30107)
    if not client.row["pbu_mask"] >> pbu.row["pbu_no"] & 1:
        raise DeniedError(30108)
    if not cancel:
        check_state(state.level_of(s.PBU, pbu.row["pbu_no"]), s.PBU, buy=buy, fail=fail)
    if (row["market"], row["pbu"], order_id) in state.ids:
        raise DeniedError(30106)
    return client, pbu


def check_params(state: State, market: int) -> None:
    """Refuse without a parameter that orders need; only a mass cancel needs its own two."""
    for param in range(1, s.PARAMS + 1):
        rows = {(param, market, 0), (param, 0, 0)}
        if param not in s.OF_MASS_CANCELS and not rows & state.params.keys():
            raise DeniedError(30811, market, param)


def check_listed(state: State, security: Row, fail: Report) -> None:
    """Check that a security is listed and that its first day has come."""
    assert state.day is not None
    listed, today = security["list_date"], state.day["trade_date"]
    if security["state"] == 0 or not 0 < listed <= today:
        fail(30304, today, listed)


def check_fields(row: Row) -> None:
    """Run step 4."""
    if row["biz"] not in BUSINESSES[row["market"]]:
        raise DeniedError(30119, 0, row["biz"])
    sse = row["market"] == 1
    wrong = (
        row["side"] not in ("1", "2")
        or (sse and row["time_in_force"] != "0")
        or row["stop_px_e5"] != 0
        or (not sse and row["cash_margin"] not in ("1", "2", "3"))
        or (sse and row["credit_tag"] not in CREDIT_TAGS)
        or (row["biz"] == 370 and row["order_type"] != s.FIXED)
    )
    if wrong:
        raise DeniedError(30120)


def find_owner(
    state: State, row: Row, client: Client, fail: Report, owner: list[Customer]
) -> tuple[Account, Customer]:
    """Run step 5; the customer's group selects switches as soon as it is known."""
    account = state.accounts.get((row["market"], row["account"]))
    if account is None:
        raise DeniedError(30109)
    if not client.row["access_mask"] >> account.row["access"] & 1:
        fail(30110)
    customer = state.customers.get(account.row["customer"])
    if customer is None:
        raise DeniedError(30112)
    owner.append(customer)
    if account.row["pbu"] not in ("", row["pbu"]):
        fail(30111)
    branch = state.branches.get(row["branch_id"])
    if branch is None or branch["state"] != 1:
        fail(30113)
    if row["branch_id"] != account.row["branch"]:
        fail(30114)
    if row["market"] == 2 and row["owner_type"] != account.row["owner_type"]:
        fail(30115, account.row["owner_type"], row["owner_type"])
    return account, customer


def mapped(row: Row, client: Row, what: str) -> int | None:
    """Read a decimal number from UserInfo where the client's mapping carries it."""
    length = client[f"{what}_len"]
    if length == 0:
        return None
    start = client[f"{what}_at"]
    text = row["user_info"].ljust(32)[start : start + length]
    return int(text) if len(text) == length and text.isascii() and text.isdigit() else None


def check_terminal(state: State, subject: Subject, fail: Report) -> None:
    """Run step 6."""
    client = subject.client.row
    number = mapped(subject.row, client, "terminal")
    subject.terminal = client["terminal"] if number is None else number
    if subject.terminal == 0:
        if client["terminal_required"] == 1:
            fail(30116)
        return
    terminal = state.terminals.get(subject.terminal)
    if terminal is None:
        fail(30117, 0, subject.terminal)
    elif terminal["valid"] != 1:
        fail(30118, 0, subject.terminal)


def check_owner_states(state: State, subject: Subject, fail: Report) -> None:
    """Run steps 7 and 8."""
    account, customer, client = subject.account.row, subject.customer.row, subject.client.row
    carried = mapped(subject.row, client, "strategy")
    subject.strategy = carried or account["strategy"] or client["strategy"]
    account_level = state.level((s.ACCOUNT, 0, account["market"], account["account"]))
    check_state(account_level, s.ACCOUNT, buy=subject.buy, fail=fail)
    group = state.level_of(s.GROUP, customer["owner_group"])
    check_state(group, s.GROUP, buy=subject.buy, fail=fail)
    if subject.strategy:
        level = state.level_of(s.STRATEGY, subject.strategy)
        check_state(level, s.STRATEGY, buy=subject.buy, fail=fail)
    for row, base in ((customer, 30201), (account, 30205)):
        if row["state"] == 5:
            fail(base + 1)
        elif row["state"] == 2:
            if not subject.buy:
                fail(base + 2)
        elif row["state"] == 3:
            if subject.buy:
                fail(base + 3)
        elif row["state"] != 1:
            fail(base)


def find_security(state: State, subject: Subject, fail: Report) -> None:
    """Run steps 9 and 10."""
    row = subject.row
    code = row["security_id"]
    security = state.securities.get((row["market"], code))
    if security is None:
        raise DeniedError(30303)
    subject.security = security
    level = state.level((s.SECURITY, 0, row["market"], code))
    check_state(level, s.SECURITY, buy=subject.buy, fail=fail)
    rule = state.rules.get(security.row["rule"])
    if rule is None or rule["market"] != row["market"]:
        raise DeniedError(30301)
    subject.rule = rule
    check_listed(state, security.row, fail)
    if security.row["state"] == 3:
        fail(30305)
    if security.row["flags"] & (s.NO_BUY if subject.buy else s.NO_SELL):
        fail(30306)
    if not subject.buy:
        return
    granted = subject.customer.row["permissions"] & subject.account.row["permissions"]
    if rule["permissions"] & ~granted:
        fail(30209, rule["permissions"], granted)
    signed = subject.customer.row["disclosures"]
    if rule["disclosures"] & ~signed:
        fail(30210, rule["disclosures"], signed)
    if subject.customer.row["risk_grade"] < rule["risk_grade"]:
        fail(30211, rule["risk_grade"], subject.customer.row["risk_grade"])


def check_program_and_credit(subject: Subject, fail: Report) -> None:
    """Run steps 11 and 12."""
    row, client, customer = subject.row, subject.client.row, subject.customer.row
    place = client["program_at"]
    carried = client["program_len"] == 1 and row["user_info"].ljust(32)[place : place + 1] == "P"
    flagged = row["market"] == 2 and any(flag in row["restrictions"] for flag in "1E")
    subject.program = bool(
        client["program"] or subject.account.row["program"] or carried or flagged
    )
    if subject.program:
        report = customer["program_state"]
        good = report in (3, 4, 5) if customer["program_confirm"] == 1 else report == 5
        if not good:
            fail(30212, 0, report)
    if subject.account.high_frequency and not customer["high_frequency"]:
        fail(30215)
    assert subject.security is not None
    flags = subject.security.row["flags"]
    sse = row["market"] == 1
    tagged = row["credit_tag"] != "" if sse else row["cash_margin"] in ("2", "3")
    if tagged and not customer["margin"]:
        fail(30216)
    financed = row["credit_tag"] == "RZ" if sse else row["cash_margin"] == "2"
    lent = row["credit_tag"] == "RQ" if sse else row["cash_margin"] == "2"
    subject.short_sale = tagged and lent and not subject.buy
    if (financed and subject.buy and not flags & s.MARGIN_BUY) or (
        lent and not subject.buy and (not flags & s.SHORT_SELL or row["order_type"] != s.LIMIT)
    ):
        fail(30217)


def check_window(state: State, subject: Subject, fail: Report) -> None:
    """Run step 13."""
    row, security, rule = subject.row, subject.security, subject.rule
    assert security is not None
    assert rule is not None
    if not 1 <= row["order_type"] <= 8:
        raise DeniedError(30307)
    if is_recovered(row):
        subject.window = {"phase": 0}
        return
    window = state.window(security)
    if window is None:
        raise DeniedError(30302)
    subject.window = window
    fixed = row["order_type"] == s.FIXED
    subject.policy = window["fixed_policy"] if fixed else window["order_policy"]
    if subject.policy == s.REJECT:
        fail(30310, 0, window["phase"])
        subject.policy = s.ACCEPT
    halted = security.row["state"] == 2 and window["phase"] in (7, 8)
    if fixed and (halted or not security.row["flags"] & s.FIXED_FLAG):
        fail(30309, 0, security.row["state"])
    if fixed:
        allowed = rule["types_fixed"]
    else:
        allowed = rule["types_continuous"] if window["phase"] == 4 else rule["types_call"]
    free = security.row["flags"] & s.NO_LIMIT and not rule["market_no_limit"]
    market = row["order_type"] not in (s.LIMIT, s.FIXED)
    if (free and market) or not allowed >> row["order_type"] & 1:
        fail(30308, 0, row["order_type"])


def check_gateway(state: State, subject: Subject) -> None:
    """Run step 14; the policy becomes queue when the gateway's state says so."""
    number = subject.pbu.gateway_of(subject.row["order_type"])
    if number == 0:
        raise DeniedError(30005)
    if is_recovered(subject.row):
        return
    level = state.gateways[number].state
    if level == 3:
        return
    if level == 2:
        pre_open = state.param(18, subject.row["market"])
        if pre_open == s.REJECT:
            raise DeniedError(30006, 0, level)
        if pre_open == s.QUEUE:
            subject.policy = s.QUEUE
        return
    if level == 0 or subject.policy != s.QUEUE:
        raise DeniedError(30006, 0, level)
