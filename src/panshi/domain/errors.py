"""Errors that bad input and failing surroundings raise, as one tree.

PanshiError
    BadInputError               what someone gave us does not hold
        BadRecordError          a file: which line or row, which field
        RuleMissingError        no rule row in force
        RuleOverlapError        two rule rows in force at once
        RuleGapError            days between two rule rows on which none is in force
        OutsideCalendarError    a date that the calendar does not cover
        FlowError               recorded order flow that contradicts itself
    LeaseError                  the database of the leases cannot be used
    HaltedError                 something that served had to end: it could not do its work any more
    TrialError                  in a trial of the platform something else came than had to come

A refusal of an order is a value, not an error, and has no place here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from pathlib import Path


class PanshiError(Exception):
    """Root of every error that the platform raises on purpose."""


class BadInputError(PanshiError):
    """Something from outside does not hold what it must hold."""


class BadRecordError(BadInputError):
    """A file holds a record that cannot be used; nothing of the file was taken.

    Args:
        file: The file that was read.
        line: Line or row number, from 1; 0 when the file as a whole is meant.
        field: Name of the column or field; empty when the whole record is meant.
        expected: What must hold, in words.
        found: What was found instead.
    """

    def __init__(self, file: Path | str, line: int, field: str, expected: str, found: str) -> None:
        self.file = str(file)
        self.line = line
        self.field = field
        self.expected = expected
        self.found = found
        super().__init__(file, line, field, expected, found)

    @override
    def __str__(self) -> str:
        where = self.file
        if self.line:
            where += f", line {self.line}"
        if self.field:
            where += f", field {self.field}"
        return f"{where}: must be {self.expected}, found {self.found}"


class RuleMissingError(BadInputError):
    """No row of the rulebook is in force for what was asked."""


class RuleOverlapError(BadInputError):
    """Two rows of the rulebook claim the same key on the same day."""


class RuleGapError(BadInputError):
    """Between two rows of a rule lie days on which none is in force."""


class OutsideCalendarError(BadInputError):
    """A date lies outside the table of trading days."""


class FlowError(BadInputError):
    """Recorded order flow contradicts itself."""


class LeaseError(PanshiError):
    """The database that keeps the leases of gateway numbers cannot be used."""


class HaltedError(PanshiError):
    """Something that served had to end because it could not do its work any more."""


class TrialError(PanshiError):
    """In a trial of the platform something else came than had to come."""
