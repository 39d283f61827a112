"""The rulebook: every dated row, and the ones in force on a trade date."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from panshi.domain.errors import (
    BadRecordError,
    RuleGapError,
    RuleMissingError,
    RuleOverlapError,
)
from panshi.rulebook.rows import Key, RuleRow, iterate_keys, load_rows
from panshi.rulebook.values import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.domain.words import Scope

DATA = Path(__file__).parent / "data"
"""The files that come with the package, one for each family of rules."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rows in force on one trade date; asking for a missing one is an error that names it."""

    trade_date: dt.date
    rows: dict[Key, RuleRow]

    def row(self, rule_id: str, scope: Scope) -> RuleRow:
        """Return the row of a rule.

        Args:
            rule_id: Name of the rule, such as `price.tick`.
            scope: Market, board and product.

        Returns:
            The one row in force.

        Raises:
            RuleMissingError: If there is none.
        """
        row = self.rows.get((rule_id, scope))
        if row is None:
            raise RuleMissingError(
                f"rulebook: a row must be in force for rule_id={rule_id} market={scope.market} "
                f"board={scope.board} product={scope.product} on {self.trade_date}, found none"
            )
        return row

    def integer(self, rule_id: str, scope: Scope) -> int:
        """Return a number that must exist: yuan as `_e5`, percent as `_e9`, the rest as written.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            The number.

        Raises:
            RuleMissingError: If no row is in force or the row says `none`.
            BadRecordError: If the row holds no number.
        """
        row = self.row(rule_id, scope)
        if row.value is None:
            raise RuleMissingError(
                f"rulebook: {rule_id} must have a value for {scope} on {self.trade_date}, "
                f"found none in {row.file}, line {row.line}"
            )
        return _require(row, int)

    def optional_integer(self, rule_id: str, scope: Scope) -> int | None:
        """Return a number, or None where the row says that the rule does not exist.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            The number or None; never None for a missing row.

        Raises:
            RuleMissingError: If no row is in force.
            BadRecordError: If the row holds no number.
        """
        row = self.row(rule_id, scope)
        return None if row.value is None else _require(row, int)

    def flag(self, rule_id: str, scope: Scope) -> bool:
        """Return a yes or no.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            True for yes.

        Raises:
            RuleMissingError: If no row is in force.
            BadRecordError: If the row holds something else.
        """
        return _require(self.row(rule_id, scope), bool)

    def word(self, rule_id: str, scope: Scope) -> str:
        """Return a word: a choice or an acceptance.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            The word.

        Raises:
            RuleMissingError: If no row is in force.
            BadRecordError: If the row holds something else.
        """
        return _require(self.row(rule_id, scope), str)

    def words(self, rule_id: str, scope: Scope) -> tuple[str, ...]:
        """Return a list of words; empty where the row says `none`.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            The words in the order of the row.

        Raises:
            RuleMissingError: If no row is in force.
            BadRecordError: If the row holds something else.
        """
        return _require_tuple(self.row(rule_id, scope), str)

    def windows(self, rule_id: str, scope: Scope) -> tuple[Window, ...]:
        """Return windows of the day; empty where the row says `none`.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            The windows in order.

        Raises:
            RuleMissingError: If no row is in force.
            BadRecordError: If the row holds something else.
        """
        return _require_tuple(self.row(rule_id, scope), Window)

    def integers(self, rule_id: str, scope: Scope) -> tuple[int, ...]:
        """Return a list of numbers; empty where the row says `none`.

        Args:
            rule_id: Name of the rule.
            scope: Market, board and product.

        Returns:
            The numbers in the order of the row.

        Raises:
            RuleMissingError: If no row is in force.
            BadRecordError: If the row holds something else.
        """
        return _require_tuple(self.row(rule_id, scope), int)

    def distinct_rows(self) -> list[RuleRow]:
        """Return each row in force once, ordered by file and line."""
        seen = {(row.file, row.line): row for row in self.rows.values()}
        return [seen[place] for place in sorted(seen)]


def _require(row: RuleRow, kind: type[_T]) -> _T:
    if not isinstance(row.value, kind) or (kind is int and isinstance(row.value, bool)):
        raise BadRecordError(row.file, row.line, "value", f"{kind.__name__} for this use", row.text)
    return row.value


def _require_tuple(row: RuleRow, kind: type[_T]) -> tuple[_T, ...]:
    if row.value is None:
        return ()
    value = _require(row, tuple)
    items = tuple(item for item in value if isinstance(item, kind))
    if len(items) != len(value):
        raise BadRecordError(row.file, row.line, "value", f"a list of {kind.__name__}", row.text)
    return items


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every row of every family, past and present."""

    rows: tuple[RuleRow, ...]

    @classmethod
    def load(cls, folder: Path = DATA) -> Rulebook:
        """Load every CSV file of a folder and check its rows against each other.

        The rows of a rule and scope must follow each other day by day, and a rule has one unit.

        Args:
            folder: Folder with one file for each family of rules.

        Returns:
            The rulebook.

        Raises:
            BadRecordError: If a file holds a bad cell, a rule comes with a second unit, or there
                is no file at all.
            RuleOverlapError: If two rows are in force for the same key at once.
            RuleGapError: If days lie between two rows of a key on which none is in force.
        """
        paths = sorted(folder.glob("*.csv"))
        if not paths:
            raise BadRecordError(folder, 0, "", "a folder with rule files (*.csv)", "none")
        rows = [row for path in paths for row in load_rows(path)]
        _require_one_unit(folder, rows)
        _require_contiguous(rows)
        return cls(tuple(rows))

    def on(self, trade_date: dt.date) -> RulesInForce:
        """Return the rows in force on a trade date.

        Args:
            trade_date: Day in Shanghai.

        Returns:
            The rules of that day; which ones are missing shows only when they are asked for.
        """
        in_force = [row for row in self.rows if row.is_in_force(trade_date)]
        return RulesInForce(trade_date, dict(iterate_keys(in_force)))


def _require_one_unit(folder: Path, rows: Iterable[RuleRow]) -> None:
    first: dict[str, RuleRow] = {}
    for row in rows:
        earlier = first.setdefault(row.rule_id, row)
        if earlier.unit != row.unit:
            expected = f"{earlier.unit} like in {earlier.file}, line {earlier.line}"
            raise BadRecordError(folder / row.file, row.line, "unit", expected, row.unit)


def _require_contiguous(rows: Iterable[RuleRow]) -> None:
    by_key: dict[Key, list[RuleRow]] = {}
    for key, row in iterate_keys(list(rows)):
        by_key.setdefault(key, []).append(row)
    for (rule_id, scope), history in by_key.items():
        history.sort(key=lambda row: row.effective_from)
        for earlier, later in itertools.pairwise(history):
            places = f"{earlier.file}, line {earlier.line} and {later.file}, line {later.line}"
            if earlier.overlaps(later):
                raise RuleOverlapError(
                    f"rulebook: one row must be in force for {rule_id} {scope} on each day, "
                    f"found two: {places}"
                )
            end = earlier.effective_to
            if end is not None and end + dt.timedelta(days=1) < later.effective_from:
                raise RuleGapError(
                    f"rulebook: the rows of {rule_id} {scope} must follow each other day by day, "
                    f"found none between {end} and {later.effective_from}: {places}"
                )
