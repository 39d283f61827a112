"""The securities of SZSE, securities_YYYYMMDD.xml, with their trading parameters as a master.

The file whose name begins with `pre_` comes the evening before and is preliminary: the one
without that prefix decides.

Source: SZSE data file exchange 1.42 (2025-08), 3.1 and table 3-2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.units import BP
from panshi.domain.words import Board, Market, Product
from panshi.market.securities import (
    Lots,
    SecuritiesMaster,
    Security,
    SecurityFlags,
    build_master,
)
from panshi.market.szse_xml import iterate_records
from panshi.rulebook.prices import price_limits_e5

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from panshi.market.szse_params import AuctionParams
    from panshi.market.szse_xml import XmlRecord

KINDS = {
    "1": (Board.MAIN, Product.STOCK),
    "2": (Board.MAIN, Product.STOCK),
    "3": (Board.CHINEXT, Product.STOCK),
    "8": (Board.BOND, Product.CONVERTIBLE),
    "36": (Board.MAIN, Product.STOCK),
    "37": (Board.CHINEXT, Product.STOCK),
    **dict.fromkeys(
        ("14", "15", "16", "17", "18", "19", "20", "22", "23", "24", "25", "38", "40", "41"),
        (Board.FUND, Product.FUND),
    ),
}
"""Board and product by SecurityType; types that are not here are not traded by the platform."""

HALTED, ST, STAR_ST, DELISTING, DELISTING_FIRST = "1", "4", "5", "10", "18"
"""Values of Status that decide something here."""


@dataclass(frozen=True, slots=True)
class ListedSecurity:
    """What the file says of one security; the previous close is in 1/100000 yuan."""

    code: str
    name: str
    board: Board
    product: Product
    prev_close_e5: int
    list_date: dt.date
    flags: SecurityFlags


@dataclass(frozen=True, slots=True)
class SecurityList:
    """The securities of a file by code, and how many were left out by SecurityType."""

    by_code: dict[str, ListedSecurity]
    left_out: dict[str, int]


def load_szse_securities(path: Path) -> SecurityList:
    """Load the securities of SZSE.

    Args:
        path: File securities_YYYYMMDD.xml.

    Returns:
        Shares, funds and convertible bonds; other kinds are counted.

    Raises:
        BadRecordError: If the file is no XML, holds a document type, or an element is missing or
            does not hold; nothing is loaded then. The line is the number of the security.

    Source:
        SZSE data file exchange 1.42, section 3.1.
    """
    by_code: dict[str, ListedSecurity] = {}
    left_out: dict[str, int] = {}
    for record in iterate_records(path):
        kind = record.text("SecurityType")
        if kind not in KINDS:
            left_out[kind] = left_out.get(kind, 0) + 1
            continue
        one = _parse_security(record, *KINDS[kind])
        if one.code in by_code:
            raise BadRecordError(path, record.number, "SecurityID", "given once", one.code)
        by_code[one.code] = one
    return SecurityList(by_code, left_out)


def _parse_security(record: XmlRecord, board: Board, product: Product) -> ListedSecurity:
    states = {(state.element.text or "").strip() for state in record.parts("Status")}
    same_day = record.flag("DayTrading")
    if product is Product.FUND and same_day:
        product = Product.ETF_SAME_DAY
    return ListedSecurity(
        code=record.text("SecurityID"),
        name=record.text("Symbol"),
        board=board,
        product=product,
        prev_close_e5=record.scaled("PrevClosePx", 5),
        list_date=record.date("ListDate"),
        flags=SecurityFlags(
            st=bool(states & {ST, STAR_ST}),
            halted=HALTED in states,
            delisting=bool(states & {DELISTING, DELISTING_FIRST}),
            same_day=same_day,
            margin_buy=record.flag("CrdBuyUnderlying"),
            short_sell=record.flag("CrdSellUnderlying"),
        ),
    )


def build_szse_master(
    path: Path,
    listed: SecurityList,
    params: dict[str, AuctionParams],
    fixed_price: frozenset[str],
) -> SecuritiesMaster:
    """Join the files of SZSE to a master.

    Args:
        path: File of the auction parameters, for messages.
        listed: Securities of the day.
        params: Auction parameters by code.
        fixed_price: Codes that take part in after-hours fixed-price trading.

    Returns:
        The securities that have auction parameters; the others are counted as left out.

    Raises:
        BadRecordError: If the prices of a security contradict each other, or its limits of
            continuous trading are not given.
    """
    rows: list[tuple[int, Security]] = []
    for number, one in enumerate(params.values(), start=1):
        security = listed.by_code.get(one.code)
        if security is not None:
            rows.append((number, _join(path, number, security, one, fixed_price)))
    master = build_master(path, rows)
    untraded = len(listed.by_code) - len(rows)
    left_out = dict(listed.left_out) | ({"no auction parameters": untraded} if untraded else {})
    return SecuritiesMaster(master.by_key, left_out)


def _join(
    path: Path,
    number: int,
    security: ListedSecurity,
    one: AuctionParams,
    fixed_price: frozenset[str],
) -> Security:
    setting = next((item for item in one.settings if item.phase == "T"), None)
    if setting is None:
        expected = f"a setting of type T (continuous trading) for {one.code}"
        raise BadRecordError(path, number, "PriceLimitSetting", expected, "none")
    low, high = 0, 0
    if setting.has_limit and setting.is_rate:
        limits = price_limits_e5(
            security.prev_close_e5, setting.up, min(setting.down, BP), one.tick_e5
        )
        low, high = limits.low_e5 or 0, limits.high_e5 or 0
    elif setting.has_limit:
        low, high = setting.down, setting.up
    flags = replace(
        security.flags, no_limit=not setting.has_limit, after_hours=one.code in fixed_price
    )
    return Security(
        market=Market.SZSE,
        code=security.code,
        name=security.name,
        board=security.board,
        product=security.product,
        prev_close_e5=security.prev_close_e5,
        limit_up_e5=high,
        limit_down_e5=low,
        tick_e5=one.tick_e5,
        lots=Lots(
            buy_step=one.buy_unit,
            sell_step=one.sell_unit,
            limit_min=one.buy_unit,
            limit_max=min(one.buy_max, one.sell_max),
            market_min=one.market_buy_unit,
            market_max=min(one.market_buy_max, one.market_sell_max),
        ),
        list_date=security.list_date,
        flags=flags,
    )
