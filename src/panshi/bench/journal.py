"""What appending, syncing and reading a journal costs, beside the raw disk in the same run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TypedDict

from panshi import _native
from panshi.gate import journal

APPEND_GOAL_NS = 300
READ_GOAL_PER_S = 5_000_000
RATES = (10_000, 50_000)
MIX_RECORDS = 2_000_000
ROUNDS = 3


class Spread(TypedDict):
    """Median and 99th percentile of one operation."""

    median_ns: int
    p99_ns: int


class LiveFigure(TypedDict):
    """Append to durable at a steady rate, one spinning writer and the sync thread."""

    rate: int
    reached: int
    p50_us: float
    p99_us: float
    syncs: int


class JournalFigures(TypedDict):
    """The figures of `panshi bench journal`; records carry 256 bytes of payload."""

    append_goal_ns: int
    timer: Spread
    append: Spread
    append_batched: Spread
    memcpy: Spread
    memcpy_batched: Spread
    raw_fdatasync: Spread
    group_commit_per_s: dict[str, int]
    live: list[LiveFigure]
    read_per_s: int
    arrow_goal_per_s: int
    arrow_per_s: int
    arrow_records: int


def measure(
    directory: Path | None = None, *, appends: int = 500_000, records: int = MIX_RECORDS
) -> JournalFigures:
    """Measure a journal.

    Args:
        directory: On the disk to be measured; None for the place of temporary files.
        appends: Records of the append figures; the other figures shrink with it.
        records: Records of every kind in turn, for the Arrow figure.

    Returns:
        The figures.
    """
    syncs = max(appends // 300, 20)
    live_ms = max(appends // 250, 50)
    with tempfile.TemporaryDirectory(dir=directory, prefix="panshi-bench-") as place:
        single, group, live, read_per_s = _native.journal_bench(
            place, appends, syncs, live_ms, list(RATES)
        )
        arrow_per_s = _arrow_rate(Path(place) / "mix", records)
    spreads: dict[str, Spread] = {
        name: {"median_ns": median, "p99_ns": p99} for name, (median, p99) in single
    }
    return {
        "append_goal_ns": APPEND_GOAL_NS,
        "timer": spreads["timer"],
        "append": spreads["append"],
        "append_batched": spreads["append_batched"],
        "memcpy": spreads["memcpy"],
        "memcpy_batched": spreads["memcpy_batched"],
        "raw_fdatasync": spreads["raw_fdatasync"],
        "group_commit_per_s": {str(count): rate for count, rate in group},
        "live": [
            {
                "rate": rate,
                "reached": reached,
                "p50_us": median / 1000,
                "p99_us": p99 / 1000,
                "syncs": syncs_done,
            }
            for rate, reached, (median, p99), syncs_done in live
        ],
        "read_per_s": read_per_s,
        "arrow_goal_per_s": READ_GOAL_PER_S,
        "arrow_per_s": arrow_per_s,
        "arrow_records": records,
    }


def _arrow_rate(folder: Path, records: int) -> int:
    """Return the records per second of the best of some rounds, tables made and all."""
    _native.journal_write_mix(folder, records)
    best = 0.0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        rows = sum(table.num_rows for table in journal.read(folder).values())
        best = max(best, rows / (time.perf_counter() - begin))
        if rows != records:
            message = f"{records} records were written and {rows} read"
            raise AssertionError(message)
    return int(best)
