"""A journal read as Arrow tables, and verified, from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from panshi.domain.errors import BadInputError
from panshi.gate import journal
from panshi.gate.records import RecordCodec

if TYPE_CHECKING:
    from pathlib import Path

SMALL = 16 << 10
CODEC = RecordCodec()


def record(name: str, **values: int | str) -> tuple[int, bytes]:
    """Return a record's type and bytes; a field that is left out is zero."""
    return CODEC.tables[name].type, CODEC.layouts[name].pack(values)


def first_number(name: str) -> str:
    """Return the name of a record's first integer column of 4 or 8 bytes."""
    return next(field.name for field in journal.layouts()[name].fields if field.width in {4, 8})


def test_every_record_reads_back_as_a_row(tmp_path: Path) -> None:
    column = first_number("NewOrder")
    rows = [record("NewOrder", **{column: number}) for number in range(1000)]
    rows += [record("Refuse"), record("CancelOrder")]
    assert journal.append(tmp_path, rows, trade_date=20261120, segment_bytes=SMALL) == 1002
    tables = journal.read(tmp_path)
    assert tables["NewOrder"][column].to_pylist() == list(range(1000))
    assert tables["NewOrder"]["journal_sequence"].to_pylist() == list(range(1, 1001))
    assert tables["Refuse"]["journal_sequence"].to_pylist() == [1001]
    assert {name for name, table in tables.items() if table.num_rows} == {
        "NewOrder",
        "Refuse",
        "CancelOrder",
    }
    for table in tables.values():
        table.validate(full=True)


def test_columns_are_the_fields_of_the_layout() -> None:
    for name, layout in journal.layouts().items():
        assert layout.length == sum(field.width for field in layout.fields), name
        assert len({field.name for field in layout.fields}) == len(layout.fields), name


@pytest.mark.parametrize("value", [0, 1, 255, 2**31 - 1, -1, -(2**31)])
def test_numbers_keep_their_sign(tmp_path: Path, value: int) -> None:
    fields = {field.name for field in journal.layouts()["NewOrder"].fields}
    assert "price_e5" in fields
    journal.append(tmp_path, [record("NewOrder", price_e5=value)])
    table = journal.read(tmp_path, ["NewOrder"])["NewOrder"]
    assert table["price_e5"].to_pylist() == [value]
    assert table.schema.field("price_e5").type == pa.int64()


def test_a_group_names_several_records_and_a_read_may_begin_late(tmp_path: Path) -> None:
    journal.append(tmp_path, [record("StateChanged"), record("GatewayState"), record("Refuse")] * 5)
    tables = journal.read(tmp_path, ["states", "Refuse"], from_sequence=8)
    assert set(tables) == {"StateChanged", "ClientState", "GatewayState", "Refuse"}
    assert tables["GatewayState"]["journal_sequence"].to_pylist() == [8, 11, 14]
    assert tables["StateChanged"]["journal_sequence"].to_pylist() == [10, 13]
    for group, names in journal.GROUPS.items():
        assert set(journal.read(tmp_path, [group])) == set(names)


def test_tables_outlive_the_call_and_the_files(tmp_path: Path) -> None:
    journal.append(tmp_path, [record("Refuse")] * 100)
    table = journal.read(tmp_path, ["refusals"])["Refuse"]
    for file in tmp_path.iterdir():
        file.unlink()
    assert sum(table["journal_sequence"].to_pylist()) == 5050


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    journal.append(tmp_path, [])
    with pytest.raises(BadInputError, match="found Oder"):
        journal.read(tmp_path, ["Oder"])


def test_a_record_of_a_wrong_length_is_refused_with_its_sequence(tmp_path: Path) -> None:
    number, payload = record("Refuse")
    journal.append(tmp_path, [(number, payload), (number, payload[:-1])])
    with pytest.raises(BadInputError, match="sequence 2: a record Refuse must have"):
        journal.read(tmp_path)


def test_a_sound_journal_verifies_with_its_chain(tmp_path: Path) -> None:
    for _ in range(3):
        journal.append(tmp_path, [record("Refuse")] * 400, trade_date=20261120, segment_bytes=SMALL)
    outcome = journal.verify(tmp_path)
    assert outcome.ok
    assert not outcome.live
    assert outcome.records == 1200
    assert sum(segment.records for segment in outcome.segments) == 1200
    assert [segment.number for segment in outcome.segments] == list(
        range(1, len(outcome.segments) + 1)
    )
    assert {segment.epoch for segment in outcome.segments} == {1, 2, 3}
    assert {segment.trade_date for segment in outcome.segments} == {20261120}
    digests = [segment.digest for segment in outcome.segments]
    assert all(digest is not None and len(digest) == 64 for digest in digests)
    assert len(set(digests)) == len(digests)


def test_a_flipped_byte_is_named_by_file_offset_and_sequence(tmp_path: Path) -> None:
    journal.append(tmp_path, [record("Refuse")] * 10, segment_bytes=SMALL)
    file = tmp_path / "00000001.pjl"
    data = bytearray(file.read_bytes())
    data[4096 + 3] ^= 0x40
    file.write_bytes(data)
    outcome = journal.verify(tmp_path)
    assert not outcome.ok
    first = outcome.findings[0]
    assert (first.file, first.segment, first.offset, first.sequence) == (file, 1, 4096, 1)
    assert "offset 4096, sequence 1: " in str(first)
    with pytest.raises(BadInputError, match="offset 4096, sequence 1"):
        journal.read(tmp_path)


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        journal.verify(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        journal.read(tmp_path / "nowhere")
