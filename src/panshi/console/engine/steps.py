"""The steps of a record: planned while it is edited, done by one person, checked by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils.translation import gettext as _

from panshi.console.engine.entry import BadFieldsError
from panshi.console.engine.scene import kind_of
from panshi.console.engine.workflow import find_record, require_editor, touch
from panshi.console.events.door import Act, Done, act
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.deeds import now
from panshi.console.records.models import Part, Step

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from panshi.console.identity.models import User
    from panshi.console.records.models import Record

TEXT_MAX = 500


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step that is to be done."""

    text: str
    operator: User
    checker: User
    part: Part = Part.WORK
    planned_start: dt.datetime | None = None
    planned_end: dt.datetime | None = None


def plan_step(actor: User, record_id: int, plan: StepPlan) -> Step:
    """Put a step behind the last one of a record that can be edited.

    Args:
        actor: Who plans.
        record_id: Which record.
        plan: What is to be done, by whom, when.

    Returns:
        The step.

    Raises:
        BadFieldsError: If text or times do not hold; nothing was done.
        RefusedError: If the record has no steps or cannot be edited, or one person is both.
    """
    seen = find_record(actor, record_id)
    _require_plan(plan)

    def change() -> Done[Step]:
        record = find_record(actor, record_id)
        _require_steps(record)
        require_editor(actor, record)
        if plan.operator == plan.checker:
            raise RefusedError(
                "one-person", _("操作人与检查人不能为同一人"), person=plan.operator.username
            )
        last = record.steps.aggregate(last=Max("order"))["last"] or 0
        step = Step.objects.create(
            record=record,
            order=last + 1,
            part=plan.part,
            text=plan.text.strip(),
            operator=plan.operator,
            checker=plan.checker,
            planned_start=plan.planned_start,
            planned_end=plan.planned_end,
        )
        touch(record)
        told: dict[str, object] = {
            "step": step.order,
            "text": step.text,
            "operator": plan.operator.username,
            "checker": plan.checker.username,
        }
        return Done(step, told)

    return act(_deed(actor, "plan-step", seen), change)


def drop_step(actor: User, record_id: int, order: int) -> None:
    """Take a step out of the plan of a record that can be edited; those behind it move up.

    Args:
        actor: Who plans.
        record_id: Which record.
        order: Which step.
    """
    seen = find_record(actor, record_id)

    def change() -> Done[None]:
        record = find_record(actor, record_id)
        require_editor(actor, record)
        step = _require_step(record, order)
        told: dict[str, object] = {"step": order, "text": step.text}
        step.delete()
        for behind in record.steps.filter(order__gt=order).order_by("order"):
            behind.order -= 1
            behind.save(update_fields=["order"])
        touch(record)
        return Done(None, told)

    act(_deed(actor, "drop-step", seen), change)


def start_step(
    actor: User, record_id: int, order: int, happened_at: dt.datetime | None = None
) -> Step:
    """Write down that the operator begins a step.

    Args:
        actor: Its operator.
        record_id: Which record.
        order: Which step.
        happened_at: When, where it is told later; None for now.

    Returns:
        The step.
    """

    def write(step: Step, happened: dt.datetime) -> None:
        _require_person(actor, step.operator, _("操作人"))
        if step.started_at is not None:
            raise RefusedError("step-started", _("该步骤已经开始"), step=order)
        undone = step.record.steps.filter(order__lt=order, checked_at=None).exclude(part=Part.BACK)
        if step.part != Part.BACK and undone.exists():
            raise RefusedError("step-out-of-order", _("前面的步骤尚未完成检查"), step=order)
        step.started_at = happened

    return _write(actor, (record_id, order), "start-step", write, happened_at)


def finish_step(
    actor: User,
    record_id: int,
    order: int,
    result: str,
    *,
    succeeded: bool,
    happened_at: dt.datetime | None = None,
) -> Step:
    """Write down how a step ended.

    Args:
        actor: Its operator.
        record_id: Which record.
        order: Which step.
        result: What came of it; needed where it failed.
        succeeded: Whether it did what it should.
        happened_at: When, where it is told later; None for now.

    Returns:
        The step.
    """

    def write(step: Step, happened: dt.datetime) -> None:
        _require_person(actor, step.operator, _("操作人"))
        if step.started_at is None or step.ended_at is not None:
            raise RefusedError("step-not-running", _("该步骤不在进行中"), step=order)
        if not succeeded and not result.strip():
            raise RefusedError("result-lacking", _("失败的步骤必须说明结果"), step=order)
        if happened < step.started_at:
            raise RefusedError("before-its-start", _("结束时间早于开始时间"), step=order)
        step.ended_at = happened
        step.succeeded = succeeded
        step.result = result.strip()[:TEXT_MAX]

    return _write(actor, (record_id, order), "finish-step", write, happened_at)


def check_step(
    actor: User, record_id: int, order: int, happened_at: dt.datetime | None = None
) -> Step:
    """Write down that the checker saw the result of a step.

    Args:
        actor: Its checker.
        record_id: Which record.
        order: Which step.
        happened_at: When, where it is told later; None for now.

    Returns:
        The step.
    """

    def write(step: Step, happened: dt.datetime) -> None:
        _require_person(actor, step.checker, _("检查人"))
        if step.ended_at is None or step.checked_at is not None:
            raise RefusedError("step-not-ended", _("该步骤不在待检查状态"), step=order)
        if happened < step.ended_at:
            raise RefusedError("before-its-end", _("检查时间早于结束时间"), step=order)
        step.checked_at = happened

    return _write(actor, (record_id, order), "check-step", write, happened_at)


def _write(
    actor: User,
    which: tuple[int, int],
    action: str,
    write: Callable[[Step, dt.datetime], None],
    happened_at: dt.datetime | None,
) -> Step:
    record_id, order = which
    seen = find_record(actor, record_id)

    def change() -> Done[Step]:
        record = find_record(actor, record_id)
        if record.state != kind_of(record).steps_done_in:
            raise RefusedError("no-steps-now", _("现在不是实施步骤的时候"), state=record.state)
        step = _require_step(record, order)
        moment = now()
        happened = happened_at or moment
        if happened > moment:
            raise RefusedError("in-the-future", _("发生时间不能晚于现在"))
        if happened < record.entered_at:
            raise RefusedError("before-its-state", _("发生时间不能早于上一步"))
        write(step, happened)
        step.save()
        touch(record)
        told: dict[str, object] = {
            "step": order,
            "succeeded": step.succeeded,
            "result": step.result,
        }
        return Done(step, told)

    return act(_deed(actor, action, seen, happened_at), change)


def _require_plan(plan: StepPlan) -> None:
    wrong: dict[str, str] = {}
    if not plan.text.strip():
        wrong["text"] = _("操作项不能为空")
    elif len(plan.text.strip()) > TEXT_MAX:
        wrong["text"] = _("最多 %(limit)s 个字符，收到 %(found)s 个") % {
            "limit": TEXT_MAX,
            "found": len(plan.text.strip()),
        }
    start, end = plan.planned_start, plan.planned_end
    if start is not None and end is not None and end <= start:
        wrong["planned_end"] = _("计划结束应晚于计划开始")
    if wrong:
        raise BadFieldsError(wrong)


def _require_steps(record: Record) -> None:
    if not kind_of(record).steps_done_in:
        raise RefusedError("no-steps", _("这类记录没有步骤"))


def _require_step(record: Record, order: int) -> Step:
    step: Step | None = record.steps.filter(order=order).first()
    if step is None:
        raise RefusedError("no-such-step", _("没有这一步骤"), step=order)
    return step


def _require_person(actor: User, person: User, what: str) -> None:
    if actor != person:
        raise RefusedError(
            "not-the-person",
            _("只有%(what)s %(name)s 可以登记") % {"what": what, "name": person.full_name},
            person=person.username,
        )


def _deed(actor: User, action: str, record: Record, happened_at: dt.datetime | None = None) -> Act:
    return Act(
        actor.username,
        f"{record.kind}.{action}",
        record.subject,
        record.organisation.code,
        None if happened_at is None else int(happened_at.timestamp()) * 1_000_000_000,
    )
