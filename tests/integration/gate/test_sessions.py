"""Sessions at the gate's ports: logons, goodbyes, heartbeats, bad bytes."""

import json
import struct

import pytest

from panshi.rig.gate import Gate
from panshi.rig.messages import sse_logon, sse_order, szse_logon, szse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import SSE, SZSE
from panshi.wire.codec import encode_line

pytestmark = pytest.mark.integration


def whole(kind: int, body: bytes, seq: int = 9) -> bytes:
    """Return a Shanghai message with any body."""
    message = struct.pack(">IQI", kind, seq, len(body)) + body
    return message + struct.pack(">I", sum(message) % 256)


def whole_szse(kind: int, body: bytes) -> bytes:
    message = struct.pack(">II", kind, len(body)) + body
    return message + struct.pack(">I", sum(message) % 256)


def test_shanghai_logon_is_answered_as_tdgw_does(gate: Gate) -> None:
    client = gate.connect(SSE)
    sse_logon(client, HeartBtInt=30, TradeDate=19991231)
    answer = client.expect(40)
    assert (answer["SenderCompID"], answer["TargetCompID"]) == ("TDGW", "OMS01")
    assert (answer["HeartBtInt"], answer["PrtclVersion"]) == (30, "0.50")
    assert answer["TradeDate"] == 20230711
    assert client.expect(209) == {"PlatformID": 0, "PlatformState": 2}
    streams = client.expect(208)
    assert streams == {"PlatformID": 0, "Pbu": ["20001"], "SetID": [1, 2, 20]}
    assert client.seqs == [1, 2, 3]
    client.expect_silence()


def test_shenzhen_logon_is_answered_as_tgw_does(gate: Gate) -> None:
    client = gate.connect(SZSE)
    szse_logon(client, HeartBtInt=30)
    answer = client.expect(1)
    assert (answer["SenderCompID"], answer["TargetCompID"]) == ("TGW01", "OMS01")
    assert (answer["HeartBtInt"], answer["DefaultApplVerID"]) == (30, "1.18")
    assert answer["Password"] == ""
    assert client.expect(6) == {"PlatformID": 1, "PlatformState": 2}
    assert client.expect(9) == {"PlatformID": 1, "PartitionNo": [1, 2]}
    client.expect_silence()


@pytest.mark.parametrize(
    ("market", "asked", "kept"),
    [(SSE, 1, 5), (SSE, 5, 5), (SSE, 60, 60), (SSE, 999, 60), (SZSE, 0, 1), (SZSE, 9999, 600)],
)
def test_the_heartbeat_interval_is_clamped(gate: Gate, market: int, asked: int, kept: int) -> None:
    client = gate.connect(market)
    if market == SSE:
        sse_logon(client, HeartBtInt=asked)
        assert client.expect(40)["HeartBtInt"] == kept
    else:
        szse_logon(client, HeartBtInt=asked)
        assert client.expect(1)["HeartBtInt"] == kept


def test_a_client_id_has_one_session(gate: Gate) -> None:
    shanghai, shenzhen = gate.sse(), gate.szse()
    second = gate.connect(SSE)
    sse_logon(second)
    assert second.expect(41) == {"SessionStatus": 5003, "Text": "Already Login, try again"}
    second = gate.connect(SZSE)
    szse_logon(second)
    assert second.expect(2) == {"SessionStatus": 101, "Text": "already logged in"}
    # The sessions that stand are not touched, and their end makes room.
    shanghai.send(58, **sse_order("A000000001", BranchID="00001"))
    assert shanghai.expect(32)["ExecType"] == "0"
    shenzhen.send(100101, **szse_order("C000000001", BranchID="0001"))
    assert shenzhen.expect(200102)["ExecType"] == "0"
    shanghai.close()
    gate.wait_for(lambda status: status["clients_online"] == 1)
    assert gate.sse().expect(32)["ClOrdID"] == "A000000001"


def test_a_second_logon_within_a_session_ends_it(gate: Gate) -> None:
    shanghai, shenzhen = gate.sse(), gate.szse()
    sse_logon(shanghai)
    assert shanghai.expect(41)["SessionStatus"] == 5003
    szse_logon(shenzhen)
    assert shenzhen.expect(2)["SessionStatus"] == 101


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"TargetCompID": "OTHER"}, 5005),
        ({"SenderCompID": "NOBODY"}, 5005),
        ({"PrtclVersion": "0.49"}, 5014),
        ({"PrtclVersion": "x.yz"}, 5014),
    ],
)
def test_a_wrong_shanghai_logon_is_refused(
    gate: Gate, changes: dict[str, str], status: int
) -> None:
    client = gate.connect(SSE)
    sse_logon(client, **changes)
    assert client.expect(41)["SessionStatus"] == status
    client.send(41, SessionStatus=0, Text="")
    client.expect_end()


@pytest.mark.parametrize("changes", [{"TargetCompID": "OTHER"}, {"SenderCompID": "NOBODY"}])
def test_a_wrong_shenzhen_logon_is_refused(gate: Gate, changes: dict[str, str]) -> None:
    client = gate.connect(SZSE)
    szse_logon(client, **changes)
    assert client.expect(2)["SessionStatus"] == 5
    client.send(2, SessionStatus=0, Text="")
    client.expect_end()


def test_anything_before_the_logon_is_refused(gate: Gate) -> None:
    shanghai, shenzhen = gate.connect(SSE), gate.connect(SZSE)
    shanghai.send(58, **sse_order("A000000001"))
    assert shanghai.expect(41)["SessionStatus"] == 5012
    shenzhen.send(100101, **szse_order("C000000001"))
    assert shenzhen.expect(2)["SessionStatus"] == 101
    assert gate.status()["counts"]["orders"] == 0


def test_a_goodbye_is_answered_and_nothing_behind_it_is_taken(gate: Gate) -> None:
    shanghai, shenzhen = gate.sse(), gate.szse()
    shanghai.send(41, SessionStatus=0, Text="")
    shanghai.send(58, **sse_order("A000000001", BranchID="00001"))
    assert shanghai.expect(41) == {"SessionStatus": 0, "Text": "Normal Logout"}
    shenzhen.send(2, SessionStatus=0, Text="")
    shenzhen.send(100101, **szse_order("C000000001", BranchID="0001"))
    assert shenzhen.expect(2)["SessionStatus"] == 4
    shanghai.close()
    shenzhen.close()
    gate.wait_offline()
    assert gate.status()["counts"]["orders"] == 0


def test_the_gate_waits_at_its_end_for_goodbyes_not_longer(gate: Gate) -> None:
    shanghai, shenzhen = gate.sse(), gate.szse()
    gate.command("shutdown")
    assert shanghai.expect(41)["SessionStatus"] == 0
    shanghai.send(41, SessionStatus=0, Text="")
    shanghai.expect_end()
    assert shenzhen.expect(2)["SessionStatus"] == 4
    # This one never answers; the gate leaves all the same.
    shenzhen.expect_end()
    assert gate.ended() == 0


@pytest.mark.bound("one Shanghai message")
def test_bytes_that_are_no_shanghai_message_end_the_session(gate: Gate) -> None:
    good = bytes.fromhex(encode_line("sse", '{"type": 33, "seq": 3, "fields": {}}'))
    cases = [
        (good[:-1] + bytes([good[-1] ^ 1]), 5001),
        ((58).to_bytes(4, "big") + (1).to_bytes(8, "big") + (5000).to_bytes(4, "big"), 5000),
        (struct.pack(">IQI", 58, 1, 2**32 - 1), 5000),
        (whole(58, bytes(7)), 5015),
        (whole(32, bytes(213)), 5008),
    ]
    for data, code in cases:
        client = gate.sse()
        client.send_bytes(data)
        assert client.expect(41)["SessionStatus"] == code
        client.close()
        gate.wait_offline()


def test_bytes_that_are_no_shenzhen_message_end_the_session(gate: Gate) -> None:
    good = bytes.fromhex(encode_line("szse", '{"type": 3, "fields": {}}'))
    cases = [
        good[:-1] + bytes([good[-1] ^ 1]),
        struct.pack(">II", 100101, 8192),
        struct.pack(">II", 100101, 2**32 - 1),
        whole_szse(100101, bytes(7)),
    ]
    for data in cases:
        client = gate.szse()
        client.send_bytes(data)
        assert client.expect(2)["SessionStatus"] == 102
        client.close()
        gate.wait_offline()


def test_what_is_longer_than_known_or_not_known_is_passed_over(gate: Gate) -> None:
    client = gate.sse()
    message = {"type": 58, "seq": 3, "fields": sse_order("A000000001", BranchID="00001")}
    data = bytes.fromhex(encode_line("sse", json.dumps(message)))
    client.send_bytes(whole(58, data[16:-4] + b"later version"))
    assert client.expect(32)["ClOrdID"] == "A000000001"
    shenzhen = gate.szse()
    shenzhen.send_bytes(whole_szse(100501, bytes(98)))
    refused = shenzhen.expect(4)
    assert (refused["BusinessRejectReason"], refused["RefMsgType"]) == (33005, 100501)
    shenzhen.send(100101, **szse_order("C000000001", BranchID="0001"))
    assert shenzhen.expect(200102)["ExecType"] == "0"


def test_a_message_in_pieces_is_taken_whole(gate: Gate) -> None:
    client = gate.sse()
    message = {"type": 58, "seq": 3, "fields": sse_order("A000000001", BranchID="00001")}
    data = bytes.fromhex(encode_line("sse", json.dumps(message)))
    for at in range(0, len(data), 7):
        client.send_bytes(data[at : at + 7])
    assert client.expect(32)["ExecType"] == "0"


def dribble(client: Peer, data: bytes, wanted: int) -> dict[str, object]:
    """Send a message byte by byte, too slowly, until the other side says something."""
    for at in range(len(data)):
        client.send_bytes(data[at : at + 1])
        try:
            message = client.read(0.5)
        except TimeoutError:
            continue
        assert message is not None
        if message["type"] == wanted:
            return dict(message["fields"])
    raise AssertionError("the whole message was sent and nobody objected")


def test_silence_and_half_messages_end_a_session_in_time(gate: Gate) -> None:
    """One run of the clock for all: 1 s intervals in Shenzhen, 5 s in Shanghai."""
    stranger = gate.connect(SSE)
    shanghai, shenzhen = gate.sse(HeartBtInt=5), gate.szse(HeartBtInt=1)
    shenzhen.expect(3)
    half = bytes.fromhex(
        encode_line("szse", json.dumps({"type": 100101, "fields": szse_order("C000000001")}))
    )
    # Bytes without a whole message do not keep a session, however many come.
    assert dribble(shenzhen, half, 2) == {"SessionStatus": 101, "Text": "heartbeat timeout"}
    logon = bytes.fromhex(
        encode_line("sse", json.dumps({"type": 40, "seq": 1, "fields": {"HeartBtInt": 5}}))
    )
    assert dribble(stranger, logon, 41)["SessionStatus"] == 5004
    shanghai.expect(33)
    assert shanghai.expect(41, 15)["SessionStatus"] == 5002
    # Who was told to go and does not close is closed after five seconds.
    stranger.expect_end(15)
