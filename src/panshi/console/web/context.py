"""What every page knows: the menu, with the place where the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from panshi.console.web.menu import GROUPS

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the menu with its address."""

    label: StrOrPromise
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the menu as it is shown."""

    label: StrOrPromise
    icon: str
    address: str
    here: bool
    links: tuple[Link, ...]


def page(request: HttpRequest) -> dict[str, object]:
    """Return what templates need on every page.

    Args:
        request: The request that is answered.

    Returns:
        `menu`, the sections with the one that is open marked.
    """
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    return {"menu": build_menu(request.path)}


def build_menu(path: str) -> list[Section]:
    """Return the menu as it is seen from a page.

    Args:
        path: Address of the page.

    Returns:
        All groups; one without pages leads to the page that says so.
    """
    sections = []
    for group in GROUPS.values():
        links = []
        for entry in group.entries:
            name, *arguments = entry.url.split()
            address = reverse(name, args=arguments)
            links.append(Link(entry.label, address, path.startswith(address)))
        own = (
            reverse("workbench")
            if group.name == "workbench"
            else reverse("group", args=[group.name])
        )
        here = path == own or any(link.here for link in links)
        sections.append(Section(group.label, group.icon, own, here, tuple(links)))
    return sections
