"""Messages one line at a time: from a file or a pipe of any length, in bounded memory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_BYTES_MAX: Final = 1 << 20
"""Longest line that is held. The longest message of 64 KiB takes 128 KiB of hex digits."""


def iterate_lines(file: str) -> Iterator[tuple[int, str | None]]:
    """Yield the lines that hold something, each as it arrives.

    Bytes that are no UTF-8 become replacement characters: no reader of messages takes them, so the
    line is reported like any bad one.

    Args:
        file: Path of a file, or `-` for the standard input.

    Yields:
        Number of the line from 1 and its text; None for a line above LINE_BYTES_MAX, whose bytes
        are passed over.
    """
    if file == "-":
        yield from iterate_stream(sys.stdin.buffer)
    else:
        with Path(file).open("rb") as stream:
            yield from iterate_stream(stream)


def iterate_stream(stream: IO[bytes]) -> Iterator[tuple[int, str | None]]:
    """Yield the lines of a stream that hold something, reading no further than the line.

    Args:
        stream: Open stream of bytes.

    Yields:
        As `iterate_lines`.
    """
    number = 0
    while line := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > LINE_BYTES_MAX:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LINE_BYTES_MAX)
            yield number, None
        elif text := line.decode("utf-8", "replace").strip():
            yield number, text
