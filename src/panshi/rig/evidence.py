"""What a gate's journal says of a day, as plain rows for a computation of one's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from panshi.gate import journal
from panshi.rig.reconciliation import Books, Cash, Fill, Order
from panshi.venue.clients import FILL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa


E3 = 1000
FILL_COLUMNS = ("market", "cl_ord_id", "exec_id", "last_px_e5", "last_qty_e3")


@dataclass(slots=True)
class JournalEvidence:
    """What the journal says of a day."""

    orders: dict[tuple[int, str], Order] = field(default_factory=dict)
    arrived: list[str] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    books: Books = field(default_factory=Books)
    totals: dict[str, int] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    anomalies: Counter[int] = field(default_factory=Counter)
    stream_reports: int = 0


def _rows(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def read_journal(folder: Path) -> JournalEvidence:
    """Read the records that reconciliation needs.

    Args:
        folder: The journal.

    Returns:
        Its orders, fills, totals and refusals.

    Raises:
        BadInputError: If the journal is corrupt.
    """
    kinds = [
        "NewOrder", "CancelOrder", "Report", "Refuse", "Anomaly", "LoadAccount", "CashTotal",
        "HoldingTotal", "DayTotal",
    ]  # fmt: skip
    tables = journal.read(folder, kinds)
    found = JournalEvidence()
    owners = {
        (market, account): customer
        for market, account, customer in _rows(
            tables["LoadAccount"], "market", "account", "customer"
        )
    }
    for market, cl_ord_id, account, security, side in _rows(
        tables["NewOrder"], "market", "cl_ord_id", "account", "security_id", "side"
    ):
        customer = owners.get((market, account), 0)
        found.orders[market, cl_ord_id] = Order(account, customer, security, _text(side))
    requests = [tables["NewOrder"], tables["CancelOrder"]]
    found.arrived = [
        cl_ord_id
        for _, cl_ord_id in sorted(
            row for one in requests for row in _rows(one, "journal_sequence", "cl_ord_id")
        )
    ]
    reports = tables["Report"]
    for kind, index, *fill in _rows(reports, "kind", "report_index", *FILL_COLUMNS):
        found.stream_reports += index > 0
        if kind == FILL:
            market, cl_ord_id, exec_id, price_e5, qty_e3 = fill
            found.fills.append(Fill(market, cl_ord_id, exec_id, price_e5, qty_e3 // E3))
    found.refused.update(tables["Refuse"]["code"].to_pylist())
    found.anomalies.update(tables["Anomaly"]["code"].to_pylist())
    _read_totals(tables, found)
    return found


def _text(value: object) -> str:
    """Return a one-character column as text, whether the journal keeps it as number or text."""
    return chr(value) if isinstance(value, int) else str(value)


def _read_totals(tables: dict[str, pa.Table], found: JournalEvidence) -> None:
    for customer, *cash in _rows(tables["CashTotal"], "customer", *Cash._fields):
        found.books.cash[customer] = Cash(*cash)
    for market, account, code, qty, frozen in _rows(
        tables["HoldingTotal"], "market", "account", "code", "total_qty", "frozen_qty"
    ):
        found.books.holdings[market, account, code] = qty
        if frozen:
            found.totals["frozen_holdings"] = found.totals.get("frozen_holdings", 0) + 1
    totals = tables["DayTotal"]
    if len(totals) == 1:
        found.totals |= {
            name: int(totals[name][0].as_py())
            for name in totals.column_names
            if name in {"orders", "cancels", "forwarded", "refused", "reports", "fills", "expired"}
        }
