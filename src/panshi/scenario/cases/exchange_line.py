"""The line to the exchange fails: cut in a burst, half open, slow and lossy, held for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.rig.relay import Condition
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

HEARTBEAT_S = 5
NOTICED = Invariant(
    "silence_noticed",
    Words(
        "两个心跳间隔无消息即断开重连",
        "two silent heartbeat intervals end the session, and it begins again",
    ),
)
COMES_BACK = Invariant(
    "session_comes_back",
    Words("会话自动恢复并续传", "the session comes back by itself and goes on"),
)


def _sessions(day: LoadedDay) -> list[int]:
    return [len(relay.lines) for relay in day.relays.values()]


def _cut(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    before = _sessions(day)
    for count in (1_000, 33) if trial.short else (1_000, 33, 5_000, 7, 211, 20_001):
        for direction in ("back", "forth"):
            words = "来自交易所 from the exchange" if direction == "back" else "发往交易所 to it"
            trial.inject(
                f"{words}：再过 {count} 字节后切断，报文残缺",
                f"cut {count} bytes further on, in the middle of a message, {direction}",
            )
            for relay in day.relays.values():
                relay.set(direction, Condition(cut_after=count))
            day.run()
    trial.check(
        COMES_BACK,
        [
            f"line {place}: must have begun again, found {now} connections"
            for place, (then, now) in enumerate(zip(before, _sessions(day), strict=True))
            if now <= then
        ],
    )
    day.finish()


def _half_open(trial: Trial) -> None:
    waiting = 50 if trial.short else 300
    day = LoadedDay(trial, Setup(link={"heartbeat_s": HEARTBEAT_S}))
    day.start()
    trial.inject(
        "交易所一端断电：连接仍在，再无字节", "the far end loses its power: the lines stay, dead"
    )
    for relay in day.relays.values():
        relay.freeze()
    day.gate.wait_for(lambda status: status["pending"]["unacknowledged"] >= waiting)
    for client in day.clients.values():
        client.pause()
    day.gate.wait_for(lambda status: all(row["state"] == 0 for row in status["gateways"]))
    day.gate.wait_open()
    for client in day.clients.values():
        client.go_on()
    day.run()
    log = day.gate.log_text()
    trial.expect(NOTICED, log.count("nothing heard for two heartbeat intervals"), 2)
    day.finish()


def _lossy(trial: Trial) -> None:
    trial.inject(
        "线路时延 20 ms，5 % 的数据段丢失重传",
        "20 ms of delay, one part in twenty lost and sent again",
    )
    day = LoadedDay(trial)
    for relay in day.relays.values():
        relay.set(None, Condition(delay_s=0.02, loss=0.05))
    day.start()
    day.run()
    day.finish()


def _partition(trial: Trial) -> None:
    waiting = 50 if trial.short else 300
    day = LoadedDay(trial)
    day.start()
    for direction in ("forth", "back"):
        words = "去向" if direction == "forth" else "来向"
        trial.inject(
            f"网络分区（{words}），积压 {waiting} 笔未确认后恢复",
            f"a partition ({direction}) that ends when {waiting} orders wait for their answer",
        )
        for relay in day.relays.values():
            relay.set(direction, Condition(held=True))
        day.gate.wait_for(lambda status: status["pending"]["unacknowledged"] >= waiting)
        for relay in day.relays.values():
            relay.set(direction, Condition())
        day.run()
    day.finish()


SCENARIOS = (
    Scenario(
        "exchange-line-cut",
        Words(
            "回报密集时线路在报文中间断开",
            "the line to the exchange is cut inside messages, in a burst",
        ),
        _cut,
    ),
    Scenario(
        "exchange-line-half-open",
        Words(
            "线路半开：对端断电，心跳超时",
            "a half-open line: no heartbeat, and nobody says it is over",
        ),
        _half_open,
        long=True,
    ),
    Scenario(
        "exchange-line-lossy",
        Words("线路慢且丢包", "a slow line that loses packets"),
        _lossy,
    ),
    Scenario(
        "exchange-line-partition",
        Words("单向网络分区后恢复", "a partition of one direction that heals"),
        _partition,
    ),
)
