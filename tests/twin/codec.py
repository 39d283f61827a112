"""Dictionaries to the native engine's record bytes and back, by the native field tables."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panshi.gate.engine import RecordTable
    from tests.twin.state import Row

NUMBERS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "i32": "i", "i64": "q"}
FRAME = struct.Struct("<IIQ")


class Codec:
    """Packs inputs and unpacks outputs, one table row per field."""

    def __init__(self, tables: Iterable[RecordTable]) -> None:
        """Learn the tables of all records."""
        self.by_name = {table.name: table for table in tables}
        self.by_type = {table.type: table for table in self.by_name.values()}
        self.layouts = {name: self.layout(table) for name, table in self.by_name.items()}

    def layout(self, table: RecordTable) -> struct.Struct:
        """Return the packed little-endian layout of one record."""
        kinds = (NUMBERS.get(field.kind, f"{field.width}s") for field in table.fields)
        return struct.Struct("<" + "".join(kinds))

    def pack(self, seq: int, name: str, row: Row) -> bytes:
        """Return one framed input record."""
        table = self.by_name[name]
        values: list[int | bytes] = []
        for field in table.fields:
            spare = field.name.startswith("spare")
            if field.kind in NUMBERS:
                values.append(0 if spare else row[field.name])
            elif spare:
                values.append(bytes(field.width))
            else:
                values.append(row[field.name].encode().ljust(field.width))
        payload = self.layouts[name].pack(*values)
        return FRAME.pack(table.type, len(payload), seq) + payload

    def unpack(self, frames: bytes) -> Iterator[Row]:
        """Yield the outputs of a run of framed records."""
        at = 0
        while at < len(frames):
            kind, length, _ = FRAME.unpack_from(frames, at)
            at += FRAME.size
            table = self.by_type[kind]
            values = self.layouts[table.name].unpack_from(frames, at)
            at += length
            row: Row = {"record": table.name}
            for field, value in zip(table.fields, values, strict=True):
                if not field.name.startswith("spare"):
                    row[field.name] = (
                        value if isinstance(value, int) else value.decode().rstrip(" \0")
                    )
            yield row
