"""The session clock at its edges."""

import datetime as dt

import pytest

from panshi.domain.clock import parse_day_ms
from panshi.domain.words import Acceptance, Board, Market, OrderKind, Phase, Product, Scope
from panshi.rulebook.book import Rulebook
from panshi.rulebook.sessions import allowed_order_kinds, compute_session_clock, segment_at

RULES = Rulebook.load().on(dt.date(2026, 11, 20))
SSE_MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
SZSE_MAIN = Scope(Market.SZSE, Board.MAIN, Product.STOCK)
YES, NO = Acceptance.ACCEPT, Acceptance.REJECT


@pytest.mark.parametrize(
    ("time", "phase", "order", "cancel"),
    [
        ("09:14:59.999", Phase.CLOSED, NO, NO),
        ("09:15:00", Phase.OPENING_CALL, YES, YES),
        ("09:19:59.999", Phase.OPENING_CALL, YES, YES),
        ("09:20:00", Phase.OPENING_CALL_NO_CANCEL, YES, NO),
        ("09:25:00", Phase.OPENING_PAUSE, NO, NO),
        ("09:30:00", Phase.CONTINUOUS, YES, YES),
        ("11:29:59.999", Phase.CONTINUOUS, YES, YES),
        ("11:30:00", Phase.NOON, NO, NO),
        ("13:00:00", Phase.CONTINUOUS, YES, YES),
        ("14:56:59.999", Phase.CONTINUOUS, YES, YES),
        ("14:57:00", Phase.CLOSING_CALL, YES, NO),
        ("15:00:00", Phase.FIXED_PRICE_PAUSE, NO, NO),
        ("15:05:00", Phase.FIXED_PRICE, NO, NO),
        ("15:30:00", Phase.CLOSED, NO, NO),
    ],
)
def test_the_day_of_an_sse_share(
    time: str, phase: Phase, order: Acceptance, cancel: Acceptance
) -> None:
    segment = segment_at(compute_session_clock(RULES, SSE_MAIN), parse_day_ms(time))
    assert (segment.phase, segment.order, segment.cancel) == (phase, order, cancel)


@pytest.mark.parametrize(
    ("scope", "time", "accepted"),
    [
        (SSE_MAIN, "09:29:59.999", NO),
        (SSE_MAIN, "09:30:00", YES),
        (SZSE_MAIN, "09:15:00", YES),
        (SSE_MAIN, "12:00:00", NO),
        (SSE_MAIN, "15:29:59.999", YES),
        (SSE_MAIN, "15:30:00", NO),
    ],
)
def test_after_hours_orders_have_their_own_windows(
    scope: Scope, time: str, accepted: Acceptance
) -> None:
    segment = segment_at(compute_session_clock(RULES, scope), parse_day_ms(time))
    assert segment.fixed_order == accepted


def test_a_moment_outside_the_day_is_refused() -> None:
    with pytest.raises(ValueError, match="must be within"):
        segment_at(compute_session_clock(RULES, SSE_MAIN), 86_400_000)


def test_markets_know_different_market_orders_and_none_in_a_call_auction() -> None:
    sse, szse = allowed_order_kinds(RULES, SSE_MAIN), allowed_order_kinds(RULES, SZSE_MAIN)
    assert sse[OrderKind.BEST5_LIMIT] == {Phase.CONTINUOUS}
    assert szse[OrderKind.BEST5_LIMIT] == frozenset()
    assert sse[OrderKind.FILL_OR_KILL] == frozenset()
    assert szse[OrderKind.FILL_OR_KILL] == {Phase.CONTINUOUS}
    for kinds in (sse, szse):
        for kind, phases in kinds.items():
            if kind not in (OrderKind.LIMIT, OrderKind.FIXED_PRICE):
                assert phases <= {Phase.CONTINUOUS}


def test_fixed_price_orders_are_unknown_where_after_hours_trading_is_off() -> None:
    before = Rulebook.load().on(dt.date(2023, 7, 11))
    assert allowed_order_kinds(before, SSE_MAIN)[OrderKind.FIXED_PRICE] == frozenset()
