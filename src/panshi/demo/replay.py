"""A plain price-time replay of a recorded flow, to measure how much of the real day it yields.

This is a yardstick for the rebuilt orders and nothing else: the simulated exchange has a
matching engine of its own.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panshi.domain.clock import parse_day_ms
from panshi.market.flow import NEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.market.flow import FlowEvent, TradePrint

CALL_ENDS = (
    (parse_day_ms("09:15:00"), parse_day_ms("09:25:00")),
    (parse_day_ms("14:57:00"), parse_day_ms("15:00:00")),
)
"""Call auctions: orders gather from the first moment and match at the second."""

Match = tuple[int, int, int, int]
"""A trade as it is compared: buy order, sell order, price in 1/100000 yuan, quantity."""


@dataclass(slots=True)
class Book:
    """One security's book; the heaps hold (price, arrival, order number), best first."""

    bids: list[tuple[int, int, int]] = field(default_factory=list)
    asks: list[tuple[int, int, int]] = field(default_factory=list)
    open_qty: dict[int, int] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    arrivals: int = 0

    def add(self, row: FlowEvent) -> None:
        """Put an order into the book without matching."""
        self.arrivals += 1
        self.open_qty[row.order_no] = row.qty
        if row.side == "B":
            heapq.heappush(self.bids, (-row.price_e5, self.arrivals, row.order_no))
        else:
            heapq.heappush(self.asks, (row.price_e5, self.arrivals, row.order_no))

    def cancel(self, order_no: int) -> None:
        """Take out what is left of an order."""
        self.open_qty.pop(order_no, None)

    def match(self, auction_price_e5: int | None = None) -> None:
        """Match while the best prices cross, at the auction price or that of the older order."""
        while self._drop_finished(self.bids) and self._drop_finished(self.asks):
            (bid, bid_age, buy_no), (ask_e5, ask_age, sell_no) = self.bids[0], self.asks[0]
            bid_e5 = -bid
            if bid_e5 < ask_e5:
                return
            price_e5 = auction_price_e5 or (bid_e5 if bid_age < ask_age else ask_e5)
            if not ask_e5 <= price_e5 <= bid_e5:
                return
            qty = min(self.open_qty[buy_no], self.open_qty[sell_no])
            self.matches.append((buy_no, sell_no, price_e5, qty))
            for order_no in (buy_no, sell_no):
                self.open_qty[order_no] -= qty
                if self.open_qty[order_no] == 0:
                    del self.open_qty[order_no]

    def _drop_finished(self, heap: list[tuple[int, int, int]]) -> bool:
        while heap and heap[0][2] not in self.open_qty:
            heapq.heappop(heap)
        return bool(heap)

    def auction_price_e5(self) -> int | None:
        """Return the price of a call auction: most volume, then least left over, then lowest.

        Orders with a better price than it must all trade.
        """
        bids = self._levels(self.bids, -1)
        asks = self._levels(self.asks, 1)
        best: tuple[int, int, int] | None = None
        for price_e5 in sorted(bids.keys() | asks.keys()):
            demand = sum(qty for price, qty in bids.items() if price >= price_e5)
            supply = sum(qty for price, qty in asks.items() if price <= price_e5)
            volume = min(demand, supply)
            if volume < max(demand - bids.get(price_e5, 0), supply - asks.get(price_e5, 0)):
                continue
            score = (-volume, abs(demand - supply), price_e5)
            if volume and (best is None or score < best):
                best = score
        return best[2] if best else None

    def _levels(self, heap: list[tuple[int, int, int]], sign: int) -> dict[int, int]:
        levels: dict[int, int] = {}
        for price, _, order_no in heap:
            if order_no in self.open_qty:
                levels[price * sign] = levels.get(price * sign, 0) + self.open_qty[order_no]
        return levels


def replay(events: Iterable[FlowEvent], until_ms: int) -> dict[str, list[Match]]:
    """Replay a flow of one market.

    Args:
        events: Rows in the order of the flow.
        until_ms: Moment at which the replay ends; an auction that ends by then is matched.

    Returns:
        Trades of each security, in the order in which they came about.
    """
    books: dict[str, Book] = {}
    auctions = [end for _, end in CALL_ENDS if end <= until_ms]
    for row in events:
        while auctions and row.ms >= auctions[0]:
            _run_auctions(books)
            auctions.pop(0)
        book = books.setdefault(row.security, Book())
        if row.event == NEW:
            book.add(row)
            if not _is_call(row.ms):
                book.match()
        else:
            book.cancel(row.order_no)
    if auctions:
        _run_auctions(books)
    return {security: book.matches for security, book in books.items()}


def _run_auctions(books: dict[str, Book]) -> None:
    for book in books.values():
        price_e5 = book.auction_price_e5()
        if price_e5 is not None:
            book.match(price_e5)


def _is_call(ms: int) -> bool:
    return any(start <= ms < end for start, end in CALL_ENDS)


@dataclass(frozen=True, slots=True)
class ReplayShare:
    """How much of the real trades a replay yields, in trades and in shares."""

    real_trades: int
    same_trades: int
    real_qty: int
    same_pair_qty: int
    replayed_qty: int

    @property
    def trades_bp(self) -> int:
        """Share of real trades that came about with the same orders, price and quantity."""
        return self.same_trades * 10_000 // max(self.real_trades, 1)

    @property
    def qty_bp(self) -> int:
        """Share of the real quantity that traded between the same two orders."""
        return self.same_pair_qty * 10_000 // max(self.real_qty, 1)


def compare(trades: Iterable[TradePrint], matches: Iterable[Match]) -> ReplayShare:
    """Compare the real trades of a security with those of a replay.

    Args:
        trades: What the exchange published.
        matches: What the replay yielded.

    Returns:
        The shares.
    """
    real = [(one.buy_no, one.sell_no, one.price_e5, one.qty) for one in trades]
    replayed = list(matches)
    real_pairs, replayed_pairs = _by_pair(real), _by_pair(replayed)
    return ReplayShare(
        real_trades=len(real),
        same_trades=len(set(real) & set(replayed)),
        real_qty=sum(one[3] for one in real),
        same_pair_qty=sum(
            min(qty, replayed_pairs.get(pair, 0)) for pair, qty in real_pairs.items()
        ),
        replayed_qty=sum(one[3] for one in replayed),
    )


def _by_pair(matches: list[Match]) -> dict[tuple[int, int], int]:
    pairs: dict[tuple[int, int], int] = {}
    for buy_no, sell_no, _, qty in matches:
        pairs[buy_no, sell_no] = pairs.get((buy_no, sell_no), 0) + qty
    return pairs
