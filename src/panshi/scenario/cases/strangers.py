"""Strangers at the gate's ports under load: floods of connections, garbage, wrong logons."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Final

from panshi.rig.messages import sse_logon
from panshi.rig.peer import connect
from panshi.rig.small_day import SSE
from panshi.scenario.loaded_day import LoadedDay
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from panshi.rig.peer import Address
    from panshi.scenario.trial import Trial

GROWTH_KIB: Final = 64 << 10
"""Memory that strangers may cost, the orders of the meantime included."""
AT_ONCE: Final = 150
GARBAGE: Final = b"GET / HTTP/1.1\r\n" * 256
MEMORY = Invariant(
    "memory_is_bounded",
    Words(
        f"网关内存增长不超过 {GROWTH_KIB >> 10} MiB",
        f"the gate's memory grows by no more than {GROWTH_KIB >> 10} MiB",
    ),
)
SERVED = Invariant(
    "sessions_are_left_alone",
    Words("已登录的客户不掉线并继续得到应答", "no session is lost and each gets its answers"),
)
REMEMBERED = Invariant(
    "strangers_are_remembered",
    Words("来源、类型与次数记录在案", "source, type and count are remembered"),
)


def _storm(address: Address) -> None:
    for one in [socket.create_connection(address) for _ in range(AT_ONCE)]:
        one.close()


def _garbage(address: Address) -> None:
    with socket.create_connection(address) as one:
        one.sendall(GARBAGE)
        one.settimeout(10)
        while one.recv(4096):
            pass


def _wrong_logon(address: Address) -> None:
    peer = connect("sse", address)
    sse_logon(peer, SenderCompID="NOBODY")
    peer.expect(41)
    peer.close()


def _abused(
    words: Words, attack: Callable[[Address], None], times: int, kind: str, trial: Trial
) -> None:
    day = LoadedDay(trial)
    day.start()
    before = day.gate.memory_kib()
    answered = {market: len(client.told.answered) for market, client in day.clients.items()}
    count = times if trial.short else 5 * times
    trial.inject(f"{words.zh}，{count} 次", f"{words.en}, {count} times")
    for _ in range(count):
        attack(("127.0.0.1", day.gate.ports[SSE - 1]))
    day.run()
    grown = day.gate.memory_kib() - before
    offences = day.gate.status()["door"]["offences"]
    trial.observe(rss_before_kib=before, rss_grown_kib=grown, offences=offences)
    trial.check(MEMORY, [] if grown < GROWTH_KIB else [f"found {grown} KiB"])
    trial.expect(REMEMBERED, offences.get(kind, 0) > 0, wanted=True)
    for market, client in day.clients.items():
        trial.expect(SERVED, client.logons, 1)
        trial.expect(SERVED, len(client.told.answered) > answered[market], wanted=True)
    day.finish()


def _scenario(
    name: str, words: Words, attack: Callable[[Address], None], times: int, kind: str
) -> Scenario:
    return Scenario(name, words, partial(_abused, words, attack, times, kind))


SCENARIOS = (
    _scenario(
        "thousands-of-connects",
        Words("同时建立 150 个连接后关闭", "150 connections at once, closed again"),
        _storm,
        10,
        "too many connections from the address",
    ),
    _scenario(
        "garbage-bytes",
        Words("陌生连接发送无意义字节", "a stranger sends bytes that are no message"),
        _garbage,
        20,
        "message too long",
    ),
    _scenario(
        "wrong-logons",
        Words("以未登记的 CompID 登录", "a logon under a name that nobody has"),
        _wrong_logon,
        40,
        "wrong CompID",
    ),
)
