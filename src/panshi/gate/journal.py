"""A gate's journal: its records as Arrow tables, and whether it is as it was written.

The native code fills one buffer for each column, and Arrow takes the buffers as they are. What
columns there are follows from the records' layouts in the native code; there is no second schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from typing_extensions import override

from panshi import _native

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from pathlib import Path

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "orders": ("NewOrder",),
    "cancels": ("CancelOrder",),
    "reports": ("Report",),
    "forwards": ("Forward", "ForwardCancel"),
    "deliveries": ("Deliver",),
    "refusals": ("Refuse",),
    "states": ("StateChanged", "ClientState", "GatewayState"),
    "warnings": ("Warning", "Anomaly"),
    "commands": ("Command", "SetState", "CancelAll"),
    "centres": ("CentreChange",),
    "claims": ("NumberClaim",),
    "rooms": ("RoomChange",),
}
"""Records that are often read together, by the name of the group."""

SEGMENT_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class LayoutField:
    """One field of a record.

    Attributes:
        name: Its name, also that of its column.
        width: Its bytes; integers are little-endian.
        note: What it means.
    """

    name: str
    width: int
    note: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One record that a journal holds.

    Attributes:
        number: Its type number.
        length: Its bytes.
        fields: Its fields in the order of their bytes.
    """

    number: int
    length: int
    fields: tuple[LayoutField, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a journal that is not as it was written.

    Attributes:
        file: The file.
        segment: Number of the segment; 0 for a file beside the segments.
        offset: Byte in the file.
        sequence: Sequence expected there; 0 where none is.
        reason: What must hold and what was found.
    """

    file: Path
    segment: int
    offset: int
    sequence: int
    reason: str

    @override
    def __str__(self) -> str:
        """Return the place and the reason on one line."""
        return f"{self.file}, offset {self.offset}, sequence {self.sequence}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a journal.

    Attributes:
        number: Its number, from 1.
        first_sequence: Sequence of its first record.
        records: Number of its valid records.
        trade_date: As yyyymmdd; 0 if the writer named none.
        epoch: How often the journal had been opened for writing.
        digest: SM3 chain digest in hex digits; None while the segment is not sealed.
    """

    number: int
    first_sequence: int
    records: int
    trade_date: int
    epoch: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of reading a whole journal again.

    Attributes:
        records: Number of valid records.
        live: Whether a writer had it open; the records it was writing are then not judged.
        segments: Every segment in use, oldest first.
        findings: What is not as it was written; empty if all is.
    """

    records: int
    live: bool
    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(path: str | PathLike[str]) -> Verification:
    """Read a whole journal again: headers, records, padding, seals, chain, side files.

    Args:
        path: The journal's folder.

    Returns:
        What was found, as values.

    Raises:
        OSError: If a file cannot be read.
    """
    records, live, segments, findings = _native.journal_verify(path)
    return Verification(
        records,
        live,
        tuple(Segment(*segment) for segment in segments),
        tuple(Finding(*finding) for finding in findings),
    )


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of a journal that takes nothing more.

    Attributes:
        sequence: Sequence of its last record.
        digest: SM3 chain digest over all its segments, in hex digits.
    """

    sequence: int
    digest: str


def read_seal(path: str | PathLike[str]) -> Seal | None:
    """Read the seal of a journal.

    Args:
        path: The journal's folder.

    Returns:
        Its seal; None while it can be appended to.

    Raises:
        OSError: If a file cannot be read.
    """
    found = _native.journal_read_seal(path)
    return None if found is None else Seal(*found)


def seal(path: str | PathLike[str]) -> None:
    """Seal a journal that nobody writes: its chain is closed and nothing is appended any more.

    Args:
        path: The journal's folder.

    Raises:
        BadInputError: If a writer holds it, it is corrupt, or it is sealed already.
        OSError: If a file cannot be written.
    """
    _native.journal_seal(path)


def read(
    path: str | PathLike[str], kinds: Iterable[str] | None = None, *, from_sequence: int = 1
) -> dict[str, pa.Table]:
    """Read a journal as one Arrow table for each kind of record.

    Each table has one row per record in the journal's order. Its first columns are
    `journal_sequence` (from 1, key over all tables) and `journal_time_ns` (wall time of the append,
    ns since 1970); then come the fields of the record. Text is without the padding on its right.

    Args:
        path: The journal's folder; a writer may have it open.
        kinds: Names of records (`NewOrder`) or groups (`orders`); None for all.
        from_sequence: First sequence to read.

    Returns:
        The tables by the name of the record, also those without rows.

    Raises:
        BadInputError: If the journal is corrupt or a kind is unknown.
        OSError: If a file cannot be read.
    """
    names = (
        None if kinds is None else [name for kind in kinds for name in GROUPS.get(kind, (kind,))]
    )
    tables = {}
    for _, name, rows, columns in _native.journal_columns(path, names, from_sequence):
        fields = []
        arrays = []
        for column, note, width, signed, utf8, values, offsets in columns:
            data_type = _text_type(utf8=utf8) if offsets else _integer_type(width, signed=signed)
            parts = [None, offsets, values] if offsets else [None, values]
            buffers = [None if part is None else pa.py_buffer(part) for part in parts]
            fields.append(pa.field(column, data_type, nullable=False, metadata={"note": note}))
            arrays.append(pa.Array.from_buffers(data_type, rows, buffers, null_count=0))
        tables[name] = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    return tables


def layouts() -> dict[str, Layout]:
    """Return the layout of each record that a journal holds, by the record's name."""
    return {
        name: Layout(number, length, tuple(LayoutField(*field) for field in fields))
        for number, name, length, fields in _native.journal_layouts()
    }


def append(
    path: str | PathLike[str],
    rows: Iterable[tuple[int, bytes]],
    *,
    trade_date: int = 0,
    segment_bytes: int = SEGMENT_BYTES,
) -> int:
    """Open a journal for writing, append records, seal and close it.

    A gate writes its journal itself; this is for tools that make one.

    Args:
        path: The journal's folder; made if it does not exist.
        rows: Type number and bytes of each record.
        trade_date: As yyyymmdd, for the headers of the segments.
        segment_bytes: Bytes of a segment, a multiple of 4096.

    Returns:
        The last sequence of the journal.

    Raises:
        BadInputError: If the journal is corrupt, held by another writer or out of room.
        OSError: If a file cannot be written.
    """
    last, _ = _native.journal_append(path, segment_bytes, trade_date, list(rows))
    return last


def _text_type(*, utf8: bool) -> pa.DataType:
    return pa.large_string() if utf8 else pa.large_binary()


def _integer_type(width: int, *, signed: bool) -> pa.DataType:
    types = {
        (1, False): pa.uint8(),
        (2, False): pa.uint16(),
        (4, False): pa.uint32(),
        (8, False): pa.uint64(),
        (2, True): pa.int16(),
        (4, True): pa.int32(),
        (8, True): pa.int64(),
    }
    return types[width, signed]
