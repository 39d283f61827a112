"""The market clock of a run."""

from __future__ import annotations

import itertools

import pytest

from panshi.demo.playing import build_plan
from panshi.domain.clock import parse_day_ms


@pytest.mark.parametrize("last", ["09:30:30", "10:30:00", "11:30:00", "14:00:00", "15:00:00"])
def test_segments_follow_each_other_and_cover_every_window(last: str) -> None:
    plan = build_plan(last, 60)
    for before, after in zip(plan.segments, plan.segments[1:], strict=False):
        assert before.from_ms < before.to_ms <= after.from_ms
    for first, end in plan.windows:
        played = [one for one in plan.segments if one.to_ms > first and one.from_ms < end]
        assert played[0].from_ms <= first
        assert played[-1].to_ms >= end
        for before, after in itertools.pairwise(played):
            assert before.to_ms == after.from_ms


def test_the_clock_is_no_faster_than_the_day_where_a_window_ends() -> None:
    plan = build_plan("10:30:00", 60)
    for moment in ("09:20:00", "09:25:00"):
        at = parse_day_ms(moment)
        (one,) = [s for s in plan.segments if s.from_ms < at < s.to_ms]
        assert one.wall_ms >= one.to_ms - one.from_ms


def test_the_continuous_trading_takes_the_wall_time_that_was_asked_for() -> None:
    opening = build_plan("09:30:10", 1).wall_ms
    assert build_plan("10:30:00", 61).wall_ms == opening + 60_000


def test_orders_between_the_windows_are_not_sent() -> None:
    plan = build_plan("10:30:00", 60)
    assert plan.covers(parse_day_ms("09:24:59"))
    assert not plan.covers(parse_day_ms("09:27:00"))
    assert not plan.covers(parse_day_ms("10:30:00"))
    assert plan.played == ("09:15:00", "10:30:00")


@pytest.mark.parametrize("last", ["09:20:00", "15:00:01", "25:00:00", "9:31:00", "10:60:00", "abc"])
def test_a_last_moment_outside_the_trading_day_is_refused(last: str) -> None:
    words = f"must be 09:30:10 or later and 15:00:00 at most, written HH:MM:SS, found {last}"
    with pytest.raises(ValueError, match=words):
        build_plan(last, 60)
