"""An installation with a centre and a node, and users of any role."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Protocol

import pytest
from django.test import Client

from panshi.console.events import door
from panshi.console.identity import deeds
from panshi.console.identity.models import Organisation, Sort, User

if TYPE_CHECKING:
    from panshi.console.identity.roles import Role

PASSWORD = "Ri-chu-dong-fang-9"  # noqa: S105 - of tests


class MakeUser(Protocol):
    """Makes a user who has taken a password of their own."""

    def __call__(self, *roles: Role, organisation: Organisation | None = None) -> User: ...


@pytest.fixture
def centre(db: None) -> Organisation:  # noqa: ARG001 - opens the database
    return deeds.create_organisation(None, "centre", "运管中心", Sort.CENTRE)


@pytest.fixture
def node(db: None) -> Organisation:  # noqa: ARG001 - opens the database
    return deeds.create_organisation(None, "node-a", "承建单位甲", Sort.NODE)


@pytest.fixture
def make_user(centre: Organisation) -> MakeUser:
    numbers = itertools.count(1)

    def make(*roles: Role, organisation: Organisation | None = None) -> User:
        number = next(numbers)
        user = deeds.create_user(
            None, organisation or centre, f"user{number}", f"用户{number}", PASSWORD
        )
        deeds.take_password(user, PASSWORD)
        for role in roles:
            deeds.grant_role(None, user, role)
        return user

    return make


class StillClock:
    """A clock that stands until it is moved."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def now_ns(self) -> int:
        return int(self.moment.timestamp() * 1_000_000) * 1_000

    def move(self, **by: float) -> None:
        self.moment += dt.timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StillClock:
    """Let the console's clock stand at this moment until the test moves it."""
    still = StillClock(dt.datetime.now(dt.UTC))
    monkeypatch.setattr(door, "CLOCK", still)
    return still


@pytest.fixture
def client() -> Client:
    return Client()
