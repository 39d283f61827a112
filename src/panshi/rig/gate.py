"""A gate as a process of its own, between small order systems and what stands for the exchange."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.domain.errors import BadInputError, TrialError
from panshi.gate import process
from panshi.gate.config import GateConfig
from panshi.gate.journal import read
from panshi.rig.messages import sse_logon, sse_streams, szse_logon, szse_streams
from panshi.rig.peer import Peer, connect
from panshi.rig.ports import reserve_ports
from panshi.rig.processes import COMMAND, Child, Children, to_toml
from panshi.rig.small_day import PBUS, PROTOCOLS, SSE, SZSE, day_records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from panshi.opening.rules import Row
    from panshi.rig.peer import Address

Line = dict[str, Any]
"""One JSON object: a request, an answer, a row of the journal, a line of the log."""

TDGW, TGW = "TDGW", "TGW01"
BY: Final = {"who": "值班员甲", "why": "演练 drill"}
"""Who asks for what is to be done in a trial, and why."""
SECOND: Final = {"who": "值班员乙", "why": "复核 checked"}
"""Who lets trade again what the first has stopped."""
SERVE: Final = """
import sys
from pathlib import Path
from panshi import _native
_native.gate_serve(Path(sys.argv[1]).read_text(), Path(sys.argv[2]).read_bytes())
"""
"""The native call without the command line around it, which starts in a tenth of the time."""
POLLS, POLL_S = 4800, 0.0125
END_S: Final = 20
OPEN: Final = 3


def at(address: Address) -> str:
    """Return an address as configurations have it."""
    host, port = address
    return f"{host}:{port}"


def gateway(market: int, main: Address, **changes: object) -> dict[str, Any]:
    """Return the configuration of one exchange gateway.

    Args:
        market: 1 SSE, 2 SZSE.
        main: Its address in the main data centre.
        **changes: Keys that differ.

    Returns:
        Keys and values.
    """
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
    """Return the configuration of one port for order systems.

    Args:
        market: 1 SSE, 2 SZSE.
        port: Loopback port.
        **changes: Keys that differ.

    Returns:
        Keys and values.
    """
    usual = {
        "market": market,
        "platform": market - 1,
        "address": f"127.0.0.1:{port}",
        "comp_id": TDGW if market == SSE else TGW,
        "streams": [1, 2],
    }
    return {**usual, **changes}


@dataclass
class Gate:
    """One gate; `start` may be called again after `kill` or `stop`.

    Attributes:
        folder: Where everything of it lies.
        gateways: Its exchange gateways, from `gateway`.
        clock: Its market clock.
        rows: Records of the day beside the usual ones.
        changes: Keys of the configuration that differ from the usual.
        environment: Its environment; None is that of this process.
        alone: Start the native call without the command line around it.
        beside: With `alone`, Python that the process runs before the call.
        started_by: The command that starts it: `serve` or `standby`.
    """

    folder: Path
    gateways: list[dict[str, Any]]
    clock: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] | None = None
    alone: bool = False
    beside: str = ""
    started_by: str = "serve"
    child: Child | None = None

    def __post_init__(self) -> None:
        """Write the day and the configuration."""
        self.folder.mkdir(exist_ok=True)
        self._children = Children(self.folder)
        first, second = reserve_ports(2)
        self.ports = (first, second)
        self.control = self.folder / "control"
        self.stop_socket = self.folder / "stop"
        self.journal = self.folder / "journal"
        self.log = self.folder / "log"
        self.errors = self.folder / "gate.err"
        (self.folder / "day").write_bytes(day_records(self.rows))
        self.configure()

    def configure(self, **changes: Any) -> None:  # noqa: ANN401 - keys of the configuration have many types
        """Write the configuration.

        Args:
            **changes: Keys that differ from now on.
        """
        self.changes.update(changes)
        if self.alone:
            text = self._wanted().model_dump_json(exclude_none=True)
            self.config.write_text(text, encoding="utf-8")
        else:
            self.write_toml(self.config)

    def write_toml(self, path: Path) -> Path:
        """Write the configuration as the commands read it.

        Args:
            path: Where to.

        Returns:
            The same path.
        """
        table = self._wanted().model_dump(exclude_none=True, exclude_defaults=True)
        path.write_text(to_toml(table), encoding="utf-8")
        return path

    def _wanted(self) -> GateConfig:
        # The exchange is this trial's own: its numbers are no one else's.
        locks = {"locks": str(self.folder / "locks")}
        wanted = {
            "listen": [listen(SSE, self.ports[0]), listen(SZSE, self.ports[1])],
            "gateways": self.gateways,
            "control": str(self.control),
            "log": str(self.log),
            "stop": {"socket": str(self.stop_socket)},
            "clock": self.clock,
            **self.changes,
            "claim": locks | self.changes.get("claim", {}),
            "journal": {"dir": str(self.journal), **self.changes.get("journal", {})},
            "recovery": {"activate": "at_once", **self.changes.get("recovery", {})},
        }
        return GateConfig.model_validate(wanted)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / ("gate.json" if self.alone else "gate.toml")

    def launch(self) -> None:
        """Start the process and do not wait for anything."""
        day = self.folder / "day"
        if self.alone:
            words = [str(self.config), str(day)]
            program = (sys.executable, "-c", self.beside + SERVE)
        else:
            words = ["gate", self.started_by, "--config", str(self.config), "--day", str(day)]
            program = COMMAND
        self.child = self._children.start("gate", words, self.environment, program)

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
        """Ask for the status until it is as it must be.

        Args:
            holds: Tells whether it is.

        Returns:
            The last status.

        Raises:
            TrialError: If the process ends or it never is.
        """
        status: dict[str, Any] = {}
        for _ in range(POLLS):
            try:
                status = self.status()
            except OSError:
                status = {}
            if status and holds(status):
                return status
            if not self.runs():
                raise TrialError(f"the gate must serve, found it ended: {self.last_words()}")
            time.sleep(POLL_S)
        raise TrialError(f"the gate must come to a state, found {status}\n{self.last_words()}")

    def wait_counts(self, **wanted: int) -> dict[str, int]:
        """Wait until some of the status's counts have these values.

        Args:
            **wanted: Names and values.

        Returns:
            All counts.
        """
        found = self.wait_for(
            lambda status: all(status["counts"][name] == count for name, count in wanted.items())
        )
        return dict(found["counts"])

    def ask(self, verb: str) -> Any:  # noqa: ANN401 - the answer's shape depends on the verb
        """Ask something that needs no name.

        Args:
            verb: What is asked.

        Returns:
            The gate's answer.
        """
        return process.ask(self.control, {"verb": verb})

    def status(self) -> Line:
        """Return what the gate tells of itself."""
        return dict(self.ask("status"))

    def log_text(self) -> str:
        """Return the log with all that the gate has said by now."""
        # A thread of its own writes the log.
        with contextlib.suppress(BadInputError, OSError):
            while self.child is not None and self.child.process.poll() is None:
                if not self.ask("status")["log"]["waiting"]:
                    break
        return self.log.read_text(encoding="utf-8")

    def logged(self, event: str) -> list[Line]:
        """Return the lines of the log that tell of an event.

        Args:
            event: Its name.

        Returns:
            The lines.
        """
        lines = (json.loads(line) for line in self.log_text().splitlines())
        return [line for line in lines if line["event"] == event]

    def journaled(self, *kinds: str) -> dict[str, list[Line]]:
        """Return the journal's records of some kinds or families.

        Args:
            *kinds: Their names.

        Returns:
            The records by kind.
        """
        return {name: table.to_pylist() for name, table in read(self.journal, kinds).items()}

    def memory_kib(self, kind: str = "VmRSS") -> int:
        """Return the resident memory of its process.

        Args:
            kind: `VmRSS` is all of it, mapped segments of the journal among it, which the kernel
                takes back as it likes; `RssAnon` is what the process holds itself.

        Returns:
            KiB.
        """
        text = Path(f"/proc/{self._started().process.pid}/status").read_text(encoding="ascii")
        row = next(line for line in text.splitlines() if line.startswith(kind))
        return int(row.split()[1])

    def runs(self) -> bool:
        """Return whether the process runs."""
        return self.child is not None and self.child.process.poll() is None

    def last_words(self) -> str:
        """Return the log and what was written to the standard error."""
        log = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        return log + self.errors.read_text(encoding="utf-8")

    def command(self, verb: str, **more: object) -> Line:
        """Send a command as the duty officer.

        Args:
            verb: What to do.
            **more: Further keys.

        Returns:
            The gate's answer.

        Raises:
            BadInputError: If the gate refuses it.
        """
        return dict(process.ask(self.control, {"verb": verb, **BY, **more}))

    def stop_trading(self, **more: object) -> Line:
        """Stop as the duty officer, at the socket that is there for it.

        Args:
            **more: Keys that differ from a halt of the whole firm.

        Returns:
            The gate's answer.
        """
        usual = {"verb": "set-state", "scope": "firm", "state": "halted"}
        return dict(process.ask(self.stop_socket, {**usual, **BY, **more}))

    def rearm(self, **more: object) -> Line:
        """Let trade again as the second person.

        Args:
            **more: Keys that differ from the whole firm.

        Returns:
            The gate's answer.
        """
        usual = {"verb": "set-state", "scope": "firm", "state": "normal"}
        return dict(process.ask(self.control, {**usual, **SECOND, **more}))

    def refusal(self, request: Line) -> str:
        """Return why a request is refused.

        Args:
            request: The request.

        Returns:
            The gate's words.

        Raises:
            TrialError: If it is carried out.
        """
        try:
            answer = process.ask(self.control, request)
        except BadInputError as refused:
            return str(refused).split(": ", 1)[1]
        raise TrialError(f"{request} must be refused, found it carried out: {answer}")

    def connect(self, market: int, window: int = 0) -> Peer:
        """Connect to the market's port and say nothing.

        Args:
            market: 1 SSE, 2 SZSE.
            window: Bytes that the kernel takes while nobody reads; 0 leaves the usual.

        Returns:
            The connection.
        """
        return connect(PROTOCOLS[market], ("127.0.0.1", self.ports[market - 1]), window)

    def logged_on_sse(self, window: int = 0, **logon: object) -> Peer:
        """Log on as a Shanghai order system and ask for nothing.

        Args:
            window: As for `connect`.
            **logon: Fields of the logon that differ.

        Returns:
            The session.
        """
        peer = self.connect(SSE, window)
        sse_logon(peer, **logon)
        for kind in (40, 209, 208):
            peer.expect(kind)
        return peer

    def sse(
        self,
        begin: int = 1,
        *,
        pbus: Sequence[str] = (PBUS[SSE],),
        window: int = 0,
        **logon: object,
    ) -> Peer:
        """Log on as a Shanghai order system and ask for the streams of both sets.

        Args:
            begin: First index asked for.
            pbus: PBUs whose streams are asked for.
            window: As for `connect`.
            **logon: Fields of the logon that differ.

        Returns:
            The session.
        """
        peer = self.logged_on_sse(window, **logon)
        peer.send(206, NoGroups=sse_streams(begin, pbus))
        peer.expect(207)
        return peer

    def szse(self, begin: int = 1, **logon: object) -> Peer:
        """Log on as a Shenzhen order system and ask for both partitions.

        Args:
            begin: First index asked for.
            **logon: Fields of the logon that differ.

        Returns:
            The session.
        """
        peer = self.connect(SZSE)
        szse_logon(peer, **logon)
        for kind in (1, 6, 9):
            peer.expect(kind)
        peer.send(5, NoPartitions=szse_streams(begin))
        return peer

    def kill(self) -> None:
        """Kill it as a fault does."""
        self._started().kill()

    def stop(self) -> int:
        """Stop it in order.

        Returns:
            The exit status.
        """
        return self._children.end(self._started())

    def ended(self, within_s: int = END_S) -> int:
        """Wait for it to end by itself.

        Args:
            within_s: Seconds after which it counts as hung.

        Returns:
            The exit status.
        """
        return self._started().process.wait(timeout=within_s)

    def _started(self) -> Child:
        if self.child is None:
            raise TrialError("the gate must have been started, found no process")
        return self.child
