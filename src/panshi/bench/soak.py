"""A whole simulated day under load, from before the opening to the end of the day by itself.

Venue, gate and an order system of each market are processes and sessions as they are in use. The
day from 09:15 on is played in as much time as is asked for. Memory is read at every hour of the
market, latency comes from the journal's own stamps, and the day's summary and the clients' streams
say whether anything that must hold was broken.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.domain.clock import DAY_MS, MS_NS
from panshi.domain.errors import BadInputError
from panshi.gate import journal
from panshi.gate.day_summary import summarise_day
from panshi.rig.flow import trading_flow, trading_rows
from panshi.rig.gate import Gate, gateway
from panshi.rig.order_system import OrderSystem
from panshi.rig.processes import require_room
from panshi.rig.small_day import SSE, SZSE
from panshi.rig.venue import Venue, from_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

BEGIN, END = "09:15:00", "15:35:00"
PLACES: Final = {SSE: 0, SZSE: 2}
RATE_DEFAULT: Final = 400
"""Messages a second of each order system."""
END_S: Final = 120
HOUR_MS: Final = 3_600_000
HOUR_NS: Final = HOUR_MS * MS_NS
POLL_S: Final = 0.25
SHANGHAI_MS: Final = 8 * HOUR_MS


def measure(directory: Path | None, hours: float, rate: int = RATE_DEFAULT) -> dict[str, Any]:
    """Play a day.

    Args:
        directory: Folder on the disk to be used; a temporary one if left out.
        hours: Hours that the day takes; 6.33 is the speed of the day.
        rate: Messages a second of each order system.

    Returns:
        Memory of the gate by market hour (`rss_kib`), nanoseconds from an order's receipt to its
        sending and to its report by market hour, orders, and what was broken.

    Raises:
        BadInputError: If the disk has too little room.
    """
    with tempfile.TemporaryDirectory(dir=directory, prefix="panshi-soak-") as name:
        folder = Path(name)
        require_room(folder)
        clock = from_now(BEGIN, END, int(hours * HOUR_MS))
        venue = Venue(folder, clock)
        venue.start()
        try:
            return _day(folder, venue, rate, hours)
        finally:
            venue.stop()


def _day(folder: Path, venue: Venue, rate: int, hours: float) -> dict[str, Any]:
    links = [gateway(market, venue.addresses[place]) for market, place in PLACES.items()]
    changes = {"day_end": {"automatic": True}}
    gate = Gate(folder / "gate", links, venue.clock, trading_rows(), changes, alone=True)
    gate.launch()
    gate.wait_for(lambda status: all(row["connected"] for row in status["gateways"]))
    clients = [
        OrderSystem(market, ("127.0.0.1", gate.ports[market - 1]), trading_flow(market), rate=rate)
        for market in PLACES
    ]
    for client in clients:
        client.start()
    try:
        memory = _watch(gate)
        status = gate.ended(END_S)
    finally:
        for client in clients:
            client.stop()
        if gate.runs():
            gate.stop()
    found = summarise_day(gate.journal)
    broken = [f"{name}: {text}" for name, texts in found.differences.items() for text in texts]
    broken += [text for client in clients for text in client.told.wrong]
    return {
        "hours": hours,
        "exit_status": status,
        "counts": found.counts,
        "records": found.records,
        "rss_kib": memory,
        "latency": _latency(gate.journal),
        "broken": broken,
    }


def _watch(gate: Gate) -> dict[str, dict[str, int]]:
    """Read the gate's memory once in every hour of the market and at the last moment."""
    seen: dict[str, dict[str, int]] = {}
    while True:
        try:
            status, memory = gate.status(), gate.memory_kib()
        except (OSError, BadInputError):
            return seen
        row = {"rss_kib": memory, "orders": status["counts"]["orders"]}
        seen.setdefault(f"{status['ns_of_day'] // HOUR_NS:02}", row)
        seen["last"] = row
        time.sleep(POLL_S)


def _latency(folder: Path) -> dict[str, dict[str, int]]:
    """Return percentiles of the journaled stamps by the hour of the market in which they came."""
    tables = journal.read(folder, ["Stamps", "NewOrder"])
    orders, stamps = tables["NewOrder"], tables["Stamps"]
    hours = dict(zip(orders["journal_sequence"].to_pylist(), _hours(orders), strict=True))
    names = ("order_seq", "received_ns", "sent_ns", "answered_ns", "reported_ns")
    sent: dict[str, list[int]] = defaultdict(list)
    told: dict[str, list[int]] = defaultdict(list)
    for order, *moments in zip(*(stamps[name].to_pylist() for name in names), strict=True):
        received, left, answered, reported = moments
        sent[hours[order]].append(left - received)
        if reported:
            told[hours[order]].append(reported - answered)
    return {
        hour: {
            "orders": len(rows),
            "forward_p50_ns": _part(rows, 500),
            "forward_p99_ns": _part(rows, 990),
            "report_p50_ns": _part(told[hour], 500),
            "report_p99_ns": _part(told[hour], 990),
        }
        for hour, rows in sorted(sent.items())
    }


def _hours(orders: pa.Table) -> Iterator[str]:
    for time_ns in orders["time_ns"].to_pylist():
        yield f"{(time_ns // MS_NS + SHANGHAI_MS) % DAY_MS // HOUR_MS:02}"


def _part(rows: list[int], per_mille: int) -> int:
    ordered = sorted(rows)
    return ordered[min(len(ordered) - 1, len(ordered) * per_mille // 1000)] if ordered else 0
