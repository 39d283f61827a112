"""Cards of the Shenzhen gateway: session, states, streams, orders, reports."""

import struct

import pytest

from panshi.rig.messages import szse_cancel, szse_logon, szse_order
from panshi.rig.peer import Address, Message, Peer, connect
from panshi.rig.venue import SZSE, play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import logged_on
from tests.integration.conformance.shenzhen import TEXT, fresh, send_order

pytestmark = pytest.mark.integration


def whole(kind: int, body: bytes) -> bytes:
    message = struct.pack(">II", kind, len(body)) + body
    return message + struct.pack(">I", sum(message) % 256)


@card("SZSE-101", "a logon is answered with a logon, then 6 and 9", f"{TEXT} 2.2.1, 5.3, 5.5")
def test_logon() -> None:
    with serving(play("10:00:00")) as addresses:
        client = connect("szse", addresses[2])
        szse_logon(client)
        answer = client.expect(1)
        assert (answer["SenderCompID"], answer["TargetCompID"]) == ("TGW01", "OMS01")
        assert client.expect(6) == {"PlatformID": 1, "PlatformState": 2}
        listed = client.expect(9)
        assert (listed["PlatformID"], listed["PartitionNo"]) == (1, [1, 2])
        client.close()


@card("SZSE-102", "a logon that does not hold is refused with Logout", f"{TEXT} 2.2.1, 4.4.2")
@pytest.mark.parametrize(
    ("changes", "status"),
    [({"TargetCompID": "X"}, 5), ({"DefaultApplVerID": "9.99"}, 101), ({"HeartBtInt": 0}, 102)],
)
def test_refused_logon(open_venue: list[Address], changes: Message, status: int) -> None:
    client = connect("szse", open_venue[2])
    szse_logon(client, **changes)
    assert client.expect(2)["SessionStatus"] == status
    client.expect_end()


@card(
    "SZSE-103", "one session per gateway; a second client is refused", f"{TEXT} 2.1.3; our choice"
)
@card("SZSE-104", "the first message must be Logon", f"{TEXT} 2.2.1")
def test_second_client(szse: Peer, open_venue: list[Address]) -> None:
    client = connect("szse", open_venue[2])
    szse_logon(client)
    assert client.expect(2)["SessionStatus"] == 101
    client.expect_end()
    client = connect("szse", open_venue[2])
    client.send(3)
    assert client.expect(2)["SessionStatus"] == 102
    szse.send(3)
    szse.expect_silence()


@card("SZSE-105", "logout is answered with logout", f"{TEXT} 2.2.3")
@card("SZSE-106", "heartbeats when idle; two silent intervals end the session", f"{TEXT} 2.2.2")
def test_heartbeat_and_logout() -> None:
    with serving(play("10:00:00")) as addresses:
        client = connect("szse", addresses[2])
        szse_logon(client, HeartBtInt=1)
        for kind in (1, 6, 9, 3):
            client.expect(kind)
        assert client.expect(2)["SessionStatus"] == 101
        client.expect_end()
        client = logged_on("szse", addresses[2])
        client.send(2, SessionStatus=0, Text="")
        assert client.expect(2)["SessionStatus"] == 4
        client.close()


@card("SZSE-107", "a wrong checksum ends the session", f"{TEXT} 4.3.2; our choice")
def test_wrong_checksum(szse: Peer) -> None:
    szse.send_bytes(whole(3, b"")[:-1] + b"\xff")
    assert szse.expect(2)["SessionStatus"] == 102
    szse.expect_end()


@card("SZSE-108", "a wrong or repeated partition in 5: 20106, and nothing flows", f"{TEXT} 3.15")
@card("SZSE-109", "a partition left out is not sent", f"{TEXT} 3.15")
@card("SZSE-110", "above the maximum the gateway waits for the index", f"{TEXT} 3.15")
@card("SZSE-111", "index 1 replays the day", f"{TEXT} 3.15")
def test_report_synchronization() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("szse", addresses[2])
        send_order(client)
        client.expect_silence()
        for wrong in ([(9, 1)], [(1, 1), (1, 1)], [(1, 0)], [(1, 1), (9, 1)]):
            parts = [{"PartitionNo": part, "ReportIndex": index} for part, index in wrong]
            client.send(5, NoPartitions=parts)
            reject = client.expect(4)
            assert (reject["BusinessRejectReason"], reject["RefMsgType"]) == (20106, 5)
        client.expect_silence()
        client.send(5, NoPartitions=[{"PartitionNo": 2, "ReportIndex": 1}])
        client.expect_silence()
        client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 3}])
        for _ in range(2):
            send_order(client)
        assert client.expect(200102)["ReportIndex"] == 3
        client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
        assert [client.expect(200102)["ReportIndex"] for _ in range(3)] == [1, 2, 3]
        client.close()


@card("SZSE-201", "accepted: 0/0, CumQty 0, LeavesQty = OrderQty", f"{TEXT} 7.1.1")
@card("SZSE-202", "fill: F, running CumQty, LeavesQty = OrderQty - CumQty", f"{TEXT} 7.1.1")
@card("SZSE-203", "cancel ok: 4/4, CumQty so far, LeavesQty 0, both ids", f"{TEXT} 7.1.2")
def test_life_of_an_order(szse: Peer) -> None:
    sale = send_order(szse, Side="2", OrderQty=30_000)
    report = szse.expect(200102)
    assert (report["ExecType"], report["OrdStatus"]) == ("0", "0")
    assert (report["CumQty"], report["LeavesQty"], report["OrigClOrdID"]) == (0, 30_000, "")
    buy = send_order(szse)
    szse.expect(200102)
    fills = [szse.expect(200115) for _ in range(2)]
    assert [fill["ClOrdID"] for fill in fills] == [buy, sale]
    assert [fill["OrdStatus"] for fill in fills] == ["2", "1"]
    assert [fill["LeavesQty"] for fill in fills] == [0, 20_000]
    assert fills[0]["LastPx"] == 100_000
    cancel = fresh()
    szse.send(190007, **szse_cancel(cancel, sale))
    report = szse.expect(200102)
    assert (report["ExecType"], report["OrdStatus"]) == ("4", "4")
    assert (report["ClOrdID"], report["OrigClOrdID"]) == (cancel, sale)
    assert (report["CumQty"], report["LeavesQty"]) == (10_000, 0)


@card(
    "SZSE-204", "a cancel is refused with the status of its target, 8 if unknown", f"{TEXT} 4.5.3"
)
def test_cancel_reject(szse: Peer) -> None:
    szse.send(190007, **szse_cancel(fresh(), "NOSUCHORDR"))
    report = szse.expect(290008)
    assert (report["OrdStatus"], report["CxlRejReason"]) == ("8", 20097)
    order = send_order(szse, Price=95_000)
    szse.expect(200102)
    szse.send(190007, **szse_cancel(fresh(), order))
    szse.expect(200102)
    szse.send(190007, **szse_cancel(fresh(), order))
    report = szse.expect(290008)
    assert (report["OrdStatus"], report["CxlRejReason"]) == ("4", 20096)


@card("SZSE-205", "a rejected order gives 8/8 with the reason", f"{TEXT} 7.1.1")
@card("SZSE-216", "price: limits 20009, tick 20008", "SZSE reject codes")
@card("SZSE-217", "quantity: lots 20010, zero and above the maximum 20011", "SZSE reject codes")
@card("SZSE-206", "a combination outside table 4-7 gives 20076", f"{TEXT} table 4-7")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Price": 120_000}, 20009),
        ({"Price": 100_050}, 20008),
        ({"OrderQty": 15_000}, 20010),
        ({"OrderQty": 0}, 20011),
        ({"OrderQty": 100_010_000}, 20011),
        ({"TimeInForce": "3"}, 20076),
        ({"OrdType": "1", "MaxPriceLevels": 3}, 20076),
        ({"OrdType": "1", "TimeInForce": "3", "MinQty": 5_000}, 20076),
    ],
)
def test_rejected_orders(szse: Peer, changes: Message, reason: int) -> None:
    number = send_order(szse, **changes)
    report = szse.expect(200102)
    assert (report["ExecType"], report["OrdStatus"], report["ClOrdID"]) == ("8", "8", number)
    assert (report["OrdRejReason"], report["CumQty"], report["LeavesQty"]) == (reason, 0, 0)


@card(
    "SZSE-207", "a basic check that fails gives BusinessReject without index", f"{TEXT} 3.3, 3.15"
)
@card("SZSE-218", "BusinessReject names application, PBU and security", f"{TEXT} ch. 4")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SecurityID": "399999"}, 20102),
        ({"ApplID": "020"}, 20101),
        ({"SubmittingPBUID": "999999"}, 20105),
        ({"Side": "X"}, 20106),
    ],
)
def test_basic_checks(szse: Peer, changes: Message, reason: int) -> None:
    number = send_order(szse, **changes)
    reject = szse.expect(4)
    assert (reject["BusinessRejectReason"], reject["BusinessRejectRefID"]) == (reason, number)
    assert (reject["RefMsgType"], reject["RefSeqNum"]) == (100101, 0)
    asked = szse_order(number, **changes)
    for name in ("ApplID", "SubmittingPBUID", "SecurityID", "SecurityIDSource"):
        assert reject[name] == asked[name]


@card("SZSE-208", "a duplicate ClOrdID gives BusinessReject with a parameter code", "our choice")
def test_duplicate(szse: Peer) -> None:
    number = send_order(szse, Price=95_000)
    szse.expect(200102)
    szse.send(100101, **szse_order(number))
    assert szse.expect(4)["BusinessRejectReason"] == 20099


@card("SZSE-209", "what a market order leaves is cancelled by an own 4/4", f"{TEXT} 3.4")
def test_market_rest_is_cancelled() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("szse", addresses[2])
        client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
        send_order(client, Side="2")
        client.expect(200102)
        order = send_order(client, OrdType="1", TimeInForce="3", OrderQty=30_000, Price=0)
        assert client.expect(200102)["ExecType"] == "0"
        for _ in range(2):
            client.expect(200115)
        report = client.expect(200102)
        assert (report["ExecType"], report["OrdStatus"]) == ("4", "4")
        assert (report["ClOrdID"], report["OrigClOrdID"]) == (order, "")
        assert (report["CumQty"], report["LeavesQty"]) == (10_000, 0)
        client.close()


@card("SZSE-210", "outside its hours the platform refuses with BusinessReject", f"{TEXT} 3.3")
@pytest.mark.parametrize(
    ("moment", "state", "reason"),
    [
        ("09:00:00", 0, 20104),
        ("09:27:00", 3, 20104),
        ("12:00:00", 3, 20104),
        ("15:10:00", 4, 20065),
    ],
)
def test_closed_platform(moment: str, state: int, reason: int) -> None:
    with serving(play(moment)) as addresses:
        client = connect("szse", addresses[2])
        szse_logon(client)
        client.expect(1)
        assert client.expect(6)["PlatformState"] == state
        client.expect(9)
        send_order(client)
        assert client.expect(4)["BusinessRejectReason"] == reason
        client.close()


@card("SZSE-211", "the end of a stream is 7 on the next index", f"{TEXT} 5.4")
def test_report_finished() -> None:
    with serving(play("14:59:57", "15:01:00", 63_000)) as addresses:
        client = logged_on("szse", addresses[2])
        client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
        send_order(client)
        client.expect(200102)
        assert client.expect(6)["PlatformState"] == 4
        assert client.expect(7) == {"PartitionNo": 1, "ReportIndex": 2, "PlatformID": 1}
        client.close()


@card(
    "SZSE-212", "after hours orders match at the close, in order of time", "SZSE rules; rules 3.1"
)
def test_after_hours_fixed_price() -> None:
    fixed = {**SZSE, "platform": 2}
    listed = {
        "market": "szse",
        "code": "000001",
        "prev_close_e5": 1_000_000,
        "fixed_price": True,
    }
    clock = play("15:04:57", "15:06:00", 63_000)
    with serving(clock, gateways=[fixed], securities=[listed]) as addresses:
        client = logged_on("szse", addresses[0])
        parts = [{"PartitionNo": part, "ReportIndex": 1} for part in (1, 2)]
        client.send(5, NoPartitions=parts)
        for number, side, price in [("AFTER00001", "1", 101_000), ("AFTER00002", "2", 99_000)]:
            fields = szse_order(number, ApplID="370", Side=side, Price=price)
            del fields["TimeInForce"]
            client.send(103701, **fields)
            assert client.expect(203702)["OrdStatus"] == "0"
        assert [client.expect(203715)["LastPx"] for _ in range(2)] == [100_000, 100_000]
        client.close()
