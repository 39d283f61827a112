"""Strangers at the gate's ports under load: floods of connections, garbage, wrong logons."""

from __future__ import annotations

import contextlib
import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, Final

from panshi.rig.messages import sse_logon
from panshi.rig.peer import PATIENCE_S, connect
from panshi.rig.small_day import SSE
from panshi.scenario.loaded_day import LoadedDay
from panshi.scenario.strain import SERVED, check_growth, own_kib
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from panshi.rig.peer import Address
    from panshi.scenario.trial import Trial

AT_ONCE: Final = 150
GARBAGE: Final = b"GET / HTTP/1.1\r\n" * 256
OVERSIZE: Final = struct.pack(">IQI", 58, 1, 2**32 - 1)
"""The header of an order that claims four gibibytes."""
DRIP: Final = 40
"""Connections that dribble at once."""
DRIBBLE: Final = struct.pack(">IQI", 40, 1, 96)
"""The header of a logon, of which one byte comes at a time."""
REMEMBERED = Invariant(
    "strangers_are_remembered",
    Words(
        "来源、类型、目标与时间记录在案",
        "source, type, target and time of the attempt are on record",
    ),
)


def _storm(address: Address) -> None:
    for one in [socket.create_connection(address) for _ in range(AT_ONCE)]:
        one.close()


def _nonsense(address: Address) -> None:
    for data in (GARBAGE, OVERSIZE):
        with socket.create_connection(address) as one:
            one.sendall(data)
            one.settimeout(PATIENCE_S)
            # The goodbye: whoever stays after it is cut off some seconds later.
            one.recv(4096)


def _dribble(address: Address) -> None:
    """Send a logon byte by byte on many connections, never whole, until the gate ends each."""
    open_ones = [socket.create_connection(address) for _ in range(DRIP)]
    for at in range(len(DRIBBLE)):
        for one in open_ones:
            with contextlib.suppress(OSError):
                one.sendall(DRIBBLE[at : at + 1])
    for one in open_ones:
        one.settimeout(PATIENCE_S)
        with contextlib.suppress(ConnectionError):
            while one.recv(4096):
                pass
        one.close()


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
    before = own_kib(day.gate)
    answered = {market: len(client.told.answered) for market, client in day.clients.items()}
    count = times if trial.short else 5 * times
    trial.inject(f"{words.zh}，{count} 次", f"{words.en}, {count} times")
    for _ in range(count):
        attack(("127.0.0.1", day.gate.ports[SSE - 1]))
    day.run()
    check_growth(trial, day.gate, before)
    offences = day.gate.status()["door"]["offences"]
    trial.observe(offences=offences)
    trial.expect(REMEMBERED, offences.get(kind, 0) > 0, wanted=True)
    target = f"127.0.0.1:{day.gate.ports[SSE - 1]}"
    rows = [line for line in day.gate.logged("client sent away") if line["type"] == kind]
    trial.check(REMEMBERED, [] if rows else [f"the log must tell of {kind}"])
    for line in rows:
        trial.expect(REMEMBERED, line["source"].split(":")[0], "127.0.0.1")
        trial.expect(REMEMBERED, line["target"], target)
        trial.expect(REMEMBERED, line["time_ns"] > 0, wanted=True)
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
        "oversize-and-garbage",
        Words(
            "陌生连接发送无意义字节与超长报文",
            "a stranger sends bytes that are no message, and one that claims to be endless",
        ),
        _nonsense,
        10,
        "message too long",
    ),
    _scenario(
        "slow-loris",
        Words(
            f"{DRIP} 个连接逐字节发送登录报文，始终不完整",
            f"{DRIP} connections send a logon byte by byte and never the whole of it",
        ),
        _dribble,
        1,
        "no logon in time",
    ),
    _scenario(
        "wrong-logons",
        Words("以未登记的 CompID 登录", "a logon under a name that nobody has"),
        _wrong_logon,
        40,
        "wrong CompID",
    ),
)
