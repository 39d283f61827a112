"""Where a ledger is read from: a file of lines, or the SQLite database of a console."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadRecordError
from panshi.ledger.entry import FIELDS, TABLE, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SQLITE_MAGIC: Final = b"SQLite format 3\0"
NUMBERS: Final = frozenset({"sequence", "happened_ns", "recorded_ns"})


def write_line(entry: Entry) -> str:
    """Return the one line that a file has for a record.

    Args:
        entry: The record.

    Returns:
        A JSON object with the fields in their order, without a line end.
    """
    return json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":"))


def read_ledger(path: Path) -> Iterator[Entry]:
    """Read the records of a ledger in their order.

    Args:
        path: A file of lines as `write_line` makes them, or a SQLite database.

    Yields:
        The records, unchecked but for their form.

    Raises:
        BadRecordError: If something is no record: a line that has another text than the record it
            tells, a row with values of another type, a database that cannot be read.
    """
    with path.open("rb") as opened:
        magic = opened.read(len(SQLITE_MAGIC))
    yield from _read_database(path) if magic == SQLITE_MAGIC else _read_lines(path)


def _read_lines(path: Path) -> Iterator[Entry]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield _parse_line(path, number, line)


def _parse_line(path: Path, number: int, line: bytes) -> Entry:
    expected = "a record in the one text that it has"
    try:
        values = json.loads(line.decode())
    except ValueError as error:
        raise BadRecordError(path, number, "", expected, str(error)) from error
    if not isinstance(values, dict) or tuple(values) != FIELDS:
        raise BadRecordError(path, number, "", expected, _excerpt(line))
    entry = _require_types(path, number, tuple(values.values()))
    # Two texts for one record would be a byte that can change unseen.
    if write_line(entry).encode() + b"\n" != line:
        raise BadRecordError(path, number, "", expected, _excerpt(line))
    return entry


def _excerpt(line: bytes) -> str:
    return repr(line[:80])


def _read_database(path: Path) -> Iterator[Entry]:
    number = 0
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            # Text is decoded here, so that bytes which are no UTF-8 are a finding with its place.
            database.text_factory = bytes
            query = f"SELECT {', '.join(FIELDS)} FROM {TABLE} ORDER BY sequence"  # noqa: S608 - our own names
            for number, row in enumerate(database.execute(query), start=1):
                yield _require_types(path, number, tuple(_decode(path, number, v) for v in row))
    except sqlite3.DatabaseError as error:
        expected = f"a readable table {TABLE} after record {number}"
        raise BadRecordError(path, number + 1, "", expected, str(error)) from error


def _decode(path: Path, number: int, value: object) -> object:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise BadRecordError(path, number, "", "UTF-8", str(error)) from error


def _require_types(path: Path, number: int, values: tuple[object, ...]) -> Entry:
    for field, value in zip(FIELDS, values, strict=True):
        wanted = int if field in NUMBERS else str
        if type(value) is not wanted:
            raise BadRecordError(path, number, field, wanted.__name__, repr(value))
    return Entry(*values)  # type: ignore[arg-type] # each was looked at just now
