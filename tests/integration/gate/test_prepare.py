"""`panshi gate prepare` on the real list of shares, from CSV to an engine that took all of it."""

import csv
import datetime as dt
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.domain.errors import BadInputError
from panshi.domain.words import Board, Market, Product
from panshi.gate.engine import load_record_tables
from panshi.gate.records import BLOCK
from panshi.market.calendar import TradingCalendar
from panshi.market.securities import SecuritiesMaster, Security, SecurityFlags
from panshi.market.securities_csv import load_securities_csv, write_securities_csv
from panshi.opening.day import FILES
from panshi.rig.small_day import numbers, parties
from panshi.rulebook.book import Rulebook
from panshi.rulebook.prices import LimitState, compute_price_limits
from panshi.rulebook.quantities import load_quantity_rule
from tests.unit.market.securities import SHARE

DAY = dt.date(2026, 11, 20)
BOARDS = {"主板": Board.MAIN, "创业板": Board.CHINEXT, "科创板": Board.STAR}
MARKETS = {"SSE": Market.SSE, "SZSE": Market.SZSE}


def write_folder(folder: Path, rows: Iterable[tuple[str, Mapping[str, int | str]]]) -> None:
    """Write rows as a day's CSV files; the columns are those that any row of a file has."""
    by_file: dict[str, list[Mapping[str, int | str]]] = {}
    names = {record: file for file, record in FILES.items()}
    for record, fields in rows:
        by_file.setdefault(names[record], []).append(fields)
    folder.mkdir()
    for file, several in by_file.items():
        columns = list(dict.fromkeys(name for fields in several for name in fields))
        with (folder / file).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, restval=0)
            writer.writeheader()
            writer.writerows(several)


def listed_shares(path: Path) -> list[Security]:
    """Return the real shares with previous closes drawn from a seed and the limits of the rules.

    A list of all previous closes of a day was not to be had; names, boards and listing days are
    the real ones.
    """
    chance = random.Random(20261120)
    rules, calendar = Rulebook.load().on(DAY), TradingCalendar.load()
    shares = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["exchange"] not in MARKETS:
                continue
            listed = dt.datetime.strptime(row["list_date"], "%Y%m%d").date()  # noqa: DTZ007
            name = row["name"]
            state = LimitState(calendar.count_from(listed, DAY), st="ST" in name)
            one = Security(
                market=MARKETS[row["exchange"]],
                code=row["symbol"],
                name=name,
                board=BOARDS[row["market"]],
                product=Product.STOCK,
                prev_close_e5=chance.randrange(100, 30_000) * 1_000,
                limit_up_e5=0,
                limit_down_e5=0,
                tick_e5=1_000,
                lots=SHARE.lots,
                list_date=listed,
                flags=SecurityFlags(st=state.st),
                set_id=1,
            )
            limits = compute_price_limits(rules, one.scope, one.prev_close_e5, state)
            lots = load_quantity_rule(rules, one.scope)
            assert limits is not None
            shares.append(
                replace(
                    one,
                    limit_down_e5=limits.low_e5 or 0,
                    limit_up_e5=limits.high_e5 or 0,
                    lots=replace(one.lots, buy_step=lots.buy_step, limit_min=lots.buy_min),
                )
            )
    return shares


def prepare(tmp_path: Path, master: Path, date: str) -> bytes:
    out = tmp_path / "day.bin"
    arguments = [str(tmp_path / "day"), "--securities", str(master), "--date", date]
    done = CliRunner().invoke(app, ["prepare", *arguments, "--out", str(out)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return out.read_bytes()


def count_records(block: bytes, name: str) -> int:
    """Count the records of a name in a prepared day."""
    wanted = next(table.type for table in load_record_tables() if table.name == name)
    count, at = 0, 0
    while at < len(block):
        kind, length = BLOCK.unpack_from(block, at)
        count += kind == wanted
        at += BLOCK.size + length
    return count


def test_the_real_list_of_shares_becomes_a_day(shared_data: Path, tmp_path: Path) -> None:
    shares = listed_shares(shared_data / "data/market/reference/a_share_securities_20250618.csv")
    assert len(shares) == 3_182 + 1_381 + 588
    master = tmp_path / "master.csv"
    write_securities_csv(master, shares)
    assert list(load_securities_csv(master)) == list(
        SecuritiesMaster({(one.market, one.code): one for one in shares})
    )
    write_folder(tmp_path / "day", [*parties(), *numbers()])
    # The command has an engine take every record before it writes the file.
    block = prepare(tmp_path, master, DAY.isoformat())
    assert count_records(block, "LoadSecurity") == len(shares)


@pytest.mark.parametrize("date", ["2026-11-21", "2027-01-04", "20 November"])
def test_a_day_without_trading_is_not_prepared(tmp_path: Path, date: str) -> None:
    master = tmp_path / "master.csv"
    write_securities_csv(master, [SHARE])
    write_folder(tmp_path / "day", [*parties(), *numbers()])
    if date == "2026-11-21":
        with pytest.raises(AssertionError, match="must be a trading day"):
            prepare(tmp_path, master, date)
        return
    with pytest.raises(BadInputError, match=r"ends on 2026-12-31|must be a date"):
        prepare(tmp_path, master, date)
