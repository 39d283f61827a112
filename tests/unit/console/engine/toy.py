"""A small kind and situations for the tests of the engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from panshi.console.engine.fields import Field, FieldSort
from panshi.console.engine.guards import BY_ANOTHER, FILLED, REVIEWED, STEPS_CHECKED
from panshi.console.engine.kind import Kind, Retention, Section, State, Transition
from panshi.console.engine.review import ReviewPolicy
from panshi.console.engine.situation import Person, Situation
from panshi.console.identity.models import Sort
from panshi.console.identity.roles import Role

NOW = dt.datetime(2026, 9, 30, 9, 0, tzinfo=dt.UTC)
ROLES = frozenset({Role.NETWORK_ENGINEER})
JUDGES = frozenset({Role.MANAGEMENT})

REVIEW = ReviewPolicy(
    "review", "评审", JUDGES, frozenset({Sort.CENTRE}), 2, lambda _data: True, frozenset({"asked"})
)
KIND = Kind(
    name="toy",
    version=1,
    label="玩具",
    group="change",
    prefix="TOY",
    openers=ROLES,
    sections=(
        Section(
            "内容",
            (
                Field("what", "什么", needed=True, reviewed=True),
                Field("count", "数量", FieldSort.INTEGER),
                Field("when", "何时", FieldSort.MOMENT),
                Field("who", "何人", FieldSort.PERSON),
                Field(
                    "level",
                    "级别",
                    FieldSort.CHOICE,
                    choices=(("one", "一级"), ("two", "二级")),
                    reviewed=True,
                ),
                Field("places", "机构", FieldSort.ORGANISATIONS),
                Field("why", "为何", FieldSort.TEXT, needed=lambda d: d.get("level") == "one"),
            ),
        ),
    ),
    states=(
        State("draft", "草稿", owner_edits=True),
        State("asked", "评审中", owner_edits=True),
        State("doing", "实施中"),
        State("done", "完成", final=True),
        State("dropped", "撤回", final=True),
    ),
    transitions=(
        Transition("ask", "提交", frozenset({"draft"}), "asked", ROLES, (FILLED,)),
        Transition(
            "start", "开始", frozenset({"asked"}), "doing", ROLES, (REVIEWED,),
            proves=("002:15.6.4(1)",),
        ),
        Transition(
            "end", "完成", frozenset({"doing"}), "done", JUDGES, (BY_ANOTHER, STEPS_CHECKED),
            asks=(Field("result", "结果", needed=True),),
            proves=("002:15.6.5(1)", "002:15.6.4(5)"),
        ),
        Transition("drop", "撤回", frozenset({"draft", "asked"}), "dropped", ROLES),
    ),
    mandatory={"done": frozenset({REVIEWED.code, STEPS_CHECKED.code, FILLED.code})},
    retention=Retention(12),
    reviews=(REVIEW,),
    steps_done_in="doing",
)  # fmt: skip


class Days:
    """A calendar without holidays."""

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        days = range(1, (end - start).days + 1)
        return sum((start + dt.timedelta(days=n)).weekday() < 5 for n in days)

    def is_trading_day(self, day: dt.date) -> bool:
        return day.weekday() < 5


SITUATION = Situation(
    fields=KIND.fields,
    reviews=KIND.reviews,
    state="draft",
    title="换线",
    data={"what": "换线"},
    owner="wang",
    opened_at=NOW,
    entered_at=NOW,
    actor=Person("li"),
    now=NOW,
    calendar=Days(),
)


def with_state(state: State) -> Kind:
    """Return the kind with one more state."""
    return replace(KIND, states=(*KIND.states, state))


def with_ways(*ways: Transition) -> Kind:
    """Return the kind with more transitions."""
    return replace(KIND, transitions=(*KIND.transitions, *ways))
