"""Each fault of a declaration is found, and a sound one has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panshi.console.engine.graph import find_faults
from panshi.console.engine.kind import Kind, Retention, State, Transition
from panshi.rulebook.clauses import built_in_clauses
from tests.unit.console.engine.toy import JUDGES, KIND, REVIEW, ROLES, with_state, with_ways


def way(name: str, source: str, target: str, **more: object) -> Transition:
    return Transition(name, "走", frozenset({source}), target, ROLES, **more)  # type: ignore[arg-type]


def test_a_sound_kind_has_no_faults() -> None:
    assert find_faults(KIND, built_in_clauses()) == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (with_state(State("lost", "孤立")), "state lost cannot be reached"),
        (
            replace(with_state(State("trap", "陷阱")), transitions=with_ways(
                way("fall", "draft", "trap")).transitions),
            "no way leads from state trap to an end",
        ),
        (with_ways(way("again", "done", "draft")), "a way leaves the final state done"),
        (
            with_ways(way("skip", "asked", "doing")),
            "a way to state done avoids the guard review-lacking",
        ),
        (
            with_ways(replace(way("open", "draft", "asked"), roles=frozenset())),
            "transition open is open to everybody",
        ),
        (replace(KIND, openers=frozenset()), "everybody may open one"),
        (with_ways(way("far", "draft", "moon")), "transition far names an unknown state moon"),
        (with_ways(way("ask", "draft", "asked")), "two transitions ask leave state draft"),
        (with_state(State("draft", "草稿")), "state draft is declared twice"),
        (
            with_ways(way("prove", "draft", "asked", proves=("002:99",))),
            "transition prove proves an unknown clause 002:99",
        ),
        (
            replace(KIND, retention=Retention(6, "002:9.4.6")),
            "kept 6 months, clause 002:9.4.6 wants 12",
        ),
        (
            with_ways(way("prove", "draft", "asked", proves=("003:第30条末款",))),
            "kept 12 months, clause 003:第30条末款 wants 60",
        ),
        (replace(KIND, columns=("colour",)), "column colour is no field"),
        (
            replace(KIND, mandatory={"gone": frozenset({"x"})}),
            "mandatory guards of an unknown state gone",
        ),
        (
            replace(KIND, reviews=(replace(REVIEW, quorum=0),)),
            "review review needs nobody's approval",
        ),
        (
            replace(KIND, reviews=(replace(REVIEW, roles=frozenset()),)),
            "everybody has a vote in review review",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named(kind: Kind, fault: str) -> None:
    assert fault in find_faults(kind, built_in_clauses())


def test_a_transition_of_judges_is_no_fault() -> None:
    assert (
        find_faults(
            with_ways(replace(way("back", "doing", "asked"), roles=JUDGES)), built_in_clauses()
        )
        == []
    )
