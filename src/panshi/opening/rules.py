"""The rulebook of a trade date as the engine's rule classes, session clocks and fees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from panshi.domain.clock import MS_NS
from panshi.domain.words import SCOPES, Acceptance, Board, OrderKind, Phase, Product, Side
from panshi.rulebook.cage import load_cage
from panshi.rulebook.fees import load_fee_schedule
from panshi.rulebook.quantities import load_quantity_rule
from panshi.rulebook.sessions import allowed_order_kinds, compute_session_clock

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce

Row = tuple[str, Mapping[str, int | str]]

MARKETS: Final = {"sse": 1, "szse": 2}
PHASES: Final = {
    Phase.CLOSED: 0,
    Phase.OPENING_CALL: 1,
    Phase.OPENING_CALL_NO_CANCEL: 2,
    Phase.OPENING_PAUSE: 3,
    Phase.CONTINUOUS: 4,
    Phase.NOON: 5,
    Phase.CLOSING_CALL: 6,
    Phase.FIXED_PRICE_PAUSE: 7,
    Phase.FIXED_PRICE: 8,
}
POLICIES: Final = {Acceptance.REJECT: 0, Acceptance.ACCEPT: 1, Acceptance.QUEUE: 2}
KINDS: Final = {
    OrderKind.LIMIT: 1,
    OrderKind.BEST5_CANCEL: 2,
    OrderKind.BEST5_LIMIT: 3,
    OrderKind.OWN_BEST: 4,
    OrderKind.OPPOSITE_BEST: 5,
    OrderKind.IOC_CANCEL: 6,
    OrderKind.FILL_OR_KILL: 7,
    OrderKind.FIXED_PRICE: 8,
}
PERMISSIONS: Final = {Board.STAR: 1, Board.CHINEXT: 2, Board.BOND: 4}
"""Bits of permissions and disclosures by board; the main boards and funds need none."""
ST_DISCLOSURE: Final = 8
E9_PER_BP: Final = 100_000


def rule_number(scope: Scope, *, risk_warning: bool) -> int:
    """Return the number of a scope's rule class, from 1.

    Args:
        scope: Market, board and product.
        risk_warning: Whether the security is under risk warning (ST).

    Returns:
        An odd number, or the even one behind it for risk-warning securities.
    """
    return 2 * SCOPES.index(scope) + 1 + int(risk_warning)


def build_rules(rules: RulesInForce, fee_groups: tuple[int, ...]) -> Iterator[Row]:
    """Yield the rule classes, windows and fees of every scope.

    Args:
        rules: Rules of the trade date.
        fee_groups: Numbers of the fee groups; each gets the rulebook's rates.

    Yields:
        Names and fields of records.

    Raises:
        RuleMissingError: If a row is not in force.
    """
    for scope in SCOPES:
        for risk_warning in (False, True):
            number = rule_number(scope, risk_warning=risk_warning)
            yield _rule(rules, scope, number, risk_warning=risk_warning)
            yield from _windows(rules, scope, number)
            for group in fee_groups:
                yield _fee(rules, scope, number, group)


def _rule(rules: RulesInForce, scope: Scope, number: int, *, risk_warning: bool) -> Row:
    lots = load_quantity_rule(rules, scope)
    cage = load_cage(rules, scope)
    kinds = allowed_order_kinds(rules, scope)
    stock = scope.product is Product.STOCK
    permission = PERMISSIONS.get(scope.board, 0)
    # Only stocks have an auction range for the days without a limit.
    up = rules.optional_integer("no_limit.opening_call_up", scope) if stock else None
    down = rules.optional_integer("no_limit.opening_call_down", scope) if stock else None
    return "LoadRule", {
        "rule": number,
        "market": MARKETS[scope.market],
        "same_day": int(rules.integer("settlement.sellable_after", scope) == 0),
        "protection": int(rules.flag("order_type.protection_price", scope)),
        "tick_e5": rules.integer("price.tick", scope),
        "buy_min_qty": lots.buy_min,
        "buy_step_qty": lots.buy_step,
        "sell_min_qty": lots.sell_min,
        "sell_step_qty": lots.sell_step,
        "odd_lot_qty": lots.odd_lot_below,
        "max_limit_qty": lots.limit_max,
        "max_market_qty": lots.market_max,
        "max_fixed_qty": lots.after_hours_max,
        "day_buy_cap_qty": rules.integer("st.daily_buy_cap", scope)
        if risk_warning and stock
        else 0,
        "cage_bp": cage.buy_bp - 10_000 if cage else 0,
        "cage_ticks": cage.ticks if cage else 0,
        "no_limit_low_bp": (down or 0) // E9_PER_BP,
        "no_limit_high_bp": (up or 0) // E9_PER_BP,
        "types_call": _bits(kinds, Phase.OPENING_CALL),
        "types_continuous": _bits(kinds, Phase.CONTINUOUS),
        "types_fixed": (1 << KINDS[OrderKind.FIXED_PRICE]) if kinds[OrderKind.FIXED_PRICE] else 0,
        "permissions": permission,
        "disclosures": permission | (ST_DISCLOSURE if risk_warning else 0),
    }


def _bits(kinds: dict[OrderKind, frozenset[Phase]], phase: Phase) -> int:
    return sum(1 << KINDS[kind] for kind, phases in kinds.items() if phase in phases)


def _windows(rules: RulesInForce, scope: Scope, number: int) -> Iterator[Row]:
    for segment in compute_session_clock(rules, scope):
        yield (
            "LoadPhase",
            {
                "market": MARKETS[scope.market],
                "phase": PHASES[segment.phase],
                "order_policy": POLICIES[segment.order],
                "cancel_policy": POLICIES[segment.cancel],
                "fixed_policy": POLICIES[segment.fixed_order],
                "fixed_cancel": POLICIES[segment.fixed_cancel],
                "rule": number,
                "start_ns": segment.start_ms * MS_NS,
                "end_ns": segment.end_ms * MS_NS,
            },
        )


def _fee(rules: RulesInForce, scope: Scope, number: int, group: int) -> Row:
    buy = load_fee_schedule(rules, scope, Side.BUY)
    sell = load_fee_schedule(rules, scope, Side.SELL)
    return "LoadFee", {
        "rule": number,
        "fee_group": group,
        "commission_e8": buy.commission_e9 // 10,
        "commission_min_e5": buy.commission_min_e5,
        "stamp_buy_e8": buy.stamp_e9 // 10,
        "stamp_sell_e8": sell.stamp_e9 // 10,
        "transfer_e8": buy.transfer_e9 // 10,
        "handling_e8": buy.handling_e9 // 10,
        "regulatory_e8": buy.regulatory_e9 // 10,
    }
