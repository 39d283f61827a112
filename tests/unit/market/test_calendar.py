"""The calendar: equal to its source, and plain about where it ends."""

import datetime as dt
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError, OutsideCalendarError
from panshi.market.calendar import TradingCalendar, WorkingCalendar
from tests.calendar_table import compute_trading_days, compute_working_days, format_table

CALENDAR = TradingCalendar.load()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_tables_are_what_the_packages_say() -> None:
    for table, days in (
        (TradingCalendar, compute_trading_days()),
        (WorkingCalendar, compute_working_days()),
    ):
        assert table.TABLE.read_text(encoding="utf-8") == format_table(table, days)


def test_working_days_are_not_trading_days() -> None:
    working = WorkingCalendar.load()
    worked_saturday = dt.date(2026, 10, 10)
    assert working.holds(worked_saturday)
    assert not CALENDAR.is_trading_day(worked_saturday)
    assert not working.holds(dt.date(2026, 10, 1))
    # Three working days before Monday the 12th: Thursday, Friday and the worked Saturday.
    assert working.shift(dt.date(2026, 10, 7), 3) == worked_saturday
    with pytest.raises(OutsideCalendarError, match="working days ends on 2026-12-31"):
        working.holds(dt.date(2027, 1, 4))


def test_holidays_and_weekends_are_no_trading_days() -> None:
    assert CALENDAR.is_trading_day(dt.date(2026, 11, 20))
    assert not CALENDAR.is_trading_day(dt.date(2026, 11, 21))
    assert not CALENDAR.is_trading_day(dt.date(2026, 10, 1))


def test_neighbours_jump_over_the_national_holiday() -> None:
    assert CALENDAR.next_after(dt.date(2026, 9, 30)) == dt.date(2026, 10, 8)
    assert CALENDAR.previous_before(dt.date(2026, 10, 8)) == dt.date(2026, 9, 30)
    assert CALENDAR.shift(dt.date(2026, 10, 3), 2) == dt.date(2026, 10, 9)
    assert CALENDAR.count_from(dt.date(2026, 9, 30), dt.date(2026, 10, 9)) == 3
    assert CALENDAR.count_from(dt.date(1990, 1, 1), CALENDAR.first) == 1
    assert CALENDAR.count_from(dt.date(2026, 10, 9), dt.date(2026, 10, 8)) == 0


def test_a_date_past_the_end_says_where_the_table_ends() -> None:
    with pytest.raises(OutsideCalendarError, match="ends on 2026-12-31"):
        CALENDAR.is_trading_day(dt.date(2027, 1, 4))
    with pytest.raises(OutsideCalendarError, match="ends on 2026-12-31"):
        CALENDAR.next_after(dt.date(2026, 12, 31))
    with pytest.raises(OutsideCalendarError, match="2018-01-02"):
        CALENDAR.is_trading_day(dt.date(2017, 12, 29))
    with pytest.raises(OutsideCalendarError, match="begins on 2018-01-02"):
        CALENDAR.previous_before(dt.date(2018, 1, 2))


def test_a_step_of_zero_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        CALENDAR.shift(dt.date(2026, 10, 8), 0)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("day\n2026-01-05\n", 1),
        ("trade_date\n", 2),
        ("trade_date\n2026-01-05\n2026-01-05\n", 3),
        ("trade_date\n2026-01-05\n5 January\n", 3),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "days.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRecordError) as failure:
        TradingCalendar.load(path)
    assert failure.value.line == line


def test_days_ahead_are_counted_back_over_worked_weekends() -> None:
    working = WorkingCalendar.load()
    assert working.shift_back(dt.date(2026, 10, 12), 3) == dt.date(2026, 10, 8)
    assert working.shift_back(dt.date(2026, 10, 11), 1) == dt.date(2026, 10, 10)
    assert CALENDAR.shift_back(dt.date(2026, 10, 12), 3) == dt.date(2026, 9, 30)
    with pytest.raises(OutsideCalendarError, match="begins on 2018-01-02"):
        CALENDAR.shift_back(dt.date(2018, 1, 3), 2)
    with pytest.raises(ValueError, match="at least 1, found 0"):
        CALENDAR.shift_back(dt.date(2026, 10, 12), 0)


def test_the_last_day_of_a_month() -> None:
    working = WorkingCalendar.load()
    assert working.last_of_month(2026, 2) == dt.date(2026, 2, 28)
    assert CALENDAR.last_of_month(2026, 2) == dt.date(2026, 2, 27)
    assert CALENDAR.last_of_month(2026, 12) == dt.date(2026, 12, 31)
    with pytest.raises(OutsideCalendarError, match="ends on 2026-12-31"):
        working.last_of_month(2027, 1)
