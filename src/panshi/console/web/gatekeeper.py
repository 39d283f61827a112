"""What stands between a login and the pages: idle time, a due password, a missing second factor."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from panshi.console.events.door import Act, record
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.deeds import now
from panshi.console.identity.standing import is_password_due
from panshi.console.policy import IDLE_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from panshi.console.identity.models import User

SEEN: Final = "seen"
SEEN_STEP: Final = dt.timedelta(seconds=30)
"""The time of the last page is written down no more often than this."""
ALWAYS: Final = ("/account/", "/static/", "/alive")
PUSHED: Final = "X-Panshi-Pushed"
"""Says that nobody asked for this: a page that renews itself does not keep its reader awake."""


class Gatekeeper:
    """Ends idle sessions, sends users to what they have to do first, and shows refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if request.user.is_authenticated:
            if _is_idle(request):
                return _end(request, request.user)
            first = _first_duty(request.user)
            if first is not None and not request.path.startswith(ALWAYS):
                return _go(request, reverse(first))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show why something was refused; other exceptions are not ours to answer."""
        if not isinstance(exception, RefusedError):
            return None
        if not exception.recorded:
            name = request.user.get_username() or "?"
            record(Act(name, "page.refused", f"page:{request.path[:180]}"), exception.facts)
        told = {"title": _("操作被拒绝"), "words": exception.words, "code": exception.code}
        return render(request, "web/refused.html", told, status=403)


def _is_idle(request: HttpRequest) -> bool:
    moment = now()
    before = request.session.get(SEEN)
    seen = moment if before is None else dt.datetime.fromisoformat(before)
    if moment - seen > IDLE_MAX:
        return True
    if (before is None or moment - seen > SEEN_STEP) and PUSHED not in request.headers:
        request.session[SEEN] = moment.isoformat()
    return False


def _end(request: HttpRequest, user: User) -> HttpResponse:
    record(Act(user.username, "session.idle", f"user:{user.username}", user.organisation.code))
    logout(request)
    back = request.get_full_path() if request.method == "GET" and not _is_part(request) else "/"
    return _go(request, f"{reverse('account_login')}?next={quote(back)}")


def _first_duty(user: User) -> str | None:
    if is_password_due(user, now()):
        return "account_change_password"
    has_factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists
    if user.needs_second_factor and not has_factor():
        return "mfa_activate_totp"
    return None


def _is_part(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _go(request: HttpRequest, address: str) -> HttpResponse:
    # A part of a page cannot be the login; the whole page has to go there.
    if _is_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
