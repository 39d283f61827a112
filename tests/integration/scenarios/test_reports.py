"""Scenarios of the report streams and the host's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panshi.venue.scenario import MESSAGES
from tests.integration.scenarios.desk import Desk, playing, plays, reason, shares, yuan

if TYPE_CHECKING:
    from panshi.wire.codec import Protocol

pytestmark = pytest.mark.integration


@plays("duplicated-and-reordered")
def test_some_reports_come_twice_and_some_fills_late(protocol: Protocol) -> None:
    with playing("duplicated-and-reordered", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        seen: dict[str, list[int]] = {"response": [], "fill": []}
        names = {MESSAGES[name][protocol]: name for name in ("response", "fill")}
        for _ in range(9):
            desk.order(yuan="10.01")
        # The last fill is held back until something follows it.
        desk.order()
        while len(set(seen["response"] + seen["fill"])) < 19:
            kind, fields = desk.read_one()
            seen[names[kind]].append(fields["ReportIndex"])
        assert sorted(set(seen["response"] + seen["fill"])) == list(range(1, 20))
        twice = [one for one in seen["response"] if seen["response"].count(one) == 2]
        assert len(twice) == 2 * 4
        assert seen["response"] == sorted(seen["response"])
        # The session of the order system is told of before.
        assert [scenario.next_told()["event"] for _ in range(2)] == ["session", "fault"]


@plays("index-gap")
def test_an_index_is_missing_also_when_asked_for_again(protocol: Protocol) -> None:
    with playing("index-gap", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        for _ in range(7):
            desk.order()
        assert desk.indices("response", 7) == [1, 2, 3, 4, 5, 7, 8]
        desk.ask(5)
        assert desk.indices("response", 3) == [5, 7, 8]


@plays("reject-burst")
def test_fifty_orders_are_rejected_and_the_next_is_taken(protocol: Protocol) -> None:
    with playing("reject-burst", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        for _ in range(3):
            desk.order()
            assert desk.expect("response")["ExecType"] == "0"
        for _ in range(51):
            desk.order()
        answers = [desk.expect("response") for _ in range(51)]
        code = {"sse": 10008, "szse": 29999}[protocol]
        assert {(one["ExecType"], reason(one)) for one in answers[:50]} == {("8", code)}
        assert answers[50]["ExecType"] == "0"


@plays("over-fill")
def test_more_is_filled_than_was_ordered(protocol: Protocol) -> None:
    with playing("over-fill", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        number = desk.order(yuan="10.01", qty=300)
        desk.expect("response")
        fills = [desk.expect("fill") for _ in range(2)]
        assert [one["ClOrdID"] for one in fills] == [number, number]
        assert [shares(one) for one in fills] == [300, 300]
        name = "TrdCnfmID" if protocol == "sse" else "ExecID"
        assert fills[0][name] != fills[1][name]
        desk.order(yuan="10.01")
        desk.expect("response")
        desk.expect("fill")
        desk.order()
        desk.expect("response")


@plays("price-outside-limits")
def test_the_first_fill_has_ten_times_its_price(protocol: Protocol) -> None:
    with playing("price-outside-limits", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        prices = []
        for _ in range(2):
            desk.order(yuan="10.01")
            desk.expect("response")
            prices.append(yuan(desk.expect("fill")))
        assert prices == [100.1, 10.01]


@plays("no-acknowledgements")
def test_what_was_not_acknowledged_can_be_asked_for_later(protocol: Protocol) -> None:
    with playing("no-acknowledgements", protocol, "--speed", "10") as scenario:
        desk = Desk(scenario, protocol).begin()
        desk.order()
        scenario.wait_for_strike(0)
        while True:
            desk.order()
            try:
                message = desk.client.read(0.2)
            except TimeoutError:
                continue
            assert message is not None
            if message["type"] == MESSAGES["response"][protocol]:
                break
        assert message["fields"]["ReportIndex"] > 1
        desk.ask(1)
        assert desk.indices("response", 2) == [1, 2]


@plays("busy-host")
def test_orders_above_the_rate_are_refused_outside_the_streams(protocol: Protocol) -> None:
    with playing("busy-host", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        for _ in range(60):
            desk.order()
        answers = [desk.read_one() for _ in range(60)]
        refused = [fields for kind, fields in answers if kind == MESSAGES["reject"][protocol]]
        taken = [fields for kind, fields in answers if kind == MESSAGES["response"][protocol]]
        assert len(refused) + len(taken) == 60
        assert len(taken) >= 20
        assert {reason(one) for one in refused} == {{"sse": 10008, "szse": 29999}[protocol]}


@plays("fill-storm")
def test_one_purchase_gets_two_thousand_fills(protocol: Protocol) -> None:
    with playing("fill-storm", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        desk.order(yuan="10.00", qty=200_000)
        desk.expect("response")
        fills = [desk.expect("fill") for _ in range(2_000)]
        assert [one["ReportIndex"] for one in fills] == list(range(2, 2_002))
        assert sum(shares(one) for one in fills) == 200_000
        assert fills[-1]["OrdStatus"] == "2"


@plays("suspended-security")
def test_suspended_and_unlisted_securities_are_refused(protocol: Protocol) -> None:
    with playing("suspended-security", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        desk.order()
        assert reason(desk.expect("response")) == {"sse": 213, "szse": 20007}[protocol]
        desk.order(SecurityID="600009" if protocol == "sse" else "000009")
        assert reason(desk.expect("reject")) == {"sse": 4012, "szse": 20102}[protocol]


@plays("limit-up")
def test_purchases_queue_and_sales_trade_at_the_limit(protocol: Protocol) -> None:
    with playing("limit-up", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        bought = desk.order(yuan="11.00")
        assert desk.expect("response")["ClOrdID"] == bought
        desk.order("S", yuan="10.50")
        desk.expect("response")
        assert yuan(desk.expect("fill")) == 11.0
        desk.order(yuan="11.01")
        assert reason(desk.expect("response")) == {"sse": 222, "szse": 20009}[protocol]
