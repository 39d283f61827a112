"""Whether a ledger is as it was written: every byte of it, from the first record to the last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.ledger.entry import GENESIS, compute_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger as it was written down elsewhere: `sequence` and 64 hex digits."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The first place at which the ledger is not what it must be.

    Args:
        sequence: The record; 0 when the ledger as a whole is meant.
        expected: What must hold.
        found: What was found.
    """

    sequence: int
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a ledger found.

    Args:
        entries: Records that were read up to the finding.
        head: The last sound record; None in an empty ledger.
        finding: What does not hold; None when everything does.
    """

    entries: int
    head: Head | None
    finding: Finding | None


def verify(entries: Iterable[Entry], anchor: Head | None = None) -> Verdict:
    """Check a ledger record by record.

    A chain alone cannot show that its end was cut off or that it was written anew as a whole; an
    anchor that was kept elsewhere does.

    Args:
        entries: All records in their order.
        anchor: A head that was noted at an earlier time.

    Returns:
        The verdict; it ends at the first finding.
    """
    progress = Verdict(0, None, None)
    try:
        for entry in entries:
            progress = _advance(progress, entry, anchor)
            if progress.finding is not None:
                return progress
    except BadRecordError as error:
        unreadable = Finding(progress.entries + 1, error.expected, error.found)
        return replace(progress, finding=unreadable)
    return _judge_end(progress, anchor)


def _advance(before: Verdict, entry: Entry, anchor: Head | None) -> Verdict:
    count = before.entries + 1
    finding = _judge(entry, before.head) or _judge_anchor(entry, anchor)
    if finding is not None:
        return Verdict(count, before.head, finding)
    return Verdict(count, Head(entry.sequence, entry.digest), None)


def _judge_end(verdict: Verdict, anchor: Head | None) -> Verdict:
    end = 0 if verdict.head is None else verdict.head.sequence
    if anchor is None or end >= anchor.sequence:
        return verdict
    missing = Finding(0, f"at least {anchor.sequence} records, as noted", f"the end at {end}")
    return replace(verdict, finding=missing)


def _judge(entry: Entry, head: Head | None) -> Finding | None:
    number, digest = (0, GENESIS) if head is None else (head.sequence, head.digest)
    if entry.sequence != number + 1:
        return Finding(entry.sequence, f"record {number + 1} next", f"record {entry.sequence}")
    if entry.previous != digest:
        return Finding(entry.sequence, f"previous digest {digest}", entry.previous)
    computed = compute_digest(entry)
    if entry.digest != computed:
        return Finding(entry.sequence, f"digest {computed} of what it says", entry.digest)
    return None


def _judge_anchor(entry: Entry, anchor: Head | None) -> Finding | None:
    if anchor is None or entry.sequence != anchor.sequence or entry.digest == anchor.digest:
        return None
    return Finding(entry.sequence, f"digest {anchor.digest}, as noted", entry.digest)
