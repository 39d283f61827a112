"""A prepared day: rows from CSV files, and an engine that takes them all."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from panshi.domain.errors import BadInputError, BadRecordError
from panshi.domain.words import Market
from panshi.gate.engine import load_levels
from panshi.gate.records import BLOCK, RecordCodec
from panshi.market.securities import SecurityFlags
from panshi.opening.day import build_day, load_rows, require_taken, security_row
from panshi.rig.small_day import security
from panshi.rulebook.book import Rulebook

TRADE_DATE = dt.date(2026, 7, 20)
FILES = {
    "branches.csv": "branch,state\n00001,1\n",
    "pbus.csv": "pbu,market,pbu_no,gateway\n20001,1,0,1\n",
    "customers.csv": "customer,owner_group,desk,fee_group,state\n1,1,1,1,1\n",
    "accounts.csv": "account,market,state,branch,customer\nA000000001,1,1,00001,1\n",
    "clients.csv": "comp_id,client,market,pbu_mask\nOMS01,1,1,1\n",
    "limits.csv": "scope,metric,id,warn,block\n"
    + "".join(f"{level.scope},{level.metric},0,100,200\n" for level in load_levels()),
    "params.csv": "param,market,value\n1,0,1000000000\n",
}
HEAD = "scope,state,id,market,key,from_ns,to_ns\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def prepare(folder: Path) -> bytes:
    return build_day(TRADE_DATE, Rulebook.load().on(TRADE_DATE), [], load_rows(folder, TRADE_DATE))


def test_a_schedule_is_written_in_times_of_the_day(folder: Path) -> None:
    (folder / "schedules.csv").write_text(HEAD + "3,3,0,0,,11:20:00,13:00:00\n")
    rows = [row for name, row in load_rows(folder, TRADE_DATE) if name == "LoadSchedule"]
    assert [(row["from_ns"], row["to_ns"]) for row in rows] == [
        (40_800_000_000_000, 46_800_000_000_000)
    ]
    require_taken(prepare(folder))


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ("3,3,0,0,,25:00:00,26:00:00", "from_ns"),
        ("3,3,0,0,,11:20:00,noon", "to_ns"),
        ("3,halted,0,0,,11:20:00,13:00:00", "state"),
    ],
)
def test_a_cell_that_is_no_time_or_number_is_named(folder: Path, cells: str, field: str) -> None:
    (folder / "schedules.csv").write_text(HEAD + cells + "\n")
    with pytest.raises(BadRecordError, match=rf"schedules.csv, line 2, field {field}"):
        prepare(folder)


@pytest.mark.parametrize(
    ("cells", "limit", "found"),
    [
        ("5,3,0,1,A000000009,11:20:00,13:00:00", 5, 0),
        ("3,3,7,0,,11:20:00,13:00:00", 3, 7),
        ("1,3,0,0,,13:00:00,11:20:00", 46_800_000_000_001, 40_800_000_000_000),
        ("1,4,0,0,,11:20:00,13:00:00", 3, 4),
    ],
)
def test_a_row_that_the_engine_would_not_take_stops_the_preparation(
    folder: Path, cells: str, limit: int, found: int
) -> None:
    (folder / "schedules.csv").write_text(HEAD + cells + "\n")
    block = prepare(folder)
    with pytest.raises(
        BadInputError, match=rf"LoadSchedule .* code 33006, limit {limit}, value {found}"
    ):
        require_taken(block)


def test_the_gates_table_sizes_count(folder: Path) -> None:
    with pytest.raises(BadInputError, match=r"LoadAccount .* limit 0, value 1"):
        require_taken(prepare(folder), {"accounts": 0})


def test_a_security_halted_at_the_open_is_suspended() -> None:
    share = security(Market.SSE, "600000")
    assert dict(security_row(share)[1])["state"] == 1
    halted = replace(share, flags=SecurityFlags(halted=True))
    name, row = security_row(halted)
    assert (name, row["state"], row["list_date"]) == ("LoadSecurity", 3, 20000101)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "params.csv").unlink()
    with pytest.raises(BadRecordError, match=r"params.csv: must be a file with the day's rows"):
        prepare(folder)


def test_the_day_opens_last(folder: Path) -> None:
    block, codec = prepare(folder), RecordCodec()
    size = codec.layouts["DayOpen"].size
    kind, length = BLOCK.unpack_from(block, len(block) - size - BLOCK.size)
    assert (kind, length) == (codec.tables["DayOpen"].type, size)
    assert codec.layouts["DayOpen"].unpack(block[-size:])["trade_date"] == 20260720
