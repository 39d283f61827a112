"""One run of a scenario: what was done to the processes, what was seen, what must hold."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SHOWN_MAX: Final = 5
"""Differences that are shown of an invariant that does not hold."""


class Words(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str

    def line(self) -> str:
        """Return both on one line, Chinese first."""
        return f"{self.zh} · {self.en}"


class Invariant(NamedTuple):
    """Something that must hold whatever is done to the processes."""

    name: str
    words: Words


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named fault.

    Attributes:
        name: By this it is asked for.
        words: What happens, in one sentence.
        play: Does it.
        long: Takes more than some seconds; left out of the short set.
        lacks: Each tells why the scenario cannot run here, or None.
    """

    name: str
    words: Words
    play: Callable[[Trial], None]
    long: bool = False
    lacks: tuple[Callable[[], str | None], ...] = ()

    def lacking(self) -> str | None:
        """Return why it cannot run here, or None."""
        return next((reason for lack in self.lacks if (reason := lack()) is not None), None)


@dataclass(slots=True)
class Trial:
    """A scenario under way; what it opens is closed when it is over.

    Attributes:
        folder: Empty folder for everything that its processes write.
        tell: Is told every line for people.
        short: Whether it must end soon: fewer orders, fewer repetitions.
        injected: What was done.
        observed: What was seen, by name.
        invariants: What must hold, with the differences that were found.
        opened: Closes what was opened.
    """

    folder: Path
    tell: Callable[[str], None]
    short: bool = False
    injected: list[Words] = field(default_factory=list)
    observed: dict[str, Any] = field(default_factory=dict)
    invariants: dict[Invariant, list[str]] = field(default_factory=dict)
    opened: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def inject(self, zh: str, en: str) -> None:
        """Say what is done now.

        Args:
            zh: In Chinese.
            en: In English.
        """
        words = Words(zh, en)
        self.injected.append(words)
        self.tell(f"  注入 injected   {words.line()}")

    def observe(self, **values: object) -> None:
        """Keep what was seen.

        Args:
            **values: Names and values that JSON can hold.
        """
        self.observed.update(values)

    def check(self, invariant: Invariant, differences: Sequence[str]) -> None:
        """Say whether something holds.

        Args:
            invariant: What must hold; it may be checked several times.
            differences: What was found against it; nothing when it holds.
        """
        self.invariants.setdefault(invariant, []).extend(differences)

    def expect(self, invariant: Invariant, found: object, wanted: object) -> None:
        """Say that one value must be another.

        Args:
            invariant: What must hold.
            found: What is.
            wanted: What must be.
        """
        same = found == wanted
        self.check(invariant, [] if same else [f"must be {wanted!r}, found {found!r}"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario came to.

    Attributes:
        name: Its name.
        held: Whether every invariant held; None when it was skipped.
        injected: What was done.
        observed: What was seen.
        invariants: Whether each held, and the first differences.
        reason: Why it was skipped, or what kept it from its end.
    """

    name: str
    held: bool | None
    injected: list[Words]
    observed: dict[str, Any]
    invariants: dict[str, dict[str, Any]]
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        found: dict[str, Any] = {
            "held": self.held,
            "injected": [words._asdict() for words in self.injected],
            "observed": self.observed,
            "invariants": self.invariants,
        }
        return found if self.reason is None else found | {"reason": self.reason}


def conclude(name: str, trial: Trial, reason: str | None) -> Outcome:
    """Sum up a scenario that has run.

    Args:
        name: Its name.
        trial: What it did and saw.
        reason: What kept it from its end, or None.

    Returns:
        The outcome; without any invariant it has not shown anything and does not hold.
    """
    rows = {
        invariant.name: {
            "held": not differences,
            **invariant.words._asdict(),
            "differences": differences[:SHOWN_MAX],
        }
        for invariant, differences in trial.invariants.items()
    }
    held = reason is None and bool(rows) and all(row["held"] for row in rows.values())
    return Outcome(name, held, trial.injected, trial.observed, rows, reason)
