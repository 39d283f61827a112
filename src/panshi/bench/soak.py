"""A whole simulated day under load, from before the opening to the end of the day by itself.

Venue, gate and an order system of each market are processes and sessions as they are in use. The
day from 09:15 on is played in as much time as is asked for, a piece of it from 10:00 on at the
speed of the day. Memory is read again and again, latency comes from the journal's own stamps, and
the day's summary and the clients' streams say whether anything that must hold was broken.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.domain.clock import DAY_MS, MS_NS, WallClock, parse_day_ms
from panshi.domain.errors import BadInputError
from panshi.gate import journal
from panshi.gate.day_summary import summarise_day
from panshi.rig.flow import trading_flow, trading_rows
from panshi.rig.gate import Gate, gateway
from panshi.rig.order_system import OrderSystem
from panshi.rig.processes import require_room
from panshi.rig.small_day import SSE, SZSE, TRADE_DAY
from panshi.rig.venue import Venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

BEGIN, REAL, END = (parse_day_ms(text) for text in ("09:15:00", "10:00:00", "15:35:00"))
PLACES: Final = {SSE: 0, SZSE: 2}
RATE_DEFAULT: Final = 400
"""Messages a second of each order system."""
END_S: Final = 120
HOUR_MS: Final = 3_600_000
HOUR_NS: Final = HOUR_MS * MS_NS
POLL_S: Final = 0.25
SAMPLES: Final = 40
"""Memory is kept so often over the day."""
SPARE: Final = 20_000
FIRST, LAST = (0.1, 0.3), (0.8, 1.0)
"""Parts of the orders that are compared: the start, when everything is warm, and the end."""
SHANGHAI_MS: Final = 8 * HOUR_MS


def measure(
    directory: Path | None, hours: float, rate: int = RATE_DEFAULT, real_s: int = 0
) -> dict[str, Any]:
    """Play a day.

    Args:
        directory: Folder on the disk to be used; a temporary one if left out.
        hours: Hours that the day takes; 6.33 is the speed of the day.
        rate: Messages a second of each order system.
        real_s: Seconds from 10:00 on that are played at the speed of the day.

    Returns:
        Memory of the gate over the day (`memory`: `own_kib` without the journal's mapped pages),
        nanoseconds from an order's receipt to its sending and from the exchange's answer to its
        report by market hour, how either has grown, orders, and what was broken.

    Raises:
        BadInputError: If the disk has too little room.
    """
    with tempfile.TemporaryDirectory(dir=directory, prefix="panshi-soak-") as name:
        folder = Path(name)
        require_room(folder)
        clock = _clock(int(hours * HOUR_MS), real_s * 1000)
        venue = Venue(folder, clock)
        venue.start()
        try:
            return {"real_time_s": real_s, **_day(folder, venue, rate, hours)}
        finally:
            venue.stop()


def _clock(wall_ms: int, real_ms: int) -> dict[str, Any]:
    """Return a market clock that runs fast but for a piece at the speed of the day."""
    until = REAL + real_ms
    fast_ms, day_ms = max(wall_ms - real_ms, 1_000), END - BEGIN - real_ms
    parts = [
        (BEGIN, REAL, fast_ms * (REAL - BEGIN) // day_ms),
        (REAL, until, real_ms),
        (until, END, fast_ms * (END - until) // day_ms),
    ]
    segments = [
        {"from_ns_of_day": first * MS_NS, "to_ns_of_day": last * MS_NS, "wall_ms": wall}
        for first, last, wall in parts
        if last > first
    ]
    start_ns = WallClock().now_ns()
    return {"trade_date": TRADE_DAY, "start_unix_ns": start_ns, "segments": segments}


def _day(folder: Path, venue: Venue, rate: int, hours: float) -> dict[str, Any]:
    links = [gateway(market, venue.addresses[place]) for market, place in PLACES.items()]
    # So many requests at the most, and a fill for each of two orders.
    requests = int(hours * HOUR_MS / 1000 * rate * len(PLACES)) + SPARE
    room = dict.fromkeys(("orders", "cancels", "events", "fills"), requests)
    changes = {"day_end": {"automatic": True}, "capacity": room}
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
        memory = _watch(gate, hours * 3600 / SAMPLES)
        status = gate.ended(END_S)
    finally:
        for client in clients:
            client.stop()
        if gate.runs():
            gate.stop()
    found, latency = summarise_day(gate.journal, room), _Latency(gate.journal)
    broken = [f"{name}: {text}" for name, texts in found.differences.items() for text in texts]
    broken += [text for client in clients for text in client.told.wrong]
    return {
        "hours": hours,
        "exit_status": status,
        "counts": found.counts,
        "records": found.records,
        "memory": memory,
        "latency": latency.by_hour(),
        "growth": {**_growth(memory, hours), **latency.growth()},
        "broken": broken,
    }


def _watch(gate: Gate, every_s: float) -> list[dict[str, int]]:
    """Read the gate's memory again and again until it is gone."""
    seen: list[dict[str, int]] = []
    last: dict[str, int] = {}
    begun = time.monotonic()
    while True:
        try:
            status = gate.status()
            last = {
                "wall_s": int(time.monotonic() - begun),
                "market_hour": status["ns_of_day"] // HOUR_NS,
                "orders": status["counts"]["orders"],
                "rss_kib": gate.memory_kib(),
                "own_kib": gate.memory_kib("RssAnon"),
            }
        except (OSError, BadInputError, StopIteration):
            return [*seen, last]
        if len(seen) * every_s <= time.monotonic() - begun:
            seen.append(last)
        time.sleep(POLL_S)


def _growth(memory: list[dict[str, int]], hours: float) -> dict[str, float]:
    """Return how the gate's own memory grew from the first part of the day to its end."""
    start, end = memory[int(len(memory) * FIRST[0])], memory[-1]
    grown, orders = end["own_kib"] - start["own_kib"], end["orders"] - start["orders"]
    wall_hours = (end["wall_s"] - start["wall_s"]) / 3600 or hours
    return {
        "own_kib": grown,
        "own_kib_per_hour": round(grown / wall_hours),
        "own_kib_per_1000_orders": round(grown * 1000 / max(orders, 1), 1),
    }


class _Latency:
    """The journaled stamps of a day, in the order of the orders."""

    def __init__(self, folder: Path) -> None:
        tables = journal.read(folder, ["Stamps", "NewOrder"])
        orders, stamps = tables["NewOrder"], tables["Stamps"]
        hours = dict(zip(orders["journal_sequence"].to_pylist(), _hours(orders), strict=True))
        names = ("order_seq", "received_ns", "sent_ns", "answered_ns", "reported_ns")
        rows = sorted(zip(*(stamps[name].to_pylist() for name in names), strict=True))
        self.rows = [
            (hours[order], left - received, reported - answered if reported else None)
            for order, received, left, answered, reported in rows
        ]

    def by_hour(self) -> dict[str, dict[str, int]]:
        """Return percentiles by the hour of the market."""
        hours = sorted({hour for hour, _, _ in self.rows})
        return {hour: _figures([row for row in self.rows if row[0] == hour]) for hour in hours}

    def growth(self) -> dict[str, Any]:
        """Return the figures of the first and the last part, and their ratios in 1/1000."""
        many = len(self.rows)
        parts = [self.rows[int(many * a) : int(many * b)] for a, b in (FIRST, LAST)]
        first, last = (_figures(part) for part in parts)
        found: dict[str, Any] = {"first": first, "last": last}
        for name in ("forward", "report"):
            before, after = first[f"{name}_p99_ns"], last[f"{name}_p99_ns"]
            found[f"{name}_p99_per_mille"] = after * 1000 // max(before, 1)
        return found


def _figures(rows: list[tuple[str, int, int | None]]) -> dict[str, int]:
    sent = sorted(forward for _, forward, _ in rows)
    told = sorted(report for _, _, report in rows if report is not None)
    return {
        "orders": len(sent),
        "forward_p50_ns": _part(sent, 500),
        "forward_p99_ns": _part(sent, 990),
        "report_p50_ns": _part(told, 500),
        "report_p99_ns": _part(told, 990),
    }


def _hours(orders: pa.Table) -> Iterator[str]:
    for time_ns in orders["time_ns"].to_pylist():
        yield f"{(time_ns // MS_NS + SHANGHAI_MS) % DAY_MS // HOUR_MS:02}"


def _part(ordered: list[int], per_mille: int) -> int:
    return ordered[min(len(ordered) - 1, len(ordered) * per_mille // 1000)] if ordered else 0
