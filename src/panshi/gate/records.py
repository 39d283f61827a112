"""The engine's records as bytes: what a gate is given, and what its engine answers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from panshi.domain.errors import BadInputError
from panshi.gate.engine import load_record_tables
from panshi.wire.layout import Layout, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from panshi.gate.engine import RecordTable

NUMBERS: Final = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "i32": "i", "i64": "q"}
BLOCK: Final = struct.Struct("<II")
"""Head of a record in a day's block: type and length."""
FRAME: Final = struct.Struct("<IIQ")
"""Head of a record that goes into an engine or comes out of it: type, length and sequence."""


class Framed(NamedTuple):
    """One record with the sequence that its frame carries."""

    sequence: int
    name: str
    fields: dict[str, Value]


class RecordCodec:
    """Writes and reads records by the names of their fields; fields left out are 0 or blank."""

    def __init__(self) -> None:
        """Learn the tables of all records from the native engine."""
        self.tables: dict[str, RecordTable] = {table.name: table for table in load_record_tables()}
        self.layouts = {
            name: Layout(
                name,
                [
                    (field.name, NUMBERS.get(field.kind, f"{field.width}s"))
                    for field in table.fields
                ],
            )
            for name, table in self.tables.items()
        }
        self._names = {table.type: name for name, table in self.tables.items()}

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
        payload = self._payload(name, fields)
        return BLOCK.pack(self.tables[name].type, len(payload)) + payload

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

    def pack_input(self, sequence: int, name: str, fields: Mapping[str, Value]) -> bytes:
        """Return one record as an engine takes it.

        Args:
            sequence: Sequence of the input.
            name: Name of the record.
            fields: Values by field name.

        Returns:
            The frame.

        Raises:
            BadInputError: As `pack`.
        """
        payload = self._payload(name, fields)
        return FRAME.pack(self.tables[name].type, len(payload), sequence) + payload

    def unpack(self, frames: bytes) -> Iterator[Framed]:
        """Unpack what an engine gave.

        Args:
            frames: Framed records, one after the other.

        Yields:
            The records.

        Raises:
            BadInputError: If a frame is cut or of an unknown type.
        """
        at = 0
        while at < len(frames):
            if len(frames) - at < FRAME.size:
                raise BadInputError(f"frame at byte {at}: must be whole, found {len(frames) - at}")
            number, length, sequence = FRAME.unpack_from(frames, at)
            at += FRAME.size
            name = self._names.get(number)
            if name is None:
                raise BadInputError(f"frame at byte {at}: must be of a known type, found {number}")
            yield Framed(sequence, name, self.layouts[name].unpack(frames[at : at + length]))
            at += length

    def _payload(self, name: str, fields: Mapping[str, Value]) -> bytes:
        layout = self.layouts.get(name)
        if layout is None:
            raise BadInputError(f"must be the name of a record, found {name!r}")
        return layout.pack(fields)
