"""整改项: what an inspection, a missed duty or a failed check left to be put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panshi.console.engine.fields import Field, FieldSort
from panshi.console.engine.guards import FILLED
from panshi.console.engine.kind import (
    Guard,
    Kind,
    Objection,
    Retention,
    Section,
    State,
    Tone,
    Transition,
)
from panshi.console.engine.registry import register
from panshi.console.identity.roles import Role

if TYPE_CHECKING:
    from panshi.console.engine.situation import Situation

WORKERS: Final = frozenset(
    {
        Role.DUTY_OPERATOR,
        Role.DUTY_LEAD,
        Role.NETWORK_ENGINEER,
        Role.SECURITY_ENGINEER,
        Role.ROOM_ENGINEER,
        Role.RISK,
        Role.COMPLIANCE,
    }
)
JUDGES: Final = frozenset({Role.DUTY_LEAD, Role.COMPLIANCE, Role.MANAGEMENT})


def _checked_by_another(situation: Situation) -> Objection | None:
    responsible = situation.text("responsible")
    if situation.actor.username != responsible:
        return None
    return Objection(_("责任人不能复查自己的整改"), {"responsible": responsible})


NOT_RESPONSIBLE = Guard("own-correction", gettext_lazy("由责任人以外的人复查"), _checked_by_another)

KIND: Final = register(
    Kind(
        name="finding",
        version=1,
        label=gettext_lazy("整改项"),
        group="compliance",
        prefix="ZG",
        openers=WORKERS | JUDGES,
        sections=(
            Section(
                gettext_lazy("发现的问题"),
                (
                    Field(
                        "origin",
                        gettext_lazy("来源"),
                        FieldSort.CHOICE,
                        needed=True,
                        choices=(
                            ("inspection", gettext_lazy("检查")),
                            ("audit", gettext_lazy("审计")),
                            ("missed", gettext_lazy("逾期未办")),
                            ("drill", gettext_lazy("演练")),
                            ("other", gettext_lazy("其他")),
                        ),
                        states=frozenset({"open"}),
                    ),
                    Field(
                        "found",
                        gettext_lazy("问题描述"),
                        FieldSort.TEXT,
                        needed=True,
                        states=frozenset({"open"}),
                    ),
                    Field("clause", gettext_lazy("涉及条款"), states=frozenset({"open"})),
                ),
            ),
            Section(
                gettext_lazy("整改计划"),
                (
                    Field("responsible", gettext_lazy("责任人"), FieldSort.PERSON, needed=True),
                    Field("plan", gettext_lazy("整改措施"), FieldSort.TEXT, needed=True),
                    Field("until", gettext_lazy("完成期限"), FieldSort.DATE, needed=True),
                ),
            ),
        ),
        states=(
            State("open", gettext_lazy("待计划"), owner_edits=True, editors=WORKERS | JUDGES),
            State("correcting", gettext_lazy("整改中"), Tone.ACTIVE),
            State("corrected", gettext_lazy("待复查")),
            State("closed", gettext_lazy("已关闭"), Tone.GOOD, final=True),
        ),
        transitions=(
            Transition(
                "plan",
                gettext_lazy("开始整改"),
                frozenset({"open"}),
                "correcting",
                WORKERS | JUDGES,
                guards=(FILLED,),
                proves=("002:8.3.1",),
                tone=Tone.WAITING,
            ),
            Transition(
                "correct",
                gettext_lazy("提交复查"),
                frozenset({"correcting"}),
                "corrected",
                WORKERS,
                asks=(Field("result", gettext_lazy("整改结果"), FieldSort.TEXT, needed=True),),
                tone=Tone.WAITING,
            ),
            Transition(
                "reopen",
                gettext_lazy("退回整改"),
                frozenset({"corrected"}),
                "correcting",
                JUDGES,
                guards=(NOT_RESPONSIBLE,),
                asks=(Field("why_back", gettext_lazy("退回原因"), FieldSort.TEXT, needed=True),),
                tone=Tone.BAD,
            ),
            Transition(
                "close",
                gettext_lazy("复查通过"),
                frozenset({"corrected"}),
                "closed",
                JUDGES,
                guards=(NOT_RESPONSIBLE,),
                asks=(Field("check", gettext_lazy("复查意见"), FieldSort.TEXT, needed=True),),
                proves=("002:8.3.2",),
                tone=Tone.GOOD,
            ),
        ),
        mandatory={"closed": frozenset({FILLED.code, NOT_RESPONSIBLE.code})},
        retention=Retention(36),
        columns=("origin", "responsible", "until"),
    )
)
