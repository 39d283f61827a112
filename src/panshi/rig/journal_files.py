"""A journal's files cut and changed as a power cut does it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from panshi.gate.journal_files import HEADER, records, segments

if TYPE_CHECKING:
    from pathlib import Path


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
