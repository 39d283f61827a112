"""A gate as a process of its own, between a small order system and a simulated exchange."""

import datetime as dt
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panshi.domain.words import Board, Market, Product
from panshi.gate import process
from panshi.gate.config import GateConfig
from panshi.market.securities import Lots, Security
from panshi.opening.day import build_day
from panshi.opening.rules import Row
from panshi.rulebook.book import Rulebook
from tests.integration.conformance.wire_client import Client, connect, sse_logon, szse_logon

TRADE_DATE = dt.date(2023, 7, 11)
NEVER = 2**63 - 1
CASH_E5 = 10**12
SERVE = """
import sys
from pathlib import Path
from panshi.gate.config import GateConfig
from panshi.gate import process
config = GateConfig.model_validate_json(Path(sys.argv[1]).read_text())
process.serve(config, Path(sys.argv[2]).read_bytes())
"""


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def security(market: Market, code: str) -> Security:
    return Security(
        market=market,
        code=code,
        name=code,
        board=Board.MAIN,
        product=Product.STOCK,
        prev_close_e5=1_000_000,
        limit_up_e5=1_100_000,
        limit_down_e5=900_000,
        tick_e5=1000,
        lots=Lots(100, 100, 100, 1_000_000, 100, 1_000_000),
        list_date=dt.date(2000, 1, 1),
        set_id=1,
    )


def row(name: str, **fields: int | str) -> Row:
    """Return one record by its fields."""
    return name, fields


def parties() -> list[Row]:
    rows = [
        row("LoadTerminal", terminal=1, kind=1, valid=1),
        row(
            "LoadCustomer",
            customer=1,
            owner_group=1,
            group=1,
            fee_group=1,
            desk=1,
            state=1,
            risk_grade=5,
            program_confirm=1,
            cash_e5=CASH_E5,
        ),
    ]
    for market, account, code, branch, pbu in (
        (1, "A000000001", "600000", "00001", "20001"),
        (2, "0000000001", "000001", "0001", "100100"),
    ):
        held = {"total_qty": 1000, "sellable_qty": 1000}
        rows += [
            row("LoadBranch", branch=branch, state=1),
            row("LoadPbu", pbu=pbu, market=market, pbu_no=market - 1, gateway=market),
            row(
                "LoadAccount",
                account=account,
                market=market,
                state=1,
                branch=branch,
                customer=1,
                owner_type=1,
            ),
            row("LoadHolding", account=account, market=market, code=code, **held),
            row(
                "LoadClient",
                comp_id="OMS01",
                market=market,
                client=market,
                access_mask=1,
                pbu_mask=1 << (market - 1),
                terminal=1,
                terminal_required=1,
            ),
        ]
    return rows


def numbers() -> list[Row]:
    wanted = [(scope, metric, 10**6) for scope in (3, 4, 5, 9) for metric in (1, 2, 3, 4)]
    wanted += [(5, metric, NEVER) for metric in (5, 6, 7, 8, 12, 14)]
    wanted += [(scope, metric, NEVER) for scope in (1, 6, 7, 8) for metric in (9, 10)]
    wanted += [(1, 8, NEVER), (10, 11, NEVER), (10, 13, NEVER)]
    limits: list[Row] = [
        ("LoadLimit", {"scope": scope, "metric": metric, "warn": NEVER, "block": block})
        for scope, metric, block in wanted
    ]
    params = {1: 10**9, 2: 10**9, 3: 100, 4: 300, 5: 20_000, 10: 100, 18: 2}
    return [*limits, *(("LoadParam", {"param": p, "value": v}) for p, v in params.items())]


@dataclass
class Gate:
    """One gate; `start` may be called again after `kill`."""

    folder: Path
    exchanges: list[tuple[str, int]]
    clock: dict[str, Any]
    durability: str = "B"
    changes: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        """Write the day and the configuration."""
        self.ports = (free_port(), free_port())
        self.control = self.folder / "control"
        self.journal = self.folder / "journal"
        securities = [security(Market.SSE, "600000"), security(Market.SZSE, "000001")]
        rows = [*parties(), *numbers()]
        day = build_day(TRADE_DATE, Rulebook.load().on(TRADE_DATE), securities, rows)
        (self.folder / "day").write_bytes(day)
        config = GateConfig.model_validate(
            {
                "journal": {"dir": str(self.journal), "durability": self.durability},
                "listen": [self.listen(1, 0, "TDGW"), self.listen(2, 1, "TGW01")],
                "gateways": [self.gateway(1, 0, "TDGW"), self.gateway(2, 1, "TGW01")],
                "control": str(self.control),
                "log": str(self.folder / "log"),
                "clock": self.clock,
                **self.changes,
            }
        )
        (self.folder / "gate.json").write_text(config.model_dump_json(exclude_none=True))

    def listen(self, market: int, platform: int, comp_id: str) -> dict[str, Any]:
        address = f"127.0.0.1:{self.ports[market - 1]}"
        return {"market": market, "platform": platform, "address": address, "comp_id": comp_id} | {
            "streams": [1, 2]
        }

    def gateway(self, market: int, platform: int, target: str) -> dict[str, Any]:
        host, port = self.exchanges[market - 1]
        return {
            "number": market,
            "market": market,
            "platform": platform,
            "main": f"{host}:{port}",
        } | {
            "comp_id": "PANSHI",
            "target_comp_id": target,
        }

    def start(self) -> None:
        arguments = [sys.executable, "-c", SERVE, self.folder / "gate.json", self.folder / "day"]
        self.process = subprocess.Popen([str(argument) for argument in arguments])
        self.wait_for(lambda status: all(row["state"] == 3 for row in status["gateways"]))

    def wait_for(self, holds: Any) -> dict[str, Any]:  # noqa: ANN401 - a predicate over JSON
        """Ask for the status until a predicate holds; the last answer."""
        for _ in range(400):
            if self.control.exists():
                try:
                    status = dict(process.ask(self.control, {"verb": "status"}))
                except OSError:
                    status = {}
                if status and holds(status):
                    return status
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.025)
        raise AssertionError((self.folder / "log").read_text())

    def command(self, verb: str, **more: object) -> dict[str, Any]:
        request = {"verb": verb, "who": "duty officer", "why": "test", **more}
        return dict(process.ask(self.control, request))

    def sse(self, begin: int = 1) -> Client:
        """Log on as a Shanghai order system and ask for both streams."""
        client = connect("sse", ("127.0.0.1", self.ports[0]))
        sse_logon(client)
        client.expect(40)
        client.expect(209)
        client.expect(208)
        groups = [{"Pbu": "20001", "SetID": s, "BeginReportIndex": begin} for s in (1, 2)]
        client.send(206, NoGroups=groups)
        client.expect(207)
        return client

    def szse(self, begin: int = 1) -> Client:
        """Log on as a Shenzhen order system and ask for both partitions."""
        client = connect("szse", ("127.0.0.1", self.ports[1]))
        szse_logon(client)
        client.expect(1)
        client.expect(6)
        client.expect(9)
        client.send(5, NoPartitions=[{"PartitionNo": p, "ReportIndex": begin} for p in (1, 2)])
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
