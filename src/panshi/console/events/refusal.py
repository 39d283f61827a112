"""Why something may not be done: a code, facts, and words in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from panshi.domain.errors import PanshiError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class RefusedError(PanshiError):
    """A rule forbids what was asked; nothing was changed.

    Args:
        code: A word that does not change, such as `not-permitted`.
        words: What a person reads, in the reader's language.
        facts: What was found, for the event: strings and integers.
    """

    def __init__(self, code: str, words: StrOrPromise, **facts: str | int | None) -> None:
        self.code = code
        self.words = words
        self.recorded = False
        """Whether its event has been written."""
        self.facts: dict[str, object] = dict(facts)
        super().__init__(code, words)

    @override
    def __str__(self) -> str:
        return f"{self.words} ({self.code})"
