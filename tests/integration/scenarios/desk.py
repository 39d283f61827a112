"""An order system for the scenarios: the same words for both markets, over a real socket."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from panshi.rig.messages import (
    sse_cancel,
    sse_logon,
    sse_order,
    szse_cancel,
    szse_logon,
    szse_order,
)
from panshi.rig.peer import Message, Peer, connect
from panshi.venue.scenario import CODES, MESSAGES, MessageName

if TYPE_CHECKING:
    from panshi.wire.codec import Protocol

NUMBERS = itertools.count(1)
STREAMS = {"sse": (1, 2, 3, 4, 5, 6, 20), "szse": (1, 2)}
OWN_STREAM = {"sse": 3, "szse": 2}
"""Where the reports of the security in CODES are."""
ORDER = {"sse": 58, "szse": 100101}
CANCEL = {"sse": 61, "szse": 190007}
LOGOUT = {"sse": 41, "szse": 2}
END = {"sse": 210, "szse": 7}
REASONS = ("OrdRejReason", "CxlRejReason", "BusinessRejectReason")
SCENARIOS: dict[str, str] = {}

Test = Callable[..., None]


def plays(name: str) -> Callable[[Test], Test]:
    """Put a test on record as the one that plays a scenario."""

    def register(test: Test) -> Test:
        assert name not in SCENARIOS, f"{name} must have one test"
        SCENARIOS[name] = test.__name__
        return test

    return register


@dataclass
class Playing:
    """A scenario that runs; `told` are the lines that it has told of itself."""

    process: subprocess.Popen[str]
    ports: dict[str, int]
    told: list[dict[str, Any]] = field(default_factory=list)

    def next_told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.told.append(told)
        return told

    def wait_for_strike(self, gateway: int) -> None:
        """Wait until a fault has struck at a gateway."""
        while True:
            told = self.next_told()
            if told["event"] == "fault" and told["gateway"] == gateway:
                return


@contextlib.contextmanager
def playing(name: str, protocol: Protocol, *words: str) -> Iterator[Playing]:
    """Play a scenario with the one gateway of a market."""
    command = [sys.executable, "-m", "panshi.cli.main", "venue", "scenario", "run", name]
    with subprocess.Popen(
        [*command, f"--{protocol}-port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            listening = json.loads(process.stdout.readline())
            yield Playing(process, {protocol: int(listening["address"].rpartition(":")[2])})
        finally:
            process.terminate()
            process.wait()


class Desk:
    """One session; reasons, indices and quantities are read the same way in both markets."""

    def __init__(self, playing: Playing, protocol: Protocol, heartbeat_s: int = 30) -> None:
        self.protocol: Protocol = protocol
        self.playing = playing
        self.heartbeat_s = heartbeat_s
        self.client = self.try_logon()

    def try_logon(self) -> Peer:
        client = connect(self.protocol, ("127.0.0.1", self.playing.ports[self.protocol]))
        logon = sse_logon if self.protocol == "sse" else szse_logon
        logon(client, HeartBtInt=self.heartbeat_s)
        return client

    def expect(self, name: MessageName) -> Message:
        return self.client.expect(MESSAGES[name][self.protocol])

    def begin(self, index: int = 1) -> Desk:
        """Read the answer to the logon and ask for the stream from an index on."""
        for name in ("logon", "state", "streams"):
            self.expect(name)
        return self.ask(index)

    def ask(self, index: int) -> Desk:
        begins = dict.fromkeys(STREAMS[self.protocol], 1)
        begins[OWN_STREAM[self.protocol]] = index
        if self.protocol == "sse":
            groups = [
                {"Pbu": "20001", "SetID": number, "BeginReportIndex": begin}
                for number, begin in begins.items()
            ]
            self.client.send(206, NoGroups=groups)
            self.client.expect(207)
        else:
            parts = [
                {"PartitionNo": number, "ReportIndex": begin} for number, begin in begins.items()
            ]
            self.client.send(5, NoPartitions=parts)
        return self

    def log_on_again(self, index: int) -> Desk:
        """Connect until the gateway takes the session."""
        while True:
            self.client = self.try_logon()
            message = self.client.read()
            if message is not None and message["type"] == MESSAGES["logon"][self.protocol]:
                break
            self.client.close()
        for name in ("state", "streams"):
            self.expect(name)
        return self.ask(index)

    def order(self, side: str = "B", yuan: str = "9.00", qty: int = 100, **changes: object) -> str:
        number = f"Q{next(NUMBERS):09d}"
        cents = round(float(yuan) * 100)
        if self.protocol == "sse":
            fields = sse_order(number, Price=cents * 1000, OrderQty=qty * 1000)
        else:
            fields = szse_order(number, Price=cents * 100, OrderQty=qty * 100)
        fields |= {"Side": "1" if side == "B" else "2", "SecurityID": CODES[self.protocol]}
        self.client.send(ORDER[self.protocol], **{**fields, **changes})
        return number

    def cancel(self, original: str) -> str:
        number = f"X{next(NUMBERS):09d}"
        build = sse_cancel if self.protocol == "sse" else szse_cancel
        fields = build(number, original, SecurityID=CODES[self.protocol])
        self.client.send(CANCEL[self.protocol], **fields)
        return number

    def indices(self, name: MessageName, count: int) -> list[int]:
        return [self.expect(name)["ReportIndex"] for _ in range(count)]

    def read_one(self) -> tuple[int, Message]:
        """Return type and fields of the next message that is no heartbeat."""
        while True:
            message = self.client.read()
            assert message is not None, "expected a message, the connection ended"
            if message["type"] != MESSAGES["heartbeat"][self.protocol]:
                fields: Message = message["fields"]
                return message["type"], fields

    def until_end(self) -> list[int]:
        """Return the types of the messages up to the end of the connection."""
        types = []
        while (message := self.client.read()) is not None:
            types.append(message["type"])
        return types


def reason(fields: Message) -> int:
    """Return the reason of a refusal of any kind."""
    return int(next(fields[name] for name in REASONS if name in fields))


def yuan(fields: Message) -> float:
    """Return the price of a fill; the wire of Shanghai has five places, Shenzhen's four."""
    return int(fields["LastPx"]) / (100_000 if "TrdCnfmID" in fields else 10_000)


def shares(fields: Message) -> int:
    """Return the quantity of a fill."""
    return int(fields["LastQty"]) // (1000 if "TrdCnfmID" in fields else 100)
