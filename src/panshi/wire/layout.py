"""Fixed-width little-endian records: numbers, and text padded with spaces on its right.

The native code describes such records as tables; whoever reads or writes them from Python does it
with a layout made from such a table, so that there is one codec for all of them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Value = int | str
SPARE: Final = "spare"
"""Fields whose name begins so are zero and mean nothing."""


class Layout:
    """The bytes of one record, field after field."""

    def __init__(self, name: str, fields: Iterable[tuple[str, str]]) -> None:
        """Describe a record.

        Args:
            name: Name of the record, for messages.
            fields: Name and form of each field: a letter of `struct` for a number, `13s` for text.
        """
        self.name = name
        self.fields = tuple(fields)
        self._struct = struct.Struct("<" + "".join(form for _, form in self.fields))
        self._known = frozenset(field for field, _ in self.fields)

    @property
    def size(self) -> int:
        """Bytes of one record."""
        return self._struct.size

    def pack(self, values: Mapping[str, Value]) -> bytes:
        r"""Return the bytes of one record.

        >>> Layout("Trade", [("qty", "H"), ("code", "6s")]).pack({"qty": 258, "code": "600"})
        b'\x02\x01600   '

        Args:
            values: Values by field name; a field that is left out is 0 or blank.

        Returns:
            The bytes.

        Raises:
            BadInputError: If there is no such field, or a value does not fit.
        """
        for field in values:
            if field not in self._known:
                raise BadInputError(f"{self.name}: has no field {field!r}")
        cells = [self._cell(field, form, values.get(field)) for field, form in self.fields]
        try:
            return self._struct.pack(*cells)
        except struct.error as error:
            raise BadInputError(f"{self.name} {dict(values)}: {error}") from error

    def _cell(self, field: str, form: str, value: Value | None) -> int | bytes:
        where = f"{self.name}, field {field}"
        if not form.endswith("s"):
            if isinstance(value, str):
                raise BadInputError(f"{where}: must be a whole number, found {value!r}")
            return value or 0
        width = int(form[:-1])
        if field.startswith(SPARE):
            return bytes(width)
        text = "" if value is None else value
        if not isinstance(text, str) or not text.isascii() or len(text) > width:
            raise BadInputError(
                f"{where}: must be at most {width} ASCII characters, found {value!r}"
            )
        return text.encode().ljust(width)

    def unpack(self, payload: bytes) -> dict[str, Value]:
        """Return the values of one record by field name, spare fields left out.

        Args:
            payload: The bytes of one record.

        Returns:
            The values; text without the padding on its right.

        Raises:
            BadInputError: If there are more or fewer bytes than the record has.
        """
        if len(payload) != self.size:
            raise BadInputError(f"{self.name}: must be {self.size} bytes, found {len(payload)}")
        (row,) = self.unpack_rows(payload)
        names = (field for field, _ in self.fields)
        return {
            field: value
            for field, value in zip(names, row, strict=True)
            if not field.startswith(SPARE)
        }

    def unpack_rows(self, payload: bytes) -> Iterator[tuple[Value, ...]]:
        """Unpack records that lie one after the other.

        Args:
            payload: The bytes of whole records.

        Yields:
            The values of one record in the order of its fields, spare ones included.
        """
        for row in self._struct.iter_unpack(payload):
            yield tuple(
                value.decode("ascii", "replace").rstrip(" \0")
                if isinstance(value, bytes)
                else value
                for value in row
            )
