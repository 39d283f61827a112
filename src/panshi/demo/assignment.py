"""Real orders given to simulated customers by a seeded rule.

For each security the customers are split into buyers and sellers, so that nobody would trade with
himself: the gate refuses that, and the recorded flow does not tell whose orders met. A sale that
is no multiple of 100 shares goes to a seller who has no other such sale in the security, because
only one holding's odd rest can be sold whole.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panshi.demo.parties import CUSTOMERS, MARKETS, build_accounts
from panshi.domain.clock import MS_NS
from panshi.market.flow import NEW
from panshi.venue.clients import CANCEL, ORDER, Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.demo.parties import Account
    from panshi.market.flow import FlowEvent

LOT: Final = 100
ID_DIGITS: Final = 9
E3: Final = 1000


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
        self._pools: dict[str, dict[str, list[int]]] = {}
        self._odd: dict[str, list[int]] = {}

    def _customer(self, security: str, side: str, qty: int) -> int:
        pools = self._pools.get(security)
        if pools is None:
            everybody = list(range(1, CUSTOMERS + 1))
            self._random.shuffle(everybody)
            half = CUSTOMERS // 2
            pools = {"B": everybody[:half], "S": everybody[half:]}
            self._pools[security] = pools
            self._odd[security] = list(pools["S"])
        odd = self._odd[security]
        if side == "S" and qty % LOT and odd:
            return odd.pop()
        return self._random.choice(pools[side])

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
        account = self.accounts[market, self._customer(row.security, row.side, row.qty)]
        return build_order(
            account,
            self._ids,
            row.ms * MS_NS,
            (row.security, row.side, row.price_e5, row.qty),
        )

    def _cancel(self, row: FlowEvent, order: Action) -> Action:
        return build_cancel(order, self._ids, row.ms * MS_NS)

    def _need(self, found: Assigned, row: FlowEvent, action: Action) -> None:
        market = MARKETS[row.market]
        customer = int(action.account[1:])
        if row.side == "B":
            value_e5 = row.price_e5 * row.qty
            found.buys_e5[customer] = found.buys_e5.get(customer, 0) + value_e5
            found.buy_count[customer] = found.buy_count.get(customer, 0) + 1
        else:
            key = (market, customer, row.security)
            found.sells[key] = found.sells.get(key, 0) + row.qty


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
        ord_type="2",
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
