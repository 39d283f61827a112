"""Real orders given to simulated customers by a seeded rule.

For each security the customers are split into buyers and sellers, so that nobody would trade with
himself: the gate refuses that, and the recorded flow does not tell whose orders met. Most customers
of a security reach the gate over one session, its home, and a few over another: the clients keep
the sequence of a security across sessions by waiting for answers, which costs time at each change.

A sale that is no multiple of 100 shares goes to a seller who sells nothing else of the security,
because only one holding's odd rest can be sold, and only whole. A purchase that is no multiple is
less than what was sent, since the exchange takes no such order: see `send_as`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panshi.demo.parties import MARKETS, ODD_LOT_SELLERS, SSE, TRADERS, build_accounts
from panshi.domain.clock import MS_NS
from panshi.market.flow import NEW, REBUILT
from panshi.venue.clients import CANCEL, ORDER, Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.demo.parties import Account
    from panshi.market.flow import FlowEvent

LOT: Final = 100
ID_DIGITS: Final = 9
E3: Final = 1000
LIMIT, BEST_FIVE = "2", "1"
"""Order types as they are written on the Shanghai wire; the first also in Shenzhen."""
AWAY_IN: Final = 64
"""One order in so many of a security comes over another session than the security's home."""


class IdSeries:
    """ClOrdIDs of ten characters: the session's prefix and a running number."""

    def __init__(self) -> None:
        """Start every prefix at 1."""
        self._last: dict[str, int] = {}

    def take(self, prefix: str) -> str:
        """Return the next id of a prefix."""
        number = self._last.get(prefix, 0) + 1
        self._last[prefix] = number
        return f"{prefix}{number:0{ID_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Assigned:
    """The recorded flow as actions, and what each account needs so that it can act them."""

    actions: list[Action]
    accounts: dict[tuple[int, int], Account]
    buys_e5: dict[int, int]
    buy_count: dict[int, int]
    sells: dict[tuple[int, int, str], int]
    order_nos: dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Pools:
    """Who may trade one security: by side over its home session and over others, and odd lots."""

    home: dict[str, list[int]]
    away: dict[str, list[int]]
    odd: list[int]


class Assignment:
    """The seeded rule."""

    def __init__(self, seed: int, ids: IdSeries) -> None:
        """Start with nobody assigned.

        Args:
            seed: Seed of every choice.
            ids: Where ClOrdIDs come from.
        """
        self._random = random.Random(seed)  # noqa: S311 - the choice must be repeatable
        self._ids = ids
        self.accounts = build_accounts()
        self._pools: dict[tuple[int, str], _Pools] = {}

    def _customer(self, market: int, security: str, side: str, qty: int) -> int:
        pools = self._pools.get((market, security))
        if pools is None:
            pools = self._build_pools(market)
            self._pools[market, security] = pools
        if side == "S" and qty % LOT and pools.odd:
            return pools.odd.pop()
        away = self._random.randrange(AWAY_IN) == 0
        return self._random.choice((pools.away if away else pools.home)[side])

    def _build_pools(self, market: int) -> _Pools:
        """Split the customers for one more security of a market; homes take turns."""
        sessions = sorted({self._session(market, one) for one in TRADERS})
        home = sessions[sum(known == market for known, _ in self._pools) % len(sessions)]
        everybody = list(TRADERS)
        self._random.shuffle(everybody)
        at_home = [one for one in everybody if self._session(market, one) == home]
        away = [one for one in everybody if self._session(market, one) != home]
        # The last of the list comes first.
        odd = sorted(ODD_LOT_SELLERS, key=lambda one: self._session(market, one) == home)
        return _Pools(_halve(at_home), _halve(away), odd)

    def _session(self, market: int, customer: int) -> int:
        return self.accounts[market, customer].session.place

    def assign(self, events: Iterable[FlowEvent]) -> Assigned:
        """Turn recorded orders and cancels into actions of simulated customers.

        Args:
            events: Rows in the order of the flow; a cancel whose order is not among them is left
                out.

        Returns:
            The actions in the same order, with opening needs by customer and account.
        """
        found = Assigned([], self.accounts, {}, {}, {}, {})
        orders: dict[tuple[str, str, int], Action] = {}
        for row in events:
            key = (row.market, row.security, row.order_no)
            if row.event == NEW:
                action = self._order(row)
                orders[key] = action
                self._need(found, row, action)
                found.order_nos[action.cl_ord_id] = (row.security, row.order_no)
            elif key in orders:
                action = self._cancel(row, orders[key])
            else:
                continue
            found.actions.append(action)
        return found

    def _order(self, row: FlowEvent) -> Action:
        market = MARKETS[row.market]
        customer = self._customer(market, row.security, row.side, row.qty)
        qty, ord_type = send_as(row)
        order = build_order(
            self.accounts[market, customer],
            self._ids,
            row.ms * MS_NS,
            (row.security, row.side, row.price_e5, qty),
        )
        return order if ord_type == LIMIT else order._replace(ord_type=ord_type)

    def _cancel(self, row: FlowEvent, order: Action) -> Action:
        return build_cancel(order, self._ids, row.ms * MS_NS)

    def _need(self, found: Assigned, row: FlowEvent, action: Action) -> None:
        customer, qty = int(action.account[1:]), action.qty_e3 // E3
        if row.side == "B":
            value_e5 = row.price_e5 * qty
            found.buys_e5[customer] = found.buys_e5.get(customer, 0) + value_e5
            found.buy_count[customer] = found.buy_count.get(customer, 0) + 1
        else:
            key = (MARKETS[row.market], customer, row.security)
            found.sells[key] = found.sells.get(key, 0) + qty


def _halve(customers: list[int]) -> dict[str, list[int]]:
    middle = len(customers) // 2
    return {"B": customers[:middle], "S": customers[middle:]}


def send_as(row: FlowEvent) -> tuple[int, str]:
    """Return the quantity and type under which a recorded order is sent.

    A purchase must be whole lots (docs/rules/quantity.md), but the recorded quantity is only what
    was seen of it. If it stood in the book, what was not seen stood there to the end: it is sent
    with the next whole lot. If it left nothing in the book (Shanghai), the rest was cancelled at
    once, so it was a market order: it is sent as the best-five kind with the worst price that it
    traded at as its protection.

    Args:
        row: The recorded order.

    Returns:
        Shares and order type.
    """
    if row.side != "B" or row.qty % LOT == 0:
        return row.qty, LIMIT
    taking = row.kind == REBUILT and MARKETS[row.market] == SSE
    return -(-row.qty // LOT) * LOT, BEST_FIVE if taking else LIMIT


def build_order(
    account: Account, ids: IdSeries, at_ns: int, terms: tuple[str, str, int, int]
) -> Action:
    """Return a limit order of an account.

    Args:
        account: The account.
        ids: Where its ClOrdID comes from.
        at_ns: Market time, ns of the day.
        terms: Security, side (B or S), price in 1/100000 yuan, shares.

    Returns:
        The order.
    """
    security, side, price_e5, qty = terms
    return Action(
        at_ns=at_ns,
        price_e5=price_e5,
        qty_e3=qty * E3,
        session=account.session.place,
        owner_type=1,
        kind=ORDER,
        side="1" if side == "B" else "2",
        ord_type=LIMIT,
        spare=0,
        cl_ord_id=ids.take(account.session.prefix),
        orig_cl_ord_id="",
        security_id=security,
        account=account.code,
        pbu=account.session.pbu,
        branch_id=account.branch,
        user_info="",
        restrictions="",
    )


def build_cancel(order: Action, ids: IdSeries, at_ns: int) -> Action:
    """Return a cancel of an order.

    Args:
        order: The order.
        ids: Where the cancel's ClOrdID comes from.
        at_ns: Market time, ns of the day.

    Returns:
        The cancel.
    """
    return order._replace(
        at_ns=at_ns,
        kind=CANCEL,
        cl_ord_id=ids.take(order.cl_ord_id[0]),
        orig_cl_ord_id=order.cl_ord_id,
    )
