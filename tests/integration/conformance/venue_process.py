"""A venue as a process of its own, at a chosen moment of its day."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from panshi.domain.clock import DAY_MS, MS_NS, parse_day_ms
from panshi.venue.config import VenueConfig

Address = tuple[str, int]
TRADE_DATE = 20230711

SSE: dict[str, Any] = {
    "market": "sse",
    "addresses": ["127.0.0.1:0", "127.0.0.1:0"],
    "comp_id": "TDGW",
    "pbus": ["20001", "20002"],
    "sets": [1, 2, 20],
}
SZSE: dict[str, Any] = {
    "market": "szse",
    "addresses": ["127.0.0.1:0"],
    "comp_id": "TGW01",
    "pbus": ["100100"],
    "sets": [1, 2],
    "platform": 1,
}
SECURITIES: list[dict[str, Any]] = [
    {
        "market": market,
        "code": code,
        "set_id": 1,
        "prev_close_e5": 1_000_000,
        "limit_up_e5": 1_100_000,
        "limit_down_e5": 900_000,
    }
    for market, code in [("sse", "600000"), ("sse", "600001"), ("szse", "000001")]
]


def play(start: str, end: str = "", wall_ms: int = 0) -> dict[str, Any]:
    """Return a clock that plays a part of the day; without an end it runs at wall speed."""
    start_ms = parse_day_ms(start)
    end_ms = parse_day_ms(end) if end else DAY_MS
    segment = {
        "from_ns_of_day": start_ms * MS_NS,
        "to_ns_of_day": end_ms * MS_NS,
        "wall_ms": wall_ms or end_ms - start_ms,
    }
    return {"trade_date": TRADE_DATE, "start_unix_ns": 0, "segments": [segment]}


@contextlib.contextmanager
def serving(clock: dict[str, Any], **changes: Any) -> Iterator[list[Address]]:  # noqa: ANN401 - keys of the configuration have many types
    """Serve both gateways and give their addresses: Shanghai main, backup, Shenzhen."""
    wanted = {
        "trade_date": TRADE_DATE,
        "gateways": [SSE, SZSE],
        "securities": SECURITIES,
        "member_pbus": ["20001", "20002", "100100"],
        "clock": clock,
        **changes,
    }
    config = VenueConfig.model_validate(wanted)
    count = sum(len(gateway.addresses) for gateway in config.gateways)
    code = "import sys; from panshi import _native; _native.venue_serve(sys.argv[1], b'')"
    with subprocess.Popen(
        [sys.executable, "-c", code, config.to_json()], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(count)]
            addresses = [json.loads(line)["address"].rpartition(":") for line in lines]
            yield [(host, int(port)) for host, _, port in addresses]
        finally:
            process.terminate()
            process.wait(timeout=10)
