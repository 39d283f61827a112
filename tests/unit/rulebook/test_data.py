"""The rules that come with the package: complete for every scope, dated, honest about sources."""

import datetime as dt
import itertools

import pytest

from panshi.domain.words import (
    SCOPES,
    Acceptance,
    Board,
    Market,
    OrderKind,
    Phase,
    Product,
    Scope,
    Side,
)
from panshi.rulebook.book import Rulebook
from panshi.rulebook.cage import load_cage
from panshi.rulebook.fees import load_fee_schedule
from panshi.rulebook.prices import LimitState, limit_ratio_bp
from panshi.rulebook.quantities import load_quantity_rule
from panshi.rulebook.sessions import allowed_order_kinds, compute_session_clock, segment_at

DATES = [dt.date(2023, 2, 1), dt.date(2023, 7, 11), dt.date(2026, 7, 3), dt.date(2026, 11, 20)]
BOOK = Rulebook.load()
SSE_MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
SZSE_MAIN = Scope(Market.SZSE, Board.MAIN, Product.STOCK)
FUND = Scope(Market.SSE, Board.FUND, Product.FUND)


@pytest.mark.parametrize("date", DATES, ids=str)
@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_every_scope_has_what_the_gate_asks_for(date: dt.date, scope: Scope) -> None:
    rules = BOOK.on(date)
    clock = compute_session_clock(rules, scope)
    assert clock[0].start_ms == 0
    assert clock[-1].end_ms == 86_400_000
    assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(clock))
    assert Phase.CONTINUOUS in allowed_order_kinds(rules, scope)[OrderKind.LIMIT]
    lots = load_quantity_rule(rules, scope)
    assert 0 < lots.buy_step <= lots.buy_min < lots.limit_max
    assert limit_ratio_bp(rules, scope, LimitState(listed_day=1_000)) is not None
    for side in Side:
        assert load_fee_schedule(rules, scope, side).commission_min_e5 > 0
    load_cage(rules, scope)
    assert rules.integer("settlement.sellable_after", scope) in (0, 1)
    assert rules.integer("program.hft.per_second", scope) == 300
    assert rules.integer("program.hft.per_day", scope) == 20_000


@pytest.mark.parametrize("date", DATES, ids=str)
def test_the_same_rules_exist_on_every_date(date: dt.date) -> None:
    assert set(BOOK.on(date).rows) == set(BOOK.on(DATES[-1]).rows)


def test_a_row_that_rests_on_memory_is_not_called_verified() -> None:
    doubtful = ("[memory", "unknown", "assumed", "general knowledge", "conflict", "[memory-low]")
    for row in BOOK.rows:
        if any(word in row.source for word in doubtful):
            assert not row.verified, f"{row.file}, line {row.line}"


def test_risk_warning_limit_of_the_main_board_doubles_on_its_date() -> None:
    state = LimitState(listed_day=1_000, st=True)
    for scope in (SSE_MAIN, SZSE_MAIN):
        assert limit_ratio_bp(BOOK.on(dt.date(2026, 7, 3)), scope, state) == (500, 500)
        assert limit_ratio_bp(BOOK.on(dt.date(2026, 7, 6)), scope, state) == (1_000, 1_000)


def test_stamp_duty_is_halved_on_its_date_and_only_sellers_pay() -> None:
    before, after = BOOK.on(dt.date(2023, 8, 27)), BOOK.on(dt.date(2023, 8, 28))
    assert load_fee_schedule(before, SSE_MAIN, Side.SELL).stamp_e9 == 1_000_000
    assert load_fee_schedule(after, SSE_MAIN, Side.SELL).stamp_e9 == 500_000
    assert load_fee_schedule(after, SSE_MAIN, Side.BUY).stamp_e9 == 0


def test_after_hours_trading_reaches_all_shares_and_funds_on_its_date() -> None:
    at = 15 * 3_600_000 + 10 * 60_000
    for scope in (SSE_MAIN, SZSE_MAIN, FUND):
        old = segment_at(compute_session_clock(BOOK.on(dt.date(2026, 7, 3)), scope), at)
        new = segment_at(compute_session_clock(BOOK.on(dt.date(2026, 7, 6)), scope), at)
        assert (old.phase, old.fixed_order) == (Phase.CLOSED, Acceptance.REJECT)
        assert (new.phase, new.fixed_order) == (Phase.FIXED_PRICE, Acceptance.ACCEPT)


def test_sse_funds_close_by_auction_from_its_date() -> None:
    at = 14 * 3_600_000 + 58 * 60_000
    old = segment_at(compute_session_clock(BOOK.on(dt.date(2026, 7, 3)), FUND), at)
    new = segment_at(compute_session_clock(BOOK.on(dt.date(2026, 7, 6)), FUND), at)
    assert (old.phase, old.cancel) == (Phase.CONTINUOUS, Acceptance.ACCEPT)
    assert (new.phase, new.cancel) == (Phase.CLOSING_CALL, Acceptance.REJECT)


def test_the_szse_pause_before_opening_is_a_parameter_and_marked_unverified() -> None:
    for date in DATES:
        row = BOOK.on(date).row("session.opening_pause.order", SZSE_MAIN)
        assert row.value in [str(word) for word in Acceptance]
        assert not row.verified
