"""What a guard sees: a record and its surroundings at one moment, as plain values. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from panshi.console.engine.review import Tally, Vote, digest_of, tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panshi.console.engine.fields import Field, Value
    from panshi.console.engine.review import ReviewPolicy


class Calendar(Protocol):
    """The days and times that guards ask for."""

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """Return the number of working days after `start` up to and with `end`."""
        ...

    def is_trading_day(self, day: dt.date) -> bool:
        """Return whether the exchanges trade; an error for a day that the calendar lacks."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, as far as a guard may look."""

    username: str
    roles: frozenset[str] = frozenset()
    organisation: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step of a record; times that did not come yet are None."""

    order: int
    text: str
    part: str
    operator: str
    checker: str
    planned_start: dt.datetime | None = None
    planned_end: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    checked_at: dt.datetime | None = None
    succeeded: bool | None = None

    def plan(self) -> list[str | int | None]:
        """Return what was planned, for the digest of a review."""
        times = [
            None if one is None else one.astimezone(dt.UTC).isoformat()
            for one in (self.planned_start, self.planned_end)
        ]
        return [self.order, self.part, self.text, self.operator, self.checker, *times]


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A record that this one is linked with."""

    relation: str
    kind: str
    number: str
    state: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """A record at the moment when somebody wants to move it.

    Args:
        fields: The fields of its kind, by name.
        reviews: The reviews of its kind.
        state: Where it is.
        title: Its title.
        data: Its values.
        owner: Login name of who opened it; blank for a process.
        opened_at: When it was opened.
        entered_at: When it came into its state.
        actor: Who wants to move it.
        now: The moment.
        calendar: Trading days and working days.
        asked: Answers to what the transition asks.
        steps: Its steps in order.
        votes: All votes in the order in which they were cast.
        links: Records it is linked with.
        files: Names of what is attached.
    """

    fields: Mapping[str, Field]
    reviews: tuple[ReviewPolicy, ...]
    state: str
    title: str
    data: Mapping[str, Value]
    owner: str
    opened_at: dt.datetime
    entered_at: dt.datetime
    actor: Person
    now: dt.datetime
    calendar: Calendar
    asked: Mapping[str, Value] = field(default_factory=dict)
    steps: tuple[StepSeen, ...] = ()
    votes: tuple[Vote, ...] = ()
    links: tuple[LinkSeen, ...] = ()
    files: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Return a value as text; blank where there is none."""
        value = self.data.get(name)
        return "" if value is None else str(value)

    def moment(self, name: str) -> dt.datetime | None:
        """Return a value that is a moment."""
        value = self.data.get(name)
        return None if value is None else dt.datetime.fromisoformat(str(value))

    @property
    def digest(self) -> str:
        """Return the digest of what reviewers judge."""
        return digest_of(
            self.fields.values(), self.title, self.data, [step.plan() for step in self.steps]
        )

    def tallies(self) -> dict[str, Tally]:
        """Return the count of each review that the record needs."""
        digest = self.digest
        return {
            policy.name: tally(self.votes, policy, digest)
            for policy in self.reviews
            if policy.applies(self.data)
        }
