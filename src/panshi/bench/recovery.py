"""How long a start takes that finds a day under way: from the newest snapshot, and without one."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from panshi import _native

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDS = 5_000_000
"""Journal records of the generated day."""
TAIL_RECORDS = 250_000
"""Records behind its last snapshot: the most that lie there with the default configuration."""
GOAL_NS = 3_000_000_000
ROUNDS = 3


def measure(
    directory: Path | None = None, *, records: int = RECORDS, rounds: int = ROUNDS
) -> Mapping[str, object]:
    """Write a generated day and start gates on it.

    Args:
        directory: On the disk to be measured; None for the place of temporary files.
        records: Journal records of the day.
        rounds: Starts of each kind; the fastest counts.

    Returns:
        The figures. `start_ns` holds the starts: `cold` ones come after the kernel has forgotten
        the files, as after a restart of the machine.
    """
    tail = min(TAIL_RECORDS, records // 4)
    with tempfile.TemporaryDirectory(dir=directory, prefix="panshi-bench-") as place:
        text = _native.gate_bench_recovery(Path(place) / "day", records, tail, rounds)
    return {"goal_ns": GOAL_NS, **json.loads(text)}
