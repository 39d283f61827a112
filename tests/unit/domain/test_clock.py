"""Market time in Shanghai."""

import datetime as dt

import pytest

from panshi.domain.clock import SHANGHAI, compute_market_ns, format_day_ms, parse_day_ms


def test_a_moment_of_a_trading_day_is_the_same_instant_everywhere() -> None:
    moment = dt.datetime(2026, 11, 20, 14, 57, tzinfo=SHANGHAI)
    day_ms = parse_day_ms("14:57:00")
    assert compute_market_ns(dt.date(2026, 11, 20), day_ms) == int(moment.timestamp()) * 10**9


@pytest.mark.parametrize("text", ["00:00:00", "09:15:00", "14:57:00.250", "23:59:59.999"])
def test_times_survive_writing_and_parsing(text: str) -> None:
    assert format_day_ms(parse_day_ms(text)) == text


@pytest.mark.parametrize("text", ["24:00:00", "9:15", "noon", ""])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_day_ms(text)
