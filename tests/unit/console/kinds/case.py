"""How a kind's tests tell what makes each of its guards object."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.console.engine.days import calendar
from panshi.console.engine.situation import Person, Situation

if TYPE_CHECKING:
    from panshi.console.engine.kind import Kind

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
"""A Friday, a trading day, noon in Shanghai."""


@dataclass(frozen=True, slots=True)
class Case:
    """A guard objects to one situation and has nothing against another."""

    code: str
    bad: Situation
    good: Situation


def situation(kind: Kind, **more: object) -> Situation:
    """Return a situation of a kind; what is not told is as quiet as can be."""
    values: dict[str, object] = {
        "fields": kind.fields,
        "reviews": kind.reviews,
        "state": kind.first_state.name,
        "title": "某事",
        "data": {},
        "owner": "wang",
        "opened_at": NOON,
        "entered_at": NOON,
        "actor": Person("li"),
        "now": NOON,
        "calendar": calendar(),
        **more,
    }
    return Situation(**values)  # type: ignore[arg-type]
