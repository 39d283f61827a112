"""What a gate's journal says of a day, as plain rows for a computation of one's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panshi.gate import journal
from panshi.rig.reconciliation import BUY, Books, Cash, Fill, Order
from panshi.rig.small_day import SSE
from panshi.venue.clients import FILL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa


E3: Final = 1000
REPORT_COLUMNS: Final = (
    "journal_sequence", "kind", "market", "gateway", "stream_pbu", "set_id", "report_index",
    "cl_ord_id", "exec_id", "last_px_e5", "last_qty_e3",
)  # fmt: skip
UNBOOKED: Final = {32002, 32003, 32006, 32010}
"""Anomalies of a fill that is not booked: unknown order, too much, booked before, finished."""
FILL_PRICE: Final = 32004
"""Anomaly of a fill outside the limits, or worse than its order; the second is not booked."""

StreamKey = tuple[int, str, int]
"""Market; in Shanghai the PBU, in Shenzhen the gateway's number; set or partition."""


@dataclass(slots=True)
class JournalEvidence:
    """What the journal says of a day.

    Attributes:
        orders: Every new order.
        prices_e5: Its limit, 0 without one.
        arrived: ClOrdIDs of all requests in the order of their arrival.
        passed: ClOrdIDs of the requests that were sent to the exchange, by market.
        own_cancels: ClOrdIDs of the cancels that the gate has made itself.
        fills: Fills that changed cash and shares.
        told_fills: Fills that were told to a client, also those that were not booked.
        streams: Indices of the exchange's streams that were applied.
        delivered: Reports that were given a place in a client's stream.
        books: Cash and shares at the close.
        totals: Totals of the day, empty while it is open.
        refused: Refusals by code.
        anomalies: Anomalies by code.
        causes: Causes of changed trading states by code.
    """

    orders: dict[tuple[int, str], Order] = field(default_factory=dict)
    prices_e5: dict[tuple[int, str], int] = field(default_factory=dict)
    arrived: list[str] = field(default_factory=list)
    passed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    own_cancels: set[str] = field(default_factory=set)
    fills: list[Fill] = field(default_factory=list)
    told_fills: list[Fill] = field(default_factory=list)
    streams: dict[StreamKey, set[int]] = field(default_factory=lambda: defaultdict(set))
    delivered: int = 0
    books: Books = field(default_factory=Books)
    totals: dict[str, int] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    anomalies: Counter[int] = field(default_factory=Counter)
    causes: Counter[int] = field(default_factory=Counter)

    @property
    def stream_reports(self) -> int:
        """Reports of all streams, each once."""
        return sum(map(len, self.streams.values()))


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
        "HoldingTotal", "DayTotal", "Forward", "ForwardCancel", "Deliver", "StateChanged",
        "Recovered",
    ]  # fmt: skip
    tables = journal.read(folder, kinds)
    found = JournalEvidence()
    _read_requests(tables, found)
    _read_reports(tables, found)
    found.refused.update(tables["Refuse"]["code"].to_pylist())
    found.anomalies.update(tables["Anomaly"]["code"].to_pylist())
    found.causes.update(tables["StateChanged"]["cause"].to_pylist())
    found.delivered = sum(index > 0 for index in tables["Deliver"]["report_index"].to_pylist())
    _read_totals(tables, found)
    return found


def _read_requests(tables: dict[str, pa.Table], found: JournalEvidence) -> None:
    owners = {
        (market, account): customer
        for market, account, customer in _rows(
            tables["LoadAccount"], "market", "account", "customer"
        )
    }
    for market, cl_ord_id, account, security, side, price_e5 in _rows(
        tables["NewOrder"], "market", "cl_ord_id", "account", "security_id", "side", "price_e5"
    ):
        customer = owners.get((market, account), 0)
        key = (market, cl_ord_id)
        # A second order under a number that is taken is refused and changes nothing.
        found.orders.setdefault(key, Order(account, customer, security, _text(side)))
        found.prices_e5.setdefault(key, price_e5)
    requests = {
        sequence: (market, cl_ord_id)
        for one in (tables["NewOrder"], tables["CancelOrder"])
        for sequence, market, cl_ord_id in _rows(one, "journal_sequence", "market", "cl_ord_id")
    }
    found.arrived = [cl_ord_id for _, (_, cl_ord_id) in sorted(requests.items())]
    sent = [
        *tables["Forward"]["input_seq"].to_pylist(),
        *tables["Recovered"]["input_seq"].to_pylist(),
    ]
    for sequence in sent:
        market, cl_ord_id = requests[sequence]
        found.passed[market].add(cl_ord_id)
    for order_sequence, cause, cl_ord_id in _rows(
        tables["ForwardCancel"], "order_seq", "input_seq", "cl_ord_id"
    ):
        found.passed[requests[order_sequence][0]].add(cl_ord_id)
        if cause == 0:
            found.own_cancels.add(cl_ord_id)


def _read_reports(tables: dict[str, pa.Table], found: JournalEvidence) -> None:
    odd: dict[int, set[int]] = defaultdict(set)
    for sequence, code in _rows(tables["Anomaly"], "input_seq", "code"):
        odd[sequence].add(code)
    last: dict[StreamKey, int] = defaultdict(int)
    for row in _rows(tables["Report"], *REPORT_COLUMNS):
        sequence, kind, market, gateway, pbu, set_id, index, *fill = row
        if index:
            stream = (market, pbu if market == SSE else str(gateway), set_id)
            # What comes behind its place in the stream is a repeat and has no effect.
            if index <= last[stream]:
                continue
            last[stream] = index
            found.streams[stream].add(index)
        if kind != FILL:
            continue
        cl_ord_id, exec_id, price_e5, qty_e3 = fill
        one = Fill(market, cl_ord_id, exec_id, price_e5, qty_e3 // E3)
        if (market, cl_ord_id) in found.orders:
            found.told_fills.append(one)
        if not odd[sequence] & UNBOOKED and not (
            FILL_PRICE in odd[sequence] and _is_worse(one, found)
        ):
            found.fills.append(one)


def _is_worse(fill: Fill, found: JournalEvidence) -> bool:
    """Return whether a fill is worse than its order's own limit."""
    key = (fill.market, fill.cl_ord_id)
    limit_e5 = found.prices_e5.get(key, 0)
    if limit_e5 == 0 or key not in found.orders:
        return False
    over_e5 = fill.price_e5 - limit_e5
    return over_e5 > 0 if found.orders[key].side == BUY else over_e5 < 0


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
