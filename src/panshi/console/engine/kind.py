"""What a kind of record declares: its form, states, transitions, guards, reviews and clauses."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_stubs_ext import StrOrPromise

    from panshi.console.engine.fields import Field
    from panshi.console.engine.review import ReviewPolicy
    from panshi.console.engine.situation import Situation
    from panshi.console.identity.roles import Role


class Tone(StrEnum):
    """How a state looks at a glance."""

    QUIET = "secondary"
    WAITING = "blue"
    ACTIVE = "orange"
    GOOD = "green"
    BAD = "red"


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together on the form and in print."""

    label: StrOrPromise
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Where a record can be.

    Args:
        name: Name in the table.
        label: What a person reads.
        tone: How it looks.
        final: Whether the record is closed there.
        owner_edits: Whether who opened the record may edit it.
        editors: Roles that may edit it as well.
    """

    name: str
    label: StrOrPromise
    tone: Tone = Tone.WAITING
    final: bool = False
    owner_edits: bool = False
    editors: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Objection:
    """What a guard found: why a record cannot move."""

    words: StrOrPromise
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold before a transition.

    Args:
        code: A word that does not change; the refusal carries it.
        label: What must hold, as a reader sees it beforehand.
        check: Looks at the situation; pure.
    """

    code: str
    label: StrOrPromise
    check: Callable[[Situation], Objection | None]


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from states to a state.

    Args:
        name: The action's name.
        label: What the button says.
        sources: States that it leaves.
        target: State that it reaches.
        roles: Who may take it, as far as roles go.
        guards: What must hold, in the order in which it is told.
        asks: What is asked when it is taken; the answers go into the data.
        proves: References of the clauses that taking it is evidence for.
        tone: How the button looks.
    """

    name: str
    label: StrOrPromise
    sources: frozenset[str]
    target: str
    roles: frozenset[Role]
    guards: tuple[Guard, ...] = ()
    asks: tuple[Field, ...] = ()
    proves: tuple[str, ...] = ()
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True)
class Retention:
    """How long closed records of a kind are kept, and which clause asks for it."""

    months: int
    clause: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    Args:
        name: Name in addresses and in the table.
        version: Raised with every change; a record keeps the version it was opened with.
        label: What a person reads.
        group: Name of the menu's group where its list stands.
        prefix: What its numbers begin with.
        openers: Roles that may open one.
        sections: The fields.
        states: The first of them is where a record begins.
        transitions: The ways between them.
        mandatory: For a final state, the codes of guards that no way to it may avoid.
        retention: How long it is kept.
        reviews: Who judges it.
        steps_done_in: State in which its steps are done; blank where it has none.
        columns: Fields shown in the list.
    """

    name: str
    version: int
    label: StrOrPromise
    group: str
    prefix: str
    openers: frozenset[Role]
    sections: tuple[Section, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    mandatory: Mapping[str, frozenset[str]]
    retention: Retention
    reviews: tuple[ReviewPolicy, ...] = ()
    steps_done_in: str = ""
    columns: tuple[str, ...] = ()

    @functools.cached_property
    def fields(self) -> Mapping[str, Field]:
        """Return the fields by name, in the order of the form."""
        return {one.name: one for section in self.sections for one in section.fields}

    @functools.cached_property
    def asked(self) -> Mapping[str, Field]:
        """Return the fields that transitions ask for."""
        return {one.name: one for way in self.transitions for one in way.asks}

    @property
    def first_state(self) -> State:
        """Return where a record begins."""
        return self.states[0]

    def state(self, name: str) -> State:
        """Return a state.

        Raises:
            KeyError: If the kind has none of the name.
        """
        return {one.name: one for one in self.states}[name]

    def transition(self, name: str, source: str) -> Transition | None:
        """Return the transition of a name that leaves a state, if there is one."""
        return next((way for way in self.ways_from(source) if way.name == name), None)

    def ways_from(self, source: str) -> tuple[Transition, ...]:
        """Return the transitions that leave a state."""
        return tuple(way for way in self.transitions if source in way.sources)
