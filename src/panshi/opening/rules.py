"""The rulebook of a trade date as the engine's rule classes, session clocks and fees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from panshi.domain.clock import MS_NS
from panshi.domain.errors import BadInputError
from panshi.domain.units import BP
from panshi.domain.words import SCOPES, Acceptance, OrderKind, Phase, Product, Side
from panshi.opening.followed import require_equal, require_followed
from panshi.opening.standing import Standing, needed_bits, rule_number
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
SHORT_FLOORS: Final = {"last|prev_close": 1, "none": 0}
"""What a short sale may not lie below, as the engine's flag."""
E9_PER_E8: Final = 10
GRADES: Final = {f"R{number}": number for number in range(1, 6)}
"""Numbers of the product grades."""

PARAMS: Final = {
    1: ("program.quick_cancel.within", MS_NS),
    4: ("program.hft.per_second", 1),
    5: ("program.hft.per_day", 1),
    19: ("gateway.mass_cancel.per_second", 1),
}
"""Parameters of the engine that are numbers of a rule: rule and factor to the engine's unit."""


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
        for standing in Standing:
            number = rule_number(scope, standing)
            yield _rule(rules, scope, standing)
            yield from _windows(rules, scope, number)
            for group in fee_groups:
                yield _fee(rules, scope, number, group)


def _rule(rules: RulesInForce, scope: Scope, standing: Standing) -> Row:
    lots = load_quantity_rule(rules, scope)
    cage = load_cage(rules, scope)
    require_followed(rules, scope, has_cage=cage is not None)
    kinds = allowed_order_kinds(rules, scope)
    stock = scope.product is Product.STOCK
    permissions, disclosures = needed_bits(rules, scope, standing)
    # Only stocks have an auction range for the days without a limit.
    up = rules.optional_integer("no_limit.opening_call_up", scope) if stock else None
    down = rules.optional_integer("no_limit.opening_call_down", scope) if stock else None
    return "LoadRule", {
        "rule": rule_number(scope, standing),
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
        if standing is Standing.RISK_WARNING and stock
        else 0,
        "cage_bp": require_equal(
            rules, "cage.sell_ratio", scope, cage.buy_bp - BP, BP - cage.sell_bp
        )
        if cage
        else 0,
        "cage_ticks": cage.ticks if cage else 0,
        "no_limit_low_bp": down or 0,
        "no_limit_high_bp": up or 0,
        "types_call": _bits(kinds, Phase.OPENING_CALL),
        "types_continuous": _bits(kinds, Phase.CONTINUOUS),
        "types_fixed": (1 << KINDS[OrderKind.FIXED_PRICE]) if kinds[OrderKind.FIXED_PRICE] else 0,
        "permissions": permissions,
        "disclosures": disclosures,
        "risk_grade": _choice(rules, "permission.product_grade", scope, GRADES),
        "market_no_limit": int(stock and rules.flag("order_type.market_without_limit", scope)),
        "short_floor": _choice(rules, "short_sale.price_floor", scope, SHORT_FLOORS),
    }


def _choice(rules: RulesInForce, rule_id: str, scope: Scope, numbers: Mapping[str, int]) -> int:
    row = rules.row(rule_id, scope)
    if row.text not in numbers:
        raise BadInputError(
            f"{row.file}, line {row.line}: {rule_id} must be one of {', '.join(numbers)}, "
            f"found {row.text}"
        )
    return numbers[row.text]


def build_params(rules: RulesInForce, given: frozenset[tuple[int, int]]) -> Iterator[Row]:
    """Yield the parameters of the engine that are numbers of a rule, for each market.

    Args:
        rules: Rules of the trade date.
        given: Parameters and markets that the firm sets itself, which are left out.

    Yields:
        Names and fields of records.

    Raises:
        RuleMissingError: If a row is not in force.
    """
    scopes = {MARKETS[scope.market]: scope for scope in reversed(SCOPES)}
    for param, (rule_id, factor) in PARAMS.items():
        for market, scope in sorted(scopes.items()):
            if (param, market) not in given:
                value = rules.integer(rule_id, scope) * factor
                yield "LoadParam", {"param": param, "market": market, "value": value}


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
    both = {
        f"{item}_e8": _to_e8(
            rules,
            item,
            scope,
            require_equal(
                rules,
                f"fee.{item}.side",
                scope,
                getattr(buy, f"{item}_e9"),
                getattr(sell, f"{item}_e9"),
            ),
        )
        for item in ("commission", "transfer", "handling", "regulatory")
    }
    return "LoadFee", {
        "rule": number,
        "fee_group": group,
        "commission_min_e5": buy.commission_min_e5,
        "stamp_buy_e8": _to_e8(rules, "stamp", scope, buy.stamp_e9),
        "stamp_sell_e8": _to_e8(rules, "stamp", scope, sell.stamp_e9),
        **both,
    }


def _to_e8(rules: RulesInForce, item: str, scope: Scope, rate_e9: int) -> int:
    """Return a rate in the engine's unit; a rate that is finer is not cut but refused."""
    if rate_e9 % E9_PER_E8:
        row = rules.row(f"fee.{item}.rate", scope)
        raise BadInputError(
            f"{row.file}, line {row.line}: fee.{item}.rate must have at most six decimal places "
            f"in percent, found {row.text}"
        )
    return rate_e9 // E9_PER_E8
