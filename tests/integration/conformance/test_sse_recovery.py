"""Cards of the Shanghai gateway: states by the clock, streams after a break, order systems lost."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from panshi.rig.messages import shanghai_order, sse_order
from panshi.rig.peer import connect
from panshi.rig.venue import play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import answered_logon, logged_on
from tests.integration.conformance.shanghai import (
    TEXT,
    send_cancel,
    send_order,
    sync,
    trade,
)
from tests.integration.conformance.test_sse_session import refused

if TYPE_CHECKING:
    from panshi.rig.peer import Peer

pytestmark = pytest.mark.integration

STILL_MS = 3_600_000
"""A second of the day that takes an hour: the moment stands still."""


@card("SSE-124", "a gateway that loses the exchange ends the session: 5006", f"{TEXT} 3.1.4, 3.3")
@card("SSE-125", "without the exchange no session begins: 5006", f"{TEXT} 3.1.4")
def test_a_gateway_without_the_exchange() -> None:
    lost = {"action": {"not_ready": STILL_MS}, "msg_type": 32}
    with serving(play("10:00:00"), faults=[lost]) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        trade(client)
        assert client.expect(41) == {"SessionStatus": 5006, "Text": "Not Ready"}
        client.close()
        assert refused(addresses[1])["SessionStatus"] == 5006


def _send_without_end(client: Peer) -> None:
    for number in itertools.count():
        client.send_bytes(shanghai_order(f"S{number:09d}"))


@card("SSE-126", "an order system that does not read is disconnected", f"{TEXT} 3.3")
def test_a_slow_reader_is_disconnected() -> None:
    with serving(play("10:00:00"), slow_reader_reports=1000) as addresses:
        client = connect("sse", addresses[0], window=4096)
        client.send(
            40, SenderCompID="OMS01", TargetCompID="TDGW", HeartBtInt=60, PrtclVersion="0.57"
        )
        client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
        with pytest.raises(OSError, match=r"reset|[Pp]ipe"):
            _send_without_end(client)
        # The gateway is free again, and the stream has kept what was not read.
        again = logged_on("sse", addresses[0])
        assert sync(again, 1_000) >= 1_000
        again.close()


@card("SSE-127", "a second Logon in a session ends it", "our choice: 5003")
def test_a_second_logon_in_a_session() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("sse", addresses[0])
        client.send(
            40, SenderCompID="OMS01", TargetCompID="TDGW", HeartBtInt=30, PrtclVersion="0.57"
        )
        assert client.expect(41)["SessionStatus"] == 5003


@card("SSE-128", "BeginReportIndex must lie below 2^32: 5013", f"{TEXT} 4.4.4")
@card("SSE-129", "a long 206 is answered by as many 207 as fit into 4096 bytes", f"{TEXT} 4.1")
def test_indices_and_groups_have_bounds() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("sse", addresses[0])
        group = {"Pbu": "20001", "SetID": 1}
        for begin, reason in [(2**32 - 1, 0), (2**32, 5013)]:
            client.send(206, NoGroups=[{**group, "BeginReportIndex": begin}])
            assert client.expect(207)["NoGroups"][0]["RejReason"] == reason
        client.send(206, NoGroups=[{**group, "BeginReportIndex": 1}] * 100)
        counts = [len(client.expect(207)["NoGroups"]) for _ in range(3)]
        assert counts == [42, 42, 16]
        client.close()


@card("SSE-130", "after a break: 206 from the next index, then the reports missed", f"{TEXT} 3.3")
@card("SSE-131", "an order sent again under its id gets 11270 if it had arrived", f"{TEXT} 3.3")
@card("SSE-132", "a 204 is in no stream and does not come again", f"{TEXT} 4.4.1")
@card("SSE-133", "orders stay at the exchange when the session is lost", f"{TEXT} 3.3")
def test_recovery_after_a_break() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        first = trade(client, Price=950_000)
        send_order(client, SecurityID="688999")
        assert client.expect(204)["OrdRejReason"] == 4012
        missed = send_order(client, Price=950_000)
        client.expect(32)
        client.close()
        again, _ = answered_logon("sse", addresses[1])
        again.expect(209)
        again.expect(208)
        assert sync(again, first["ReportIndex"] + 1) == first["ReportIndex"] + 1
        assert again.expect(32)["ClOrdID"] == missed
        again.send(58, **sse_order(missed, Price=950_000))
        assert again.expect(204)["OrdRejReason"] == 11270
        send_cancel(again, first["ClOrdID"])
        assert again.expect(32)["ExecType"] == "4"
        again.close()


@card("SSE-134", "each Open is announced five seconds before; breaks and the close", f"{TEXT} 2.2")
@pytest.mark.parametrize(
    ("moment", "end", "state"),
    [
        ("09:14:54", "09:14:55", 0),
        ("09:14:55", "09:14:56", 1),
        ("09:15:00", "09:15:01", 2),
        ("09:24:59", "09:25:00", 2),
        ("09:25:00", "09:25:01", 3),
        ("09:29:54", "09:29:55", 3),
        ("09:29:55", "09:29:56", 1),
        ("09:30:00", "09:30:01", 2),
        ("11:29:59", "11:30:00", 2),
        ("11:30:00", "11:30:01", 3),
        ("12:59:54", "12:59:55", 3),
        ("12:59:55", "12:59:56", 1),
        ("13:00:00", "13:00:01", 2),
        ("14:59:59", "15:00:00", 2),
        ("15:00:00", "15:00:01", 4),
    ],
)
def test_the_state_of_each_moment(moment: str, end: str, state: int) -> None:
    with serving(play(moment, end, STILL_MS)) as addresses:
        client, _ = answered_logon("sse", addresses[0])
        assert client.expect(209) == {"PlatformID": 0, "PlatformState": state}
        client.close()


@card("SSE-135", "after the close the whole day can be asked for again", f"{TEXT} 3.2.3, 3.2.5")
def test_the_day_is_replayed_after_the_close() -> None:
    with serving(play("14:59:57", "15:01:00", 63_000)) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        sale = trade(client, Side="2")
        buy = trade(client)
        assert client.expect(103)["ClOrdID"] in {sale["ClOrdID"], buy["ClOrdID"]}
        client.expect(103)
        assert client.expect(209)["PlatformState"] == 4
        live_end = client.expect(210)
        client.close()
        again = logged_on("sse", addresses[0])
        sync(again)
        kinds = [(again.expect(kind)["ReportIndex"], kind) for kind in (32, 32, 103, 103)]
        assert kinds == [(1, 32), (2, 32), (3, 103), (4, 103)]
        assert again.expect(210) == live_end
        again.close()
