"""The order engine without a gate around it: for replays, tests and the tables of its records."""

from __future__ import annotations

from typing import NamedTuple

from panshi import _native


class Field(NamedTuple):
    """One field of a record: `kind` is `u8` to `i64`, or `char` for text of `width` bytes."""

    name: str
    kind: str
    width: int
    note: str


class RecordTable(NamedTuple):
    """One input (1-99) or output (100-199) of the engine."""

    type: int
    name: str
    fields: tuple[Field, ...]


class Reason(NamedTuple):
    """One coded reason in both languages."""

    code: int
    name: str
    zh: str
    en: str


class Word(NamedTuple):
    """One numbered word of a record's column."""

    number: int
    name: str
    meaning: str


class Level(NamedTuple):
    """A metric that limits may be set for in a scope; an order needs those that are `needed`."""

    scope: int
    metric: int
    needed: bool


def load_record_tables() -> tuple[RecordTable, ...]:
    """Return the tables of every input and output, as the native engine has them."""
    return tuple(
        RecordTable(number, name, tuple(Field(*field) for field in fields))
        for number, name, fields in _native.engine_records()
    )


def load_reasons() -> tuple[Reason, ...]:
    """Return every code of a refusal, warning or anomaly."""
    return tuple(Reason(*row) for row in _native.engine_codes())


def load_words() -> dict[str, tuple[Word, ...]]:
    """Return the numbered words of the records' columns by the name of their list."""
    return {name: tuple(Word(*word) for word in words) for name, words in _native.engine_words()}


def load_levels() -> tuple[Level, ...]:
    """Return every scope and metric that a limit may be set for."""
    return tuple(Level(*row) for row in _native.engine_levels())


class OrderEngine:
    """One engine with its state."""

    def __init__(self, **capacity: int) -> None:
        """Allocate the tables.

        Args:
            capacity: Rows by table name, for example `orders=1000`; others have their defaults.

        Raises:
            BadInputError: If there is no table of that name.
        """
        self._engine = _native.Engine(capacity)

    def apply(self, records: bytes) -> bytes:
        """Apply inputs and return their outputs.

        Args:
            records: Framed inputs: type u32, length u32, sequence u64, little-endian, then the
                record.

        Returns:
            Framed outputs, each with the sequence of its input.

        Raises:
            BadInputError: If a frame is cut or holds no input.
        """
        return self._engine.apply_many(records)

    def state_hash(self) -> int:
        """Return the hash of everything the engine knows."""
        return self._engine.state_hash()
