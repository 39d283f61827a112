"""What a run left behind: the journal's records and the clients' events as plain rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from panshi.demo.parties import SESSIONS
from panshi.demo.reconciliation import Books, Cash, Fill, Order
from panshi.gate import journal
from panshi.venue.clients import CANCEL_REJECTED, CANCELLED, FILL, PRE_REJECTED, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from panshi.venue.clients import Event

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


@dataclass(slots=True)
class ClientEvidence:
    """What the clients were told."""

    fills: list[Fill] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    kinds: Counter[int] = field(default_factory=Counter)
    latencies_ns: list[int] = field(default_factory=list)


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


def read_events(events: Iterable[Event]) -> ClientEvidence:
    """Sort what the clients were told.

    Args:
        events: Events in the order of arrival.

    Returns:
        Fills, refusals outside and inside the streams, what was answered and how late.
    """
    found = ClientEvidence()
    for event in events:
        found.kinds[event.kind] += 1
        found.answered.add(event.cl_ord_id)
        if event.latency_ns:
            found.latencies_ns.append(event.latency_ns)
        if event.kind == FILL:
            market = SESSIONS[event.session].market
            found.fills.append(
                Fill(market, event.cl_ord_id, event.exec_id, event.price_e5, event.qty_e3 // E3)
            )
        elif event.kind == CANCELLED:
            # An order that the gate still held back is ended by its cancel without a word before.
            found.answered.add(event.orig_cl_ord_id or event.cl_ord_id)
        elif event.kind in {PRE_REJECTED, REJECTED, CANCEL_REJECTED}:
            found.refused[event.cl_ord_id] = event.code
    return found


def percentiles_us(latencies_ns: list[int]) -> dict[str, float]:
    """Return percentiles in microseconds.

    Args:
        latencies_ns: Times in nanoseconds, in any order.

    Returns:
        Percentiles by name; empty when there are no times.
    """
    if not latencies_ns:
        return {}
    ordered = sorted(latencies_ns)
    last = len(ordered) - 1
    places = {"p50": 500, "p90": 900, "p99": 990, "p99_9": 999, "max": 1000}
    return {name: ordered[last * share // 1000] / 1000 for name, share in places.items()}


def gate_latency_us(status: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the gate's own latencies in microseconds.

    Args:
        status: The gate's status.

    Returns:
        Count and percentiles by stage.
    """
    shares = {"p50": "p50_ns", "p99": "p99_ns", "p99_9": "p99_9_ns", "max": "max_ns"}
    return {
        name: {"count": row["count"]} | {share: row[key] / 1000 for share, key in shares.items()}
        for name, row in status.get("latency", {}).items()
    }
