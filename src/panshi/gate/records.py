"""The engine's records as bytes: what a gate is given at its start or by a reload."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadInputError
from panshi.gate.engine import load_record_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panshi.gate.engine import RecordTable

NUMBERS: Final = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "i32": "i", "i64": "q"}
FRAME: Final = struct.Struct("<II")
Value = int | str


class RecordWriter:
    """Writes records by the names of their fields; fields that are left out are 0 or blank."""

    def __init__(self) -> None:
        """Learn the tables of all records from the native engine."""
        self.tables: dict[str, RecordTable] = {}
        self._layouts: dict[str, struct.Struct] = {}
        for table in load_record_tables():
            kinds = (NUMBERS.get(field.kind, f"{field.width}s") for field in table.fields)
            self.tables[table.name] = table
            self._layouts[table.name] = struct.Struct("<" + "".join(kinds))

    def pack(self, name: str, fields: Mapping[str, Value]) -> bytes:
        """Return one record as type u32, length u32 and payload, little-endian.

        Args:
            name: Name of the record, for example `LoadCustomer`.
            fields: Values by field name; text is ASCII and padded with spaces.

        Returns:
            The bytes.

        Raises:
            BadInputError: If there is no such record or field, or a value does not fit.
        """
        table = self.tables.get(name)
        if table is None:
            raise BadInputError(f"must be the name of a record, found {name!r}")
        left = dict(fields)
        values: list[int | bytes] = []
        for field in table.fields:
            given = left.pop(field.name, None)
            where = f"{name}, field {field.name}"
            if field.kind in NUMBERS:
                values.append(_number(where, given))
            elif field.name.startswith("spare"):
                values.append(bytes(field.width))
            else:
                values.append(_text(where, given, field.width))
        if left:
            raise BadInputError(f"{name}: has no field {min(left)!r}")
        try:
            payload = self._layouts[name].pack(*values)
        except struct.error as error:
            raise BadInputError(f"{name} {dict(fields)}: {error}") from error
        return FRAME.pack(table.type, len(payload)) + payload

    def pack_all(self, rows: Iterable[tuple[str, Mapping[str, Value]]]) -> bytes:
        """Return many records, one after the other.

        Args:
            rows: Names and fields.

        Returns:
            The bytes.

        Raises:
            BadInputError: As `pack`.
        """
        return b"".join(self.pack(name, fields) for name, fields in rows)


def _number(where: str, given: Value | None) -> int:
    if given is None:
        return 0
    if isinstance(given, str):
        raise BadInputError(f"{where}: must be a whole number, found {given!r}")
    return given


def _text(where: str, given: Value | None, width: int) -> bytes:
    text = "" if given is None else given
    if not isinstance(text, str) or not text.isascii() or len(text) > width:
        raise BadInputError(f"{where}: must be at most {width} ASCII characters, found {given!r}")
    return text.encode().ljust(width)
