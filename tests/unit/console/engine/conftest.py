"""The toy kind, known for the length of a test, and the people who work with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from panshi.console.engine import registry
from panshi.console.engine.workflow import Draft, Wish, move, open_record
from panshi.console.identity.roles import Role
from tests.unit.console.engine.toy import KIND

if TYPE_CHECKING:
    from panshi.console.identity.models import Organisation, User
    from panshi.console.records.models import Record
    from tests.unit.console.conftest import MakeUser


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_KINDS", {"toy": {1: KIND}})


@dataclass(frozen=True)
class People:
    """Who opens, who does steps with them, and who judges."""

    wang: User
    li: User
    first: User
    second: User
    node: User


@pytest.fixture
def people(make_user: MakeUser, node: Organisation) -> People:
    return People(
        wang=make_user(Role.NETWORK_ENGINEER),
        li=make_user(Role.NETWORK_ENGINEER),
        first=make_user(Role.MANAGEMENT),
        second=make_user(Role.MANAGEMENT),
        node=make_user(Role.MANAGEMENT, organisation=node),
    )


@pytest.fixture
def draft(people: People) -> Record:
    return open_record(
        people.wang, Draft("toy", "换线", people.wang.organisation, {"what": "换甲线"})
    )


@pytest.fixture
def asked(people: People, draft: Record) -> Record:
    return move(people.wang, draft.pk, Wish("ask"))
