"""The day on its stage: the processes are started, the clients act, everything is closed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from panshi.demo.excerpt import TRADE_DATE
from panshi.demo.stage import ClientRun, build_stage, clients_config, start_processes
from panshi.domain.errors import BadInputError
from panshi.gate.process import ask
from panshi.rig.processes import Children
from panshi.venue.clients import pack_actions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from panshi.demo.playing import Plan
    from panshi.demo.script import Script
    from panshi.demo.stage import Stage
    from panshi.rig.processes import Child

TRADE_DAY: Final = int(TRADE_DATE.strftime("%Y%m%d"))
REFRESH_S: Final = 0.5
LEADS_S: Final = (4, 12, 40)
"""Seconds from the writing of the configurations to the start of the market clock.

Gate and venue read the moment when they start and must be ready by then. A machine that is too busy
for the first is given the second, and then the third.
"""


@dataclass(frozen=True, slots=True)
class Played:
    """What the day left behind.

    Attributes:
        journal: Folder of the gate's journal.
        events: What the clients were told, as records.
        served: Reports in the venue's streams.
        status: The gate's last status.
        wall_s: Seconds that it took.
    """

    journal: Path
    events: bytes
    served: int
    status: dict[str, Any]
    wall_s: float


def play(
    folder: Path,
    plan: Plan,
    script: Script,
    tell: Callable[[str, Any], None],
    leads_s: Sequence[int] = LEADS_S,
) -> Played:
    """Play the day and close it.

    Args:
        folder: Empty folder for everything that the processes write.
        plan: The part of the day that is played.
        script: What is played.
        tell: Is told what happens: a word and what belongs to it.
        leads_s: Seconds given to gate and venue to be ready, one attempt after the other.

    Returns:
        What the day left behind.

    Raises:
        BadInputError: If a process dies, takes too long or refuses its configuration.
        OSError: If a file or socket cannot be used.
    """
    packed = pack_actions(script.actions)
    begun_s = time.monotonic()
    for lead_s in leads_s:
        tell("stage", "启动交易所与网关 · starting venue and gate")
        stage = build_stage(folder / f"lead-{lead_s}", plan, TRADE_DAY, lead_s)
        with Children(stage.folder) as children:
            venue, gate = start_processes(stage, children, script)
            if stage.has_begun():
                continue
            events = _trade(stage, children, packed, tell)
            status = _close(stage, children, venue, gate)
        tell("status", status)
        return Played(stage.journal, events, _served(venue), status, time.monotonic() - begun_s)
    raise BadInputError(
        f"机器过于繁忙 · gate and venue must be ready within {leads_s[-1]} s of the start of the "
        "market clock, found the machine too busy"
    )


def _trade(
    stage: Stage, children: Children, packed: bytes, tell: Callable[[str, Any], None]
) -> bytes:
    clients = ClientRun(clients_config(stage), packed)
    clients.start()
    tell("stage", "交易 · trading")
    while clients.running(REFRESH_S):
        children.require_alive()
        tell("status", ask(stage.control, {"verb": "status"}))
    return clients.events


def _close(stage: Stage, children: Children, venue: Child, gate: Child) -> dict[str, Any]:
    """Close the day, end the processes in order, and return the gate's last status."""
    ask(stage.control, {"verb": "day-close", "who": "demo", "why": "the day is over"}, 60)
    status: dict[str, Any] = ask(stage.control, {"verb": "status"})
    for child in (gate, venue):
        if children.end(child) != 0:
            raise BadInputError(
                f"{child.name}: 未能正常结束 · must end in order: {child.last_words()}"
            )
    return status


def _served(venue: Child) -> int:
    lines = venue.output.read_text(encoding="utf-8").splitlines()
    served: dict[str, int] = next((json.loads(line) for line in lines if '"served"' in line), {})
    return served.get("reports", -1)
