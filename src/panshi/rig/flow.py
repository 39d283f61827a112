"""Orders and cancels of two customers who trade with each other, made fast and without end."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from panshi.rig.messages import (
    NO_IDS,
    encode_template,
    sse_cancel,
    sse_order,
    szse_cancel,
    szse_order,
)
from panshi.rig.small_day import ACCOUNTS, BRANCHES, SSE, SZSE, account, customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.opening.rules import Row
    from panshi.rig.messages import Template

SELLER: Final = 2
SELLERS: Final = {SSE: "A000000002", SZSE: "0000000002"}
"""Accounts of customer 2."""
CASH_E5: Final = 10**15
HELD_QTY: Final = 10**9
PREFIXES: Final = {SSE: "A", SZSE: "C"}
TICKS: Final = (0, 0, -1, 1)
"""Ticks from 10 yuan by place: a buy and a sale that meet, a buy and a sale that stay."""
CANCEL_EVERY: Final = 8
"""Of so many messages one is a cancel of an order that stays."""


def trading_rows() -> list[Row]:
    """Return the two customers with cash and shares enough for any day."""
    rows = [customer(1, high_frequency=1, cash_e5=CASH_E5)]
    rows.append(customer(SELLER, high_frequency=1, cash_e5=CASH_E5))
    for market, code in SELLERS.items():
        rows += account(market, code, SELLER, BRANCHES[market], held=HELD_QTY)
    return rows


def opening_cash_e5() -> dict[int, int]:
    """Return the cash of each customer at the open."""
    return {1: CASH_E5, SELLER: CASH_E5}


def _orders(market: int) -> list[Template]:
    """Return the orders in their turn: buys and sales by turns."""
    templates = []
    for place, ticks in enumerate(TICKS):
        side = str(place % 2 + 1)
        code = ACCOUNTS[market] if side == "1" else SELLERS[market]
        usual = {"Side": side, "BranchID": BRANCHES[market]}
        if market == SSE:
            fields = sse_order(NO_IDS[0], Account=code, Price=1_000_000 + 1000 * ticks, **usual)
            templates.append(encode_template("sse", 58, fields))
        else:
            fields = szse_order(NO_IDS[0], AccountID=code, Price=100_000 + 100 * ticks, **usual)
            templates.append(encode_template("szse", 100101, fields))
    return templates


def _cancels(market: int) -> list[Template]:
    """Return a cancel for each of the orders."""
    if market == SSE:
        return [encode_template("sse", 61, sse_cancel(*NO_IDS))] * len(TICKS)
    sides = [str(place % 2 + 1) for place in range(len(TICKS))]
    fields = [szse_cancel(*NO_IDS, Side=side) for side in sides]
    return [encode_template("szse", 190007, one) for one in fields]


def trading_flow(market: int, prefix: str = "", first: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield messages without end.

    Args:
        market: 1 SSE, 2 SZSE.
        prefix: First characters of the ids; blank takes the market's usual one.
        first: Number of the first id.

    Yields:
        ClOrdID and bytes of an order or cancel.
    """
    orders, cancels = _orders(market), _cancels(market)
    start = prefix or PREFIXES[market]
    staying: list[tuple[str, int]] = []
    places = itertools.cycle(range(len(TICKS)))
    for number in itertools.count(first):
        cl_ord_id = f"{start}{number:0{10 - len(start)}}"
        if number % CANCEL_EVERY == 0 and staying:
            original, place = staying.pop()
            yield cl_ord_id, cancels[place].fill(cl_ord_id, original)
            continue
        place = next(places)
        if TICKS[place]:
            staying.append((cl_ord_id, place))
        yield cl_ord_id, orders[place].fill(cl_ord_id)
