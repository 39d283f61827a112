"""Records on the real tables: opened, edited, moved, and refused with nothing changed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from panshi.console.engine.days import calendar
from panshi.console.engine.entry import BadFieldsError
from panshi.console.engine.review import Opinion
from panshi.console.engine.scene import see
from panshi.console.engine.steps import (
    StepPlan,
    check_step,
    drop_step,
    finish_step,
    plan_step,
    start_step,
)
from panshi.console.engine.voting import Ballot, cast_vote
from panshi.console.engine.workflow import Draft, Wish, edit_record, move, open_record
from panshi.console.events.door import Act, Done, act
from panshi.console.events.models import Event
from panshi.console.events.refusal import RefusedError
from panshi.console.records.models import Proof, Record, Step
from panshi.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from panshi.console.identity.models import User
    from tests.unit.console.conftest import StillClock
    from tests.unit.console.engine.conftest import People

pytestmark = pytest.mark.django_db


def refused(code: str, call: Callable[[], object]) -> None:
    """Assert that a call is refused with a code, and that no record has changed by it."""
    before = list(Record.objects.order_by("pk").values())
    steps = list(Step.objects.order_by("pk").values())
    with pytest.raises(RefusedError) as caught:
        call()
    assert caught.value.code == code
    assert list(Record.objects.order_by("pk").values()) == before
    assert list(Step.objects.order_by("pk").values()) == steps
    last = Event.objects.order_by("-sequence").first()
    assert last is not None
    if caught.value.recorded:
        assert last.action.endswith(".refused")
        assert json.loads(last.data)["code"] == code


def digest_of(record: Record, user: User) -> str:
    return see(record, user, calendar()).digest


def vote(user: User, record: Record, opinion: Opinion = Opinion.APPROVE, words: str = "") -> None:
    cast_vote(user, record.pk, Ballot("review", opinion, digest_of(record, user), words))


def test_numbers_follow_each_other_inside_a_year(people: People, clock: StillClock) -> None:
    clock.moment = dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)
    numbers = []
    for minutes in (0, 0, 1):
        clock.move(minutes=minutes)
        record = open_record(people.wang, Draft("toy", "换线", people.wang.organisation))
        numbers.append(record.number)
    # Midnight is that of Shanghai.
    assert numbers == ["TOY-2026-0001", "TOY-2026-0002", "TOY-2027-0001"]


def test_what_cannot_be_read_is_told_by_field_and_opens_nothing(people: People) -> None:
    raw = {"what": "甲", "count": "many", "who": "nobody", "places": "node-a,atlantis", "x": "y"}
    with pytest.raises(BadFieldsError) as caught:
        open_record(people.wang, Draft("toy", "换线", people.wang.organisation, raw))
    assert set(caught.value.words) == {"count", "who", "places", "x"}
    assert "atlantis" in caught.value.words["places"]
    with pytest.raises(BadFieldsError):
        open_record(people.wang, Draft("toy", "  ", people.wang.organisation))
    assert not Record.objects.exists()


def test_only_openers_open_and_nobody_for_another_organisation(people: People) -> None:
    home = people.wang.organisation
    refused("not-permitted", lambda: open_record(people.first, Draft("toy", "换线", home)))
    refused("not-permitted", lambda: open_record(people.node, Draft("toy", "换线", home)))


def test_happened_and_recorded_are_two_times(people: People, clock: StillClock) -> None:
    home = people.wang.organisation
    earlier = clock.moment - dt.timedelta(hours=3)
    record = open_record(people.wang, Draft("toy", "换线", home, happened_at=earlier))
    assert (record.happened_at, record.recorded_at) == (earlier, clock.moment)
    later = clock.moment + dt.timedelta(minutes=1)
    refused(
        "in-the-future",
        lambda: open_record(people.wang, Draft("toy", "换线", home, happened_at=later)),
    )


def test_an_edit_tells_what_changed(people: People, draft: Record) -> None:
    edited = edit_record(people.wang, draft.pk, draft.version, "换两条线", {"count": "2"})
    assert (edited.title, edited.data) == ("换两条线", {"what": "换甲线", "count": 2})
    event = Event.objects.get(action="toy.edit")
    assert json.loads(event.data) == {
        "changed": [["title", "换线", "换两条线"], ["count", None, 2]]
    }
    refused(
        "edited-meanwhile",
        lambda: edit_record(people.wang, draft.pk, draft.version, "又换", {}),
    )
    refused("not-editable", lambda: edit_record(people.li, draft.pk, edited.version, "抢改", {}))


def test_a_record_of_another_organisation_is_not_there(people: People, draft: Record) -> None:
    refused("no-such-record", lambda: move(people.node, draft.pk, Wish("ask")))
    assert not Record.objects.visible_to(people.node).exists()


def test_moving_asks_roles_state_and_guards(people: People, draft: Record) -> None:
    refused("not-permitted", lambda: move(people.first, draft.pk, Wish("ask")))
    refused("no-such-way", lambda: move(people.wang, draft.pk, Wish("start")))
    refused("edited-meanwhile", lambda: move(people.wang, draft.pk, Wish("ask", version=7)))
    empty = edit_record(people.wang, draft.pk, draft.version, "换线", {"level": "one"})
    refused("fields-lacking", lambda: move(people.wang, empty.pk, Wish("ask")))
    full = edit_record(people.wang, draft.pk, empty.version, "换线", {"why": "旧线断过"})
    assert move(people.wang, full.pk, Wish("ask")).state == "asked"


def test_votes_count_only_for_what_was_read(people: People, asked: Record) -> None:
    refused("review-lacking", lambda: move(people.wang, asked.pk, Wish("start")))
    vote(people.first, asked)
    vote(people.second, asked)
    before = digest_of(asked, people.first)
    edited = edit_record(people.wang, asked.pk, asked.version, "换线", {"what": "换乙线"})
    refused("review-lacking", lambda: move(people.wang, asked.pk, Wish("start")))
    refused(
        "edited-meanwhile",
        lambda: cast_vote(people.first, asked.pk, Ballot("review", Opinion.APPROVE, before)),
    )
    vote(people.first, edited)
    vote(people.second, edited, Opinion.REJECT, "时间不妥")
    refused("review-lacking", lambda: move(people.wang, asked.pk, Wish("start")))
    vote(people.second, edited)
    assert move(people.wang, asked.pk, Wish("start")).state == "doing"
    assert list(Proof.objects.values_list("clause", flat=True)) == ["002:15.6.4(1)"]
    proof = Proof.objects.get()
    assert Event.objects.get(sequence=proof.event).action == "toy.start"


def test_who_has_no_vote_is_refused(people: People, asked: Record) -> None:
    refused("not-permitted", lambda: vote(people.li, asked))
    refused("reason-lacking", lambda: vote(people.first, asked, Opinion.REJECT, " "))
    refused("words-too-long", lambda: vote(people.first, asked, words="长" * 501))
    ballot = Ballot("other", Opinion.APPROVE, digest_of(asked, people.first))
    refused("no-such-review", lambda: cast_vote(people.first, asked.pk, ballot))


def test_votes_and_proofs_cannot_be_rewritten(people: People, asked: Record) -> None:
    vote(people.first, asked)

    def rewrite() -> Done[None]:
        asked.votes.update(opinion="reject")
        return Done(None)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        act(Act("wang", "toy.cheat", "toy:x"), rewrite)
    assert asked.votes.get().opinion == "approve"


@pytest.fixture
def doing(people: People, asked: Record) -> Record:
    plan_step(people.wang, asked.pk, StepPlan("拔甲线", people.wang, people.li))
    plan_step(people.wang, asked.pk, StepPlan("插乙线", people.li, people.wang))
    asked.refresh_from_db()
    vote(people.first, asked)
    vote(people.second, asked)
    return move(people.wang, asked.pk, Wish("start"))


def test_steps_are_done_in_order_by_two_persons(
    people: People, doing: Record, clock: StillClock
) -> None:
    pk = doing.pk
    refused("step-not-running", lambda: finish_step(people.wang, pk, 1, "", succeeded=True))
    refused("not-the-person", lambda: start_step(people.li, pk, 1))
    refused("step-out-of-order", lambda: start_step(people.li, pk, 2))
    start_step(people.wang, pk, 1)
    refused("step-started", lambda: start_step(people.wang, pk, 1))
    clock.move(minutes=5)
    refused("result-lacking", lambda: finish_step(people.wang, pk, 1, " ", succeeded=False))
    finish_step(people.wang, pk, 1, "已拔", succeeded=True)
    refused("not-the-person", lambda: check_step(people.wang, pk, 1))
    refused("step-unchecked", lambda: _end(people.first, doing))
    early = clock.moment - dt.timedelta(minutes=2)
    refused("before-its-end", lambda: check_step(people.li, pk, 1, early))
    check_step(people.li, pk, 1)
    start_step(people.li, pk, 2)
    finish_step(people.li, pk, 2, "", succeeded=True)
    check_step(people.wang, pk, 2)
    refused("answers-lacking", lambda: move(people.first, pk, Wish("end")))
    ended = _end(people.first, doing)
    assert (ended.state, ended.data["result"]) == ("done", "正常")
    assert ended.closed_at == clock.moment
    assert ended.keep_until is not None
    assert ended.keep_until.year == ended.closed_at.year + 1
    entries = [event.as_entry() for event in Event.objects.order_by("sequence")]
    assert verify(entries).finding is None


def _end(user: User, record: Record) -> Record:
    return move(user, record.pk, Wish("end", raw={"result": "正常"}))


def test_one_person_cannot_be_both_even_for_the_database(people: People, asked: Record) -> None:
    alone = StepPlan("拔线", people.wang, people.wang)
    refused("one-person", lambda: plan_step(people.wang, asked.pk, alone))

    def write() -> Done[Step]:
        return Done(
            Step.objects.create(
                record=asked, order=1, text="拔线", operator=people.wang, checker=people.wang
            )
        )

    with pytest.raises(IntegrityError, match="step_two_persons"), transaction.atomic():
        act(Act("wang", "toy.cheat", "toy:x"), write)


def test_a_plan_of_steps_is_edited_only_while_the_record_is(people: People, doing: Record) -> None:
    plan = StepPlan("多一步", people.wang, people.li)
    refused("not-editable", lambda: plan_step(people.wang, doing.pk, plan))
    refused("not-editable", lambda: drop_step(people.wang, doing.pk, 1))


def test_steps_behind_a_dropped_one_move_up(people: People, asked: Record) -> None:
    for text in ("一", "二", "三"):
        plan_step(people.wang, asked.pk, StepPlan(text, people.wang, people.li))
    drop_step(people.wang, asked.pk, 2)
    assert list(asked.steps.values_list("order", "text")) == [(1, "一"), (2, "三")]
    start = dt.datetime(2026, 9, 30, tzinfo=dt.UTC)
    with pytest.raises(BadFieldsError) as caught:
        plan_step(
            people.wang,
            asked.pk,
            StepPlan(" ", people.wang, people.li, planned_start=start, planned_end=start),
        )
    assert set(caught.value.words) == {"text", "planned_end"}


def test_a_write_outside_the_door_is_a_failing_test(draft: Record) -> None:
    draft.title = "偷改"
    with pytest.raises(AssertionError, match="inside act"):
        draft.save()
