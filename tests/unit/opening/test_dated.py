"""Limits, parameters and switches hold from a day to a day."""

import datetime as dt
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.opening.day import FILES, load_rows

BEFORE, FIRST, LAST, AFTER = (dt.date(2026, 7, day) for day in (17, 20, 21, 22))
LIMIT = "scope,metric,id,market,warn,block,effective_from,effective_to\n"
PARAM = "param,market,group,value,effective_from,effective_to\n"
SWITCH = "code,market,group,mode,effective_from,effective_to\n"


def write_day(folder: Path, **files: str) -> None:
    for file in FILES:
        (folder / file).write_text(files.get(file.partition(".")[0], "effective_from\n"))


def loaded(folder: Path, day: dt.date, field: str) -> list[object]:
    return [row[field] for _, row in load_rows(folder, day)]


def test_a_row_holds_on_its_first_and_last_day_and_on_those_between(tmp_path: Path) -> None:
    write_day(
        tmp_path,
        limits=LIMIT
        + "1,8,0,0,1,10,,2026-07-19\n1,8,0,0,1,20,2026-07-20,2026-07-21\n"
        + "1,8,0,0,1,30,2026-07-22,\n1,8,0,1,1,40,,\n",
    )
    found = [loaded(tmp_path, day, "block") for day in (BEFORE, FIRST, LAST, AFTER)]
    assert found == [[10, 40], [20, 40], [20, 40], [30, 40]]


def test_parameters_and_switches_are_dated_by_market_and_group(tmp_path: Path) -> None:
    write_day(
        tmp_path,
        params=PARAM + "1,0,0,5,,2026-07-20\n1,0,0,6,2026-07-21,\n1,0,7,8,,\n1,2,0,9,,\n",
    )
    assert loaded(tmp_path, FIRST, "value") == [5, 8, 9]
    assert loaded(tmp_path, LAST, "value") == [6, 8, 9]
    write_day(tmp_path, switches=SWITCH + "30402,1,2,0,,2026-07-20\n30402,1,2,2,2026-07-21,\n")
    assert (loaded(tmp_path, FIRST, "mode"), loaded(tmp_path, LAST, "mode")) == ([0], [2])


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("limits", LIMIT + "1,8,0,0,1,10,,2026-07-20\n1,8,0,0,1,20,2026-07-20,\n"),
        ("params", PARAM + "1,2,7,5,,\n1,2,7,6,2026-07-20,\n"),
        ("switches", SWITCH + "30402,0,0,0,,\n30402,0,0,1,,\n"),
        ("limits", "scope,metric,warn,block\n1,8,1,1\n1,8,2,2\n"),
    ],
)
def test_two_rows_in_force_for_one_value_are_named(tmp_path: Path, file: str, text: str) -> None:
    write_day(tmp_path, **{file: text})
    expected = rf"{file}.csv, line 3: must be one row in force on 2026-07-20 .*, found line 2 and"
    with pytest.raises(BadRecordError, match=expected):
        list(load_rows(tmp_path, FIRST))


@pytest.mark.parametrize(
    ("dates", "field"),
    [("20.7.2026,", "effective_from"), (",soon", "effective_to"), ("2026-07-21,2026-07-20", "_to")],
)
def test_a_date_that_is_none_or_ends_before_it_begins_is_named(
    tmp_path: Path, dates: str, field: str
) -> None:
    write_day(tmp_path, limits=LIMIT + f"1,8,0,0,1,10,{dates}\n")
    with pytest.raises(BadRecordError, match=rf"limits.csv, line 2, field .*{field}"):
        list(load_rows(tmp_path, FIRST))
