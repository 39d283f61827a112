"""Casting votes: who may, about what, in which state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from panshi.console.engine.days import calendar
from panshi.console.engine.review import Opinion
from panshi.console.engine.scene import kind_of, see
from panshi.console.engine.workflow import find_record
from panshi.console.events.door import Act, Done, act
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.deeds import now, require_role
from panshi.console.identity.roles import Role
from panshi.console.records.models import VoteRow

if TYPE_CHECKING:
    from panshi.console.engine.review import ReviewPolicy
    from panshi.console.identity.models import User
    from panshi.console.records.models import Record

WORDS_MAX = 500


@dataclass(frozen=True, slots=True)
class Ballot:
    """An opinion that is to be cast.

    Args:
        policy: Name of the review.
        opinion: Approve or reject.
        digest: Digest of what the person read; another one now means that it was edited.
        words: Why; a rejection needs some.
    """

    policy: str
    opinion: Opinion
    digest: str
    words: str = ""


def cast_vote(actor: User, record_id: int, ballot: Ballot) -> VoteRow:
    """Say an opinion about a record as it stands.

    Args:
        actor: Who says it.
        record_id: Which record.
        ballot: What is said about what.

    Returns:
        The vote.

    Raises:
        RefusedError: If the person has no vote, or not now, or read something else.
    """
    seen = find_record(actor, record_id)

    def change() -> Done[VoteRow]:
        record = find_record(actor, record_id)
        policy = _require_policy(record, ballot.policy)
        require_voter(actor, record, policy)
        _require_words(ballot)
        now_digest = see(record, actor, calendar()).digest
        if ballot.digest != now_digest:
            raise RefusedError(
                "edited-meanwhile", _("内容刚刚被修改，请刷新并重新阅读后再发表意见")
            )
        vote = VoteRow.objects.create(
            record=record,
            policy=policy.name,
            voter=actor,
            opinion=ballot.opinion,
            words=ballot.words.strip(),
            digest=now_digest,
            cast_at=now(),
        )
        told: dict[str, object] = {
            "review": policy.name,
            "opinion": str(ballot.opinion),
            "words": vote.words,
            "digest": now_digest,
        }
        return Done(vote, told)

    deed = Act(actor.username, f"{seen.kind}.vote", seen.subject, seen.organisation.code)
    return act(deed, change)


def may_vote(actor: User, record: Record, policy: ReviewPolicy) -> bool:
    """Return whether a person has a vote in a review of a record."""
    sort_fits = not policy.sorts or actor.organisation.sort in policy.sorts
    return (
        bool(actor.roles & policy.roles)
        and sort_fits
        and record.owner_id != actor.pk
        and record.state in policy.states
    )


def require_voter(actor: User, record: Record, policy: ReviewPolicy) -> None:
    """Refuse whoever has no vote in a review.

    Raises:
        RefusedError: With code `not-permitted`, `own-record`, `not-in-body` or `no-vote-now`.
    """
    require_role(actor, *(Role(role) for role in policy.roles))
    if record.owner_id == actor.pk:
        raise RefusedError("own-record", _("不能评审自己发起的事项"))
    if policy.sorts and actor.organisation.sort not in policy.sorts:
        raise RefusedError(
            "not-in-body",
            _("%(review)s由其他机构的人员进行") % {"review": policy.label},
            review=policy.name,
        )
    if record.state not in policy.states:
        label = kind_of(record).state(record.state).label
        raise RefusedError(
            "no-vote-now",
            _("状态为“%(state)s”时不能发表评审意见") % {"state": label},
            state=record.state,
        )


def _require_policy(record: Record, name: str) -> ReviewPolicy:
    for policy in kind_of(record).reviews:
        if policy.name == name and policy.applies(record.data):
            return policy
    raise RefusedError("no-such-review", _("这条记录不需要该项评审"), review=name[:32])


def _require_words(ballot: Ballot) -> None:
    words = ballot.words.strip()
    if len(words) > WORDS_MAX:
        raise RefusedError("words-too-long", _("说明最多 %(limit)s 个字符") % {"limit": WORDS_MAX})
    if ballot.opinion is Opinion.REJECT and not words:
        raise RefusedError("reason-lacking", _("不同意时必须说明理由"))
