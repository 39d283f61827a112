"""The machine's clock is stepped under a gate that serves, and before it is started again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from panshi.rig.surroundings import build_preload, lacks_compiler
from panshi.scenario.loaded_day import LoadedDay
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

HOUR_S: Final = 3_600
UNMOVED = Invariant(
    "time_does_not_jump",
    Words(
        "运行中的网关时间不跳变", "the time of a gate that serves does not jump with the machine's"
    ),
)


def _stepped(trial: Trial) -> None:
    step = trial.folder / "step"
    day = LoadedDay(trial)
    day.gate.environment = os.environ | {
        "LD_PRELOAD": str(build_preload("stepped_clock", trial.folder)),
        "PANSHI_CLOCK_STEP": str(step),
    }
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
    step.unlink()
    day.finish()


SCENARIOS = (
    Scenario(
        "clock-stepped",
        Words("系统时钟跳变", "the machine's clock is stepped under a serving gate"),
        _stepped,
        lacks=(lacks_compiler,),
    ),
)
