"""The native part of Panshi, built from native/python."""

from os import PathLike
from pathlib import Path
from typing import Self, final

def version() -> str:
    """Return the version of the native code, which is the version of the package."""

def wire_decode_line(protocol: str, line: str, /) -> str:
    """Show one message given as hex digits as a JSON object; a bad one as `{"error": ...}`."""

def wire_encode_line(protocol: str, line: str, seq: int, /) -> str:
    """Turn a message's JSON object back into hex digits.

    A Shanghai header takes `seq` where the object gives no sequence number.

    Raises:
        BadInputError: If the object is no message of the protocol; the text says where.
    """

def wire_markdown(protocol: str, /) -> str:
    """Describe every message of a protocol as Markdown tables.

    Raises:
        BadInputError: If there is no such protocol.
    """

def wire_bench(orders: int, /) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Measure decode and encode of a new order: Shanghai, Shenzhen.

    Returns:
        For each the median and the 99th percentile in picoseconds per order, and the orders.
    """

@final
class Engine:
    """The order engine by itself, with its state."""

    def __new__(cls, capacity: dict[str, int], /) -> Self:
        """Allocate every table; sizes that are not named have their defaults.

        Raises:
            BadInputError: If there is no table of that name.
        """

    def apply_many(self, records: bytes, /) -> bytes:
        """Apply framed inputs and return the framed outputs.

        A frame is type u32, length u32, sequence u64 (little-endian), then the record.

        Raises:
            BadInputError: If a frame is cut or holds no input; the text says at which byte. The
                inputs before it have been applied.
        """

    def state_hash(self) -> int:
        """Return the hash of everything the engine knows."""

    def broken_invariants(self) -> list[str]:
        """Return what does not hold although it must (docs/rules/engine.md, section 5)."""

    def counts(self) -> dict[str, int]:
        """Return the counts of the day and how many rows the tables hold."""

    def cash(self, customer: int, /) -> dict[str, int] | None:
        """Return the cash of a customer, e5."""

    def holding(self, market: int, account: str, code: str, /) -> dict[str, int] | None:
        """Return the holding of an account in a security, shares."""

    def order(self, number: int, /) -> dict[str, int | bool | str] | None:
        """Return an order by its number in the engine."""

def engine_records() -> list[tuple[int, str, list[tuple[str, str, int, str]]]]:
    """List inputs and outputs: type, name, and each field's name, kind, bytes and meaning."""

def engine_codes() -> list[tuple[int, str, str, str]]:
    """List the codes of refusals, warnings and anomalies: number, name, Chinese, English."""

def engine_bench(
    hot_inputs: int, cold_inputs: int, seed: int, /
) -> tuple[list[int], list[int], int, int]:
    """Measure the engine on a synthetic flow; without cold inputs the cold state is left out.

    Returns:
        For the hot and the cold state median and 99th percentile in nanoseconds, the medians of
        new orders and of reports, inputs a second, inputs measured, new orders, refused ones, open
        orders at the end and bytes of memory; then the median of an early refusal and what a
        reading of the clock cost, which is taken off every single time.
    """

def engine_bench_journal(path: str | PathLike[str], seed: int, /) -> tuple[list[int], list[int]]:
    """Measure the engine on the inputs that a journal holds; the figures as in `engine_bench`.

    Returns:
        Those of the day as it was, and those of the same inputs spread over the large state.

    Raises:
        BadInputError: If the journal is corrupt or holds no input.
        OSError: If a file cannot be read.
    """

def engine_bench_orders(
    count: int, seed: int, /
) -> tuple[list[tuple[str, str, int, int]], list[int]]:
    """Measure new orders by themselves on the hot state.

    Returns:
        Security, side, price in 1/100000 yuan and quantity in shares of each order; then orders a
        second, median and 99th percentile of one order in nanoseconds, and how many were refused.
    """

def engine_words() -> list[tuple[str, list[tuple[int, str, str]]]]:
    """List the numbered words of the records: list, and each word's number, name and meaning."""

def engine_levels() -> list[tuple[int, int, bool]]:
    """List what limits may be set for: scope, metric, whether an order needs the level."""

def gate_serve(config: str, day: bytes, /) -> tuple[int, int]:
    """Serve a gate until it is told to stop; no Python runs meanwhile.

    Returns:
        Orders received and the last sequence of the journal.

    Raises:
        BadInputError: If the gate cannot start.
        HaltedError: If it had to end because of its journal.
    """

def gate_stop(latch: str | PathLike[str], request: str, /) -> str:
    """Write a stop into a latch, as the gate's own socket would.

    Returns:
        The answer, one JSON object.

    Raises:
        BadInputError: If the request is no stop, or the latch cannot take it.
    """

def gate_snapshots(
    path: str | PathLike[str], capacity: str, /
) -> list[tuple[int, int, str | None]]:
    """List the snapshots beside a journal, newest first.

    Returns:
        Sequence of the mark, bytes of the file, and why a start would pass it over.

    Raises:
        BadInputError: If the capacity is no JSON of table sizes.
    """

def gate_snapshot_layout() -> list[tuple[str, str, int, list[tuple[str, str, int, int, str]]]]:
    """Return header and sections of a snapshot: name, form, bytes of a row, fields.

    A field is its name, its kind, its bytes, how often it is repeated, and its meaning.
    """

def gate_replay(
    path: str | PathLike[str], capacity: str, /
) -> tuple[int, int, int, int, str | None]:
    """Apply a journal to a fresh engine and compare every output.

    Returns:
        Inputs applied, outputs found equal, journaled hashes found equal, hash of the state,
        first difference.

    Raises:
        BadInputError: If the journal cannot be read or the capacity is none.
    """

def gate_seal(key: bytes, nonce: bytes, bound: bytes, text: bytes, /) -> bytes:
    """Encrypt a text with AES-256-GCM; it opens only with the same key, nonce and bound bytes.

    Raises:
        BadInputError: If the key has not 32 bytes or the nonce not 12.
    """

def gate_unseal(key: bytes, nonce: bytes, bound: bytes, sealed: bytes, /) -> bytes:
    """Decrypt what `gate_seal` made.

    Raises:
        BadInputError: If anything differs from the sealing.
    """

def gate_password_hash(salt: bytes, password: bytes, /) -> bytes:
    """Hash a password with its salt, trailing spaces left out, as the gate does at a logon.

    Raises:
        BadInputError: If the salt has not 16 bytes.
    """

def gate_bench(
    path: str | PathLike[str], port: int, rounds: int, single: int, flood: int, /
) -> str:
    """Measure a whole gate and the bare relay over loopback, its journals in a folder of `path`.

    The gate listens on a port of loopback that is the caller's own.

    Returns:
        The figures as JSON, see `panshi.bench.gate`.

    Raises:
        BadInputError: If a part cannot start, or an order is refused or lost.
    """

def gate_bench_recovery(path: str | PathLike[str], records: int, tail: int, rounds: int, /) -> str:
    """Measure starts on a day of so many journal records, the last `tail` behind a snapshot.

    Returns:
        The figures as JSON, see `panshi.bench.recovery`.

    Raises:
        BadInputError: If the disk refuses, or a start does not find the day as it was.
    """

def gate_bench_fair(path: str | PathLike[str], port: int, rounds: int, orders: int, /) -> str:
    """Measure polite clients alone and beside a greedy one, so many orders of each a round.

    The gate listens on a port of loopback that is the caller's own.

    Returns:
        The figures as JSON, see `panshi.bench.fair`.

    Raises:
        BadInputError: If a part cannot start, or an order of a polite client is refused or lost.
    """

def gate_bench_stop(path: str | PathLike[str], port: int, rounds: int, /) -> str:
    """Measure stops of a gate under full load, from the command to the last order at the far end.

    The gate listens on a port of loopback that is the caller's own.

    Returns:
        The figures as JSON, see `panshi.bench.stop`.

    Raises:
        BadInputError: If a part cannot start, or a stop is not taken.
    """

def gate_bench_toward(
    path: str | PathLike[str], port: int, far_end: str, mode: str, single: int, flood: int, /
) -> str:
    """Measure a whole gate, listening on `port`, whose far end is a Shanghai gateway at an address.

    Returns:
        The figures of one durability mode as JSON, see `panshi.bench.gate`.

    Raises:
        BadInputError: If a part cannot start, or an order is refused or lost.
    """

@final
class JournalBuffer:
    """Bytes of one column of a journal, lent through the buffer protocol for reading only."""

    def __len__(self) -> int: ...

def journal_layouts() -> list[tuple[int, str, int, list[tuple[str, int, str]]]]:
    """List the records that a journal holds.

    Returns:
        For each its type number, name and bytes, and each field's name, bytes and meaning.
    """

def journal_columns(
    path: str | PathLike[str], names: list[str] | None, from_sequence: int, /
) -> list[
    tuple[
        int,
        str,
        int,
        list[tuple[str, str, int, bool, bool, JournalBuffer, JournalBuffer | None]],
    ]
]:
    """Read a journal as one table for each kind of record.

    Returns:
        For each kind its type number, name and number of rows, and each column's name, meaning,
        bytes of a value (0 for text), whether it is signed, whether it is UTF-8 text, its values
        and, for text, the 8-byte offsets.

    Raises:
        BadInputError: If the journal is corrupt or a name is no record.
        OSError: If a file cannot be read.
    """

def journal_read_seal(path: str | PathLike[str], /) -> tuple[int, str] | None:
    """Read the seal of a journal that has ended for good.

    Returns:
        Last sequence and SM3 chain digest; None when the journal can be appended to.
    """

def journal_seal(path: str | PathLike[str], /) -> None:
    """Seal a journal that nobody writes.

    Raises:
        BadInputError: If it is held by a writer, corrupt or sealed already.
    """

def journal_verify(
    path: str | PathLike[str], /
) -> tuple[
    int,
    bool,
    list[tuple[int, int, int, int, int, str | None]],
    list[tuple[Path, int, int, int, str]],
]:
    """Read a whole journal again and compare it with what was written.

    Returns:
        Valid records; whether a writer has it open; for each segment its number, first sequence,
        records, trade date, epoch and digest; for each finding its file, segment, offset, sequence
        and reason.

    Raises:
        OSError: If a file cannot be read.
    """

def journal_append(
    path: str | PathLike[str],
    segment_bytes: int,
    trade_date: int,
    rows: list[tuple[int, bytes]],
    /,
) -> tuple[int, str]:
    """Open a journal, append records of given types and bytes, and close it.

    Returns:
        The last sequence, and what the start found.

    Raises:
        BadInputError: If the journal is corrupt, held by another writer or out of room.
        OSError: If a file cannot be written.
    """

def journal_write_mix(path: str | PathLike[str], records: int, /) -> None:
    """Write records of every kind in turn, to measure reading on."""

def journal_bench(
    directory: str | PathLike[str], appends: int, syncs: int, live_ms: int, rates: list[int], /
) -> tuple[
    list[tuple[str, tuple[int, int]]],
    list[tuple[int, int]],
    list[tuple[int, int, tuple[int, int], int]],
    int,
]:
    """Measure a journal in a directory that it makes and removes.

    Returns:
        Named medians and 99th percentiles in nanoseconds; records between two syncs and records
        per second; rate, reached rate, append-to-durable percentiles and syncs; records read per
        second.

    Raises:
        BadInputError: If the disk is full.
        OSError: If a file cannot be written.
    """

def venue_serve(config: str, flow: bytes, /) -> tuple[int, int, list[int]]:
    """Serve the simulated exchange gateways until a signal or the end of their clock.

    Returns:
        Reports in all streams, orders of both markets, and how often each fault struck.

    Raises:
        BadInputError: If the configuration or flow does not hold, or an address is taken.
    """

def run_clients(config: str, actions: bytes, /) -> bytes:
    """Play actions in simulated client order systems; return the events as records.

    Raises:
        BadInputError: If configuration or actions do not hold, a session cannot log on, or a
            connection ends before its goodbye.
    """

def client_records() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return name and `struct` format of each field of an action and of an event."""
