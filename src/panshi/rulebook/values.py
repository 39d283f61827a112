"""Cells of the rulebook: how the text of a value becomes integers, times, words or lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from panshi.domain.clock import format_day_ms, parse_day_ms
from panshi.domain.units import parse_e5, parse_scaled
from panshi.domain.words import Acceptance, Phase

if TYPE_CHECKING:
    from collections.abc import Callable

NONE = "none"
"""The value of a row that says: this rule does not exist here."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Part of a trading day, in milliseconds since midnight; the end is not part of it."""

    start_ms: int
    end_ms: int

    def __contains__(self, day_ms: int) -> bool:
        """Return whether a time of day lies in the window."""
        return self.start_ms <= day_ms < self.end_ms

    @override
    def __str__(self) -> str:
        """Return the window as it is written in a cell."""
        return f"{format_day_ms(self.start_ms)}-{format_day_ms(self.end_ms)}"


Value = int | bool | str | tuple[Window, ...] | tuple[str, ...] | tuple[int, ...] | None


def parse_windows(text: str) -> tuple[Window, ...]:
    """Parse windows of a day, `HH:MM:SS-HH:MM:SS` joined by `;`.

    >>> [str(window) for window in parse_windows("09:30:00-11:30:00;13:00:00-15:30:00")]
    ['09:30:00-11:30:00', '13:00:00-15:30:00']

    Args:
        text: One or more windows, in order.

    Returns:
        The windows.

    Raises:
        ValueError: If a window is malformed, empty, or starts before the one before it ends.
    """
    windows: list[Window] = []
    for part in text.split(";"):
        start, dash, end = part.partition("-")
        if not dash:
            raise ValueError(f"must be HH:MM:SS-HH:MM:SS, found {part!r}")
        window = Window(parse_day_ms(start), parse_day_ms(end))
        if window.start_ms >= window.end_ms or (windows and window.start_ms < windows[-1].end_ms):
            raise ValueError(f"must be windows in order that do not overlap, found {text!r}")
        windows.append(window)
    return tuple(windows)


def _parse_count(text: str) -> int:
    value = parse_scaled(text, 0)
    if value < 0:
        raise ValueError(f"must not be negative, found {text!r}")
    return value


def _parse_flag(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"must be yes or no, found {text!r}")
    return text == "yes"


def _parse_words(text: str) -> tuple[str, ...]:
    words = tuple(text.split("|"))
    if not all(words):
        raise ValueError(f"must be words joined by |, found {text!r}")
    return words


def _parse_phases(text: str) -> tuple[str, ...]:
    return tuple(str(Phase(word)) for word in text.split("|"))


def _parse_word(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


UNITS: dict[str, Callable[[str], Value]] = {
    "yuan": parse_e5,
    "percent": lambda text: parse_scaled(text, 7),
    "bp": _parse_count,
    "bp_list": lambda text: tuple(_parse_count(part) for part in text.split("|")),
    "flag": _parse_flag,
    "windows": parse_windows,
    "clock": parse_day_ms,
    "acceptance": lambda text: str(Acceptance(text)),
    "phases": _parse_phases,
    "choice": _parse_word,
    "choice_list": _parse_words,
    **dict.fromkeys(
        (
            "share", "tick", "level", "day", "trading_day", "month", "year", "second", "ms",
            "message", "event", "character", "multiple",
        ),
        _parse_count,
    ),
}  # fmt: skip
"""How a value is read, by unit: yuan becomes `_e5`, percent becomes a rate `_e9`."""


def parse_value(text: str, unit: str) -> Value:
    """Parse a cell by its unit.

    >>> parse_value("0.05", "percent"), parse_value("0.01", "yuan"), parse_value("none", "bp")
    (500000, 1000, None)

    Args:
        text: The value as written; `none` says that the rule does not exist in this scope.
        unit: A key of UNITS.

    Returns:
        The value, None for `none`.

    Raises:
        ValueError: If the text does not fit the unit or the unit is unknown.
    """
    if unit not in UNITS:
        raise ValueError(f"must have a unit of {', '.join(sorted(UNITS))}, found {unit!r}")
    if text == NONE:
        return None
    return UNITS[unit](text)
