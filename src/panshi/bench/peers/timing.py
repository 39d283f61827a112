"""How a peer's check is timed: the same way for each, orders made beforehand."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")

RUNS = 5
"""Rounds that count; one more goes before them."""


class Order(NamedTuple):
    """One order of the flow; the price in yuan."""

    code: str
    buy: bool
    price: float
    qty: int


def read_orders() -> list[Order]:
    """Read orders from standard input: a JSON list of code, side, price in e5, quantity."""
    rows = json.load(sys.stdin)
    return [Order(code, side == "1", price_e5 / 100_000, qty) for code, side, price_e5, qty in rows]


def measure(
    make: Callable[[], tuple[Callable[[Item], object], Sequence[Item]]],
    settle: Callable[[], object] = lambda: None,
) -> dict[str, float]:
    """Time a check on fresh orders, several rounds.

    Args:
        make: Returns the check and the orders that it is given, both fresh.
        settle: Called behind each round, within its time: what the check left for other threads.

    Returns:
        Orders per CPU second of the process (median of the rounds), and percentiles of single
        orders in microseconds.
    """
    rates, singles = [], []
    for turn in range(RUNS + 1):
        check, orders = make()
        gc.collect()
        begin = time.process_time()
        for order in orders:
            check(order)
        settle()
        rate = len(orders) / (time.process_time() - begin)
        check, orders = make()
        for order in orders[: len(orders) // 4]:
            start = time.perf_counter_ns()
            check(order)
            if turn:
                singles.append(time.perf_counter_ns() - start)
        settle()
        if turn:
            rates.append(rate)
    cuts = statistics.quantiles(singles, n=100)
    return {
        "orders_per_cpu_s": round(statistics.median(rates)),
        "p50_us": cuts[49] / 1000,
        "p99_us": cuts[98] / 1000,
    }
