"""Whether every share and every fen is where it must be, found by a road of its own.

Cash and holdings are computed again with plain integers: from the opening values that the demo
chose, the orders and fills in the journal, and the rulebook's fees of each order. Nothing of the
engine's arithmetic is used. The result is compared with the gate's totals and with what the
clients were told; and since every order of the simulated market is the demo's own, each trade of
the exchange must have one buyer and one seller.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from panshi.domain.units import E5
from panshi.domain.words import Board, Market, Product, Scope, Side
from panshi.rulebook.fees import compute_fees, load_fee_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panshi.rulebook.book import RulesInForce

BUY, SELL = "1", "2"
MARKETS: Final = {1: Market.SSE, 2: Market.SZSE}

HoldingKey = tuple[int, str, str]
"""Market, account, security."""
OrderKey = tuple[int, str]
"""Market and ClOrdID; the prefixes of the clients keep the ids of different PBUs apart."""


class Fill(NamedTuple):
    """One side of a trade."""

    market: int
    cl_ord_id: str
    exec_id: str
    price_e5: int
    qty: int


class Order(NamedTuple):
    """What a fill must be booked to."""

    account: str
    customer: int
    security: str
    side: str


class Cash(NamedTuple):
    """A customer's cash at the close."""

    available_e5: int
    frozen_e5: int
    bought_e5: int
    sold_e5: int
    fees_e5: int


@dataclass(slots=True)
class Books:
    """Cash by customer and shares by account and security."""

    cash: dict[int, Cash] = field(default_factory=dict)
    holdings: dict[HoldingKey, int] = field(default_factory=dict)


class FeeTable:
    """Fees of orders in main-board shares, from the rulebook."""

    def __init__(self, rules: RulesInForce) -> None:
        """Load the schedules.

        Args:
            rules: Rules of the trade date.

        Raises:
            RuleMissingError: If a row is not in force.
        """
        self._schedules = {
            (number, side): load_fee_schedule(
                rules, Scope(market, Board.MAIN, Product.STOCK), words
            )
            for number, market in MARKETS.items()
            for side, words in ((BUY, Side.BUY), (SELL, Side.SELL))
        }

    def fee_e5(self, market: int, side: str, amount_e5: int) -> int:
        """Return all fees of one order.

        Args:
            market: 1 SSE, 2 SZSE.
            side: 1 buy, 2 sell.
            amount_e5: Its whole traded amount.

        Returns:
            The fees; those of a sale take no more than what it brought.
        """
        total_e5 = compute_fees(self._schedules[market, side], amount_e5).total_e5
        return min(total_e5, amount_e5) if side == SELL else total_e5


def compute_books(
    opening_cash_e5: Mapping[int, int],
    opening_qty: Mapping[HoldingKey, int],
    orders: Mapping[OrderKey, Order],
    fills: Iterable[Fill],
    fees: FeeTable,
) -> tuple[Books, list[str]]:
    """Compute cash and holdings at the close.

    Args:
        opening_cash_e5: Cash of each customer at the open.
        opening_qty: Shares of each holding at the open.
        orders: Every order of the day.
        fills: Every fill of the day.
        fees: Fees of an order.

    Returns:
        The books, and what could not be booked.
    """
    amounts: dict[OrderKey, int] = defaultdict(int)
    holdings: dict[HoldingKey, int] = defaultdict(int, opening_qty)
    wrong: list[str] = []
    for fill in fills:
        key = (fill.market, fill.cl_ord_id)
        order = orders.get(key)
        if order is None:
            wrong.append(f"fill {fill.exec_id}: must name an order, found {fill.cl_ord_id}")
            continue
        amounts[key] += fill.price_e5 * fill.qty
        sign = 1 if order.side == BUY else -1
        holdings[fill.market, order.account, order.security] += sign * fill.qty
    bought: dict[int, int] = defaultdict(int)
    sold: dict[int, int] = defaultdict(int)
    charged: dict[int, int] = defaultdict(int)
    for key, amount_e5 in amounts.items():
        order = orders[key]
        (bought if order.side == BUY else sold)[order.customer] += amount_e5
        charged[order.customer] += fees.fee_e5(key[0], order.side, amount_e5)
    cash = {
        customer: Cash(
            opening_e5 + sold[customer] - bought[customer] - charged[customer],
            0,
            bought[customer],
            sold[customer],
            charged[customer],
        )
        for customer, opening_e5 in opening_cash_e5.items()
    }
    return Books(cash, dict(holdings)), wrong


def compare_books(expected: Books, found: Books) -> list[str]:
    """List every difference between computed books and the gate's totals.

    Args:
        expected: Books as computed here.
        found: Books as the gate has them.

    Returns:
        One text for each difference; empty when there is none.
    """
    differences: list[str] = []
    for customer in sorted(expected.cash.keys() | found.cash.keys()):
        own, gate = expected.cash.get(customer), found.cash.get(customer)
        if own is None or gate is None:
            differences.append(f"customer {customer}: computed {own}, gate {gate}")
            continue
        for name, left, right in zip(Cash._fields, own, gate, strict=True):
            if left != right:
                differences.append(
                    f"customer {customer}, {name}: computed {_yuan(left)}, gate {_yuan(right)}"
                )
    for key in sorted(expected.holdings.keys() | found.holdings.keys()):
        left, right = expected.holdings.get(key, 0), found.holdings.get(key, 0)
        if left != right:
            _, account, security = key
            differences.append(f"{account} {security}: computed {left} shares, gate {right}")
    return differences


def _yuan(value_e5: int) -> str:
    return f"{value_e5 / E5:.5f}" if abs(value_e5) < E5**3 else str(value_e5)


def compare_fills(journal: Iterable[Fill], clients: Iterable[Fill]) -> list[str]:
    """List the fills that the journal has and the clients were not told, and the reverse.

    Args:
        journal: Fills as the gate journaled them.
        clients: Fills as the clients were told.

    Returns:
        One text for each difference.
    """
    left, right = Counter(journal), Counter(clients)
    return [
        *(f"fill {fill}: in the journal, not told to the client" for fill in (left - right)),
        *(f"fill {fill}: told to the client, not in the journal" for fill in (right - left)),
    ]


def compare_sides(fills: Iterable[Fill], orders: Mapping[OrderKey, Order]) -> list[str]:
    """List the securities in which the simulated market did not sell what it bought.

    Shanghai numbers a trade once, so there each trade is looked at; Shenzhen numbers every report,
    so there the sums of shares and money of each security are.

    Args:
        fills: Every fill of the day.
        orders: Every order of the day.

    Returns:
        One text for each difference.
    """
    sides: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for fill in fills:
        order = orders.get((fill.market, fill.cl_ord_id))
        if order is None:
            continue
        trade = fill.exec_id if MARKETS[fill.market] is Market.SSE else ""
        sums = sides[fill.market, order.security, trade]
        first = 0 if order.side == BUY else 2
        sums[first] += fill.qty
        sums[first + 1] += fill.price_e5 * fill.qty
    return [
        f"{MARKETS[market]} {security} {trade}: bought {sums[:2]}, sold {sums[2:]} (shares, e5)"
        for (market, security, trade), sums in sides.items()
        if sums[:2] != sums[2:]
    ]
