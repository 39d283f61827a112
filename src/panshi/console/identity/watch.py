"""Every login, logout, wrong password and second factor becomes an event."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from axes.signals import user_locked_out
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from panshi.console.events.door import Act, Done, act, record
from panshi.console.identity.deeds import now
from panshi.console.identity.models import User

NAME_MAX = 64

# Django's own receiver would write the time of the login outside the door.
user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")


def _from(request: HttpRequest | None) -> dict[str, object]:
    return {} if request is None else {"address": str(request.META.get("REMOTE_ADDR", ""))}


def _deed(user: User, action: str) -> Act:
    return Act(user.username, action, f"user:{user.username}", user.organisation.code)


@receiver(user_logged_in)
def _logged_in(request: HttpRequest | None, user: User, **_others: Any) -> None:
    def change() -> Done[None]:
        user.last_login = now()
        user.save(update_fields=["last_login"])
        return Done(None, _from(request))

    act(_deed(user, "login"), change)


@receiver(user_logged_out)
def _logged_out(request: HttpRequest | None, user: User | None, **_others: Any) -> None:
    if user is not None:
        record(_deed(user, "logout"), _from(request))


@receiver(user_login_failed)
def _refused(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_others: Any
) -> None:
    # What was typed as a name is outside input: it may be long, and may even be a password.
    typed = str(credentials.get("username", ""))[:NAME_MAX]
    known = User.objects.filter(username=typed).exists()
    name = typed if known else "?"
    record(Act(name, "login.refused", f"user:{name}"), _from(request))


@receiver(user_locked_out)
def _locked(request: HttpRequest | None, username: str | None, **_others: Any) -> None:
    name = str(username)[:NAME_MAX]
    if User.objects.filter(username=name).exists():
        record(Act(name, "login.locked", f"user:{name}"), _from(request))


# allauth's own signals come when the transaction is over; the event belongs inside of it.
@receiver(post_save, sender=Authenticator)
def _second_factor_added(instance: Authenticator, *, created: bool, **_others: Any) -> None:
    if created:
        _note_second_factor(instance, "second-factor.add")


@receiver(post_delete, sender=Authenticator)
def _second_factor_removed(instance: Authenticator, **_others: Any) -> None:
    _note_second_factor(instance, "second-factor.remove")


def _note_second_factor(instance: Authenticator, action: str) -> None:
    request = getattr(context, "request", None)
    actor = instance.user if request is None or request.user.is_anonymous else request.user
    deed = replace(_deed(instance.user, action), actor=actor.username)
    record(deed, {"type": str(instance.type), **_from(request)})
