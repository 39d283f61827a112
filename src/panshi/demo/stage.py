"""The stage of a run: configurations, the processes on it, and the market clock they share."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panshi.demo.parties import GATEWAYS, SESSIONS, SSE, SZSE
from panshi.domain.clock import WallClock
from panshi.domain.errors import BadInputError, PanshiError
from panshi.rig.ports import reserve_ports
from panshi.rig.processes import (
    Child,
    Children,
    to_toml,
    wait_for_gateways,
    wait_for_listeners,
)
from panshi.venue.clients import run_clients
from panshi.venue.listing import build_listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from panshi.demo.playing import Plan
    from panshi.demo.script import Script
    from panshi.market.securities import Security
    from panshi.venue.config import Fault

SECOND_NS: Final = 1_000_000_000
START_S: Final = 60
"""Seconds that gate and venue may take to be ready."""
LINGER_MS: Final = 8_000
LOGON_MS: Final = 20_000
SEQUENCE_WAIT_MS: Final = 200
"""So long may an action wait for answers over other sessions, to keep its security's sequence."""
SETS: Final = {SSE: [1, 2], SZSE: [1]}
NAMES: Final = {SSE: "sse", SZSE: "szse"}
GATE_IDS: Final = {SSE: "TDGW", SZSE: "TGW01"}
"""By this name the gate stands before its clients, as the exchange's gateway would."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything of a run lies."""

    folder: Path
    plan: Plan
    trade_date: int
    start_ns: int
    ports: dict[str, int]

    @property
    def clock(self) -> dict[str, object]:
        """The market clock, as gate, venue and clients read it."""
        return self.plan.clock(self.trade_date, self.start_ns)

    def has_begun(self) -> bool:
        """Return whether the market clock runs already."""
        return WallClock().now_ns() > self.start_ns

    @property
    def control(self) -> Path:
        """The gate's control socket."""
        return self.folder / "gate.sock"

    @property
    def quotes(self) -> Path:
        """Where the venue publishes best prices."""
        return self.folder / "quotes.sock"

    @property
    def journal(self) -> Path:
        """The gate's journal."""
        return self.folder / "journal"


def build_stage(folder: Path, plan: Plan, trade_date: int, lead_s: int) -> Stage:
    """Make the folder, choose ports and the moment at which the day begins.

    Args:
        folder: Folder of the stage; it must not exist.
        plan: The part of the day that is played.
        trade_date: YYYYMMDD.
        lead_s: Seconds from now to the start of the market clock.

    Returns:
        The stage.
    """
    names = [
        *(f"venue_{one.number}" for one in GATEWAYS),
        *(f"gate_{name}" for name in NAMES.values()),
    ]
    ports = dict(zip(names, reserve_ports(len(names)), strict=True))
    folder.mkdir()
    start_ns = WallClock().now_ns() + lead_s * SECOND_NS
    return Stage(folder, plan, trade_date, start_ns, ports)


def venue_config(
    stage: Stage, securities: Sequence[Security], faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """Return the venue's configuration.

    Args:
        stage: The stage.
        securities: What is listed.
        faults: What goes wrong.

    Returns:
        Keys and values.
    """
    gateways = [
        {
            "market": NAMES[one.market],
            "addresses": [f"127.0.0.1:{stage.ports[f'venue_{one.number}']}"],
            "comp_id": GATE_IDS[one.market],
            # In Shanghai a gateway reports in the streams of its login PBU alone.
            "pbus": list(one.pbus[:1] if one.market == SSE else one.pbus),
            "sets": SETS[one.market],
            "platform": 1 if one.market == SZSE else 0,
        }
        for one in GATEWAYS
    ]
    return {
        "trade_date": stage.trade_date,
        "gateways": gateways,
        "member_pbus": [pbu for one in GATEWAYS for pbu in one.pbus],
        "securities": [row.model_dump() for row in build_listing(securities)],
        "faults": [row.model_dump(exclude_none=True) for row in faults],
        "quotes": str(stage.quotes),
        "clock": stage.clock,
    }


def gate_config(stage: Stage, capacity: dict[str, int]) -> dict[str, Any]:
    """Return the gate's configuration.

    Args:
        stage: The stage.
        capacity: Table sizes that differ from the default.

    Returns:
        Keys and values.
    """
    return {
        "journal": {"dir": str(stage.journal)},
        # The exchange is this run's own: its numbers are no one else's.
        "claim": {"locks": str(stage.journal.parent / "locks")},
        "listen": [
            {
                "market": market,
                "platform": 1 if market == SZSE else 0,
                "address": f"127.0.0.1:{stage.ports[f'gate_{NAMES[market]}']}",
                "comp_id": GATE_IDS[market],
                "streams": SETS[market],
            }
            for market in (SSE, SZSE)
        ],
        "gateways": [
            {
                "number": one.number,
                "market": one.market,
                "platform": 1 if one.market == SZSE else 0,
                "main": f"127.0.0.1:{stage.ports[f'venue_{one.number}']}",
                "comp_id": "PANSHI",
                "target_comp_id": GATE_IDS[one.market],
            }
            for one in GATEWAYS
        ],
        "control": str(stage.control),
        "quotes": str(stage.quotes),
        "log": str(stage.folder / "gate.log"),
        "clock": stage.clock,
        "capacity": capacity,
    }


def clients_config(stage: Stage) -> dict[str, object]:
    """Return the configuration of the client order systems.

    Args:
        stage: The stage.

    Returns:
        Keys and values.
    """
    sessions = [
        {
            "protocol": NAMES[one.market],
            "address": f"127.0.0.1:{stage.ports[f'gate_{NAMES[one.market]}']}",
            "comp_id": one.comp_id,
            "target_comp_id": GATE_IDS[one.market],
        }
        for one in SESSIONS
    ]
    return {
        "trade_date": stage.trade_date,
        "sessions": sessions,
        "clock": stage.clock,
        "logon_ms": LOGON_MS,
        "linger_ms": LINGER_MS,
        "sequence_wait_ms": SEQUENCE_WAIT_MS,
    }


def start_processes(stage: Stage, children: Children, script: Script) -> tuple[Child, Child]:
    """Start venue and gate and wait until both are ready.

    Args:
        stage: The stage.
        children: Where the processes are kept.
        script: Securities, reference records and table sizes of the day.

    Returns:
        Venue and gate.

    Raises:
        BadInputError: If one ends or takes too long.
    """
    until_s = time.monotonic() + START_S
    venue_file, gate_file = stage.folder / "venue.toml", stage.folder / "gate.toml"
    venue = venue_config(stage, script.securities, script.faults)
    venue_file.write_text(to_toml(venue), encoding="utf-8")
    gate_file.write_text(to_toml(gate_config(stage, script.capacity)), encoding="utf-8")
    day_file = stage.folder / "day.records"
    day_file.write_bytes(script.day)
    exchange = children.start("venue", ["venue", "serve", "--config", str(venue_file)])
    wait_for_listeners(exchange, len(GATEWAYS), until_s)
    gate = children.start(
        "gate", ["gate", "serve", "--config", str(gate_file), "--day", str(day_file)]
    )
    wait_for_gateways(gate, stage.control, len(GATEWAYS), until_s)
    return exchange, gate


@dataclass(slots=True)
class ClientRun:
    """The client order systems in a thread of their own; the native call holds no lock."""

    config: dict[str, object]
    actions: bytes
    events: bytes = b""
    error: Exception | None = None
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the thread; it does not keep the process alive."""
        self._thread = threading.Thread(target=self._work, name="clients", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self.events = run_clients(self.config, self.actions)
        except (PanshiError, OSError) as error:
            self.error = error

    def running(self, wait_s: float) -> bool:
        """Wait a moment and tell whether the clients still run.

        Args:
            wait_s: Longest wait in seconds.

        Returns:
            Whether they do.

        Raises:
            BadInputError: If they failed.
        """
        if self._thread is None:
            return False
        self._thread.join(wait_s)
        if self.error is not None:
            raise BadInputError(f"客户端 · clients: {self.error}")
        return self._thread.is_alive()
