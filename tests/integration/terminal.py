"""A terminal of a fixed size in which a command runs, and what stands on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORD = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|(.)", re.DOTALL)


@dataclass
class Screen:
    """The cells of a terminal; a wide character has one and leaves the next one blank."""

    rows: int = 24
    columns: int = 80
    row: int = 0
    column: int = 0
    scrolled: int = 0
    cells: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with an empty screen."""
        self.cells = [[" "] * self.columns for _ in range(self.rows)]

    def feed(self, text: str) -> None:
        """Do what a program has written."""
        for number, command, character in WORD.findall(text):
            if command:
                self._obey(command, number)
            elif character == "\r":
                self.column = 0
            elif character == "\n":
                self._down()
            else:
                self._put(character)

    def _obey(self, command: str, number: str) -> None:
        if command == "A":
            self.row = max(self.row - int(number or 1), 0)
        elif command == "K":
            assert number == "2", "rich erases whole lines only"
            self.cells[self.row] = [" "] * self.columns
        else:
            assert command in "mhl", f"unknown control sequence {number}{command}"

    def _down(self) -> None:
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.scrolled += 1
        self.cells = [*self.cells[1:], [" "] * self.columns]

    def _put(self, character: str) -> None:
        width = cell_len(character)
        if self.column + width > self.columns:
            self.column = 0
            self._down()
        self.cells[self.row][self.column] = character
        for place in range(self.column + 1, self.column + width):
            self.cells[self.row][place] = ""
        self.column += width

    def lines(self) -> list[str]:
        """Return what a person sees, line by line."""
        return ["".join(row).rstrip() for row in self.cells]


def shown(command: Sequence[str], rows: int = 24, columns: int = 80) -> Iterator[Screen]:
    """Run a command in a terminal, and give its screen after each piece that it has written."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    sized = {"COLUMNS", "LINES"}
    surroundings = {key: text for key, text in os.environ.items() if key not in sized}
    screen, rest = Screen(rows, columns), b""
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=surroundings | {"TERM": "xterm"}
    ) as process:
        os.close(theirs)
        while piece := _read(ours):
            whole = rest + piece
            # A character or a control sequence may be cut between two pieces.
            end = max(whole.rfind(b"\n"), whole.rfind(b"m"), whole.rfind(b"h")) + 1
            rest = whole[end:]
            screen.feed(whole[:end].decode())
            yield screen
        screen.feed(rest.decode())
        yield screen
        os.close(ours)
    assert process.returncode == 0, "\n".join(screen.lines())


def _read(ours: int) -> bytes:
    try:
        return os.read(ours, 65536)
    except OSError:
        # The other side has closed; Linux says so with an error.
        return b""
