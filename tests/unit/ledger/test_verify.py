"""A ledger that was changed anywhere is found out, as a file and as a database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict, astuple, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panshi.ledger.entry import FIELDS, TABLE, Deed, Entry, chain, compute_digest, write_data
from panshi.ledger.store import read_ledger, write_line
from panshi.ledger.verify import Head, verify

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def make_ledger(count: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, count + 1):
        data = write_data({"序": number, "note": 'a "quoted" \\ text'})
        deed = Deed(number, "王", "centre", "record.move", f"change:{number}", data)
        entries.append(chain(deed, entries[-1] if entries else None, number + 5))
    return entries


def altered(entry: Entry, field: str, value: object) -> Entry:
    return Entry(**{**asdict(entry), field: value})


LEDGER = make_ledger(4)


def as_file(folder: Path, entries: Sequence[Entry]) -> Path:
    path = folder / "ledger.jsonl"
    path.write_text("".join(write_line(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def as_database(folder: Path, entries: Sequence[Entry]) -> Path:
    path = folder / "console.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        columns = ", ".join(
            f"{name} {'INTEGER' if name.endswith(('_ns', 'sequence')) else 'TEXT'}"
            for name in FIELDS
        )
        database.execute(f"CREATE TABLE {TABLE} ({columns})")
        insert = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        database.executemany(insert, map(astuple, entries))
    return path


@pytest.mark.parametrize("store", [as_file, as_database])
def test_a_sound_ledger_is_read_back_and_holds(store: object, tmp_path: Path) -> None:
    assert callable(store)
    path = store(tmp_path, LEDGER)
    assert list(read_ledger(path)) == LEDGER
    verdict = verify(read_ledger(path))
    assert (verdict.entries, verdict.finding) == (4, None)
    assert verdict.head == Head(4, LEDGER[-1].digest)


def test_an_empty_ledger_holds_but_not_against_an_anchor() -> None:
    assert verify([]).finding is None
    finding = verify([], Head(1, LEDGER[0].digest)).finding
    assert finding is not None
    assert finding.found == "the end at 0"


def test_any_changed_byte_of_a_file_is_found(tmp_path: Path) -> None:
    path = as_file(tmp_path, LEDGER[:2])
    sound = path.read_bytes()
    head = Head(2, LEDGER[1].digest)
    for place in range(len(sound)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(sound)
            changed[place] ^= flip
            path.write_bytes(changed)
            assert verify(read_ledger(path), head).finding is not None, (place, flip)


@pytest.mark.parametrize("extra", [b"\n", b" ", b"{}\n", b"\xff"])
def test_bytes_behind_the_end_are_found(extra: bytes, tmp_path: Path) -> None:
    path = as_file(tmp_path, LEDGER)
    path.write_bytes(path.read_bytes() + extra)
    assert verify(read_ledger(path)).finding is not None


@given(place=st.integers(0, 3), field=st.sampled_from(FIELDS), sign=st.characters(codec="utf-8"))
def test_a_changed_field_is_found_even_with_a_digest_made_anew(
    place: int, field: str, sign: str
) -> None:
    entry = LEDGER[place]
    value = getattr(entry, field)
    changed = altered(entry, field, value + 1 if isinstance(value, int) else value + sign)
    forged = [*LEDGER[:place], changed, *LEDGER[place + 1 :]]
    assert verify(forged).finding is not None
    # Whoever rewrites one digest breaks the next link; at the end only an anchor tells.
    rewritten = [*LEDGER[:place], replace(changed, digest=compute_digest(changed))]
    rewritten += LEDGER[place + 1 :]
    if field != "digest":
        assert verify(rewritten, Head(4, LEDGER[-1].digest)).finding is not None


@pytest.mark.parametrize(
    "forged",
    [
        LEDGER[1:],
        [LEDGER[0], *LEDGER[2:]],
        [LEDGER[1], LEDGER[0], *LEDGER[2:]],
        [LEDGER[0], *LEDGER],
        LEDGER[:3],
        [],
    ],
    ids=["first cut", "one left out", "swapped", "twice", "last cut", "all cut"],
)
def test_what_is_missing_or_moved_is_found(forged: list[Entry]) -> None:
    assert verify(forged, Head(4, LEDGER[-1].digest)).finding is not None


def test_a_ledger_written_anew_is_found_by_its_anchor_only() -> None:
    anew = [replace(entry, actor="mallory") for entry in LEDGER]
    chained: list[Entry] = []
    for entry in anew:
        deed = Deed(*astuple(entry)[1:2], *astuple(entry)[3:8])
        chained.append(chain(deed, chained[-1] if chained else None, entry.recorded_ns))
    assert verify(chained).finding is None
    finding = verify(chained, Head(2, LEDGER[1].digest)).finding
    assert finding is not None
    assert finding.sequence == 2


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE event SET actor = 'x' WHERE sequence = 2", "digest"),
        ("UPDATE event SET actor = x'ff' WHERE sequence = 2", "utf-8"),
        ("UPDATE event SET actor = NULL WHERE sequence = 2", "None"),
        ("UPDATE event SET happened_ns = 'x' WHERE sequence = 2", "'x'"),
        ("DELETE FROM event WHERE sequence = 2", "record 3"),
        ("DROP TABLE event", "no such table"),
    ],
)
def test_a_changed_database_is_found(statement: str, told: str, tmp_path: Path) -> None:
    path = as_database(tmp_path, LEDGER)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)
    finding = verify(read_ledger(path)).finding
    assert finding is not None
    assert told in finding.found + finding.expected


def test_a_damaged_page_of_a_database_is_found(tmp_path: Path) -> None:
    path = as_database(tmp_path, make_ledger(200))
    content = bytearray(path.read_bytes())
    content[4096:8192] = bytes(4096)
    path.write_bytes(content)
    assert verify(read_ledger(path)).finding is not None
