"""How long an order takes through a whole gate, wire to wire over loopback.

The client of the measurement logs in at the gate, the gate at a stub that accepts every order.
Every check is on and everything is journaled. In the same run the same client reaches the stub
through a relay that only copies bytes: the limit that the machine sets. `spinning` gates never
sleep. A, B and C are the journal's modes of durability.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from panshi import _native

SINGLE_DEFAULT = 10_000
FLOOD_DEFAULT = 300_000


def measure(
    directory: Path | None = None, single: int = SINGLE_DEFAULT, flood: int = FLOOD_DEFAULT
) -> dict[str, Any]:
    """Measure the relay and the gate, blocking and spinning, in every mode of durability.

    Args:
        directory: Folder on the disk to be measured; a temporary one if left out.
        single: Orders sent one at a time.
        flood: Orders sent with 256 in flight.

    Returns:
        For `blocking` and `spinning` a row for `relay`, `A`, `B` and `C`: nanoseconds from an
        order's write to its report (`p50_ns`, `p99_ns`, `p99_9_ns`), `orders_per_s` with 256 in
        flight, and both percentiles in 1/1000 of the relay's.

    Raises:
        BadInputError: If an order of the flow is refused or lost.
    """
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        figures: dict[str, Any] = json.loads(_native.gate_bench(Path(folder), single, flood))
    return figures
