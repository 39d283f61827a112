"""A standby of a gate in a trial, on the same machine, which serves in its place when it dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panshi.domain.clock import MS_NS, WallClock
from panshi.gate.journal import read
from panshi.gate.journal_files import records
from panshi.rig.gate import Gate, at
from panshi.rig.ports import reserve_ports

if TYPE_CHECKING:
    from pathlib import Path

    from panshi.rig.peer import Address


def write_secret(folder: Path) -> str:
    """Write the secret that a gate and its standbys share.

    Args:
        folder: Where.

    Returns:
        Path of the file.
    """
    path = folder / "standby.secret"
    path.touch(mode=0o600)
    path.write_text("a-secret-of-a-trial-0123456789-abcdef", encoding="ascii")
    return str(path)


def publish(folder: Path) -> dict[str, Any]:
    """Return the configuration of a gate that standbys may follow.

    Args:
        folder: Where the secret is written that both share.

    Returns:
        Keys and values.
    """
    (port,) = reserve_ports(1)
    return {"publish": f"127.0.0.1:{port}", "secret": write_secret(folder)}


def stand_by(primary: Gate, folder: Path, way: Address | None = None) -> Gate:
    """Make the standby of a gate whose configuration has `publish`; it is not started.

    Args:
        primary: The gate.
        folder: Folder of the standby.
        way: Where it reaches the primary; None: straight.

    Returns:
        The standby: it serves the same ports, which are free when the primary is dead.
    """
    locks = {"locks": str(primary.folder / "locks")}
    published = primary.changes["standby"]
    follow = {
        "follow": at(way) if way else published["publish"],
        "secret": published["secret"],
        "automatic": True,
    }
    changes = {**primary.changes, "claim": locks, "standby": follow}
    standby = Gate(
        folder,
        primary.gateways,
        primary.clock,
        list(primary.rows),
        changes,
        alone=primary.alone,
        started_by="standby",
    )
    standby.ports = primary.ports
    standby.configure()
    return standby


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a take-over came to.

    Attributes:
        serving_ms: From the kill to the moment at which the standby takes clients.
        open_ms: From the kill to the moment at which every exchange gateway is open.
        unknown: Orders without an answer when it took over.
        lost_requests: Orders and cancels that only the dead gate's journal has.
        lost_records: All records that only it has.
    """

    serving_ms: float
    open_ms: float
    unknown: int
    lost_requests: int
    lost_records: int


def kill_and_take_over(primary: Gate, standby: Gate) -> Takeover:
    """Kill a gate and wait until its standby has every exchange gateway open.

    Args:
        primary: The gate.
        standby: Its standby, which follows.

    Returns:
        What was measured.
    """
    killed_ns = WallClock().now_ns()
    primary.kill()
    standby.wait_for(lambda status: "gateways" in status)
    standby.wait_open()
    (taken,) = standby.logged("standby has taken over")
    opened = [row for row in standby.logged("gateway state") if row["state"] != 0]
    tail = read(primary.journal, ["NewOrder", "CancelOrder"], from_sequence=taken["behind"] + 1)
    last = max((record.sequence for record in records(primary.journal)), default=0)
    return Takeover(
        serving_ms=(taken["time_ns"] - killed_ns) / MS_NS,
        open_ms=(opened[-1]["time_ns"] - killed_ns) / MS_NS,
        unknown=taken["unacknowledged"],
        lost_requests=sum(table.num_rows for table in tail.values()),
        lost_records=max(0, last - taken["behind"]),
    )


def wait_level(primary: Gate, standby: Gate) -> None:
    """Wait until a standby has every record that its primary has now.

    Args:
        primary: The gate.
        standby: Its standby.
    """
    last = primary.status()["journal"]["appended"]
    standby.wait_for(lambda status: status["synced"] and status["journal"]["appended"] >= last)
