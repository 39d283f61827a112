"""Rules that the engine follows by its own making: a row that says otherwise stops the day.

The engine takes most numbers from its records. A few rules it knows in one form only: where the
cage is measured from, how prices and fees are rounded, one rate for both sides of a trade. Such a
rule has its row like every other, and the day is prepared only while the row says what the engine
does, so that a change of the rule cannot pass unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.rulebook.book import RulesInForce

FOLLOWED: Final = {
    "price_limit.rounding": "half_up",
    "price_limit.move_min_ticks": "1",
    "fee.rounding": "half_up_fen",
    "settlement.proceeds_usable_after": "0",
    "short_sale.naked": "no",
    "program.report.required_before_trading": "yes",
}
"""What the rows of every scope must say."""

FOLLOWED_WITH_CAGE: Final = {
    "cage.reference_buy": "best_ask|best_bid|last|prev_close",
    "cage.reference_sell": "best_bid|best_ask|last|prev_close",
    "cage.phases": "continuous",
    "cage.action": "reject",
}
"""What the rows of a scope with a cage must say besides."""


def require_followed(rules: RulesInForce, scope: Scope, *, has_cage: bool) -> None:
    """Make sure that the engine follows the rules it has no record field for.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.
        has_cage: Whether the scope has a price cage on that date.

    Raises:
        BadInputError: If a row says something else than the engine does.
        RuleMissingError: If a row is not in force.
    """
    wanted = FOLLOWED | FOLLOWED_WITH_CAGE if has_cage else FOLLOWED
    for rule_id, text in wanted.items():
        row = rules.row(rule_id, scope)
        if row.text != text:
            raise BadInputError(
                f"{row.file}, line {row.line}: {rule_id} of {scope} must be {text}, which is all "
                f"that the engine does, found {row.text}"
            )


def require_equal(rules: RulesInForce, rule_id: str, scope: Scope, one: int, other: int) -> int:
    """Return a number for which the engine has one field, where the rulebook could have two.

    Args:
        rules: Rules of the trade date.
        rule_id: Name of the rule, for the message.
        scope: Market, board and product.
        one: The number for buys.
        other: The number for sells.

    Returns:
        The number.

    Raises:
        BadInputError: If they differ.
    """
    if one != other:
        row = rules.row(rule_id, scope)
        raise BadInputError(
            f"{row.file}, line {row.line}: {rule_id} of {scope} must be the same for buys and "
            f"sells, as the engine has one number for both, found {one} and {other}"
        )
    return one
