"""A journal's files as bytes: where records lie, so that a trial can cut and change them."""

from __future__ import annotations

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
        data, at = path.read_bytes(), HEADER_PAGE
        while at + HEADER.size <= len(data):
            length, kind, _, sequence, *_ = HEADER.unpack_from(data, at)
            if not 0 < kind < END:
                break
            size = HEADER.size + (length + 7) // 8 * 8
            yield Record(path, at, size, kind, sequence)
            at += size


def durable_sequence(journal: Path) -> int:
    """Return the last sequence that the journal's writer knew to be on the disk.

    Args:
        journal: The journal's folder.

    Returns:
        The sequence.
    """
    (word,) = struct.unpack_from("<Q", (journal / "durable").read_bytes())
    return int(word) >> 16


def lose_behind(journal: Path, sequence: int) -> int:
    """Take away every record behind a sequence, as a power cut does.

    Args:
        journal: The journal's folder; nobody may write it.
        sequence: Last sequence that stays.

    Returns:
        How many there were.
    """
    lost = [record for record in records(journal) if record.sequence > sequence]
    if not lost:
        return 0
    first = lost[0]
    with first.path.open("r+b") as file:
        end = file.seek(0, 2)
        file.truncate(first.offset)
        file.truncate(end)
    for path in segments(journal):
        if path > first.path:
            path.unlink()
    return len(lost)


def write_half(journal: Path) -> None:
    """Leave half of a further record behind the last one, as a power cut in the middle of it does.

    Args:
        journal: The journal's folder; nobody may write it.
    """
    last = max(records(journal), key=lambda record: record.sequence)
    data = last.path.read_bytes()[last.offset : last.offset + last.length]
    length, kind, spare, sequence, *rest = HEADER.unpack_from(data)
    following = HEADER.pack(length, kind, spare, sequence + 1, *rest) + data[HEADER.size :]
    with last.path.open("r+b") as file:
        file.seek(last.offset + last.length)
        file.write(following[: last.length // 2])
