"""Run each peer's script on the interpreter that has the peers, beside our own engine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from panshi import _native

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDERS_DEFAULT = 10_000
SEED = 1
PEERS = {"nautilus_trader": "nautilus", "vnpy_riskmanager": "vnpy_rules"}
INTERPRETER = Path(".venv-peers/bin/python")
"""Where `make bench-peers` puts them, from the root of the repository."""
HOW = "must be installed with `make bench-peers`"
LAST_WORDS = 300


class PeerFigures(TypedDict, total=False):
    """Our engine (`panshi`) and each peer, or why a peer was not measured (`missing`)."""

    panshi: dict[str, float]
    nautilus_trader: dict[str, Any]
    vnpy_riskmanager: dict[str, Any]


def measure(interpreter: Path = INTERPRETER, orders: int = ORDERS_DEFAULT) -> PeerFigures:
    """Give the same new orders to our engine and to each peer.

    Ours runs every check, freezes, counts and remembers the order. A peer's `check` is its checks
    alone and its `submit` its whole way of an order to a gateway that does nothing.

    Args:
        interpreter: The Python that has the peers.
        orders: How many orders.

    Returns:
        For ours and for each part of a peer `orders_per_cpu_s`, `p50_us` and `p99_us`; beside a
        peer's parts, how many times its rate ours is (`panshi_is_times`).
    """
    rows, (rate, p50_ns, p99_ns, refused) = _native.engine_bench_orders(orders, SEED)
    ours = {"orders_per_cpu_s": rate, "p50_us": p50_ns / 1000, "p99_us": p99_ns / 1000}
    figures: PeerFigures = {"panshi": {**ours, "refused": refused}}
    for name, script in PEERS.items():
        figures[name] = _ask(interpreter, script, rows)  # type: ignore[literal-required] # PEERS
        for part in ("check", "submit"):
            if row := figures[name].get(part):  # type: ignore[literal-required] # PEERS
                row["panshi_is_times"] = round(rate / row["orders_per_cpu_s"], 1)
    return figures


def _ask(
    interpreter: Path, script: str, orders: Sequence[tuple[str, str, int, int]]
) -> dict[str, Any]:
    if not interpreter.exists():
        return {"missing": f"{interpreter}: {HOW}"}
    root = Path(__file__).parents[3]
    # Our packages themselves stay out of reach: the scripts need the timing and nothing else.
    command = [str(interpreter), "-m", f"panshi.bench.peers.{script}"]
    done = subprocess.run(  # noqa: S603 - our own script
        command,
        input=json.dumps(orders).encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip()[-LAST_WORDS:]
        return {"missing": f"{interpreter}: {HOW}, it says: {last}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
