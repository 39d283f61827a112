"""Checks of a kind's declaration that need no record: what can be reached, what can be avoided."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from panshi.console.engine.kind import Kind, Transition
    from panshi.rulebook.clauses import Clause


def find_faults(kind: Kind, clauses: Mapping[str, Clause]) -> list[str]:
    """Return what is wrong with a declaration.

    Args:
        kind: The declaration.
        clauses: The clause library, by reference.

    Returns:
        A sentence for each fault; empty when the kind can be used.
    """
    faults = _find_wrong_names(kind)
    if faults:
        return faults
    return [
        *_find_dead_states(kind),
        *_find_ways_around(kind),
        *_find_open_doors(kind),
        *_find_wrong_clauses(kind, clauses),
    ]


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _find_wrong_names(kind: Kind) -> list[str]:
    states = {state.name for state in kind.states}
    fields = [one.name for section in kind.sections for one in section.fields]
    faults = [f"state {name} is declared twice" for name in _twice(s.name for s in kind.states)]
    faults += [f"field {name} is declared twice" for name in _twice(fields)]
    for way in kind.transitions:
        unknown = sorted((way.sources | {way.target}) - states)
        faults += [f"transition {way.name} names an unknown state {name}" for name in unknown]
        faults += [] if way.sources else [f"transition {way.name} leaves no state"]
    leaving = Counter((way.name, source) for way in kind.transitions for source in way.sources)
    faults += [
        f"two transitions {name} leave state {source}"
        for (name, source), times in leaving.items()
        if times > 1
    ]
    faults += [f"column {name} is no field" for name in kind.columns if name not in fields]
    faults += [
        f"field {one.name} names an unknown state {name}"
        for one in kind.fields.values()
        for name in sorted(one.states - states)
    ]
    faults += [
        f"mandatory guards of an unknown state {name}"
        for name in sorted(set(kind.mandatory) - states)
    ]
    return faults


def _reached(
    kind: Kind, start: str, usable: Callable[[Transition], bool] = lambda _way: True
) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for way in kind.ways_from(here):
            if usable(way) and way.target not in seen:
                seen.add(way.target)
                waiting.append(way.target)
    return seen


def _find_dead_states(kind: Kind) -> list[str]:
    finals = {state.name for state in kind.states if state.final}
    reached = _reached(kind, kind.first_state.name)
    faults = []
    for state in kind.states:
        if state.name not in reached:
            faults.append(f"state {state.name} cannot be reached")
        if not state.final and not finals & _reached(kind, state.name):
            faults.append(f"no way leads from state {state.name} to an end")
        if state.final and kind.ways_from(state.name):
            faults.append(f"a way leaves the final state {state.name}")
    return faults


def _find_ways_around(kind: Kind) -> list[str]:
    faults = []
    for target, codes in kind.mandatory.items():
        for code in sorted(codes):
            around = _reached(
                kind,
                kind.first_state.name,
                lambda way, code=code: code not in {guard.code for guard in way.guards},  # type: ignore[misc]
            )
            if target in around:
                faults.append(f"a way to state {target} avoids the guard {code}")
    return faults


def _find_open_doors(kind: Kind) -> list[str]:
    faults = [] if kind.openers else ["everybody may open one"]
    faults += [f"transition {w.name} is open to everybody" for w in kind.transitions if not w.roles]
    for policy in kind.reviews:
        if not policy.roles:
            faults.append(f"everybody has a vote in review {policy.name}")
        if policy.quorum < 1:
            faults.append(f"review {policy.name} needs nobody's approval")
    return faults


def _find_wrong_clauses(kind: Kind, clauses: Mapping[str, Clause]) -> list[str]:
    faults = [
        f"transition {way.name} proves an unknown clause {reference}"
        for way in kind.transitions
        for reference in way.proves
        if reference not in clauses
    ]
    kept = kind.retention
    if kept.clause:
        if kept.clause not in clauses:
            return [*faults, f"retention names an unknown clause {kept.clause}"]
        least = clauses[kept.clause].keep_months
        if least is None:
            faults.append(f"clause {kept.clause} says nothing of how long records are kept")
        elif kept.months < least:
            faults.append(f"kept {kept.months} months, clause {kept.clause} wants {least}")
    for way in kind.transitions:
        for reference in way.proves:
            least = clauses[reference].keep_months if reference in clauses else None
            if least is not None and kept.months < least:
                faults.append(f"kept {kept.months} months, clause {reference} wants {least}")
    return faults
