"""Reference records of a small day: one customer, a security and an order system a market."""

import datetime as dt
from collections.abc import Iterable
from functools import cache

from panshi.domain.words import Board, Market, Product
from panshi.market.securities import Lots, Security
from panshi.opening.day import build_day
from panshi.opening.rules import Row
from panshi.rulebook.book import Rulebook

TRADE_DATE = dt.date(2023, 7, 11)
NEVER = 2**63 - 1
CASH_E5 = 10**12
SSE, SZSE = 1, 2


def security(market: Market, code: str) -> Security:
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
    """Return one record by its fields."""
    return name, fields


def customer(number: int, **changes: int) -> Row:
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
    """Return an account and its holding of a thousand shares."""
    held = {"total_qty": 1000, "sellable_qty": 1000}
    stock = "600000" if market == SSE else "000001"
    usual: dict[str, int | str] = {"state": 1, "customer": number, "owner_type": 1}
    return [
        ("LoadAccount", {**usual, "account": code, "market": market, "branch": branch, **changes}),
        row("LoadHolding", account=code, market=market, code=stock, **held),
    ]


def client(market: int, number: int, comp_id: str, **changes: int | str) -> Row:
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
    return row("LoadPbu", pbu=code, market=market, pbu_no=number, gateway=gateway)


def parties() -> list[Row]:
    """Return customer 1 with an account in each market, behind the order system OMS01."""
    return [
        row("LoadTerminal", terminal=1, kind=1, valid=1),
        customer(1),
        row("LoadBranch", branch="00001", state=1),
        pbu(SSE, "20001", 0, SSE),
        *account(SSE, "A000000001", 1, "00001"),
        client(SSE, SSE, "OMS01"),
        row("LoadBranch", branch="0001", state=1),
        pbu(SZSE, "100100", 1, SZSE),
        *account(SZSE, "0000000001", 1, "0001"),
        client(SZSE, SZSE, "OMS01"),
    ]


def numbers() -> list[Row]:
    wanted = [(scope, metric, 10**6) for scope in (3, 4, 5, 9) for metric in (1, 2, 3, 4)]
    wanted += [(5, metric, NEVER) for metric in (5, 6, 7, 8, 12, 14)]
    wanted += [(scope, metric, NEVER) for scope in (1, 6, 7, 8) for metric in (9, 10)]
    wanted += [(1, 8, NEVER), (10, 11, NEVER), (10, 13, NEVER)]
    limits: list[Row] = [
        ("LoadLimit", {"scope": scope, "metric": metric, "warn": NEVER, "block": block})
        for scope, metric, block in wanted
    ]
    params = {1: 10**9, 2: 10**9, 3: 100, 4: 300, 5: 20_000, 10: 100, 18: 2}
    return [*limits, *(("LoadParam", {"param": p, "value": v}) for p, v in params.items())]


@cache
def _rules() -> Rulebook:
    return Rulebook.load()


KEYS = {
    "LoadCustomer": ("customer",),
    "LoadClient": ("client",),
    "LoadPbu": ("market", "pbu"),
    "LoadAccount": ("market", "account"),
    "LoadLimit": ("scope", "metric", "id"),
    "LoadParam": ("param",),
}


def day_records(more: Iterable[Row] = ()) -> bytes:
    """Return the day; a further row takes the place of the usual one with its key, if any."""
    securities = [security(Market.SSE, "600000"), security(Market.SZSE, "000001")]
    rows: dict[object, Row] = {}
    for name, fields in [*parties(), *numbers(), *more]:
        named = KEYS.get(name, tuple(fields))
        rows[name, tuple(fields.get(part, 0) for part in named)] = (name, fields)
    return build_day(TRADE_DATE, _rules().on(TRADE_DATE), securities, rows.values())
