"""How long the order engine takes for one input, with every check on.

The flow is synthetic and seeded: new orders, acknowledgements, fills, cancels and their reports
that fit together. Half of the inputs are timed one by one, which gives median and percentile; the
cost of reading the clock, the median of empty readings, is taken off each. The other half is timed
in chunks, which gives the rate without any clock in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from panshi import _native
from panshi.bench.peers import run as peers_bench

if TYPE_CHECKING:
    from pathlib import Path

    from panshi.bench.peers.run import PeerFigures

HOT_INPUTS_DEFAULT = 1_000_000
COLD_INPUTS_DEFAULT = 1_000_000


class EngineFigure(TypedDict):
    """Times of one state, per input."""

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


class EngineFigures(TypedDict, total=False):
    """The figures of `panshi bench gate --stage engine`.

    Hot is 1,000 accounts and 200 securities; cold is 100,000 accounts, 8,000 securities and
    200,000 open orders. Real, if a journal is given, is the day that it holds.
    """

    real: EngineFigure
    hot: EngineFigure
    cold: EngineFigure
    refused_early_ns: int
    clock_ns: int
    peers: PeerFigures


def measure(
    hot_inputs: int = HOT_INPUTS_DEFAULT,
    cold_inputs: int = COLD_INPUTS_DEFAULT,
    seed: int = 1,
    journal: Path | None = None,
    *,
    with_peers: bool = True,
) -> EngineFigures:
    """Measure the engine.

    Args:
        hot_inputs: Inputs to measure on the small state.
        cold_inputs: Inputs to measure on the large state; 0 leaves it out.
        seed: Seed of the flow.
        journal: A journal whose inputs are measured too: real flow.
        with_peers: Measure other systems' order checks on the same orders, where installed.

    Returns:
        The figures in nanoseconds per input.
    """
    hot, cold, refused_early_ns, clock_ns = _native.engine_bench(hot_inputs, cold_inputs, seed)
    figures: EngineFigures = {
        "hot": _figure(hot),
        "cold": _figure(cold),
        "refused_early_ns": refused_early_ns,
        "clock_ns": clock_ns,
    }
    if with_peers:
        figures["peers"] = peers_bench.measure()
    if journal is not None:
        figures["real"] = _figure(_native.engine_bench_journal(journal))
    return figures


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
