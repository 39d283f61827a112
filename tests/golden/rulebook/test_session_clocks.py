"""The whole day of every market, board and product, before and after 2026-07-06.

Each segment is its beginning, the phase, and four letters: what happens to an order and a cancel of
the auction platform, and to an order and a cancel of after-hours fixed-price trading; `a` accept,
`r` reject. Source: fact sheet 0 and 3.1, read by hand.
"""

import datetime as dt

import pytest

from panshi.domain.clock import format_day_ms
from panshi.domain.words import SCOPES, Scope
from panshi.rulebook.book import Rulebook
from panshi.rulebook.sessions import compute_session_clock

BOOK = Rulebook.load()
BEFORE, AFTER = dt.date(2026, 7, 3), dt.date(2026, 7, 6)

PLAIN = """
00:00 closed rrrr
09:15 opening_call aarr
09:20 opening_call_no_cancel arrr
09:25 opening_pause rrrr
09:30 continuous aarr
11:30 noon rrrr
13:00 continuous aarr
14:57 closing_call arrr
15:00 closed rrrr
"""
NO_CLOSING_CALL = PLAIN.replace("14:57 closing_call arrr\n", "")
SZSE_PAUSE = PLAIN.replace("opening_pause rrrr", "opening_pause aarr")
SSE_AFTER_HOURS = """
00:00 closed rrrr
09:15 opening_call aarr
09:20 opening_call_no_cancel arrr
09:25 opening_pause rrrr
09:30 continuous aaaa
11:30 noon rrrr
13:00 continuous aaaa
14:57 closing_call araa
15:00 fixed_price_pause rraa
15:05 fixed_price rraa
15:30 closed rrrr
"""
SZSE_AFTER_HOURS = """
00:00 closed rrrr
09:15 opening_call aaaa
09:20 opening_call_no_cancel araa
09:25 opening_pause rraa
09:30 continuous aaaa
11:30 noon rrrr
13:00 continuous aaaa
14:57 closing_call araa
15:00 fixed_price_pause rraa
15:05 fixed_price rraa
15:30 closed rrrr
"""
DAYS = {
    "sse/main/stock": (PLAIN, SSE_AFTER_HOURS),
    "sse/star/stock": (SSE_AFTER_HOURS, SSE_AFTER_HOURS),
    "sse/fund/fund": (NO_CLOSING_CALL, SSE_AFTER_HOURS),
    "sse/fund/etf_same_day": (NO_CLOSING_CALL, SSE_AFTER_HOURS),
    "sse/bond/convertible": (NO_CLOSING_CALL, NO_CLOSING_CALL),
    "szse/main/stock": (SZSE_PAUSE, SZSE_AFTER_HOURS),
    "szse/chinext/stock": (
        SZSE_AFTER_HOURS.replace("opening_pause rraa", "opening_pause aaaa"),
        SZSE_AFTER_HOURS,
    ),
    "szse/fund/fund": (SZSE_PAUSE, SZSE_AFTER_HOURS),
    "szse/fund/etf_same_day": (SZSE_PAUSE, SZSE_AFTER_HOURS),
    "szse/bond/convertible": (SZSE_PAUSE, PLAIN),
}


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@pytest.mark.parametrize("date", [BEFORE, AFTER], ids=str)
def test_the_whole_day(scope: Scope, date: dt.date) -> None:
    segments = [
        f"{format_day_ms(one.start_ms)[:5]} {one.phase} "
        f"{one.order[0]}{one.cancel[0]}{one.fixed_order[0]}{one.fixed_cancel[0]}"
        for one in compute_session_clock(BOOK.on(date), scope)
    ]
    assert segments == DAYS[str(scope)][date == AFTER].split("\n")[1:-1]
