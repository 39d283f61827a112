"""How polite clients fare beside a greedy one that offers ten times what the gate is rated for.

Three clients each send an order, wait for its report, and pause for a millisecond. They are
measured alone and then, at the same gate, beside a client that sends without waiting for anything.
Whatever it sends passes every check, so nothing holds it back but the gate's turns. It stands for
another machine, so its threads are of the kernel's idle class: they have the cores that gate and
polite clients leave, and take none from those who are measured. Durability is A: no wait for the
disk hides what others cost. Each figure is the median of several rounds, and so is the ratio of
each round's two figures.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from panshi import _native
from panshi.rig.ports import reserve_ports

ROUNDS = 5
ORDERS = 300
"""Orders of each polite client in a round, alone and again beside the greedy one."""
GOAL_P99_PER_MILLE = 3_000


def measure(
    directory: Path | None = None, *, rounds: int = ROUNDS, orders: int = ORDERS
) -> dict[str, Any]:
    """Measure a blocking and a spinning gate.

    Args:
        directory: On the disk to be measured; None for the place of temporary files.
        rounds: How often.
        orders: Orders of each polite client in a round.

    Returns:
        For `blocking` and `spinning` the rows `unloaded` and `loaded`: percentiles of a polite
        client's orders from write to report in nanoseconds, beside the greedy client also what it
        was answered a second and the percentiles in 1/1000 of the unloaded ones.

    Raises:
        BadInputError: If an order of a polite client is refused or lost.
    """
    with tempfile.TemporaryDirectory(dir=directory, prefix="panshi-bench-") as place:
        (port,) = reserve_ports(1)
        text = _native.gate_bench_fair(Path(place), port, rounds, orders)
    return {"goal_p99_per_mille": GOAL_P99_PER_MILLE, **json.loads(text)}
