"""Standings of a security (normal, risk warning, delisting) and what its buyers must have."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from panshi.domain.words import SCOPES, Board, Product

if TYPE_CHECKING:
    from panshi.domain.words import Scope
    from panshi.market.securities import SecurityFlags
    from panshi.rulebook.book import RulesInForce


class Standing(IntEnum):
    """What a share is marked as; the rules of a scope have a class for each."""

    NORMAL = 0
    RISK_WARNING = 1
    DELISTING = 2


BOARD_BITS: Final = {Board.STAR: 1, Board.CHINEXT: 2, Board.BOND: 4}
"""Bits of permissions and disclosures by board; the main boards and funds have none."""
DELISTING_BIT: Final = 16
ST_BIT: Final = 8


def standing_of(flags: SecurityFlags) -> Standing:
    """Return a security's standing; in the delisting period the risk warning is over.

    Args:
        flags: Flags of the security.

    Returns:
        Its standing.
    """
    if flags.delisting:
        return Standing.DELISTING
    return Standing.RISK_WARNING if flags.st else Standing.NORMAL


def rule_number(scope: Scope, standing: Standing) -> int:
    """Return the number of a scope's rule class, from 1.

    Args:
        scope: Market, board and product.
        standing: Standing of the security.

    Returns:
        The number.
    """
    return len(Standing) * SCOPES.index(scope) + 1 + standing


def needed_bits(rules: RulesInForce, scope: Scope, standing: Standing) -> tuple[int, int]:
    """Return the permissions and signed disclosures that a purchase needs, as bits.

    A permission is what the firm gives a customer who has the assets and the experience that the
    rows ask for; where they ask for none, none is needed.

    Args:
        rules: Rules of the trade date.
        scope: Market, board and product.
        standing: Standing of the security.

    Returns:
        Bits of permissions, bits of disclosures.

    Raises:
        RuleMissingError: If a row is not in force.
    """
    asked = {"board": BOARD_BITS.get(scope.board, 0)}
    if scope.product is Product.STOCK and standing is Standing.DELISTING:
        asked["delisting"] = DELISTING_BIT
    permissions = disclosures = 0
    for name, bit in asked.items():
        assets, months = (
            rules.integer(f"permission.{name}.{part}_min", scope)
            for part in ("assets", "experience")
        )
        permissions |= bit if assets or months else 0
        disclosures |= bit if rules.flag(f"permission.{name}.disclosure", scope) else 0
    at_risk = scope.product is Product.STOCK and standing is Standing.RISK_WARNING
    if at_risk and rules.flag("permission.st.disclosure", scope):
        disclosures |= ST_BIT
    return permissions, disclosures
