"""Scenarios of the line and the session: what each does to the bytes and the connection."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from panshi.venue.scenario import MESSAGES
from tests.integration.scenarios.desk import LOGOUT, Desk, playing, plays

if TYPE_CHECKING:
    from panshi.wire.codec import Protocol

pytestmark = pytest.mark.integration

NOT_READY = {"sse": 5006, "szse": 7}
HEARTBEAT_S = {"sse": 5, "szse": 1}
"""The shortest interval that each market takes."""


@plays("slow-exchange")
def test_every_report_comes_late(protocol: Protocol) -> None:
    with playing("slow-exchange", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        sent = time.monotonic()
        desk.order(yuan="10.01")
        desk.expect("response")
        desk.expect("fill")
        assert time.monotonic() - sent >= 0.4


@plays("slow-line")
def test_messages_come_in_pieces_at_so_many_bytes_a_second(protocol: Protocol) -> None:
    with playing("slow-line", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        scenario.wait_for_strike(0)
        sent = time.monotonic()
        for _ in range(10):
            desk.order()
        size = 0
        while size < 10 * 100:
            piece = desk.client.receive()
            assert piece is not None
            size += len(piece)
        assert time.monotonic() - sent >= (size - 233) / 1000


@plays("not-ready-0915")
def test_sessions_end_and_logons_are_refused_while_the_gateway_is_not_ready(
    protocol: Protocol,
) -> None:
    with playing("not-ready-0915", protocol, "--speed", "10") as scenario:
        desk = Desk(scenario, protocol).begin()
        for _ in range(2):
            kind, fields = desk.read_one()
            assert (kind, fields["SessionStatus"]) == (LOGOUT[protocol], NOT_READY[protocol])
            desk.client.close()
            desk.client = desk.try_logon()
        desk.client.close()
        desk.log_on_again(1)


@plays("exchange-lost")
def test_the_gateway_comes_back_with_its_streams(protocol: Protocol) -> None:
    with playing("exchange-lost", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        for index in range(1, 11):
            desk.order()
            assert desk.indices("response", 1) == [index]
        kind, fields = desk.read_one()
        assert (kind, fields["SessionStatus"]) == (LOGOUT[protocol], NOT_READY[protocol])
        desk.client.close()
        desk.log_on_again(8)
        assert desk.indices("response", 3) == [8, 9, 10]


@plays("disconnect-in-burst")
def test_a_cut_keeps_what_was_not_sent_in_the_stream(protocol: Protocol) -> None:
    with playing("disconnect-in-burst", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        # What is on its way when the line is cut may be lost with it, or not be taken any more.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(30):
                desk.order()
        had = desk.until_end()
        assert had == [MESSAGES["response"][protocol]] * len(had)
        assert len(had) <= 20
        desk.log_on_again(len(had) + 1)
        behind = rest(desk)
        assert behind == list(range(len(had) + 1, behind[-1] + 1))
        assert behind[-1] > 20


def rest(desk: Desk) -> list[int]:
    """Return the indices up to that of one more order, which is the last."""
    number = desk.order()
    indices: list[int] = []
    while True:
        response = desk.expect("response")
        indices.append(response["ReportIndex"])
        if response["ClOrdID"] == number:
            return indices


@plays("half-message")
def test_half_a_message_ends_the_connection(protocol: Protocol) -> None:
    with playing("half-message", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        desk.order()
        first = desk.client.receive()
        assert first is not None
        for _ in range(4):
            desk.order()
        assert desk.indices("response", 3) == [2, 3, 4]
        assert desk.client.receive() is None
        assert len(desk.client.buffer) == len(first) // 2
        desk.log_on_again(5)
        assert desk.indices("response", 1) == [5]


@plays("bad-checksum")
def test_a_message_with_a_wrong_checksum_is_right_when_asked_for_again(protocol: Protocol) -> None:
    with playing("bad-checksum", protocol) as scenario:
        desk = Desk(scenario, protocol).begin()
        for _ in range(5):
            desk.order()
        assert desk.indices("response", 4) == [1, 2, 3, 4]
        wrong = desk.client.receive()
        assert wrong is not None
        assert int.from_bytes(wrong[-4:], "big") != sum(wrong[:-4]) % 256
        desk.ask(5)
        assert desk.indices("response", 1) == [5]


@plays("half-open-line")
def test_nothing_comes_through_until_the_gateway_gives_the_session_up(protocol: Protocol) -> None:
    with playing("half-open-line", protocol) as scenario:
        desk = Desk(scenario, protocol, heartbeat_s=HEARTBEAT_S[protocol]).begin()
        for index in range(1, 6):
            desk.order()
            assert desk.indices("response", 1) == [index]
        desk.order()
        desk.client.expect_silence()
        desk.log_on_again(6)
        assert desk.indices("response", 1) == [6]


@plays("no-heartbeats")
def test_the_gateway_answers_but_is_silent_otherwise(protocol: Protocol) -> None:
    with playing("no-heartbeats", protocol) as scenario:
        desk = Desk(scenario, protocol, heartbeat_s=HEARTBEAT_S[protocol]).begin()
        scenario.wait_for_strike(0)
        desk.order()
        message = desk.client.read()
        assert message is not None
        assert message["type"] == MESSAGES["response"][protocol]
