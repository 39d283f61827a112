"""Market time: nanoseconds since the Unix epoch, and milliseconds of a trading day in Shanghai."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol

SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
"""China has had no daylight saving time since 1991, so a fixed offset is exact."""

MS_NS = 1_000_000
DAY_MS = 86_400_000
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_SHANGHAI_OFFSET_MS = 8 * 3_600_000


class Clock(Protocol):
    """Where time comes from; tests give one that they steer."""

    def now_ns(self) -> int:
        """Return nanoseconds since the Unix epoch."""
        ...


class WallClock:
    """The machine's clock."""

    def now_ns(self) -> int:
        """Return nanoseconds since the Unix epoch."""
        return time.time_ns()


def boot_ns() -> int:
    """Return nanoseconds since the machine was booted: nobody sets it, all processes share it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def compute_market_ns(trade_date: dt.date, day_ms: int) -> int:
    """Return the moment of a trading day.

    >>> compute_market_ns(dt.date(1970, 1, 1), 8 * 3_600_000)
    0

    Args:
        trade_date: Day in Shanghai.
        day_ms: Milliseconds since midnight in Shanghai.

    Returns:
        Nanoseconds since the Unix epoch.
    """
    days = trade_date.toordinal() - _EPOCH_ORDINAL
    return (days * DAY_MS + day_ms - _SHANGHAI_OFFSET_MS) * MS_NS


def parse_day_ms(text: str) -> int:
    """Parse a time of day.

    >>> parse_day_ms("09:30:00"), parse_day_ms("14:57:00.250")
    (34200000, 53820250)

    Args:
        text: HH:MM:SS, with milliseconds after a point where needed.

    Returns:
        Milliseconds since midnight.

    Raises:
        ValueError: If the text is not a time of day.
    """
    time = dt.time.fromisoformat(text)
    seconds = time.hour * 3600 + time.minute * 60 + time.second
    return seconds * 1000 + time.microsecond // 1000


def format_day_ms(day_ms: int) -> str:
    """Write a time of day.

    >>> format_day_ms(53820250)
    '14:57:00.250'

    Args:
        day_ms: Milliseconds since midnight.

    Returns:
        HH:MM:SS, with milliseconds where they are not zero.
    """
    seconds, ms = divmod(day_ms, 1000)
    minutes, second = divmod(seconds, 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
    return f"{text}.{ms:03d}" if ms else text


def format_wall_ns(wall_ns: int) -> str:
    """Write a moment as Shanghai's date and time.

    >>> format_wall_ns(1_784_510_000_123_456_789)
    '2026-07-20 09:13:20.123'

    Args:
        wall_ns: Nanoseconds since the Unix epoch; 0 is no moment.

    Returns:
        Date and time to the millisecond; `-` for no moment.
    """
    if wall_ns == 0:
        return "-"
    moment = dt.datetime.fromtimestamp(wall_ns // (1000 * MS_NS), SHANGHAI)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{wall_ns // MS_NS % 1000:03d}"
