"""How long an order takes through a whole gate, wire to wire over loopback.

The client of the measurement logs in at the gate, the gate at a stub that accepts every order.
Every check is on and everything is journaled. In the same run the same client reaches the stub
through a relay that only copies bytes: the limit that the machine sets. Relay and gates take turns
for several rounds, and each figure is the median of the rounds. `spinning` gates never sleep. A, B
and C are the journal's modes of durability. Where there are two cores, relay or gate has one and
client and stub have the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panshi import _native
from panshi.domain.errors import BadInputError
from panshi.rig.ports import reserve_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS_DEFAULT = 9
SINGLE_DEFAULT = 2_000
FLOOD_DEFAULT = 60_000
VENUE_MODES = ("A", "B")
END_S = 10
VENUE = """
trade_date = 20260720
open_listing = true
gateways = [
  { market = "sse", addresses = ["127.0.0.1:0"], comp_id = "TDGW", pbus = ["20001"], sets = [1] },
]
[clock]
trade_date = 20260720
start_unix_ns = 0
segments = [{ from_ns_of_day = "10:00:00", to_ns_of_day = "11:00:00", wall_ms = 3600000 }]
"""
"""A venue that takes any security, in the hour in which the gates of the measurement are."""


def measure(
    directory: Path | None = None,
    rounds: int = ROUNDS_DEFAULT,
    single: int = SINGLE_DEFAULT,
    flood: int = FLOOD_DEFAULT,
) -> dict[str, Any]:
    """Measure the relay and the gate, blocking and spinning, in every mode of durability.

    Args:
        directory: Folder on the disk to be measured; a temporary one if left out.
        rounds: How often relay and gates take turns.
        single: Orders of a round sent one at a time.
        flood: Orders of a round sent with 256 in flight.

    Returns:
        For `blocking` and `spinning` a row for `relay`, `A`, `B` and `C`: nanoseconds from an
        order's write to its report (`p50_ns`, `p99_ns`, `p99_9_ns`), `orders_per_s` with 256 in
        flight, and the percentiles in 1/1000 of the relay's of the same round. `venue` has the
        rows `A` and `B` of a blocking gate whose far end is the simulated exchange with its books.

    Raises:
        BadInputError: If an order of the flow is refused or lost, or the venue does not start.
    """
    with tempfile.TemporaryDirectory(dir=directory) as name:
        folder = Path(name)
        (port,) = reserve_ports(1)
        row = _native.gate_bench(folder, port, rounds, single, flood)
        figures: dict[str, Any] = json.loads(row)
        figures["venue"] = {}
        for mode in VENUE_MODES:
            with _venue(folder) as address:
                row = _native.gate_bench_toward(folder, port, address, mode, rounds * single, flood)
            figures["venue"][mode] = json.loads(row)
    return figures


@contextmanager
def _venue(folder: Path) -> Iterator[str]:
    """Serve a fresh simulated Shanghai gateway in a process of its own; its address."""
    file = folder / "venue.toml"
    file.write_text(VENUE, encoding="utf-8")
    command = [sys.executable, "-m", "panshi.cli.main", "venue", "serve", "--config", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise BadInputError("bench: the simulated exchange must say where it listens")
            yield str(json.loads(line)["address"])
        finally:
            process.terminate()
            process.wait(END_S)
