"""The main data centre is taken away under load, as a drill; the day reconciles all the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from panshi.gate import process
from panshi.gate.drill import MainCentreDown
from panshi.rig.gate import BY, at
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

BACKUP_SERVES = Invariant(
    "backup_serves",
    Words(
        "每个交易网关切到备中心并切回，各留一次中断记录",
        "every gateway goes to the backup and back, and each way is measured",
    ),
)


def _play(trial: Trial) -> None:
    day = LoadedDay(trial, Setup(link={"reconnect": {"retry_min_ms": 10}}))
    # The way to the backup centre is a relay's second name of the same exchange.
    for row, relay in zip(day.gate.gateways, day.relays.values(), strict=True):
        row["backup"] = at(relay.address)
    day.gate.configure()
    day.start()
    drill = MainCentreDown(
        lambda request: process.ask(day.gate.control, request),
        BY["who"],
        BY["why"],
        lambda words: trial.inject(*words.split(" · ")),
    )
    found = drill.perform()
    day.run()
    trial.observe(
        outages=[asdict(one) for one in found.outages], orders=found.orders, range=found.journal
    )
    ways = sorted((one.gateway, one.step) for one in found.outages)
    wanted = sorted((row["gateway"], step) for row in found.cut for step in ("failure", "return"))
    trial.expect(BACKUP_SERVES, ways, wanted)
    day.finish()


SCENARIOS = (
    Scenario(
        "main-centre-down",
        Words(
            "负载下演练主中心失效",
            "a drill under load: the main data centre is down",
        ),
        _play,
    ),
)
