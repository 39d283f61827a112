"""Until when a closed record is kept. Pure."""

from __future__ import annotations

import calendar
import datetime as dt


def keep_until(closed: dt.date, months: int) -> dt.date:
    """Return the last day of a retention.

    >>> keep_until(dt.date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)

    Args:
        closed: The day of closing.
        months: So many months it is kept.

    Returns:
        The same day of the month, or the month's last day where it is shorter.
    """
    year, month = divmod(closed.year * 12 + closed.month - 1 + months, 12)
    day = min(closed.day, calendar.monthrange(year, month + 1)[1])
    return dt.date(year, month + 1, day)
