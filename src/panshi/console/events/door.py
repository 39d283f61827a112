"""The one door for writes: permission, guards, change and event in one transaction.

Whoever passes the door holds a lock that all writers take first. So guards see what nobody can
change before the transaction ends, and the chain of events cannot fork.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from django.db import connection, transaction

from panshi.console.events.models import Event
from panshi.console.events.refusal import RefusedError
from panshi.domain.clock import WallClock
from panshi.ledger.entry import FIELDS, Deed, Entry, chain, write_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from panshi.domain.clock import Clock

CLOCK: Clock = WallClock()
LOCK: Final = 0x70616E73
"""Number of the advisory lock; any number that nobody else uses."""

_inside: ContextVar[bool] = ContextVar("inside", default=False)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what to what.

    Args:
        actor: Login name of the person, or the name of the process.
        action: A dotted word, such as `user.create`.
        subject: What it is done to, as `kind:id`.
        organisation: Code of the organisation whose matter it is; blank for the installation.
        happened_ns: When it happened, where it is recorded later; None for now.
    """

    actor: str
    action: str
    subject: str
    organisation: str = ""
    happened_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a change came to.

    Args:
        value: What the caller gets.
        data: What the event tells of it.
        subject: What it was done to, where it got its number only by being made.
    """

    value: T
    data: dict[str, object] = field(default_factory=dict)
    subject: str = ""


def act(deed: Act, change: Callable[[], Done[T]]) -> T:
    """Change something and write down that it was changed, or write down that it was refused.

    Args:
        deed: Who does what.
        change: Judges and changes; raises RefusedError when the rules forbid it. It is undone as a
            whole then.

    Returns:
        The value of the change.

    Raises:
        RefusedError: If the change was refused; the refusal is an event too.
    """
    with transaction.atomic(), _passing():
        lock_ledger()
        outcome = _judge(deed, change)
    # Raised behind the transaction, so that the event of the refusal stays.
    if isinstance(outcome, RefusedError):
        raise outcome
    return outcome.value


def _judge(deed: Act, change: Callable[[], Done[T]]) -> Done[T] | RefusedError:
    try:
        with transaction.atomic():
            done = change()
            append(deed, done.data, done.subject)
    except RefusedError as error:
        append(deed, {"code": error.code, "facts": error.facts}, suffix=".refused")
        error.recorded = True
        return error
    return done


def record(deed: Act, data: dict[str, object] | None = None) -> None:
    """Write down something that changes nothing else, such as a login.

    Args:
        deed: Who did what.
        data: More about it.
    """
    act(deed, lambda: Done(None, data or {}))


def lock_ledger() -> None:
    """Wait until no other writer is inside; the lock ends with the transaction.

    SQLite needs none: its transactions here begin as writers.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def append(deed: Act, data: dict[str, object], subject: str = "", suffix: str = "") -> Entry:
    """Put an event behind the last one; the caller holds the lock.

    Args:
        deed: Who did what.
        data: More about it.
        subject: What it was done to, where the deed does not know it yet.
        suffix: What the action's word gets behind it.

    Returns:
        The record.
    """
    now_ns = CLOCK.now_ns()
    told = Deed(
        happened_ns=now_ns if deed.happened_ns is None else deed.happened_ns,
        actor=deed.actor,
        organisation=deed.organisation,
        action=deed.action + suffix,
        subject=subject or deed.subject,
        data=write_data(data),
    )
    last = Event.objects.order_by("-sequence").first()
    entry = chain(told, None if last is None else last.as_entry(), now_ns)
    Event.objects.create(**dict(zip(FIELDS, astuple(entry), strict=True)))
    return entry


def next_sequence() -> int:
    """Return the number that the next event will have; certain only inside of `act()`."""
    last = Event.objects.order_by("-sequence").first()
    return 1 if last is None else last.sequence + 1


@contextlib.contextmanager
def _passing() -> Iterator[None]:
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def require_inside(what: str) -> None:
    """Refuse a write that does not come through the door.

    Args:
        what: What is written, for the message.
    """
    if not _inside.get():
        raise AssertionError(f"{what}: must be written inside act(), found a write outside of it")
