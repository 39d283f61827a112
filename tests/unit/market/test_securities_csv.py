"""The securities master as CSV: round trip, all or nothing, errors that say where."""

from dataclasses import replace
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.domain.words import Market
from panshi.market.securities import Security
from panshi.market.securities_csv import load_securities_csv, write_securities_csv


def test_what_is_written_is_read_again(tmp_path: Path, securities: list[Security]) -> None:
    path = tmp_path / "securities.csv"
    write_securities_csv(path, securities)
    master = load_securities_csv(path)
    assert list(master) == securities
    assert len(master) == len(securities)
    assert master.get(Market.SSE, "600961") == securities[0]
    assert master.get(Market.SZSE, "600961") is None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("sse,600961", "nyse,600961", "market"),
        ("sse,600961", "szse,600961", "code"),
        ("600961", "60096", "code"),
        ("main,stock", "star,convertible", "board"),
        ("9.09", "", "prev_close"),
        ("9.09", "9.0900001", "prev_close"),
        ("9.09", "0", "prev_close"),
        ("9.09", "11.00", "limits"),
        ("2004-08-30", "20040830.", "list_date"),
        ("1000000", "-1", "limit_max"),
        ("no,no", "nein,no", "st"),
    ],
)
def test_a_bad_cell_names_line_and_column(
    tmp_path: Path, share: Security, old: str, new: str, field: str
) -> None:
    path = tmp_path / "securities.csv"
    other = replace(share, code="600000", name="x")
    write_securities_csv(path, [other, share, replace(share, market=Market.SZSE)])
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(BadRecordError) as failure:
        load_securities_csv(path)
    assert failure.value.field == field
    assert failure.value.line in (3, 4)


def test_a_missing_column_is_named(tmp_path: Path, share: Security) -> None:
    path = tmp_path / "securities.csv"
    write_securities_csv(path, [share])
    path.write_text(path.read_text(encoding="utf-8").replace("tick", "step"), encoding="utf-8")
    with pytest.raises(BadRecordError, match="field tick"):
        load_securities_csv(path)


def test_a_security_that_comes_twice_is_refused(tmp_path: Path, share: Security) -> None:
    path = tmp_path / "securities.csv"
    write_securities_csv(path, [share, share])
    with pytest.raises(BadRecordError, match="line 3, field code"):
        load_securities_csv(path)


def test_a_file_that_breaks_off_within_a_line_is_refused(tmp_path: Path, share: Security) -> None:
    path = tmp_path / "securities.csv"
    write_securities_csv(path, [share, replace(share, code="600000")])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadRecordError, match="line 3"):
        load_securities_csv(path)
