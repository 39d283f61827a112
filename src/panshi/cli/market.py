"""`panshi market`: the securities of a day from the exchanges' own reference files."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from panshi.cli.dates import parse_trade_date
from panshi.domain.errors import BadInputError
from panshi.market.agreement import find_disagreements
from panshi.market.calendar import TradingCalendar
from panshi.market.securities import SecuritiesMaster
from panshi.market.securities_csv import load_securities_csv, write_securities_csv
from panshi.market.sse_products import load_sse_products
from panshi.market.szse_params import load_auction_params, load_fixed_price_codes
from panshi.market.szse_securities import build_szse_master, load_szse_securities
from panshi.rulebook.book import Rulebook

EXIT_DISAGREES = 1

app = typer.Typer(no_args_is_help=True)

DateOption = Annotated[
    str, typer.Option("--date", metavar="YYYY-MM-DD", help="交易日 · trade date")
]


@app.command()
def master(
    out: Annotated[Path, typer.Option("--out", help="输出 CSV · master to write")],
    sse_products: Annotated[
        Path | None, typer.Option(help="上交所产品文件 · cpxx0202MMDD.txt (or cpxx0201)")
    ] = None,
    szse_securities: Annotated[
        Path | None, typer.Option(help="深交所证券信息 · securities_YYYYMMDD.xml")
    ] = None,
    szse_auction: Annotated[
        Path | None, typer.Option(help="深交所竞价参数 · cashauctionparams_YYYYMMDD.xml")
    ] = None,
    szse_fixed_price: Annotated[
        Path | None, typer.Option(help="深交所盘后定价参数 · fixedpriceparams_YYYYMMDD.xml")
    ] = None,
) -> None:
    """证券主数据：由交易所文件生成 CSV · make the master CSV from the exchanges' files."""
    masters: list[SecuritiesMaster] = []
    if sse_products is not None:
        masters.append(load_sse_products(sse_products))
    if szse_securities is not None and szse_auction is not None:
        fixed = load_fixed_price_codes(szse_fixed_price) if szse_fixed_price else frozenset()
        listed, params = load_szse_securities(szse_securities), load_auction_params(szse_auction)
        masters.append(build_szse_master(szse_auction, listed, params, fixed))
    elif szse_securities is not None or szse_auction is not None or szse_fixed_price is not None:
        raise BadInputError("--szse-securities and --szse-auction must be given together")
    if not masters:
        raise BadInputError("a file of an exchange must be given, found none")
    securities = [one for each in masters for one in each]
    write_securities_csv(out, securities)
    for scope, count in sorted(Counter(str(one.scope) for one in securities).items()):
        print(f"{scope}: {count} 只 securities")
    left_out = Counter[str]()
    for each in masters:
        left_out.update(each.left_out)
    for kind, count in sorted(left_out.items()):
        print(f"未收录 left out, {kind or '(blank)'}: {count}")
    print(f"{out}: {len(securities)} 只 securities")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="证券主数据 CSV · master")],
    date: DateOption,
) -> None:
    """核对主数据与规则库 · compare a master with the rulebook of a trade date."""
    trade_date = parse_trade_date(date)
    securities = load_securities_csv(file)
    rules, calendar = Rulebook.load().on(trade_date), TradingCalendar.load()
    found = 0
    for line in find_disagreements(securities, rules, calendar):
        found += 1
        print(line)
    sys.stderr.write(f"{len(securities)} 只, {found} 处不一致 · securities, differences\n")
    if found:
        raise typer.Exit(EXIT_DISAGREES)


@app.command()
def calendar(date: DateOption) -> None:
    """交易日历 · whether a date is a trading day, and its neighbours."""
    day = parse_trade_date(date)
    table = TradingCalendar.load()
    word = "交易日 trading day" if table.is_trading_day(day) else "休市 no trading"
    print(f"{day}: {word}; 日历 table {table.first}..{table.last}")
