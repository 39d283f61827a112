"""How long it takes until a standby serves in the place of a gate that was killed under load."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panshi.rig.flow import trading_flow, trading_rows
from panshi.rig.gate import Gate, gateway
from panshi.rig.order_system import OrderSystem
from panshi.rig.small_day import SSE, SZSE
from panshi.rig.takeover import Takeover, kill_and_take_over, publish, stand_by, wait_level
from panshi.rig.venue import Venue, from_now

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS: Final = 5
RATE: Final = 400
"""Messages a second of each of the two order systems."""
ANSWERS: Final = 500
"""Answers that each gets before the kill."""
ADDRESSES: Final = {SSE: 0, SZSE: 2}


def measure(*, rounds: int = ROUNDS) -> Mapping[str, object]:
    """Kill gates on this machine and let their standbys take over.

    Args:
        rounds: How often, each with fresh processes.

    Returns:
        Medians and extremes, in milliseconds, and what only the dead gates' journals had.
    """
    found = [_round() for _ in range(rounds)]
    opened = [one.open_ms for one in found]
    return {
        "rounds": rounds,
        "open_median_ms": round(statistics.median(opened), 1),
        "open_max_ms": round(max(opened), 1),
        "serving_median_ms": round(statistics.median(one.serving_ms for one in found), 1),
        "unknown": [one.unknown for one in found],
        "lost_requests": [one.lost_requests for one in found],
        "lost_records": [one.lost_records for one in found],
    }


def _round() -> Takeover:
    with contextlib.ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="panshi-takeover-")))
        venue = Venue(folder, from_now("10:00:00"))
        opened.callback(venue.stop)
        venue.start()
        links = [gateway(market, venue.addresses[at]) for market, at in ADDRESSES.items()]
        changes = {"standby": publish(folder)}
        primary = Gate(folder / "primary", links, venue.clock, trading_rows(), changes)
        standby = stand_by(primary, folder / "standby")
        opened.callback(lambda: standby.stop() if standby.child is not None else None)
        primary.start()
        standby.launch()
        for market in ADDRESSES:
            client = OrderSystem(
                market, ("127.0.0.1", primary.ports[market - 1]), trading_flow(market), rate=RATE
            )
            opened.callback(client.stop)
            client.start()
            client.wait_answers(ANSWERS)
        wait_level(primary, standby)
        return kill_and_take_over(primary, standby)
