"""A trading day's reference records: rules and securities from their rooms, the rest from CSV.

A file is named after its record: `customers.csv` holds `LoadCustomer` rows, its header names the
record's fields. So every field of every record can be given, and there is one loader for all.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from panshi.domain.clock import MS_NS, compute_market_ns, parse_day_ms
from panshi.domain.errors import BadInputError, BadRecordError
from panshi.gate.engine import OrderEngine
from panshi.gate.records import BLOCK, FRAME, NUMBERS, RecordCodec
from panshi.opening.dated import DATES, Dated
from panshi.opening.required import given_params
from panshi.opening.rules import MARKETS, Row, build_params, build_rules
from panshi.opening.standing import rule_number, standing_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from panshi.gate.engine import RecordTable
    from panshi.market.securities import Security
    from panshi.opening.closes import Closes, Key
    from panshi.rulebook.book import RulesInForce

FILES: Final = {
    "branches.csv": "LoadBranch",
    "pbus.csv": "LoadPbu",
    "terminals.csv": "LoadTerminal",
    "customers.csv": "LoadCustomer",
    "accounts.csv": "LoadAccount",
    "holdings.csv": "LoadHolding",
    "clients.csv": "LoadClient",
    "limits.csv": "LoadLimit",
    "params.csv": "LoadParam",
    "switches.csv": "LoadSwitch",
    "schedules.csv": "LoadSchedule",
}
"""Files of a day's folder in the order in which they are taken."""
OPTIONAL: Final = frozenset({"switches.csv", "terminals.csv", "holdings.csv", "schedules.csv"})
"""Files that may be absent."""

TRADING, SUSPENDED = 1, 3
FLAGS: Final = {
    "st": 1,
    "no_limit": 2,
    "delisting": 4,
    "after_hours": 8,
    "margin_buy": 16,
    "short_sell": 32,
}


def security_row(security: Security, close_e5: int = 0) -> Row:
    """Return the record of one security.

    Args:
        security: The security as the master has it.
        close_e5: Today's close; 0 until it is known.

    Returns:
        Name and fields of the record.
    """
    flags = sum(bit for name, bit in FLAGS.items() if getattr(security.flags, name))
    return "LoadSecurity", {
        "code": security.code,
        "market": MARKETS[security.market],
        # What the exchange's files call halted does not trade until a reload says so.
        "state": SUSPENDED if security.flags.halted else TRADING,
        "rule": rule_number(security.scope, standing_of(security.flags)),
        "flags": flags,
        "set_id": security.set_id or 1,
        "list_date": int(security.list_date.strftime("%Y%m%d")),
        "prev_close_e5": security.prev_close_e5,
        "upper_e5": security.limit_up_e5,
        "lower_e5": security.limit_down_e5,
        "close_e5": close_e5,
    }


def security_key(security: Security) -> Key:
    """Return what names a security: its market and its code."""
    return MARKETS[security.market], security.code


def opening_row(trade_date: dt.date) -> Row:
    """Return the record that opens the day.

    Args:
        trade_date: The trade date.

    Returns:
        Name and fields of the record; its time is midnight, before every order of the day.
    """
    start_ns = compute_market_ns(trade_date, 0)
    return "DayOpen", {
        "time_ns": start_ns,
        "day_start_ns": start_ns,
        "trade_date": int(trade_date.strftime("%Y%m%d")),
        "epoch": 1,
    }


def build_day(
    trade_date: dt.date,
    rules: RulesInForce,
    securities: Iterable[Security],
    rows: Iterable[Row],
    closes: Closes | None = None,
) -> bytes:
    """Return every reference record of a day as one block of bytes.

    Args:
        trade_date: The trade date.
        rules: Rules of that date.
        securities: Securities that may be traded.
        rows: Customers, accounts, holdings, clients, PBUs, branches, terminals, limits, parameters
            and switches, parents before children. A parameter that is the number of a rule comes
            from the rulebook unless it is given here.
        closes: Today's closes, once they are known.

    Returns:
        Framed records, the opening of the day last.

    Raises:
        BadInputError: If a value does not fit its field.
        RuleMissingError: If a rule row is not in force.
    """
    rows, known = list(rows), closes or {}
    groups = {int(row.get("fee_group", 1)) for name, row in rows if name == "LoadCustomer"}
    given = given_params(rows)
    return RecordCodec().pack_all(
        [
            *build_rules(rules, tuple(sorted(groups)) or (1,)),
            *build_params(rules, given),
            *(security_row(one, known.get(security_key(one), 0)) for one in securities),
            *rows,
            opening_row(trade_date),
        ]
    )


def load_rows(folder: Path, trade_date: dt.date) -> Iterator[Row]:
    """Load the rows of a day's folder that are in force on the day.

    Args:
        folder: Folder with the files of `FILES`; a file may have the columns `effective_from` and
            `effective_to` beside the fields of its record.
        trade_date: The trade date.

    Yields:
        Names and fields of records.

    Raises:
        BadRecordError: If a file is missing, a cell does not hold what its field must, or two rows
            in force give the same limit, parameter or switch.
    """
    tables = RecordCodec().tables
    for file, name in FILES.items():
        path = folder / file
        if path.exists():
            yield from _load_file(path, tables[name], Dated(path, name, trade_date))
        elif file not in OPTIONAL:
            raise BadRecordError(path, 0, "", "a file with the day's rows", "no file")


def _load_file(path: Path, table: RecordTable, dated: Dated) -> Iterator[Row]:
    kinds = {field.name: field.kind for field in table.fields}
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        for name in reader.fieldnames or ():
            if name not in kinds and name not in DATES:
                raise BadRecordError(path, 1, name, f"a field of {table.name}", "no such field")
        for line, cells in enumerate(reader, 2):
            row = {
                name: _parse(path, line, name, cell, kinds.get(name, ""))
                for name, cell in cells.items()
                if name not in DATES
            }
            if dated.is_in_force(line, cells):
                dated.require_alone(line, row)
                yield table.name, row


def _parse(path: Path, line: int, name: str, cell: str | None, kind: str) -> int | str:
    if cell is None or not kind:
        raise BadRecordError(
            path, line, name or "", "as many cells as the header", "another number"
        )
    if kind not in NUMBERS:
        return cell
    try:
        # A time of the day may be written as on a clock.
        return parse_day_ms(cell) * MS_NS if ":" in cell and name.endswith("_ns") else int(cell)
    except ValueError:
        expected = "HH:MM:SS or ns of the day" if name.endswith("_ns") else "a whole number"
        raise BadRecordError(path, line, name, expected, repr(cell)) from None


def require_taken(block: bytes, capacity: Mapping[str, int] | None = None) -> None:
    """Give a day's records to an engine and require that it takes every one.

    Args:
        block: Records from `build_day`.
        capacity: Table sizes that differ from the default, as the gate will have them.

    Raises:
        BadInputError: If the engine refuses a record; the message names it with what must hold.
    """
    codec = RecordCodec()
    names = {table.type: name for name, table in codec.tables.items()}
    engine, at, number = OrderEngine(**(capacity or {})), 0, 0
    while at < len(block):
        kind, length = BLOCK.unpack_from(block, at)
        payload = block[at + BLOCK.size : at + BLOCK.size + length]
        at += BLOCK.size + length
        number += 1
        answers = codec.unpack(engine.apply(FRAME.pack(kind, length, number) + payload))
        for answer in answers:
            if answer.name == "LoadRefused":
                found = codec.layouts[names[kind]].unpack(payload)
                raise BadInputError(
                    f"record {number}, {names[kind]} {found}: must be one that the engine takes, "
                    f"found code {answer.fields['code']}, limit {answer.fields['limit']}, "
                    f"value {answer.fields['found']}"
                )
