"""Orders and cancels that the gate must refuse, each by its own customer and for its own reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panshi.demo.assignment import build_cancel, build_order
from panshi.demo.parties import (
    CANCELLER,
    PROGRAM_UNREPORTED,
    SHORT_SELLER,
    SSE,
    STORM,
    SZSE,
    WRONG_BRANCH,
)
from panshi.domain.clock import MS_NS, parse_day_ms

if TYPE_CHECKING:
    from panshi.demo.assignment import IdSeries
    from panshi.demo.parties import Account
    from panshi.demo.playing import Plan
    from panshi.venue.clients import Action

STORM_ORDERS: Final = 60
HELD: Final = ("600961", 100)
"""The only holding of the short seller."""
LOWEST_E5: Final = {
    "600536": 4_608_000,
    "600961": 818_000,
    "600761": 1_924_000,
    "000001": 1_349_000,
}
"""Lower price limits: a buy there takes no part in the day's trading."""
HIGHEST_E5: Final = {"600961": 1_000_000, "600761": 2_352_000}


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What is sent, and which of it must be refused with which code."""

    name: str
    zh: str
    code: int
    actions: tuple[Action, ...]
    culprits: tuple[str, ...]
    at_least: int = 1


def _at(text: str, ms: int = 0) -> int:
    return (parse_day_ms(text) + ms) * MS_NS


class Misbehaving:
    """Builds every named misbehaviour."""

    def __init__(self, accounts: dict[tuple[int, int], Account], ids: IdSeries) -> None:
        """Keep what orders are built of.

        Args:
            accounts: Accounts by market and customer.
            ids: Where ClOrdIDs come from.
        """
        self._accounts = accounts
        self._ids = ids

    def build(self, plan: Plan) -> list[Misbehaviour]:
        """Return the misbehaviours whose moments are played.

        Args:
            plan: The part of the day that is played.

        Returns:
            The misbehaviours.
        """
        everything = [
            self._no_cancel_window(),
            self._program(),
            self._storm(),
            self._repeated_cancel(),
            self._short_without_holding(),
            self._short_beyond_holding(),
            self._branch("wrong_branch_unknown", "营业部代码未登记", 30113, "09999"),
            self._branch("wrong_branch_of_another", "营业部代码与账户不符", 30114, ""),
        ]
        return [
            one
            for one in everything
            if all(plan.covers(action.at_ns // MS_NS) for action in one.actions)
        ]

    def _order(
        self, market: int, customer: int, at_ns: int, terms: tuple[str, str, int, int]
    ) -> Action:
        return build_order(self._accounts[market, customer], self._ids, at_ns, terms)

    def _program(self) -> Misbehaviour:
        at_ns = _at("09:30:02")
        orders = (
            self._order(SSE, PROGRAM_UNREPORTED, at_ns, ("600536", "B", LOWEST_E5["600536"], 100)),
            self._order(SZSE, PROGRAM_UNREPORTED, at_ns, ("000001", "B", LOWEST_E5["000001"], 100)),
        )
        ids = tuple(order.cl_ord_id for order in orders)
        return Misbehaviour(
            "unreported_program_account", "未报告的程序化账户", 30212, orders, ids, len(ids)
        )

    def _storm(self) -> Misbehaviour:
        at_ns = _at("09:30:03")
        # Each order has its own quantity: identical ones would be caught by another check.
        orders = tuple(
            self._order(SSE, STORM, at_ns, ("600961", "B", LOWEST_E5["600961"], 100 * (place + 1)))
            for place in range(STORM_ORDERS)
        )
        ids = tuple(order.cl_ord_id for order in orders)
        return Misbehaviour("order_storm", "委托风暴", 30801, orders, ids)

    def _repeated_cancel(self) -> Misbehaviour:
        order = self._order(
            SSE, CANCELLER, _at("09:30:04"), ("600761", "B", LOWEST_E5["600761"], 100)
        )
        cancels = [build_cancel(order, self._ids, _at("09:30:06")) for _ in range(4)]
        repeated = tuple(cancel.cl_ord_id for cancel in cancels[1:])
        return Misbehaviour("repeated_cancel", "重复撤单", 30706, (order, *cancels), repeated)

    def _no_cancel_window(self) -> Misbehaviour:
        order = self._order(
            SSE, CANCELLER, _at("09:19:00"), ("600536", "B", LOWEST_E5["600536"], 100)
        )
        cancel = build_cancel(order, self._ids, _at("09:21:00"))
        return Misbehaviour(
            "cancel_in_no_cancel_window", "不可撤单时段撤单", 30707, (order, cancel),
            (cancel.cl_ord_id,),
        )  # fmt: skip

    def _short_without_holding(self) -> Misbehaviour:
        order = self._order(
            SSE, SHORT_SELLER, _at("09:30:05"), ("600761", "S", HIGHEST_E5["600761"], 100)
        )
        return Misbehaviour(
            "short_sale_without_holding", "无持仓卖出", 30603, (order,), (order.cl_ord_id,)
        )

    def _short_beyond_holding(self) -> Misbehaviour:
        order = self._order(
            SSE, SHORT_SELLER, _at("09:30:05", 100), (HELD[0], "S", HIGHEST_E5[HELD[0]], 1000)
        )
        return Misbehaviour(
            "short_sale_beyond_holding", "超过可卖数量卖出", 30604, (order,), (order.cl_ord_id,)
        )

    def _branch(self, name: str, zh: str, code: int, branch: str) -> Misbehaviour:
        order = self._order(
            SSE, WRONG_BRANCH, _at("09:30:07"), ("600536", "B", LOWEST_E5["600536"], 100)
        )
        if not branch:
            own = order.branch_id
            branch = "00101" if own != "00101" else "00102"
        order = order._replace(branch_id=branch)
        return Misbehaviour(name, zh, code, (order,), (order.cl_ord_id,))


def judge(
    misbehaviours: list[Misbehaviour], refused: dict[str, int]
) -> dict[str, dict[str, object]]:
    """Tell for each misbehaviour whether the client was told the code that must catch it.

    Args:
        misbehaviours: What was sent.
        refused: Code by ClOrdID of every refused order or cancel, as the clients saw it.

    Returns:
        Code, whether it was caught, how often, and the Chinese name, by name.
    """
    found: dict[str, dict[str, object]] = {}
    for one in misbehaviours:
        count = sum(refused.get(culprit) == one.code for culprit in one.culprits)
        caught = count >= one.at_least
        found[one.name] = {"code": one.code, "caught": caught, "refused": count, "zh": one.zh}
    return found
