"""The securities master as CSV: loaded whole or not at all, and written."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import fields
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.units import format_yuan, parse_e5
from panshi.domain.words import SCOPES, Board, Market, Product, Scope
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

FLAGS = tuple(item.name for item in fields(SecurityFlags))
LOTS = tuple(item.name for item in fields(Lots))
COLUMNS = (
    "market", "code", "name", "board", "product", "prev_close", "limit_up", "limit_down", "tick",
    *LOTS, "list_date", "set_id", *FLAGS,
)  # fmt: skip
"""Columns in order: prices in yuan, quantities in shares, flags as yes or no."""


def load_securities_csv(path: Path) -> SecuritiesMaster:
    """Load a securities master from CSV.

    Args:
        path: UTF-8 file whose first line names COLUMNS; further columns are ignored.

    Returns:
        The master.

    Raises:
        BadRecordError: If a column is missing or a cell does not hold; nothing is loaded then.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadRecordError(path, 1, missing[0], "a column of the first line", "none")
            rows = [(reader.line_num, _Row(path, reader.line_num, cells)) for cells in reader]
        except csv.Error as error:
            raise BadRecordError(path, reader.line_num, "", "CSV", str(error)) from error
        except UnicodeDecodeError as error:
            raise BadRecordError(path, reader.line_num + 1, "", "UTF-8", str(error)) from error
    return build_master(path, [(line, row.parse()) for line, row in rows])


class _Row:
    """One line; each reader names line and column when a cell does not hold."""

    def __init__(self, path: Path, line: int, cells: dict[str, str | None]) -> None:
        self.path = path
        self.line = line
        self.cells = cells

    def parse(self) -> Security:
        market = Market(self.choice("market", [str(word) for word in Market]))
        board = Board(self.choice("board", [str(word) for word in Board]))
        product = Product(self.choice("product", [str(word) for word in Product]))
        if Scope(market, board, product) not in SCOPES:
            found = f"{market}/{board}/{product}"
            raise BadRecordError(self.path, self.line, "board", "a scope that exists", found)
        return Security(
            market=market,
            code=self.text("code"),
            name=self.text("name"),
            board=board,
            product=product,
            prev_close_e5=self.price("prev_close"),
            limit_up_e5=self.price("limit_up"),
            limit_down_e5=self.price("limit_down"),
            tick_e5=self.price("tick"),
            lots=Lots(**{name: self.count(name) for name in LOTS}),
            list_date=self.date("list_date"),
            flags=SecurityFlags(**{name: self.flag(name) for name in FLAGS}),
            set_id=self.count("set_id"),
        )

    def text(self, column: str) -> str:
        value = self.cells[column]
        if not value:
            raise BadRecordError(self.path, self.line, column, "filled", "nothing")
        return value

    def choice(self, column: str, words: list[str]) -> str:
        value = self.text(column)
        if value not in words:
            expected = f"one of {', '.join(words)}"
            raise BadRecordError(self.path, self.line, column, expected, repr(value))
        return value

    def flag(self, column: str) -> bool:
        return self.choice(column, ["yes", "no"]) == "yes"

    def price(self, column: str) -> int:
        value = self.text(column)
        try:
            return parse_e5(value)
        except ValueError as error:
            expected = "yuan with at most five places"
            raise BadRecordError(self.path, self.line, column, expected, repr(value)) from error

    def count(self, column: str) -> int:
        value = self.text(column)
        if not (value.isascii() and value.isdigit()):
            raise BadRecordError(self.path, self.line, column, "a whole number >= 0", repr(value))
        return int(value)

    def date(self, column: str) -> dt.date:
        value = self.text(column)
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            expected = "a date YYYY-MM-DD"
            raise BadRecordError(self.path, self.line, column, expected, repr(value)) from error


def write_securities_csv(path: Path, securities: Iterable[Security]) -> None:
    """Write a securities master as CSV.

    Args:
        path: File to write.
        securities: Rows, in the order in which they are written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in securities:
            writer.writerow(
                [
                    one.market, one.code, one.name, one.board, one.product,
                    format_yuan(one.prev_close_e5), format_yuan(one.limit_up_e5),
                    format_yuan(one.limit_down_e5), format_yuan(one.tick_e5),
                    *(getattr(one.lots, name) for name in LOTS),
                    one.list_date.isoformat(), one.set_id,
                    *("yes" if getattr(one.flags, name) else "no" for name in FLAGS),
                ]
            )  # fmt: skip
