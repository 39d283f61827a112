"""The product file of SSE, cpxx0201MMDD.txt: read whole or not at all, and written for tests.

Layout: one line for a product, 33 fields of fixed width joined by `|`, GB18030, widths in bytes,
text left aligned, numbers right aligned. A number that does not fit is all 9. The file holds halted
products like all others and does not say that they are halted.

Source: SSE IS124 v3.30 (2026-04) and v3.40 (2026-05), 1.3, 2.8 and 2.9.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.units import format_scaled, parse_scaled
from panshi.domain.words import Board, Market, Product
from panshi.market.securities import (
    Lots,
    SecuritiesMaster,
    Security,
    SecurityFlags,
    build_master,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ENCODING = "gb18030"
BAR = b"|"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line: name, width in bytes, decimal places (None for text)."""

    name: str
    width: int
    places: int | None = None


FIELDS = (
    Field("code", 6), Field("isin", 12), Field("update_time", 8), Field("name", 8),
    Field("english_name", 10), Field("underlying", 6), Field("market_class", 4),
    Field("class", 6), Field("sub_class", 3), Field("currency", 3),
    Field("face_value", 15, 3), Field("unlisted_float", 15, 0), Field("last_day", 15),
    Field("list_date", 8), Field("set_id", 3, 0), Field("buy_unit", 12, 0),
    Field("sell_unit", 12, 0), Field("limit_min", 12, 0), Field("limit_max", 12, 0),
    Field("prev_close", 11, 3), Field("tick", 11, 3), Field("limit_type", 1),
    Field("limit_up", 11, 3), Field("limit_down", 11, 3), Field("bonus_ratio", 11, 6),
    Field("dividend", 11, 6), Field("margin_buy", 1), Field("short_sell", 1),
    Field("status", 20), Field("market_min", 12, 0), Field("market_max", 12, 0),
    Field("long_name", 32), Field("remarks", 100),
)  # fmt: skip
"""The 33 fields in the order of a line."""

LIMITED = "N"
NO_LIMIT_TYPES = ("R", "P", "U")
"""Limit types of shares, funds and convertible bonds; `S` and `F` are for other products."""

STATE_AT, SAME_DAY_AT = 3, 9
"""Places among the 20 status flags, from 0: the state of a share; same-day trading.

The others are listing day, ex-right, ex-dividend, depositary receipt, bond suitability, closing
time, not yet profitable, weighted votes and registration.
"""

RISK_WARNING, DELISTING = "S", "P"
"""States at STATE_AT that decide something here."""

AFTER_HOURS_AT = 40
"""Place of the after-hours flag in the remarks, from 0; only the file cpxx0202 gives it."""

KINDS = {
    "ASH": (Board.MAIN, Product.STOCK),
    "KSH": (Board.STAR, Product.STOCK),
    "CCF": (Board.BOND, Product.CONVERTIBLE),
    **dict.fromkeys(("EBS", "LOF", "CEF", "OFN", "RET"), (Board.FUND, Product.FUND)),
}
"""Board and product by sub class; sub classes that are not here are not traded by the platform."""


def load_sse_products(path: Path) -> SecuritiesMaster:
    """Load a product file of SSE.

    Products that are neither A share, STAR share, fund nor convertible bond are left out and
    counted by sub class. A risk warning and a delisting period are read from the state flag and,
    as the flag knows them on the main board only, from the name as well (ST, 退).

    Args:
        path: File cpxx0201MMDD.txt or cpxx0202MMDD.txt; the second replaces the first.

    Returns:
        The master.

    Raises:
        BadRecordError: If a line has a wrong length, a bar out of place, bytes that are no
            GB18030 or a field that does not hold; nothing is loaded then.

    Source:
        SSE IS124 section 2.8.
    """
    content = path.read_bytes()
    if not content.endswith(b"\n"):
        lines_seen = content.count(b"\n") + 1
        raise BadRecordError(path, lines_seen, "", "a line that ends with 0x0A", "end of file")
    rows: list[tuple[int, Security]] = []
    left_out: dict[str, int] = {}
    for number, raw in enumerate(content[:-1].split(b"\n"), start=1):
        line = _Line(path, number, raw.removesuffix(b"\r"))
        sub_class = line.text["sub_class"]
        if sub_class in KINDS:
            rows.append((number, line.parse(*KINDS[sub_class])))
        else:
            left_out[sub_class] = left_out.get(sub_class, 0) + 1
    return SecuritiesMaster(build_master(path, rows).by_key, left_out)


class _Line:
    """One product; each reader names line and field when it does not hold."""

    def __init__(self, path: Path, number: int, raw: bytes) -> None:
        self.path = path
        self.number = number
        self.text: dict[str, str] = {}
        self.cells: dict[str, bytes] = {}
        offset = 0
        width_all = sum(item.width for item in FIELDS) + len(FIELDS) - 1
        if len(raw) != width_all:
            raise BadRecordError(path, number, "", f"{width_all} bytes", f"{len(raw)} bytes")
        for item in FIELDS:
            if offset and raw[offset - 1 : offset] != BAR:
                expected = f"a bar before byte {offset + 1}"
                found = repr(raw[offset - 1 : offset])
                raise BadRecordError(path, number, item.name, expected, found)
            cell = raw[offset : offset + item.width]
            try:
                self.text[item.name] = cell.decode(ENCODING).strip(" ")
            except UnicodeDecodeError as error:
                raise BadRecordError(path, number, item.name, ENCODING, repr(cell)) from error
            self.cells[item.name] = cell
            offset += item.width + 1

    def parse(self, board: Board, product: Product) -> Security:
        limit_type = self.choice("limit_type", (LIMITED, *NO_LIMIT_TYPES))
        no_limit = limit_type in NO_LIMIT_TYPES
        state = self.flag("status", STATE_AT, "DSPTU")
        same_day = self.flag("status", SAME_DAY_AT, "YN ") == "Y"
        if product is Product.FUND and same_day:
            product = Product.ETF_SAME_DAY
        is_stock, name = product is Product.STOCK, self.text["name"]
        flags = SecurityFlags(
            st=is_stock and (state == RISK_WARNING or "ST" in name),
            no_limit=no_limit,
            delisting=is_stock and (state == DELISTING or "退" in name),
            same_day=same_day or product is Product.CONVERTIBLE,
            margin_buy=self.choice("margin_buy", ("T", "F")) == "T",
            short_sell=self.choice("short_sell", ("T", "F")) == "T",
            after_hours=self.flag("remarks", AFTER_HOURS_AT, "YN ") == "Y",
        )
        return Security(
            market=Market.SSE,
            code=self.text["code"],
            name=name,
            board=board,
            product=product,
            prev_close_e5=self.number_of("prev_close") * 100,
            limit_up_e5=0 if no_limit else self.number_of("limit_up") * 100,
            limit_down_e5=0 if no_limit else self.number_of("limit_down") * 100,
            tick_e5=self.number_of("tick") * 100,
            lots=self.lots(),
            list_date=self.date("list_date"),
            flags=flags,
            set_id=self.number_of("set_id"),
        )

    def lots(self) -> Lots:
        return Lots(
            buy_step=self.number_of("buy_unit"),
            sell_step=self.number_of("sell_unit"),
            limit_min=self.number_of("limit_min"),
            limit_max=self.number_of("limit_max"),
            market_min=self.number_of("market_min"),
            market_max=self.number_of("market_max"),
        )

    def flag(self, name: str, place: int, signs: str) -> str:
        """Return one sign of a field that is a row of signs."""
        sign = self.cells[name][place : place + 1].decode("latin-1")
        if sign not in signs:
            expected = f"one of {', '.join(map(repr, signs))} at place {place + 1}"
            raise BadRecordError(self.path, self.number, name, expected, repr(sign))
        return sign

    def choice(self, name: str, words: tuple[str, ...]) -> str:
        value = self.text[name]
        if value not in words:
            expected = f"one of {', '.join(words)}"
            raise BadRecordError(self.path, self.number, name, expected, repr(value))
        return value

    def number_of(self, name: str) -> int:
        item = next(one for one in FIELDS if one.name == name)
        places = item.places or 0
        value = self.text[name]
        expected = f"a number of at most {places} places that fits"
        # All 9 is the exchange's sign of a number that did not fit.
        if len(value) == item.width and not value.replace(".", "").strip("9"):
            raise BadRecordError(self.path, self.number, name, expected, repr(value))
        try:
            number = parse_scaled(value, places)
        except ValueError as error:
            raise BadRecordError(self.path, self.number, name, expected, repr(value)) from error
        if number < 0:
            raise BadRecordError(self.path, self.number, name, ">= 0", repr(value))
        return number

    def date(self, name: str) -> dt.date:
        value = self.text[name]
        try:
            return dt.datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError as error:
            expected = "a date YYYYMMDD"
            raise BadRecordError(self.path, self.number, name, expected, repr(value)) from error


def write_sse_products(path: Path, securities: Iterable[Security]) -> None:
    """Write a product file of SSE, for tests and for the simulated exchange.

    Args:
        path: File to write.
        securities: SSE securities; fields that the master does not hold are left empty.

    Raises:
        ValueError: If a value does not fit its field.
    """
    path.write_bytes(b"".join(_format_line(one) for one in securities))


def _format_line(one: Security) -> bytes:
    values = {
        "code": one.code,
        "name": one.name,
        "update_time": "08:30:00",
        "market_class": "ASHR",
        "class": {Board.FUND: "EU", Board.BOND: "D"}.get(one.board, "ES"),
        "sub_class": {board: name for name, (board, _) in reversed(KINDS.items())}[one.board],
        "currency": "CNY",
        "list_date": one.list_date.strftime("%Y%m%d"),
        "set_id": str(one.set_id),
        "buy_unit": str(one.lots.buy_step),
        "sell_unit": str(one.lots.sell_step),
        "limit_min": str(one.lots.limit_min),
        "limit_max": str(one.lots.limit_max),
        "market_min": str(one.lots.market_min),
        "market_max": str(one.lots.market_max),
        "prev_close": _price(one.prev_close_e5),
        "tick": _price(one.tick_e5),
        "limit_type": NO_LIMIT_TYPES[0] if one.flags.no_limit else LIMITED,
        "limit_up": _price(one.limit_up_e5),
        "limit_down": _price(one.limit_down_e5),
        "margin_buy": "T" if one.flags.margin_buy else "F",
        "short_sell": "T" if one.flags.short_sell else "F",
        "status": _status(one),
        "remarks": " " * AFTER_HOURS_AT + ("Y" if one.flags.after_hours else "N"),
    }
    cells: list[bytes] = []
    for item in FIELDS:
        cell = values.get(item.name, "").encode(ENCODING)
        if len(cell) > item.width:
            raise ValueError(f"{item.name} must fit {item.width} bytes, found {cell!r}")
        is_number = item.places is not None
        cells.append(cell.rjust(item.width) if is_number else cell.ljust(item.width))
    return BAR.join(cells) + b"\n"


def _status(one: Security) -> str:
    signs = [" "] * (SAME_DAY_AT + 1)
    signs[STATE_AT] = RISK_WARNING if one.flags.st else DELISTING if one.flags.delisting else "D"
    signs[SAME_DAY_AT] = "Y" if one.flags.same_day else "N"
    return "".join(signs)


def _price(value_e5: int) -> str:
    return format_scaled(value_e5 // 100, 3, digits_min=3)
