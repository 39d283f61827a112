"""The page of messages read back as data, so that tests see what a reader of the page sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panshi.wire import codec

if TYPE_CHECKING:
    from panshi.wire.codec import Protocol

ROW = re.compile(r"\|\s*(\d+)\s*\|\s*(\w+)\s*\|\s*([\w\[\]]+)\s*\|\s*(\d+)\s*\|")
GROUP = re.compile(r"`(\w+)`, (\d+) bytes, .*?(, may be absent)?; that many .* as `(\w+)` in")


@dataclass(frozen=True)
class Row:
    """One field: bytes before it, name, type and width as the page writes them."""

    offset: int
    name: str
    kind: str
    width: int


@dataclass
class Group:
    """A repeating part: count field, key of the text form, and the fields of an entry."""

    count: str
    count_width: int
    key: str
    optional: bool
    rows: list[Row] = field(default_factory=list)


@dataclass
class Message:
    """One message type; `rows` are its fixed fields, the common part included."""

    number: int
    name: str
    size: str
    rows: list[Row] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def parse_row(line: str) -> Row | None:
    """Return the field that a line of a table describes, if it does."""
    found = ROW.match(line)
    if found is None:
        return None
    return Row(int(found[1]), found[2], found[3], int(found[4]))


def parse_rows(lines: list[str]) -> list[Row]:
    """Return the fields of a table's lines."""
    return [row for line in lines if (row := parse_row(line))]


def split_blocks(text: str, mark: str) -> dict[str, list[str]]:
    """Return the lines below each heading of one level, by the heading's text."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(mark):
            lines = blocks[line.removeprefix(mark)] = []
        elif line.startswith("#"):
            lines = []
        else:
            lines.append(line)
    return blocks


def read_messages(protocol: Protocol) -> dict[int, Message]:
    """Return every message of a gateway as the page describes it."""
    page = codec.messages_page()
    start = page.index(f"## {codec.TITLES[protocol]}")
    end = page.find("\n## ", start + 1)
    bases: dict[str, list[Row]] = {}
    messages: dict[int, Message] = {}
    for heading, lines in split_blocks(page[start : end if end > 0 else None], "### ").items():
        number, _, rest = heading.partition(" ")
        name, _, size = rest.partition(": ")
        if not number.isdigit():
            bases[number] = parse_rows(lines)
            continue
        message = Message(int(number), name, size.removeprefix("body ").removesuffix(" bytes"))
        _read_lines(message, lines, bases)
        messages[message.number] = message
    return messages


def _read_lines(message: Message, lines: list[str], bases: dict[str, list[Row]]) -> None:
    rows = message.rows
    for line in lines:
        if base := re.match(r"Begins with the common part of (\w+) ", line):
            rows.extend(bases[base[1]])
        elif found := GROUP.match(line):
            group = Group(found[1], int(found[2]), found[4], found[3] is not None)
            message.groups.append(group)
            rows = group.rows
        elif row := parse_row(line):
            rows.append(row)
