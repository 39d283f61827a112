"""What must hold for all kinds: sound graphs, guards that can object, versions that go up."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from panshi.console.engine import registry
from panshi.console.engine.graph import find_faults
from panshi.rulebook.clauses import built_in_clauses

if TYPE_CHECKING:
    from panshi.console.engine.kind import Kind
    from tests.unit.console.kinds.case import Case

VERSIONS = Path(__file__).with_name("versions.json")
KINDS = registry.newest()


def cases_of(kind: Kind) -> list[Case]:
    module = importlib.import_module(f"tests.unit.console.kinds.{kind.name}_cases")
    cases: list[Case] = module.CASES
    return cases


def guards_of(kind: Kind) -> set[str]:
    return {guard.code for way in kind.transitions for guard in way.guards}


def test_there_are_kinds() -> None:
    assert {"finding"} <= {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    "kind", registry.every_version(), ids=lambda kind: f"{kind.name}-{kind.version}"
)
def test_a_kind_has_no_faults(kind: Kind) -> None:
    assert find_faults(kind, built_in_clauses()) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_guard_of_a_kind_has_a_case(kind: Kind) -> None:
    assert {case.code for case in cases_of(kind)} == guards_of(kind)


@pytest.mark.parametrize(
    ("kind", "case"),
    [(kind, case) for kind in KINDS for case in cases_of(kind)],
    ids=lambda value: getattr(value, "code", None) or value.name,
)
def test_a_guard_objects_to_its_case_and_to_nothing_else(kind: Kind, case: Case) -> None:
    guards = {guard.code: guard for way in kind.transitions for guard in way.guards}
    objection = guards[case.code].check(case.bad)
    assert objection is not None
    assert str(objection.words)
    assert guards[case.code].check(case.good) is None


def declared(kind: Kind) -> str:
    """Return the digest of what a record's life hangs on."""
    told = [
        [
            [f.name, f.sort, f.reviewed, sorted(f.states), [c for c, _ in f.choices]]
            for f in kind.fields.values()
        ],
        [[s.name, s.final, s.owner_edits, sorted(s.editors)] for s in kind.states],
        [
            [w.name, sorted(w.sources), w.target, sorted(w.roles), [g.code for g in w.guards],
             [f.name for f in w.asks], list(w.proves)]
            for w in kind.transitions
        ],
        [
            [r.name, sorted(r.roles), sorted(r.sorts), r.quorum, sorted(r.states)]
            for r in kind.reviews
        ],
        {state: sorted(codes) for state, codes in kind.mandatory.items()},
        [sorted(kind.openers), kind.retention.months, kind.steps_done_in, kind.prefix],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def test_a_changed_declaration_has_another_version() -> None:
    found = {f"{k.name}-{k.version}": declared(k) for k in registry.every_version()}
    if os.environ.get("PANSHI_UPDATE_GOLDEN"):
        VERSIONS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    told = json.loads(VERSIONS.read_text(encoding="utf-8"))
    assert found == told, (
        "records keep the version they were opened with: raise the version of a kind that may be "
        "in use, or set PANSHI_UPDATE_GOLDEN=1 for one that was never released"
    )
