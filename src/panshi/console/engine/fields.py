"""The fields of a kind: what each holds, and when it must be filled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_stubs_ext import StrOrPromise

Value: TypeAlias = str | int | bool | list[str] | None
"""What a record keeps of a field."""


class FieldSort(StrEnum):
    """What a field holds."""

    LINE = "line"
    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes-no"
    CHOICE = "choice"
    PERSON = "person"
    ORGANISATIONS = "organisations"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind; its value is checked when it is written and kept as JSON.

    Args:
        name: Name in the data.
        label: What a person reads.
        sort: What it holds.
        needed: Whether it must be filled before the record leaves its draft, from the data.
        choices: Values and labels of a choice.
        reviewed: Whether votes are bound to it: an edit lets them lapse.
        states: States in which it can be edited; empty for every state that is edited at all.
        hint: What helps to fill it.
    """

    name: str
    label: StrOrPromise
    sort: FieldSort = FieldSort.LINE
    needed: Callable[[Mapping[str, Value]], bool] | bool = False
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    reviewed: bool = False
    states: frozenset[str] = frozenset()
    hint: StrOrPromise = ""

    def is_needed(self, data: Mapping[str, Value]) -> bool:
        """Return whether the field must be filled, given the others."""
        return self.needed if isinstance(self.needed, bool) else self.needed(data)
