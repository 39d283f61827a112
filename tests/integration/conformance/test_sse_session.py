"""Cards of the Shanghai gateway: session, states, streams."""

import struct

import pytest

from panshi.rig.messages import sse_logon, sse_order
from panshi.rig.peer import Address, Peer, connect
from panshi.rig.venue import play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import answered_logon, logged_on
from tests.integration.conformance.shanghai import TEXT

pytestmark = pytest.mark.integration


def refused(address: Address, **changes: object) -> dict[str, object]:
    client = connect("sse", address)
    sse_logon(client, **changes)
    answer = client.expect(41)
    client.close()
    return answer


def whole(kind: int, body: bytes, seq: int = 1) -> bytes:
    message = struct.pack(">IQI", kind, seq, len(body)) + body
    return message + struct.pack(">I", sum(message) % 256)


@card("SSE-101", "a logon is answered with the lowest version and the date", f"{TEXT} 4.2.1")
@card("SSE-102", "after the logon come 209, then 208 with PBUs and SetIDs", f"{TEXT} 3.2.5")
def test_logon_then_state_then_streams(open_venue: list[Address]) -> None:
    client, fields = answered_logon("sse", open_venue[0])
    assert fields["TargetCompID"] == "OMS01"
    assert (fields["PrtclVersion"], fields["TradeDate"]) == ("0.50", 20230711)
    assert client.expect(209) == {"PlatformID": 0, "PlatformState": 2}
    streams = client.read()
    assert streams is not None
    assert streams["type"] == 208
    assert "20002" in str(streams)
    assert client.seqs == [1, 2, 3]
    client.close()


@card("SSE-103", "the heartbeat interval is clamped to 5..60", f"{TEXT} 3.1.3")
@pytest.mark.parametrize(("asked", "kept"), [(1, 5), (5, 5), (30, 30), (60, 60), (999, 60)])
def test_heartbeat_interval_is_clamped(asked: int, kept: int) -> None:
    with serving(play("10:00:00")) as addresses:
        client = connect("sse", addresses[0])
        sse_logon(client, HeartBtInt=asked)
        assert client.expect(40)["HeartBtInt"] == kept
        client.close()


@card("SSE-104", "a second login gets Logout 5003, at any address of the gateway", f"{TEXT} 2.1")
def test_second_login_is_refused(sse: Peer, open_venue: list[Address]) -> None:
    for address in open_venue[:2]:
        answer = refused(address)
        assert answer == {"SessionStatus": 5003, "Text": "Already Login, try again"}
    sse.send(33)
    sse.expect_silence()


@card("SSE-105", "another first message gets 5012", f"{TEXT} 3.1, 5.3")
def test_first_message_must_be_logon(open_venue: list[Address]) -> None:
    client = connect("sse", open_venue[0])
    client.send(33)
    assert client.expect(41)["SessionStatus"] == 5012
    client.close()


@card("SSE-106", "a wrong TargetCompID gets 5005", f"{TEXT} 5.3")
@card("SSE-107", "a version outside the accepted ones gets 5014", f"{TEXT} 5.3")
def test_wrong_logon_fields_are_refused(open_venue: list[Address]) -> None:
    assert refused(open_venue[0], TargetCompID="TDGX")["SessionStatus"] == 5005
    for version in ["0.49", "0.58", "57", "x.yz"]:
        answer = refused(open_venue[0], PrtclVersion=version)
        assert answer == {"SessionStatus": 5014, "Text": "UnsupportedPrtclVersion"}


@card("SSE-108", "without logon within 5 s: 5004 and the end", f"{TEXT} 3.1")
@card(
    "SSE-109", "a logout is answered, the asker closes, else the gateway after 5 s", f"{TEXT} 3.1.2"
)
@card("SSE-110", "each side sends 33 when it was silent for an interval", f"{TEXT} 3.1.3")
@card("SSE-111", "two silent intervals end the session with 5002", f"{TEXT} 3.1.3")
@card("SSE-137", "nothing is taken behind a 41", f"{TEXT} 3.1.2")
def test_timers() -> None:
    with serving(play("10:00:00")) as addresses:
        silent = connect("sse", addresses[0])
        leaving = connect("sse", addresses[2])  # The other market does not stand in the way.
        leaving.close()
        client = connect("sse", addresses[0])
        sse_logon(client, HeartBtInt=5)
        for kind in (40, 209, 208):
            client.expect(kind)
        client.expect(33)
        assert silent.expect(41)["SessionStatus"] == 5004
        silent.expect_end()
        client.expect(41, 15)
        client.expect_end()
        again = connect("sse", addresses[0])
        sse_logon(again)
        for kind in (40, 209, 208):
            again.expect(kind)
        again.send(41, SessionStatus=0, Text="")
        assert again.expect(41) == {"SessionStatus": 0, "Text": "Normal Logout"}
        again.send(58, **sse_order("TIMER00001"))
        again.expect_end(15)
        last = logged_on("sse", addresses[0])
        last.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
        assert last.expect(207)["NoGroups"][0]["EndReportIndex"] == 0
        last.close()


@card("SSE-136", "every message is a sign of life, not the heartbeat alone", f"{TEXT} 3.1.3")
def test_any_message_keeps_the_session() -> None:
    with serving(play("10:00:00")) as addresses:
        client = connect("sse", addresses[0])
        sse_logon(client, HeartBtInt=5)
        for kind in (40, 209, 208):
            client.expect(kind)
        ask = {"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}
        # Three of its own heartbeats are one interval more than silence would be given.
        for _ in range(3):
            client.expect(33)
            client.send(206, NoGroups=[ask])
            client.expect(207)
        client.expect(33)
        client.close()


@card("SSE-112", "a message over 4096 bytes gets 5000", f"{TEXT} 4.1, 5.3")
@card("SSE-113", "a wrong checksum gets 5001", f"{TEXT} 5.1, 5.3")
@card("SSE-114", "an unknown message type gets 5008", f"{TEXT} 5.3")
@card("SSE-115", "a body that is too short gets 5015", f"{TEXT} 5.3")
@pytest.mark.parametrize(
    ("data", "status"),
    [
        (struct.pack(">IQI", 58, 2, 4077), 5000),
        (whole(33, b"")[:-1] + b"\x00", 5001),
        (whole(999, b""), 5008),
        (whole(58, b"short"), 5015),
    ],
)
def test_bad_bytes_end_the_session(sse: Peer, data: bytes, status: int) -> None:
    sse.send_bytes(data)
    assert sse.expect(41)["SessionStatus"] == status


@card("SSE-116", "unknown bytes behind the known body are ignored", f"{TEXT} 4.1.2")
def test_extra_bytes_are_ignored(sse: Peer) -> None:
    sse.send_bytes(whole(33, b"future fields"))
    sse.expect_silence()


@card("SSE-117", "messages may come in pieces and together", "TCP")
def test_pieces(sse: Peer) -> None:
    data = whole(33, b"") + whole(33, b"")
    for byte in data:
        sse.send_bytes(bytes([byte]))
    sse.expect_silence()


@card("SSE-118", "206 names what fails per group: 5010, 5011, 5013", f"{TEXT} 3.2.5, 4.4.5")
@card("SSE-119", "one group can fail while another succeeds", f"{TEXT} 3.2.5")
def test_each_group_of_206_is_answered(sse: Peer) -> None:
    groups = [("20001", 9, 1), ("99999", 1, 1), ("20001", 1, 0), ("20001", 2, 1)]
    sse.send(
        206,
        NoGroups=[
            {"Pbu": pbu, "SetID": set_id, "BeginReportIndex": begin}
            for pbu, set_id, begin in groups
        ],
    )
    answers = sse.expect(207)["NoGroups"]
    assert [answer["RejReason"] for answer in answers] == [5010, 5011, 5013, 0]


@card("SSE-120", "no reports before 206; then from the index asked for, then live", f"{TEXT} 3.2.5")
@card("SSE-121", "above the maximum the gateway waits for the index", f"{TEXT} 3.2.5")
def test_reports_flow_only_when_asked_for() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("sse", addresses[0])
        for number in range(4):
            client.send(58, **sse_order(f"STREAM{number:04d}"))
        client.expect_silence()
        client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 3}])
        assert client.expect(207)["NoGroups"][0]["EndReportIndex"] == 4
        assert [client.expect(32)["ReportIndex"] for _ in range(2)] == [3, 4]
        client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 6}])
        client.expect(207)
        client.send(58, **sse_order("STREAM0004"))
        client.send(58, **sse_order("STREAM0005"))
        assert client.expect(32)["ReportIndex"] == 6
        client.close()
        # Another session replays the whole day.
        client = logged_on("sse", addresses[0])
        client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
        client.expect(207)
        assert [client.expect(32)["ReportIndex"] for _ in range(6)] == [1, 2, 3, 4, 5, 6]
        client.close()
