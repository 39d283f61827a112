"""A venue as a process of its own, at a chosen moment of its day."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.domain.clock import DAY_MS, MS_NS, WallClock, parse_day_ms
from panshi.rig.processes import COMMAND, Children, to_toml, wait_for_listeners
from panshi.rig.small_day import PBUS, SECURITIES, TRADE_DAY
from panshi.rig.small_day import SSE as SSE_MARKET
from panshi.rig.small_day import SZSE as SZSE_MARKET
from panshi.venue.config import VenueConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.rig.peer import Address
    from panshi.rig.processes import Child

START_S: Final = 60
SSE: Final[dict[str, Any]] = {
    "market": "sse",
    "addresses": ["127.0.0.1:0", "127.0.0.1:0"],
    "comp_id": "TDGW",
    "pbus": [PBUS[SSE_MARKET], "20002"],
    "sets": [1, 2, 20],
}
SZSE: Final[dict[str, Any]] = {
    "market": "szse",
    "addresses": ["127.0.0.1:0"],
    "comp_id": "TGW01",
    "pbus": [PBUS[SZSE_MARKET]],
    "sets": [1, 2],
    "platform": 1,
}
LISTED: Final[list[dict[str, Any]]] = [
    {
        "market": market,
        "code": code,
        "set_id": 1,
        "prev_close_e5": 1_000_000,
        "limit_up_e5": 1_100_000,
        "limit_down_e5": 900_000,
    }
    for market, code in [
        ("sse", SECURITIES[SSE_MARKET]),
        ("sse", "600001"),
        ("szse", SECURITIES[SZSE_MARKET]),
    ]
]
ALONE: Final = (
    sys.executable,
    "-c",
    "import sys; from panshi import _native; _native.venue_serve(open(sys.argv[1]).read(), b'')",
)
"""The native call without the command line around it, which starts in a tenth of the time."""


def play(start: str, end: str = "", wall_ms: int = 0) -> dict[str, Any]:
    """Return a clock that plays a part of the day.

    Args:
        start: First moment, HH:MM:SS.
        end: Last moment; blank plays to midnight.
        wall_ms: Wall time that it takes; 0 runs at the speed of the day.

    Returns:
        The clock, as gate and venue read it.
    """
    start_ms = parse_day_ms(start)
    end_ms = parse_day_ms(end) if end else DAY_MS
    segment = {
        "from_ns_of_day": start_ms * MS_NS,
        "to_ns_of_day": end_ms * MS_NS,
        "wall_ms": wall_ms or end_ms - start_ms,
    }
    return {"trade_date": TRADE_DAY, "start_unix_ns": 0, "segments": [segment]}


def from_now(start: str, end: str = "", wall_ms: int = 0) -> dict[str, Any]:
    """Return a clock that shows a moment now; several processes can follow it.

    Args:
        start: Moment that it shows now, HH:MM:SS.
        end: As for `play`.
        wall_ms: As for `play`.

    Returns:
        The clock.
    """
    return play(start, end, wall_ms) | {"start_unix_ns": WallClock().now_ns()}


class Venue:
    """A venue: Shanghai with two addresses, Shenzhen with one."""

    def __init__(
        self,
        folder: Path,
        clock: dict[str, Any],
        changes: dict[str, Any] | None = None,
        *,
        alone: bool = False,
    ) -> None:
        """Say how it behaves.

        Args:
            folder: Folder for what it writes.
            clock: Its market clock.
            changes: Keys of its configuration that differ.
            alone: Start the native call without the command line around it.
        """
        self._children = Children(folder)
        self._folder = folder
        self._alone = alone
        self.child: Child | None = None
        self.addresses: list[Address] = []
        self.clock = clock
        self.config = VenueConfig.model_validate(
            {
                "trade_date": TRADE_DAY,
                "gateways": [SSE, SZSE],
                "securities": LISTED,
                "member_pbus": [*SSE["pbus"], *SZSE["pbus"]],
                "clock": clock,
                **(changes or {}),
            }
        )

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            BadInputError: If it ends or takes too long.
        """
        config = self._folder / ("venue.json" if self._alone else "venue.toml")
        if self._alone:
            config.write_text(self.config.to_json(), encoding="utf-8")
            self.child = self._children.start("venue", [str(config)], program=ALONE)
        else:
            table = json.loads(self.config.to_json())
            config.write_text(to_toml(table), encoding="utf-8")
            words = ["venue", "serve", "--config", str(config)]
            self.child = self._children.start("venue", words, program=COMMAND)
        count = sum(len(gateway.addresses) for gateway in self.config.gateways)
        wait_for_listeners(self.child, count, time.monotonic() + START_S)
        found = (json.loads(line) for line in self.child.output.read_text().splitlines()[:count])
        parts = [line["address"].rpartition(":") for line in found]
        self.addresses = [(host, int(port)) for host, _, port in parts]

    def stop(self) -> dict[str, Any]:
        """End it in order.

        Returns:
            What its day came to, as it says; empty when it was started alone.
        """
        if self.child is None:
            return {}
        self._children.end(self.child)
        lines = self.child.output.read_text(encoding="utf-8").splitlines()
        served: dict[str, Any] = next(
            (json.loads(line) for line in lines if '"served"' in line), {}
        )
        return served


@contextlib.contextmanager
def serving(clock: dict[str, Any], **changes: Any) -> Iterator[list[Address]]:  # noqa: ANN401 - keys of the configuration have many types
    """Serve both gateways for a while.

    Args:
        clock: The market clock.
        **changes: Keys of the configuration that differ.

    Yields:
        The addresses: Shanghai main, backup, Shenzhen.
    """
    with tempfile.TemporaryDirectory(prefix="panshi-venue-") as folder:
        venue = Venue(Path(folder), clock, changes, alone=True)
        try:
            venue.start()
            yield venue.addresses
        finally:
            venue.stop()
