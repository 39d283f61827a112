"""A drill on a serving gate: a data centre is taken away and given back, and what it cost is kept.

Everything measured is read from the gate's journal; only who ordered it and why is a person's word.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.domain.clock import MS_NS
from panshi.domain.errors import BadInputError, TrialError
from panshi.gate.journal import read
from panshi.gate.journal_files import digest_range

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Ask = Callable[[Mapping[str, object]], Any]

NOT_CONNECTED: Final = 30006
MAIN: Final = "main"
POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Outage:
    """How long a gateway was away.

    Attributes:
        gateway: Its number.
        step: What it was away for: the centre's failure, or the way back.
        wall_ms: From the journaled loss to the journaled return.
        lost_sequence: Journal sequence of the loss.
        back_sequence: Journal sequence of the return.
    """

    gateway: int
    step: str
    wall_ms: float
    lost_sequence: int
    back_sequence: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a drill came to.

    Attributes:
        drill: Its name.
        who: Who ordered it.
        why: Why.
        trade_date: Trade date of the gate.
        cut: Gateways that were served from the centre that was taken away, and their addresses.
        outages: How long each was away, for the failure and for the way back.
        orders: Orders that came meanwhile, that were refused for it, and that had no answer at the
            cut and at the end.
        journal: The range of the journal that the drill is, and its hash.
        normal: Whether every gateway is back where it was.
    """

    drill: str
    who: str
    why: str
    trade_date: int
    cut: list[dict[str, Any]]
    outages: list[Outage]
    orders: dict[str, int]
    journal: dict[str, Any]
    normal: bool


@dataclass
class MainCentreDown:
    """The drill in which the main data centre of every exchange is down.

    Attributes:
        ask: Asks the gate's control socket.
        who: Who orders it.
        why: Why.
        tell: Is told each step.
        patience_s: Longest wait for a step.
    """

    ask: Ask
    who: str
    why: str
    tell: Callable[[str], None]
    patience_s: float = 60

    def rehearse(self) -> list[dict[str, Any]]:
        """Check that the drill can be performed, and change nothing.

        Returns:
            The gateways that it would take away.

        Raises:
            BadInputError: If a gateway is not open or not served from the main centre.
        """
        status = self.ask({"verb": "status"})
        for row in status["gateways"]:
            if row["session"] != "up" or row["centre"] != MAIN or row["cut_off"] is not None:
                raise BadInputError(
                    f"交易网关 · gateway {row['gateway']}: 须在主中心正常登录 · "
                    f"must be logged in at the main centre, "
                    f"found {row['session']} at {row['centre']}"
                )
        return [
            {key: row[key] for key in ("gateway", "market", "platform", "address", "state")}
            for row in status["gateways"]
        ]

    def perform(self) -> Evidence:
        """Take the main centre away, wait for the backup, give it back, go back.

        Returns:
            What was measured.

        Raises:
            BadInputError: If the drill cannot be performed.
            TrialError: If a step does not come to its end; the centre is given back all the same.
        """
        cut = self.rehearse()
        self.tell("切断主中心 · the main centre is cut off")
        first = self._command("drill-begin", centre=MAIN)["sequence"]
        at_cut = self.ask({"verb": "status"})["pending"]["unacknowledged"]
        try:
            self._wait(cut, "backup")
            self.tell("全部交易网关已由备中心服务 · every gateway is served from the backup centre")
        finally:
            back = self._command("drill-end")["sequence"]
        for number in sorted({row["gateway"] for row in cut}):
            self._command("switch", gateway=number, centre=MAIN)
        status = self._wait(cut, MAIN)
        self.tell("全部交易网关已回到主中心 · every gateway is back at the main centre")
        journal = Path(status["journal"]["dir"])
        last = self._wait_durable(status["journal"]["appended"])
        pending = status["pending"]["unacknowledged"]
        return Evidence(
            drill="main-centre-down",
            who=self.who,
            why=self.why,
            trade_date=status["trade_date"],
            cut=cut,
            outages=_outages(journal, (first, back, last)),
            orders=_orders(journal, first, last) | {"open_at_cut": at_cut, "open_at_end": pending},
            journal={
                "dir": str(journal),
                "first_sequence": first,
                "last_sequence": last,
                "sha256": digest_range(journal, first, last),
            },
            normal=True,
        )

    def _wait_durable(self, sequence: int) -> int:
        """Wait until the disk has a record: what only memory has is no evidence."""
        for _ in range(round(self.patience_s / POLL_S)):
            if self.ask({"verb": "status"})["journal"]["durable"] >= sequence:
                return sequence
            time.sleep(POLL_S)
        raise TrialError(
            f"演练未完成 · drill: sequence {sequence} must be durable, found it is not"
        )

    def _command(self, verb: str, **more: object) -> dict[str, Any]:
        return dict(self.ask({"verb": verb, "who": self.who, "why": self.why, **more}))

    def _wait(self, cut: list[dict[str, Any]], centre: str) -> dict[str, Any]:
        """Wait until each gateway is up at a centre, in the state that it had."""
        wanted = {(row["gateway"], row["platform"]): row["state"] for row in cut}
        status: dict[str, Any] = {}
        for _ in range(round(self.patience_s / POLL_S)):
            status = self.ask({"verb": "status"})
            if all(
                row["session"] == "up"
                and row["centre"] == centre
                and row["state"] == wanted[row["gateway"], row["platform"]]
                for row in status["gateways"]
            ):
                return status
            time.sleep(POLL_S)
        found = [(row["gateway"], row["session"], row["centre"]) for row in status["gateways"]]
        raise TrialError(
            f"演练未完成 · drill: every gateway must be up at the {centre} centre, found {found}"
        )


def _outages(journal: Path, steps: tuple[int, int, int]) -> list[Outage]:
    first, back, last = steps
    rows = read(journal, ["GatewayState"], from_sequence=first)["GatewayState"].to_pylist()
    lost: dict[int, dict[str, Any]] = {}
    found = []
    for row in rows:
        number, sequence = row["gateway"], row["journal_sequence"]
        if sequence > last:
            break
        if row["state"] == 0:
            lost.setdefault(number, row)
        elif number in lost:
            begun = lost.pop(number)
            step = "failure" if begun["journal_sequence"] < back else "return"
            wall_ns = row["journal_time_ns"] - begun["journal_time_ns"]
            found.append(Outage(number, step, wall_ns / MS_NS, begun["journal_sequence"], sequence))
    return found


def _orders(journal: Path, first: int, last: int) -> dict[str, int]:
    tables = read(journal, ["NewOrder", "Refuse"], from_sequence=first)
    inside = {
        name: [row for row in table.to_pylist() if row["journal_sequence"] <= last]
        for name, table in tables.items()
    }
    refused = [row for row in inside["Refuse"] if row["code"] == NOT_CONNECTED]
    return {"received": len(inside["NewOrder"]), "refused_not_connected": len(refused)}


def write_report(evidence: Evidence, folder: Path) -> tuple[Path, Path]:
    """Write a drill's evidence for programs and for people.

    Args:
        evidence: What it came to.
        folder: Where to; made if it does not exist.

    Returns:
        The JSON file and the page.

    Raises:
        BadInputError: If there is one of this drill already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{evidence.drill}-{evidence.trade_date}-{evidence.journal['first_sequence']}"
    data, page = folder / f"{stem}.json", folder / f"{stem}.md"
    for path in (data, page):
        if path.exists():
            raise BadInputError(f"{path}: 已存在 · must not exist, evidence is written once")
    text = json.dumps(asdict(evidence), ensure_ascii=False, indent=1)
    data.write_text(f"{text}\n", encoding="utf-8")
    page.write_text(_page(evidence), encoding="utf-8")
    return data, page


def _page(evidence: Evidence) -> str:
    orders, journal = evidence.orders, evidence.journal
    lines = [
        f"# 演练记录 / Drill: {evidence.drill}",
        "",
        f"- 交易日 trade date: {evidence.trade_date}",
        f"- 下令 ordered by: {evidence.who}; 原因 reason: {evidence.why}",
        f"- 恢复正常 back to normal: {'是 yes' if evidence.normal else '否 no'}",
        (
            f"- 其间委托 orders meanwhile: {orders['received']}; 因未连接被拒 refused, "
            f"no connection: {orders['refused_not_connected']}"
        ),
        (
            f"- 切断时未确认 without an answer at the cut: {orders['open_at_cut']}; "
            f"结束时 at the end: {orders['open_at_end']}"
        ),
        (
            f"- 日志 journal: {journal['dir']}, 序号 sequences {journal['first_sequence']} "
            f"to {journal['last_sequence']}, SHA-256 {journal['sha256']}"
        ),
        "",
        "| 网关 gateway | 步骤 step | 中断 away (ms) | 日志序号 sequences |",
        "|---|---|---|---|",
    ]
    steps = {"failure": "主中心失效 centre down", "return": "切回 the way back"}
    lines += [
        f"| {one.gateway} | {steps[one.step]} | {one.wall_ms:.1f} | "
        f"{one.lost_sequence} to {one.back_sequence} |"
        for one in evidence.outages
    ]
    return "\n".join([*lines, ""])
