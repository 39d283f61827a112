"""Rows of the rulebook: read from CSV files, checked, spread over the scopes they name."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.words import SCOPES, Scope
from panshi.rulebook.values import Value, parse_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = (
    "rule_id", "market", "board", "product", "value", "unit",
    "effective_from", "effective_to", "source", "verified",
)  # fmt: skip

Key = tuple[str, Scope]
"""What a row is looked up by: rule and scope."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One value of one rule, in force from a day to a day (both included).

    `place` is market, board and product as the row writes them, `scopes` what they stand for.

    `verified` is no when the number rests on memory, on an assumed date or on sources that
    disagree; yes means that a stored copy of the rule text or of a program that quotes it was
    seen. The text of the exchange itself was not at hand for any row.
    """

    rule_id: str
    place: str
    scopes: tuple[Scope, ...]
    text: str
    value: Value
    unit: str
    effective_from: dt.date
    effective_to: dt.date | None
    source: str
    verified: bool
    file: str
    line: int

    def is_in_force(self, trade_date: dt.date) -> bool:
        """Return whether the row holds on a day."""
        if trade_date < self.effective_from:
            return False
        return self.effective_to is None or trade_date <= self.effective_to

    def overlaps(self, other: RuleRow) -> bool:
        """Return whether both rows are in force on at least one day."""
        last_day = dt.date.max
        return (
            self.effective_from <= (other.effective_to or last_day)
            and other.effective_from <= (self.effective_to or last_day)
        )  # fmt: skip


def load_rows(path: Path) -> list[RuleRow]:
    """Load one file of rules; a single bad cell and nothing of the file is taken.

    Args:
        path: CSV file in UTF-8 with the columns of COLUMNS, in that order.

    Returns:
        The rows, in the order of the file.

    Raises:
        BadRecordError: If the heading, the number of cells or a cell does not hold.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            heading = next(reader, [])
            if tuple(heading) != COLUMNS:
                raise BadRecordError(path, 1, "", ",".join(COLUMNS), ",".join(heading) or "nothing")
            return [_parse_row(path, reader.line_num, cells) for cells in reader]
        except csv.Error as error:
            raise BadRecordError(path, reader.line_num, "", "CSV", str(error)) from error
        except UnicodeDecodeError as error:
            raise BadRecordError(path, reader.line_num + 1, "", "UTF-8", str(error)) from error


def _parse_row(path: Path, line: int, cells: list[str]) -> RuleRow:
    if len(cells) != len(COLUMNS):
        raise BadRecordError(path, line, "", f"{len(COLUMNS)} cells", f"{len(cells)}")
    cell = dict(zip(COLUMNS, cells, strict=True))
    for column in ("rule_id", "source"):
        if not cell[column].strip():
            raise BadRecordError(path, line, column, "filled", "nothing")
    if cell["verified"] not in ("yes", "no"):
        raise BadRecordError(path, line, "verified", "yes or no", repr(cell["verified"]))
    start = _parse_date(path, line, "effective_from", cell["effective_from"])
    end_text = cell["effective_to"]
    end = _parse_date(path, line, "effective_to", end_text) if end_text else None
    if end is not None and end < start:
        raise BadRecordError(path, line, "effective_to", f"{start} or later, or empty", end_text)
    try:
        value = parse_value(cell["value"], cell["unit"])
    except ValueError as error:
        expected = f"a value of unit {cell['unit']}"
        raise BadRecordError(
            path, line, "value", expected, f"{cell['value']!r} ({error})"
        ) from error
    return RuleRow(
        rule_id=cell["rule_id"],
        place=f"{cell['market']}/{cell['board']}/{cell['product']}",
        scopes=_spread(path, line, cell),
        text=cell["value"],
        value=value,
        unit=cell["unit"],
        effective_from=start,
        effective_to=end,
        source=cell["source"],
        verified=cell["verified"] == "yes",
        file=path.name,
        line=line,
    )


def _parse_date(path: Path, line: int, column: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadRecordError(path, line, column, "a date YYYY-MM-DD", repr(text)) from error


def _spread(path: Path, line: int, cell: dict[str, str]) -> tuple[Scope, ...]:
    """Return the scopes that `*` and words joined by `|` stand for."""
    for column in ("market", "board", "product"):
        known = {str(getattr(scope, column)) for scope in SCOPES}
        unknown = set(cell[column].split("|")) - known - {"*"}
        if unknown:
            expected = f"* or some of {'|'.join(sorted(known))}"
            raise BadRecordError(path, line, column, expected, repr(cell[column]))
    scopes = tuple(scope for scope in SCOPES if _matches(scope, cell))
    if not scopes:
        found = f"{cell['market']}/{cell['board']}/{cell['product']}"
        raise BadRecordError(path, line, "market", "a scope that exists", found)
    return scopes


def _matches(scope: Scope, cell: dict[str, str]) -> bool:
    return all(
        cell[column] == "*" or str(getattr(scope, column)) in cell[column].split("|")
        for column in ("market", "board", "product")
    )


def iterate_keys(rows: list[RuleRow]) -> Iterator[tuple[Key, RuleRow]]:
    """Yield each row once for every scope it stands for.

    Args:
        rows: Rows of any number of files.

    Yields:
        The key and the row.
    """
    for row in rows:
        for scope in row.scopes:
            yield (row.rule_id, scope), row
