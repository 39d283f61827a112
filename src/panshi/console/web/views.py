"""Pages that belong to no kind of record: the workbench and the groups of the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render

from panshi.console.web.menu import GROUPS

if TYPE_CHECKING:
    from django.http import HttpRequest


def workbench(request: HttpRequest) -> HttpResponse:
    """Show what waits for the reader."""
    return render(request, "web/workbench.html")


def group(request: HttpRequest, name: str) -> HttpResponse:
    """Show the pages of a group."""
    found = GROUPS.get(name)  # type: ignore[call-overload] # a StrEnum's member is its text
    if found is None:
        raise Http404
    return render(request, "web/group.html", {"group": found})


@login_not_required
def alive(_request: HttpRequest) -> HttpResponse:
    """Say that the process serves; for whoever watches it."""
    return HttpResponse("ok\n", content_type="text/plain")
