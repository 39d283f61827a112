"""Which part of the day is played, and how fast: the segments of the market clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from panshi.domain.clock import MS_NS, format_day_ms, parse_day_ms

LAST_END: Final = "15:30:00"
"""After this moment both exchanges have ended their report streams."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the day and the wall time it takes, all in milliseconds."""

    from_ms: int
    to_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The segments in order; the orders of `windows` are sent."""

    segments: tuple[Segment, ...]
    windows: tuple[tuple[int, int], ...]

    @property
    def wall_ms(self) -> int:
        """Wall time of the whole plan."""
        return sum(segment.wall_ms for segment in self.segments)

    @property
    def played(self) -> tuple[str, str]:
        """First and last moment whose orders are sent."""
        return format_day_ms(self.windows[0][0]), format_day_ms(self.windows[-1][1])

    def covers(self, ms: int) -> bool:
        """Return whether orders of a moment are sent."""
        return any(first <= ms < last for first, last in self.windows)

    def clock(self, trade_date: int, start_unix_ns: int) -> dict[str, object]:
        """Return the clock as gate, venue and clients read it.

        Args:
            trade_date: YYYYMMDD.
            start_unix_ns: Wall moment at which the first segment starts.

        Returns:
            Trade date, start and segments.
        """
        return {
            "trade_date": trade_date,
            "start_unix_ns": start_unix_ns,
            "segments": [
                {
                    "from_ns_of_day": segment.from_ms * MS_NS,
                    "to_ns_of_day": segment.to_ms * MS_NS,
                    "wall_ms": segment.wall_ms,
                }
                for segment in self.segments
            ],
        }


def _segment(first: str, last: str, wall_ms: int) -> Segment:
    return Segment(parse_day_ms(first), parse_day_ms(last), wall_ms)


CLOSE: Final = (_segment("15:30:01", "15:30:10", 2_000),)
MORNING_END: Final = "11:30:00"
CLOSING_CALL: Final = "14:57:00"
CLOSING_CALL_END: Final = "15:00:00"
FIRST_END: Final = "09:30:10"
MOMENT: Final = re.compile(r"\d\d:[0-5]\d:[0-5]\d", re.ASCII)


def build_plan(last: str, wall_s: int) -> Plan:
    """Plan a day from the opening call auction to a moment of the morning or of the whole day.

    Towards the end of a window the clock runs at the speed of the day, so that an order does not
    slip over the end while it is on its way; then the quiet minutes up to the next are skipped.

    Args:
        last: Last moment, HH:MM:SS, from 09:30:10.
        wall_s: Seconds that the continuous trading takes.

    Returns:
        The plan.

    Raises:
        ValueError: If the moment lies before 09:30:10 or after 15:00:00, or is none.
    """
    if not MOMENT.fullmatch(last) or not FIRST_END <= last <= CLOSING_CALL_END:
        raise ValueError(
            f"播放的最后时刻 · last moment: must be {FIRST_END} or later and {CLOSING_CALL_END} at "
            f"most, written HH:MM:SS, found {last}"
        )
    opening = (
        _segment("09:14:56", "09:15:00", 1_000),
        _segment("09:15:00", "09:19:58", 5_000),
        _segment("09:19:58", "09:20:01", 3_000),
        _segment("09:20:01", "09:24:58", 3_000),
        _segment("09:24:58", "09:25:02", 4_000),
        _segment("09:29:56", "09:30:00", 1_000),
    )
    windows = [("09:15:00", "09:25:00"), ("09:30:00", min(last, MORNING_END))]
    afternoon = last > "13:00:00"
    if afternoon:
        windows.append(("13:00:00", min(last, CLOSING_CALL)))
    lengths = [parse_day_ms(end) - parse_day_ms(first) for first, end in windows[1:]]
    segments = list(opening)
    for (first, end), length in zip(windows[1:], lengths, strict=True):
        segments.extend(_continuous(first, end, wall_s * 1000 * length // sum(lengths)))
    if afternoon and last > CLOSING_CALL:
        windows.append((CLOSING_CALL, min(last, CLOSING_CALL_END)))
        segments.extend(
            [_segment("14:57:02", "14:59:58", 4_000), _segment("14:59:58", "15:00:02", 4_000)]
        )
    day = tuple((parse_day_ms(first), parse_day_ms(end)) for first, end in windows)
    return Plan(tuple(segments) + CLOSE, day)


def _continuous(first: str, end: str, wall_ms: int) -> list[Segment]:
    """Return a window of continuous trading, the busy first minute at a quarter of the speed."""
    begin_ms, end_ms = parse_day_ms(first), parse_day_ms(end)
    lead = [_segment("12:59:56", first, 1000)] if first == "13:00:00" else []
    minute_ms = min(60_000, (end_ms - begin_ms) // 2)
    rest_ms = end_ms - begin_ms - minute_ms
    # The first minute is given four times the wall time that its length would have.
    share = 4 * minute_ms * wall_ms // (4 * minute_ms + rest_ms)
    quiet_ms = 2_000
    return [
        *lead,
        Segment(begin_ms, begin_ms + minute_ms, share),
        Segment(begin_ms + minute_ms, end_ms, wall_ms - share),
        Segment(end_ms, end_ms + quiet_ms, quiet_ms),
    ]
