"""Rebuild the orders of an SSE day from its order-by-order feed.

An ADD of the feed shows only what is left after immediate matching. An order that traded at
once therefore appears late (its trades come first) or not at all. Its whole quantity is what it
traded as the aggressor before its ADD, plus the ADD; without an ADD its price is that of its
worst fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panshi.domain.errors import BadRecordError
from panshi.market.flow import CANCEL, EXACT, NEW, REBUILT, FlowEvent, RecordedDay, TradePrint

if TYPE_CHECKING:
    from pathlib import Path

FILE = "normalized/sse_order_events.parquet"
"""Where the feed lies below the folder of market data."""

PRICE_TO_E5 = 10
"""The file has prices in 1/10000 yuan."""


class FeedRow(NamedTuple):
    """One row of the feed; `order_no` is of ADD and CXL, the other two numbers are of TRD.

    The side of a trade is that of the aggressor, N in an auction. Price in 1/10000 yuan.
    """

    sec: str
    seq: int
    ms: int
    event: str
    side: str
    price: int
    qty: int
    order_no: int
    buy_no: int
    sell_no: int


@dataclass(slots=True)
class _Aggressor:
    """An order as far as its own trades show it."""

    ms: int
    seq: int
    side: str
    qty: int
    worst_e5: int


def load_sse_day(folder: Path, date: str) -> RecordedDay:
    """Load and rebuild one day of the SSE feed.

    Args:
        folder: Folder of market data.
        date: Day, YYYY-MM-DD.

    Returns:
        Orders, cancels and trades of every security of that day.

    Raises:
        BadRecordError: If the file is missing, lacks a column or has no row of that day.
    """
    path = folder / FILE
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise BadRecordError(path, 0, "", "a readable Parquet file", str(error)) from error
    for name in ("date", "chan", *FeedRow._fields):
        if name not in table.column_names:
            raise BadRecordError(path, 0, name, "a column of the file", "none")
    table = table.filter(pc.equal(table["date"], date)).sort_by(
        [("chan", "ascending"), ("seq", "ascending")]
    )
    if len(table) == 0:
        raise BadRecordError(path, 0, "date", f"rows of {date}", "none")
    columns = [table[name].to_pylist() for name in FeedRow._fields]
    rows = [FeedRow(*cells) for cells in zip(*columns, strict=True)]
    return rebuild_sse_orders(date, rows)


def rebuild_sse_orders(date: str, rows: list[FeedRow]) -> RecordedDay:
    """Rebuild the orders of one day.

    Args:
        date: Day, YYYY-MM-DD.
        rows: Rows of the feed in the order of their sequence numbers.

    Returns:
        Orders, cancels and trades; an order takes the time and sequence of the first thing that
        is seen of it.
    """
    aggressors = _collect_aggressors(rows)
    added = {(row.sec, row.order_no) for row in rows if row.event == "ADD"}
    events: list[FlowEvent] = []
    for row in rows:
        if row.event == "ADD":
            events.append(_new_from_add(date, row, aggressors.get((row.sec, row.order_no))))
        elif row.event == "CXL":
            events.append(
                FlowEvent(
                    "sse", row.sec, row.ms, row.seq, CANCEL, row.side, 0, row.qty,
                    row.order_no, EXACT, date,
                )
            )  # fmt: skip
    for (security, order_no), one in aggressors.items():
        if (security, order_no) not in added:
            events.append(
                FlowEvent(
                    "sse", security, one.ms, one.seq, NEW, one.side, one.worst_e5, one.qty,
                    order_no, REBUILT, date,
                )
            )  # fmt: skip
    trades = [
        TradePrint(
            row.sec, row.ms, row.price * PRICE_TO_E5, row.qty, row.buy_no,
            row.sell_no,
        )
        for row in rows
        if row.event == "TRD"
    ]  # fmt: skip
    events.sort(key=lambda event: (event.ms, event.seq))
    return RecordedDay(events, trades)


def _collect_aggressors(rows: list[FeedRow]) -> dict[tuple[str, int], _Aggressor]:
    """Return what each order traded as the aggressor, up to its ADD if it has one."""
    aggressors: dict[tuple[str, int], _Aggressor] = {}
    for row in rows:
        if row.event != "TRD" or row.side not in ("B", "S"):
            continue
        side = row.side
        key = (row.sec, row.buy_no if side == "B" else row.sell_no)
        price_e5 = row.price * PRICE_TO_E5
        one = aggressors.get(key)
        if one is None:
            aggressors[key] = _Aggressor(row.ms, row.seq, side, row.qty, price_e5)
        else:
            one.qty += row.qty
            worse = max if side == "B" else min
            one.worst_e5 = worse(one.worst_e5, price_e5)
    return aggressors


def _new_from_add(date: str, row: FeedRow, traded: _Aggressor | None) -> FlowEvent:
    ms, seq, qty = row.ms, row.seq, row.qty
    if traded is not None:
        ms, seq, qty = min(ms, traded.ms), min(seq, traded.seq), qty + traded.qty
    return FlowEvent(
        "sse", row.sec, ms, seq, NEW, row.side, row.price * PRICE_TO_E5, qty,
        row.order_no, EXACT, date,
    )  # fmt: skip
