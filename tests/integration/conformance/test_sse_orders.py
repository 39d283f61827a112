"""Cards of the Shanghai gateway: orders, cancels, reports."""

import pytest

from panshi.rig.messages import sse_cancel, sse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.venue import SSE, play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import logged_on
from tests.integration.conformance.shanghai import TEXT, fresh, send_cancel, send_order, trade

pytestmark = pytest.mark.integration


@card("SSE-201", "a limit order is acknowledged, then filled with 103", f"{TEXT} 3.2.2")
@card("SSE-202", "reports echo the request's UserInfo and carry contiguous indices", f"{TEXT} 4.3")
def test_limit_orders_trade(sse: Peer) -> None:
    sale = trade(sse, Side="2", OrderQty=300_000)
    buy = trade(sse, UserInfo="desk9")
    assert buy["ReportIndex"] == sale["ReportIndex"] + 1
    assert (buy["UserInfo"], buy["Price"], buy["OrderQty"]) == ("desk9", 1_000_000, 100_000)
    fills = [sse.expect(103), sse.expect(103)]
    assert [fill["ClOrdID"] for fill in fills] == [buy["ClOrdID"], sale["ClOrdID"]]
    assert [fill["OrdStatus"] for fill in fills] == ["2", "1"]
    assert [fill["LeavesQty"] for fill in fills] == [0, 200_000]
    assert {fill["TrdCnfmID"] for fill in fills} == {fills[0]["TrdCnfmID"]}
    assert len(fills[0]["TrdCnfmID"]) == 16
    assert fills[0]["GrossTradeAmt"] == 1_000_000 * 100
    cancel = send_cancel(sse, sale["ClOrdID"])
    assert sse.expect(32)["ClOrdID"] == cancel


@card("SSE-203", "a cancel is answered 4/4 with both ids and the quantity", f"{TEXT} 4.3.3, 5.5")
def test_cancel(sse: Peer) -> None:
    order = send_order(sse, Price=950_000, OrderQty=500_000)
    sse.expect(32)
    cancel = send_cancel(sse, order)
    report = sse.expect(32)
    assert (report["ExecType"], report["OrdStatus"]) == ("4", "4")
    assert (report["ClOrdID"], report["OrigClOrdID"]) == (cancel, order)
    assert (report["CxlQty"], report["OrderQty"], report["Price"]) == (500_000, 500_000, 950_000)
    assert report["UserInfo"] == "desk2"


@card("SSE-204", "a cancel that fails is answered 59 with the reason", f"{TEXT} 3.2.2")
def test_cancel_reject(sse: Peer) -> None:
    order = send_order(sse, Price=950_000)
    sse.expect(32)
    first = send_cancel(sse, order)
    sse.expect(32)
    rejected = send_order(sse, Price=1_000_500)
    sse.expect(32)
    cases = [
        (send_cancel(sse, order), 13430),
        (send_cancel(sse, "NOSUCHORDR"), 13426),
        (send_cancel(sse, first), 13432),
        (send_cancel(sse, rejected), 13428),
        (send_cancel(sse, order, SecurityID="600001"), 13434),
    ]
    for number, reason in cases:
        report = sse.expect(59)
        assert (report["ClOrdID"], report["CxlRejReason"]) == (number, reason)


@card("SSE-205", "a business check that fails gives 8/8 in the stream", f"{TEXT} 3.2.2")
@card("SSE-233", "a price is not zero, on a tick, within limits: 219, 220, 222", "SSE IS111 3.28")
@card("SSE-234", "a quantity is above zero, in lots, no more than 228 allows", "SSE IS111 3.28")
@card("SSE-235", "no order to meet: 264, 265, 13594, 13596 by type", "SSE IS111 3.28")
@card("SSE-236", "a market order names a protection price: 13600", f"{TEXT} 4.3.1; IS111 3.28")
@card("SSE-237", "BizPbu must be of the same member: 19058", f"{TEXT} 5.2; IS111 3.28")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Price": 1_101_000}, 222),
        ({"Price": 899_000}, 222),
        ({"Price": 1_000_500}, 220),
        ({"Price": 0}, 219),
        ({"OrderQty": 150_000}, 227),
        ({"OrderQty": 0}, 225),
        ({"OrderQty": 1_000_100_000}, 228),
        ({"OrdType": "1", "SecurityID": "600001"}, 264),
        ({"OrdType": "3", "SecurityID": "600001"}, 265),
        ({"OrdType": "4", "SecurityID": "600001"}, 13594),
        ({"OrdType": "5", "SecurityID": "600001"}, 13596),
        ({"OrdType": "1", "Price": 0}, 13600),
        ({"BizPbu": "33333"}, 19058),
    ],
)
def test_business_reject(sse: Peer, changes: Message, reason: int) -> None:
    number = send_order(sse, **changes)
    report = sse.expect(32)
    assert (report["ExecType"], report["OrdStatus"], report["ClOrdID"]) == ("8", "8", number)
    assert report["OrdRejReason"] == reason


@card("SSE-206", "a pre-check that fails gives 204, which takes no index", f"{TEXT} 3.2.2, 4.4.1")
@card("SSE-207", "ClOrdID must be ten letters and digits: 5016", f"{TEXT} 4.3.1, 5.3")
@card("SSE-208", "wrong fields give the conversion codes 13608 to 13620", "SSE IS111 3.28")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ClOrdID": "SHORT"}, 5016),
        ({"ClOrdID": "BAD-CHARS!"}, 5016),
        ({"SecurityID": "688999"}, 4012),
        ({"BizID": 1}, 4012),
        ({"Side": "3"}, 13608),
        ({"Price": 1_000_000_000}, 13610),
        ({"OrderQty": 1_000_000_000_000}, 13612),
        ({"OrdType": "9"}, 13614),
        ({"TimeInForce": "3"}, 13616),
        ({"CreditTag": "ZZ"}, 13618),
        ({"BranchID": "65536"}, 13620),
    ],
)
def test_pre_check(sse: Peer, changes: Message, reason: int) -> None:
    before = trade(sse, Price=950_000)["ReportIndex"]
    message = {**sse_order(fresh()), **changes}
    sse.send(58, **message)
    report = sse.expect(204)
    assert (report["OrdRejReason"], report["ClOrdID"]) == (reason, message["ClOrdID"])
    assert report["UserInfo"] == "desk1"
    assert trade(sse, Price=950_000)["ReportIndex"] == before + 1


@card("SSE-238", "a cancel that fails the pre-check gives 204", f"{TEXT} 3.2.2")
def test_pre_check_of_a_cancel(sse: Peer) -> None:
    order = trade(sse, Price=950_000)["ClOrdID"]
    cases: list[tuple[Message, int]] = [({"ClOrdID": "NO-GOOD-ID"}, 5016), ({"BizID": 1}, 4012)]
    for changes, reason in cases:
        sse.send(61, **{**sse_cancel(fresh(), order), **changes})
        assert sse.expect(204)["OrdRejReason"] == reason
    send_cancel(sse, order)
    assert sse.expect(32)["ExecType"] == "4"


@card("SSE-239", "all 32 bytes of UserInfo come back", f"{TEXT} 4.3.1, 5.4")
def test_user_info_comes_back(sse: Peer) -> None:
    words = "strategy0001" + 10 * " " + "0123456789"
    assert len(words) == 32
    assert trade(sse, Price=950_000, UserInfo=words)["UserInfo"] == words
    number = send_order(sse, Price=0, UserInfo=words)
    report = sse.expect(32)
    assert (report["ClOrdID"], report["UserInfo"]) == (number, words)


@card("SSE-209", "the same BizPbu and ClOrdID again gives 204 with 11270", f"{TEXT} 3.2.4")
@card("SSE-210", "orders and cancels share the ids; another PBU does not", f"{TEXT} 3.2.4")
def test_duplicates(sse: Peer) -> None:
    order = send_order(sse, Price=950_000)
    sse.expect(32)
    sse.send(58, **sse_order(order, Price=950_000))
    assert sse.expect(204)["OrdRejReason"] == 11270
    sse.send(61, **sse_cancel(order, order))
    assert sse.expect(204)["OrdRejReason"] == 11270
    sse.send(58, **sse_order(order, Price=950_000, BizPbu="20002"))
    assert sse.expect(32)["ExecType"] == "0"


@card(
    "SSE-211", "best five: the ack tells what was cancelled, then the fills", f"{TEXT} 3.2.2, 5.5"
)
@card("SSE-212", "types 3, 4, 5: the ack tells what became a limit order", f"{TEXT} 3.2.2, 5.5")
@card("SSE-213", "a cancelled market order shows price 0", f"{TEXT} 5.5")
def test_market_orders(sse: Peer) -> None:
    code = {"SecurityID": "600001"}
    for _ in range(2):
        trade(sse, Side="2", OrderQty=100_000, **code)
    ack = trade(sse, OrdType="1", OrderQty=300_000, Price=1_050_000, **code)
    assert (ack["CxlQty"], ack["LeavesQty"]) == (100_000, 0)
    for _ in range(4):
        sse.expect(103)
    trade(sse, Side="2", OrderQty=100_000, **code)
    ack = trade(sse, OrdType="5", OrderQty=300_000, Price=1_050_000, **code)
    assert (ack["CxlQty"], ack["LeavesQty"]) == (0, 200_000)
    sse.expect(103)
    sse.expect(103)
    send_cancel(sse, ack["ClOrdID"], **code)
    report = sse.expect(32)
    assert (report["Price"], report["CxlQty"], report["OrderQty"]) == (0, 200_000, 300_000)


@card("SSE-214", "NotOpen, Break and Close refuse with 204 and 5009", f"{TEXT} 3.2.3")
@pytest.mark.parametrize(
    ("moment", "state"), [("09:00:00", 0), ("09:26:00", 3), ("12:00:00", 3), ("15:10:00", 4)]
)
def test_states_that_take_no_orders(moment: str, state: int) -> None:
    with serving(play(moment)) as addresses:
        client = logged_on("sse", addresses[0])
        client.send(58, **sse_order("STATE00001"))
        assert client.expect(204)["OrdRejReason"] == 5009
        if state == 4:
            client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
            assert client.expect(207)["NoGroups"][0]["EndReportIndex"] == 1
            assert client.expect(210)["EndReportIndex"] == 1
        client.close()


@card("SSE-215", "PreOpen takes orders and forwards them when the platform opens", f"{TEXT} 3.2.3")
def test_pre_open_keeps_orders() -> None:
    with serving(play("09:29:55", "09:30:30", 35_000)) as addresses:
        client = logged_on("sse", addresses[0])
        client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
        client.expect(207)
        client.send(58, **sse_order("EARLY00001"))
        assert client.expect(209)["PlatformState"] == 2
        assert client.expect(32)["ClOrdID"] == "EARLY00001"
        client.close()


@card("SSE-216", "the opening call takes limit orders only (263)", "SSE IS111 3.28")
@card("SSE-217", "from 09:20 to 09:25 no cancel (13556)", "SSE trading rules 3.4.1; IS111 3.28")
@card("SSE-218", "the call auction trades at one price at 09:25", "SSE trading rules 3.6")
def test_opening_call() -> None:
    with serving(play("09:24:57", "09:26:00", 63_000)) as addresses:
        client = logged_on("sse", addresses[0])
        client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
        client.expect(207)
        order = send_order(client, Price=1_020_000)
        assert client.expect(32)["ExecType"] == "0"
        send_order(client, OrdType="1")
        assert client.expect(32)["OrdRejReason"] == 263
        send_cancel(client, order)
        assert client.expect(59)["CxlRejReason"] == 13556
        send_order(client, Side="2", Price=980_000)
        assert client.expect(32)["ExecType"] == "0"
        prices = [client.expect(103)["LastPx"] for _ in range(2)]
        assert prices == [1_000_000, 1_000_000]
        assert client.expect(209)["PlatformState"] == 3
        client.close()


@card("SSE-219", "at the end each stream ends once with 210 on its own index", f"{TEXT} 4.4.6")
def test_end_of_day() -> None:
    with serving(play("14:59:57", "15:01:00", 63_000)) as addresses:
        client = logged_on("sse", addresses[0])
        groups = [{"Pbu": "20001", "SetID": s, "BeginReportIndex": 1} for s in [1, 2, 20]]
        client.send(206, NoGroups=groups)
        client.expect(207)
        send_order(client)
        client.expect(32)
        assert client.expect(209)["PlatformState"] == 4
        ends = [client.expect(210) for _ in range(3)]
        assert [(end["SetID"], end["EndReportIndex"]) for end in ends] == [(1, 2), (2, 1), (20, 1)]
        client.close()


@card("SSE-220", "a gateway may receive the reports of another PBU of its member", f"{TEXT} 3.4")
@card(
    "SSE-221", "main and backup address lead to one gateway and one set of streams", f"{TEXT} 3.3"
)
def test_subscribed_pbu() -> None:
    own = {**SSE, "pbus": ["20001"]}
    other = {**SSE, "pbus": ["20002", "20001"], "addresses": ["127.0.0.1:0"]}
    with serving(play("10:00:00"), gateways=[own, other]) as addresses:
        reader = logged_on("sse", addresses[2])
        groups = [
            {"Pbu": pbu, "SetID": 1, "BeginReportIndex": 1} for pbu in ("20002", "20001", "20003")
        ]
        reader.send(206, NoGroups=groups)
        answers = reader.expect(207)["NoGroups"]
        assert [answer["RejReason"] for answer in answers] == [0, 0, 5011]
        for index, address in enumerate(addresses[:2], start=1):
            sender = logged_on("sse", address)
            number = send_order(sender)
            report = reader.expect(32)
            assert (report["Pbu"], report["ClOrdID"]) == ("20001", number)
            assert report["ReportIndex"] == index
            sender.close()
