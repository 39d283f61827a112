"""Limits and parameters without which the engine refuses orders: a day must bring each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadInputError
from panshi.gate.engine import load_levels, load_words
from panshi.opening.rules import MARKETS, PARAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panshi.opening.rules import Row
    from panshi.wire.layout import Value

OF_ALL_MARKETS: Final = frozenset({"CancelAllBatch"})
"""Parameters of which only the row without a market counts: a mass cancel has none."""


def require_levels(rows: Iterable[Row]) -> None:
    """Require a default limit for every scope and metric without which orders are refused.

    Args:
        rows: Rows of the day.

    Raises:
        BadInputError: If one is missing; the message names each.
    """
    given = {
        (row["scope"], row["metric"], market)
        for name, row in rows
        if name == "LoadLimit" and not row.get("id", 0)
        for market in _markets(row)
    }
    words = load_words()
    scopes, metrics = (
        {word.number: word.name for word in words[name]} for name in ("Scope", "Metric")
    )
    missing = [
        f"{scopes[level.scope]} ({level.scope}) {metrics[level.metric]} ({level.metric})"
        for level in load_levels()
        if level.needed
        and any((level.scope, level.metric, one) not in given for one in MARKETS.values())
    ]
    if missing:
        raise BadInputError(
            "limits.csv: must hold a row with id 0 for every scope and metric that orders need, "
            f"for market 0 or for each market, found none for {', '.join(missing)}"
        )


def given_params(rows: Iterable[Row]) -> frozenset[tuple[int, int]]:
    """Return the parameters that a day's rows give, each with its market.

    Args:
        rows: Rows of the day.

    Returns:
        Numbers of parameters and markets; a row for both markets counts for each and as 0, one of
        a customer group not at all.
    """
    return frozenset(
        (int(row["param"]), market)
        for name, row in rows
        if name == "LoadParam" and not row.get("group", 0)
        for market in _markets(row)
    )


def _markets(row: Mapping[str, Value]) -> tuple[int, ...]:
    """Return the markets that a row stands for; one for both counts as 0 too."""
    market = int(row.get("market", 0))
    return (market,) if market else (0, *MARKETS.values())


def require_params(rows: Iterable[Row]) -> None:
    """Require every parameter of the engine that is not the number of a rule.

    Args:
        rows: Rows of the day.

    Raises:
        BadInputError: If one is missing; the message names each.
    """
    given = given_params(rows)
    missing = []
    for word in load_words()["Param"]:
        markets = (0,) if word.name in OF_ALL_MARKETS else MARKETS.values()
        if word.number not in PARAMS and any((word.number, one) not in given for one in markets):
            missing.append(f"{word.name} ({word.number})")
    if missing:
        raise BadInputError(
            "params.csv: must hold a row for every parameter, for market 0 or for each market, "
            f"found none for {', '.join(missing)}"
        )
