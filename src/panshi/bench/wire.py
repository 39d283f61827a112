"""How long a new order takes from bytes to a struct and back to bytes."""

from __future__ import annotations

from typing import TypedDict

from panshi import _native

ORDERS_DEFAULT = 4_000_000
GOAL_NS = 100
PS_PER_NS = 1000


class WireFigure(TypedDict):
    """One protocol's figure, per order: frame, checksum, decode, encode, checksum."""

    median_ns: float
    p99_ns: float
    orders: int


class WireFigures(TypedDict):
    """The figures of `panshi bench wire`."""

    goal_ns: int
    sse: WireFigure
    szse: WireFigure


def measure(orders: int = ORDERS_DEFAULT) -> WireFigures:
    """Measure decode and encode of a new order of both protocols.

    Args:
        orders: Orders to measure for each protocol.

    Returns:
        The figures in nanoseconds per order.
    """
    shanghai, shenzhen = _native.wire_bench(orders)
    return {"goal_ns": GOAL_NS, "sse": _figure(shanghai), "szse": _figure(shenzhen)}


def _figure(measured: tuple[int, int, int]) -> WireFigure:
    median_ps, p99_ps, orders = measured
    return {"median_ns": median_ps / PS_PER_NS, "p99_ns": p99_ps / PS_PER_NS, "orders": orders}
