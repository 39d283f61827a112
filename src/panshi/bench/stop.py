"""How long a stop takes under full load: from the command to the last order at the far end."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from panshi import _native
from panshi.rig.ports import reserve_ports

if TYPE_CHECKING:
    from collections.abc import Mapping

STOPS = 200
"""Stops of each kind of loop."""
GOAL_P99_NS = 5_000_000


def measure(directory: Path | None = None, *, stops: int = STOPS) -> Mapping[str, object]:
    """Stop a gate under full load again and again, each time armed again by a second person.

    Args:
        directory: On the disk to be measured; None for the place of temporary files.
        stops: How often it is stopped, in each of the two kinds of loop.

    Returns:
        The figures: `last_order_ns` from before the command is written to the arrival of the last
        order at the far end, `answer_ns` to the gate's answer.
    """
    with tempfile.TemporaryDirectory(dir=directory, prefix="panshi-bench-") as place:
        (port,) = reserve_ports(1)
        text = _native.gate_bench_stop(Path(place), port, stops)
    return {"goal_p99_ns": GOAL_P99_NS, **json.loads(text)}
