"""The gate is killed in the middle of a loaded day and started again, in each durability mode."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial


def _play(durability: str, trial: Trial) -> None:
    day = LoadedDay(trial, Setup(gate={"journal": {"durability": durability}}))
    day.start()
    for _ in range(1 if trial.short else 3):
        trial.inject("强制杀死网关（kill -9）", "kill -9 of the gate")
        day.gate.kill()
        for client in day.clients.values():
            client.wait_offline()
        trial.inject("用同一条命令重启", "the same command starts it again")
        day.gate.start()
        day.run()
    day.finish()


SCENARIOS = tuple(
    Scenario(
        f"gate-killed-{mode.lower()}",
        Words(
            f"负载下杀死网关并重启，落盘方式 {mode}",
            f"kill -9 of the gate under load and restart, durability {mode}",
        ),
        partial(_play, mode),
    )
    for mode in "ABC"
)
