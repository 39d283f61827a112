"""Limit prices of the exchange's own snapshots, where the reference data is at hand."""

import csv
import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from panshi.domain.words import Board, Market, Product, Scope
from panshi.market.flow_szse import parse_float_price_e5
from panshi.rulebook.book import Rulebook
from panshi.rulebook.prices import LimitState, PriceRange, compute_price_limits

BOOK = Rulebook.load()
OLD = LimitState(listed_day=1_000)


def check(date: dt.date, code: str, cells: tuple[str, str, str]) -> None:
    board = Board.CHINEXT if code.startswith("300") else Board.MAIN
    scope = Scope(Market.SZSE, board, Product.STOCK)
    close_e5, high_e5, low_e5 = (parse_float_price_e5(cell) for cell in cells)
    limits = compute_price_limits(BOOK.on(date), scope, close_e5, OLD)
    assert limits == PriceRange(low_e5, high_e5), (date, code, cells)


def test_limits_of_five_shares_on_one_day(shared_data: Path) -> None:
    path = shared_data / "data/market/szse_l2/snapshot_5stocks_20220601.zip"
    seen = set()
    with zipfile.ZipFile(path) as archive, archive.open("tick.csv") as member:
        for row in csv.DictReader(io.TextIOWrapper(member, "utf-8")):
            code = row["SecurityID"][:6]
            if code not in seen:
                seen.add(code)
                check(dt.date(2022, 6, 1), code, (row["PreClosePx"], row["MaxPx"], row["MinPx"]))
    assert seen == {"000400", "300122", "300274", "300288", "300918"}


def test_limits_of_one_share_on_three_days(shared_data: Path) -> None:
    for day in (1, 2, 3):
        path = shared_data / f"data/market/szse_l2/snapshot_000333_2023020{day}.csv.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            row = next(csv.DictReader(file))
        cells = (row["PreCloPrice"], row["HighLimitPrice"], row["LowLimitPrice"])
        check(dt.date(2023, 2, day), "000333", cells)


def test_limits_of_a_shanghai_share_are_the_extremes_of_its_orders(shared_data: Path) -> None:
    # SSE snapshots carry no limits; the exchange refuses orders outside them, and on this day
    # orders stand at both.
    folder = shared_data / "data/market"
    with (
        zipfile.ZipFile(folder / "sse_l2/600519_20230201.zip") as archive,
        archive.open(next(name for name in archive.namelist() if "snapshot" in name)) as member,
    ):
        row = next(csv.DictReader(io.TextIOWrapper(member, "utf-8")))
    table = pq.read_table(folder / "normalized/sse_order_events.parquet")
    wanted = (("date", "2023-02-01"), ("sec", "600519"), ("event", "ADD"))
    for column, value in wanted:
        table = table.filter(pc.equal(table[column], value))
    extremes = pc.min_max(table["price"]).as_py()
    scope = Scope(Market.SSE, Board.MAIN, Product.STOCK)
    close_e5 = parse_float_price_e5(row["PreCloPrice"])
    assert close_e5 == 184_576_000
    limits = compute_price_limits(BOOK.on(dt.date(2023, 2, 1)), scope, close_e5, OLD)
    assert limits == PriceRange(extremes["min"] * 10, extremes["max"] * 10)
