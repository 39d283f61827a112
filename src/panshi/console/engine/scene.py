"""From rows to what guards see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.console.engine import registry
from panshi.console.engine.review import Opinion, Vote
from panshi.console.engine.situation import LinkSeen, Person, Situation, StepSeen
from panshi.console.identity.deeds import INSTALLER, now
from panshi.console.records.models import Record, name_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from panshi.console.engine.fields import Value
    from panshi.console.engine.kind import Kind
    from panshi.console.engine.situation import Calendar
    from panshi.console.identity.models import User
    from panshi.console.records.models import Step


def kind_of(record: Record) -> Kind:
    """Return the kind of a record in the version it was opened with."""
    return registry.find(record.kind, record.kind_version)


def person_of(user: User | None) -> Person:
    """Return a user as guards see one; None is the platform itself, which has no role."""
    if user is None:
        return Person(INSTALLER)
    place = user.organisation
    return Person(user.username, user.roles, place.code, place.sort)


def see(
    record: Record,
    actor: User | None,
    calendar: Calendar,
    asked: Mapping[str, Value] | None = None,
    at: dt.datetime | None = None,
) -> Situation:
    """Return a record as its guards see it.

    Args:
        record: The record.
        actor: Who wants to move it.
        calendar: Trading days and working days.
        asked: Answers to what the transition asks.
        at: When it happened, where it is told later; None for now.

    Returns:
        The situation.
    """
    kind = kind_of(record)
    return Situation(
        fields=kind.fields,
        reviews=kind.reviews,
        state=record.state,
        title=record.title,
        data=record.data,
        owner=name_of(record.owner),
        opened_at=record.recorded_at,
        entered_at=record.entered_at,
        actor=person_of(actor),
        now=at or now(),
        calendar=calendar,
        asked=asked or {},
        steps=tuple(see_step(step) for step in record.steps.select_related("operator", "checker")),
        votes=tuple(
            Vote(row.policy, row.voter.username, Opinion(row.opinion), row.digest, row.cast_at)
            for row in record.votes.select_related("voter")
        ),
        links=tuple(
            LinkSeen(
                link.relation,
                link.target.kind,
                link.target.number,
                link.target.state,
                link.target.closed_at is not None,
            )
            for link in record.links_out.select_related("target")
        ),
    )


def see_step(step: Step) -> StepSeen:
    """Return a step as guards see it."""
    return StepSeen(
        order=step.order,
        text=step.text,
        part=step.part,
        operator=step.operator.username,
        checker=step.checker.username,
        planned_start=step.planned_start,
        planned_end=step.planned_end,
        started_at=step.started_at,
        ended_at=step.ended_at,
        checked_at=step.checked_at,
        succeeded=step.succeeded,
    )
