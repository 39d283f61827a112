"""Today's closes, which orders of after-hours fixed-price trading need from 15:00 on.

The exchange publishes them; a feed of quotes knows the last trade only, and that is not always the
close. So they come from a file, by `panshi gate prepare` and `panshi gate reload`.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadRecordError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

FILE: Final = "closes.csv"
COLUMNS: Final = ["market", "code", "close_e5"]

Key = tuple[int, str]
"""Market and code of a security."""
Closes = dict[Key, int]
"""Close in 1/100000 yuan by security."""


def load_closes(folder: Path, known: Collection[Key]) -> Closes:
    """Load the closes of a day's folder.

    Args:
        folder: The folder; before the close it has no such file.
        known: Every security of the day.

    Returns:
        The closes; none without a file.

    Raises:
        BadRecordError: If a row is no close, or its security is not known or has another.
    """
    path, closes = folder / FILE, Closes()
    if not path.exists():
        return closes
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        if reader.fieldnames != COLUMNS:
            raise BadRecordError(path, 1, "", ",".join(COLUMNS), str(reader.fieldnames))
        for line, cells in enumerate(reader, 2):
            key = (_number(path, line, "market", cells), cells["code"] or "")
            if key not in known or key in closes:
                found = f"{key[1]} of market {key[0]}{' again' if key in closes else ''}"
                raise BadRecordError(path, line, "code", "a security of the day, once", found)
            closes[key] = _number(path, line, "close_e5", cells)
    return closes


def _number(path: Path, line: int, name: str, cells: dict[str, str | None]) -> int:
    text = cells[name] or ""
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise BadRecordError(path, line, name, "a whole number above 0", repr(text))
    return int(text)
