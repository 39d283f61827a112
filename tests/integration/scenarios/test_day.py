"""Scenarios of the day: states, auctions, the end; and that every scenario has its test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from panshi.venue.scenario import MESSAGES, list_scenarios
from tests.integration.scenarios import test_line, test_reports
from tests.integration.scenarios.desk import (
    END,
    SCENARIOS,
    STREAMS,
    Desk,
    playing,
    plays,
    reason,
    shares,
    yuan,
)

if TYPE_CHECKING:
    from panshi.rig.peer import Message
    from panshi.wire.codec import Protocol

pytestmark = pytest.mark.integration

NO_CANCEL = {
    "sse": {"opening": 13556, "closing": 412},
    "szse": {"opening": 20006, "closing": 20006},
}


def wait_for_no_cancel(desk: Desk) -> Message:
    """Place and cancel orders until a cancel is refused; return the refusal."""
    while True:
        order = desk.order()
        desk.expect("response")
        desk.cancel(order)
        kind, fields = desk.read_one()
        if kind == MESSAGES["cancel_reject"][desk.protocol]:
            return fields


@plays("normal-day")
def test_a_day_goes_through_every_state_and_ends_its_streams(protocol: Protocol) -> None:
    with playing("normal-day", protocol, "--speed", "10") as scenario:
        desk = Desk(scenario, protocol).begin()
        states, fills, ends = [0], [], 0
        field = "PlatformState"
        while ends < len(STREAMS[protocol]):
            kind, fields = desk.read_one()
            if kind == MESSAGES["state"][protocol]:
                states.append(fields[field])
                if fields[field] == 2 and states.count(2) in {1, 3}:
                    desk.order(yuan="10.00")
            elif kind == MESSAGES["fill"][protocol]:
                fills.append((yuan(fields), shares(fields)))
            ends += kind == END[protocol]
        assert states == [0, 1, 2, 3, 1, 2, 3, 1, 2, 4]
        assert fills == [(10.0, 100)] * 2
        desk.client.close()
        assert scenario.process.wait() == 0
        assert scenario.process.stdout is not None
        served = json.loads(scenario.process.stdout.readlines()[-1])
        assert served["event"] == "served"


@plays("state-flaps-1130")
def test_the_state_flaps_before_and_after_the_break(protocol: Protocol) -> None:
    with playing("state-flaps-1130", protocol, "--speed", "8") as scenario:
        desk = Desk(scenario, protocol).begin()
        states: list[int] = []
        refused: list[int] = []
        while len(states) < 7 or len(refused) < 4:
            kind, fields = desk.read_one()
            if kind == MESSAGES["state"][protocol]:
                states.append(fields["PlatformState"])
                if states[-1] == 3:
                    desk.order()
            elif kind == MESSAGES["reject"][protocol]:
                refused.append(reason(fields))
        assert states == [3, 2, 3, 2, 3, 2, 3]
        assert set(refused) == {{"sse": 5009, "szse": 20104}[protocol]}


@plays("opening-auction-volatile")
def test_the_opening_auction_trades_at_a_price_that_came_late(protocol: Protocol) -> None:
    with playing("opening-auction-volatile", protocol, "--speed", "8") as scenario:
        desk = Desk(scenario, protocol).begin()
        number = desk.order(yuan="11.00", qty=200)
        assert desk.expect("response")["ClOrdID"] == number
        assert reason(wait_for_no_cancel(desk)) == NO_CANCEL[protocol]["opening"]
        fill = desk.expect("fill")
        assert (fill["ClOrdID"], yuan(fill), shares(fill)) == (number, 10.9, 200)
        assert desk.expect("state")["PlatformState"] == 3


@plays("closing-auction")
def test_the_closing_auction_takes_limit_orders_only_and_trades_once(protocol: Protocol) -> None:
    with playing("closing-auction", protocol, "--speed", "10") as scenario:
        desk = Desk(scenario, protocol).begin()
        assert reason(wait_for_no_cancel(desk)) == NO_CANCEL[protocol]["closing"]
        market = (
            {"OrdType": "1"}
            if protocol == "sse"
            else {"OrdType": "1", "TimeInForce": "3", "MaxPriceLevels": 5}
        )
        desk.order(yuan="10.00", **market)
        assert reason(desk.expect("response")) == {"sse": 263, "szse": 20006}[protocol]
        number = desk.order(yuan="10.10")
        assert desk.expect("response")["ExecType"] == "0"
        fill = desk.expect("fill")
        assert (fill["ClOrdID"], yuan(fill)) == (number, 10.0)
        assert desk.expect("state")["PlatformState"] == 4


def test_every_scenario_is_played_by_a_test() -> None:
    modules = {test_line.__name__, test_reports.__name__}
    assert len(modules) == 2, "both put their tests on record"
    assert sorted(SCENARIOS) == sorted(list_scenarios())
