"""The end of the day: every stream has ended, totals are compared, the journal is sealed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, Final

from panshi.gate.journal import read_seal
from panshi.rig.gate import BY
from panshi.rig.processes import COMMAND
from panshi.rig.small_day import SZSE
from panshi.rig.venue import from_now
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

BEGIN, END, WALL_MS = "14:40:00", "15:40:00", 30_000
"""The last hour of the day in half a minute."""
SUMMARY: Final = "summary.json"
NAMED = Invariant(
    "missing_is_named",
    Words(
        "日终之前逐项指出缺少的回报流，不收市",
        "before the day is over each missing end is named and nothing is closed",
    ),
)
HOLDS = Invariant(
    "totals_agree",
    Words(
        "日终汇总的各项核对成立",
        "every comparison of the day's totals holds",
    ),
)
SEALED = Invariant(
    "sealed_stays_sealed",
    Words(
        "封存的日志不再接受写入，再次启动被拒绝",
        "a sealed journal takes nothing more, and no gate starts on it",
    ),
)


def _last_hour(trial: Trial, gate: dict[str, Any] | None = None) -> LoadedDay:
    return LoadedDay(trial, Setup(clock=from_now(BEGIN, END, WALL_MS), gate=gate or {}))


def _close(day: LoadedDay, *more: str) -> subprocess.CompletedProcess[str]:
    words = [*COMMAND, "gate", "close", "--config", str(day.gate.config), "--json", *more]
    words += [word for name, value in BY.items() for word in (f"--{name}", value)]
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def _check_sealed(day: LoadedDay) -> None:
    trial, journal = day.trial, day.gate.journal
    seal = read_seal(journal)
    trial.observe(seal=None if seal is None else seal.digest)
    trial.check(SEALED, [] if seal else ["the journal must be sealed, found it open"])
    before = sorted((path.name, path.stat().st_size) for path in journal.glob("*.pjl"))
    trial.inject("再次启动网关", "the gate is started once more")
    day.gate.launch()
    trial.expect(SEALED, day.gate.ended(), 2)
    words = day.gate.errors.read_text(encoding="utf-8")
    trial.check(SEALED, [] if "sealed" in words else [f"must say so, found {words!r}"])
    after = sorted((path.name, path.stat().st_size) for path in journal.glob("*.pjl"))
    trial.expect(SEALED, after, before)


def _check_summary(trial: Trial, text: str) -> None:
    found = json.loads(text)
    trial.observe(totals=found["counts"], streams=len(found["streams"]))
    trial.check(
        HOLDS,
        [
            f"{name}: {row['differences']}"
            for name, row in found["checks"].items()
            if not row["held"]
        ],
    )
    trial.expect(HOLDS, found["held"], wanted=True)


def _commanded(trial: Trial) -> None:
    day = _last_hour(trial)
    day.start()
    trial.inject("收市前发出日终命令", "the day is to be ended before the market has closed")
    early = _close(day)
    trial.expect(NAMED, early.returncode, 1)
    missing = [line for line in early.stderr.splitlines() if "has not ended" in line]
    streams = _own(day)
    trial.expect(NAMED, len(missing), len(streams))
    trial.inject(
        "深交所网关连接中断，直至收市以后",
        "the line to the Shenzhen gateway is cut until after the close",
    )
    relay = day.relays[SZSE]
    relay.refuse()
    relay.cut()
    day.gate.wait_for(lambda _: _ended(day) >= sum(row["market"] != SZSE for row in streams))
    kinds = {(row["kind"], row.get("market")) for row in day.gate.ask("day-end")["lacks"]}
    wanted = {("end", SZSE)} | ({("unknown", SZSE)} & kinds)
    trial.expect(NAMED, sorted(kinds), sorted(wanted))
    trial.expect(NAMED, _close(day).returncode, 1)
    trial.inject("连接恢复，回报补齐", "the line is back and what was missed comes")
    relay.accept()
    day.gate.wait_for(lambda _: _ended(day) == len(streams))
    unknown = int(day.gate.status()["pending"]["unacknowledged"])
    trial.inject("日终命令", "the day is ended by command")
    done = _close(day, *(["--force"] if unknown else []))
    trial.check(HOLDS, [] if done.stdout else [f"must give a summary, found {done.stderr}"])
    if not unknown:
        _check_summary(trial, done.stdout)
    _end(day, unknown)


def _ended(day: LoadedDay) -> int:
    return sum(row["end"] is not None for row in _own(day))


def _own(day: LoadedDay) -> list[dict[str, Any]]:
    return [row for row in day.gate.ask("day-end")["streams"] if row["own"]]


def _end(day: LoadedDay, unknown: int) -> None:
    day.trial.observe(gate_exit=day.gate.ended())
    for client in day.clients.values():
        client.stop()
    _check_sealed(day)
    day.reconcile(unknown)


def _automatic(trial: Trial) -> None:
    day = _last_hour(trial, {"day_end": {"automatic": True}})
    day.start()
    trial.inject(
        "无人操作：市场收市，全部回报流结束",
        "nobody does anything: the market closes, every stream ends",
    )
    trial.expect(SEALED, day.gate.ended(2 * WALL_MS // 1000), 0)
    summary = day.gate.journal / SUMMARY
    _check_summary(trial, summary.read_text(encoding="utf-8"))
    _end(day, 0)


SCENARIOS = (
    Scenario(
        "day-ended-by-command",
        Words(
            "日终命令：过早、缺流、成功",
            "the day is ended: too early, with a stream missing, and well",
        ),
        _commanded,
        long=True,
    ),
    Scenario(
        "day-ends-by-itself",
        Words(
            "全部回报流结束后自动日终",
            "the day ends by itself when every stream has ended",
        ),
        _automatic,
        long=True,
    ),
)
