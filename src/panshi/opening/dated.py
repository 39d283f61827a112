"""Rows that hold from a day to a day: which are in force, and that no two of them contradict."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadRecordError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from panshi.wire.layout import Value

DATES: Final = ("effective_from", "effective_to")
"""Columns that any file of a day's folder may have; an empty cell is no bound, both days count."""

KEYS: Final = {
    "LoadLimit": ("scope", "metric", "id", "market"),
    "LoadParam": ("param", "market", "group"),
    "LoadSwitch": ("code", "market", "group"),
}
"""What names a value: of the rows that name the same, one may be in force on a day."""


class Dated:
    """The rows of one file that are in force on a trade date."""

    def __init__(self, path: Path, name: str, trade_date: dt.date) -> None:
        """Start before the file's first row.

        Args:
            path: The file, for messages.
            name: Name of its record.
            trade_date: The day.
        """
        self._path, self._keys, self._date = path, KEYS.get(name, ()), trade_date
        self._seen: dict[tuple[Value, ...], int] = {}

    def is_in_force(self, line: int, cells: Mapping[str, str | None]) -> bool:
        """Tell whether a row holds on the trade date.

        Args:
            line: Line of the row.
            cells: Its cells by column.

        Returns:
            False before its first or after its last day.

        Raises:
            BadRecordError: If a date is none, or the last day comes before the first.
        """
        first, last = (self._parse(line, column, cells.get(column)) for column in DATES)
        if first is not None and last is not None and last < first:
            raise BadRecordError(self._path, line, DATES[1], f"{first} or later", f"{last}")
        return (first or dt.date.min) <= self._date <= (last or dt.date.max)

    def require_alone(self, line: int, row: Mapping[str, Value]) -> None:
        """Require that no earlier row in force gives the same value.

        Args:
            line: Line of the row.
            row: Fields of a row in force.

        Raises:
            BadRecordError: If there is one.
        """
        if not self._keys:
            return
        key = tuple(row.get(column, 0) for column in self._keys)
        if key in self._seen:
            names = ", ".join(
                f"{name} {value}" for name, value in zip(self._keys, key, strict=True)
            )
            found = f"line {self._seen[key]} and this one"
            expected = f"one row in force on {self._date} for {names}"
            raise BadRecordError(self._path, line, "", expected, found)
        self._seen[key] = line

    def _parse(self, line: int, column: str, cell: str | None) -> dt.date | None:
        if not cell:
            return None
        try:
            return dt.date.fromisoformat(cell)
        except ValueError:
            raise BadRecordError(self._path, line, column, "YYYY-MM-DD", repr(cell)) from None
