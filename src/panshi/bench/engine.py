"""How long the order engine takes for one input, with every check on.

The flow is the recorded day of the demo, order by order as the market sent it: the demo is played
through gate and simulated exchange, and the inputs that its journal holds are applied once more.
Hot is the demo's own state. For cold the same orders, cancels, reports and quotes are spread over
100,000 accounts and 8,000 securities that have 200,000 open orders already. A synthetic flow from a
seed is measured beside both.

Half of the inputs are timed one by one, which gives median and percentile; the cost of reading the
clock, the median of empty readings, is taken off each. The other half is timed in chunks, which
gives the rate without any clock in between.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from panshi import _native
from panshi.bench.peers import run as peers_bench
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panshi.bench.peers.run import PeerFigures

INPUTS_DEFAULT = 1_000_000
LAST_WORDS = 500


class EngineFigure(TypedDict):
    """Times of one state, per input; memory is what engine and flow took of the process's."""

    median_ns: int
    p99_ns: int
    order_median_ns: int
    report_median_ns: int
    inputs_per_s: int
    inputs: int
    orders: int
    refused: int
    open_orders: int
    memory_bytes: int


class SyntheticFigures(TypedDict):
    """The synthetic flow: hot is 1,000 accounts and 200 securities, cold as for the real flow."""

    hot: EngineFigure
    cold: EngineFigure
    refused_early_ns: int
    clock_ns: int


class EngineFigures(TypedDict, total=False):
    """The figures of `panshi bench gate --stage engine`; `hot` and `cold` are of real flow."""

    hot: EngineFigure
    cold: EngineFigure
    refused_early_ns: int
    clock_ns: int
    synthetic: SyntheticFigures
    peers: PeerFigures


def measure(
    journal: Path | None = None, seed: int = 1, inputs: int = INPUTS_DEFAULT
) -> EngineFigures:
    """Measure the engine, and other systems' order checks where they are installed.

    Args:
        journal: The journal of a day; the demo's day is played if left out.
        seed: Seed of what is drawn.
        inputs: Inputs of each synthetic flow.

    Returns:
        The figures in nanoseconds per input.

    Raises:
        BadInputError: If the demo's day does not reconcile, or the journal is corrupt or empty.
    """
    with tempfile.TemporaryDirectory(prefix="panshi-bench-") as name:
        hot, cold = _native.engine_bench_journal(journal or play_day(Path(name)), seed)
    if not _figure(hot)["orders"]:
        raise BadInputError("bench: the journal of a day must hold orders, found none")
    synthetic = measure_synthetic(inputs, inputs, seed)
    return {
        "hot": _figure(hot),
        "cold": _figure(cold),
        "refused_early_ns": synthetic["refused_early_ns"],
        "clock_ns": synthetic["clock_ns"],
        "synthetic": synthetic,
        "peers": peers_bench.measure(),
    }


def measure_synthetic(hot_inputs: int, cold_inputs: int, seed: int = 1) -> SyntheticFigures:
    """Measure the engine on a seeded flow.

    Args:
        hot_inputs: Inputs to measure on the small state.
        cold_inputs: Inputs to measure on the large state; 0 leaves it out.
        seed: Seed of the flow.

    Returns:
        The figures in nanoseconds per input.
    """
    hot, cold, refused_early_ns, clock_ns = _native.engine_bench(hot_inputs, cold_inputs, seed)
    return {
        "hot": _figure(hot),
        "cold": _figure(cold),
        "refused_early_ns": refused_early_ns,
        "clock_ns": clock_ns,
    }


def play_day(folder: Path, arguments: Sequence[str] = ()) -> Path:
    """Play the demo's day in processes of their own.

    Args:
        folder: Where everything of it lies; empty.
        arguments: Further arguments of `panshi demo`.

    Returns:
        The journal of its gate.

    Raises:
        BadInputError: If it does not come to its end.
    """
    command = [sys.executable, "-m", "panshi.cli.main", "demo", "--headless", "--json", "--keep"]
    done = subprocess.run(  # noqa: S603 - our own
        [*command, str(folder), *arguments], capture_output=True, check=False
    )
    # A busy machine makes the demo start anew with a longer lead, in a folder named by it.
    found = sorted(folder.glob("lead-*/journal"), key=lambda one: int(one.parent.name[5:]))
    if done.returncode != 0 or not found:
        last = (done.stderr or done.stdout).decode(errors="replace").strip()[-LAST_WORDS:]
        raise BadInputError(
            f"bench: the demo's day must be played to its end, found exit {done.returncode}: {last}"
        )
    return found[-1]


def _figure(row: list[int]) -> EngineFigure:
    median, p99, orders_median, reports_median, rate, inputs, orders, refused, still_open, size = (
        row
    )
    return {
        "median_ns": median,
        "p99_ns": p99,
        "order_median_ns": orders_median,
        "report_median_ns": reports_median,
        "inputs_per_s": rate,
        "inputs": inputs,
        "orders": orders,
        "refused": refused,
        "open_orders": still_open,
        "memory_bytes": size,
    }
