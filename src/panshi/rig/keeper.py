"""The keeper of a gate's leases as a process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from panshi.rig.processes import Children

if TYPE_CHECKING:
    from panshi.rig.gate import Gate
    from panshi.rig.peer import Address
    from panshi.rig.processes import Child


def lease(database: Address, **changes: int) -> dict[str, Any]:
    """Return the configuration of a lease that is kept in a trial's PostgreSQL.

    Args:
        database: Address of the server, or of a relay to it.
        **changes: Keys that differ.

    Returns:
        Keys and values.
    """
    host, port = database
    return {"database": f"postgresql://postgres@{host}:{port}/postgres?sslmode=disable", **changes}


class LeaseKeeper:
    """`panshi gate lease` beside one gate."""

    def __init__(self, gate: Gate) -> None:
        """Name the gate; `start` starts it.

        Args:
            gate: A gate whose configuration has a lease.
        """
        self._gate = gate
        self._children = Children(gate.folder)
        self._child: Child | None = None
        # A gate that is started alone has JSON, which the command does not read.
        self._config = gate.write_toml(gate.folder / "keeper.toml")

    def start(self) -> None:
        """Start it and do not wait for anything."""
        words = ["gate", "lease", "--config", str(self._config)]
        self._child = self._children.start("keeper", words)

    def create_table(self) -> None:
        """Make the table of the leases."""
        words = ["gate", "lease", "--config", str(self._config), "--create-table"]
        child = self._children.start("keeper", words)
        child.process.wait()
        if child.process.returncode != 0:
            child.require_alive()

    def kill(self) -> None:
        """Kill it as a fault does."""
        if self._child is not None:
            self._child.kill()

    def stop(self) -> None:
        """End it in order: it gives its leases back."""
        if self._child is not None:
            self._children.end(self._child)

    def told(self) -> list[dict[str, Any]]:
        """Return what it has told."""
        if self._child is None:
            return []
        lines = self._child.output.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
