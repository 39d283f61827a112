"""A real morning fills the venue's book through the command, and a client's orders join it.

Source: the excerpt of 2023-07-11 in the package; 600761 opened at 21.30 on that day.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from panshi.demo.excerpt import FLOW
from panshi.rig.messages import sse_order, szse_order
from panshi.rig.peer import Peer, close_opened
from panshi.rig.processes import to_toml
from panshi.rig.venue import SSE, SZSE, play
from tests.integration.conformance.conftest import answered_logon, logged_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.rig.peer import Address

pytestmark = pytest.mark.integration

OPENING = 21_30 * 1000
SEGMENTS = [
    # The last seconds of the call at half the speed of the day: an order has time to come.
    ("09:24:54", "09:25:01", 14_000),
    ("09:29:58", "09:40:00", 10_000),
]


@pytest.fixture(scope="module")
def real_morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Address]]:
    """Serve both gateways with the excerpt, as a person would."""
    config = tmp_path_factory.mktemp("venue") / "venue.toml"
    segments = [
        segment for start, end, wall in SEGMENTS for segment in play(start, end, wall)["segments"]
    ]
    clock = {**play("09:25:00"), "segments": segments}
    one_address = {"addresses": ["127.0.0.1:0"], "sets": [1]}
    gateways = [{**SSE, **one_address}, {**SZSE, **one_address}]
    table = {"trade_date": 20230711, "gateways": gateways, "clock": clock, "open_listing": True}
    config.write_text(to_toml(table), encoding="utf-8")
    command = [sys.executable, "-m", "panshi.cli.main", "venue", "serve"]
    with subprocess.Popen(
        [*command, "--config", str(config), "--flow", str(FLOW)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        places = [json.loads(process.stdout.readline())["address"].rpartition(":") for _ in "12"]
        yield [(host, int(port)) for host, _, port in places]
        process.send_signal(signal.SIGTERM)
        served = json.loads(process.stdout.read().splitlines()[-1])
    close_opened()
    assert served["orders"] > 5_000, "the recorded orders were played"


def _fill(client: Peer, number: str, patience_s: float = 120) -> tuple[int, int]:
    """Return price and quantity of the next fill of an order; what else comes is read over."""
    while True:
        message = client.read(patience_s)
        assert message is not None
        fields = message["fields"]
        if message["type"] in {103, 200115} and fields["ClOrdID"] == number:
            return fields["LastPx"], fields["LastQty"]


def test_a_client_joins_the_real_opening_and_the_real_book(real_morning: list[Address]) -> None:
    client = logged_on("sse", real_morning[0])
    client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
    client.expect(207)
    code = {"SecurityID": "600761"}
    client.send(58, **sse_order("JOIN000001", Price=21_40 * 1000, **code))
    assert client.expect(32)["ExecType"] == "0"
    assert _fill(client, "JOIN000001") == (OPENING, 100_000), "at the price of the real opening"
    while client.expect(209, 120)["PlatformState"] != 2:
        pass
    # A sale below the book trades at once with a recorded buyer, at that buyer's price.
    client.send(58, **sse_order("JOIN000002", Side="2", Price=20_00 * 1000, **code))
    assert client.expect(32)["ExecType"] == "0"
    bid, qty = _fill(client, "JOIN000002")
    assert (20_00 * 1000 < bid < 22_00 * 1000, qty) == (True, 100_000)
    # A buy that rests above that bid is what recorded sellers meet next.
    client.send(58, **sse_order("JOIN000003", Price=bid + 1000, **code))
    assert client.expect(32)["ExecType"] == "0"
    price, qty = _fill(client, "JOIN000003")
    assert (price <= bid + 1000, qty) == (True, 100_000)
    client.close()


def test_a_client_joins_the_real_book_of_shenzhen(real_morning: list[Address]) -> None:
    client, _ = answered_logon("szse", real_morning[1])
    state = client.expect(6)["PlatformState"]
    client.expect(9)
    while state != 2:
        state = client.expect(6, 120)["PlatformState"]
    client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
    market = {"OrdType": "1", "TimeInForce": "3", "Price": 0}
    client.send(100101, **szse_order("JOIN000001", **market))
    assert client.expect(200102)["ExecType"] == "0"
    price, qty = _fill(client, "JOIN000001")
    assert (14_0000 < price < 16_0000, qty) == (True, 10_000), "000001 stood near 15 yuan"
    client.close()
