"""The gate is stopped in order in the middle of the day and started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.scenario.loaded_day import LoadedDay
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

IN_ORDER = Invariant(
    "stops_in_order",
    Words(
        "有序停止：各会话收到登出，退出码 0",
        "a stop in order says goodbye to every session and ends with status 0",
    ),
)


def _restarted(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    for by_command in (False, True) if trial.short else (False, True) * 3:
        if by_command:
            trial.inject("shutdown 命令", "the command shutdown")
            day.gate.command("shutdown")
            status = day.gate.ended()
        else:
            trial.inject("SIGTERM", "SIGTERM")
            status = day.gate.stop()
        trial.expect(IN_ORDER, status, 0)
        for client in day.clients.values():
            client.wait_offline()
        trial.inject("同一交易日内重启", "started again within the day")
        day.gate.start()
        day.run()
    goodbyes = sum(client.goodbyes for client in day.clients.values())
    stops = len(day.clients) * (2 if trial.short else 6)
    trial.expect(IN_ORDER, goodbyes, stops)
    day.finish()


SCENARIOS = (
    Scenario(
        "stopped-and-restarted",
        Words("日内有序停止并重启", "stopped in order within the day and started again"),
        _restarted,
    ),
)
