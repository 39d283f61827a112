"""A roll-up of votes never turns a rejection, or a vote about something else, into approval."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from panshi.console.engine.review import Opinion, Vote, digest_of, tally
from panshi.console.engine.situation import StepSeen
from tests.unit.console.engine.toy import KIND, NOW, REVIEW

VOTES = st.lists(
    st.builds(
        Vote,
        policy=st.sampled_from(["review", "other"]),
        voter=st.sampled_from(["a", "b", "c", "d"]),
        opinion=st.sampled_from(Opinion),
        digest=st.sampled_from(["now", "before"]),
        cast_at=st.just(NOW),
    ),
    max_size=12,
)


@given(VOTES)
def test_passing_means_enough_last_words_for_what_stands_there_and_none_against(
    votes: list[Vote],
) -> None:
    last = {vote.voter: vote for vote in votes if vote.policy == "review"}.values()
    approving = {v.voter for v in last if v.digest == "now" and v.opinion is Opinion.APPROVE}
    rejecting = {v.voter for v in last if v.digest == "now" and v.opinion is Opinion.REJECT}
    count = tally(votes, REVIEW, "now")
    assert count.passed == (len(approving) >= 2 and not rejecting)
    assert count.lacking == max(0, 2 - len(approving))
    assert set(count.lapsed) == {vote.voter for vote in last if vote.digest != "now"}


def test_nobody_has_approved_when_nobody_voted() -> None:
    assert not tally([], REVIEW, "now").passed


STEP = StepSeen(1, "拔线", "work", "zhao", "qian", NOW, NOW + dt.timedelta(hours=1))


def digest(title: str = "换线", what: str = "甲", **more: object) -> str:
    data = {"what": what, **more}
    return digest_of(KIND.fields.values(), title, data, [STEP.plan()])  # type: ignore[arg-type]


def test_the_digest_covers_what_is_reviewed_and_nothing_else() -> None:
    assert digest() != digest(what="乙")
    assert digest() != digest(title="换设备")
    assert digest() != digest(level="one")
    assert digest() == digest(count=3, result="好")


def test_the_digest_covers_the_plan_of_steps_and_not_what_was_done() -> None:
    def of(step: StepSeen) -> str:
        return digest_of(KIND.fields.values(), "换线", {}, [step.plan()])

    done = StepSeen(**{**_values(STEP), "started_at": NOW, "succeeded": True})
    later = StepSeen(**{**_values(STEP), "planned_start": NOW + dt.timedelta(minutes=1)})
    other = StepSeen(**{**_values(STEP), "checker": "sun"})
    elsewhere = StepSeen(
        **{**_values(STEP), "planned_start": NOW.astimezone(dt.timezone(dt.timedelta(hours=8)))}
    )
    assert of(done) == of(STEP) == of(elsewhere)
    assert len({of(STEP), of(later), of(other)}) == 3


def _values(step: StepSeen) -> dict[str, Any]:
    return {name: getattr(step, name) for name in StepSeen.__slots__}
