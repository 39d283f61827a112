"""Trading days of the exchanges in Shanghai and Shenzhen, which keep the same calendar.

The table is checked in and made by `tests/calendar_table.py` from the package exchange_calendars
(XSHG). A date that the table does not cover is an error and never "no trading day": holidays of
a year are fixed only late in the year before it.
"""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from panshi.domain.errors import BadRecordError, OutsideCalendarError

TABLE = Path(__file__).parent / "data" / "trading_days_xshg.csv"
COLUMN = "trade_date"


@dataclass(frozen=True, slots=True)
class TradingCalendar:
    """Trading days between two dates, both of them trading days, in order."""

    days: tuple[dt.date, ...]

    @classmethod
    def load(cls, path: Path = TABLE) -> TradingCalendar:
        """Load a table of trading days.

        Args:
            path: Text file, first line `trade_date`, then one date YYYY-MM-DD a line, rising.

        Returns:
            The calendar.

        Raises:
            BadRecordError: If a line is no date, or does not lie after the line before it.
        """
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines or lines[0] != COLUMN:
            raise BadRecordError(path, 1, "", COLUMN, lines[0] if lines else "nothing")
        days: list[dt.date] = []
        for number, line in enumerate(lines[1:], start=2):
            try:
                day = dt.date.fromisoformat(line)
            except ValueError as error:
                expected = "a date YYYY-MM-DD"
                raise BadRecordError(path, number, COLUMN, expected, repr(line)) from error
            if days and day <= days[-1]:
                raise BadRecordError(path, number, COLUMN, f"a day after {days[-1]}", line)
            days.append(day)
        if not days:
            raise BadRecordError(path, 2, COLUMN, "at least one day", "nothing")
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
            OutsideCalendarError: If the day lies before the first or after the last trading day.
        """
        if not self.first <= day <= self.last:
            raise OutsideCalendarError(
                f"交易日历: 日期须在 {self.first} 至 {self.last} 之间, 实为 {day} · "
                f"calendar: the table of trading days ends on {self.last} (and begins on "
                f"{self.first}), so the date must lie between them, found {day}"
            )

    def is_trading_day(self, day: dt.date) -> bool:
        """Return whether the exchanges trade on a day.

        Args:
            day: Any date that the table covers.

        Returns:
            True for a trading day.

        Raises:
            OutsideCalendarError: If the table does not cover the day.
        """
        self.require_covered(day)
        index = bisect.bisect_left(self.days, day)
        return self.days[index] == day

    def next_after(self, day: dt.date) -> dt.date:
        """Return the first trading day after a day.

        Args:
            day: Any date that the table covers.

        Returns:
            The next trading day.

        Raises:
            OutsideCalendarError: If the table does not cover the day or ends before the answer.
        """
        return self.shift(day, 1)

    def previous_before(self, day: dt.date) -> dt.date:
        """Return the last trading day before a day.

        Args:
            day: Any date that the table covers.

        Returns:
            The previous trading day.

        Raises:
            OutsideCalendarError: If the table does not cover the day or begins after the answer.
        """
        self.require_covered(day)
        index = bisect.bisect_left(self.days, day) - 1
        if index < 0:
            raise OutsideCalendarError(
                f"calendar: the table begins on {self.first}; no trading day before {day} is known"
            )
        return self.days[index]

    def shift(self, day: dt.date, count: int) -> dt.date:
        """Return the trading day a number of trading days after a day.

        Args:
            day: Any date that the table covers; it need not be a trading day.
            count: How many trading days later; at least 1.

        Returns:
            The trading day.

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
                f"交易日历: 日历表止于 {self.last}, 无法给出 {day} 之后第 {count} 个交易日 · "
                f"calendar: the table of trading days ends on {self.last}, so trading day {count} "
                f"after {day} is not known"
            )
        return self.days[index]

    def count_from(self, first: dt.date, last: dt.date) -> int:
        """Count trading days from a day to another, both included.

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
