"""Latencies in microseconds, for people and for comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def percentiles_us(latencies_ns: Sequence[int]) -> dict[str, float]:
    """Return percentiles in microseconds.

    Args:
        latencies_ns: Times in nanoseconds, in any order.

    Returns:
        Percentiles by name; empty when there are no times.
    """
    if not latencies_ns:
        return {}
    ordered = sorted(latencies_ns)
    last = len(ordered) - 1
    places = {"p50": 500, "p90": 900, "p99": 990, "p99_9": 999, "max": 1000}
    return {name: ordered[last * share // 1000] / 1000 for name, share in places.items()}


def gate_latency_us(status: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the gate's own latencies in microseconds.

    Args:
        status: The gate's status.

    Returns:
        Count and percentiles by stage.
    """
    shares = {"p50": "p50_ns", "p99": "p99_ns", "p99_9": "p99_9_ns", "max": "max_ns"}
    return {
        name: {"count": row["count"]} | {share: row[key] / 1000 for share, key in shares.items()}
        for name, row in status.get("latency", {}).items()
    }
