"""`panshi market`: a master from the exchanges' files, whether it agrees, and the calendar."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli.market import app
from panshi.domain.errors import BadInputError, OutsideCalendarError
from panshi.domain.words import Board, Market
from panshi.market.securities import SecurityFlags
from panshi.market.securities_csv import load_securities_csv, write_securities_csv
from panshi.market.sse_products import write_sse_products
from panshi.market.szse_params import write_auction_params
from tests.unit.market.securities import PARAMS, SHARE, szse_record, write_szse

MARKET_MAXIMUM = (
    "szse/000001 平安银行: 市价上限 market maximum: 文件 file 500000, 规则库 rulebook 1000000\n"
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    share = replace(SHARE, flags=SecurityFlags(after_hours=True))
    write_sse_products(tmp_path / "cpxx02021120.txt", [share])
    write_szse(tmp_path / "securities.xml", szse_record(), szse_record("200011", "4"))
    write_auction_params(tmp_path / "auction.xml", [PARAMS])
    return {
        "--sse-products": str(tmp_path / "cpxx02021120.txt"),
        "--szse-securities": str(tmp_path / "securities.xml"),
        "--szse-auction": str(tmp_path / "auction.xml"),
        "--szse-fixed-price": str(tmp_path / "auction.xml"),
        "--out": str(tmp_path / "master.csv"),
    }


def run(options: dict[str, str]) -> tuple[int, str]:
    words = [word for pair in options.items() for word in pair]
    done = CliRunner().invoke(app, ["master", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def test_a_master_is_made_of_both_exchanges_files(files: dict[str, str]) -> None:
    code, shown = run(files)
    assert code == 0
    assert "sse/main/stock: 1" in shown
    assert "szse/main/stock: 1" in shown
    assert "left out, 4: 1" in shown
    master = load_securities_csv(Path(files["--out"]))
    assert len(master) == 2
    share = master.get(Market.SZSE, "000001")
    assert share is not None
    assert (share.board, share.flags.after_hours) == (Board.MAIN, True)
    done = CliRunner().invoke(app, ["check", files["--out"], "--date", "2026-11-20"])
    assert (done.exit_code, done.stdout) == (1, MARKET_MAXIMUM), done.output


def test_a_master_that_agrees_ends_with_0(tmp_path: Path) -> None:
    path = tmp_path / "master.csv"
    write_securities_csv(path, [SHARE])
    done = CliRunner().invoke(app, ["check", str(path), "--date", "2026-11-20"])
    assert (done.exit_code, done.stdout) == (0, "")


def test_half_of_an_exchanges_files_is_not_enough(files: dict[str, str]) -> None:
    del files["--szse-auction"]
    with pytest.raises(BadInputError, match="given together"):
        run(files)
    with pytest.raises(BadInputError, match="a file of an exchange"):
        run({"--out": files["--out"]})


def test_the_calendar_says_where_it_ends() -> None:
    done = CliRunner().invoke(app, ["calendar", "--date", "2026-10-01"])
    assert "休市" in done.stdout
    assert "2018-01-02..2026-12-31" in done.stdout
    assert "交易日" in CliRunner().invoke(app, ["calendar", "--date", "2026-11-20"]).stdout
    done = CliRunner().invoke(app, ["calendar", "--date", "2027-01-04"])
    assert isinstance(done.exception, OutsideCalendarError)
    done = CliRunner().invoke(app, ["calendar", "--date", "tomorrow"])
    assert isinstance(done.exception, BadInputError)
    assert json.dumps("tomorrow").strip('"') in str(done.exception)
