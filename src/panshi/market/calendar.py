"""Trading days of the exchanges, which are the same in both cities, and working days of offices.

The tables are checked in and made by `tests/calendar_table.py`: trading days from the package
exchange_calendars (XSHG), working days from chinesecalendar, which follows the yearly notice of the
State Council. A Saturday that is worked for a holiday is a working day and no trading day. A date
that a table does not cover is an error and never "no": the holidays of a year are fixed only late
in the year before it.
"""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from panshi.domain.errors import BadRecordError, OutsideCalendarError

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class DayTable:
    """Days of one sort between two dates, both of them such days, in order."""

    days: tuple[dt.date, ...]

    TABLE: ClassVar[Path]
    COLUMN: ClassVar[str]
    WORDS: ClassVar[str]
    """What a day of the sort is called."""
    CHINESE: ClassVar[str]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Load a table of days.

        Args:
            path: Text file, first line COLUMN, then one date YYYY-MM-DD a line, rising; None for
                the table that is checked in.

        Returns:
            The calendar.

        Raises:
            BadRecordError: If a line is no date, or does not lie after the line before it.
        """
        path = path or cls.TABLE
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines or lines[0] != cls.COLUMN:
            raise BadRecordError(path, 1, "", cls.COLUMN, lines[0] if lines else "nothing")
        days: list[dt.date] = []
        for number, line in enumerate(lines[1:], start=2):
            try:
                day = dt.date.fromisoformat(line)
            except ValueError as error:
                expected = "a date YYYY-MM-DD"
                raise BadRecordError(path, number, cls.COLUMN, expected, repr(line)) from error
            if days and day <= days[-1]:
                raise BadRecordError(path, number, cls.COLUMN, f"a day after {days[-1]}", line)
            days.append(day)
        if not days:
            raise BadRecordError(path, 2, cls.COLUMN, "at least one day", "nothing")
        return cls(tuple(days))

    @property
    def first(self) -> dt.date:
        """First day of the table."""
        return self.days[0]

    @property
    def last(self) -> dt.date:
        """Last day of the table."""
        return self.days[-1]

    def require_covered(self, day: dt.date) -> None:
        """Make sure that the table says something about a day.

        Args:
            day: Any date.

        Raises:
            OutsideCalendarError: If the day lies before or after the days of the table.
        """
        if not self.first <= day <= self.last:
            raise OutsideCalendarError(
                f"{self.CHINESE}日历: 日期须在 {self.first} 至 {self.last} 之间, 实为 {day} · "
                f"calendar: the table of {self.WORDS}s ends on {self.last} (and begins on "
                f"{self.first}), so the date must lie between them, found {day}"
            )

    def holds(self, day: dt.date) -> bool:
        """Return whether a day is of the sort.

        Args:
            day: Any date that the table covers.

        Returns:
            True for a day that stands in the table.

        Raises:
            OutsideCalendarError: If the table does not cover the day.
        """
        self.require_covered(day)
        index = bisect.bisect_left(self.days, day)
        return self.days[index] == day

    def next_after(self, day: dt.date) -> dt.date:
        """Return the first day of the sort after a day.

        Args:
            day: Any date that the table covers.

        Returns:
            The next such day.

        Raises:
            OutsideCalendarError: If the table does not cover the day or ends before the answer.
        """
        return self.shift(day, 1)

    def previous_before(self, day: dt.date) -> dt.date:
        """Return the last day of the sort before a day.

        Args:
            day: Any date that the table covers.

        Returns:
            The previous such day.

        Raises:
            OutsideCalendarError: If the table does not cover the day or begins after the answer.
        """
        return self.shift_back(day, 1)

    def shift_back(self, day: dt.date, count: int) -> dt.date:
        """Return the day that comes a number of such days before a day.

        Args:
            day: Any date that the table covers; it need not be of the sort.
            count: How many such days earlier; at least 1.

        Returns:
            The day; what must be done at least `count` days ahead is done on it or before it.

        Raises:
            OutsideCalendarError: If the table does not cover the day or begins after the answer.
            ValueError: If the count is below 1.
        """
        if count < 1:
            raise ValueError(f"count must be at least 1, found {count}")
        self.require_covered(day)
        index = bisect.bisect_left(self.days, day) - count
        if index < 0:
            raise OutsideCalendarError(
                f"{self.CHINESE}日历: 日历表始于 {self.first}, 无法给出 {day} 之前"
                f"第 {count} 个{self.CHINESE}日 · calendar: the table begins on {self.first}; "
                f"{self.WORDS} {count} before {day} is not known"
            )
        return self.days[index]

    def shift(self, day: dt.date, count: int) -> dt.date:
        """Return the day that comes a number of such days after a day.

        Args:
            day: Any date that the table covers; it need not be of the sort.
            count: How many such days later; at least 1.

        Returns:
            The day.

        Raises:
            OutsideCalendarError: If the table does not cover the day or ends before the answer.
            ValueError: If the count is below 1.
        """
        if count < 1:
            raise ValueError(f"count must be at least 1, found {count}")
        self.require_covered(day)
        index = bisect.bisect_right(self.days, day) - 1 + count
        if index >= len(self.days):
            raise OutsideCalendarError(
                f"{self.CHINESE}日历: 日历表止于 {self.last}, 无法给出 {day} 之后"
                f"第 {count} 个{self.CHINESE}日 · calendar: the table of {self.WORDS}s ends on "
                f"{self.last}, so {self.WORDS} {count} after {day} is not known"
            )
        return self.days[index]

    def last_of_month(self, year: int, month: int) -> dt.date:
        """Return the last day of the sort in a month.

        Args:
            year: Year.
            month: Month, from 1.

        Returns:
            The day.

        Raises:
            OutsideCalendarError: If the table does not cover the last date of the month.
        """
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        end = following - dt.timedelta(days=1)
        return end if self.holds(end) else self.previous_before(end)

    def count_from(self, first: dt.date, last: dt.date) -> int:
        """Count the days of the sort from a day to another, both included.

        Args:
            first: Any date; one before the table counts from the table's first day.
            last: Any date that the table covers.

        Returns:
            The number; 0 if `first` lies after `last`.

        Raises:
            OutsideCalendarError: If the table does not cover `last`.
        """
        self.require_covered(last)
        return max(0, bisect.bisect_right(self.days, last) - bisect.bisect_left(self.days, first))


class TradingCalendar(DayTable):
    """Trading days of the exchanges in Shanghai and Shenzhen."""

    TABLE = DATA / "trading_days_xshg.csv"
    COLUMN = "trade_date"
    WORDS = "trading day"
    CHINESE = "交易"

    def is_trading_day(self, day: dt.date) -> bool:
        """Return whether the exchanges trade on a day; see `holds`."""
        return self.holds(day)


class WorkingCalendar(DayTable):
    """Working days of offices (工作日), worked weekends among them."""

    TABLE = DATA / "working_days_cn.csv"
    COLUMN = "working_day"
    WORDS = "working day"
    CHINESE = "工作"
