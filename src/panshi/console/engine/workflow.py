"""Open, edit and move records: the only writers of a record's state and data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils.translation import gettext as _

from panshi.console.engine import registry
from panshi.console.engine.days import calendar
from panshi.console.engine.entry import read_fields, read_title
from panshi.console.engine.kind import Objection
from panshi.console.engine.retention import keep_until
from panshi.console.engine.scene import kind_of, see
from panshi.console.engine.values import SHANGHAI
from panshi.console.events.door import Act, Done, act, next_sequence
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.deeds import INSTALLER, now, require_role
from panshi.console.identity.roles import Role
from panshi.console.records.models import Proof, Record
from panshi.domain.errors import OutsideCalendarError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from panshi.console.engine.fields import Field, Value
    from panshi.console.engine.kind import Guard, Kind, Transition
    from panshi.console.engine.situation import Situation
    from panshi.console.identity.models import Organisation, User


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is to be opened.

    Args:
        kind: Name of its kind.
        title: Its title.
        raw: What was written into its fields.
        organisation: Whose matter it is.
        due_at: Until when it has to be closed; None for no limit.
        happened_at: When it happened, where it is recorded later; None for now.
    """

    kind: str
    title: str
    organisation: Organisation
    raw: Mapping[str, object] = field(default_factory=dict)
    due_at: dt.datetime | None = None
    happened_at: dt.datetime | None = None


def open_record(actor: User | None, draft: Draft) -> Record:
    """Open a record in its kind's first state.

    Args:
        actor: Who opens it; None for the platform itself.
        draft: What it holds.

    Returns:
        The record.

    Raises:
        BadFieldsError: If a field cannot hold what was written; nothing was done.
        RefusedError: If the person may not, or it is told to have happened in the future.
    """
    kind = registry.find(draft.kind)
    title = read_title(draft.title)
    data = read_fields(_editable(kind, kind.first_state.name), draft.raw)

    def change() -> Done[Record]:
        require_role(actor, *(Role(role) for role in kind.openers))
        if actor is not None and not actor.sees_all and actor.organisation != draft.organisation:
            raise RefusedError("other-organisation", _("不能为其他机构建立记录"))
        moment = now()
        happened = _require_past(draft.happened_at, moment)
        series, serial = _next_number(kind, moment)
        record = Record.objects.create(
            kind=kind.name,
            kind_version=kind.version,
            series=series,
            serial=serial,
            number=f"{series}-{serial:04d}",
            title=title,
            state=kind.first_state.name,
            data=data,
            owner=actor,
            organisation=draft.organisation,
            due_at=draft.due_at,
            happened_at=happened,
            recorded_at=moment,
            entered_at=happened,
        )
        told: dict[str, object] = {"title": title, "state": record.state, "data": data}
        return Done(record, told, record.subject)

    return act(_deed(actor, f"{kind.name}.open", kind.name, draft), change)


def edit_record(
    actor: User, record_id: int, version: int, title: str, raw: Mapping[str, object]
) -> Record:
    """Write fields of a record whose state lets them be edited.

    Args:
        actor: Who edits.
        record_id: Which record.
        version: The version that the person saw.
        title: The title.
        raw: What was written; fields that are not named keep their values.

    Returns:
        The record.

    Raises:
        BadFieldsError: If a field cannot hold what was written; nothing was done.
        RefusedError: If it may not be edited by this person or in this state, or has changed.
    """
    seen = find_record(actor, record_id)
    kind = kind_of(seen)
    title = read_title(title)
    values = read_fields(_editable(kind, seen.state), raw)

    def change() -> Done[Record]:
        record = find_record(actor, record_id)
        require_editor(actor, record)
        _require_version(record, version)
        before = {"title": record.title, **record.data}
        after = {"title": title, **record.data, **values}
        differences = [
            [name, before.get(name), after.get(name)]
            for name in after
            if before.get(name) != after.get(name)
        ]
        record.title = title
        record.data = {**record.data, **values}
        touch(record)
        return Done(record, {"changed": differences})

    return act(_deed(actor, f"{kind.name}.edit", seen.subject, seen), change)


@dataclass(frozen=True, slots=True)
class Wish:
    """A move that somebody wants.

    Args:
        action: Name of the transition.
        version: The record's version that the person saw; None for whatever there is.
        raw: What was written into the fields that the transition asks for.
        happened_at: When it happened, where it is told later; None for now.
    """

    action: str
    version: int | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    happened_at: dt.datetime | None = None


def move(actor: User | None, record_id: int, wish: Wish) -> Record:
    """Take a record from its state to another, if everything that must hold holds.

    Args:
        actor: Who moves it; None for the platform itself.
        record_id: Which record.
        wish: Which way, and the answers to what it asks.

    Returns:
        The record.

    Raises:
        BadFieldsError: If an answer cannot be read; nothing was done.
        RefusedError: With the code of the first guard that objects, or of what else forbids it.
    """
    seen = find_record(actor, record_id)
    kind = kind_of(seen)
    way = kind.transition(wish.action, seen.state)
    asked = read_fields({one.name: one for one in way.asks} if way else {}, wish.raw if way else {})

    def change() -> Done[Record]:
        record = find_record(actor, record_id)
        if wish.version is not None:
            _require_version(record, wish.version)
        way = _require_way(kind, record, wish.action)
        if way.roles and actor is not None:
            require_role(actor, *(Role(role) for role in way.roles))
        happened = _require_past(wish.happened_at, now(), record.entered_at)
        _require_answers(way, asked)
        data = {
            **record.data,
            **{name: value for name, value in asked.items() if value is not None},
        }
        record.data = data
        _require_guards(way, see(record, actor, calendar(), asked, happened))
        before = record.state
        _enter(record, kind, way, happened)
        _prove(record, way, happened)
        told: dict[str, object] = {"from": before, "to": record.state, "asked": asked}
        return Done(record, told)

    return act(
        _deed(actor, f"{kind.name}.{wish.action}", seen.subject, seen, wish.happened_at), change
    )


def find_record(actor: User | None, record_id: int) -> Record:
    """Return a record that the person may see.

    Raises:
        RefusedError: With code `no-such-record`, also for one that must not be seen.
    """
    rows = Record.objects.all() if actor is None else Record.objects.visible_to(actor)
    record: Record | None = (
        rows.select_related("owner", "organisation").filter(pk=record_id).first()
    )
    if record is None:
        raise RefusedError("no-such-record", _("没有这条记录，或您无权查看"))
    return record


def may_edit(actor: User, record: Record) -> bool:
    """Return whether a person may edit a record where it is."""
    state = kind_of(record).state(record.state)
    own = state.owner_edits and record.owner_id == actor.pk
    return actor.writes and (own or bool(actor.roles & state.editors))


def require_editor(actor: User, record: Record) -> None:
    """Refuse whoever may not edit a record where it is.

    Raises:
        RefusedError: With code `not-editable`.
    """
    if not may_edit(actor, record):
        label = kind_of(record).state(record.state).label
        raise RefusedError(
            "not-editable",
            _("状态为“%(state)s”时，您不能修改") % {"state": label},
            state=record.state,
        )


def touch(record: Record) -> None:
    """Save a record as its next version; the caller is inside of `act()`."""
    record.version += 1
    record.save()


def _editable(kind: Kind, state: str) -> dict[str, Field]:
    return {name: one for name, one in kind.fields.items() if not one.states or state in one.states}


def _next_number(kind: Kind, moment: dt.datetime) -> tuple[str, int]:
    series = f"{kind.prefix}-{moment.astimezone(SHANGHAI).year}"
    last = Record.objects.filter(series=series).aggregate(last=Max("serial"))["last"]
    return series, (last or 0) + 1


def _require_past(
    told: dt.datetime | None, moment: dt.datetime, earliest: dt.datetime | None = None
) -> dt.datetime:
    if told is None:
        return moment
    if told > moment:
        raise RefusedError("in-the-future", _("发生时间不能晚于现在"), told=told.isoformat())
    if earliest is not None and told < earliest:
        raise RefusedError("before-its-state", _("发生时间不能早于上一步"), told=told.isoformat())
    return told


def _require_version(record: Record, version: int) -> None:
    if record.version != version:
        raise RefusedError(
            "edited-meanwhile",
            _("其他人刚刚修改了这条记录，请刷新后再操作"),
            seen=version,
            found=record.version,
        )


def _require_way(kind: Kind, record: Record, action: str) -> Transition:
    way = kind.transition(action, record.state)
    if way is None:
        label = kind.state(record.state).label
        raise RefusedError(
            "no-such-way",
            _("状态为“%(state)s”时不能进行此操作") % {"state": label},
            state=record.state,
            action=action[:64],
        )
    return way


def _require_answers(way: Transition, asked: Mapping[str, Value]) -> None:
    lacking = [one for one in way.asks if one.is_needed(asked) and asked.get(one.name) is None]
    if lacking:
        labels = "、".join(str(one.label) for one in lacking)
        raise RefusedError(
            "answers-lacking",
            _("尚未填写：%(fields)s") % {"fields": labels},
            fields=" ".join(one.name for one in lacking),
        )


def _require_guards(way: Transition, situation: Situation) -> None:
    for guard in way.guards:
        objection = ask_guard(guard, situation)
        if objection is not None:
            raise RefusedError(guard.code, objection.words, **objection.facts)


def ask_guard(guard: Guard, situation: Situation) -> Objection | None:
    """Return what a guard objects to; what it cannot know is an objection as well."""
    try:
        return guard.check(situation)
    except OutsideCalendarError as error:
        return Objection(str(error))


def _enter(record: Record, kind: Kind, way: Transition, happened: dt.datetime) -> None:
    record.state = way.target
    record.entered_at = happened
    if kind.state(way.target).final:
        record.closed_at = happened
        closed = happened.astimezone(SHANGHAI).date()
        record.keep_until = keep_until(closed, kind.retention.months)
    touch(record)


def _prove(record: Record, way: Transition, happened: dt.datetime) -> None:
    sequence = next_sequence()
    Proof.objects.bulk_create(
        Proof(
            record=record,
            clause=clause,
            transition=way.name,
            event=sequence,
            happened_at=happened,
        )
        for clause in way.proves
    )


def _deed(
    actor: User | None,
    action: str,
    subject: str,
    owner: Draft | Record,
    happened_at: dt.datetime | None = None,
) -> Act:
    told = happened_at or (owner.happened_at if isinstance(owner, Draft) else None)
    return Act(
        INSTALLER if actor is None else actor.username,
        action,
        subject,
        owner.organisation.code,
        None if told is None else int(told.timestamp()) * 1_000_000_000,
    )
