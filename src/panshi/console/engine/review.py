"""Votes: what they come to, and which of them still count. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from django_stubs_ext import StrOrPromise

    from panshi.console.engine.fields import Field, Value
    from panshi.console.identity.models import Sort
    from panshi.console.identity.roles import Role


class Opinion(StrEnum):
    """What a reviewer says."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """Who judges a record, and how many of them must agree.

    Args:
        name: Name of the stage.
        label: What a person reads.
        roles: Who has a vote, as far as roles go.
        sorts: Organisations whose people have a vote; empty for all.
        quorum: So many must approve.
        applies: Whether the record needs this review, from its data.
        states: States in which votes are cast.
    """

    name: str
    label: StrOrPromise
    roles: frozenset[Role]
    sorts: frozenset[Sort]
    quorum: int
    applies: Callable[[Mapping[str, Value]], bool]
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vote:
    """One opinion of one person about exactly what had this digest."""

    policy: str
    voter: str
    opinion: Opinion
    digest: str
    cast_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """What the votes of a review come to.

    Args:
        approvals: Who approves what stands there now.
        rejections: Who rejects it.
        lapsed: Whose last opinion was about something that has been edited since.
        quorum: So many must approve.
    """

    approvals: tuple[str, ...]
    rejections: tuple[str, ...]
    lapsed: tuple[str, ...]
    quorum: int

    @property
    def passed(self) -> bool:
        """Return whether enough approve and nobody rejects."""
        return not self.rejections and len(self.approvals) >= self.quorum

    @property
    def lacking(self) -> int:
        """Return how many approvals are still needed."""
        return max(0, self.quorum - len(self.approvals))


def tally(votes: Iterable[Vote], policy: ReviewPolicy, digest: str) -> Tally:
    """Count the votes of one review; a person's last opinion is the one that counts.

    A rejection is never outvoted: it stands until the person changes it or the plan is edited.

    Args:
        votes: All votes of the record, in the order in which they were cast.
        policy: The review.
        digest: What stands in the record now.

    Returns:
        The count.
    """
    last: dict[str, Vote] = {}
    for vote in votes:
        if vote.policy == policy.name:
            last[vote.voter] = vote
    now = [vote for vote in last.values() if vote.digest == digest]
    return Tally(
        approvals=tuple(sorted(v.voter for v in now if v.opinion is Opinion.APPROVE)),
        rejections=tuple(sorted(v.voter for v in now if v.opinion is Opinion.REJECT)),
        lapsed=tuple(sorted(v.voter for v in last.values() if v.digest != digest)),
        quorum=policy.quorum,
    )


def digest_of(
    fields: Iterable[Field], title: str, data: Mapping[str, Value], plan: Iterable[object]
) -> str:
    """Return the digest of what reviewers judge: the fields that are reviewed and the plan.

    Args:
        fields: The kind's fields.
        title: The record's title.
        data: The record's values.
        plan: What its steps plan, as lists that JSON can write.

    Returns:
        SHA-256 in hexadecimal digits.
    """
    reviewed = {field.name: data.get(field.name) for field in fields if field.reviewed}
    told = [title, reviewed, list(plan)]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
