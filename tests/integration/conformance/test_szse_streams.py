"""Cards of the Shenzhen gateway: frame, fields, states by the clock, streams after a break."""

from __future__ import annotations

import pytest

from panshi.rig.messages import szse_logon, szse_order
from panshi.rig.peer import Peer, connect
from panshi.rig.venue import SZSE, play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import answered_logon, logged_on
from tests.integration.conformance.shenzhen import (
    TEXT,
    fresh,
    send_cancel,
    send_order,
    sync,
    trade,
)
from tests.integration.conformance.test_szse import whole

pytestmark = pytest.mark.integration

STILL_MS = 3_600_000
"""A second of the day that takes an hour: the moment stands still."""


@card("SZSE-112", "messages may come in pieces and together", "TCP")
def test_pieces(szse: Peer) -> None:
    for byte in whole(3, b"") + whole(3, b""):
        szse.send_bytes(bytes([byte]))
    szse.expect_silence()


@card("SZSE-113", "a message type that the platform does not take is rejected", f"{TEXT} 3.3")
def test_an_unknown_message_type(szse: Peer) -> None:
    szse.send_bytes(whole(999, b""))
    reject = szse.expect(4)
    assert (reject["RefMsgType"], reject["RefSeqNum"]) == (999, 0)
    szse.send(3)
    szse.expect_silence()


@card("SZSE-114", "a gateway that loses the exchange ends the session: 7", f"{TEXT} 2.2, 4.4.2")
def test_a_gateway_without_the_exchange() -> None:
    lost = {"action": {"not_ready": STILL_MS}, "msg_type": 200102}
    with serving(play("10:00:00"), faults=[lost]) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        trade(client)
        assert client.expect(2)["SessionStatus"] == 7
        client.close()
        again = connect("szse", addresses[2])
        szse_logon(again)
        assert again.expect(2)["SessionStatus"] == 7
        again.close()


@card("SZSE-115", "a wrong password is refused: 5", f"{TEXT} 4.4.2")
def test_a_password_must_be_right() -> None:
    right, wrong = ({"Password": word} for word in ("right", "wrong"))
    guarded = {**SZSE, "password": "right"}
    with serving(play("10:00:00"), gateways=[guarded]) as addresses:
        client = connect("szse", addresses[0])
        szse_logon(client, **wrong)
        assert client.expect(2)["SessionStatus"] == 5
        client.close()
        client = connect("szse", addresses[0])
        szse_logon(client, **right)
        assert client.expect(1)["Password"] == "", "no answer repeats it"
        client.close()


@card("SZSE-116", "orders may follow 5 at once", f"{TEXT} 3.15")
def test_orders_follow_the_request_at_once() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("szse", addresses[2])
        request = {"NoPartitions": [{"PartitionNo": 1, "ReportIndex": 1}]}
        client.send(5, **request)
        number = send_order(client)
        assert client.expect(200102)["ClOrdID"] == number
        client.close()


@card("SZSE-117", "BusinessReject is in no stream and does not come again", f"{TEXT} 3.15")
@card("SZSE-118", "after a break: 5 from the next index, then the reports missed", f"{TEXT} 3.15")
@card("SZSE-119", "orders stay at the exchange when the session is lost", f"{TEXT} 3.15")
def test_recovery_after_a_break() -> None:
    with serving(play("10:00:00")) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        first = trade(client, Price=95_000)
        send_order(client, SecurityID="399999")
        assert client.expect(4)["BusinessRejectReason"] == 20102
        missed = send_order(client, Price=95_000)
        client.expect(200102)
        client.close()
        again = logged_on("szse", addresses[2])
        sync(again, first["ReportIndex"] + 1)
        report = again.expect(200102)
        assert (report["ClOrdID"], report["ReportIndex"]) == (missed, first["ReportIndex"] + 1)
        send_cancel(again, first["ClOrdID"])
        assert again.expect(200102)["ExecType"] == "4"
        again.close()


@card("SZSE-120", "after the close 5 from index 1 replays the day to its end", f"{TEXT} 3.15")
def test_the_day_is_replayed_after_the_close() -> None:
    with serving(play("14:59:57", "15:01:00", 63_000)) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        trade(client, Side="2")
        trade(client)
        for _ in range(2):
            client.expect(200115)
        assert client.expect(6)["PlatformState"] == 4
        end = client.expect(7)
        client.close()
        again = logged_on("szse", addresses[2])
        sync(again)
        kinds = (200102, 200102, 200115, 200115)
        assert [again.expect(kind)["ReportIndex"] for kind in kinds] == [1, 2, 3, 4]
        assert again.expect(7) == end
        again.close()


@card("SZSE-121", "states by the clock: not open, upcoming, open, halt, close", f"{TEXT} table 3-1")
@pytest.mark.parametrize(
    ("moment", "end", "state"),
    [
        ("09:14:00", "09:14:01", 0),
        ("09:14:55", "09:14:56", 1),
        ("09:15:00", "09:15:01", 2),
        ("09:25:00", "09:25:01", 3),
        ("09:30:00", "09:30:01", 2),
        ("11:30:00", "11:30:01", 3),
        ("13:00:00", "13:00:01", 2),
        ("15:00:00", "15:00:01", 4),
    ],
)
def test_the_state_of_each_moment(moment: str, end: str, state: int) -> None:
    with serving(play(moment, end, STILL_MS)) as addresses:
        client, _ = answered_logon("szse", addresses[2])
        assert client.expect(6) == {"PlatformID": 1, "PlatformState": state}
        client.close()


@card("SZSE-122", "platform 2 has its own hours and takes its own orders only", f"{TEXT} table 3-1")
def test_the_second_platform() -> None:
    fixed = {**SZSE, "platform": 2}
    with serving(play("10:00:00"), gateways=[fixed]) as addresses:
        client, _ = answered_logon("szse", addresses[0])
        assert client.expect(6) == {"PlatformID": 2, "PlatformState": 2}
        assert client.expect(9)["PlatformID"] == 2
        send_order(client)
        assert client.expect(4)["BusinessRejectReason"] == 20101
        client.close()


@card(
    "SZSE-213", "a report echoes the request and names the PBU that it goes to", f"{TEXT} 3.16, 4.5"
)
@card("SZSE-214", "prices times 10000, quantities times 100", f"{TEXT} 6.1")
def test_reports_echo_the_request(szse: Peer) -> None:
    fields = szse_order(fresh(), Price=95_000, UserInfo="desk7", BranchID="0001")
    szse.send(100101, **fields)
    report = szse.expect(200102)
    same = (
        "ClOrdID",
        "SecurityID",
        "Side",
        "OrdType",
        "OrderQty",
        "Price",
        "AccountID",
        "BranchID",
    )
    assert {key: report[key] for key in same} == {key: fields[key] for key in same}
    assert report["UserInfo"] == "desk7"
    assert report["ReportingPBUID"] == report["SubmittingPBUID"] == "100100"
    send_cancel(szse, fields["ClOrdID"])
    szse.expect(200102)


@card("SZSE-215", "OrderID is unique across days, ExecID within a day", f"{TEXT} 6.3")
def test_ids_of_orders_and_executions() -> None:
    seen: list[tuple[str, str]] = []
    for day in (20230711, 20230712):
        clock = {**play("10:00:00"), "trade_date": day}
        with serving(clock, trade_date=day) as addresses:
            client = logged_on("szse", addresses[2])
            sync(client)
            reports = [trade(client, Side="2"), trade(client)]
            reports += [client.expect(200115) for _ in range(2)]
            executions = [report["ExecID"] for report in reports]
            assert len(set(executions)) >= 3, "a trade has one number for both of its sides"
            seen += [(str(day), report["OrderID"]) for report in reports[:2]]
            assert {report["OrderID"] for report in reports[2:]} == {
                report["OrderID"] for report in reports[:2]
            }
            client.close()
    assert len({order for _, order in seen}) == 4


@card("SZSE-123", "upcoming: orders wait for the opening", "our choice: szse.upcoming")
def test_orders_wait_while_the_opening_is_upcoming() -> None:
    with serving(play("09:14:56", "09:15:30", 34_000)) as addresses:
        client = logged_on("szse", addresses[2])
        sync(client)
        number = send_order(client)
        assert client.expect(6) == {"PlatformID": 1, "PlatformState": 2}
        report = client.expect(200102)
        assert (report["ClOrdID"], report["ExecType"]) == (number, "0")
        client.close()
