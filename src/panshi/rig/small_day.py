"""Reference records of a small day: one customer, a security and an order system a market."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Final

from panshi.domain.words import Board, Market, Product
from panshi.gate.engine import load_levels, load_words
from panshi.market.securities import Lots, Security
from panshi.opening.day import build_day
from panshi.rulebook.book import Rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.opening.rules import Row
    from panshi.wire.codec import Protocol

TRADE_DATE: Final = dt.date(2023, 7, 11)
TRADE_DAY: Final = 20230711
NEVER: Final = 2**63 - 1
CASH_E5: Final = 10**12
HELD_QTY: Final = 1000
SSE, SZSE = 1, 2
PROTOCOLS: Final[dict[int, Protocol]] = {SSE: "sse", SZSE: "szse"}
SECURITIES: Final = {SSE: "600000", SZSE: "000001"}
"""The security of each market."""
BRANCHES: Final = {SSE: "00001", SZSE: "0001"}
PBUS: Final = {SSE: "20001", SZSE: "100100"}
ACCOUNTS: Final = {SSE: "A000000001", SZSE: "0000000001"}
"""Accounts of customer 1."""


def security(market: Market, code: str) -> Security:
    """Return a main-board share that closed at 10 yuan.

    Args:
        market: Its market.
        code: Its code.

    Returns:
        The security.
    """
    return Security(
        market=market,
        code=code,
        name=code,
        board=Board.MAIN,
        product=Product.STOCK,
        prev_close_e5=1_000_000,
        limit_up_e5=1_100_000,
        limit_down_e5=900_000,
        tick_e5=1000,
        lots=Lots(100, 100, 100, 1_000_000, 100, 1_000_000),
        list_date=dt.date(2000, 1, 1),
        set_id=1,
    )


def row(name: str, **fields: int | str) -> Row:
    """Return one record by its fields.

    Args:
        name: Name of the record.
        **fields: Its fields.

    Returns:
        Name and fields.
    """
    return name, fields


def customer(number: int, **changes: int) -> Row:
    """Return a customer with cash.

    Args:
        number: Its number, that of its owner group too.
        **changes: Fields that differ.

    Returns:
        The record.
    """
    usual: dict[str, int | str] = {
        "customer": number,
        "owner_group": number,
        "group": 1,
        "fee_group": 1,
        "desk": 1,
        "state": 1,
        "risk_grade": 5,
        "program_confirm": 1,
        "cash_e5": CASH_E5,
    }
    return "LoadCustomer", {**usual, **changes}


def account(market: int, code: str, number: int, branch: str, **changes: int) -> list[Row]:
    """Return an account and its holding of a thousand shares.

    Args:
        market: 1 SSE, 2 SZSE.
        code: The account.
        number: Its customer.
        branch: Its branch.
        **changes: Fields of the account that differ; `held` is the number of shares.

    Returns:
        The records.
    """
    shares = changes.pop("held", HELD_QTY)
    held = {"total_qty": shares, "sellable_qty": shares}
    stock = SECURITIES[market]
    usual: dict[str, int | str] = {"state": 1, "customer": number, "owner_type": 1}
    return [
        ("LoadAccount", {**usual, "account": code, "market": market, "branch": branch, **changes}),
        row("LoadHolding", account=code, market=market, code=stock, **held),
    ]


def client(market: int, number: int, comp_id: str, **changes: int | str) -> Row:
    """Return an order system that is let in.

    Args:
        market: 1 SSE, 2 SZSE.
        number: Its number.
        comp_id: The name it logs on by.
        **changes: Fields that differ.

    Returns:
        The record.
    """
    usual: dict[str, int | str] = {
        "comp_id": comp_id,
        "market": market,
        "client": number,
        "access_mask": 1,
        "pbu_mask": 1 << (market - 1),
        "terminal": 1,
        "terminal_required": 1,
    }
    return "LoadClient", {**usual, **changes}


def pbu(market: int, code: str, number: int, gateway: int) -> Row:
    """Return a PBU and the gateway that its orders leave by.

    Args:
        market: 1 SSE, 2 SZSE.
        code: The PBU.
        number: Its number.
        gateway: Number of the gateway.

    Returns:
        The record.
    """
    return row("LoadPbu", pbu=code, market=market, pbu_no=number, gateway=gateway)


def parties() -> list[Row]:
    """Return customer 1 with an account in each market, behind the order system OMS01."""
    return [
        row("LoadTerminal", terminal=1, kind=1, valid=1),
        customer(1),
        row("LoadBranch", branch=BRANCHES[SSE], state=1),
        pbu(SSE, PBUS[SSE], 0, SSE),
        *account(SSE, ACCOUNTS[SSE], 1, BRANCHES[SSE]),
        client(SSE, SSE, "OMS01"),
        row("LoadBranch", branch=BRANCHES[SZSE], state=1),
        pbu(SZSE, PBUS[SZSE], 1, SZSE),
        *account(SZSE, ACCOUNTS[SZSE], 1, BRANCHES[SZSE]),
        client(SZSE, SZSE, "OMS01"),
    ]


def numbers() -> list[Row]:
    """Return limits that no order of the day meets, and the parameters that the engine needs."""
    limits: list[Row] = [
        row("LoadLimit", scope=level.scope, metric=level.metric, warn=NEVER, block=NEVER)
        for level in load_levels()
    ]
    wanted = {1: 10**9, 2: 10**9, 3: 100, 4: 300, 5: 20_000, 10: 100, 18: 2, 19: 100_000}
    every = [word.number for word in load_words()["Param"]]
    params = [row("LoadParam", param=p, value=wanted.get(p, 0)) for p in every]
    return [*limits, *params]


@cache
def _rules() -> Rulebook:
    return Rulebook.load()


KEYS: Final = {
    "LoadCustomer": ("customer",),
    "LoadClient": ("client",),
    "LoadPbu": ("market", "pbu"),
    "LoadAccount": ("market", "account"),
    "LoadHolding": ("market", "account", "code"),
    "LoadLimit": ("scope", "metric", "id", "market"),
    "LoadParam": ("param",),
}


def day_records(more: Iterable[Row] = ()) -> bytes:
    """Return the day.

    Args:
        more: Further rows; one takes the place of the usual one with its key, if there is any.

    Returns:
        The records, as a gate takes them.
    """
    securities = [
        security(Market.SSE, SECURITIES[SSE]),
        security(Market.SZSE, SECURITIES[SZSE]),
    ]
    rows: dict[object, Row] = {}
    for name, fields in [*parties(), *numbers(), *more]:
        named = KEYS.get(name, tuple(fields))
        rows[name, tuple(fields.get(part, 0) for part in named)] = (name, fields)
    return build_day(TRADE_DATE, _rules().on(TRADE_DATE), securities, rows.values())
