"""A journal's files as bytes: where records lie, and the hash of a range of them."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER_PAGE: Final = 4096
HEADER: Final = struct.Struct("<IHHQQII")
END: Final = 0xFFFE


@dataclass(frozen=True, slots=True)
class Record:
    """Where one record lies."""

    path: Path
    offset: int
    length: int
    kind: int
    sequence: int


def segments(journal: Path) -> list[Path]:
    """Return the files of a journal, oldest first."""
    return sorted(journal.glob("*.pjl"))


def records(journal: Path) -> Iterator[Record]:
    """Yield every record, those that end and seal a segment left out.

    Args:
        journal: The journal's folder.

    Yields:
        The records in their order.
    """
    for path in segments(journal):
        yield from _records_of(path, path.read_bytes())


def _records_of(path: Path, data: bytes) -> Iterator[Record]:
    at = HEADER_PAGE
    while at + HEADER.size <= len(data):
        length, kind, _, sequence, *_ = HEADER.unpack_from(data, at)
        if not 0 < kind < END:
            break
        size = HEADER.size + (length + 7) // 8 * 8
        yield Record(path, at, size, kind, sequence)
        at += size


def digest_range(journal: Path, first: int, last: int) -> str:
    """Return the SHA-256 of the bytes of a range of records, headers and checksums included.

    Args:
        journal: The journal's folder.
        first: First sequence.
        last: Last sequence, included.

    Returns:
        Hex digits; the same for each copy of the journal that has these records.
    """
    found = hashlib.sha256()
    for path in segments(journal):
        data = path.read_bytes()
        for record in _records_of(path, data):
            if first <= record.sequence <= last:
                found.update(data[record.offset : record.offset + record.length])
    return found.hexdigest()
