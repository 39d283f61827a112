"""Make the checked-in table of trading days: `python tests/calendar_table.py`.

The table starts with 2018 and ends with the last day of the last year for which the package
knows the holidays; a year is known when it has a Spring Festival closure.
"""

import datetime as dt

import exchange_calendars

from panshi.market.calendar import COLUMN, TABLE

FIRST = dt.date(2018, 1, 1)
LAST = dt.date(2026, 12, 31)


def compute_trading_days() -> list[dt.date]:
    """Return the sessions of XSHG from FIRST to LAST."""
    calendar = exchange_calendars.get_calendar("XSHG", start=FIRST.isoformat())
    return [stamp.date() for stamp in calendar.sessions if FIRST <= stamp.date() <= LAST]


def format_table(days: list[dt.date]) -> str:
    """Return the text of the table."""
    return "\n".join([COLUMN, *(day.isoformat() for day in days)]) + "\n"


if __name__ == "__main__":
    TABLE.write_text(format_table(compute_trading_days()), encoding="utf-8")
