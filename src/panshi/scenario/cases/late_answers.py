"""The exchange answers late or not at all: the gate stops sending over its gateway by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from panshi.scenario.cases.strange_reports import (
    NOTICED,
    RESPONSES,
    STATE_CANCEL_ONLY,
    SUSPENDED,
    SUSPENDING,
)
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

UNACKED_COUNT, UNACKED_AGE_NS = 8, 9
ACK_OVERDUE_COUNT, ACK_OVERDUE_AGE, GATEWAY_SILENT = 32008, 32009, 32014
HELD_MS: Final = 3_000
COUNT_MAX, AGE_MAX_NS = 20, 10**9
HEARTBEAT_S: Final = 5


class Case(NamedTuple):
    """What is late, what bounds it, and the anomaly that says so."""

    code: int
    bound: dict[str, int]
    zh: str
    en: str


def _check(trial: Trial, day: LoadedDay, code: int) -> None:
    """Let somebody look and trade on, then check that each gateway was suspended for the reason."""
    day.gate.wait_for(lambda status: str(STATE_CANCEL_ONLY) in status["refused_by_code"])
    for number in range(len(day.relays)):
        day.gate.command("set-state", scope="pbu", id=number, state="normal")
    day.run(50)
    told = day.gate.journaled("Anomaly", "StateChanged")
    for gateway in (1, 2):
        rows = [row for row in told["Anomaly"] if (row["gateway"], row["code"]) == (gateway, code)]
        wrong = [f"gateway {gateway}: must have {code}, found none"] if not rows else []
        wrong += [
            f"{row}: must be beyond its bound" for row in rows if row["found"] <= row["limit"]
        ]
        trial.check(NOTICED, wrong)
    causes = {row["id"] for row in told["StateChanged"] if row["cause"] == code}
    trial.expect(SUSPENDED, causes, {0, 1})
    day.finish()


def _held_back(case: Case, trial: Trial) -> None:
    trial.inject(case.zh, case.en)
    faults: list[dict[str, Any]] = [
        {"action": {"delay": HELD_MS}, "gateway": place, "msg_type": kind, "after": 60}
        for place, kind in enumerate(RESPONSES)
    ]
    rows = [*SUSPENDING, ("LoadParam", case.bound)]
    day = LoadedDay(trial, Setup(rows=rows, venue={"faults": faults}))
    day.start()
    day.gate.wait_for(lambda status: status["counts"]["anomalies"] >= len(RESPONSES))
    _check(trial, day, case.code)


def _silent(trial: Trial) -> None:
    day = LoadedDay(trial, Setup(rows=SUSPENDING, link={"heartbeat_s": HEARTBEAT_S}))
    day.start()
    trial.inject(
        "交易所的连接仍在，但没有任何字节，也没有心跳",
        "the lines to the exchange stay, but nothing comes any more, not even a heartbeat",
    )
    for relay in day.relays.values():
        relay.freeze()
    for client in day.clients.values():
        client.pause()
    day.gate.wait_for(lambda status: status["counts"]["anomalies"] >= len(day.relays))
    day.gate.wait_open()
    for client in day.clients.values():
        client.go_on()
    _check(trial, day, GATEWAY_SILENT)


CASES = {
    "answers-held-back-count": Case(
        ACK_OVERDUE_COUNT,
        {"param": UNACKED_COUNT, "value": COUNT_MAX},
        f"交易所的回报停顿 {HELD_MS} 毫秒，未确认委托超过 {COUNT_MAX} 笔",
        f"answers are held back for {HELD_MS} ms, more than {COUNT_MAX} orders wait for one",
    ),
    "answers-held-back-age": Case(
        ACK_OVERDUE_AGE,
        {"param": UNACKED_AGE_NS, "value": AGE_MAX_NS},
        f"交易所的回报停顿 {HELD_MS} 毫秒，最早的委托等候超过 1 秒",
        f"answers are held back for {HELD_MS} ms, the oldest order waits for more than a second",
    ),
}

SCENARIOS = (
    *(
        Scenario(name, Words(case.zh, case.en), partial(_held_back, case))
        for name, case in CASES.items()
    ),
    Scenario(
        "exchange-silent",
        Words("交易所无心跳，网关自行暂停", "no heartbeat comes, the gate suspends by itself"),
        _silent,
    ),
)
