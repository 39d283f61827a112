"""Recorded order flow: what the market's participants sent, as one table of orders and cancels.

The exchanges publish the flow after the fact and not whole; `flow_sse` and `flow_szse` rebuild
the orders. Here are the schema, the checks that every flow must pass, and the loaders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from panshi.domain.errors import BadRecordError, FlowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NEW = "NEW"
CANCEL = "CXL"

EXACT = "exact"
REBUILT = "rebuilt"
ESTIMATED = "estimated"
KINDS = (EXACT, REBUILT, ESTIMATED)
"""How sure the price of an order is.

exact: published with the order, or the price at which it stood in the book and traded.
rebuilt: the order traded at once and left nothing; the price is that of its worst fill.
estimated: the order never traded and its price was not published; see `flow_szse`.
"""

SCHEMA = pa.schema(
    [
        pa.field("market", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("security", pa.dictionary(pa.int16(), pa.string()), nullable=False),
        pa.field("ms", pa.int32(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("event", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("side", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("price_e5", pa.int64(), nullable=False),
        pa.field("qty", pa.int64(), nullable=False),
        pa.field("order_no", pa.int64(), nullable=False),
        pa.field("kind", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("origin_date", pa.dictionary(pa.int8(), pa.string()), nullable=False),
    ]
)
"""Grain: one row per order or cancel, ordered by (ms, market, seq).

ms is milliseconds since midnight in Shanghai; seq orders the rows of one market and origin date;
price_e5 is 1/100000 yuan (0 for a cancel); qty is shares (for a cancel: what was taken out);
order_no names the order within (market, security); origin_date is the day on which it happened.
"""


class FlowEvent(NamedTuple):
    """One row of a flow; the fields are those of SCHEMA."""

    market: str
    security: str
    ms: int
    seq: int
    event: str
    side: str
    price_e5: int
    qty: int
    order_no: int
    kind: str
    origin_date: str


class TradePrint(NamedTuple):
    """One trade that the exchange published; the truth against which a replay is measured."""

    security: str
    ms: int
    price_e5: int
    qty: int
    buy_no: int
    sell_no: int


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """What one source gives for one day: the rebuilt orders and cancels, and the real trades."""

    events: list[FlowEvent]
    trades: list[TradePrint]


@dataclass(slots=True)
class _Order:
    side: str
    qty: int
    cancelled: int = 0


def require_sound(events: Iterable[FlowEvent]) -> dict[str, int]:
    """Check that a flow is consistent in itself.

    Every order comes once and before its cancels, cancels name an order of the same security and
    side, and never take out more than it had.

    Args:
        events: Rows in the order of the flow.

    Returns:
        Number of rows of each security.

    Raises:
        FlowError: If a row contradicts an earlier one.
    """
    orders: dict[tuple[str, str, int], _Order] = {}
    counts: dict[str, int] = {}
    for row in events:
        key = (row.market, row.security, row.order_no)
        where = f"flow: {row.market} {row.security} order {row.order_no} at seq {row.seq}"
        if row.qty <= 0:
            raise FlowError(f"{where}: quantity must be > 0, found {row.qty}")
        if row.event == NEW:
            if key in orders:
                raise FlowError(f"{where}: an order must come once, found it twice")
            if row.price_e5 <= 0:
                raise FlowError(f"{where}: price must be > 0, found {row.price_e5}")
            orders[key] = _Order(row.side, row.qty)
        else:
            order = orders.get(key)
            if order is None:
                raise FlowError(f"{where}: a cancel must name an earlier order, found none")
            order.cancelled += row.qty
            if order.side != row.side or order.cancelled > order.qty:
                raise FlowError(
                    f"{where}: cancels must have side {order.side} and take out at most "
                    f"{order.qty}, found side {row.side} and {order.cancelled}"
                )
        counts[row.security] = counts.get(row.security, 0) + 1
    return counts


def build_table(events: Sequence[FlowEvent]) -> pa.Table:
    """Return events as one table, in the order of SCHEMA's grain.

    Args:
        events: Rows in any order.

    Returns:
        The table.
    """
    ordered = sorted(events, key=lambda row: (row.ms, row.market, row.seq))
    columns = [
        pa.array([getattr(row, item.name) for row in ordered], type=_plain(item.type)).cast(
            item.type
        )
        for item in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def table_events(table: pa.Table) -> list[FlowEvent]:
    """Return the rows of a table as events.

    Args:
        table: Table of SCHEMA.

    Returns:
        One event for each row, in the same order.
    """
    columns = [table[name].to_pylist() for name in SCHEMA.names]
    return [FlowEvent(*row) for row in zip(*columns, strict=True)]


def load_flow_file(path: Path) -> pa.Table:
    """Load a flow that was written with `write_flow_file`.

    Args:
        path: Parquet file.

    Returns:
        The table.

    Raises:
        BadRecordError: If the file is no Parquet or has another schema.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise BadRecordError(path, 0, "", "a readable Parquet file", str(error)) from error
    for item in SCHEMA:
        if item.name not in table.column_names:
            raise BadRecordError(path, 0, item.name, "a column of the file", "none")
    return table.select(SCHEMA.names).cast(SCHEMA)


def write_flow_file(path: Path, table: pa.Table) -> None:
    """Write a flow as a small Parquet file.

    Args:
        path: File to write.
        table: Table of SCHEMA.
    """
    deltas = ["ms", "seq", "order_no", "price_e5", "qty"]
    words = [name for name in SCHEMA.names if name not in deltas]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[*words, "price_e5", "qty"],
        column_encoding=dict.fromkeys(["ms", "seq", "order_no"], "DELTA_BINARY_PACKED"),
        row_group_size=len(table) or 1,
    )
