"""Cards of the Shanghai gateway: the frame, and what stands in the fields of its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panshi.rig.venue import SSE, play, serving
from tests.integration.conformance.cards import card
from tests.integration.conformance.conftest import logged_on
from tests.integration.conformance.shanghai import (
    TEXT,
    fresh,
    order_bytes,
    send_cancel,
    send_order,
    sync,
    trade,
)

if TYPE_CHECKING:
    from panshi.rig.peer import Address, Message, Peer

pytestmark = pytest.mark.integration

BLANK_ID = ""


@card("SSE-122", "MsgSeqNum begins at 1 in every session and rises by one", f"{TEXT} 4.1")
def test_each_session_counts_its_messages_from_one(open_venue: list[Address]) -> None:
    for _ in range(2):
        client = logged_on("sse", open_venue[0])
        sync(client, sync(client, 4_000_000_000) + 1)
        for _ in range(3):
            trade(client, Price=950_000)
        assert client.seqs == list(range(1, 9))
        client.close()


@card("SSE-123", "the auction gateway does not insist on the client's MsgSeqNum", f"{TEXT} 4.1")
def test_the_sequence_number_of_a_client_does_not_matter(sse: Peer) -> None:
    for seq in (700, 2, 2):
        number = fresh()
        sse.send_bytes(order_bytes(number, seq))
        assert sse.expect(32)["ClOrdID"] == number


@card(
    "SSE-222", "prices times 100000, quantities times 1000, amounts times 100000", f"{TEXT} 4.1.3"
)
@card("SSE-223", "times are HHMMSSssnnnnn in 100 ns, dates YYYYMMDD", f"{TEXT} 4.1.3")
def test_numbers_have_the_units_of_the_text(sse: Peer) -> None:
    code = {"SecurityID": "600001", "Price": 1_012_000}
    trade(sse, Side="2", OrderQty=300_000, **code)
    buy = trade(sse, OrderQty=300_000, **code)
    fill = sse.expect(103)
    sse.expect(103)
    assert (fill["LastPx"], fill["LastQty"]) == (1_012_000, 300_000)
    assert fill["GrossTradeAmt"] == 3_036 * 100_000, "300 shares at 10.12 yuan are 3036 yuan"
    for report in (buy, fill):
        assert report["TradeDate"] == 20230711
        assert 100_000_000_000 <= report["TransactTime"] < 2_359_599_999_999
    entered = fill["OrderEntryTime"]
    assert 100_000_000_000 <= entered <= fill["TransactTime"]


@card("SSE-224", "fields that the platform does not enable are zero or blank", f"{TEXT} 4.1.3, 4.3")
@card("SSE-225", "OrdCnfmID is told with an acceptance only", f"{TEXT} 4.3.3")
def test_fields_without_use_are_blank(sse: Peer) -> None:
    order = send_order(sse, Price=950_000, OwnerType=1, BranchID="00001")
    accepted = sse.expect(32)
    send_cancel(sse, order, OwnerType=1, BranchID="00001", Account="A000000001")
    cancelled = sse.expect(32)
    send_cancel(sse, order, BranchID="00001")
    refused = sse.expect(59)
    send_order(sse, Price=1)
    rejected = sse.expect(32)
    for report in (accepted, cancelled, rejected):
        assert (report["OwnerType"], report["OrigOrdCnfmID"]) == (0, BLANK_ID)
    assert len(accepted["OrdCnfmID"]) == 16
    assert (cancelled["OrdCnfmID"], rejected["OrdCnfmID"]) == (BLANK_ID, BLANK_ID)
    assert accepted["BranchID"] == "00001"
    assert refused["BranchID"] == BLANK_ID
    assert (accepted["OrigClOrdID"], rejected["OrigClOrdID"]) == (BLANK_ID, BLANK_ID)
    assert (accepted["OrdRejReason"], cancelled["OrdRejReason"]) == (0, 0)


@card("SSE-226", "fields without meaning in a report are zero", f"{TEXT} 5.5; zero is our choice")
def test_quantities_without_meaning_are_zero(sse: Peer) -> None:
    accepted = trade(sse, Price=950_000)
    assert (accepted["LeavesQty"], accepted["CxlQty"]) == (0, 0)
    send_order(sse, Price=1)
    rejected = sse.expect(32)
    assert (rejected["LeavesQty"], rejected["CxlQty"]) == (0, 0)
    assert (rejected["Price"], rejected["OrderQty"]) == (1, 100_000)
    send_cancel(sse, accepted["ClOrdID"])
    assert sse.expect(32)["LeavesQty"] == 0


@card("SSE-227", "margin trading is for credit accounts alone: 274, 275", "SSE IS111 3.28")
@card("SSE-228", "a short sale must be a limit order: 13450", f"{TEXT} 5.6; SSE IS111 3.28")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CreditTag": "RZ"}, 274),
        ({"Account": "E000000001"}, 275),
        ({"Account": "E000000001", "CreditTag": "RQ", "Side": "2", "OrdType": "1"}, 13450),
    ],
)
def test_margin_orders_that_do_not_hold(sse: Peer, changes: Message, reason: int) -> None:
    send_order(sse, **changes)
    report = sse.expect(32)
    assert (report["ExecType"], report["OrdRejReason"]) == ("8", reason)


@card("SSE-229", "XY, RZ, RQ and PC of credit accounts are taken and echoed", f"{TEXT} 5.6")
@pytest.mark.parametrize("tag", ["XY", "RZ", "RQ", "PC"])
def test_margin_orders_are_taken(sse: Peer, tag: str) -> None:
    order = trade(sse, Account="E000000001", CreditTag=tag, Price=950_000)
    assert (order["CreditTag"], order["Account"]) == (tag, "E000000001")


@card("SSE-230", "an amount that its field cannot hold is -1 in 0.57", f"{TEXT} 4.3.4")
@card("SSE-231", "0.58 has no bound of amounts and of quantities", "SSE IS122 Binary 0.58")
@pytest.mark.parametrize(("profile", "amount"), [("0.57", -1), ("0.58", 1_000_000_000 * 100_000)])
def test_large_amounts(profile: str, amount: int) -> None:
    listed = {
        "market": "sse",
        "code": "600000",
        "set_id": 1,
        "prev_close_e5": 1000 * 100_000,
        "limit_max": 2_000_000_000,
    }
    with serving(play("10:00:00"), securities=[listed], sse={"profile": profile}) as addresses:
        client = logged_on("sse", addresses[0])
        sync(client)
        whole = {"Price": 1000 * 100_000, "OrderQty": 1_000_000 * 1000}
        trade(client, Side="2", **whole)
        trade(client, **whole)
        fills = [client.expect(103) for _ in range(2)]
        assert [fill["GrossTradeAmt"] for fill in fills] == [amount, amount]
        send_order(client, OrderQty=1_000_000_000 * 1000)
        if profile == "0.57":
            assert client.expect(204)["OrdRejReason"] == 13612
        else:
            assert client.expect(32)["ExecType"] == "0"
        client.close()


@card(
    "SSE-232", "a channel that only reports refuses orders: 10000", "SSE report channel guide 3.0"
)
def test_a_channel_for_reports_takes_no_orders() -> None:
    desk = {**SSE, "pbus": ["20001"]}
    channel = {**SSE, "pbus": ["20001"], "addresses": ["127.0.0.1:0"], "reports_only": True}
    with serving(play("10:00:00"), gateways=[desk, channel]) as addresses:
        sender, reader = logged_on("sse", addresses[0]), logged_on("sse", addresses[2])
        sync(reader)
        number = send_order(sender)
        assert reader.expect(32)["ClOrdID"] == number
        send_order(reader)
        assert reader.expect(204)["OrdRejReason"] == 10000
        send_cancel(reader, number)
        assert reader.expect(204)["OrdRejReason"] == 10000
        sender.close()
        reader.close()
