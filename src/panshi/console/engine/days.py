"""The days that guards ask for, from the tables that are checked in."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING

from panshi.market.calendar import TradingCalendar, WorkingCalendar

if TYPE_CHECKING:
    from panshi.console.engine.situation import Calendar


class CheckedInDays:
    """Trading days and working days; a day past the end of a table is an error."""

    def __init__(self, trading: TradingCalendar, working: WorkingCalendar) -> None:
        self._trading = trading
        self._working = working

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """Return the number of working days after `start`, up to and with `end`."""
        self._working.require_covered(end)
        return self._working.count_from(start + dt.timedelta(days=1), end)

    def is_trading_day(self, day: dt.date) -> bool:
        """Return whether the exchanges trade on a day."""
        return self._trading.holds(day)


@functools.cache
def calendar() -> Calendar:
    """Return the calendar that guards ask."""
    return CheckedInDays(TradingCalendar.load(), WorkingCalendar.load())
