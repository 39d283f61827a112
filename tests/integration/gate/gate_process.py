"""A gate as a process of its own, between small order systems and what stands for the exchange."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panshi.domain.errors import BadInputError
from panshi.gate import process
from panshi.gate.config import GateConfig
from panshi.gate.journal import read
from panshi.opening.rules import Row
from tests.integration.conformance.venue_process import Address, play
from tests.integration.conformance.wire_client import (
    Client,
    Message,
    connect,
    sse_logon,
    szse_logon,
)
from tests.integration.gate.gate_day import SSE, SZSE, day_records

TDGW, TGW = "TDGW", "TGW01"
BY = {"who": "值班员甲", "why": "演练 drill"}
Line = dict[str, Any]
"""One JSON object: a request, an answer, a row of the journal, a line of the log."""
SERVE = """
import sys
from pathlib import Path
from panshi import _native
_native.gate_serve(Path(sys.argv[1]).read_text(), Path(sys.argv[2]).read_bytes())
"""
POLLS, POLL_S = 800, 0.0125
OPEN = 3


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def from_now(start: str) -> dict[str, Any]:
    """Return a market clock that shows this time now and runs at wall speed."""
    return play(start) | {"start_unix_ns": time.time_ns()}


def at(address: Address) -> str:
    host, port = address
    return f"{host}:{port}"


def gateway(market: int, main: Address, **changes: object) -> dict[str, Any]:
    """Return the configuration of one exchange gateway."""
    usual = {
        "number": market,
        "market": market,
        "platform": market - 1,
        "main": at(main),
        "comp_id": "PANSHI",
        "target_comp_id": TDGW if market == SSE else TGW,
    }
    return {**usual, **changes}


def listen(market: int, port: int, **changes: object) -> dict[str, Any]:
    """Return the configuration of one port for order systems."""
    usual = {
        "market": market,
        "platform": market - 1,
        "address": f"127.0.0.1:{port}",
        "comp_id": TDGW if market == SSE else TGW,
        "streams": [1, 2],
    }
    return {**usual, **changes}


def sse_streams(begin: int = 1, pbus: Sequence[str] = ("20001",)) -> list[Message]:
    """Return the groups of a 206 for both sets of some PBUs."""
    return [
        {"Pbu": pbu, "SetID": number, "BeginReportIndex": begin}
        for pbu in pbus
        for number in (1, 2)
    ]


def szse_streams(begin: int = 1) -> list[Message]:
    return [{"PartitionNo": number, "ReportIndex": begin} for number in (1, 2)]


@dataclass
class Gate:
    """One gate; `start` may be called again after `kill` or `stop`."""

    folder: Path
    gateways: list[dict[str, Any]]
    clock: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] | None = None
    process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        """Write the day and the configuration."""
        self.folder.mkdir(exist_ok=True)
        self.ports = (free_port(), free_port())
        self.control = self.folder / "control"
        self.journal = self.folder / "journal"
        self.log = self.folder / "log"
        self.errors = self.folder / "errors"
        (self.folder / "day").write_bytes(day_records(self.rows))
        self.configure()

    def configure(self, **changes: Any) -> None:  # noqa: ANN401 - keys of the configuration have many types
        """Write the configuration, with some keys changed from now on."""
        self.changes.update(changes)
        journal = {"dir": str(self.journal), **self.changes.get("journal", {})}
        wanted = {
            "listen": [listen(SSE, self.ports[0]), listen(SZSE, self.ports[1])],
            "gateways": self.gateways,
            "control": str(self.control),
            "log": str(self.log),
            "clock": self.clock,
            **self.changes,
            "journal": journal,
        }
        config = GateConfig.model_validate(wanted)
        (self.folder / "gate.json").write_text(config.model_dump_json(exclude_none=True))

    def launch(self) -> None:
        """Start the process and do not wait for anything."""
        arguments = [sys.executable, "-c", SERVE, self.folder / "gate.json", self.folder / "day"]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stderr=errors,
                text=True,
                env=self.environment,
            )

    def start(self) -> None:
        """Start and wait until every exchange gateway is open."""
        self.launch()
        self.wait_open()

    def wait_open(self) -> None:
        """Wait until every exchange gateway is open."""
        self.wait_for(lambda status: all(row["state"] == OPEN for row in status["gateways"]))

    def wait_offline(self) -> None:
        """Wait until no client is logged on."""
        self.wait_for(lambda status: status["clients_online"] == 0)

    def wait_for(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask for the status until a predicate holds; the last answer."""
        status: dict[str, Any] = {}
        for _ in range(POLLS):
            try:
                status = dict(process.ask(self.control, {"verb": "status"}))
            except OSError:
                status = {}
            if status and holds(status):
                return status
            assert self.process is not None
            assert self.process.poll() is None, self.last_words()
            time.sleep(POLL_S)
        raise AssertionError(f"{status}\n{self.last_words()}")

    def wait_counts(self, **wanted: int) -> dict[str, int]:
        """Wait until some of the status's counts have these values; all counts."""
        found = self.wait_for(
            lambda status: all(status["counts"][name] == count for name, count in wanted.items())
        )
        return dict(found["counts"])

    def ask(self, verb: str) -> Any:  # noqa: ANN401 - the answer's shape depends on the verb
        return process.ask(self.control, {"verb": verb})

    def status(self) -> Line:
        return dict(self.ask("status"))

    def logged(self, event: str) -> list[Line]:
        """Return the lines of the log that tell of an event."""
        lines = (json.loads(line) for line in self.log.read_text().splitlines())
        return [line for line in lines if line["event"] == event]

    def journaled(self, *kinds: str) -> dict[str, list[Line]]:
        """Return the journal's records of some kinds or families."""
        return {name: table.to_pylist() for name, table in read(self.journal, kinds).items()}

    def last_words(self) -> str:
        log = self.log.read_text() if self.log.exists() else ""
        return log + self.errors.read_text()

    def command(self, verb: str, **more: object) -> Line:
        return dict(process.ask(self.control, {"verb": verb, **BY, **more}))

    def refusal(self, request: Line) -> str:
        """Return why a request is refused."""
        try:
            answer = process.ask(self.control, request)
        except BadInputError as refused:
            return str(refused).split(": ", 1)[1]
        raise AssertionError(f"{request} was carried out: {answer}")

    def connect(self, market: int, window: int = 0) -> Client:
        """Connect to the market's port and say nothing; `window` bounds what the kernel takes."""
        address = ("127.0.0.1", self.ports[market - 1])
        return connect("sse" if market == SSE else "szse", address, window)

    def logged_on_sse(self, window: int = 0, **logon: object) -> Client:
        """Log on as a Shanghai order system and ask for nothing."""
        client = self.connect(SSE, window)
        sse_logon(client, **logon)
        for kind in (40, 209, 208):
            client.expect(kind)
        return client

    def sse(
        self,
        begin: int = 1,
        *,
        pbus: Sequence[str] = ("20001",),
        window: int = 0,
        **logon: object,
    ) -> Client:
        """Log on as a Shanghai order system and ask for the streams of both sets."""
        client = self.logged_on_sse(window, **logon)
        client.send(206, NoGroups=sse_streams(begin, pbus))
        client.expect(207)
        return client

    def szse(self, begin: int = 1, **logon: object) -> Client:
        """Log on as a Shenzhen order system and ask for both partitions."""
        client = self.connect(SZSE)
        szse_logon(client, **logon)
        for kind in (1, 6, 9):
            client.expect(kind)
        client.send(5, NoPartitions=szse_streams(begin))
        return client

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """Stop in order; the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def ended(self) -> int:
        """Wait for the process to end by itself; the exit status."""
        assert self.process is not None
        return self.process.wait(timeout=20)
