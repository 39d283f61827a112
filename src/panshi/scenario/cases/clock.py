"""The machine's clock is stepped under a gate that serves, and before it is started again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from panshi.rig.surroundings import build_preload, lacks_compiler
from panshi.scenario.loaded_day import LoadedDay
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from pathlib import Path

    from panshi.scenario.trial import Trial

HOUR_S: Final = 3_600
UNMOVED = Invariant(
    "time_does_not_jump",
    Words(
        "运行中的网关时间不跳变", "the time of a gate that serves does not jump with the machine's"
    ),
)


NOTICED = Invariant(
    "wrong_clock_is_told",
    Words(
        "与交易所时间的偏差超过阈值时告警并写明",
        "a clock that is too far from the exchange's, or moves, is told with its offset",
    ),
)
WRONG_S: Final = 5


def _preloaded(trial: Trial, day: LoadedDay) -> Path:
    """Put a clock that can be stepped before the gate; return the file that steps it."""
    step = trial.folder / "step"
    day.gate.environment = os.environ | {
        "LD_PRELOAD": str(build_preload("stepped_clock", trial.folder)),
        "PANSHI_CLOCK_STEP": str(step),
    }
    return step


def _wrong(trial: Trial) -> None:
    day = LoadedDay(trial)
    step = _preloaded(trial, day)
    trial.inject(
        f"网关启动时系统时钟快 {WRONG_S} 秒",
        f"the machine's clock is {WRONG_S} s ahead when the gate starts",
    )
    step.write_text(str(WRONG_S))
    day.start()
    rows = _clocks(day, over=True)
    trial.observe(offsets_ms={str(row["gateway"]): row["offset_ns"] // 10**6 for row in rows})
    for row in rows:
        seen_s = row["offset_ns"] / 10**9
        trial.expect(NOTICED, WRONG_S - 1 < seen_s <= WRONG_S, wanted=True)
    trial.inject("时钟校准后重启网关", "the clock is set right and the gate is started again")
    day.gate.stop()
    step.unlink()
    for client in day.clients.values():
        client.wait_offline()
    day.gate.start()
    day.run()
    trial.expect(NOTICED, [row["over"] for row in _clocks(day, over=False)], [False, False])
    day.finish()


def _clocks(day: LoadedDay, *, over: bool) -> list[dict[str, Any]]:
    """Return the clocks of all gateways once each has been compared and is judged so."""

    def judged(status: dict[str, Any]) -> bool:
        rows = status["clock"]["gateways"]
        return len(rows) == len(day.relays) and all(row["over"] == over for row in rows)

    rows: list[dict[str, Any]] = day.gate.wait_for(judged)["clock"]["gateways"]
    return rows


def _machine_clock(day: LoadedDay, seconds: int) -> dict[str, Any]:
    """Return the clocks once the machine's has been seen to have moved so far."""

    def moved(status: dict[str, Any]) -> bool:
        return bool(abs(status["clock"]["machine_offset_ns"] / 10**9 - seconds) < 1)

    clock: dict[str, Any] = day.gate.wait_for(moved)["clock"]
    return clock


def _stepped(trial: Trial) -> None:
    day = LoadedDay(trial)
    step = _preloaded(trial, day)
    day.start()
    for seconds in (HOUR_S, -HOUR_S):
        words = "前" if seconds > 0 else "后"
        trial.inject(f"系统时钟向{words}跳变一小时", f"the machine's clock steps by {seconds} s")
        before = day.gate.status()
        step.write_text(str(seconds))
        day.run()
        after = day.gate.status()
        moved = after["market_ns"] - before["market_ns"]
        lasted = after["uptime_ns"] - before["uptime_ns"]
        trial.expect(UNMOVED, moved, lasted)
        # The exchange's clock has not moved with the machine's: only the machine's is told of.
        seen = _machine_clock(day, seconds)
        trial.expect(NOTICED, seen["machine_over"], wanted=True)
        trial.expect(NOTICED, any(row["over"] for row in seen["gateways"]), wanted=False)
    step.unlink()
    day.finish()


SCENARIOS = (
    Scenario(
        "clock-wrong-at-start",
        Words("启动时系统时钟错误", "the machine's clock is wrong when the gate starts"),
        _wrong,
        lacks=(lacks_compiler,),
    ),
    Scenario(
        "clock-stepped",
        Words("系统时钟跳变", "the machine's clock is stepped under a serving gate"),
        _stepped,
        lacks=(lacks_compiler,),
    ),
)
