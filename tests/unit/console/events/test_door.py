"""One door: what was done and what was refused is in the chain, together with the change."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from panshi.console.events import door
from panshi.console.events.door import Act, Done, act, record
from panshi.console.events.models import Event
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.models import Organisation, Sort
from panshi.ledger.entry import FIELDS, GENESIS, Deed, Entry, chain
from panshi.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

DEED = Act("wang", "organisation.create", "organisation:x")


def entries() -> list[Entry]:
    return [event.as_entry() for event in Event.objects.order_by("sequence")]


def make(code: str) -> Organisation:
    return Organisation.objects.create(code=code, name=code, sort=Sort.NODE)


def test_a_change_and_its_event_come_together() -> None:
    made = act(DEED, lambda: Done(make("x"), {"name": "x"}))
    (entry,) = entries()
    assert Organisation.objects.get() == made
    assert (entry.actor, entry.action, entry.subject, entry.previous) == (
        "wang",
        "organisation.create",
        "organisation:x",
        GENESIS,
    )
    assert json.loads(entry.data) == {"name": "x"}


def test_a_refusal_undoes_the_change_and_stays_as_an_event() -> None:
    def change() -> Done[None]:
        make("x")
        raise RefusedError("too-late", "太晚了", minutes=7)

    with pytest.raises(RefusedError, match="太晚了"):
        act(DEED, change)
    assert not Organisation.objects.exists()
    (entry,) = entries()
    assert entry.action == "organisation.create.refused"
    assert json.loads(entry.data) == {"code": "too-late", "facts": {"minutes": 7}}


def test_our_own_mistake_leaves_neither_change_nor_event() -> None:
    def change() -> Done[None]:
        make("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act(DEED, change)
    assert not Organisation.objects.exists()
    assert entries() == []


def test_events_have_both_times(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed:
        def now_ns(self) -> int:
            return 1_000

    monkeypatch.setattr(door, "CLOCK", Fixed())
    record(Act("wang", "visit.log", "visit:1", happened_ns=400))
    record(Act("wang", "visit.log", "visit:2"))
    assert [(e.happened_ns, e.recorded_ns) for e in entries()] == [(400, 1_000), (1_000, 1_000)]


def test_the_chain_holds_over_many_events() -> None:
    for number in range(20):
        record(Act("wang", "note", f"note:{number}"), {"number": number})
    verdict = verify(entries())
    assert (verdict.entries, verdict.finding) == (20, None)


@pytest.mark.parametrize(
    "write",
    [
        lambda: make("y"),
        lambda: Organisation.objects.update(name="y"),
        lambda: Organisation.objects.all().delete(),
        lambda: Organisation.objects.get().delete(),
        lambda: Organisation.objects.get().save(),
        lambda: Organisation.objects.bulk_create([Organisation(code="y")]),
        lambda: Organisation.objects.bulk_update([Organisation.objects.get()], ["name"]),
        lambda: Organisation.objects.get_or_create(code="y"),
        lambda: Organisation.objects.update_or_create(code="x", defaults={"name": "y"}),
    ],
)
def test_a_write_beside_the_door_fails(write: Callable[[], object]) -> None:
    act(DEED, lambda: Done(make("x")))
    with (
        pytest.raises(AssertionError, match="must be written inside act"),
        transaction.atomic(),
    ):
        write()
    assert Organisation.objects.get().name == "x"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'mallory' WHERE sequence = 1",
        "UPDATE event SET digest = digest WHERE sequence = 1",
        "DELETE FROM event WHERE sequence = 2",
        "DELETE FROM event",
    ],
)
def test_the_database_refuses_to_change_or_remove_events(statement: str) -> None:
    record(DEED)
    record(DEED)
    before = entries()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert entries() == before


def _insert(entry: Entry, verb: str = "INSERT") -> None:
    marks = ", ".join(["%s"] * len(FIELDS))
    statement = f"{verb} INTO event ({', '.join(FIELDS)}) VALUES ({marks})"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, astuple(entry))


def test_the_database_refuses_a_fork_and_a_hole() -> None:
    record(DEED)
    record(DEED)
    first, second = entries()
    deed = Deed(1, "mallory", "", "x", "y", "{}")
    forked = chain(deed, first, 2)
    holed = chain(deed, chain(deed, second, 2), 2)
    foreign = chain(deed, Entry(2, 0, 0, "", "", "", "", "{}", GENESIS, "f" * 64), 2)
    for entry in (forked, holed, foreign, first):
        with pytest.raises(DatabaseError, match=r"must follow the last one|UNIQUE|unique"):
            _insert(entry)
    assert entries() == [first, second]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a statement of SQLite")
def test_sqlite_cannot_replace_an_event() -> None:
    record(DEED)
    (first,) = entries()
    changed = chain(Deed(1, "mallory", "", "x", "y", "{}"), None, 2)
    with pytest.raises(DatabaseError, match="must follow the last one"):
        _insert(changed, "INSERT OR REPLACE")
    assert entries() == [first]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a statement of PostgreSQL")
def test_postgresql_cannot_truncate_the_events() -> None:
    record(DEED)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE event")
    assert len(entries()) == 1
