"""Make the checked-in tables of days: `python -m tests.calendar_table`.

Both start with 2018 and end with the last day of the last year for which the packages know the
holidays; a year is known when it has a Spring Festival closure.
"""

import datetime as dt

import chinese_calendar
import exchange_calendars

from panshi.market.calendar import DayTable, TradingCalendar, WorkingCalendar

FIRST = dt.date(2018, 1, 1)
LAST = dt.date(2026, 12, 31)


def compute_trading_days() -> list[dt.date]:
    """Return the sessions of XSHG from FIRST to LAST."""
    calendar = exchange_calendars.get_calendar("XSHG", start=FIRST.isoformat())
    return [stamp.date() for stamp in calendar.sessions if FIRST <= stamp.date() <= LAST]


def compute_working_days() -> list[dt.date]:
    """Return the working days from FIRST to LAST."""
    return list(chinese_calendar.get_workdays(FIRST, LAST))


def format_table(table: type[DayTable], days: list[dt.date]) -> str:
    """Return the text of a table."""
    return "\n".join([table.COLUMN, *(day.isoformat() for day in days)]) + "\n"


if __name__ == "__main__":
    for table, days in (
        (TradingCalendar, compute_trading_days()),
        (WorkingCalendar, compute_working_days()),
    ):
        table.TABLE.write_text(format_table(table, days), encoding="utf-8")
