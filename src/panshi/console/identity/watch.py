"""Every login, logout, wrong password and second factor becomes an event."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
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


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def _second_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **others: Any
) -> None:
    done = {
        authenticator_added: "second-factor.add",
        authenticator_removed: "second-factor.remove",
        authenticator_reset: "second-factor.reset",
    }[others["signal"]]
    record(_deed(user, done), {"type": str(authenticator.type), **_from(request)})
