"""A standby goes on in the place of a gate: after its death, and not while it lives."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from panshi.rig.relay import Relay
from panshi.rig.takeover import kill_and_take_over, publish, stand_by, wait_level
from panshi.scenario.invariants import (
    ANSWERED_OR_UNKNOWN,
    BOOKS_BALANCE,
    FILLS_AGREE,
    JOURNALED_FIRST,
    NOTHING_LOST,
    TOLD_STAYS,
    VENUE_AGREES,
)
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.rig.gate import Gate
    from panshi.scenario.trial import Trial

SERVES: Final = Invariant(
    "standby_serves",
    Words("备用网关接管全部交易网关", "the standby takes over every exchange gateway"),
)
NOT_TWICE: Final = Invariant(
    "not_logged_in_twice",
    Words("主网关存活期间备用网关不登录", "the standby logs nothing in while the primary lives"),
)
OF_THE_TAIL: Final = (
    JOURNALED_FIRST,
    NOTHING_LOST,
    TOLD_STAYS,
    ANSWERED_OR_UNKNOWN,
    FILLS_AGREE,
    BOOKS_BALANCE,
    VENUE_AGREES,
)
"""What a tail that only the dead gate had can break: the following is asynchronous."""


def _begin(trial: Trial) -> tuple[LoadedDay, Gate]:
    day = LoadedDay(trial, Setup(gate={"standby": publish(trial.folder)}))
    standby = stand_by(day.gate, trial.folder / "standby")
    trial.opened.callback(lambda: standby.stop() if standby.child is not None else None)
    day.start()
    standby.launch()
    wait_level(day.gate, standby)
    day.run()
    return day, standby


def _killed(trial: Trial) -> None:
    day, standby = _begin(trial)
    trial.inject("强制杀死网关（kill -9），备用网关自动接管", "kill -9 of the gate under load")
    found = kill_and_take_over(day.gate, standby)
    trial.observe(takeover=asdict(found))
    day.gate = standby
    sessions = {row["gateway"]: row["session"] for row in standby.status()["gateways"]}
    trial.expect(SERVES, sessions, {row["number"]: "up" for row in standby.gateways})
    day.run()
    day.finish(leave_out=OF_THE_TAIL if found.lost_requests else ())


def _split(trial: Trial) -> None:
    day = LoadedDay(trial, Setup(gate={"standby": publish(trial.folder)}))
    host, _, port = day.gate.changes["standby"]["publish"].rpartition(":")
    line = Relay((host, int(port)))
    trial.opened.callback(line.stop)
    line.start()
    standby = stand_by(day.gate, trial.folder / "standby", line.address)
    trial.opened.callback(lambda: standby.stop() if standby.child is not None else None)
    day.start()
    standby.launch()
    wait_level(day.gate, standby)
    sessions = [len(relay.lines) for relay in day.relays.values()]
    trial.inject("主备之间的线路断开，两个网关都存活", "the line between both is cut, both live")
    line.refuse()
    line.cut()
    status = standby.wait_for(lambda status: status["waits"] is not None)
    day.run()
    trial.observe(standby_waits=status["waits"])
    trial.expect(NOT_TWICE, [len(relay.lines) for relay in day.relays.values()], sessions)
    trial.inject("线路恢复", "the line is back")
    line.accept()
    wait_level(day.gate, standby)
    trial.expect(NOT_TWICE, standby.status()["connected"], True)  # noqa: FBT003 - what must be
    standby.stop()
    day.finish()


SCENARIOS = (
    Scenario(
        "gate-takes-over-after-kill",
        Words("网关在负载下被杀死，备用网关接管", "the gate dies under load, its standby goes on"),
        _killed,
    ),
    Scenario(
        "split-brain",
        Words("主备失联而都存活", "gate and standby lose each other and both live"),
        _split,
    ),
)
