"""The product file of SSE, cpxx0201MMDD.txt: read whole or not at all, and written for tests.

Layout: one line for a product, 33 fields of fixed width joined by `|`, GB18030, widths in bytes,
text left aligned, numbers right aligned. A number that does not fit is all 9.

Source: SSE IS124 section 2.8 as recorded in docs/rules/reference_files.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.units import format_scaled, parse_scaled
from panshi.domain.words import Market, Product
from panshi.market.securities import (
    Lots,
    SecuritiesMaster,
    Security,
    SecurityFlags,
    build_master,
    sse_board,
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

NO_LIMIT_TYPES = ("R", "P", "U")
LIMIT_TYPES = ("N", "S", "F", *NO_LIMIT_TYPES)
AFTER_HOURS_AT = 40
"""Place of the after-hours flag in the remarks, from 0; only the file cpxx0202 gives it."""

HALTED_AT = 2
"""Place of the halt flag among the status flags, from 0.

The meaning of the single flags was not found in a stored copy: general knowledge says that flag
3 is 暂停交易; `load_sse_products` takes the place as an argument so that it can be corrected.
"""


def load_sse_products(path: Path, *, halted_at: int = HALTED_AT) -> SecuritiesMaster:
    """Load a product file of SSE.

    Products that are neither A share, STAR share, fund nor convertible bond are left out. Whether
    a share is under risk warning is read from the name (ST, *ST), as the file has no flag for it.

    Args:
        path: File cpxx0201MMDD.txt or cpxx0202MMDD.txt.
        halted_at: Place of the halt flag among the 20 status flags, from 0.

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
    for number, raw in enumerate(content[:-1].split(b"\n"), start=1):
        line = _Line(path, number, raw.removesuffix(b"\r"))
        security = line.parse(halted_at)
        if security is not None:
            rows.append((number, security))
    return build_master(path, rows)


class _Line:
    """One product; each reader names line and field when it does not hold."""

    def __init__(self, path: Path, number: int, raw: bytes) -> None:
        self.path = path
        self.number = number
        self.text: dict[str, str] = {}
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
                self.text[item.name] = cell.decode(ENCODING).strip()
            except UnicodeDecodeError as error:
                raise BadRecordError(path, number, item.name, ENCODING, repr(cell)) from error
            if item.name == "remarks":
                self.remarks = cell
            offset += item.width + 1

    def parse(self, halted_at: int) -> Security | None:
        code = self.text["code"]
        try:
            board, product = sse_board(code, self.text["sub_class"])
        except ValueError:
            return None
        limit_type = self.choice("limit_type", LIMIT_TYPES)
        no_limit = limit_type in NO_LIMIT_TYPES
        status = self.text["status"]
        flags = SecurityFlags(
            st=product is Product.STOCK and "ST" in self.text["name"],
            halted=status[halted_at : halted_at + 1] not in ("", "0", " ", "N", "F"),
            no_limit=no_limit,
            delisting=product is Product.STOCK and "退" in self.text["name"],
            same_day=product in (Product.CONVERTIBLE, Product.ETF_SAME_DAY),
            margin_buy=self.choice("margin_buy", ("T", "F")) == "T",
            short_sell=self.choice("short_sell", ("T", "F")) == "T",
            after_hours=self.remarks[AFTER_HOURS_AT : AFTER_HOURS_AT + 1] in (b"T", b"Y", b"1"),
        )
        return Security(
            market=Market.SSE,
            code=code,
            name=self.text["name"],
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
        "class": "ES" if one.product is Product.STOCK else "",
        "sub_class": {"main": "ASH", "star": "KSH"}.get(str(one.board), ""),
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
        "limit_type": "U" if one.flags.no_limit else "N",
        "limit_up": _price(one.limit_up_e5),
        "limit_down": _price(one.limit_down_e5),
        "margin_buy": "T" if one.flags.margin_buy else "F",
        "short_sell": "T" if one.flags.short_sell else "F",
        "status": "0" * HALTED_AT + ("1" if one.flags.halted else "0"),
        "remarks": " " * AFTER_HOURS_AT + ("T" if one.flags.after_hours else "F"),
    }
    cells: list[bytes] = []
    for item in FIELDS:
        cell = values.get(item.name, "").encode(ENCODING)
        if len(cell) > item.width:
            raise ValueError(f"{item.name} must fit {item.width} bytes, found {cell!r}")
        is_number = item.places is not None
        cells.append(cell.rjust(item.width) if is_number else cell.ljust(item.width))
    return BAR.join(cells) + b"\n"


def _price(value_e5: int) -> str:
    return format_scaled(value_e5 // 100, 3, digits_min=3)
