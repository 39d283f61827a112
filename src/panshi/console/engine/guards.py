"""Guards that many kinds need; a kind's own stand in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panshi.console.engine.kind import Guard, Objection

if TYPE_CHECKING:
    from panshi.console.engine.situation import Situation


def _filled(situation: Situation) -> Objection | None:
    lacking = [
        field
        for field in situation.fields.values()
        if field.is_needed(situation.data) and situation.data.get(field.name) is None
    ]
    if not lacking:
        return None
    labels = "、".join(str(field.label) for field in lacking)
    return Objection(
        _("尚未填写：%(fields)s") % {"fields": labels},
        {"fields": " ".join(field.name for field in lacking)},
    )


FILLED = Guard("fields-lacking", gettext_lazy("必填内容已填写"), _filled)


def _by_owner(situation: Situation) -> Objection | None:
    if situation.actor.username == situation.owner:
        return None
    return Objection(_("应由发起人 %(owner)s 操作") % {"owner": situation.owner})


BY_OWNER = Guard("not-owner", gettext_lazy("由发起人本人操作"), _by_owner)


def _by_another(situation: Situation) -> Objection | None:
    if situation.actor.username != situation.owner:
        return None
    return Objection(_("发起人不能办理自己发起的事项，应由另一人操作"))


BY_ANOTHER = Guard("own-record", gettext_lazy("由发起人以外的人操作"), _by_another)


def _reviewed(situation: Situation) -> Objection | None:
    for policy in situation.reviews:
        count = situation.tallies().get(policy.name)
        if count is None or count.passed:
            continue
        facts: dict[str, str | int] = {
            "review": policy.name,
            "approvals": len(count.approvals),
            "quorum": count.quorum,
            "rejections": len(count.rejections),
            "lapsed": len(count.lapsed),
        }
        if count.rejections:
            words = _("%(review)s：%(who)s 不同意") % {
                "review": policy.label,
                "who": "、".join(count.rejections),
            }
        else:
            words = _("%(review)s：需要 %(quorum)s 人同意，现有 %(found)s 人有效同意") % {
                "review": policy.label,
                "quorum": count.quorum,
                "found": len(count.approvals),
            }
        if count.lapsed:
            words += _("；内容修改后失效的意见：%(who)s") % {"who": "、".join(count.lapsed)}
        return Objection(words, facts)
    return None


REVIEWED = Guard("review-lacking", gettext_lazy("评审通过，且意见针对现在的内容"), _reviewed)


def _two_persons(situation: Situation) -> Objection | None:
    for step in situation.steps:
        if not step.operator or not step.checker:
            return Objection(
                _("步骤 %(order)s 没有指定操作人和检查人") % {"order": step.order},
                {"step": step.order},
            )
        if step.operator == step.checker:
            return Objection(
                _("步骤 %(order)s 的操作人与检查人为同一人") % {"order": step.order},
                {"step": step.order},
            )
    return None


TWO_PERSONS = Guard("one-person", gettext_lazy("每一步的操作人与检查人不是同一人"), _two_persons)


def _steps_checked(situation: Situation) -> Objection | None:
    if not situation.steps:
        return Objection(_("没有操作步骤"))
    for step in situation.steps:
        if step.ended_at is None:
            return Objection(
                _("步骤 %(order)s 还没有完成") % {"order": step.order}, {"step": step.order}
            )
        if step.checked_at is None:
            return Objection(
                _("步骤 %(order)s 还没有检查") % {"order": step.order}, {"step": step.order}
            )
    return None


STEPS_CHECKED = Guard("step-unchecked", gettext_lazy("每一步均已完成并检查"), _steps_checked)
