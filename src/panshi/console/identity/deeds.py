"""Writes to users, roles and posts, each through the door with its event."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from panshi.console.events import door
from panshi.console.events.door import Act, Done, act
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.models import (
    Grant,
    Holder,
    Organisation,
    Post,
    UsedPassword,
    User,
)
from panshi.console.identity.roles import Role, conflicting
from panshi.console.policy import PASSWORD_MEMORY

if TYPE_CHECKING:
    from panshi.console.identity.models import Place, Sort

INSTALLER = "panshi"
"""Actor of what is done on the machine itself, by whoever may run the command."""


def require_role(actor: User | None, *roles: Role) -> None:
    """Refuse whoever has none of the roles.

    Args:
        actor: Who acts; None for the person at the machine itself.
        roles: Each of them is enough.

    Raises:
        RefusedError: With code `not-permitted`.
    """
    if actor is not None and not actor.roles & frozenset(roles):
        raise RefusedError(
            "not-permitted",
            _("没有权限：需要角色 %(roles)s")
            % {"roles": "、".join(str(role.label) for role in roles)},
            needed=" ".join(roles),
        )


def _name(actor: User | None) -> str:
    return INSTALLER if actor is None else actor.username


def create_organisation(actor: User | None, code: str, name: str, sort: Sort) -> Organisation:
    """Make an organisation.

    Args:
        actor: A system administrator, or None at the machine itself.
        code: Short name without blanks.
        name: Full name.
        sort: What it is in the network.

    Returns:
        The organisation.
    """

    def change() -> Done[Organisation]:
        require_role(actor, Role.SYSTEM_ADMIN)
        made = Organisation.objects.create(code=code, name=name, sort=sort)
        return Done(made, {"name": name, "sort": str(sort)})

    return act(Act(_name(actor), "organisation.create", f"organisation:{code}", code), change)


def create_user(
    actor: User | None,
    organisation: Organisation,
    username: str,
    full_name: str,
    password: str,
) -> User:
    """Make a user, who has to take another password at the first login.

    Args:
        actor: A system administrator, or None at the machine itself.
        organisation: Where the person works.
        username: Login name.
        full_name: Name of the person.
        password: Initial password; it is not held against the policy, because it cannot stay.

    Returns:
        The user, without any role.
    """

    def change() -> Done[User]:
        require_role(actor, Role.SYSTEM_ADMIN)
        if User.objects.filter(username=username).exists():
            raise RefusedError("name-taken", _("登录名已被使用"), username=username)
        user = User(username=username, full_name=full_name, organisation=organisation)
        user.set_password(password)
        user.save()
        return Done(user, {"full_name": full_name})

    deed = Act(_name(actor), "user.create", f"user:{username}", organisation.code)
    return act(deed, change)


def grant_role(actor: User | None, user: User, role: Role) -> Grant:
    """Give a user a role.

    Args:
        actor: A security administrator, or None at the machine itself.
        user: Who gets it.
        role: What is given.

    Returns:
        The grant.
    """

    def change() -> Done[Grant]:
        require_role(actor, Role.SECURITY_ADMIN)
        if actor == user:
            raise RefusedError("own-role", _("不能给自己授权"))
        held = frozenset(user.grants.values_list("role", flat=True))
        against = conflicting(role, held)
        if against:
            raise RefusedError(
                "roles-conflict",
                _("该角色与已有角色互斥：%(held)s")
                % {"held": "、".join(str(Role(one).label) for one in sorted(against))},
                role=str(role),
                held=" ".join(sorted(against)),
            )
        grant = Grant.objects.create(user=user, role=role, granted_by=_name(actor))
        user.__dict__.pop("roles", None)
        return Done(grant, {"role": str(role)})

    subject = f"user:{user.username}"
    return act(Act(_name(actor), "role.grant", subject, user.organisation.code), change)


def revoke_role(actor: User | None, user: User, role: Role) -> None:
    """Take a role from a user.

    Args:
        actor: A security administrator, or None at the machine itself.
        user: Who loses it.
        role: What is taken.
    """

    def change() -> Done[None]:
        require_role(actor, Role.SECURITY_ADMIN)
        count, _rows = Grant.objects.filter(user=user, role=role).delete()
        if count == 0:
            raise RefusedError("no-such-role", _("该用户没有这个角色"), role=str(role))
        user.__dict__.pop("roles", None)
        return Done(None, {"role": str(role)})

    subject = f"user:{user.username}"
    act(Act(_name(actor), "role.revoke", subject, user.organisation.code), change)


def assign_post(actor: User | None, post: Post, user: User, place: Place) -> Holder:
    """Put a person on a post.

    Args:
        actor: A system administrator, or None at the machine itself.
        post: The post.
        user: The person.
        place: Main or backup.

    Returns:
        The holder.
    """

    def change() -> Done[Holder]:
        require_role(actor, Role.SYSTEM_ADMIN)
        if Holder.objects.filter(post=post, user=user).exists():
            raise RefusedError("holds-post", _("主岗与备岗不能为同一人"), post=post.code)
        clash = Holder.objects.filter(user=user, post__in=post.conflicts.all()).first()
        if clash is not None:
            raise RefusedError(
                "posts-conflict",
                _("与已任岗位不相容：%(post)s") % {"post": clash.post.name},
                post=post.code,
                held=clash.post.code,
            )
        Holder.objects.filter(post=post, place=place).delete()
        holder = Holder.objects.create(post=post, user=user, place=place)
        return Done(holder, {"user": user.username, "place": str(place)})

    subject = f"post:{post.organisation.code}/{post.code}"
    return act(Act(_name(actor), "post.assign", subject, post.organisation.code), change)


def take_password(user: User, password: str) -> None:
    """Give a user the password they chose.

    Args:
        user: Who chose it.
        password: What passed the policy.
    """

    def change() -> Done[None]:
        user.set_password(password)
        user.password_changed_at = now()
        user.save(update_fields=["password", "password_changed_at"])
        UsedPassword.objects.create(user=user, hash=user.password)
        newest = user.used_passwords.order_by("-pk").values_list("pk", flat=True)[:PASSWORD_MEMORY]
        user.used_passwords.exclude(pk__in=list(newest)).delete()
        return Done(None)

    subject = f"user:{user.username}"
    act(Act(user.username, "password.change", subject, user.organisation.code), change)


def reset_password(actor: User | None, user: User, password: str) -> None:
    """Give a user a first password again, because the own one is forgotten.

    Args:
        actor: A system administrator, or None at the machine itself.
        user: Who forgot.
        password: It has to be changed at the next login.
    """

    def change() -> Done[None]:
        require_role(actor, Role.SYSTEM_ADMIN)
        user.set_password(password)
        user.password_changed_at = None
        user.save(update_fields=["password", "password_changed_at"])
        return Done(None)

    subject = f"user:{user.username}"
    act(Act(_name(actor), "password.reset", subject, user.organisation.code), change)


def set_active(actor: User | None, user: User, *, active: bool) -> None:
    """Let a user log in, or no longer.

    Args:
        actor: A system administrator, or None at the machine itself.
        user: Whose account.
        active: Whether it can be used.
    """

    def change() -> Done[None]:
        require_role(actor, Role.SYSTEM_ADMIN)
        if actor == user:
            raise RefusedError("own-account", _("不能停用自己的账号"))
        user.is_active = active
        user.save(update_fields=["is_active"])
        return Done(None, {"active": active})

    subject = f"user:{user.username}"
    act(Act(_name(actor), "user.active", subject, user.organisation.code), change)


def reset_second_factor(actor: User | None, user: User) -> None:
    """Take a lost second factor away; the next login has to set up another one.

    Args:
        actor: A security administrator, or None at the machine itself.
        user: Who lost it.
    """

    def change() -> Done[None]:
        require_role(actor, Role.SECURITY_ADMIN)
        if actor == user:
            raise RefusedError("own-account", _("不能重置自己的双因素认证"))
        Authenticator.objects.filter(user=user).delete()
        return Done(None)

    subject = f"user:{user.username}"
    act(Act(_name(actor), "second-factor.reset", subject, user.organisation.code), change)


def choose_language(user: User, language: str) -> None:
    """Set the language of a user's pages.

    Args:
        user: Who chooses.
        language: `zh-hans` or `en`.
    """

    def change() -> Done[None]:
        user.language = language
        user.save(update_fields=["language"])
        return Done(None, {"language": language})

    subject = f"user:{user.username}"
    act(Act(user.username, "user.language", subject, user.organisation.code), change)


def now() -> dt.datetime:
    """Return the moment of the console's clock."""
    return dt.datetime.fromtimestamp(door.CLOCK.now_ns() // 1_000 / 1_000_000, dt.UTC)
