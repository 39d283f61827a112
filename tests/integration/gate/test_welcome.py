"""A session that does not begin: the gateway took the logon and tells no state or no streams."""

import pytest

from panshi.rig.exchange import Exchange
from panshi.rig.gate import gateway
from panshi.rig.small_day import PROTOCOLS, SSE, SZSE
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

STATE = "state of the platform"
NO_ANSWER = 207
QUICK = {"retry_min_ms": 1, "retry_max_ms": 50, "welcome_timeout_ms": 200}


@pytest.mark.parametrize(
    ("market", "without", "missing"),
    [
        (SSE, 209, STATE),
        (SSE, 208, "list of streams"),
        (SSE, NO_ANSWER, "answer about a stream"),
        (SZSE, 6, STATE),
        (SZSE, 9, "list of streams"),
    ],
)
def test_a_session_that_does_not_begin_is_left(
    new_gate: NewGate, market: int, without: int, missing: str
) -> None:
    exchange = Exchange(PROTOCOLS[market], platform=market - 1)
    gate = new_gate(gateway(market, exchange.address, reconnect=QUICK))
    gate.launch()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon, without=without)
    if without == NO_ANSWER:
        session.expect(206)
    elif missing == STATE:
        exchange.expect_sync(session)
    exchange.answer_goodbye(session)
    exchange.logged_on()
    gate.wait_open()
    (row,) = gate.logged("exchange gateway does not begin its session")
    assert (row["missing"], row["waited_ms"]) == (missing, 200)
    (lost,) = gate.logged("exchange gateway lost")
    assert lost["cause"] == "unwelcome"
