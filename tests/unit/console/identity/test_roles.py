"""三员分立 and the other exclusions: by the door, by the models and by the database itself."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction

from panshi.console.events.door import Act, Done, act
from panshi.console.events.models import Event
from panshi.console.events.refusal import RefusedError
from panshi.console.identity import deeds
from panshi.console.identity.models import Grant, Holder, Place, Post
from panshi.console.identity.roles import ADMINISTRATORS, EXCLUSIVE, Role, conflicting

if TYPE_CHECKING:
    from panshi.console.identity.models import Organisation, User
    from tests.unit.console.conftest import MakeUser

pytestmark = pytest.mark.django_db

PAIRS = list(itertools.combinations(Role, 2))
EXCLUDED = [pair for pair in PAIRS if set(pair) & EXCLUSIVE]
TOGETHER = [pair for pair in PAIRS if not set(pair) & EXCLUSIVE]


def write_beside_the_rules(user: User, role: Role) -> None:
    """Write a grant as a program would that knows none of the rules."""
    with transaction.atomic():
        act(
            Act("mallory", "role.grant", "x"),
            lambda: Done(Grant.objects.create(user=user, role=role, granted_by="mallory")),
        )


def test_three_administrators_are_three_persons() -> None:
    assert len(ADMINISTRATORS) == 3
    for one, other in itertools.permutations(ADMINISTRATORS, 2):
        assert conflicting(one, frozenset({other})) == {other}


@pytest.mark.parametrize(("one", "other"), EXCLUDED)
def test_exclusive_roles_stand_alone(one: Role, other: Role, make_user: MakeUser) -> None:
    for first, second in ((one, other), (other, one)):
        user = make_user(first)
        with pytest.raises(RefusedError) as refused:
            deeds.grant_role(None, user, second)
        assert refused.value.code == "roles-conflict"
        with pytest.raises(DatabaseError, match="stands alone"):
            write_beside_the_rules(user, second)
        assert user.roles == {first}


def test_no_update_makes_two_administrators_of_one_user(make_user: MakeUser) -> None:
    user = make_user(Role.DUTY_LEAD, Role.RISK)
    with pytest.raises(DatabaseError, match="stands alone"), transaction.atomic():
        act(
            Act("mallory", "role.grant", "x"),
            lambda: Done(Grant.objects.filter(user=user, role="risk").update(role="system-admin")),
        )


@pytest.mark.parametrize(("one", "other"), TOGETHER[::7])
def test_other_roles_go_together(one: Role, other: Role, make_user: MakeUser) -> None:
    assert make_user(one, other).roles == {one, other}


def test_only_a_security_administrator_grants_and_to_others_only(make_user: MakeUser) -> None:
    security, system = make_user(Role.SECURITY_ADMIN), make_user(Role.SYSTEM_ADMIN)
    user = make_user()
    with pytest.raises(RefusedError) as refused:
        deeds.grant_role(system, user, Role.RISK)
    assert refused.value.code == "not-permitted"
    with pytest.raises(RefusedError) as refused:
        deeds.grant_role(security, security, Role.RISK)
    assert refused.value.code == "own-role"
    deeds.grant_role(security, user, Role.RISK)
    assert user.roles == {Role.RISK}
    deeds.revoke_role(security, user, Role.RISK)
    assert user.roles == frozenset()
    actions = Event.objects.order_by("-sequence").values_list("action", "actor")[:4]
    assert list(actions) == [
        ("role.revoke", security.username),
        ("role.grant", security.username),
        ("role.grant.refused", security.username),
        ("role.grant.refused", system.username),
    ]


def test_names_are_unique_and_roles_are_granted_once(
    make_user: MakeUser, centre: Organisation
) -> None:
    user = make_user(Role.RISK)
    with pytest.raises(RefusedError) as refused:
        deeds.create_user(None, centre, user.username, "另一人", "x")
    assert refused.value.code == "name-taken"
    with pytest.raises(DatabaseError), transaction.atomic():
        write_beside_the_rules(user, Role.RISK)


@pytest.fixture
def posts(centre: Organisation) -> tuple[Post, Post]:
    def change() -> Done[tuple[Post, Post]]:
        network = Post.objects.create(organisation=centre, code="net", name="网络管理岗", key=True)
        audit = Post.objects.create(organisation=centre, code="audit", name="安全审计岗")
        network.conflicts.add(audit)
        return Done((network, audit))

    return act(Act("setup", "post.create", "post:x"), change)


def test_a_key_post_has_two_persons(posts: tuple[Post, Post], make_user: MakeUser) -> None:
    network, _audit = posts
    first, second = make_user(), make_user()
    assert list(Post.objects.lacking()) == [network]
    deeds.assign_post(None, network, first, Place.MAIN)
    with pytest.raises(RefusedError) as refused:
        deeds.assign_post(None, network, first, Place.BACKUP)
    assert refused.value.code == "holds-post"
    assert list(Post.objects.lacking()) == [network]
    deeds.assign_post(None, network, second, Place.BACKUP)
    assert list(Post.objects.lacking()) == []
    third = make_user()
    deeds.assign_post(None, network, third, Place.MAIN)
    held = Holder.objects.filter(post=network).values_list("user", "place")
    assert set(held) == {(third.pk, "main"), (second.pk, "backup")}


def test_conflicting_posts_have_different_persons(
    posts: tuple[Post, Post], make_user: MakeUser
) -> None:
    network, audit = posts
    user = make_user()
    deeds.assign_post(None, network, user, Place.MAIN)
    with pytest.raises(RefusedError) as refused:
        deeds.assign_post(None, audit, user, Place.MAIN)
    assert refused.value.code == "posts-conflict"
    event = Event.objects.latest("sequence")
    assert json.loads(event.data)["facts"] == {"post": "audit", "held": "net"}


def test_rows_are_seen_by_the_own_organisation_and_by_the_centre(
    posts: tuple[Post, Post], make_user: MakeUser, node: Organisation
) -> None:
    def change() -> Done[Post]:
        return Done(Post.objects.create(organisation=node, code="net", name="网络岗"))

    own = act(Act("setup", "post.create", "post:y"), change)
    of_node, of_centre = make_user(Role.RISK, organisation=node), make_user(Role.RISK)
    auditor = make_user(Role.AUDITOR, organisation=node)
    assert set(Post.objects.visible_to(of_node)) == {own}
    assert set(Post.objects.visible_to(of_centre)) == {own, *posts}
    assert set(Post.objects.visible_to(auditor)) == {own, *posts}
    deeds.set_active(None, of_centre, active=False)
    assert not Post.objects.visible_to(of_centre).exists()
    assert of_centre not in type(of_node).objects.visible_to(of_node)
    assert not auditor.writes
