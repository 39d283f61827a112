"""Every message table of the collected protocol facts, compared field by field with our own.

The facts are read as text and our side as the page that `make docs` writes, so neither the native
tables nor their generator can agree with themselves.
"""

import re
from pathlib import Path

import pytest

from panshi.wire.codec import Protocol
from tests.wire_tables import Message, Row, parse_rows, read_messages, split_blocks

OURS: dict[Protocol, dict[int, Message]] = {
    "sse": read_messages("sse"),
    "szse": read_messages("szse"),
}
COMMON = {"1xxx01": 100_101, "2xxx02": 200_102, "2xxx15": 200_115}
"""The heading of each common part, and the message whose extension stands in the same section."""

WIDTHS = {
    "StopPx": 8, "MinQty": 8, "MaxPriceLevels": 2, "TimeInForce": 1, "CashMargin": 1, "LotType": 1,
}  # fmt: skip
"""Widths that the facts give once, for 100101, and mean wherever the name comes again."""


def section(text: str, start: str, end: str) -> str:
    first = text.index(start)
    return text[first : text.index(end, first)]


@pytest.fixture(scope="module")
def facts(shared_data: Path) -> str:
    path = shared_data / "spec/protocols.md"
    if not path.is_file():
        pytest.skip(f"protocol facts are not at {path}")
    return path.read_text(encoding="utf-8")


def extension(message: Message) -> list[Row]:
    base = next((len_ for mark, len_ in {1: 89, 2: 169}.items() if message.number // 10**5 == mark))
    if message.number % 100 in {15, 30}:
        base = 152
    return [row for row in message.rows if row.offset >= base]


def test_shanghai_tables_are_those_of_the_facts(facts: str) -> None:
    blocks = split_blocks(section(facts, "### 1.5 Messages", "### 1.6 "), "#### ")
    assert {int(heading.split()[0]) for heading in blocks} == set(OURS["sse"])
    for heading, lines in blocks.items():
        number, name = re.match(r"(\d+) (\w+)", heading).groups()  # type: ignore[union-attr]
        ours = OURS["sse"][int(number)]
        assert ours.name == name
        if table := parse_rows(lines):
            assert ours.rows == table, heading
        size = re.search(r"body (\S+?),? ?(?:$|whole)", heading)
        assert size is not None, heading
        if ours.groups:
            assert size[1] == ours.size.replace(" ", "")
        else:
            assert int(size[1]) == int(ours.size) == sum(row.width for row in ours.rows), heading


def test_shanghai_groups_are_those_of_the_facts(facts: str) -> None:
    text = section(facts, "#### 208 ExecRptInfo", "Size trap")
    for number in (206, 207):
        parts = section(text, f"#### {number} ", "}.").split("{", 1)[1]
        flat = re.sub(r"\([^)]*\)", "", parts)
        wanted = re.findall(r"(\w+) (char\[\d+\]|uint\d+)", flat)
        (group,) = OURS["sse"][number].groups
        assert [(row.name, row.kind) for row in group.rows] == wanted
        assert (group.count, group.count_width) == ("NoGroups", 2)
    first, second = OURS["sse"][208].groups
    listed = re.findall(r"\| (?:[nm] x )?(\w+) \| (uint16|uint32|char\[8\]) \|", text)
    assert listed == [
        ("PlatformID", "uint16"), ("NoGroups", "uint16"), ("Pbu", "char[8]"),
        ("NoGroups", "uint16"), ("SetID", "uint32"),
    ]  # fmt: skip
    assert [(row.name, row.kind) for row in OURS["sse"][208].rows] == listed[:1]
    assert [(group.count, group.count_width) for group in (first, second)] == [("NoGroups", 2)] * 2
    assert [(row.name, row.kind) for row in first.rows + second.rows] == [listed[2], listed[4]]


def test_whole_sizes_are_those_of_the_facts(facts: str) -> None:
    listed = section(facts, "whole-message sizes [computed]", "\n").split("|")[1]
    sizes = dict(re.findall(r"(\d+): (\d+)(?=[;\s])", listed))
    assert len(sizes) == 11
    for number, size in sizes.items():
        assert int(OURS["sse"][int(number)].size) + 20 == int(size)
    growing = dict(re.findall(r"(\d+): (\d+\+\S+?)(?:;|\s|$)", listed))
    assert growing == {"206": "22+20n", "207": "22+96n", "208": "26+8n+4m"}
    for number, size in growing.items():
        steps = [sum(row.width for row in group.rows) for group in OURS["sse"][int(number)].groups]
        fixed = sum(row.width for row in OURS["sse"][int(number)].rows) + 2 * len(steps) + 20
        terms = [f"{step}{letter}" for step, letter in zip(steps, "nm", strict=False)]
        assert "+".join([str(fixed), *terms]) == size


def test_shenzhen_tables_are_those_of_the_facts(facts: str) -> None:
    blocks = split_blocks(section(facts, "### 2.5 Messages", "### 2.6 "), "#### ")
    seen = set()
    for heading, lines in blocks.items():
        number = heading.split()[0]
        ours = OURS["szse"][COMMON.get(number) or int(number)]
        seen.add(ours.number)
        table = parse_rows(lines)
        size = int(re.search(r"body (\d+)", heading)[1])  # type: ignore[index]
        if number in COMMON:
            whole = re.search(rf"{ours.number} = (\d+)", heading)
            assert whole is not None, heading
            assert int(whole[1]) == int(ours.size)
            # Only the order's section shows the extension; the others refer to it.
            assert ours.rows[: len(table)] == table
            assert sum(row.width for row in ours.rows if row.offset < size) == size
        elif table:
            assert ours.rows == table, heading
            assert int(ours.size) == size
    assert {1, 2, 3, 4, 5, 6, 7, 9, 10, 100_101, 190_007, 290_008, 200_102, 200_115} == seen
    shown = [row.name for row in OURS["szse"][100_101].rows if row.offset >= 89]
    assert [row.name for row in OURS["szse"][200_102].rows if row.offset >= 169] == shown
    assert [row.name for row in OURS["szse"][200_115].rows if row.offset >= 152] == ["CashMargin"]


def test_shenzhen_groups_are_those_of_the_facts(facts: str) -> None:
    blocks = split_blocks(section(facts, "### 2.5 Messages", "### 2.6 "), "#### ")
    for heading, lines in blocks.items():
        number = heading.split()[0]
        if number not in {"5", "9"}:
            continue
        listed = re.findall(r"(\w+) (uint\d+|int\d+)\b", "\n".join(lines))
        ours = OURS["szse"][int(number)]
        (group,) = ours.groups
        fields = [(row.name, row.kind) for row in ours.rows]
        fields += [(group.count, f"uint{8 * group.count_width}")]
        fields += [(row.name, row.kind) for row in group.rows]
        assert fields == listed


def test_order_extensions_have_the_size_of_the_facts(facts: str) -> None:
    text = section(facts, "### 2.7 Extension sizes", "Confirm side")
    checked = set()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not cells[0][:6].isdigit():
            continue
        for number in map(int, re.findall(r"\d{6}", cells[0])):
            ours = OURS["szse"][number]
            checked.add(number)
            size = sum(row.width for row in extension(ours))
            if number == 101_201:
                (group,) = ours.groups
                assert (size, group.count, group.optional) == (0, "NoAccounts", True)
                assert [(row.name, row.width) for row in group.rows] == [
                    ("MarketID", 8), ("PBUID", 6), ("AccountID", 12),
                ]  # fmt: skip
                continue
            assert size == int(cells[2]), number
            named = re.findall(r"\b([A-Z][A-Za-z]*[a-z]\w*)\b", cells[3].split("FPJ")[0])
            named = [name for name in named if name != "Amt"]
            if named and "as 100101" not in cells[3] and number not in {102_701, 102_801, 102_901}:
                assert [row.name for row in extension(ours)] == named, number
            for row in extension(ours):
                assert WIDTHS.get(row.name, row.width) == row.width, (number, row)
    ours_all = {number for number in OURS["szse"] if number // 10**5 == 1 and number != 190_007}
    assert checked == ours_all


def test_report_extensions_have_the_size_of_the_facts(facts: str) -> None:
    text = section(facts, "Confirm side:", "[source: SZ-T 4.5.4")
    fills = text.split("Fill side:")[1].split("FPJ")[0]
    sizes = {200_115: 1, 200_215: 4, 203_715: 1, 200_615: 1}
    sizes |= {int(one): int(two) for one, two in re.findall(r"(\d{6}) (\d+)(?= |;|\.)", fills)}
    sizes |= {int(one): 0 for one in re.findall(r"\d{6}", fills.rsplit(";", 1)[1])}
    assert {200_315, 206_315, 200_415, 204_115} <= set(sizes)
    for number, size in sizes.items():
        assert sum(row.width for row in extension(OURS["szse"][number])) == size, number
    unlike = {200_302: 0, 200_702: 5, 201_202: 8, 206_302: 36}
    for number, ours in OURS["szse"].items():
        if number // 10**5 != 2 or number % 100 != 2:
            continue
        order = OURS["szse"].get(number - 100_001)
        names = [row.name for row in extension(ours)]
        if number in unlike:
            assert sum(row.width for row in extension(ours)) == unlike[number], number
        elif number == 203_102:
            # The specification itself (4.5.4.15) gives a component and a group here.
            assert names == ["InsufficientSecurityID"]
        elif order is not None:
            assert [(row.name, row.kind) for row in extension(ours)] == [
                (row.name, row.kind) for row in extension(order)
            ], number
    groups = {number: [one.count for one in OURS["szse"][number].groups] for number in unlike}
    assert groups[201_202] == ["NoSecurity", "NoAccounts"]
    assert groups[206_302] == ["IMCRejectTextLen"]
