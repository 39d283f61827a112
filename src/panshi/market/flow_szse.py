"""Rebuild the orders of an SZSE day from its trades and cancels alone.

The order feed of SZSE was not to be had. But an order's number is its place in the same sequence
as trades and cancels, so that numbers tell between which two events it arrived. From that:

- quantity: what it traded plus what was cancelled. A rest that stood at the close is not seen,
  and neither is an order that nothing ever happened to.
- time: that of the next event in the sequence when that event is the order's own; otherwise that
  of the event before it. Both bounds are mostly the same 10 ms.
- price: exact where the order traded as the passive side of continuous trading; the worst fill
  where it only took; for an order that never traded, an estimate a few ticks behind the best
  price that traded while it stood, so that in a replay it does not trade either.
"""

from __future__ import annotations

import bisect
import csv
import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panshi.domain.clock import parse_day_ms
from panshi.domain.errors import BadRecordError, FlowError
from panshi.domain.units import round_half_up
from panshi.market.flow import (
    CANCEL,
    ESTIMATED,
    EXACT,
    NEW,
    REBUILT,
    FlowEvent,
    RecordedDay,
    TradePrint,
)

if TYPE_CHECKING:
    from pathlib import Path

FILE = "szse_l2/trades_000001SZ_600000SH_20230201.zip"
MEMBER = "tradeData.csv"
TICK_E5 = 1_000
AUCTION_MS = (parse_day_ms("09:25:00"), parse_day_ms("15:00:00"))
OPEN_MS = parse_day_ms("09:30:00")
ESTIMATE_TICKS = 5
"""Estimated prices are spread over so many ticks, by the order's number."""


@dataclass(frozen=True, slots=True)
class SzseEvent:
    """One trade or cancel of the feed; a cancel has one of the two numbers, the other is 0."""

    seq: int
    ms: int
    is_cancel: bool
    buy_no: int
    sell_no: int
    price_e5: int
    qty: int


@dataclass(slots=True)
class _Order:
    side: str
    qty: int = 0
    passive_e5: int = 0
    worst_e5: int = 0
    cancel_seq: int = 0


@dataclass(slots=True)
class _Prices:
    """Prices of the continuous trades by sequence, to find the extremes of a stretch."""

    seqs: list[int] = field(default_factory=list)
    prices_e5: list[int] = field(default_factory=list)


def load_szse_day(folder: Path, security: str, date: str) -> RecordedDay:
    """Load and rebuild one security and day of SZSE.

    Args:
        folder: Folder of market data.
        security: Code of the security.
        date: Day, YYYY-MM-DD.

    Returns:
        Orders, cancels and trades.

    Raises:
        BadRecordError: If the file is missing, damaged or lacks a column, or a cell does not hold.
    """
    path = folder / FILE
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
            reader = csv.DictReader(io.TextIOWrapper(member, "utf-8"))
            events = [
                _parse(path, reader.line_num, cells)
                for cells in reader
                if cells.get("SecurityID") == security
            ]
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise BadRecordError(path, 0, "", f"a zip file with {MEMBER}", str(error)) from error
    if not events:
        raise BadRecordError(path, 0, "SecurityID", f"rows of {security}", "none")
    events.sort(key=lambda event: event.seq)
    return rebuild_szse_orders(security, date, events)


def _parse(path: Path, line: int, cells: dict[str, str]) -> SzseEvent:
    name = ""
    try:
        name = "TradeTime"
        day_ms = parse_day_ms(cells[name].partition("T")[2])
        numbers: dict[str, int] = {}
        for name in ("ApplSeqNum", "BidApplSeqNum", "OfferApplSeqNum", "TradeQty"):
            numbers[name] = int(cells[name])
        name = "TradePrice"
        price_e5 = parse_float_price_e5(cells[name])
        name = "ExecType"
        is_cancel = {"4": True, "F": False}[cells[name]]
    except (KeyError, TypeError, ValueError) as error:
        expected = "there and a value of its kind"
        raise BadRecordError(path, line, name, expected, repr(cells.get(name))) from error
    return SzseEvent(
        seq=numbers["ApplSeqNum"],
        ms=day_ms,
        is_cancel=is_cancel,
        buy_no=numbers["BidApplSeqNum"],
        sell_no=numbers["OfferApplSeqNum"],
        price_e5=price_e5,
        qty=numbers["TradeQty"],
    )


def parse_float_price_e5(text: str) -> int:
    """Parse a price that was written from a binary float, to the nearest tick.

    >>> parse_float_price_e5("14.699999999999999")
    1470000

    Args:
        text: Decimal number of yuan, not negative.

    Returns:
        Price in 1/100000 yuan, a multiple of 0.01 yuan.

    Raises:
        ValueError: If the text is not a decimal number.
    """
    whole, _, part = text.partition(".")
    scaled = int(whole + part) if part else int(whole)
    return round_half_up(scaled * 100, 10 ** len(part)) * TICK_E5


def rebuild_szse_orders(security: str, date: str, events: list[SzseEvent]) -> RecordedDay:
    """Rebuild the orders of one security and day.

    Args:
        security: Code of the security.
        date: Day, YYYY-MM-DD.
        events: Trades and cancels in the order of their sequence numbers.

    Returns:
        Orders, cancels and trades.
    """
    orders = _collect_orders(events)
    arrivals = _estimate_arrivals(events, sorted(orders))
    prices = _Prices()
    for event in events:
        if not event.is_cancel:
            prices.seqs.append(event.seq)
            prices.prices_e5.append(event.price_e5)
    flow: list[FlowEvent] = []
    for order_no, order in orders.items():
        price_e5, kind = _price(order_no, order, prices)
        flow.append(
            FlowEvent(
                "szse", security, arrivals[order_no], order_no, NEW, order.side, price_e5,
                order.qty, order_no, kind, date,
            )
        )  # fmt: skip
    for event in events:
        if event.is_cancel:
            order_no = event.buy_no or event.sell_no
            side = orders[order_no].side
            flow.append(
                FlowEvent(
                    "szse", security, event.ms, event.seq, CANCEL, side, 0, event.qty, order_no,
                    EXACT, date,
                )
            )  # fmt: skip
    flow.sort(key=lambda row: row.seq)
    trades = [
        TradePrint(security, one.ms, one.price_e5, one.qty, one.buy_no, one.sell_no)
        for one in events
        if not one.is_cancel
    ]
    return RecordedDay(flow, trades)


def _collect_orders(events: list[SzseEvent]) -> dict[int, _Order]:
    orders: dict[int, _Order] = {}
    for event in events:
        newer = max(event.buy_no, event.sell_no)
        for side, order_no in (("B", event.buy_no), ("S", event.sell_no)):
            if order_no == 0:
                continue
            order = orders.setdefault(order_no, _Order(side))
            order.qty += event.qty
            if event.is_cancel:
                order.cancel_seq = event.seq
                continue
            if order_no != newer and event.ms not in AUCTION_MS:
                order.passive_e5 = event.price_e5
            worse = max if side == "B" else min
            order.worst_e5 = worse(order.worst_e5 or event.price_e5, event.price_e5)
    return orders


def _estimate_arrivals(events: list[SzseEvent], order_nos: list[int]) -> dict[int, int]:
    """Return the time of each order, walking orders and events by their common sequence."""
    arrivals: dict[int, int] = {}
    at = 0
    before_ms = events[0].ms
    arrived_ms = 0
    for order_no in order_nos:
        while at < len(events) and events[at].seq < order_no:
            before_ms = events[at].ms
            at += 1
        following = events[at] if at < len(events) else events[-1]
        is_own = order_no in (following.buy_no, following.sell_no)
        # Between the two auctions nobody trades at 09:25, so an own trade there is no arrival.
        is_auction = not following.is_cancel and following.ms in AUCTION_MS
        bound_ms = following.ms if is_own and not is_auction else before_ms
        # Numbers rise with time, so no order arrived before one with a smaller number.
        arrived_ms = max(arrived_ms, bound_ms)
        arrivals[order_no] = arrived_ms
    return arrivals


def _price(order_no: int, order: _Order, prices: _Prices) -> tuple[int, str]:
    if order.passive_e5:
        # It stood at this price, unless it traded at worse ones before it came to stand.
        return order.passive_e5, EXACT
    if order.worst_e5:
        return order.worst_e5, REBUILT
    return _estimate(order_no, order, prices), ESTIMATED


def _estimate(order_no: int, order: _Order, prices: _Prices) -> int:
    """Return a price behind every trade between the order's arrival and its cancel."""
    first = _index_at(prices.seqs, order_no)
    last = max(_index_at(prices.seqs, order.cancel_seq), first + 1)
    if not prices.seqs:
        raise FlowError(f"flow: order {order_no} needs a trade of the day to estimate its price")
    # The last trade before the order counts too, for nothing may trade while it stands.
    stretch = prices.prices_e5[max(first - 1, 0) : last] or prices.prices_e5[-1:]
    ticks = (1 + order_no % ESTIMATE_TICKS) * TICK_E5
    return min(stretch) - ticks if order.side == "B" else max(stretch) + ticks


def _index_at(seqs: list[int], seq: int) -> int:
    return bisect.bisect_left(seqs, seq)
